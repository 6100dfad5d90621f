"""A candidacy as it stands, and what facts make of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit.step import CannotFollow, Command, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import (
    ApplicationShortlisted,
    ApplicationSubmitted,
    CandidateCleared,
    CandidateNotAppointed,
    CandidatePlaced,
    CandidateRedirected,
    CandidateWithdrew,
    CheckKind,
    CheckStatus,
    EmploymentCheckExpired,
    EmploymentCheckUpdated,
    EmploymentStatus,
    NotAppointedReason,
    OfferDeclined,
    OfferMade,
    OfferWithdrawn,
    PlacementEnded,
    PlacementResumed,
    PlacementSustained,
    PriorEmployment,
    RedirectedTo,
    RiskAssessmentExpired,
    Route,
    Source,
    StaffGroup,
    Stage,
    StartDateAgreed,
    ValuesInterviewCompleted,
    ValuesOutcome,
    ValuesPassAccepted,
)
from talent_pipeline.domain.checks import (
    Check,
    Checked,
)
from talent_pipeline.domain.placement import Break, Employed

AGGREGATE = "candidacy"


class Status(StrEnum):
    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    INTERVIEWED = "interviewed"
    OFFERED = "offered"
    CLEARED = "cleared"
    START_AGREED = "start-agreed"
    STARTED = "started"
    LEFT = "left"
    WITHDRAWN = "withdrawn"
    OFFER_DECLINED = "offer-declined"
    NOT_APPOINTED = "not-appointed"
    OFFER_WITHDRAWN = "offer-withdrawn"
    REDIRECTED = "redirected"


BEFORE_OFFER = (Status.APPLIED, Status.SHORTLISTED, Status.INTERVIEWED)

UNDER_OFFER = (Status.OFFERED, Status.CLEARED, Status.START_AGREED)

BEFORE_START = (*BEFORE_OFFER, *UNDER_OFFER)

REDIRECTABLE = (*BEFORE_OFFER, Status.NOT_APPOINTED, Status.OFFER_DECLINED, Status.OFFER_WITHDRAWN)


class Candidacy(Checked, Employed):
    """One candidacy as it stands."""

    status: Status
    since: date
    person_id: UUID
    vacancy_id: UUID
    engagement_id: UUID
    employer: str
    soc2020: str
    staff_group: StaffGroup | None
    weekly_hours: float
    route: Route
    source: Source
    campaign_id: UUID | None
    ward: str | None
    employment_status: EmploymentStatus
    regulated: bool
    accepts_values_pass: bool
    redirected_from: UUID | None
    applied_on: date
    values_outcome: ValuesOutcome | None = None
    values_passed_on: date | None = None
    """The day of the interview with this employer; none where another's pass was accepted."""
    values_valid_until: date | None = None
    values_passed_in: UUID | None = None
    """The candidacy of the pass that was accepted; none where this employer interviewed."""
    offered_on: date | None = None
    start_on: date | None = None
    prior_employment: PriorEmployment | None = None
    reason: str | None = None
    ended_at: Stage | None = None
    """How far it had come when it ended without a start."""
    redirected_to: RedirectedTo | None = None

    @property
    def may_be_pooled(self) -> bool:
        """Whether it is, or was before it was redirected, of somebody who passed and found no post."""
        ended = self.status in (Status.NOT_APPOINTED, Status.REDIRECTED)
        passed = self.values_outcome is ValuesOutcome.PASSED
        return ended and passed and self.reason == NotAppointedReason.APPOINTABLE_NO_POST

    def passed_values_on(self, day: date) -> bool:
        """Whether its values pass can be shared on that day."""
        return (
            self.values_outcome is ValuesOutcome.PASSED
            and self.values_valid_until is not None
            and day <= self.values_valid_until
        )


