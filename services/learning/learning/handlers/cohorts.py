"""Cohorts: scheduled, booked for a team or a person, their registers kept, opened again and closed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import persons
from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import Void
from kit.database import EVERYONE, Connection, act_for, seeing_everything, who_sees
from kit.errors import NotFound
from kit.ids import new_id
from kit.step import Command, NotInThisState
from learning import store
from learning.domain import cohort, places, register
from learning.domain.cohort import Cohort
from learning.domain.course import Course
from learning.domain.places import Learner
from learning.handlers import corrections, enrolments, skills, starters
from learning.store import aggregates
from schemas.corrections import standing
from schemas.learning import CohortHeld, CourseCompleted, LearnerKind, Share, TrainingSource
from schemas.values import BusinessDate, Code, Part, PartnerId, Sector


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling(Command):
    """A cohort as it is entered."""

    course_id: UUID
    sessions: Annotated[tuple[BusinessDate, ...], Field(min_length=1, max_length=100)]
    places: Annotated[int, Field(ge=1, le=500)]
    shares: tuple[Share, ...] = ()
    release_on: BusinessDate | None = None


async def schedule(tx: Connection, asked: Scheduling, context: Context) -> Kept[Cohort]:
    """A cohort of a course of the catalogue."""
    command = cohort.Schedule(
        occurred_on=asked.occurred_on,
        course_id=asked.course_id,
        course=await aggregates.look(tx, Course, asked.course_id, "course_id"),
        sessions=asked.sessions,
        places=asked.places,
        shares=asked.shares,
        release_on=asked.release_on,
    )
    return await aggregates.begin(tx, Cohort, [command], context)


class Named(Part):
    """A learner as they are named: by our id of the person."""

    person_id: UUID
    kind: LearnerKind = LearnerKind.WORKFORCE
    eligible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(Command):
    """Learners of one organisation: a person or a whole team."""

    organisation: PartnerId
    sector: Sector
    learners: Annotated[tuple[Named, ...], Field(min_length=1, max_length=500)]


async def book(tx: Connection, id_: UUID, team: Team, context: Context, if_match: int | None = None) -> Kept[Cohort]:
    """Places for a team; who finds none waits. Raises UnknownPerson."""
    act_for(tx, team.organisation)
    await persons.expect(tx, *(named.person_id for named in team.learners), field="learners")
    command = places.Book(
        occurred_on=team.occurred_on,
        organisation=team.organisation,
        sector=team.sector,
        learners=tuple(_learner(named) for named in team.learners),
    )
    return await aggregates.act(tx, Cohort, id_, command, context, if_match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked(Team):
    """Learners of one organisation who came to a session without having booked."""

    session: BusinessDate


async def walk_ins(
    tx: Connection, id_: UUID, team: Walked, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """Whoever came without a place is written into the register. Raises UnknownPerson."""
    await persons.expect(tx, *(named.person_id for named in team.learners), field="learners")
    command = register.WalkIns(
        session=team.session,
        organisation=team.organisation,
        sector=team.sector,
        learners=tuple(_learner(named) for named in team.learners),
    )
    return await aggregates.act(tx, Cohort, id_, command, context, if_match)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapping(Command):
    """Who comes instead of whom."""

    booking_id: UUID
    learner: Named


async def swap(
    tx: Connection, id_: UUID, asked: Swapping, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """A name is swapped within an organisation: the place stays. Raises UnknownPerson."""
    await persons.expect(tx, asked.learner.person_id, field="learner.person_id")
    command = places.Swap(occurred_on=asked.occurred_on, booking_id=asked.booking_id, learner=_learner(asked.learner))
    return await of_booking(tx, id_, command, context, if_match)


BookingCommand = places.Swap | places.Take | places.Confirm | places.CancelBooking


async def of_booking(
    tx: Connection, id_: UUID, command: BookingCommand, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """A command about one booking, by whoever may see it."""
    row = await aggregates.lock(tx, Cohort, id_, if_match)
    await _see(tx, row, command.booking_id)
    return await aggregates.obey(tx, row, [command], context)


async def hold(
    tx: Connection, id_: UUID, command: register.Hold, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """The register is closed: whoever completed the course waits for it no longer, and has on record what it teaches."""
    held = await aggregates.act(tx, Cohort, id_, command, context, if_match)
    said = {envelope.id for envelope in held.said}
    completed = [
        (event_id, fact)
        for event_id, fact in (await history(tx, id_) if said else [])
        if event_id in said and isinstance(fact, CourseCompleted)
    ]
    for event_id, fact in completed:
        await enrolments.end_completed_in_cohort(tx, event_id, fact, context)
    taught = (await aggregates.look(tx, Course, held.standing.course_id)).teaches
    if taught is None:
        return held
    for event_id, fact in completed:
        done = skills.Recording(
            occurred_on=fact.occurred_on, person_id=fact.person_id, organisation=fact.organisation, skill=taught,
            source=TrainingSource.COHORT, aligned=True,
        )  # fmt: skip
        await skills.record_once(tx, event_id, done, context, fact.course_id)
    return held


async def cancel(
    tx: Connection, id_: UUID, command: cohort.Cancel, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """A cohort is not held: whoever was booked in it because they started learns it in another, or waits for one."""
    cancelled = await aggregates.act(tx, Cohort, id_, command, context, if_match)
    if cancelled.said:
        async with seeing_everything(tx):
            for starter in await store.booked_in(tx, id_):
                await starters.enrol(tx, starter, because_of(context, cancelled))
    return cancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening(Command):
    """Why a closed register is opened again."""

    reason: Code


async def reopen(
    tx: Connection, id_: UUID, asked: Reopening, context: Context, if_match: int | None = None
) -> Kept[Cohort]:
    """A register that was closed too early is opened again: who completed is taken back, until it is closed anew."""
    row = await aggregates.lock(tx, Cohort, id_, if_match)
    held = [event_id for event_id, fact in standing(await history(tx, id_)) if isinstance(fact, CohortHeld)]
    if not held:
        raise NotInThisState(state=row.standing.status, allowed=cohort.allowed(row.standing))
    opened = await aggregates.put_right(tx, Cohort, row, Void(held[0], asked.reason), context)
    await corrections.put_right(tx, opened, context)
    return opened


def _learner(named: Named) -> Learner:
    """A learner with an id for the place that they are about to have."""
    return Learner(booking_id=new_id(), person_id=named.person_id, kind=named.kind, eligible=named.eligible)


async def _see(tx: Connection, row: Row[Cohort], booking_id: UUID) -> None:
    """Raises NotFound for a booking of another organisation, as for one that is not there."""
    if who_sees(tx) not in (EVERYONE, row.standing.booking(booking_id).organisation):
        raise NotFound(field="booking_id")
