"""Somebody of one organisation at work for another: put forward, agreed, checked, authorised by both, inducted, there, and back.

A signature to the framework is not yet permission to move anybody. The person's agreement to the move is one thing, the basis on
which their data are shared another. Time is booked from the agreement on; that no two bookings of a person overlap is the
database's to hold.
"""

from collections.abc import Mapping, Sequence
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
from mobility.domain import need as needs
from mobility.domain import strike, working_time
from mobility.domain.need import Need
from mobility.domain.signature import Signature
from schemas.fact import Fact
from schemas.mobility import (
    AgreementWithdrawn,
    Basis,
    CheckExpiring,
    CheckSeen,
    ChecksVerified,
    CoverEnds,
    DeploymentAgreed,
    DeploymentAuthorised,
    DeploymentCancelled,
    DeploymentCompleted,
    DeploymentEndedEarly,
    DeploymentExtended,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    EndedBy,
    MoveStopped,
    Own,
    Recharge,
    Shift,
    Side,
    StaffInducted,
    StaffSeconded,
    StopLifted,
)
from schemas.values import BusinessDate, Code, Label, Part, PartnerId, Soc2020

AGGREGATE = "deployment"
DAY = timedelta(days=1)
WARNING = timedelta(days=28)
"""How long before a check ends somebody is told."""

LONGEST: Mapping[Basis, timedelta] = MappingProxyType({
    Basis.FRAMEWORK_LICENCE: timedelta(days=183),
    Basis.SECONDMENT_AGREEMENT: timedelta(days=731),
    Basis.HONORARY_CONTRACT: timedelta(days=366),
    Basis.BANK: timedelta(days=366),
    Basis.AGENCY: timedelta(days=92),
})  # fmt: skip
"""A move has an end; how far away it may lie."""

NEEDED_CHECKS = ("identity", "right-to-work")
"""The checks without which nobody moves, whatever else the work asks for."""


class Status(StrEnum):
    PROPOSED = "proposed"
    MATCHED = "matched"
    AGREED = "agreed"
    VERIFIED = "verified"
    AUTHORISED = "authorised"
    INDUCTED = "inducted"
    ACTIVE = "active"
    COMPLETED = "completed"
    RECALLED = "recalled"
    ENDED_EARLY = "ended-early"
    CANCELLED = "cancelled"


BEFORE_THE_FIRST_DAY = (
    Status.PROPOSED, Status.MATCHED, Status.AGREED, Status.VERIFIED, Status.AUTHORISED, Status.INDUCTED,
)  # fmt: skip
LIVE = (*BEFORE_THE_FIRST_DAY, Status.ACTIVE)
WITH_AGREEMENT = (Status.AGREED, Status.VERIFIED, Status.AUTHORISED, Status.INDUCTED)
"""The person agreed, and has not started yet."""


