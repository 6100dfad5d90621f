"""A course of the catalogue: quality-assured, and free to the staff of every partner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from kit import step
from kit.errors import Invalid, NotFound
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from schemas.fact import Fact
from schemas.learning import (
    Category,
    CoursePublished,
    CourseRetired,
    Eligibility,
    Hours,
    Pence,
    Programme,
    Skill,
)
from schemas.values import Code, Label, Part, PartnerId

AGGREGATE = "course"


class Status(StrEnum):
    PUBLISHED = "published"
    RETIRED = "retired"


class Course(Part):
    """One course as it stands."""

    status: Status
    since: date
    title: str
    category: Category
    programme: Programme
    provider: str
    hours: float
    eligibility: Eligibility | None
    seat_pence: int | None
    backfill_pence: int | None
    teaches: Skill | None = None
    online: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Command):
    title: Label
    category: Category
    programme: Programme = Programme.SHORT_COURSE
    provider: PartnerId
    hours: Hours
    eligibility: Eligibility | None = None
    seat_pence: Pence | None = None
    backfill_pence: Pence | None = None
    teaches: Skill | None = None
    online: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire(Command):
    reason: Code


COMMANDS = (Publish, Retire)
CourseFact: TypeAlias = CoursePublished | CourseRetired

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.PUBLISHED: (Retire,),
    Status.RETIRED: (),
})  # fmt: skip


class EligibilityMissing(Invalid):
    """Springboard is for women: a course of it says so."""


def decide(command: Command, course: Course | None, now: datetime) -> list[CourseFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, course:
        case Publish(), None:
            return [_published(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Retire(reason=reason), Course(status=Status.PUBLISHED):
            day = day_of(command, now, after=course.since)
            return [CourseRetired(occurred_on=day, category=course.category, programme=course.programme, reason=reason)]

        case Retire(reason=reason), Course(status=Status.RETIRED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def _published(command: Publish, day: date) -> CoursePublished:
    fact = CoursePublished(
        occurred_on=day,
        title=command.title,
        category=command.category,
        programme=command.programme,
        provider=command.provider,
        hours=command.hours,
        eligibility=command.eligibility,
        seat_pence=command.seat_pence,
        backfill_pence=command.backfill_pence,
        teaches=command.teaches,
        online=command.online or None,
    )
    refuse_unsound(fact)
    return fact


def refuse_unsound(fact: CoursePublished) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    if fact.category is Category.SPRINGBOARD and fact.eligibility is not Eligibility.WOMEN:
        raise EligibilityMissing(field="eligibility")


def evolve(course: Course | None, fact: Fact) -> Course:
    """The course after a fact. Raises CannotFollow."""
    match course, fact:
        case None, CoursePublished():
            return Course(
                status=Status.PUBLISHED,
                since=fact.occurred_on,
                title=fact.title,
                category=fact.category,
                programme=fact.programme,
                provider=fact.provider,
                hours=fact.hours,
                eligibility=fact.eligibility,
                seat_pence=fact.seat_pence,
                backfill_pence=fact.backfill_pence,
                teaches=fact.teaches,
                online=bool(fact.online),
            )
        case Course(status=Status.PUBLISHED), CourseRetired(occurred_on=day, reason=reason):
            return changed(course, status=Status.RETIRED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, course)


def allowed(course: Course | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Publish,) if course is None else ALLOWED[course.status])


def deadlines(course: Course) -> Mapping[str, datetime]:
    """A course stays in the catalogue until somebody retires it."""
    return {}


def due(name: str, course: Course) -> Command:
    """Never asked: a course has no deadlines."""
    raise LookupError(name)


def waiting(course: Course) -> tuple[Waiting, ...]:
    """Nobody has to do anything about it."""
    return ()
