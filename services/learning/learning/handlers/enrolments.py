"""Inductions, and enrolments: who is to learn which course of the catalogue, and that they did."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from kit import persons
from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for, seeing_everything
from kit.step import Command
from learning import store
from learning.domain import enrolment, induction
from learning.domain.course import Course
from learning.domain.enrolment import Enrolment
from learning.domain.induction import Induction
from learning.handlers import skills
from learning.store import aggregates
from schemas.learning import CourseCompleted, EnrolledFor, EnrolmentEnd, LearnerKind, TrainingSource
from schemas.values import PartnerId, Sector

# Inductions ------------------------------------------------------------------------------------------------------------


async def set_induction(tx: Connection, command: induction.Set, context: Context) -> Kept[Induction]:
    """What an employer's starters learn first: by itself, or by a coordinator."""
    act_for(tx, command.organisation)
    await _know(tx, command.courses)
    return await aggregates.begin(tx, Induction, [command], context)


async def of_induction(
    tx: Connection,
    id_: UUID,
    command: induction.Change | induction.Retire,
    context: Context,
    if_match: int | None = None,
) -> Kept[Induction]:
    """A command to an induction of one's own."""
    row = await aggregates.lock(tx, Induction, id_, if_match)
    act_for(tx, row.standing.organisation)
    if isinstance(command, induction.Change):
        await _know(tx, command.courses)
    return await aggregates.obey(tx, row, [command], context)


async def _know(tx: Connection, courses: tuple[UUID, ...]) -> None:
    """Raises NotFound, CourseRetired: nobody is enrolled in what has left the catalogue."""
    for course_id in courses:
        enrolment.refuse_retired(await aggregates.look(tx, Course, course_id, "courses"), "courses")


# Enrolments ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling(Command):
    """Who wants to learn which course of the catalogue."""

    course_id: UUID
    person_id: UUID
    organisation: PartnerId
    sector: Sector
    learner_kind: LearnerKind = LearnerKind.WORKFORCE


async def enrol(tx: Connection, asked: Enrolling, context: Context, id_: UUID | None = None) -> Kept[Enrolment]:
    """A member of staff of any partner enrols in any course: by their own organisation, or by a coordinator.

    Raises UnknownPerson.
    """
    act_for(tx, asked.organisation)
    await persons.expect(tx, asked.person_id)
    return await begin(tx, asked, context, id_=id_)


async def begin(
    tx: Connection,
    asked: Enrolling,
    context: Context,
    why: EnrolledFor = EnrolledFor.OWN_CHOICE,
    due_on: date | None = None,
    id_: UUID | None = None,
) -> Kept[Enrolment]:
    """Somebody is enrolled, whoever saw to it."""
    command = enrolment.Enrol(
        occurred_on=asked.occurred_on, course_id=asked.course_id,
        course=await aggregates.look(tx, Course, asked.course_id, "course_id"), person_id=asked.person_id,
        organisation=asked.organisation, sector=asked.sector, learner_kind=asked.learner_kind, why=why, due_on=due_on,
    )  # fmt: skip
    return await aggregates.begin(tx, Enrolment, [command], context, id_)


async def complete(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Enrolment]:
    """A course that is learned online was completed; what it teaches goes on the learner's record."""
    row = await aggregates.lock(tx, Enrolment, id_, if_match)
    course = await aggregates.look(tx, Course, row.standing.course_id)
    command = enrolment.Complete(occurred_on=asked.occurred_on, course=course)
    completed = await aggregates.obey(tx, row, [command], context)
    if completed.said and course.teaches is not None:
        learned = completed.standing
        done = skills.Recording(
            occurred_on=learned.since, person_id=learned.person_id, organisation=learned.organisation,
            skill=course.teaches, source=TrainingSource.LEARNING_SYSTEM, aligned=True,
        )  # fmt: skip
        await skills.record_once(tx, completed.said[-1].id, done, context, learned.course_id)
    return completed


async def enrolled_at(tx: Connection, person_id: UUID, course_id: UUID, organisation: str) -> UUID | None:
    """The open enrolment of a person in a course, for an organisation."""
    found = await store.enrolled(tx, person_id, course_id)
    return next((id_ for id_, held in found if held.organisation == organisation), None)


async def enrol_and_complete(tx: Connection, asked: Enrolling, id_: UUID, context: Context) -> Kept[Enrolment]:
    """A course that was completed before anybody was enrolled in it here: both are said."""
    begun = await enrol(tx, asked, context, id_=id_)
    completed = await complete(tx, id_, Command(occurred_on=asked.occurred_on), context)
    return replace(completed, said=(*begun.said, *completed.said))


async def end(
    tx: Connection, id_: UUID, command: enrolment.End, context: Context, if_match: int | None = None
) -> Kept[Enrolment]:
    """An enrolment ends."""
    return await aggregates.act(tx, Enrolment, id_, command, context, if_match)


async def end_completed_in_cohort(tx: Connection, cause: UUID, fact: CourseCompleted, context: Context) -> None:
    """Whoever waited for a place, and completed the course in a cohort, waits no longer."""
    async with seeing_everything(tx):
        for id_, enrolled in await store.enrolled(tx, fact.person_id, fact.course_id):
            day = max(fact.occurred_on, enrolled.since)
            ended = enrolment.End(occurred_on=day, reason=EnrolmentEnd.COMPLETED_IN_COHORT)
            kept = await aggregates.act(tx, Enrolment, id_, ended, replace(context, causation_id=cause))
            await store.follow(tx, cause, kept, enrolment.AGGREGATE)
