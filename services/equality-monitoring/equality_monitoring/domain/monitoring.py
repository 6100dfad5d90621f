"""One person's declaration, from when it is given until it is withdrawn.

After a withdrawal it stays withdrawn: whoever declares again begins another one, under another id. The commands, the refusals
and the machine follow each other in this file; `decide` is the table of what may follow what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, day_of, names
from schemas.equality_monitoring import Declaration, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact
from schemas.values import Part

AGGREGATE = "monitoring"


class Status(StrEnum):
    DECLARED = "declared"
    WITHDRAWN = "withdrawn"


class Monitoring(Part):
    """One declaration as it stands."""

    status: Status
    since: date
    """The day of the last step."""
    person_id: UUID
    declaration: Declaration | None
    """None once it is withdrawn."""


# Commands --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Command):
    person_id: UUID
    declaration: Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Command):
    declaration: Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Command):
    pass


COMMANDS = (Declare, Change, Withdraw)
MonitoringFact: TypeAlias = MonitoringDeclared | MonitoringChanged | MonitoringWithdrawn

ALLOWED: Mapping[Status | None, tuple[type[Command], ...]] = MappingProxyType({
    None: (Declare,),
    Status.DECLARED: (Change, Withdraw),
    Status.WITHDRAWN: (),
})  # fmt: skip


# Refusals --------------------------------------------------------------------------------------------------------------


class NothingDeclared(Invalid):
    """A declaration answers at least one question."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, monitoring: Monitoring | None, now: datetime) -> list[MonitoringFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, monitoring:
        case Declare(person_id=person, declaration=given), None:
            return [
                MonitoringDeclared(person_id=person, occurred_on=day_of(command, now), declaration=_answered(given))
            ]
        case _, None:
            raise NotFound

        case Change(declaration=given), Monitoring(status=Status.DECLARED, declaration=held) if given != held:
            day, person = day_of(command, now, after=monitoring.since), monitoring.person_id
            return [MonitoringChanged(person_id=person, occurred_on=day, declaration=_answered(given))]
        case Withdraw(), Monitoring(status=Status.DECLARED):
            day, person = day_of(command, now, after=monitoring.since), monitoring.person_id
            return [MonitoringWithdrawn(person_id=person, occurred_on=day)]

        case Change(), Monitoring(status=Status.DECLARED):
            return []
        case Withdraw(), Monitoring(status=Status.WITHDRAWN):
            return []
        case _:
            raise NotInThisState


def evolve(monitoring: Monitoring | None, fact: Fact) -> Monitoring:
    """The declaration after a fact. Raises CannotFollow."""
    match monitoring, fact:
        case None, MonitoringDeclared():
            return _standing(fact)
        case Monitoring(status=Status.DECLARED), MonitoringChanged():
            return _standing(fact)
        case Monitoring(status=Status.DECLARED), MonitoringWithdrawn(person_id=person, occurred_on=day):
            return Monitoring(status=Status.WITHDRAWN, since=day, person_id=person, declaration=None)
        case _:
            raise CannotFollow(fact, monitoring)


def allowed(monitoring: Monitoring | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return names(ALLOWED[None if monitoring is None else monitoring.status])


def _standing(fact: MonitoringDeclared | MonitoringChanged) -> Monitoring:
    return Monitoring(
        status=Status.DECLARED, since=fact.occurred_on, person_id=fact.person_id, declaration=fact.declaration
    )


def _answered(declaration: Declaration) -> Declaration:
    if declaration.empty:
        raise NothingDeclared(field="declaration")
    return declaration
