"""One person's application for one vacancy, from the day they applied to the job that they keep.

Shortlisting comes before the interview. Nothing about health is asked before the offer. An offer is conditional on the checks
that role and employer need; complete is not passed. Whoever starts is placed; an offer is not a placement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias, TypedDict
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.talent_pipeline import (
    ApplicationShortlisted,
    ApplicationSubmitted,
    Awaiting,
    CandidateCleared,
    CandidateNotAppointed,
    CandidatePlaced,
    CandidateRedirected,
    CandidateWithdrew,
    CheckKind,
    CheckOutcome,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    DeclineReason,
    EmploymentCheckExpired,
    EmploymentCheckUpdated,
    EmploymentStatus,
    LeavingReason,
    NhsValue,
    NotAppointedReason,
    OfferDeclined,
    OfferMade,
    OfferWithdrawn,
    OfferWithdrawnReason,
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
    ValueScore,
    ValuesInterviewCompleted,
    ValuesOutcome,
    ValuesPassAccepted,
    WithdrawalReason,
)
from schemas.values import BusinessDate, Code, Part, PartnerId
from talent_pipeline.domain.checks import (
    NEVER_RISK_ASSESSED,
    Check,
    Checked,
    CheckNotRequired,
    ChecksOutstanding,
    HealthBeforeOffer,
    RiskAssessmentOver,
    listed,
    refuse_half_outcome,
    refuse_risk,
    required_checks,
    waiting_for,
)
from talent_pipeline.domain.engagement import Engagement, Permission
from talent_pipeline.domain.placement import Break, BreakTooLong, Employed, SustainedSince, new_to_system
from talent_pipeline.domain.vacancy import NoPostLeft, Vacancy

AGGREGATE = "candidacy"

PASS_YEARS = 1
"""How long a values pass may be used by other employers."""


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


class ValuesPass(Part):
    """A values interview that was passed, as every employer may know it. A fail is shared with nobody."""

    passed_in: UUID
    """The candidacy in which it was passed."""
    person_id: UUID
    employer: str
    passed_on: date
    valid_until: date


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


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(Command):
    vacancy_id: UUID
    vacancy: Vacancy
    engagement_id: UUID
    engagement: Engagement
    redirected_from: UUID | None = None
    invited: bool = False
    """From the pool or by redirection: then the vacancy need not be advertised any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordValuesInterview(Command):
    framework: Code
    scores: Annotated[tuple[ValueScore, ...], Field(min_length=6, max_length=6)]
    panel: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=9)]
    outcome: ValuesOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptValuesPass(Command):
    values_pass: ValuesPass | None
    """As it is shared; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer(Command):
    vacancy: Vacancy


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCheck(Command):
    kind: CheckKind
    status: CheckStatus
    awaiting: Awaiting
    number: Annotated[int, Field(ge=1, le=9)] = 1
    outcome: CheckOutcome | None = None
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    valid_until: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireCheck(Command):
    kind: CheckKind
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Command):
    risk_assessed_until: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireRiskAssessment(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeStart(Command):
    start_on: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Command):
    prior_employment: PriorEmployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Sustain(Command):
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave(Command):
    reason: LeavingReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Return(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer(Command):
    reason: DeclineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAppoint(Command):
    reason: NotAppointedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer(Command):
    reason: OfferWithdrawnReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Command):
    to: RedirectedTo
    permission: Permission | None
    """As the engagement has it."""
    to_candidacy_id: UUID | None = None
    to_employer: str | None = None
    programme: str | None = None


COMMANDS = (
    Apply, Shortlist, RecordValuesInterview, AcceptValuesPass, MakeOffer, UpdateCheck, ExpireCheck, Clear,
    ExpireRiskAssessment, AgreeStart, Start, Sustain, Leave, Return, Withdraw, DeclineOffer, NotAppoint, WithdrawOffer,
    Redirect,
)  # fmt: skip
CandidacyFact: TypeAlias = (
    ApplicationSubmitted | ApplicationShortlisted | ValuesInterviewCompleted | ValuesPassAccepted | OfferMade
    | EmploymentCheckUpdated | EmploymentCheckExpired | CandidateCleared | RiskAssessmentExpired | StartDateAgreed
    | CandidatePlaced | PlacementSustained | PlacementEnded | PlacementResumed | CandidateWithdrew | OfferDeclined
    | CandidateNotAppointed | OfferWithdrawn | CandidateRedirected
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.APPLIED: (Shortlist, UpdateCheck, Withdraw, NotAppoint, Redirect),
    Status.SHORTLISTED: (RecordValuesInterview, AcceptValuesPass, UpdateCheck, Withdraw, NotAppoint, Redirect),
    Status.INTERVIEWED: (MakeOffer, UpdateCheck, Withdraw, NotAppoint, Redirect),
    Status.OFFERED: (Clear, UpdateCheck, Withdraw, DeclineOffer, WithdrawOffer),
    Status.CLEARED: (AgreeStart, UpdateCheck, Withdraw, DeclineOffer, WithdrawOffer),
    Status.START_AGREED: (Start, AgreeStart, UpdateCheck, Withdraw, DeclineOffer, WithdrawOffer),
    Status.STARTED: (UpdateCheck, Leave),
    Status.LEFT: (Return,),
    Status.WITHDRAWN: (),
    Status.OFFER_DECLINED: (Redirect,),
    Status.NOT_APPOINTED: (Redirect,),
    Status.OFFER_WITHDRAWN: (Redirect,),
    Status.REDIRECTED: (),
})  # fmt: skip
"""What somebody may do; what a deadline does besides is in `deadlines`."""


# Refusals --------------------------------------------------------------------------------------------------------------


class AlreadyApplied(Refused):
    """This person is a candidate for this vacancy already."""


class VacancyNotOpen(Refused):
    """The vacancy took no applications on that day."""


class EngagementClosed(Refused):
    """The engagement has ended: register the person's interest anew."""


