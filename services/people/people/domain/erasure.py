"""A request to be erased, from when it is made until it is decided. The law gives one month: after it, it raises itself."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from kit import step
from kit.errors import NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, end_of
from schemas.fact import Fact
from schemas.people import (
    ErasureApproved,
    ErasureHeld,
    ErasureOverdue,
    ErasureRefused,
    ErasureReleased,
    ErasureRequested,
    HoldReason,
    RefusalGround,
)
from schemas.values import Part

AGGREGATE = "erasure"
OFFICER = "data-protection-officer"
OVERDUE = "one-month"


class Status(StrEnum):
    REQUESTED = "requested"
    HELD = "held"
    REFUSED = "refused"
    APPROVED = "approved"


class Erasure(Part):
    """One request as it stands."""

    status: Status
    since: date
    person_id: UUID
    requested_on: date
    overdue: bool = False
    """Nobody had decided after one month."""
    hold: HoldReason | None = None
    ground: RefusalGround | None = None


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Command):
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    reason: HoldReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    """The hold is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Command):
    ground: RefusalGround


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Command):
    """Erase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Command):
    """By a deadline alone: one month is over."""


COMMANDS = (Request, Hold, Release, Refuse, Approve, Raise)
ErasureFact: TypeAlias = (
    ErasureRequested | ErasureHeld | ErasureReleased | ErasureOverdue | ErasureRefused | ErasureApproved
)

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.REQUESTED: (Hold, Refuse, Approve),
    Status.HELD: (Release, Refuse),
    Status.REFUSED: (),
    Status.APPROVED: (),
})  # fmt: skip


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, erasure: Erasure | None, now: datetime) -> list[ErasureFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, erasure:
        case Request(person_id=person), None:
            return [ErasureRequested(occurred_on=day_of(command, now), person_id=person)]
        case _, None:
            raise NotFound

        case Hold(reason=reason), Erasure(status=Status.REQUESTED, person_id=person):
            return [ErasureHeld(occurred_on=day_of(command, now, after=erasure.since), person_id=person, reason=reason)]
        case Release(), Erasure(status=Status.HELD, person_id=person):
            return [ErasureReleased(occurred_on=day_of(command, now, after=erasure.since), person_id=person)]
        case Refuse(ground=ground), Erasure(status=Status.REQUESTED | Status.HELD, person_id=person):
            day = day_of(command, now, after=erasure.since)
            return [ErasureRefused(occurred_on=day, person_id=person, ground=ground)]
        case Approve(), Erasure(status=Status.REQUESTED, person_id=person):
            return [ErasureApproved(occurred_on=day_of(command, now, after=erasure.since), person_id=person)]
        case Raise(), Erasure(status=Status.REQUESTED | Status.HELD, overdue=False, person_id=person):
            return [ErasureOverdue(occurred_on=day_of(command, now, after=erasure.since), person_id=person)]

        case Hold(reason=reason), Erasure(status=Status.HELD, hold=held) if reason == held:
            return []
        case Refuse(ground=ground), Erasure(status=Status.REFUSED, ground=said) if ground == said:
            return []
        case Approve(), Erasure(status=Status.APPROVED):
            return []
        case Raise(), Erasure():
            return []
        case _:
            raise NotInThisState


def evolve(erasure: Erasure | None, fact: Fact) -> Erasure:
    """The request after a fact. Raises CannotFollow."""
    match erasure, fact:
        case None, ErasureRequested(occurred_on=day, person_id=person):
            return Erasure(status=Status.REQUESTED, since=day, person_id=person, requested_on=day)
        case Erasure(status=Status.REQUESTED), ErasureHeld(occurred_on=day, reason=reason):
            return changed(erasure, status=Status.HELD, since=day, hold=reason)
        case Erasure(status=Status.HELD), ErasureReleased(occurred_on=day):
            return changed(erasure, status=Status.REQUESTED, since=day, hold=None)
        case Erasure(status=Status.REQUESTED | Status.HELD), ErasureOverdue():
            return changed(erasure, overdue=True)
        case Erasure(status=Status.REQUESTED | Status.HELD), ErasureRefused(occurred_on=day, ground=ground):
            return changed(erasure, status=Status.REFUSED, since=day, ground=ground)
        case Erasure(status=Status.REQUESTED), ErasureApproved(occurred_on=day):
            return changed(erasure, status=Status.APPROVED, since=day)
        case _:
            raise CannotFollow(fact, erasure)


def allowed(erasure: Erasure | None) -> tuple[str, ...]:
    """The commands that somebody may give."""
    return step.names((Request,) if erasure is None else ALLOWED[erasure.status])


def decide_by(requested_on: date) -> date:
    """The corresponding day of the next month; where that month has none, its last."""
    year, month = requested_on.year + requested_on.month // 12, requested_on.month % 12 + 1
    return date(year, month, min(requested_on.day, monthrange(year, month)[1]))


def deadlines(erasure: Erasure) -> Mapping[str, datetime]:
    """One month, at the end of its last day in Leeds. A hold does not stop it: the person is still to be answered."""
    open_ = erasure.status in (Status.REQUESTED, Status.HELD) and not erasure.overdue
    return {OVERDUE: end_of(decide_by(erasure.requested_on))} if open_ else {}


def due(name: str, erasure: Erasure) -> Command:
    """The command that a deadline stands for."""
    if name != OVERDUE:
        raise LookupError(name)
    return Raise()


def waiting(erasure: Erasure) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if erasure.status not in (Status.REQUESTED, Status.HELD):
        return ()
    if erasure.overdue:
        return (Waiting(OFFICER, "erasure-overdue", decide_by(erasure.requested_on)),)
    why = "decide-erasure" if erasure.status is Status.REQUESTED else "release-or-refuse-erasure"
    return (Waiting(OFFICER, why, erasure.requested_on),)
