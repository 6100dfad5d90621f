"""One person's application for one vacancy, from the day they applied to the job that they keep.

Shortlisting comes before the interview. Nothing about health is asked before the offer. An offer is conditional on the checks
that role and employer need; complete is not passed. Whoever starts is placed; an offer is not a placement.

This is its machine: which command follows in which status. What it is, and what facts make of it, is `journey`; the values
interview `interview`; what is in order before a start `clearance`; whom it passes on `redirection`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import Command, NotInThisState, Waiting, day_of
from schemas.talent_pipeline import (
    ApplicationShortlisted,
    ApplicationSubmitted,
    CandidateNotAppointed,
    CandidatePlaced,
    CandidateWithdrew,
    CheckKind,
    DeclineReason,
    LeavingReason,
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
    StartDateAgreed,
    ValuesOutcome,
    WithdrawalReason,
)
from schemas.values import BusinessDate
from talent_pipeline.domain.checks import required_checks, waiting_for
from talent_pipeline.domain.clearance import (
    Clear,
    ExpireCheck,
    ExpireRiskAssessment,
    UpdateCheck,
    check_deadlines,
    check_expired,
    checked,
    cleared,
    no_longer_covered,
    refuse_uncovered,
    risk_deadline,
    risk_expired,
)
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.interview import (
    AcceptValuesPass,
    RecordValuesInterview,
    interviewed,
    pass_accepted,
)
from talent_pipeline.domain.journey import (
    AGGREGATE,
    BEFORE_OFFER,
    BEFORE_START,
    REDIRECTABLE,
    UNDER_OFFER,
    Candidacy,
    CandidacyFact,
    Status,
    ending,
    evolve,
    next_day,
    of,
)
from talent_pipeline.domain.placement import BreakTooLong, SustainedSince, new_to_system
from talent_pipeline.domain.redirection import Redirect, redirected
from talent_pipeline.domain.vacancy import NoPostLeft, Vacancy

__all__ = [
    "AGGREGATE",
    "COMMANDS",
    "Candidacy",
    "Status",
    "allowed",
    "deadlines",
    "decide",
    "due",
    "evolve",
    "waiting",
]


# Commands -------------------------------------------------------------------------------------------------------------


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
class MakeOffer(Command):
    vacancy: Vacancy


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


COMMANDS = (
    Apply, Shortlist, RecordValuesInterview, AcceptValuesPass, MakeOffer, UpdateCheck, ExpireCheck, Clear,
    ExpireRiskAssessment, AgreeStart, Start, Sustain, Leave, Return, Withdraw, DeclineOffer, NotAppoint, WithdrawOffer,
    Redirect,
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

# Refusals -------------------------------------------------------------------------------------------------------------


class AlreadyApplied(Refused):
    """This person is a candidate for this vacancy already."""


class VacancyNotOpen(Refused):
    """The vacancy took no applications on that day."""


class EngagementClosed(Refused):
    """The engagement has ended: register the person's interest anew."""


class ValuesNotPassed(Refused):
    """The values interview was not passed."""


class StartBeforeAgreement(Invalid):
    """The first day cannot lie before the day on which it is agreed."""


class NewToSystemFollows(Invalid):
    """Whether a starter is new to the system follows from where they came from."""


# The machine ----------------------------------------------------------------------------------------------------------


def decide(command: Command, candidacy: Candidacy | None, now: datetime) -> list[CandidacyFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, candidacy:
        case Apply(), None:
            return [_applied(command, day_of(command, now, after=command.engagement.registered_on))]
        case _, None:
            raise NotFound

        case Shortlist(), Candidacy(status=Status.APPLIED):
            return [ApplicationShortlisted(**of(candidacy, next_day(command, candidacy, now)))]
        case RecordValuesInterview(), Candidacy(status=Status.SHORTLISTED):
            return [interviewed(command, candidacy, next_day(command, candidacy, now))]
        case AcceptValuesPass(), Candidacy(status=Status.SHORTLISTED):
            return [pass_accepted(command, candidacy, next_day(command, candidacy, now))]
        case MakeOffer(), Candidacy(status=Status.INTERVIEWED):
            return [_offered(command, candidacy, next_day(command, candidacy, now))]
        case UpdateCheck(), _ if candidacy.status in (*BEFORE_START, Status.STARTED):
            return checked(command, candidacy, now)
        case Clear(), Candidacy(status=Status.OFFERED):
            return [cleared(command, candidacy, next_day(command, candidacy, now))]
        case AgreeStart(), Candidacy(status=Status.CLEARED | Status.START_AGREED):
            return _start_agreed(command, candidacy, next_day(command, candidacy, now))
        case Start(), Candidacy(status=Status.START_AGREED):
            return [_placed(command, candidacy, next_day(command, candidacy, now))]
        case Sustain(), Candidacy(status=Status.STARTED | Status.LEFT):
            return _sustained(command, candidacy, now)
        case Leave(), Candidacy(status=Status.STARTED):
            return [_left(command, candidacy, next_day(command, candidacy, now))]
        case Return(), Candidacy(status=Status.LEFT):
            return [_resumed(candidacy, next_day(command, candidacy, now))]

        case Withdraw(reason=why), _ if candidacy.status in BEFORE_START:
            return [CandidateWithdrew(**ending(candidacy, next_day(command, candidacy, now)), reason=why)]
        case DeclineOffer(reason=why), _ if candidacy.status in UNDER_OFFER:
            return [OfferDeclined(**ending(candidacy, next_day(command, candidacy, now)), reason=why)]
        case NotAppoint(reason=why), _ if candidacy.status in BEFORE_OFFER:
            return [CandidateNotAppointed(**ending(candidacy, next_day(command, candidacy, now)), reason=why)]
        case WithdrawOffer(reason=why), _ if candidacy.status in UNDER_OFFER:
            return [OfferWithdrawn(**ending(candidacy, next_day(command, candidacy, now)), reason=why)]
        case Redirect(), _ if candidacy.status in REDIRECTABLE:
            return [redirected(command, candidacy, next_day(command, candidacy, now))]

        case ExpireCheck(), _:
            return check_expired(command, candidacy, now)
        case ExpireRiskAssessment(), _:
            return risk_expired(candidacy, now)
        case _ if _already_so(command, candidacy):
            return []
        case _:
            raise NotInThisState


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


def allowed(candidacy: Candidacy | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Apply,) if candidacy is None else ALLOWED[candidacy.status])