class ValuesMissing(Invalid):
    """Each of the six values needs one score."""


class ValuesNotPassed(Refused):
    """The values interview was not passed."""


class PassNotAccepted(Refused):
    """This employer makes its own values interview."""


class PassOutOfDate(Refused):
    """There is no values pass of this person in date."""


class StartBeforeAgreement(Invalid):
    """The first day cannot lie before the day on which it is agreed."""


class PassForAYear(Invalid):
    """A pass is shared for a year from the day of the interview, a fail never."""


class NewToSystemFollows(Invalid):
    """Whether a starter is new to the system follows from where they came from."""


class NeverCovered(Invalid):
    """A risk assessment never covers identity, right to work or registration."""


class NotPermitted(Refused):
    """The candidate has not permitted this redirection, or no longer."""


class RedirectionIncomplete(Invalid):
    """A redirection names where it leads and nothing else: to an employer another one's vacancy, to a programme that."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, candidacy: Candidacy | None, now: datetime) -> list[CandidacyFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, candidacy:
        case Apply(), None:
            return [_applied(command, day_of(command, now, after=command.engagement.registered_on))]
        case _, None:
            raise NotFound

        case Shortlist(), Candidacy(status=Status.APPLIED):
            return [ApplicationShortlisted(**_journey(candidacy, _next_day(command, candidacy, now)))]
        case RecordValuesInterview(), Candidacy(status=Status.SHORTLISTED):
            return [_interviewed(command, candidacy, _next_day(command, candidacy, now))]
        case AcceptValuesPass(), Candidacy(status=Status.SHORTLISTED):
            return [_pass_accepted(command, candidacy, _next_day(command, candidacy, now))]
        case MakeOffer(), Candidacy(status=Status.INTERVIEWED):
            return [_offered(command, candidacy, _next_day(command, candidacy, now))]
        case UpdateCheck(), _ if candidacy.status in (*BEFORE_START, Status.STARTED):
            return _checked(command, candidacy, now)
        case Clear(), Candidacy(status=Status.OFFERED):
            return [_cleared(command, candidacy, _next_day(command, candidacy, now))]
        case AgreeStart(), Candidacy(status=Status.CLEARED | Status.START_AGREED):
            return _start_agreed(command, candidacy, _next_day(command, candidacy, now))
        case Start(), Candidacy(status=Status.START_AGREED):
            return [_placed(command, candidacy, _next_day(command, candidacy, now))]
        case Sustain(), Candidacy(status=Status.STARTED | Status.LEFT):
            return _sustained(command, candidacy, now)
        case Leave(), Candidacy(status=Status.STARTED):
            return [_left(command, candidacy, _next_day(command, candidacy, now))]
        case Return(), Candidacy(status=Status.LEFT):
            return [_resumed(candidacy, _next_day(command, candidacy, now))]

        case Withdraw(reason=why), _ if candidacy.status in BEFORE_START:
            return [CandidateWithdrew(**_ending(candidacy, _next_day(command, candidacy, now)), reason=why)]
        case DeclineOffer(reason=why), _ if candidacy.status in UNDER_OFFER:
            return [OfferDeclined(**_ending(candidacy, _next_day(command, candidacy, now)), reason=why)]
        case NotAppoint(reason=why), _ if candidacy.status in BEFORE_OFFER:
            return [CandidateNotAppointed(**_ending(candidacy, _next_day(command, candidacy, now)), reason=why)]
        case WithdrawOffer(reason=why), _ if candidacy.status in UNDER_OFFER:
            return [OfferWithdrawn(**_ending(candidacy, _next_day(command, candidacy, now)), reason=why)]
        case Redirect(), _ if candidacy.status in REDIRECTABLE:
            return [_redirected(command, candidacy, _next_day(command, candidacy, now))]

        case ExpireCheck(), _:
            return _check_expired(command, candidacy, now)
        case ExpireRiskAssessment(), _:
            return _risk_expired(candidacy, now)
        case _ if _already_so(command, candidacy):
            return []
        case _:
            raise NotInThisState(**_met(candidacy))


def _already_so(command: Command, candidacy: Candidacy) -> bool:
    """Whether the command asks for nothing but what is."""
    match command, candidacy:
        case Shortlist(), Candidacy(status=Status.SHORTLISTED):
            return True
        case MakeOffer(), Candidacy(status=Status.OFFERED):
            return True
        case Clear(risk_assessed_until=until), Candidacy(status=Status.CLEARED):
            return until == candidacy.risk_assessed_until
        case Start(), Candidacy(status=Status.STARTED):
            same = candidacy.prior_employment in (None, command.prior_employment)
            return same and command.occurred_on in (None, candidacy.started_on)
        case Leave(reason=why), Candidacy(status=Status.LEFT):
            return why == candidacy.reason and command.occurred_on in (None, candidacy.left_on)
        case Withdraw(reason=why), Candidacy(status=Status.WITHDRAWN):
            return why == candidacy.reason
        case DeclineOffer(reason=why), Candidacy(status=Status.OFFER_DECLINED):
            return why == candidacy.reason
        case NotAppoint(reason=why), Candidacy(status=Status.NOT_APPOINTED):
            return why == candidacy.reason
        case WithdrawOffer(reason=why), Candidacy(status=Status.OFFER_WITHDRAWN):
            return why == candidacy.reason
        case Redirect(to=to), Candidacy(status=Status.REDIRECTED):
            return to is candidacy.redirected_to and to is not RedirectedTo.EMPLOYER
        case _:
            return False


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


def allowed(candidacy: Candidacy | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Apply,) if candidacy is None else ALLOWED[candidacy.status])


def deadlines(candidacy: Candidacy) -> Mapping[str, datetime]:
    """When checks and risk assessment run out, and when the placement has lasted its 4, 13, 26 and 52 weeks."""
    return dict(_check_deadlines(candidacy)) | dict(_risk_deadline(candidacy)) | dict(_checkpoint_deadlines(candidacy))


def due(name: str, candidacy: Candidacy) -> Command:
    """The command of a deadline."""
    match name.split(":"):
        case ["sustain", weeks]:
            return Sustain(weeks=int(weeks), occurred_on=candidacy.checkpoint(int(weeks)))
        case ["expire-check", kind, number]:
            return ExpireCheck(kind=CheckKind(kind), number=int(number))
        case ["expire-risk-assessment"]:
            return ExpireRiskAssessment()
        case _:
            raise LookupError(name)


def _check_deadlines(candidacy: Candidacy) -> Iterator[tuple[str, datetime]]:
    if candidacy.status in (*UNDER_OFFER, Status.STARTED):
        for check, until in candidacy.expiring():
            yield f"expire-check:{check.kind}:{check.number}", step.end_of(until)


def _risk_deadline(candidacy: Candidacy) -> Iterator[tuple[str, datetime]]:
    until = candidacy.risk_assessed_until
    live = candidacy.status in (Status.CLEARED, Status.START_AGREED, Status.STARTED) and not candidacy.risk_expired
    if live and until is not None and candidacy.outstanding(until):
        yield "expire-risk-assessment", step.end_of(until)


def _checkpoint_deadlines(candidacy: Candidacy) -> Iterator[tuple[str, datetime]]:
    if candidacy.status in (Status.STARTED, Status.LEFT):
        for weeks, day in candidacy.ahead():
            yield f"sustain:{weeks}", step.start_of(day)


def waiting(candidacy: Candidacy) -> tuple[Waiting, ...]:
    """Who has to do what next."""
    since = candidacy.since
    match candidacy:
        case Candidacy(status=Status.APPLIED):
            return (Waiting("employer", "shortlist", since),)
        case Candidacy(status=Status.SHORTLISTED):
            return (Waiting("employer", "interview", since),)
        case Candidacy(status=Status.INTERVIEWED, values_outcome=ValuesOutcome.PASSED):
            return (Waiting("employer", "offer-or-not-appoint", since),)
        case Candidacy(status=Status.INTERVIEWED):
            return (Waiting("employer", "not-appoint", since),)
        case Candidacy(status=Status.OFFERED):
            return waiting_for(candidacy.checks) or (Waiting("employer", "clear", since),)
        case Candidacy(status=Status.CLEARED):
            return (Waiting("employer", "agree-start", since), *waiting_for(candidacy.checks))
        case Candidacy(status=Status.START_AGREED):
            return (
                Waiting("employer", "say-whether-started", candidacy.start_on or since),
                *waiting_for(candidacy.checks),
            )
        case Candidacy(status=Status.STARTED):
            return (*_no_longer_covered(candidacy), *waiting_for(candidacy.checks))
        case Candidacy(status=Status.NOT_APPOINTED, reason=NotAppointedReason.APPOINTABLE_NO_POST):
            return (Waiting("coordinator", "redirect-or-pool", since),)
        case _:
            return ()


def _no_longer_covered(candidacy: Candidacy) -> tuple[Waiting, ...]:
    """Somebody works without the checks that a risk assessment covered for a while: their employer has to decide."""
    until, covered = candidacy.risk_assessed_until, {(each.kind, each.number) for each in candidacy.risk_assessed}
    missing = any((check.kind, check.number) in covered for check in candidacy.checks if check.is_missing)
    if not candidacy.risk_expired or until is None or not missing:
        return ()
    return (Waiting("employer", "risk-assessment-over", until + timedelta(days=1)),)


# What the arms say -----------------------------------------------------------------------------------------------------


class _Met(TypedDict):
    state: str
    allowed: tuple[str, ...]


def _met(candidacy: Candidacy) -> _Met:
    """What a refusal carries: the state that the command met, and what that would allow."""
    return {"state": candidacy.status, "allowed": allowed(candidacy)}


class _Journey(TypedDict):
    person_id: UUID
    vacancy_id: UUID
    employer: str
    soc2020: str
    route: Route
    campaign_id: UUID | None
    occurred_on: date


class _Ending(_Journey):
    stage: Stage


def _journey(candidacy: Candidacy, day: date) -> _Journey:
    return {
        "person_id": candidacy.person_id,
        "vacancy_id": candidacy.vacancy_id,
        "employer": candidacy.employer,
        "soc2020": candidacy.soc2020,
        "route": candidacy.route,
        "campaign_id": candidacy.campaign_id,
        "occurred_on": day,
    }


def _ending(candidacy: Candidacy, day: date) -> _Ending:
    return {**_journey(candidacy, day), "stage": Stage(candidacy.status)}


def _next_day(command: Command, candidacy: Candidacy, now: datetime) -> date:
    return day_of(command, now, after=candidacy.since)


def _applied(command: Apply, day: date) -> ApplicationSubmitted:
    vacancy, engagement = command.vacancy, command.engagement
    open_ = vacancy.has_post_left if command.invited else vacancy.took_applications_on(day)
    if not open_:
        raise VacancyNotOpen(state=vacancy.status, field="vacancy_id")
    if not engagement.was_open_on(day):
        raise EngagementClosed(state=engagement.status, field="engagement_id")
    return ApplicationSubmitted(
        occurred_on=day,
        person_id=engagement.person_id,
        vacancy_id=command.vacancy_id,
        engagement_id=command.engagement_id,
        employer=vacancy.employer,
        soc2020=vacancy.role.soc2020,
        route=engagement.route,
        campaign_id=engagement.campaign_id,
        source=engagement.source,
        ward=engagement.ward,
        employment_status=engagement.employment_status,
        staff_group=vacancy.role.staff_group,
        weekly_hours=vacancy.role.weekly_hours,
        regulated=vacancy.role.regulator is not None,
        accepts_values_pass=vacancy.accepts_values_pass,
        checks=required_checks(vacancy.role),
        redirected_from=command.redirected_from,
    )


def _interviewed(command: RecordValuesInterview, candidacy: Candidacy, day: date) -> ValuesInterviewCompleted:
    completed = ValuesInterviewCompleted(
        **_journey(candidacy, day),
        framework=command.framework,
        scores=command.scores,
        panel=command.panel,
        outcome=command.outcome,
        valid_until=pass_until(command.outcome, day),
    )
    refuse_unsound(completed)
    return completed


def pass_until(outcome: ValuesOutcome, day: date) -> date | None:
    """Until when other employers may use an interview of that day; a fail they may not."""
    return step.years_later(day, PASS_YEARS) if outcome is ValuesOutcome.PASSED else None


def _pass_accepted(command: AcceptValuesPass, candidacy: Candidacy, day: date) -> ValuesPassAccepted:
    if not candidacy.accepts_values_pass:
        raise PassNotAccepted(**_met(candidacy))
    shared = command.values_pass
    if shared is None or shared.person_id != candidacy.person_id or not shared.passed_on <= day <= shared.valid_until:
        raise PassOutOfDate(**_met(candidacy))
    return ValuesPassAccepted(**_journey(candidacy, day), passed_in=shared.passed_in, valid_until=shared.valid_until)


def _offered(command: MakeOffer, candidacy: Candidacy, day: date) -> OfferMade:
    if candidacy.values_outcome is not ValuesOutcome.PASSED:
        raise ValuesNotPassed(state=candidacy.status, allowed=("not-appoint", "withdraw", "redirect"))
    if not command.vacancy.has_post_left:
        raise NoPostLeft(state=command.vacancy.status, allowed=("not-appoint", "withdraw", "redirect"))
    return OfferMade(**_journey(candidacy, day))


def _checked(command: UpdateCheck, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    check = candidacy.check(command.kind, command.number)
    if check is None:
        raise CheckNotRequired(field="kind")
    if command.kind is CheckKind.WORK_HEALTH and candidacy.offered_on is None:
        raise HealthBeforeOffer(**_met(candidacy), field="kind")
    day = day_of(command, now, after=check.updated_on)
    check.refuse_other_level(command.level, command.workforce)
    refuse_half_outcome(command.status, command.outcome, command.awaiting, command.valid_until, day)
    now_so = (check.status, check.outcome, check.awaiting, check.valid_until)
    if now_so == (command.status, command.outcome, command.awaiting, command.valid_until):
        return []
    return [
        EmploymentCheckUpdated(
            **_journey(candidacy, day),
            kind=check.kind,
            number=check.number,
            level=check.level,
            workforce=check.workforce,
            status=command.status,
            outcome=command.outcome,
            awaiting=command.awaiting,
            valid_until=command.valid_until,
        )
    ]


def _cleared(command: Clear, candidacy: Candidacy, day: date) -> CandidateCleared:
    outstanding = candidacy.outstanding(day)
    until = command.risk_assessed_until
    if not outstanding:
        return CandidateCleared(**_journey(candidacy, day), risk_assessed=())
    if until is None:
        raise ChecksOutstanding(listed(outstanding), **_met(candidacy))
    refuse_risk(outstanding, **_met(candidacy))
    if until <= day:
        raise RiskAssessmentOver(field="risk_assessed_until")
    return CandidateCleared(
        **_journey(candidacy, day),
        risk_assessed=tuple(check.required() for check in outstanding),
        risk_assessed_until=until,
    )


def _start_agreed(command: AgreeStart, candidacy: Candidacy, day: date) -> list[CandidacyFact]:
    if command.start_on == candidacy.start_on:
        return []
    agreed = StartDateAgreed(**_journey(candidacy, day), start_on=command.start_on)
    refuse_unsound(agreed)
    _refuse_uncovered(candidacy, command.start_on)
    return [agreed]


def _placed(command: Start, candidacy: Candidacy, day: date) -> CandidatePlaced:
    _refuse_uncovered(candidacy, day)
    return CandidatePlaced(
        **_journey(candidacy, day),
        engagement_id=candidacy.engagement_id,
        source=candidacy.source,
        ward=candidacy.ward,
        staff_group=candidacy.staff_group,
        weekly_hours=candidacy.weekly_hours,
        employment_status=candidacy.employment_status,
        prior_employment=command.prior_employment,
        new_to_system=new_to_system(command.prior_employment),
    )


def _refuse_uncovered(candidacy: Candidacy, day: date) -> None:
    """On the first day every check has to be in date or covered: a right to work that ends before it does not count."""
    uncovered = candidacy.uncovered(day)
    if uncovered:
        raise ChecksOutstanding(listed(uncovered), **_met(candidacy))


def _sustained(command: Sustain, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    if command.weeks in candidacy.sustained:
        return []
    day = candidacy.reached(command.weeks, now)
    if not candidacy.lasts_until(day):
        raise NotInThisState(**_met(candidacy))
    return [PlacementSustained(**_journey(candidacy, day), weeks=command.weeks)]


def _left(command: Leave, candidacy: Candidacy, day: date) -> PlacementEnded:
    weeks = candidacy.said_after(day)
    if weeks is not None:
        raise SustainedSince(f"sustained for {weeks} weeks", **_met(candidacy))
    return PlacementEnded(**_journey(candidacy, day), reason=command.reason)


def _resumed(candidacy: Candidacy, day: date) -> PlacementResumed:
    away = candidacy.days_away(day)
    if away is None:
        raise BreakTooLong(state=candidacy.status, allowed=())
    return PlacementResumed(**_journey(candidacy, day), days_away=away)


def _redirected(command: Redirect, candidacy: Candidacy, day: date) -> CandidateRedirected:
    refuse_half_redirection(command.to, command.to_candidacy_id, command.programme)
    if command.to_employer == candidacy.employer:
        raise RedirectionIncomplete(field="to")
    if command.permission is None or not command.permission.covers(command.to, command.to_employer, day):
        raise NotPermitted(**_met(candidacy))
    return CandidateRedirected(
        **_journey(candidacy, day),
        stage=candidacy.ended_at or Stage(candidacy.status),
        to=command.to,
        to_candidacy_id=command.to_candidacy_id,
        to_employer=command.to_employer,
        programme=command.programme,
    )


def refuse_unsound(
    fact: ValuesInterviewCompleted
    | EmploymentCheckUpdated
    | CandidateCleared
    | StartDateAgreed
    | CandidatePlaced
    | CandidateRedirected,
) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    match fact:
        case ValuesInterviewCompleted():
            _refuse_interview(fact)
        case EmploymentCheckUpdated():
            refuse_half_outcome(fact.status, fact.outcome, fact.awaiting, fact.valid_until, fact.occurred_on)
        case CandidateCleared():
            _refuse_clearance(fact)
        case StartDateAgreed(start_on=start_on, occurred_on=day) if start_on < day:
            raise StartBeforeAgreement(field="start_on")
        case CandidatePlaced(prior_employment=prior) if fact.new_to_system is not new_to_system(prior):
            raise NewToSystemFollows(field="new_to_system")
        case CandidateRedirected():
            refuse_half_redirection(fact.to, fact.to_candidacy_id, fact.programme)
        case _:
            pass


def _refuse_interview(fact: ValuesInterviewCompleted) -> None:
    if sorted(score.value for score in fact.scores) != sorted(NhsValue):
        raise ValuesMissing(field="scores")
    if fact.valid_until != pass_until(fact.outcome, fact.occurred_on):
        raise PassForAYear(field="valid_until")


def _refuse_clearance(fact: CandidateCleared) -> None:
    until = fact.risk_assessed_until
    if any(check.kind in NEVER_RISK_ASSESSED for check in fact.risk_assessed):
        raise NeverCovered(field="risk_assessed")
    if (until is not None) != bool(fact.risk_assessed) or (until is not None and until <= fact.occurred_on):
        raise RiskAssessmentOver(field="risk_assessed_until")


def refuse_half_redirection(to: RedirectedTo, candidacy_id: UUID | None, programme: str | None) -> None:
    """A vacancy beside a permission that is for programmes would pass somebody on to an employer whom they permit nothing."""
    begins = (candidacy_id is not None) == (to is RedirectedTo.EMPLOYER)
    if not begins or (programme is not None) != (to is RedirectedTo.PROGRAMME):
        raise RedirectionIncomplete(field="to")


def _check_expired(command: ExpireCheck, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    check = candidacy.check(command.kind, command.number)
    if check is None or check.valid_until is None or check.status is not CheckStatus.COMPLETE:
        return []
    if candidacy.status not in (*UNDER_OFFER, Status.STARTED) or now < step.end_of(check.valid_until):
        return []
    day = check.valid_until + timedelta(days=1)
    return [EmploymentCheckExpired(**_journey(candidacy, day), kind=check.kind, number=check.number)]


def _risk_expired(candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    until = candidacy.risk_assessed_until
    if not dict(_risk_deadline(candidacy)) or until is None or now < step.end_of(until):
        return []
    return [RiskAssessmentExpired(**_journey(candidacy, until + timedelta(days=1)))]


# What the facts leave --------------------------------------------------------------------------------------------------


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