class Deployment(Part):
    """One move as it stands."""

    status: Status
    since: date
    person_id: UUID
    home: str
    host: str
    basis: Basis
    soc2020: str
    need_id: UUID | None
    title: str
    starts_on: date
    last_day: date
    pattern: tuple[Shift, ...]
    weekly_hours: float
    home_hours: float
    covers_strike: bool
    own: Own
    proposed_on: date
    booked: bool = False
    """Whether the person's time up to the last day is taken."""
    checks: tuple[CheckSeen, ...] = ()
    authorised: tuple[Side, ...] = ()
    recharge: Recharge | None = None
    """What the two sides agreed that the hours cost."""
    started_on: date | None = None
    warned: tuple[str, ...] = ()
    """The checks of which somebody was told that they end in the middle."""
    cover_ends: date | None = None
    stopped: str | None = None
    """Why the person does not work for the host for the time being."""
    reason: str | None = None

    def meets(self, other: "Deployment") -> bool:
        """Whether the two are at the same time, on whatever days of the week."""
        return self.starts_on <= other.last_day and other.starts_on <= self.last_day

    @property
    def next_to_end(self) -> CheckSeen | None:
        """The check that ends first of those that end before the move does, and of which nobody was told."""
        ending = [
            check
            for check in self.checks
            if check.valid_until is not None and check.valid_until < self.last_day and check.kind not in self.warned
        ]
        return min(ending, key=lambda check: (check.valid_until or date.max, check.kind), default=None)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAgreement(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyChecks(Command):
    verified_by: PartnerId
    checks: Annotated[tuple[CheckSeen, ...], Field(min_length=1, max_length=12)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise(Command):
    side: Side
    authorised_by: Code
    indemnity: Code
    data_basis: Code
    recharge: Recharge
    home: tuple[Signature, ...] = ()
    host: tuple[Signature, ...] = ()
    """What the two organisations signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Induct(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn(Command):
    """A check ends soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(Command):
    ends_on: BusinessDate
    others: tuple[Deployment, ...] = ()
    home: tuple[Signature, ...] = ()
    host: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseCover(Command):
    """One of the two organisations leaves the framework."""

    organisation: str
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCover(Command):
    """Its last day in the framework is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopNow(Command):
    """A registration was restricted, or a concern raised."""

    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftStop(Command):
    pass


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
    Propose, Match, Agree, WithdrawAgreement, VerifyChecks, Authorise, Induct, Start, Warn, Extend,
    StopNow, LiftStop, LoseCover, EndCover, Complete, Recall, EndEarly, Cancel,
)  # fmt: skip
DeploymentFact: TypeAlias = (
    DeploymentProposed | DeploymentMatched | DeploymentAgreed | AgreementWithdrawn | ChecksVerified | DeploymentAuthorised
    | StaffInducted | StaffSeconded | CheckExpiring | DeploymentExtended | CoverEnds | DeploymentCompleted
    | DeploymentRecalled | DeploymentEndedEarly | DeploymentCancelled | MoveStopped | StopLifted
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PROPOSED: (Match, Cancel),
    Status.MATCHED: (Agree, Cancel),
    Status.AGREED: (VerifyChecks, WithdrawAgreement, Cancel),
    Status.VERIFIED: (VerifyChecks, Authorise, WithdrawAgreement, Cancel),
    Status.AUTHORISED: (VerifyChecks, Induct, Extend, WithdrawAgreement, Cancel),
    Status.INDUCTED: (VerifyChecks, Start, Extend, WithdrawAgreement, Cancel),
    Status.ACTIVE: (VerifyChecks, Extend, Recall, EndEarly),
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


class EndTooFar(Invalid):
    """A move ends, after it has started and within the time that its basis allows."""


class DoubleBooked(Refused):
    """The person's time is booked already: two moves overlap."""


class CheckMissing(Invalid):
    """Identity and the right to work are verified before anybody moves."""


class CheckOver(Invalid):
    """A check is in date on the first day; the right to work on every day."""


class NotInForce(Refused):
    """Both organisations have to be in force under one framework for the whole time."""


class Stopped(Refused):
    """The move is stopped: nothing goes on before that is lifted."""


class TermsDiffer(Invalid):
    """The other side authorised it on other recharge terms: agree on them first."""


class NotYet(Invalid):
    """It does not start before its first day, nor after its last."""


class LastDayOver(Invalid):
    """The last day lies between the first day and the day that was agreed."""


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
            return [DeploymentMatched(**_of(move, day_of(command, now, after=move.since)))]
        case Agree(others=others), Deployment(status=Status.MATCHED):
            _refuse_hours(move, others)
            return [DeploymentAgreed(**_of(move, day_of(command, now, after=move.since)))]
        case WithdrawAgreement(), _ if move.status in WITH_AGREEMENT:
            return [AgreementWithdrawn(**_of(move, day_of(command, now, after=move.since)))]
        case VerifyChecks(), _ if move.status in (*WITH_AGREEMENT, Status.ACTIVE):
            return _verified(command, move, day_of(command, now, after=move.since))
        case Authorise(side=side), Deployment(status=Status.VERIFIED | Status.AUTHORISED) if side in move.authorised:
            return []
        case Authorise(), Deployment(status=Status.VERIFIED):
            return [_authorised(command, move, day_of(command, now, after=move.since))]
        case Induct(), Deployment(status=Status.AUTHORISED):
            return [StaffInducted(**_of(move, day_of(command, now, after=move.since)))]
        case Start(), Deployment(status=Status.INDUCTED):
            day = day_of(command, now, after=move.since)
            _refuse_stopped(move)
            if not move.starts_on <= day <= move.last_day:
                raise NotYet(field="occurred_on")
            return [StaffSeconded(**_of(move, day), ends_on=move.last_day, weekly_hours=move.weekly_hours)]
        case StopNow(reason=reason), Deployment(stopped=None) if move.status in LIVE:
            return [MoveStopped(**_of(move, max(day_of(command, now), move.since)), reason=reason)]
        case LiftStop(), Deployment(stopped=str()) if move.status in LIVE:
            return [StopLifted(**_of(move, day_of(command, now, after=move.since)))]
        case Extend(), Deployment(status=Status.AUTHORISED | Status.INDUCTED | Status.ACTIVE):
            return _extended(command, move, day_of(command, now, after=move.since))
        case LoseCover(organisation=organisation, last_day=last), _ if move.status in LIVE:
            if last >= move.last_day or (move.cover_ends is not None and move.cover_ends <= last):
                return []
            day = max(day_of(command, now), move.since)
            return [CoverEnds(**_of(move, day), organisation=organisation, last_day=last)]
        case EndCover(), Deployment(cover_ends=date() as last) if move.status in LIVE:
            if now < step.end_of(last):
                return []
            return [_without_cover(move, max(last, move.since))]
        case Warn(), Deployment(status=Status.ACTIVE):
            return _expiring(move, now)
        case Complete(), Deployment(status=Status.ACTIVE):
            if now < step.end_of(move.last_day):
                return []
            return [DeploymentCompleted(**_of(move, max(move.last_day + DAY, move.since)))]
        case Recall(reason=reason), Deployment(status=Status.ACTIVE):
            return [DeploymentRecalled(**_of(move, _last_day(command, move, now)), reason=reason)]
        case EndEarly(ended_by=by, reason=reason), Deployment(status=Status.ACTIVE):
            return [DeploymentEndedEarly(**_of(move, _last_day(command, move, now)), ended_by=by, reason=reason)]
        case Cancel(reason=reason), _ if move.status in BEFORE_THE_FIRST_DAY:
            return [DeploymentCancelled(**_of(move, day_of(command, now, after=move.since)), reason=reason)]

        case Match(), Deployment(status=Status.MATCHED):
            return []
        case Agree(), _ if move.status in WITH_AGREEMENT:
            return []
        case Induct(), Deployment(status=Status.INDUCTED):
            return []
        case Start(), Deployment(status=Status.ACTIVE):
            return []
        case Recall(reason=reason), Deployment(status=Status.RECALLED, reason=said) if reason == said:
            return []
        case EndEarly(reason=reason), Deployment(status=Status.ENDED_EARLY, reason=said) if reason == said:
            return []
        case Cancel(reason=reason), Deployment(status=Status.CANCELLED, reason=said) if reason == said:
            return []
        case ((LoseCover() | EndCover() | Warn() | Complete() | StopNow()), _):
            return []
        case _:
            raise NotInThisState(state=move.status, allowed=allowed(move))


def evolve(move: Deployment | None, fact: Fact) -> Deployment:
    """The move after a fact. Raises CannotFollow."""
    match move, fact:
        case None, DeploymentProposed():
            return Deployment(
                status=Status.PROPOSED, since=fact.occurred_on, person_id=fact.person_id, home=fact.home, host=fact.host,
                basis=fact.basis, soc2020=fact.soc2020, need_id=fact.need_id, title=fact.title, starts_on=fact.starts_on,
                last_day=fact.ends_on, pattern=fact.pattern, weekly_hours=fact.weekly_hours, home_hours=fact.home_hours,
                covers_strike=fact.covers_strike, own=fact.own, proposed_on=fact.occurred_on,
            )  # fmt: skip
        case Deployment(status=Status.PROPOSED), DeploymentMatched(occurred_on=day):
            return changed(move, status=Status.MATCHED, since=day)
        case Deployment(status=Status.MATCHED), DeploymentAgreed(occurred_on=day):
            return changed(move, status=Status.AGREED, since=day, booked=True)
        case Deployment(), AgreementWithdrawn(occurred_on=day) if move.status in WITH_AGREEMENT:
            return changed(
                move, status=Status.MATCHED, since=day, booked=False, checks=(), authorised=(), recharge=None
            )
        case Deployment(), ChecksVerified(occurred_on=day) if move.status in (*WITH_AGREEMENT, Status.ACTIVE):
            status = Status.VERIFIED if move.status is Status.AGREED else move.status
            checks = _with(move.checks, fact.checks)
            warned = tuple(check.kind for check in checks if check in move.checks and check.kind in move.warned)
            return changed(move, status=status, since=day, checks=checks, warned=warned)
        case Deployment(status=Status.VERIFIED), DeploymentAuthorised(side=side) if side not in move.authorised:
            both = (*move.authorised, side)
            status = Status.AUTHORISED if len(both) == len(Side) else Status.VERIFIED
            return changed(move, status=status, since=fact.occurred_on, authorised=both, recharge=fact.recharge)
        case Deployment(status=Status.AUTHORISED), StaffInducted(occurred_on=day):
            return changed(move, status=Status.INDUCTED, since=day)
        case Deployment(status=Status.INDUCTED), StaffSeconded(occurred_on=day) if day <= move.last_day:
            return changed(move, status=Status.ACTIVE, since=day, started_on=day)
        case Deployment(status=Status.ACTIVE), CheckExpiring(kind=kind) if kind not in move.warned:
            return changed(move, since=fact.occurred_on, warned=(*move.warned, kind))
        case Deployment(status=Status.AUTHORISED | Status.INDUCTED | Status.ACTIVE), DeploymentExtended(ends_on=last):
            return changed(move, since=fact.occurred_on, last_day=last)
        case Deployment(), CoverEnds(last_day=last) if move.status in LIVE and last < move.last_day:
            return changed(move, since=fact.occurred_on, cover_ends=last)
        case Deployment(stopped=None), MoveStopped(occurred_on=day) if move.status in LIVE:
            return changed(move, since=day, stopped=fact.reason)
        case Deployment(stopped=str()), StopLifted(occurred_on=day) if move.status in LIVE:
            return changed(move, since=day, stopped=None)
        case Deployment(status=Status.ACTIVE), DeploymentCompleted(occurred_on=day) if day > move.last_day:
            return changed(move, status=Status.COMPLETED, since=day)
        case Deployment(status=Status.ACTIVE), DeploymentRecalled(occurred_on=day) if day <= move.last_day:
            return changed(move, status=Status.RECALLED, since=day, last_day=day, reason=fact.reason)
        case Deployment(status=Status.ACTIVE), DeploymentEndedEarly(occurred_on=day) if day <= move.last_day:
            return changed(move, status=Status.ENDED_EARLY, since=day, last_day=day, reason=fact.reason)
        case Deployment(), DeploymentCancelled(occurred_on=day) if move.status in BEFORE_THE_FIRST_DAY:
            return changed(move, status=Status.CANCELLED, since=day, booked=False, reason=fact.reason)
        case _:
            raise CannotFollow(fact, move)


def allowed(move: Deployment | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    if move is None:
        return step.names((Propose,))
    stop: tuple[type[Command], ...] = (StopNow if move.stopped is None else LiftStop,) if move.status in LIVE else ()
    return step.names((*ALLOWED[move.status], *stop))


def deadlines(move: Deployment) -> Mapping[str, datetime]:
    """A move is over when its last day is; before, somebody is told of a check that ends, and it does not outlive its cover."""
    found: dict[str, datetime] = {}
    if move.status is Status.ACTIVE:
        found["complete"] = step.end_of(move.last_day)
        if (ending := move.next_to_end) is not None and ending.valid_until is not None:
            found[f"warn-{ending.kind}"] = step.start_of(ending.valid_until - WARNING)
    if move.status in LIVE and move.cover_ends is not None:
        found["end-cover"] = step.end_of(move.cover_ends)
    return found


def due(name: str, move: Deployment) -> Command:
    """The command of a deadline."""
    match name:
        case "complete":
            return Complete()
        case "end-cover":
            return EndCover()
        case _:
            return Warn()


def waiting(move: Deployment) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    found: list[Waiting] = []
    match move.status:
        case Status.PROPOSED:
            found.append(Waiting("host", "take-up-or-cancel", move.since))
        case Status.MATCHED:
            found.append(Waiting("person", "agree", move.since))
        case Status.AGREED:
            found.append(Waiting("home", "verify-checks", move.since))
        case Status.VERIFIED:
            found += [Waiting(side, f"authorise-{side}", move.since) for side in Side if side not in move.authorised]
        case Status.AUTHORISED:
            found.append(Waiting("host", "induct", move.since))
        case Status.INDUCTED:
            found.append(Waiting("host", "say-whether-started", move.starts_on))
        case _:
            pass
    if move.status is Status.ACTIVE:
        found += [Waiting("home", f"renew-{kind}", move.since) for kind in move.warned]
    if move.status in LIVE and move.stopped is not None:
        found.append(Waiting("host", "keep-from-work", move.since))
        found.append(Waiting("coordinator", "settle-what-stopped-it", move.since))
    if move.status in LIVE and move.cover_ends is not None:
        found.append(Waiting("coordinator", "hand-over-or-end", move.since))
    return tuple(found)


class _Of(TypedDict):
    person_id: UUID
    home: str
    host: str
    basis: Basis
    soc2020: str
    need_id: UUID | None
    occurred_on: date


def _of(move: Deployment, day: date) -> _Of:
    return {
        "person_id": move.person_id, "home": move.home, "host": move.host, "basis": move.basis, "soc2020": move.soc2020,
        "need_id": move.need_id, "occurred_on": day,
    }  # fmt: skip


def _proposed(command: Propose, day: date) -> DeploymentProposed:
    if command.home == command.host:
        raise HomeIsHost(field="home")
    _refuse_end(command.basis, command.starts_on, command.ends_on)
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


def _refuse_end(basis: Basis, first: date, last: date) -> None:
    if not first <= last <= first + LONGEST[basis]:
        raise EndTooFar(f"at most {LONGEST[basis].days} days", field="ends_on")


def _refuse_need(need: Need | None) -> None:
    if need is None:
        return
    if need.status is needs.Status.RAISED:
        raise OwnStaffFirst(f"partners are asked on {need.release_on}", state=need.status)
    if need.status is not needs.Status.RELEASED:
        raise NeedNotOpen(state=need.status)


def _refuse_stopped(move: Deployment) -> None:
    if move.stopped is not None:
        raise Stopped(move.stopped, state=move.status)


def _refuse_hours(move: Deployment, others: Sequence[Deployment]) -> None:
    beside = [other for other in others if other.meets(move)]
    home_hours = max([move.home_hours, *(other.home_hours for other in beside)])
    working_time.refuse([move.pattern, *(other.pattern for other in beside)], home_hours)


def _verified(command: VerifyChecks, move: Deployment, day: date) -> list[DeploymentFact]:
    checks = _with(move.checks, command.checks)
    if move.checks and checks == move.checks:
        return []
    kinds = {check.kind for check in checks}
    if missing := [kind for kind in NEEDED_CHECKS if kind not in kinds]:
        raise CheckMissing(", ".join(missing), field="checks")
    for check in checks:
        needed_until = move.last_day if check.kind == "right-to-work" else max(day, move.starts_on)
        if check.valid_until is not None and check.valid_until < needed_until:
            raise CheckOver(f"{check.kind} ends on {check.valid_until}, needed until {needed_until}", field="checks")
    return [ChecksVerified(**_of(move, day), verified_by=command.verified_by, checks=command.checks)]


def _with(before: Sequence[CheckSeen], seen: Sequence[CheckSeen]) -> tuple[CheckSeen, ...]:
    """The checks, of each kind the one that was seen last, in the order of their kinds."""
    last = {check.kind: check for check in (*before, *seen)}
    return tuple(last[kind] for kind in sorted(last))


def _authorised(command: Authorise, move: Deployment, day: date) -> DeploymentAuthorised:
    _refuse_stopped(move)
    if move.recharge not in (None, command.recharge):
        raise TermsDiffer(field="recharge")
    _refuse_not_in_force(move, command.home, command.host, move.last_day)
    return DeploymentAuthorised(
        **_of(move, day), side=command.side, authorised_by=command.authorised_by, indemnity=command.indemnity,
        data_basis=command.data_basis, recharge=command.recharge,
    )  # fmt: skip


def _refuse_not_in_force(move: Deployment, home: Sequence[Signature], host: Sequence[Signature], last: date) -> None:
    """Both under one framework, on every day from the first to the last."""
    if not in_force_together(home, host, move.starts_on, last):
        raise NotInForce(state=move.status)


def in_force_together(home: Sequence[Signature], host: Sequence[Signature], first: date, last: date) -> bool:
    """Whether there is a framework under which both are in force on every day from a first to a last."""
    both = [{each.framework_id for each in signed if each.in_force(first, last)} for signed in (home, host)]
    return bool(both[0] & both[1])


def _extended(command: Extend, move: Deployment, day: date) -> list[DeploymentFact]:
    if command.ends_on == move.last_day:
        return []
    if command.ends_on < day:
        raise LastDayOver(field="ends_on")
    _refuse_end(move.basis, move.starts_on, command.ends_on)
    if move.covers_strike:
        strike.refuse(move.basis, move.starts_on, command.ends_on, volunteers=True)
    longer = changed(move, last_day=command.ends_on)
    _refuse_hours(longer, command.others)
    _refuse_not_in_force(move, command.home, command.host, command.ends_on)
    right = next((check.valid_until for check in move.checks if check.kind == "right-to-work"), None)
    if right is not None and right < command.ends_on:
        raise CheckOver(f"right-to-work ends on {right}", field="ends_on")
    return [DeploymentExtended(**_of(move, day), ends_on=command.ends_on)]


def _expiring(move: Deployment, now: datetime) -> list[DeploymentFact]:
    ending = move.next_to_end
    if ending is None or ending.valid_until is None or now < step.start_of(ending.valid_until - WARNING):
        return []
    day = max(ending.valid_until - WARNING, move.since)
    return [CheckExpiring(**_of(move, day), kind=ending.kind, valid_until=ending.valid_until)]


def _without_cover(move: Deployment, last: date) -> DeploymentEndedEarly | DeploymentCancelled:
    if move.status is Status.ACTIVE:
        return DeploymentEndedEarly(**_of(move, last), ended_by=EndedBy.FRAMEWORK, reason="not-in-force")
    return DeploymentCancelled(**_of(move, last), reason="not-in-force")


def _last_day(command: Command, move: Deployment, now: datetime) -> date:
    day = day_of(command, now, after=move.since)
    if day > move.last_day:
        raise LastDayOver(field="occurred_on")
    return day