CandidacyFact: TypeAlias = (
    ApplicationSubmitted | ApplicationShortlisted | ValuesInterviewCompleted | ValuesPassAccepted | OfferMade
    | EmploymentCheckUpdated | EmploymentCheckExpired | CandidateCleared | RiskAssessmentExpired | StartDateAgreed
    | CandidatePlaced | PlacementSustained | PlacementEnded | PlacementResumed | CandidateWithdrew | OfferDeclined
    | CandidateNotAppointed | OfferWithdrawn | CandidateRedirected
)  # fmt: skip


def evolve(candidacy: Candidacy | None, fact: Fact) -> Candidacy:
    """The candidacy after a fact. Raises CannotFollow."""
    match candidacy, fact:
        case None, ApplicationSubmitted():
            return _from_application(fact)
        case Candidacy(status=Status.APPLIED), ApplicationShortlisted(occurred_on=day):
            return changed(candidacy, status=Status.SHORTLISTED, since=day)
        case Candidacy(status=Status.SHORTLISTED), ValuesInterviewCompleted(occurred_on=day):
            return changed(
                candidacy, status=Status.INTERVIEWED, since=day,
                values_outcome=fact.outcome, values_valid_until=fact.valid_until,
                values_passed_on=day if fact.outcome is ValuesOutcome.PASSED else None,
            )  # fmt: skip
        case Candidacy(status=Status.SHORTLISTED), ValuesPassAccepted(occurred_on=day):
            return changed(
                candidacy, status=Status.INTERVIEWED, since=day,
                values_outcome=ValuesOutcome.PASSED, values_valid_until=fact.valid_until, values_passed_in=fact.passed_in,
            )  # fmt: skip
        case Candidacy(status=Status.INTERVIEWED, values_outcome=ValuesOutcome.PASSED), OfferMade(occurred_on=day):
            return changed(
                candidacy, status=Status.OFFERED, since=day, offered_on=day, checks=candidacy.checks_requested(day)
            )
        case Candidacy(), EmploymentCheckUpdated() if candidacy.status in (*BEFORE_START, Status.STARTED):
            return _with_check(candidacy, fact)
        case Candidacy(), EmploymentCheckExpired():
            return _with_expired(candidacy, fact)
        case Candidacy(status=Status.OFFERED), CandidateCleared(occurred_on=day):
            return changed(
                candidacy, status=Status.CLEARED, since=day, risk_expired=False,
                risk_assessed=fact.risk_assessed, risk_assessed_until=fact.risk_assessed_until,
            )  # fmt: skip
        case Candidacy(status=Status.CLEARED | Status.START_AGREED), RiskAssessmentExpired(occurred_on=day):
            return changed(
                candidacy, status=Status.OFFERED, since=max(day, candidacy.since), risk_expired=True, start_on=None
            )
        case Candidacy(status=Status.STARTED), RiskAssessmentExpired():
            return changed(candidacy, risk_expired=True)
        case Candidacy(status=Status.CLEARED | Status.START_AGREED), StartDateAgreed(occurred_on=day):
            return changed(candidacy, status=Status.START_AGREED, since=day, start_on=fact.start_on)
        case Candidacy(status=Status.START_AGREED), CandidatePlaced(occurred_on=day):
            return changed(
                candidacy, status=Status.STARTED, since=day, started_on=day, prior_employment=fact.prior_employment
            )
        case Candidacy(status=Status.STARTED | Status.LEFT, sustained=sustained), PlacementSustained(weeks=weeks) if (
            weeks not in sustained
            and candidacy.checkpoint(weeks) == fact.occurred_on
            and candidacy.lasts_until(fact.occurred_on)
        ):
            return changed(candidacy, sustained=(*sustained, weeks))
        case Candidacy(status=Status.STARTED), PlacementEnded(occurred_on=day):
            return changed(candidacy, status=Status.LEFT, since=day, left_on=day, reason=fact.reason)
        case Candidacy(status=Status.LEFT, left_on=date() as left_on), PlacementResumed(occurred_on=day) if (
            fact.days_away == candidacy.days_away(day)
        ):
            away = Break(after=left_on, days=fact.days_away)
            return changed(
                candidacy, status=Status.STARTED, since=day, left_on=None, reason=None, breaks=(*candidacy.breaks, away)
            )
        case Candidacy(), CandidateWithdrew() if candidacy.status in BEFORE_START:
            return _ended(candidacy, Status.WITHDRAWN, fact)
        case Candidacy(), OfferDeclined() if candidacy.status in UNDER_OFFER:
            return _ended(candidacy, Status.OFFER_DECLINED, fact)
        case Candidacy(), CandidateNotAppointed() if candidacy.status in BEFORE_OFFER:
            return _ended(candidacy, Status.NOT_APPOINTED, fact)
        case Candidacy(), OfferWithdrawn() if candidacy.status in UNDER_OFFER:
            return _ended(candidacy, Status.OFFER_WITHDRAWN, fact)
        case Candidacy(), CandidateRedirected() if candidacy.status in REDIRECTABLE:
            return changed(
                candidacy, status=Status.REDIRECTED, since=fact.occurred_on, ended_at=fact.stage, redirected_to=fact.to
            )
        case _:
            raise CannotFollow(fact, candidacy)


