"""Somebody of one organisation at work for another: put forward, agreed, checked, authorised by both, inducted, there, and back.

A signature to the framework is not yet permission to move anybody. The person's agreement to the move is one thing, the basis on
which their data are shared another. Time is booked from the agreement on; that no two bookings of a person overlap is the
database's to hold.

This is its machine: which command follows in which status. What it is, and what facts make of it, is `move`; what is in order
before it starts, `clearance`; how long it lasts, `lasting`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import Command, NotInThisState, Waiting, day_of
from mobility.domain import answers, clearance, lasting, stops, strike, working_time
from mobility.domain import move as moves
from mobility.domain import need as needs
from mobility.domain.answers import DAY, WARNING, Chase, SettleAnswer
from mobility.domain.booking import refuse_hours, refuse_limits
from mobility.domain.clearance import (
    TRAINING_DUE,
    Authorise,
    ChaseTraining,
    EndRight,
    NotInForce,
    PutOffTraining,
    VerifyChecks,
    Warn,
    authorised,
    expiring,
    refuse_stopped,
    right_ended,
    verified,
)
from mobility.domain.lasting import (
    ConfirmExtension,
    DeclineExtension,
    LapseExtension,
    LastDayOver,
    ProposeExtension,
    Shorten,
)
from mobility.domain.move import (
    AGGREGATE,
    AUTHORISED,
    BEFORE_THE_FIRST_DAY,
    LIVE,
    WITH_AGREEMENT,
    Deployment,
    DeploymentFact,
    Status,
    called,
    of,
)
from mobility.domain.need import Need
from mobility.domain.stops import LetGoOn, LiftStop, StopEverywhere, StopNow
from schemas.fact import Fact
from schemas.mobility import (
    AgreementWithdrawn,
    AnswerOverdue,
    AnswerSettled,
    Basis,
    CoverEnds,
    DeploymentAgreed,
    DeploymentCancelled,
    DeploymentCompleted,
    DeploymentEndedEarly,
    DeploymentHandedOver,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    EndedBy,
    FirstDayPackGiven,
    MoveStopped,
    Own,
    Shift,
    StaffInducted,
    StaffSeconded,
    WorkLimit,
)
from schemas.values import BusinessDate, Code, Label, PartnerId, Soc2020, business_date

__all__ = [
    "AGGREGATE",
    "COMMANDS",
    "Deployment",
    "Status",
    "allowed",
    "deadlines",
    "decide",
    "due",
    "evolve",
    "waiting",
]


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose(Command):
    person_id: UUID
    home: PartnerId
    host: PartnerId
    basis: Basis
    soc2020: Soc2020
    title: Label
    starts_on: BusinessDate
    ends_on: BusinessDate
    pattern: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=14)]
    own: Own
    home_hours: Annotated[float, Field(ge=0, le=60)] = 0.0
    not_in_dispute: bool = False
    need_id: UUID | None = None
    need: Need | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match(Command):
    need: Need | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Command):
    others: tuple[Deployment, ...] = ()
    """The person's other moves whose time is booked."""
    limits: tuple[WorkLimit, ...] = ()
    """How far the person may work, as their passports say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAgreement(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Induct(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class GivePack(Command):
    """The mover is told about the first day: what, is kept beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseCover(Command):
    """One of the two organisations leaves the framework."""

    organisation: str
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Command):
    """An organisation signed an agreement under which both are in force for what is left of the move."""

    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCover(Command):
    """Its last day in the framework is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEarly(Command):
    ended_by: EndedBy
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    reason: Code


COMMANDS = (
    Propose, Match, Agree, WithdrawAgreement, VerifyChecks, PutOffTraining, ChaseTraining, Authorise, GivePack, Induct,
    Start, Warn, EndRight, ProposeExtension, ConfirmExtension, DeclineExtension, LapseExtension, Shorten, StopNow,
    StopEverywhere, LiftStop, LetGoOn, Chase, SettleAnswer, LoseCover, HandOver, EndCover, Complete, Recall, EndEarly,
    Cancel,
)  # fmt: skip
ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PROPOSED: (Match, Cancel),
    Status.MATCHED: (Agree, Cancel),
    Status.AGREED: (VerifyChecks, WithdrawAgreement, Cancel),
    Status.VERIFIED: (VerifyChecks, Authorise, WithdrawAgreement, Cancel),
    Status.AUTHORISED: (VerifyChecks, GivePack, Induct, Shorten, WithdrawAgreement, Cancel),
    Status.INDUCTED: (VerifyChecks, GivePack, Start, Shorten, WithdrawAgreement, Cancel),
    Status.ACTIVE: (VerifyChecks, GivePack, Shorten, Recall, EndEarly),
    Status.COMPLETED: (),
    Status.RECALLED: (),
    Status.ENDED_EARLY: (),
    Status.CANCELLED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class HomeIsHost(Invalid):
    """Nobody is lent to the organisation that they work for."""


class OwnStaffFirst(Refused):
    """The organisation asks its own staff first: partners are asked on the day that it named."""


class NeedNotOpen(Refused):
    """The need is filled, closed or withdrawn."""


class NotTheNeedsDays(Invalid):
    """It lies outside the days for which staff are needed."""


class NotYet(Invalid):
    """It does not start before its first day, nor after its last."""


class NotThePatternsHours(Invalid):
    """The hours of a week are those of its shifts."""


class AnotherDay(Refused):
    """It was said before, of another day: put that right."""


class EndedBySomebody(Invalid):
    """The host or the person ends it early: that the framework did is said by itself, when its cover is over."""


class NotOverYet(Invalid):
    """It has ended on a day that has come. That it ends on a day to come is `shorten`."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, move: Deployment | None, now: datetime) -> list[DeploymentFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, move:
        case Propose(), None:
            return [_proposed(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Match(need=need), Deployment(status=Status.PROPOSED):
            _refuse_need(need)
            return [DeploymentMatched(**of(move, day_of(command, now, after=move.last_step)))]
        case Agree(others=others), Deployment(status=Status.MATCHED):
            refuse_hours(move, others)
            refuse_limits(command.limits, move, others)
            return [DeploymentAgreed(**of(move, day_of(command, now, after=move.last_step)))]
        case WithdrawAgreement(), _ if move.status in WITH_AGREEMENT:
            return [AgreementWithdrawn(**of(move, day_of(command, now, after=move.last_step)))]
        case VerifyChecks(), _ if move.status in (*WITH_AGREEMENT, Status.ACTIVE):
            return verified(command, move, day_of(command, now, after=move.last_step))
        case Authorise(side=side), Deployment(status=Status.VERIFIED | Status.AUTHORISED) if side in move.authorised:
            return []
        case Authorise(), Deployment(status=Status.VERIFIED):
            return [authorised(command, move, day_of(command, now, after=move.last_step))]
        case PutOffTraining(), _ if move.status in (Status.VERIFIED, *AUTHORISED):
            return clearance.put_off(command, move, day_of(command, now, after=move.last_step))
        case ChaseTraining(), _:
            return clearance.chased(move, now)
        case GivePack(), Deployment(pack_given_on=None) if move.status in AUTHORISED:
            return [FirstDayPackGiven(**of(move, day_of(command, now, after=move.last_step)))]
        case GivePack(), _ if move.status in AUTHORISED:
            return []
        case Induct(), Deployment(status=Status.AUTHORISED):
            refuse_stopped(move)
            return [StaffInducted(**of(move, day_of(command, now, after=move.last_step)))]
        case Start(), Deployment(status=Status.INDUCTED):
            day = day_of(command, now, after=move.last_step)
            refuse_stopped(move)
            clearance.refuse_untrained(move, day)
            if not move.starts_on <= day <= move.last_day:
                raise NotYet(field="occurred_on")
            if move.cover_ends is not None and day > move.cover_ends:
                raise NotInForce
            return [StaffSeconded(**of(move, day), ends_on=move.last_day, weekly_hours=move.weekly_hours)]
        case StopEverywhere(reason=reason), _ if move.status in LIVE and reason not in move.stopped_on_record:
            day = max(day_of(command, now), move.since)
            return [MoveStopped(**of(move, day), reason=reason, everywhere=True, stop_id=command.stop_id)]
        case StopEverywhere(), _:
            return []
        case StopNow(reason=reason), _ if move.status in LIVE and reason not in move.stopped_here:
            return [MoveStopped(**of(move, max(day_of(command, now), move.since)), reason=reason)]
        case LiftStop(), Deployment(stopped=str()) if move.status in LIVE:
            return stops.lifted(command, move, day_of(command, now, after=move.since))
        case LetGoOn(), _ if move.status in LIVE:
            return stops.gone(command, move, max(day_of(command, now), move.since))
        case Chase(), _:
            return answers.chased(command, move, now)
        case SettleAnswer(), Deployment(status=Status.ACTIVE | Status.COMPLETED | Status.RECALLED | Status.ENDED_EARLY):
            return answers.settled(command, move, day_of(command, now))
        case ProposeExtension(), _ if move.status in AUTHORISED:
            return lasting.proposed(command, move, day_of(command, now, after=move.last_step))
        case ConfirmExtension(), _ if move.status in AUTHORISED:
            return lasting.confirmed(command, move, day_of(command, now, after=lasting.asked_on(move)))
        case DeclineExtension(), _ if move.status in AUTHORISED:
            return lasting.declined(command, move, day_of(command, now, after=lasting.asked_on(move)))
        case LapseExtension(), _:
            return lasting.lapsed(move, now)
        case Shorten(), _ if move.status in AUTHORISED:
            return lasting.shortened(command, move, day_of(command, now, after=move.last_step))
        case LoseCover(organisation=organisation, last_day=last), _ if move.status in LIVE:
            if last >= move.last_day or (move.cover_ends is not None and move.cover_ends <= last):
                return []
            day = max(day_of(command, now), move.since)
            return [CoverEnds(**of(move, day), organisation=organisation, last_day=last)]
        case HandOver(organisation=organisation), Deployment(cover_ends=date()) if move.status in LIVE:
            return [DeploymentHandedOver(**of(move, max(day_of(command, now), move.since)), organisation=organisation)]
        case EndCover(), Deployment(cover_ends=date() as last) if move.status in LIVE:
            if now < step.end_of(last):
                return []
            return [_without_cover(move, max(last, move.last_step))]
        case Warn(), Deployment(status=Status.ACTIVE):
            return expiring(move, now)
        case EndRight(), Deployment(status=Status.ACTIVE):
            return right_ended(move, now)
        case Complete(), Deployment(status=Status.ACTIVE):
            if now < step.end_of(move.last_day):
                return []
            return [DeploymentCompleted(**of(move, max(move.last_day + DAY, move.since)))]
        case Recall(reason=reason), Deployment(status=Status.ACTIVE):
            return [DeploymentRecalled(**of(move, _last_day(command, move, now)), reason=reason)]
        case EndEarly(ended_by=EndedBy.FRAMEWORK), Deployment(status=Status.ACTIVE):
            raise EndedBySomebody(field="ended_by")
        case EndEarly(ended_by=by, reason=reason), Deployment(status=Status.ACTIVE):
            return [DeploymentEndedEarly(**of(move, _last_day(command, move, now)), ended_by=by, reason=reason)]
        case Cancel(reason=reason), _ if move.status in BEFORE_THE_FIRST_DAY:
            return [DeploymentCancelled(**of(move, day_of(command, now, after=move.last_step)), reason=reason)]

        case Match(), Deployment(status=Status.MATCHED):
            return []
        case Agree(), _ if move.status in WITH_AGREEMENT:
            return []
        case Induct(), Deployment(status=Status.INDUCTED):
            return []
        case Start(), Deployment(status=Status.ACTIVE, started_on=date() as day):
            return _already(command, day)
        case Recall(reason=reason), Deployment(status=Status.RECALLED, reason=said) if reason == said:
            return _already(command, move.last_day)
        case EndEarly(reason=reason), Deployment(status=Status.ENDED_EARLY, reason=said) if reason == said:
            return _already(command, move.last_day)
        case Cancel(reason=reason), Deployment(status=Status.CANCELLED, reason=said) if reason == said:
            return []
        case ((LoseCover() | HandOver() | EndCover() | Warn() | EndRight() | Complete() | StopNow() | LetGoOn()), _):
            return []
        case _:
            raise NotInThisState


def evolve(move: Deployment | None, fact: Fact) -> Deployment:
    """The move after a fact, with what it waits for then. Raises CannotFollow."""
    if move is not None and isinstance(fact, AnswerOverdue | AnswerSettled):
        return answers.evolve(move, fact)
    return answers.still(moves.evolve(move, fact))


def allowed(move: Deployment | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    if move is None:
        return step.names((Propose,))
    stop: tuple[type[Command], ...] = (
        (StopNow, *((LiftStop,) if stops.to_lift(move) else ())) if move.status in LIVE else ()
    )
    longer: tuple[type[Command], ...] = ()
    if move.status in AUTHORISED:
        longer = (ProposeExtension,) if move.pending is None else (ConfirmExtension, DeclineExtension)
    settle = (SettleAnswer,) if any(asked.answer in answers.SETTLED_HERE for asked in move.awaits) else ()
    without = (PutOffTraining,) if move.missing and move.status in (Status.VERIFIED, *AUTHORISED) else ()
    return step.names((*ALLOWED[move.status], *without, *longer, *stop, *settle))


def deadlines(move: Deployment) -> Mapping[str, datetime]:
    """A move is over when its last day is; before, somebody is told of a check that ends, and it does not outlive its cover.
    Of every answer that does not come somebody is told, and a later end that not all agreed to in time is no longer proposed."""
    found = {**dict(answers.deadlines(move)), **dict(lasting.deadlines(move))}
    if move.status is Status.ACTIVE:
        found["complete"] = step.end_of(move.last_day)
        if (ending := move.next_to_end) is not None and ending.valid_until is not None:
            found[f"warn-{called(ending)}"] = step.start_of(ending.valid_until - WARNING)
        if move.right_to_work_ends is not None and stops.RIGHT_OVER not in move.stops:
            found["end-right"] = step.end_of(move.right_to_work_ends)
    if move.status in LIVE and move.cover_ends is not None:
        found["end-cover"] = step.end_of(move.cover_ends)
    if move.status in LIVE and move.put_off is not None and not move.put_off.overdue:
        found[TRAINING_DUE] = step.end_of(move.put_off.done_by)
    return found


def due(name: str, move: Deployment) -> Command:
    """The command of a deadline."""
    match name:
        case "complete":
            return Complete()
        case "end-cover":
            return EndCover()
        case "end-right":
            return EndRight()
        case lasting.LAPSE:
            return LapseExtension()
        case clearance.TRAINING_DUE:
            return ChaseTraining()
        case _ if name.startswith("overdue-"):
            return answers.due(name, move)
        case _:
            return Warn()


def waiting(move: Deployment) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    found = [*answers.waiting(move), *clearance.waiting(move), *lasting.waiting(move)]
    if move.status is Status.ACTIVE:
        renew = ("renew-training" if name.startswith("training-") else f"renew-{name}" for name in move.warned)
        found += [Waiting("home", why, move.since) for why in dict.fromkeys(renew)]
    if move.status in LIVE and move.stops:
        found.append(Waiting("host", "keep-from-work", move.since))
        if stops.WORK_LIMIT in move.stops:
            found.append(Waiting("home", "keep-within-the-limit", move.since))
        if stops.to_lift(move):
            found.append(Waiting("coordinator", "settle-what-stopped-it", move.since))
    if move.status in LIVE and move.cover_ends is not None:
        found.append(Waiting("coordinator", "hand-over-or-end", move.since))
    return tuple(found)


def _proposed(command: Propose, day: date) -> DeploymentProposed:
    if command.home == command.host:
        raise HomeIsHost(field="home")
    lasting.refuse_end(command.basis, command.starts_on, command.ends_on)
    need = command.need
    if need is not None:
        _refuse_need(need)
        if command.starts_on < need.starts_on or command.ends_on > need.ends_on:
            raise NotTheNeedsDays(field="starts_on")
        if need.covers_strike:
            strike.refuse(command.basis, command.starts_on, command.ends_on, volunteers=command.not_in_dispute)
    return DeploymentProposed(
        occurred_on=day, person_id=command.person_id, home=command.home, host=command.host, basis=command.basis,
        soc2020=command.soc2020, need_id=command.need_id, title=command.title, starts_on=command.starts_on,
        ends_on=command.ends_on, pattern=command.pattern, weekly_hours=working_time.weekly_hours(command.pattern),
        home_hours=command.home_hours, covers_strike=need is not None and need.covers_strike, own=command.own,
    )  # fmt: skip


def refuse_unsound_proposal(proposed: DeploymentProposed) -> None:
    """Raises Refused where nobody could have put somebody forward so."""
    if proposed.home == proposed.host:
        raise HomeIsHost(field="home")
    if (hours := working_time.weekly_hours(proposed.pattern)) != proposed.weekly_hours:
        raise NotThePatternsHours(f"{hours:g} hours a week", field="weekly_hours")


def refuse_unsound(move: Deployment) -> None:
    """Raises Refused where nobody could have proposed it, or begun, so, as a correction may leave it."""
    lasting.refuse_end(move.basis, move.starts_on, move.last_day)
    if move.started_on is not None and move.started_on < move.starts_on:
        raise NotYet(f"it started on {move.started_on}, and was to on {move.starts_on}", field="occurred_on")
    if move.covers_strike and (day := strike.first_blocked(move.basis, move.starts_on, move.last_day)) is not None:
        raise strike.StrikeCoverBlocked(f"forbidden on {day}", field="basis")


def _refuse_need(need: Need | None) -> None:
    if need is None:
        return
    if need.status is needs.Status.RAISED:
        raise OwnStaffFirst(f"partners are asked on {need.release_on}", state=need.status)
    if need.status is not needs.Status.RELEASED:
        raise NeedNotOpen(state=need.status)


def _without_cover(move: Deployment, last: date) -> DeploymentEndedEarly | DeploymentCancelled:
    if move.status is Status.ACTIVE:
        return DeploymentEndedEarly(**of(move, last), ended_by=EndedBy.FRAMEWORK, reason="not-in-force")
    return DeploymentCancelled(**of(move, last), reason="not-in-force")


def _already(command: Command, day: date) -> list[DeploymentFact]:
    """Nothing, of what was said of that day already. Raises AnotherDay."""
    if command.occurred_on not in (None, day):
        raise AnotherDay(f"it was {day}", field="occurred_on", cure="Correct the claim, or the fact, that says so.")
    return []


def _last_day(command: Command, move: Deployment, now: datetime) -> date:
    if command.occurred_on is not None and command.occurred_on > business_date(now):
        raise NotOverYet(field="occurred_on", cure="Claim the step `shortened`, with that day as `ends_on`.")
    day = day_of(command, now, after=move.last_step)
    if day > move.last_day:
        raise LastDayOver(field="occurred_on")
    return day
