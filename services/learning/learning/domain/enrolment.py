"""An enrolment: somebody is to learn a course, alone and online, or as soon as a cohort of it has a place for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, NotInThisState, Waiting, changed, day_of
from learning.domain.course import Course
from learning.domain.course import Status as CourseStatus
from schemas.fact import Fact
from schemas.learning import (
    Category,
    EnrolledFor,
    EnrolmentEnd,
    EnrolmentEnded,
    LearnerEnrolled,
    LearnerKind,
    LearningCompleted,
    Programme,
)
from schemas.values import Part, PartnerId, Sector

AGGREGATE = "enrolment"


class Status(StrEnum):
    ENROLLED = "enrolled"
    COMPLETED = "completed"
    ENDED = "ended"


class Enrolment(Part):
    """One enrolment as it stands."""

    status: Status
    since: date
    course_id: UUID
    category: Category
    programme: Programme
    person_id: UUID
    organisation: str
    sector: Sector
    learner_kind: LearnerKind
    online: bool
    why: EnrolledFor
    due_on: date | None
    reason: EnrolmentEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol(Command):
    course_id: UUID
    course: Course
    person_id: UUID
    organisation: PartnerId
    sector: Sector
    learner_kind: LearnerKind = LearnerKind.WORKFORCE
    why: EnrolledFor = EnrolledFor.OWN_CHOICE
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Command):
    """The learner completed it by themselves: of a course that is learned online."""

    course: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Command):
    reason: EnrolmentEnd


COMMANDS = (Enrol, Complete, End)
EnrolmentFact: TypeAlias = LearnerEnrolled | LearningCompleted | EnrolmentEnded

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.ENROLLED: (Complete, End),
    Status.COMPLETED: (),
    Status.ENDED: (),
})  # fmt: skip


class AlreadyEnrolled(Refused):
    """The learner is enrolled in this course for this organisation."""


class AlreadyCompleted(Refused):
    """The learner completed this course for this organisation on that day."""


class CourseRetired(Refused):
    """The course has left the catalogue."""


class HeldInCohorts(Invalid):
    """Who completed a course that is held in cohorts, their registers say."""


def decide(command: Command, enrolment: Enrolment | None, now: datetime) -> list[EnrolmentFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, enrolment:
        case Enrol(course=course), None:
            refuse_retired(course)
            return [
                LearnerEnrolled(
                    occurred_on=day_of(command, now), course_id=command.course_id, category=course.category,
                    programme=course.programme, person_id=command.person_id, organisation=command.organisation,
                    sector=command.sector, learner_kind=command.learner_kind, online=course.online, why=command.why,
                    due_on=command.due_on,
                )
            ]  # fmt: skip
        case _, None:
            raise NotFound

        case Complete(course=course), Enrolment(status=Status.ENROLLED):
            if not enrolment.online:
                raise HeldInCohorts(field="id")
            # whom an employer enrols may have learned it before their first day
            after = None if enrolment.why is EnrolledFor.INDUCTION else enrolment.since
            day = day_of(command, now, after=after)
            return [LearningCompleted(**_of(enrolment), occurred_on=day, title=course.title, hours=course.hours)]
        case End(reason=reason), Enrolment(status=Status.ENROLLED):
            day = day_of(command, now, after=enrolment.since)
            return [EnrolmentEnded(**_of(enrolment), occurred_on=day, reason=reason)]

        case Complete(), Enrolment(status=Status.COMPLETED):
            return []
        case End(reason=reason), Enrolment(status=Status.ENDED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


def refuse_retired(course: Course, field: str | None = None) -> None:
    """Raises CourseRetired."""
    if course.status is not CourseStatus.PUBLISHED:
        raise CourseRetired(state=course.status, field=field)


def evolve(enrolment: Enrolment | None, fact: Fact) -> Enrolment:
    """The enrolment after a fact. Raises CannotFollow."""
    match enrolment, fact:
        case None, LearnerEnrolled():
            return Enrolment(
                status=Status.ENROLLED, since=fact.occurred_on, course_id=fact.course_id, category=fact.category,
                programme=fact.programme, person_id=fact.person_id, organisation=fact.organisation, sector=fact.sector,
                learner_kind=fact.learner_kind, online=fact.online, why=fact.why, due_on=fact.due_on,
            )  # fmt: skip
        case Enrolment(status=Status.ENROLLED), LearningCompleted(occurred_on=day):
            return changed(enrolment, status=Status.COMPLETED, since=day)
        case Enrolment(status=Status.ENROLLED), EnrolmentEnded(occurred_on=day, reason=reason):
            return changed(enrolment, status=Status.ENDED, since=day, reason=reason)
        case _:
            raise CannotFollow(fact, enrolment)


def _of(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "course_id": enrolment.course_id, "category": enrolment.category, "programme": enrolment.programme,
        "person_id": enrolment.person_id, "organisation": enrolment.organisation, "sector": enrolment.sector,
        "learner_kind": enrolment.learner_kind,
    }  # fmt: skip


def allowed(enrolment: Enrolment | None) -> tuple[str, ...]:
    """The commands that would change it."""
    if enrolment is not None and enrolment.status is Status.ENROLLED and not enrolment.online:
        return step.names((End,))
    return step.names((Enrol,) if enrolment is None else ALLOWED[enrolment.status])


def deadlines(enrolment: Enrolment) -> Mapping[str, datetime]:
    """That it is late is asked of a day: nothing falls due by itself."""
    return {}


def due(name: str, enrolment: Enrolment) -> Command:
    """Never asked: an enrolment has no deadlines."""
    raise LookupError(name)


def waiting(enrolment: Enrolment) -> tuple[Waiting, ...]:
    """Whoever learns online has to; for the others somebody finds a place in a cohort."""
    if enrolment.status is not Status.ENROLLED:
        return ()
    return (
        (Waiting("learner", "learn", enrolment.since),)
        if enrolment.online
        else (Waiting("organisation", "book-a-place", enrolment.since),)
    )