def _ended(
    candidacy: Candidacy,
    status: Status,
    fact: CandidateWithdrew | OfferDeclined | CandidateNotAppointed | OfferWithdrawn,
) -> Candidacy:
    return changed(candidacy, status=status, since=fact.occurred_on, reason=fact.reason, ended_at=fact.stage)


def _from_application(fact: ApplicationSubmitted) -> Candidacy:
    return Candidacy(
        status=Status.APPLIED,
        since=fact.occurred_on,
        person_id=fact.person_id,
        vacancy_id=fact.vacancy_id,
        engagement_id=fact.engagement_id,
        employer=fact.employer,
        soc2020=fact.soc2020,
        staff_group=fact.staff_group,
        weekly_hours=fact.weekly_hours,
        route=fact.route,
        source=fact.source,
        campaign_id=fact.campaign_id,
        ward=fact.ward,
        employment_status=fact.employment_status,
        regulated=fact.regulated,
        accepts_values_pass=fact.accepts_values_pass,
        redirected_from=fact.redirected_from,
        applied_on=fact.occurred_on,
        checks=tuple(Check.needed(each, fact.occurred_on) for each in fact.checks),
    )


def _with_check(candidacy: Candidacy, fact: EmploymentCheckUpdated) -> Candidacy:
    check = candidacy.check(fact.kind, fact.number)
    offered_on, health = candidacy.offered_on, fact.kind is CheckKind.WORK_HEALTH
    if check is None or (health and (offered_on is None or fact.occurred_on < offered_on)):
        raise CannotFollow(fact, candidacy)
    return changed(candidacy, checks=candidacy.checks_with(check.updated(fact)))


def _with_expired(candidacy: Candidacy, fact: EmploymentCheckExpired) -> Candidacy:
    check = candidacy.check(fact.kind, fact.number)
    if check is None or check.status is not CheckStatus.COMPLETE:
        raise CannotFollow(fact, candidacy)
    return changed(candidacy, checks=candidacy.checks_with(check.expired()))


class Of(TypedDict):
    person_id: UUID
    vacancy_id: UUID
    employer: str
    soc2020: str
    route: Route
    campaign_id: UUID | None
    occurred_on: date


class Ending(Of):
    stage: Stage


def of(candidacy: Candidacy, day: date) -> Of:
    return {
        "person_id": candidacy.person_id,
        "vacancy_id": candidacy.vacancy_id,
        "employer": candidacy.employer,
        "soc2020": candidacy.soc2020,
        "route": candidacy.route,
        "campaign_id": candidacy.campaign_id,
        "occurred_on": day,
    }


def ending(candidacy: Candidacy, day: date) -> Ending:
    return {**of(candidacy, day), "stage": Stage(candidacy.status)}


def next_day(command: Command, candidacy: Candidacy, now: datetime) -> date:
    return day_of(command, now, after=candidacy.since)