def deadlines(candidacy: Candidacy) -> Mapping[str, datetime]:
    """When checks and risk assessment run out, and when the placement has lasted its 4, 13, 26 and 52 weeks."""
    return dict(check_deadlines(candidacy)) | dict(risk_deadline(candidacy)) | dict(_checkpoint_deadlines(candidacy))


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
            return (*no_longer_covered(candidacy), *waiting_for(candidacy.checks))
        case Candidacy(status=Status.NOT_APPOINTED, reason=NotAppointedReason.APPOINTABLE_NO_POST):
            return (Waiting("coordinator", "redirect-or-pool", since),)
        case _:
            return ()


# What the arms say ----------------------------------------------------------------------------------------------------


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


def _offered(command: MakeOffer, candidacy: Candidacy, day: date) -> OfferMade:
    if candidacy.values_outcome is not ValuesOutcome.PASSED:
        raise ValuesNotPassed(allowed=("not-appoint", "withdraw", "redirect"))
    if not command.vacancy.has_post_left:
        raise NoPostLeft(state=command.vacancy.status, allowed=("not-appoint", "withdraw", "redirect"))
    return OfferMade(**of(candidacy, day))


def _start_agreed(command: AgreeStart, candidacy: Candidacy, day: date) -> list[CandidacyFact]:
    if command.start_on == candidacy.start_on:
        return []
    agreed = StartDateAgreed(**of(candidacy, day), start_on=command.start_on)
    refuse_unsound(agreed)
    refuse_uncovered(candidacy, command.start_on)
    return [agreed]


def _placed(command: Start, candidacy: Candidacy, day: date) -> CandidatePlaced:
    refuse_uncovered(candidacy, day)
    return CandidatePlaced(
        **of(candidacy, day),
        engagement_id=candidacy.engagement_id,
        source=candidacy.source,
        ward=candidacy.ward,
        staff_group=candidacy.staff_group,
        weekly_hours=candidacy.weekly_hours,
        employment_status=candidacy.employment_status,
        prior_employment=command.prior_employment,
        new_to_system=new_to_system(command.prior_employment),
    )


def _sustained(command: Sustain, candidacy: Candidacy, now: datetime) -> list[CandidacyFact]:
    if command.weeks in candidacy.sustained:
        return []
    day = candidacy.reached(command.weeks, now)
    if not candidacy.lasts_until(day):
        raise NotInThisState
    return [PlacementSustained(**of(candidacy, day), weeks=command.weeks)]


def _left(command: Leave, candidacy: Candidacy, day: date) -> PlacementEnded:
    weeks = candidacy.said_after(day)
    if weeks is not None:
        raise SustainedSince(f"sustained for {weeks} weeks")
    return PlacementEnded(**of(candidacy, day), reason=command.reason)


def _resumed(candidacy: Candidacy, day: date) -> PlacementResumed:
    away = candidacy.days_away(day)
    if away is None:
        raise BreakTooLong
    return PlacementResumed(**of(candidacy, day), days_away=away)


def refuse_unsound(fact: StartDateAgreed | CandidatePlaced) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    match fact:
        case StartDateAgreed(start_on=start_on, occurred_on=day) if start_on < day:
            raise StartBeforeAgreement(field="start_on")
        case CandidatePlaced(prior_employment=prior) if fact.new_to_system is not new_to_system(prior):
            raise NewToSystemFollows(field="new_to_system")
        case _:
            pass
