"""Staff that an organisation needs for a time: asked of its own people first, then of its partners.

A place is filled when somebody starts, not when they are put forward, and is a gap again when they leave it before its last day.
"""

from collections.abc import Mapping
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
from schemas.mobility import (
    FilledBy,
    Level,
    NeedClosed,
    NeedFilled,
    NeedRaised,
    NeedReason,
    NeedReleased,
    NeedReopened,
    NeedWithdrawn,
)
from schemas.values import BusinessDate, Code, Label, Part, PartnerId, Soc2020, WeeklyHours

AGGREGATE = "need"


class Status(StrEnum):
    RAISED = "raised"
    RELEASED = "released"
    FILLED = "filled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OPEN = (Status.RAISED, Status.RELEASED)


class Need(Part):
    """One need as it stands."""

    status: Status
    since: date
    organisation: str
    title: str
    soc2020: str
    level: int
    place: str
    weekly_hours: float
    people: int
    starts_on: date
    ends_on: date
    reason: NeedReason
    covers_strike: bool
    release_on: date
    raised_on: date
    released_on: date | None = None
    by_own_staff: int = 0
    filled_by: tuple[UUID, ...] = ()
    """The moves that filled a place, in their order."""
    why: str | None = None

    @property
    def filled(self) -> int:
        return self.by_own_staff + len(self.filled_by)


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Command):
    organisation: PartnerId
    title: Label
    soc2020: Soc2020
    level: Level
    place: Code
    weekly_hours: WeeklyHours
    people: Annotated[int, Field(ge=1, le=200)]
    starts_on: BusinessDate
    ends_on: BusinessDate
    reason: NeedReason
    release_on: BusinessDate
    covers_strike: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class FillWithOwn(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill(Command):
    deployment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Command):
    """Whoever filled a place left it, how, and on which last day."""

    deployment_id: UUID
    left: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut(Command):
    """The last day is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseInTime(Command):
    """The day on which partners are asked has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    why: Code


COMMANDS = (Raise, Release, ReleaseInTime, FillWithOwn, Fill, Reopen, Close, RunOut, Withdraw)
NeedFact: TypeAlias = NeedRaised | NeedReleased | NeedFilled | NeedReopened | NeedClosed | NeedWithdrawn

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.RAISED: (Release, FillWithOwn, Close, Withdraw),
    Status.RELEASED: (FillWithOwn, Close, Withdraw),
    Status.FILLED: (Close,),
    Status.CLOSED: (),
    Status.WITHDRAWN: (),
})  # fmt: skip
"""What somebody may do. A place is filled by a partner's member of staff when their move starts."""


# Refusals --------------------------------------------------------------------------------------------------------------


class EndsBeforeItStarts(Invalid):
    """It ends before it starts."""


class ReleasedTooLate(Invalid):
    """Partners are asked before the need is over, and not before it is raised."""


class StrikeIsTheReason(Invalid):
    """The work of people on strike is needed because of industrial action, and for no other reason."""


class NoPlaceLeft(Refused):
    """Every place is filled: put right how many people are needed, or cancel the move of who comes beside them."""


