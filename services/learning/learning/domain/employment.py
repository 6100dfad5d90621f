"""Somebody's work for an organisation, as the organisation says it: so that it is known who must be trained in what.

Who started through the talent pipeline is known without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from kit import step
from kit.errors import NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.learning import EmploymentBegun, EmploymentEnded
from schemas.values import Part, PartnerId, Soc2020

AGGREGATE = "employment"


class Status(StrEnum):
    WORKING = "working"
    LEFT = "left"


class Employment(Part):
    """One person's work for an organisation as it stands."""

    status: Status
    since: date
    person_id: UUID
    organisation: str
    soc2020: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Command):
    """The first day of it."""

    person_id: UUID
    organisation: PartnerId
    soc2020: Soc2020


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Command):
    """The last day of it."""


COMMANDS = (Begin, End)
EmploymentFact: TypeAlias = EmploymentBegun | EmploymentEnded

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.WORKING: (End,),
    Status.LEFT: (),
})  # fmt: skip


class AlreadyWorks(Refused):
    """The person does this work for the organisation."""


def decide(command: Command, employment: Employment | None, now: datetime) -> list[EmploymentFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, employment:
        case Begin(), None:
            return [
                EmploymentBegun(
                    occurred_on=day_of(command, now), person_id=command.person_id, organisation=command.organisation,
                    soc2020=command.soc2020,
                )
            ]  # fmt: skip
        case _, None:
            raise NotFound

        case End(), Employment(status=Status.WORKING):
            return [EmploymentEnded(**_of(employment), occurred_on=day_of(command, now, after=employment.since))]
        case End(), Employment(status=Status.LEFT):
            return []
        case _:
            raise NotInThisState


def evolve(employment: Employment | None, fact: Fact) -> Employment:
    """The employment after a fact. Raises CannotFollow."""
    match employment, fact:
        case None, EmploymentBegun():
            return Employment(
                status=Status.WORKING, since=fact.occurred_on, person_id=fact.person_id, organisation=fact.organisation,
                soc2020=fact.soc2020,
            )  # fmt: skip
        case Employment(status=Status.WORKING), EmploymentEnded(occurred_on=day):
            return changed(employment, status=Status.LEFT, since=day)
        case _:
            raise CannotFollow(fact, employment)


def _of(employment: Employment) -> dict[str, Any]:
    return {
        "person_id": employment.person_id, "organisation": employment.organisation, "soc2020": employment.soc2020,
    }  # fmt: skip


def allowed(employment: Employment | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Begin,) if employment is None else ALLOWED[employment.status])


def deadlines(employment: Employment) -> Mapping[str, datetime]:
    """It lasts until somebody says that it ended."""
    return {}


def due(name: str, employment: Employment) -> Command:
    """Never asked: an employment has no deadlines."""
    raise LookupError(name)


def waiting(employment: Employment) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it: whose training runs out waits by itself."""
    return ()
