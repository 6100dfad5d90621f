"""What learners do alone: by a link of one use they see their transcript, give and take back the codes that show it, take a place,
say that they come or give it up, begin a course of the catalogue, and say what a course was worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from uuid import UUID

from kit import one_use, persons
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import NotFound
from learning import store
from learning.domain import booking
from learning.domain.booking import Booking
from learning.domain.cohort import Cohort
from learning.domain.places import CancelBooking, Confirm, Take
from learning.domain.register import USE_AFTER, Evaluate, ReportUse
from learning.domain.roll import Status
from learning.handlers import enrolments
from learning.handlers.enrolments import Enrolling
from learning.store import aggregates


class Question(StrEnum):
    """What a learner is asked of a course: before it, after it, and three months later."""

    PLACE = "place"
    WORTH = "worth"
    USE = "use"


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A question about a course to which a learner came, or may come."""

    question: Question
    booking_id: UUID
    cohort_id: UUID
    title: str
    status: booking.Status


Answer = Take | Confirm | CancelBooking | Evaluate | ReportUse


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a learner has in a cohort to come, or waits for."""

    booking_id: UUID
    title: str
    status: booking.Status
    sessions: tuple[date, ...]
    offered_until: date | None
    """The last day on which they may take it."""
    is_open: bool
    """Whether they may still say what becomes of it."""


async def give_link(tx: Connection, person_id: UUID, context: Context) -> str:
    """The code of a new link to the learner's own page. Raises UnknownPerson."""
    await persons.expect(tx, person_id, field="id")
    return await one_use.give(tx, person_id, context.now)


async def take_back(tx: Connection, person_id: UUID) -> None:
    """Nobody sees the transcript any more by a code that was given before."""
    await store.drop_codes(tx, person_id)


async def shown_until(tx: Connection, person_id: UUID, day: date) -> list[date]:
    """The last days of the codes that show a learner's transcript now."""
    return await store.codes_of(tx, person_id, day)


async def places(tx: Connection, person_id: UUID, day: date) -> list[Place]:
    """What a learner is booked for, was offered, or waits for, the next first."""
    found: list[Place] = []
    async with seeing_everything(tx):
        for booked in await store.bookings(tx, person_id=person_id):
            if booked.status in booking.LIVE:
                cohort = await aggregates.look(tx, Cohort, booked.cohort_id)
                place = cohort.booking(booked.id)
                is_open = _may_move(cohort, place, day)
                found.append(
                    Place(booked.id, cohort.title, place.status, cohort.sessions, place.offered_until, is_open)
                )
    return sorted(found, key=lambda each: (each.sessions, each.title))


async def to_learn(tx: Connection, person_id: UUID) -> list[store.ToLearn]:
    """What a learner is enrolled in, the first to be done first."""
    async with seeing_everything(tx):
        return await store.to_learn(tx, await persons.one_with(tx, person_id))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a learner may begin alone, and for which organisation."""

    courses: Sequence[store.OnlineCourse]
    organisations: Mapping[str, store.LearnsFor]
    """Those for which they have learned before, and as what."""


async def choice(tx: Connection, person_id: UUID) -> Choice:
    """The courses of the catalogue that a learner may begin now."""
    ids = await persons.one_with(tx, person_id)
    async with seeing_everything(tx):
        return Choice(await store.online(tx, ids), await store.learns_for(tx, ids))


async def begin(tx: Connection, person_id: UUID, course_id: UUID, organisation: str, context: Context) -> None:
    """A learner enrols in a course of their choice. Raises NotFound where it is none of them, AlreadyEnrolled."""
    await persons.expect(tx, person_id)
    may = await choice(tx, person_id)
    if organisation not in may.organisations or course_id not in {course.course_id for course in may.courses}:
        raise NotFound
    before = may.organisations[organisation]
    asked = Enrolling(
        occurred_on=None, course_id=course_id, person_id=person_id, organisation=organisation, sector=before.sector,
        learner_kind=before.learner_kind,
    )  # fmt: skip
    async with seeing_everything(tx):
        await enrolments.begin(tx, asked, context)


async def to_answer(tx: Connection, person_id: UUID, day: date) -> list[ToAnswer]:
    """What a learner is asked on a day of courses that are over, by booking."""
    found: list[ToAnswer] = []
    async with seeing_everything(tx):
        for booked in await store.bookings(tx, person_id=person_id):
            asked = _asked(await aggregates.look(tx, Cohort, booked.cohort_id), booked, day)
            found += [each for each in asked if each.question is not Question.PLACE]
    return sorted(found, key=lambda each: (each.question, each.booking_id))


def _asked(cohort: Cohort, booked: store.BookingRow, day: date) -> Iterator[ToAnswer]:
    place = cohort.booking(booked.id)
    of = partial(ToAnswer, booking_id=booked.id, cohort_id=booked.cohort_id, title=cohort.title, status=place.status)
    if _may_move(cohort, place, day):
        yield of(Question.PLACE)
    if cohort.status is not Status.HELD or not place.participated:
        return
    if not place.evaluated:
        yield of(Question.WORTH)
    if not place.use_reported and day >= cohort.sessions[-1] + USE_AFTER:
        yield of(Question.USE)


def _may_move(cohort: Cohort, place: Booking, day: date) -> bool:
    """Whether the learner may still say what becomes of a place: until the day on which the cohort first meets."""
    untouched = not place.attended and not place.missed
    return (
        cohort.status is Status.SCHEDULED and place.status in booking.LIVE and untouched and day <= cohort.sessions[0]
    )


async def asked(tx: Connection, person_id: UUID, question: Question, booking_id: UUID, day: date) -> ToAnswer:
    """What a learner is asked about one booking. Raises NotFound where it is not theirs, or they are not asked."""
    async with seeing_everything(tx):
        for booked in await store.bookings(tx, person_id=person_id):
            if booked.id == booking_id:
                for each in _asked(await aggregates.look(tx, Cohort, booked.cohort_id), booked, day):
                    if each.question is question:
                        return each
    raise NotFound


async def answer(tx: Connection, person_id: UUID, of: ToAnswer, said: Answer, context: Context) -> None:
    """A learner answers for themselves what they were asked."""
    await persons.expect(tx, person_id)
    async with seeing_everything(tx):
        await aggregates.act(tx, Cohort, of.cohort_id, said, context)
