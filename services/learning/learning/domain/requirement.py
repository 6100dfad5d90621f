"""Who must be trained in a core skill: those of one organisation or of all, in one kind of work or in all. A rule that is data.

It may ask for a version of the framework from a day on. Until then training by an older version does, as long as it counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from learning.domain.core_skills import levels_that_do
from schemas.fact import Fact
from schemas.learning import Level, RequirementDropped, Subject, TrainingRequired
from schemas.values import BusinessDate, Code, Part, PartnerId, Soc2020

AGGREGATE = "requirement"


class Status(StrEnum):
    STANDING = "standing"
    DROPPED = "dropped"


class Requirement(Part):
    """One requirement as it stands."""

    status: Status
    since: date
    organisation: str | None
    soc2020: str | None
    subject: Subject
    level: int
    met_by: tuple[int, ...]
    within_days: int
    framework: str | None = None
    framework_from: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Require(Command):
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None
    subject: Subject
    level: Level
    within_days: Annotated[int, Field(ge=0, le=366)] = 28
    framework: Code | None = None
    """The version of the framework by which people are to be trained; none: any."""
    framework_from: BusinessDate | None = None
    """From this day on training by another version no longer does; default: the day of the requirement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Command):
    reason: Code


COMMANDS = (Require, Drop)
RequirementFact: TypeAlias = TrainingRequired | RequirementDropped

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.STANDING: (Drop,),
    Status.DROPPED: (),
})  # fmt: skip


class VersionMissing(Invalid):
    """A day from which a version of the framework is required comes with the version."""


class OtherLevelsDo(Invalid):
    """The levels that do are those that the table names for the level that is asked."""


class AlreadyRequired(Refused):
    """This subject is required of them, perhaps at another level: drop that first."""


def decide(command: Command, requirement: Requirement | None, now: datetime) -> list[RequirementFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, requirement:
        case Require(), None:
            return [_required(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Drop(reason=reason), Requirement(status=Status.STANDING):
            day = day_of(command, now, after=requirement.since)
            return [RequirementDropped(**_of(requirement), occurred_on=day, reason=reason)]

        case Drop(reason=reason), Requirement(status=Status.DROPPED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def _required(command: Require, day: date) -> TrainingRequired:
    version, since = command.framework, command.framework_from
    fact = TrainingRequired(
        occurred_on=day, organisation=command.organisation, soc2020=command.soc2020, subject=command.subject,
        level=command.level, met_by=levels_that_do(command.subject, command.level), within_days=command.within_days,
        framework=version, framework_from=day if version is not None and since is None else since,
    )  # fmt: skip
    refuse_unsound(fact)
    return fact


def refuse_unsound(fact: TrainingRequired) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if fact.framework is None and fact.framework_from is not None:
        raise VersionMissing(field="framework")
    if fact.met_by != levels_that_do(fact.subject, fact.level):
        raise OtherLevelsDo(field="met_by")


def evolve(requirement: Requirement | None, fact: Fact) -> Requirement:
    """The requirement after a fact. Raises CannotFollow."""
    match requirement, fact:
        case None, TrainingRequired():
            return Requirement(
                status=Status.STANDING, since=fact.occurred_on, organisation=fact.organisation, soc2020=fact.soc2020,
                subject=fact.subject, level=fact.level, met_by=fact.met_by, within_days=fact.within_days,
                framework=fact.framework, framework_from=fact.framework_from,
            )  # fmt: skip
        case Requirement(status=Status.STANDING), RequirementDropped(occurred_on=day, reason=reason):
            return changed(requirement, status=Status.DROPPED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, requirement)


def _of(requirement: Requirement) -> dict[str, Any]:
    return {
        "organisation": requirement.organisation, "soc2020": requirement.soc2020, "subject": requirement.subject,
        "level": requirement.level,
    }  # fmt: skip


def allowed(requirement: Requirement | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Require,) if requirement is None else ALLOWED[requirement.status])


def deadlines(requirement: Requirement) -> Mapping[str, datetime]:
    """It stands until somebody drops it."""
    return {}


def due(name: str, requirement: Requirement) -> Command:
    """Never asked: a requirement has no deadlines."""
    raise LookupError(name)


def waiting(requirement: Requirement) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it."""
    return ()
