"""What a person asks beside being erased: that something be put right, or that something stop. It has a month, like an erasure.

What is to be put right is not here: it stands sealed in the vault beside, until it is decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit import step
from kit.errors import NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of, end_of
from people.domain.erasure import OFFICER, OVERDUE, decide_by
from schemas.fact import Fact
from schemas.people import (
    Processing,
    RequestClosed,
    RequestGranted,
    RequestGround,
    RequestMade,
    RequestOverdue,
    RequestRefused,
    Right,
)
from schemas.values import Part

AGGREGATE = "request"


class Status(StrEnum):
    MADE = "made"
    GRANTED = "granted"
    REFUSED = "refused"
    CLOSED = "closed"
    """The person was erased first."""


class Request(Part):
    """One request as it stands."""

    status: Status
    since: date
    person_id: UUID
    right: Right
    about: Processing | None
    made_on: date
    overdue: bool = False
    """Nobody had decided after one month."""
    ground: RequestGround | None = None


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight(Command):
    """Other contacts than those that are held: what they are, the vault keeps beside."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Object(Command):
    person_id: UUID
    about: Processing


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(Command):
    """Do what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Command):
    ground: RequestGround


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    """By an erasure alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Command):
    """By a deadline alone: one month is over."""


COMMANDS = (PutRight, Object, Grant, Refuse, Close, Raise)
RequestFact: TypeAlias = RequestMade | RequestOverdue | RequestGranted | RequestRefused | RequestClosed

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.MADE: (Grant, Refuse),
    Status.GRANTED: (),
    Status.REFUSED: (),
    Status.CLOSED: (),
})  # fmt: skip


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, request: Request | None, now: datetime) -> list[RequestFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, request:
        case PutRight(person_id=person), None:
            return [RequestMade(occurred_on=day_of(command, now), person_id=person, right=Right.RECTIFICATION)]
        case Object(person_id=person, about=about), None:
            day = day_of(command, now)
            return [RequestMade(occurred_on=day, person_id=person, right=Right.OBJECTION, about=about)]
        case _, None:
            raise NotFound

        case Grant(), Request(status=Status.MADE):
            day = day_of(command, now, after=request.since)
            return [RequestGranted(occurred_on=day, **_of(request), about=request.about)]
        case Refuse(ground=ground), Request(status=Status.MADE):
            return [
                RequestRefused(occurred_on=day_of(command, now, after=request.since), **_of(request), ground=ground)
            ]
        case Close(), Request(status=Status.MADE):
            return [RequestClosed(occurred_on=day_of(command, now, after=request.since), **_of(request))]
        case Raise(), Request(status=Status.MADE, overdue=False):
            return [RequestOverdue(occurred_on=day_of(command, now, after=request.since), **_of(request))]

        case Grant(), Request(status=Status.GRANTED):
            return []
        case Refuse(ground=ground), Request(status=Status.REFUSED, ground=said) if ground == said:
            return []
        case ((Close() | Raise()), Request()):
            return []
        case _:
            raise NotInThisState


class Of(TypedDict):
    """What every fact of a request says."""

    person_id: UUID
    right: Right


def _of(request: Request) -> Of:
    return Of(person_id=request.person_id, right=request.right)


def evolve(request: Request | None, fact: Fact) -> Request:
    """The request after a fact. Raises CannotFollow."""
    match request, fact:
        case None, RequestMade(occurred_on=day):
            return Request(
                status=Status.MADE, since=day, person_id=fact.person_id, right=fact.right, about=fact.about, made_on=day
            )
        case Request(status=Status.MADE), RequestOverdue():
            return changed(request, overdue=True)
        case Request(status=Status.MADE), RequestGranted(occurred_on=day):
            return changed(request, status=Status.GRANTED, since=day)
        case Request(status=Status.MADE), RequestRefused(occurred_on=day, ground=ground):
            return changed(request, status=Status.REFUSED, since=day, ground=ground)
        case Request(status=Status.MADE), RequestClosed(occurred_on=day):
            return changed(request, status=Status.CLOSED, since=day)
        case _:
            raise CannotFollow(fact, request)


def allowed(request: Request | None) -> tuple[str, ...]:
    """The commands that somebody may give."""
    return step.names((PutRight, Object) if request is None else ALLOWED[request.status])


def deadlines(request: Request) -> Mapping[str, datetime]:
    """One month, at the end of its last day in Leeds."""
    open_ = request.status is Status.MADE and not request.overdue
    return {OVERDUE: end_of(decide_by(request.made_on))} if open_ else {}


def due(name: str, request: Request) -> Command:
    """The command that a deadline stands for."""
    if name != OVERDUE:
        raise LookupError(name)
    return Raise()


def waiting(request: Request) -> tuple[Waiting, ...]:
    """Who has to do something about it."""
    if request.status is not Status.MADE:
        return ()
    if request.overdue:
        return (Waiting(OFFICER, "request-overdue", decide_by(request.made_on)),)
    return (Waiting(OFFICER, f"decide-{request.right}", request.made_on),)
