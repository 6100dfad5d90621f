"""Who starts with an employer is enrolled in its induction, less what is portable; who leaves gives the places back.

Whatever becomes of a start (it is voided, comes back, is put right, ends, goes on), the same two things are done: give back what it
left, and enrol anew. Both may be done again and change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from kit import persons, read_back
from kit.aggregates import Row, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import Connection
from kit.ids import new_id
from learning import store
from learning.domain import booking, competence, enrolment, places
from learning.domain.cohort import Cohort
from learning.domain.competence import Competence
from learning.domain.course import Course
from learning.domain.course import Status as CourseStatus
from learning.domain.enrolment import Enrolment
from learning.domain.induction import Induction
from learning.domain.roll import Status
from learning.handlers import enrolments
from learning.store import Starter, aggregates
from schemas.corrections import standing
from schemas.learning import (
    CancellationReason,
    EnrolledFor,
    EnrolmentEnd,
    Ground,
    LearnerBooked,
    LearnerEnrolled,
    LearningWaived,
    OfPlace,
    Skill,
    TopUpAsked,
)
from schemas.values import business_date

FOLLOWS = frozenset({LearnerBooked.TYPE, LearnerEnrolled.TYPE, LearningWaived.TYPE, TopUpAsked.TYPE})
"""What is said of a starter who is enrolled."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A course that a starter has to learn, by when, and the training elsewhere that does for it."""

    course_id: UUID
    course: Course
    induction: Induction
    portable: UUID | None = None


async def enrol(tx: Connection, starter: Starter, context: Context) -> None:
    """Enrol a starter: rows are locked in the order of `store.aggregates`, so what is portable is judged last.

    What was done because of this before a restore is done: it may have gone since, and is not to come back.
    """
    if done := await read_back.because_of(tx, context.causation_id):
        for said in done:
            if said.type in FOLLOWS:
                await store.follow_read_back(tx, starter.event_id, said)
        return
    wanted = [await _portable(tx, starter, each, context.now) for each in await _wanted(tx, starter)]
    learns = [each for each in wanted if each.portable is None]
    today = business_date(context.now)
    in_cohorts = [(await _next_cohort(tx, starter, each, today), each) for each in learns if not each.course.online]
    for cohort_id, each in sorted(((id_, each) for id_, each in in_cohorts if id_), key=lambda found: found[0]):
        await _book(tx, starter, cohort_id, each, context)
    for each in [each for each in learns if each.course.online] + [each for id_, each in in_cohorts if id_ is None]:
        await _enrol(tx, starter, each, context)
    for each in sorted((each for each in wanted if each.portable), key=lambda found: str(found.portable)):
        await _waive(tx, starter, each, context)


async def _wanted(tx: Connection, starter: Starter) -> list[Wanted]:
    """The courses of the employer's inductions that are still in the catalogue, each once."""
    found: dict[UUID, Wanted] = {}
    ids = await persons.one_with(tx, starter.person_id)
    for own in await store.inductions_of(tx, starter.organisation, starter.soc2020, movers=starter.mover):
        for course_id in own.courses:
            course = await aggregates.look(tx, Course, course_id)
            if course.status is CourseStatus.PUBLISHED and course_id not in found:
                found[course_id] = Wanted(course_id, course, own)
    learned = {course.course_id for course in await store.learned(tx, ids, starter.organisation)}
    return [each for course_id, each in sorted(found.items()) if course_id not in learned]


async def _portable(tx: Connection, starter: Starter, wanted: Wanted, now: datetime) -> Wanted:
    """With the training elsewhere that would do, where somebody who was aligned gave it."""
    if wanted.course.teaches is None:
        return wanted
    ids = await persons.one_with(tx, starter.person_id)
    for row in await store.competences_of(tx, ids):
        if not _may_do(row.standing, wanted.course.teaches, starter):
            continue
        judge = await _judge(tx, starter, wanted, row.standing)
        facts = competence.decide(judge, row.standing, now)
        if all(isinstance(fact, LearningWaived | TopUpAsked) for fact in facts):
            return replace(wanted, portable=row.id)
    return wanted


def _may_do(held: Competence, needed: Skill, starter: Starter) -> bool:
    """Whether it is worth judging: not where the employer has rejected it, for it may know why."""
    known = held.judgement(starter.organisation)
    rejected = known is not None and known.outcome is competence.Outcome.REJECTED
    elsewhere = held.organisation != starter.organisation and held.status is not competence.Status.RENEWED
    return elsewhere and not rejected and held.subject is needed.subject and held.since <= starter.started_on


async def _judge(tx: Connection, starter: Starter, wanted: Wanted, held: Competence) -> competence.Judge:
    skill = wanted.course.teaches
    assert skill is not None
    return competence.Judge(
        occurred_on=starter.started_on, host=starter.organisation, skill=skill, ground=Ground.ALIGNMENT,
        rules=await store.rules(tx, skill, starter.organisation, held.since), saved_pence=await store.cost_of(tx, skill),
    )  # fmt: skip


async def _next_cohort(tx: Connection, starter: Starter, wanted: Wanted, today: date) -> UUID | None:
    """The next cohort that begins no earlier than the starter, is still to come, and has a place for them.

    Of a start it may be heard late, and of a cohort that has met the register may still be open.
    """
    for row in await store.cohorts_from(tx, wanted.course_id, max(starter.started_on, today)):
        if row.standing.left(starter.organisation) > 0 or row.standing.live(starter.person_id) is not None:
            return row.id
    return None


