"""What a host asks of somebody before they do a kind of work there: checks like for like, and courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.mobility import CheckNeeded, RequirementRetired, RequirementSet, TrainingNeeded
from schemas.values import Code, Part, PartnerId, Soc2020

AGGREGATE = "requirement"

Checks = Annotated[tuple[CheckNeeded, ...], Field(max_length=20)]
Training = Annotated[tuple[TrainingNeeded, ...], Field(max_length=40)]


class Status(StrEnum):
    STANDING = "standing"
    RETIRED = "retired"


class Requirement(Part):
    """What one host asks for one kind of work."""

    status: Status
    since: date
    organisation: str
    soc2020: str
    checks: tuple[CheckNeeded, ...]
    training: tuple[TrainingNeeded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Command):
    organisation: PartnerId
    soc2020: Soc2020
    checks: Checks
    training: Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Command):
    checks: Checks
    training: Training


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire(Command):
    reason: Code


COMMANDS = (Ask, Change, Retire)
RequirementFact: TypeAlias = RequirementSet | RequirementRetired

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.STANDING: (Change, Retire),
    Status.RETIRED: (),
})  # fmt: skip


class AskedTwice(Invalid):
    """Each check and each course is asked for once."""


class AlreadyAsked(Refused):
    """The host has a requirement for this work: change it."""


def decide(command: Command, requirement: Requirement | None, now: datetime) -> list[RequirementFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, requirement:
        case Ask(), None:
            return [_set(command, command.organisation, command.soc2020, day_of(command, now))]
        case _, None:
            raise NotFound

        case Change(checks=checks, training=training), Requirement(status=Status.STANDING):
            if (checks, training) == (requirement.checks, requirement.training):
                return []
            day = day_of(command, now, after=requirement.since)
            return [_set(command, requirement.organisation, requirement.soc2020, day)]
        case Retire(reason=reason), Requirement(status=Status.STANDING):
            day = day_of(command, now, after=requirement.since)
            return [
                RequirementRetired(
                    occurred_on=day, organisation=requirement.organisation, soc2020=requirement.soc2020, reason=reason
                )
            ]

        case Retire(), Requirement(status=Status.RETIRED):
            return []
        case _:
            raise NotInThisState


def evolve(requirement: Requirement | None, fact: Fact) -> Requirement:
    """The requirement after a fact. Raises CannotFollow."""
    match requirement, fact:
        case None, RequirementSet():
            return Requirement(
                status=Status.STANDING, since=fact.occurred_on, organisation=fact.organisation, soc2020=fact.soc2020,
                checks=fact.checks, training=fact.training,
            )  # fmt: skip
        case Requirement(status=Status.STANDING), RequirementSet(occurred_on=day):
            return changed(requirement, since=day, checks=fact.checks, training=fact.training)
        case Requirement(status=Status.STANDING), RequirementRetired(occurred_on=day):
            return changed(requirement, status=Status.RETIRED, since=day)
        case _:
            raise CannotFollow(fact, requirement)


def allowed(requirement: Requirement | None) -> tuple[str, ...]:
    """The commands that somebody may give it."""
    return step.names((Ask,) if requirement is None else ALLOWED[requirement.status])


def deadlines(requirement: Requirement) -> Mapping[str, datetime]:
    """Nothing falls due by itself."""
    return {}


def due(name: str, requirement: Requirement) -> Command:
    """Never asked: a requirement has no deadlines."""
    raise LookupError(name)


def waiting(requirement: Requirement) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it."""
    return ()


def _set(command: Ask | Change, organisation: str, soc2020: str, day: date) -> RequirementSet:
    if len({check.kind for check in command.checks}) < len(command.checks):
        raise AskedTwice(field="checks")
    if len({each.course_id for each in command.training}) < len(command.training):
        raise AskedTwice(field="training")
    return RequirementSet(
        occurred_on=day,
        organisation=organisation,
        soc2020=soc2020,
        checks=command.checks,
        training=command.training,
    )