class StrikeCoverUnderWay(Refused):
    """Moves for this need were put forward under the rules of other work: cancel them first, or raise another need."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, need: Need | None, now: datetime) -> list[NeedFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, need:
        case Raise(), None:
            return [_raised(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Release(), Need(status=Status.RAISED):
            return [NeedReleased(**_of(need, day_of(command, now, after=need.since)))]
        case ReleaseInTime(), Need(status=Status.RAISED):
            if now < step.start_of(need.release_on):
                return []
            return [NeedReleased(**_of(need, max(need.release_on, need.since)))]
        case FillWithOwn(), Need(status=Status.RAISED | Status.RELEASED):
            day = day_of(command, now, after=need.since)
            filled = need.filled + 1
            return [NeedFilled(**_of(need, day), filled_by=FilledBy.OWN_STAFF, people=need.people, filled=filled)]
        case Fill(deployment_id=deployment_id), _ if deployment_id in need.filled_by:
            return []
        case Fill(), Need(status=Status.RELEASED | Status.CLOSED) if need.filled < need.people:
            return [_filled(command, need, day_of(command, now))]
        case Fill(), Need(status=Status.FILLED | Status.CLOSED):
            raise NoPlaceLeft
        case FillWithOwn(), Need(status=Status.FILLED):
            raise NoPlaceLeft
        case Reopen(deployment_id=who), Need(status=Status.RELEASED | Status.FILLED) if who in need.filled_by:
            return _reopened(command, need, day_of(command, now))
        case Close(), Need(status=Status.RAISED | Status.RELEASED | Status.FILLED):
            day = day_of(command, now, after=need.since)
            return [NeedClosed(**_of(need, day), people=need.people, filled=need.filled)]
        case RunOut(), Need(status=Status.RAISED | Status.RELEASED | Status.FILLED):
            if now < step.end_of(need.ends_on):
                return []
            day = max(need.ends_on + timedelta(days=1), need.since)
            return [NeedClosed(**_of(need, day), people=need.people, filled=need.filled)]
        case Withdraw(why=why), Need(status=Status.RAISED | Status.RELEASED):
            return [NeedWithdrawn(**_of(need, day_of(command, now, after=need.since)), why=why)]

        case Release(), Need(status=Status.RELEASED):
            return []
        case Close(), Need(status=Status.CLOSED):
            return []
        case Withdraw(why=why), Need(status=Status.WITHDRAWN, why=said) if why == said:
            return []
        case ((ReleaseInTime() | RunOut() | Reopen()), _):
            return []
        case Fill(), Need(status=Status.WITHDRAWN):
            return []  # nobody is asked for any more, and who was agreed on comes all the same
        case _:
            raise NotInThisState


def evolve(need: Need | None, fact: Fact) -> Need:
    """The need after a fact. Raises CannotFollow."""
    match need, fact:
        case None, NeedRaised():
            return Need(
                status=Status.RAISED, since=fact.occurred_on, organisation=fact.organisation, title=fact.title,
                soc2020=fact.soc2020, level=fact.level, place=fact.place, weekly_hours=fact.weekly_hours,
                people=fact.people, starts_on=fact.starts_on, ends_on=fact.ends_on, reason=fact.reason,
                covers_strike=fact.covers_strike, release_on=fact.release_on, raised_on=fact.occurred_on,
            )  # fmt: skip
        case Need(status=Status.RAISED), NeedReleased(occurred_on=day):
            return changed(need, status=Status.RELEASED, since=day, released_on=day)
        case Need(), NeedFilled(filled_by=by) if need.status in (*OPEN, Status.CLOSED) and need.filled < need.people:
            took = (
                {"by_own_staff": need.by_own_staff + 1}
                if by is FilledBy.OWN_STAFF
                else {"filled_by": (*need.filled_by, fact.deployment_id)}
            )
            full = need.filled + 1 == need.people and need.status is not Status.CLOSED
            since = max(need.since, fact.occurred_on)
            return changed(need, since=since, status=Status.FILLED if full else need.status, **took)
        case Need(), NeedReopened(deployment_id=who) if who in need.filled_by:
            left = tuple(each for each in need.filled_by if each != who)
            status = Status.RELEASED if need.status is Status.FILLED else need.status
            return changed(need, since=max(need.since, fact.occurred_on), status=status, filled_by=left)
        case Need(status=Status.RAISED | Status.RELEASED | Status.FILLED), NeedClosed(occurred_on=day):
            return changed(need, status=Status.CLOSED, since=day)
        case Need(status=Status.RAISED | Status.RELEASED), NeedWithdrawn(occurred_on=day):
            return changed(need, status=Status.WITHDRAWN, since=day, why=fact.why)
        case _:
            raise CannotFollow(fact, need)


def allowed(need: Need | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Raise,) if need is None else ALLOWED[need.status])


def deadlines(need: Need) -> Mapping[str, datetime]:
    """Partners are asked on the day that was named; the need is over when its last day is."""
    found: dict[str, datetime] = {}
    if need.status is Status.RAISED:
        found["release"] = step.start_of(need.release_on)
    if need.status in (*OPEN, Status.FILLED):
        found["run-out"] = step.end_of(need.ends_on)
    return found


def due(name: str, need: Need) -> Command:
    """The command of a deadline."""
    return ReleaseInTime() if name == "release" else RunOut()


def waiting(need: Need) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    match need.status:
        case Status.RAISED:
            return (Waiting("organisation", "ask-own-staff", need.since),)
        case Status.RELEASED:
            return (Waiting("coordinator", "find-staff", need.since),)
        case _:
            return ()


class _Of(TypedDict):
    organisation: str
    soc2020: str
    reason: NeedReason
    occurred_on: date


def _of(need: Need, day: date) -> _Of:
    return {"organisation": need.organisation, "soc2020": need.soc2020, "reason": need.reason, "occurred_on": day}


def _raised(command: Raise, day: date) -> NeedRaised:
    raised = NeedRaised(
        occurred_on=day, organisation=command.organisation, soc2020=command.soc2020, reason=command.reason,
        title=command.title, level=command.level, place=command.place, weekly_hours=command.weekly_hours,
        people=command.people, starts_on=command.starts_on, ends_on=command.ends_on,
        covers_strike=command.covers_strike, release_on=command.release_on,
    )  # fmt: skip
    refuse_unsound(raised)
    return raised


def refuse_unsound(fact: NeedRaised) -> None:
    """Raises Refused for a need that makes no sense, said or put right."""
    if fact.ends_on < fact.starts_on or fact.ends_on < fact.occurred_on:
        raise EndsBeforeItStarts(field="ends_on")
    if not fact.occurred_on <= fact.release_on <= fact.ends_on:
        raise ReleasedTooLate(field="release_on")
    if fact.covers_strike and fact.reason is not NeedReason.INDUSTRIAL_ACTION:
        raise StrikeIsTheReason(field="covers_strike")


def _reopened(command: Reopen, need: Need, last_day: date) -> list[NeedFact]:
    """Nothing, where the place was left with the need's own last day."""
    if last_day >= need.ends_on:
        return []
    return [
        NeedReopened(
            **_of(need, last_day),
            deployment_id=command.deployment_id,
            left=command.left,
            people=need.people,
            filled=need.filled - 1,
        )
    ]


def _filled(command: Fill, need: Need, day: date) -> NeedFilled:
    return NeedFilled(
        **_of(need, day),
        filled_by=FilledBy.PARTNER,
        deployment_id=command.deployment_id,
        people=need.people,
        filled=need.filled + 1,
    )
