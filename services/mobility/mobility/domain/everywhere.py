"""A stop of a person at every host: it stands, whether or not a move of theirs is live, until a coordinator lifts it.

It is a record of its own. A passport is an employer's: a person may have several, or none, and who says that they stop is often a
host, which writes in none. A move ends, and what was said of the person does not end with it. What one organisation says is one
record, so that it takes back its own word and no other's: the person goes on when the last that stands is lifted.

`deployment` is what it does to a move; `stops` is which reasons are a person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias, TypedDict
from uuid import UUID

from kit import step
from kit.errors import NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.mobility import PersonStopLifted, PersonStopped
from schemas.values import Code, Part

AGGREGATE = "stop"


class Status(StrEnum):
    STANDING = "standing"
    LIFTED = "lifted"


class Stop(Part):
    """One stop as it stands."""

    status: Status
    since: date
    person_id: UUID
    reason: str
    organisation: str | None
    """Who said it; None: the programme."""
    deployment_id: UUID | None
    """The move of which it was said, where it was said of one."""
    why: str | None = None
    """Why it was lifted."""


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Say(Command):
    person_id: UUID
    reason: Code
    organisation: str | None
    deployment_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift(Command):
    """A person says that the reason is gone, and why."""

    why: Code


COMMANDS = (Say, Lift)
StopFact: TypeAlias = PersonStopped | PersonStopLifted

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.STANDING: (Lift,),
    Status.LIFTED: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class StandsAlready(Refused):
    """The same organisation has said the same of this person, for the same move or for none, and it stands."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, stop: Stop | None, now: datetime) -> list[StopFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, stop:
        case Say(), None:
            return [
                PersonStopped(
                    occurred_on=day_of(command, now), person_id=command.person_id, reason=command.reason,
                    organisation=command.organisation, deployment_id=command.deployment_id,
                )
            ]  # fmt: skip
        case _, None:
            raise NotFound

        case Lift(why=why), Stop(status=Status.STANDING):
            return [PersonStopLifted(**_of(stop, day_of(command, now, after=stop.since)), why=why)]

        case Lift(why=why), Stop(status=Status.LIFTED, why=said) if why == said:
            return []
        case _:
            raise NotInThisState


def evolve(stop: Stop | None, fact: Fact) -> Stop:
    """The stop after a fact. Raises CannotFollow."""
    match stop, fact:
        case None, PersonStopped():
            return Stop(
                status=Status.STANDING, since=fact.occurred_on, person_id=fact.person_id, reason=fact.reason,
                organisation=fact.organisation, deployment_id=fact.deployment_id,
            )  # fmt: skip
        case Stop(status=Status.STANDING), PersonStopLifted(occurred_on=day):
            return changed(stop, status=Status.LIFTED, since=day, why=fact.why)
        case _:
            raise CannotFollow(fact, stop)


def allowed(stop: Stop | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Say,) if stop is None else ALLOWED[stop.status])


def deadlines(stop: Stop) -> Mapping[str, datetime]:
    """None: it stands until a person lifts it."""
    return {}


def due(name: str, stop: Stop) -> Command:
    """Never asked: a stop has no deadlines."""
    raise LookupError(name)


def waiting(stop: Stop) -> tuple[Waiting, ...]:
    """A coordinator, however long no move of the person is live."""
    if stop.status is Status.STANDING:
        return (Waiting("coordinator", "settle-what-stopped-it", stop.since),)
    return ()


class _Of(TypedDict):
    person_id: UUID
    reason: str
    organisation: str | None
    deployment_id: UUID | None
    occurred_on: date


def _of(stop: Stop, day: date) -> _Of:
    return {
        "person_id": stop.person_id, "reason": stop.reason, "organisation": stop.organisation,
        "deployment_id": stop.deployment_id, "occurred_on": day,
    }  # fmt: skip