async def _book(tx: Connection, starter: Starter, cohort_id: UUID, wanted: Wanted, context: Context) -> None:
    row = await aggregates.lock(tx, Cohort, cohort_id)
    learner = places.Learner(booking_id=new_id(), person_id=starter.person_id)
    command = places.Book(
        occurred_on=None, organisation=starter.organisation, sector=wanted.induction.sector, learners=(learner,)
    )
    booked = await aggregates.obey(tx, row, [command], context)
    await store.follow(tx, starter.event_id, booked, "cohort")


async def _enrol(tx: Connection, starter: Starter, wanted: Wanted, context: Context) -> None:
    if await store.enrolled(tx, starter.person_id, wanted.course_id):
        return
    asked = enrolments.Enrolling(
        occurred_on=starter.started_on, course_id=wanted.course_id, person_id=starter.person_id,
        organisation=starter.organisation, sector=wanted.induction.sector,
    )  # fmt: skip
    due_on = starter.started_on + timedelta(days=wanted.induction.within_days)
    kept = await enrolments.begin(tx, asked, context, EnrolledFor.INDUCTION, due_on)
    await store.follow(tx, starter.event_id, kept, enrolment.AGGREGATE)


async def _waive(tx: Connection, starter: Starter, wanted: Wanted, context: Context) -> None:
    assert wanted.portable is not None
    row = await aggregates.lock(tx, Competence, wanted.portable)
    judge = await _judge(tx, starter, wanted, row.standing)
    judged = await aggregates.obey(tx, row, [judge], context)
    await store.follow(tx, starter.event_id, judged, competence.AGGREGATE)


# Giving back -----------------------------------------------------------------------------------------------------------


async def give_back(tx: Connection, starter: Starter, day: date, context: Context, *, started: bool) -> None:
    """The places that a start left go to others, and enrolments end; `started`: what was waived was rightly so, and stays."""
    if await read_back.because_of(tx, context.causation_id):
        return  # before a restore; what came later may have been given anew
    followed = await _not_wanted(tx, starter, await store.followed(tx, starter.event_id))
    order = {aggregates.name(kind): turn for turn, kind in enumerate(aggregates.machines)}
    for each in sorted(followed, key=lambda found: (order[found.aggregate], found.aggregate_id)):
        match aggregates.kind(each.aggregate):
            case kind if kind is Cohort:
                await _give_place_back(tx, each, day, context)
            case kind if kind is Enrolment:
                await _end(tx, each.aggregate_id, day, context)
            case kind if kind is Competence and not started:
                await aggregates.correct(tx, Competence, each.aggregate_id, Void(each.event_id, FOLLOWED), context)


async def _not_wanted(tx: Connection, starter: Starter, followed: Sequence[store.Followed]) -> list[store.Followed]:
    """What no other work of theirs for the same employer asks for; the rest follows from that work now."""
    others = await store.still_there(tx, await persons.one_with(tx, starter.person_id), starter)
    wanted = [(other, await _courses(tx, other)) for other in others]
    left: list[store.Followed] = []
    for each in followed:
        course_id = await _course_of(tx, each)
        heirs = [other for other, courses in wanted if course_id is None or course_id in courses]
        if heirs:
            await store.hand_over(tx, starter.event_id, each, heirs[0].event_id)
        else:
            left.append(each)
    return left


async def _course_of(tx: Connection, followed: store.Followed) -> UUID | None:
    """The course by which it was to be learned; what was waived is learned by none."""
    row: Row[Cohort] | Row[Enrolment] | None = None
    match aggregates.kind(followed.aggregate):
        case kind if kind is Cohort:
            row = await aggregates.read(tx, Cohort, followed.aggregate_id)
        case kind if kind is Enrolment:
            row = await aggregates.read(tx, Enrolment, followed.aggregate_id)
    return None if row is None or row.state is None else row.state.course_id


async def _courses(tx: Connection, starter: Starter) -> set[UUID]:
    """The courses of the inductions for somebody's work."""
    own = await store.inductions_of(tx, starter.organisation, starter.soc2020, movers=starter.mover)
    return {course_id for induction in own for course_id in induction.courses}


async def _give_place_back(tx: Connection, followed: store.Followed, day: date, context: Context) -> None:
    """The place goes to whoever waits; of a course that has begun it stays what it is."""
    row = await aggregates.load(tx, Cohort, followed.aggregate_id)
    fact = dict(standing(await history(tx, followed.aggregate_id))).get(followed.event_id)
    if row is None or row.state is None or row.state.status is not Status.SCHEDULED or not isinstance(fact, OfPlace):
        return
    held = row.state.booking(fact.booking_id)
    if held.status in booking.LIVE and not held.attended and not held.missed:
        reason = CancellationReason.LEFT_THE_ORGANISATION
        gone = places.CancelBooking(occurred_on=max(day, held.since), booking_id=held.id, reason=reason)
        await aggregates.obey(tx, row, [gone], context)


async def _end(tx: Connection, id_: UUID, day: date, context: Context) -> None:
    row = await aggregates.load(tx, Enrolment, id_)
    if row is not None and row.state is not None and row.state.status is enrolment.Status.ENROLLED:
        end = enrolment.End(occurred_on=max(day, row.state.since), reason=EnrolmentEnd.LEFT_THE_ORGANISATION)
        await aggregates.obey(tx, row, [end], context)
