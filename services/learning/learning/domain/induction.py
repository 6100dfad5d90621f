"""An organisation's induction: what its starters, or its movers, learn first, and by when: they are enrolled in it, less what is
portable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.learning import InductionRetired, InductionSet
from schemas.values import Code, Part, PartnerId, Sector, Soc2020

AGGREGATE = "induction"


class Status(StrEnum):
    STANDING = "standing"
    RETIRED = "retired"


class Induction(Part):
    """One induction as it stands."""

    status: Status
    since: date
    organisation: str
    sector: Sector
    soc2020: str | None
    movers: bool = False
    courses: tuple[UUID, ...]
    within_days: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Command):
    organisation: PartnerId
    sector: Sector
    soc2020: Soc2020 | None = None
    movers: bool = False
    """Whether it is for other organisations' staff who come to work here, or for the employer's own."""
    courses: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]
    within_days: Annotated[int, Field(ge=0, le=366)] = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Command):
    """Other courses, or more time for them: for whoever starts from now on."""

    courses: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]
    within_days: Annotated[int, Field(ge=0, le=366)] = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire(Command):
    reason: Code


COMMANDS = (Set, Change, Retire)
InductionFact: TypeAlias = InductionSet | InductionRetired

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.STANDING: (Change, Retire),
    Status.RETIRED: (),
})  # fmt: skip


class CourseNamedTwice(Invalid):
    """A course is named once."""


class AlreadySet(Refused):
    """The employer has an induction for this kind of work: change it."""


def decide(command: Command, induction: Induction | None, now: datetime) -> list[InductionFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, induction:
        case Set(), None:
            set_ = InductionSet(
                occurred_on=day_of(command, now), organisation=command.organisation, sector=command.sector,
                soc2020=command.soc2020, movers=command.movers or None, courses=command.courses,
                within_days=command.within_days,
            )  # fmt: skip
            return [_sound(set_)]
        case _, None:
            raise NotFound

        case Change(courses=courses, within_days=days), Induction(status=Status.STANDING):
            if (courses, days) == (induction.courses, induction.within_days):
                return []
            set_ = InductionSet(
                occurred_on=day_of(command, now, after=induction.since), organisation=induction.organisation,
                sector=induction.sector, soc2020=induction.soc2020, movers=induction.movers or None,
                courses=courses, within_days=days,
            )  # fmt: skip
            return [_sound(set_)]
        case Retire(reason=reason), Induction(status=Status.STANDING):
            day = day_of(command, now, after=induction.since)
            return [InductionRetired(occurred_on=day, organisation=induction.organisation, reason=reason)]

        case Retire(reason=reason), Induction(status=Status.RETIRED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def evolve(induction: Induction | None, fact: Fact) -> Induction:
    """The induction after a fact. Raises CannotFollow."""
    match induction, fact:
        case None, InductionSet():
            return Induction(
                status=Status.STANDING, since=fact.occurred_on, organisation=fact.organisation, sector=fact.sector,
                soc2020=fact.soc2020, movers=bool(fact.movers), courses=fact.courses, within_days=fact.within_days,
            )  # fmt: skip
        case Induction(status=Status.STANDING), InductionSet():
            return changed(induction, since=fact.occurred_on, courses=fact.courses, within_days=fact.within_days)
        case Induction(status=Status.STANDING), InductionRetired(occurred_on=day, reason=reason):
            return changed(induction, status=Status.RETIRED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, induction)


def _sound(fact: InductionSet) -> InductionSet:
    refuse_unsound(fact)
    return fact


def refuse_unsound(fact: InductionSet) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if len(set(fact.courses)) < len(fact.courses):
        raise CourseNamedTwice(field="courses")


def allowed(induction: Induction | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Set,) if induction is None else ALLOWED[induction.status])


def deadlines(induction: Induction) -> Mapping[str, datetime]:
    """It stands until somebody retires it."""
    return {}


def due(name: str, induction: Induction) -> Command:
    """Never asked: an induction has no deadlines."""
    raise LookupError(name)


def waiting(induction: Induction) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it."""
    return ()
