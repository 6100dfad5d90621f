"""What learners do alone: by a link of one use they see their transcript, give and take back the codes that show it, and say what a
course was worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kit import one_use, persons
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import NotFound
from learning import store
from learning.domain import booking
from learning.domain.cohort import Cohort
from learning.domain.register import USE_AFTER, Evaluate, ReportUse
from learning.domain.roll import Status
from learning.store import aggregates
from schemas.values import business_date

HOME = "/my/learning"
"""Where the page is that a link opens."""


class Question(StrEnum):
    """What a learner is asked of a course: after it, and three months later."""

    WORTH = "worth"
    USE = "use"


@dataclass(frozen=True, slots=True)
class ToAnswer:
    """A question about a course to which a learner came."""

    question: Question
    booking_id: UUID
    cohort_id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a learner has in a cohort to come, or waits for."""

    title: str
    status: booking.Status
    sessions: tuple[date, ...]
    offered_until: date | None
    """The last day on which they may take it."""


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


async def places(tx: Connection, person_id: UUID) -> list[Place]:
    """What a learner is booked for, was offered, or waits for, the next first."""
    found: list[Place] = []
    async with seeing_everything(tx):
        for booked in await store.bookings(tx, person_id=person_id):
            if booked.status in booking.LIVE:
                cohort = await aggregates.look(tx, Cohort, booked.cohort_id)
                place = cohort.booking(booked.id)
                found.append(Place(cohort.title, place.status, cohort.sessions, place.offered_until))
    return sorted(found, key=lambda each: (each.sessions, each.title))


async def to_answer(tx: Connection, person_id: UUID, day: date) -> list[ToAnswer]:
    """What a learner is asked on a day, by booking."""
    found: list[ToAnswer] = []
    async with seeing_everything(tx):
        for booked in await store.bookings(tx, person_id=person_id):
            found += _asked(await aggregates.look(tx, Cohort, booked.cohort_id), booked, day)
    return sorted(found, key=lambda each: (each.question, each.booking_id))


def _asked(cohort: Cohort, booked: store.BookingRow, day: date) -> Iterator[ToAnswer]:
    place = cohort.booking(booked.id)
    if cohort.status is not Status.HELD or not place.participated:
        return
    if not place.evaluated:
        yield ToAnswer(Question.WORTH, booked.id, booked.cohort_id, cohort.title)
    if not place.use_reported and day >= cohort.sessions[-1] + USE_AFTER:
        yield ToAnswer(Question.USE, booked.id, booked.cohort_id, cohort.title)


async def asked(tx: Connection, person_id: UUID, question: Question, booking_id: UUID, day: date) -> ToAnswer:
    """What a learner is asked about one booking. Raises NotFound where it is not theirs, or they are not asked."""
    for each in await to_answer(tx, person_id, day):
        if (each.question, each.booking_id) == (question, booking_id):
            return each
    raise NotFound


async def answer(tx: Connection, person_id: UUID, said: Evaluate | ReportUse, context: Context) -> None:
    """A learner answers for themselves. Raises NotFound as `asked` does."""
    await persons.expect(tx, person_id)
    question = Question.WORTH if isinstance(said, Evaluate) else Question.USE
    of = await asked(tx, person_id, question, said.booking_id, business_date(context.now))
    async with seeing_everything(tx):
        await aggregates.act(tx, Cohort, of.cohort_id, said, context)
