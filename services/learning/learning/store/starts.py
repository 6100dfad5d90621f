"""Who starts, what they learn first, and who is enrolled in what. Statements are constants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.aggregates import Row
from kit.database import Connection
from learning.domain.cohort import Cohort
from learning.domain.enrolment import Enrolment
from learning.domain.induction import Induction
from learning.store.skills import CompletedCourse
from schemas.learning import LearnerKind
from schemas.values import Sector

INDUCTIONS_OF = """
SELECT body FROM induction
WHERE organisation = $1 AND status = 'standing' AND (body ->> 'soc2020' IS NULL OR body ->> 'soc2020' = $2)
  AND coalesce((body ->> 'movers')::boolean, false) = $3
ORDER BY id
"""
COHORTS_FROM = """
SELECT id, version, body FROM cohort
WHERE course_id = $1 AND status = 'scheduled' AND kit.day_of(body -> 'sessions' ->> 0) >= $2
ORDER BY body -> 'sessions' ->> 0, id
"""
ENROLLED = """
SELECT id, body FROM enrolment WHERE person_id = $1 AND course_id = $2 AND status = 'enrolled' ORDER BY id
"""
LEARNED = """
SELECT cohort.course_id, cohort.body ->> 'title' AS title, booking.since AS completed_on
FROM booking JOIN cohort ON cohort.id = booking.cohort_id
WHERE booking.person_id = ANY($1::uuid[]) AND booking.organisation = $2 AND booking.status = 'completed'
UNION ALL
SELECT enrolment.course_id, course.body ->> 'title', kit.day_of(enrolment.body ->> 'since')
FROM enrolment JOIN course ON course.id = enrolment.course_id
WHERE enrolment.person_id = ANY($1::uuid[]) AND enrolment.organisation = $2 AND enrolment.status = 'completed'
"""
TO_LEARN = """
SELECT course.body ->> 'title' AS title, (enrolment.body ->> 'online')::boolean AS online,
       kit.day_of(enrolment.body ->> 'due_on') AS due_on
FROM enrolment JOIN course ON course.id = enrolment.course_id
WHERE enrolment.person_id = ANY($1::uuid[]) AND enrolment.status = 'enrolled' ORDER BY due_on NULLS LAST, title, enrolment.id
"""
ONLINE = """
SELECT id AS course_id, body ->> 'title' AS title, (body ->> 'hours')::float AS hours FROM course
WHERE status = 'published' AND (body ->> 'online')::boolean AND body ->> 'eligibility' IS NULL AND NOT EXISTS (
    SELECT FROM enrolment WHERE course_id = course.id AND person_id = ANY($1::uuid[]) AND enrolment.status = 'enrolled'
)
ORDER BY title, id LIMIT 200
"""
LEARNS_FOR = """
SELECT DISTINCT ON (organisation) organisation, sector, learner_kind FROM (
    SELECT organisation, body ->> 'sector' AS sector, body ->> 'learner_kind' AS learner_kind, turn FROM enrolment
    WHERE person_id = ANY($1::uuid[]) AND status <> 'voided'
    UNION ALL SELECT booking.organisation, place ->> 'sector', place ->> 'learner_kind', cohort.turn
    FROM booking JOIN cohort ON cohort.id = booking.cohort_id, jsonb_array_elements(body -> 'bookings') AS place
    WHERE booking.person_id = ANY($1::uuid[]) AND place ->> 'id' = booking.id::text
) AS learned
WHERE organisation NOT IN (
    SELECT organisation FROM employment WHERE person_id = ANY($1::uuid[]) AND status = 'left'
    EXCEPT SELECT organisation FROM employment WHERE person_id = ANY($1::uuid[]) AND status = 'working'
)
ORDER BY organisation, turn DESC
"""
KEEP_STARTER = """
INSERT INTO starter (event_id, work_id, person_id, organisation, soc2020, started_on, mover) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (event_id) DO UPDATE
SET person_id = excluded.person_id, organisation = excluded.organisation, soc2020 = excluded.soc2020,
    started_on = excluded.started_on
"""
STARTERS = """
SELECT event_id, work_id, person_id, organisation, soc2020, started_on, mover FROM starter
WHERE (work_id = $1 AND NOT voided) OR event_id = $2 OR (left_by = $3 AND NOT voided) ORDER BY event_id
"""
STILL_THERE = """
SELECT event_id, work_id, person_id, organisation, soc2020, started_on, mover FROM starter
WHERE person_id = ANY($1::uuid[]) AND organisation = $2 AND mover = $3 AND NOT voided AND left_by IS NULL AND event_id <> $4
ORDER BY event_id
"""
BOOKED_IN = """
SELECT DISTINCT starter.event_id, work_id, person_id, organisation, soc2020, started_on, mover
FROM followed JOIN starter ON starter.event_id = followed.cause
WHERE followed.aggregate_id = $1 AND NOT voided AND left_by IS NULL ORDER BY starter.event_id
"""
FORGET_STARTERS = "DELETE FROM starter WHERE work_id = $1"
MARK_VOIDED = "UPDATE starter SET voided = $2 WHERE event_id = $1"
MARK_LEFT = "UPDATE starter SET left_by = $2 WHERE event_id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """Somebody who started work, as the talent pipeline said it, and the event that did."""

    event_id: UUID
    work_id: UUID
    """The candidacy, or the move."""
    person_id: UUID
    organisation: str
    soc2020: str
    started_on: date
    mover: bool = False
    """Somebody else's employee, who works here for a while."""


@dataclass(frozen=True, slots=True)
class ToLearn:
    """A course in which somebody is enrolled, and by when an employer wants it done."""

    title: str
    online: bool
    due_on: date | None


@dataclass(frozen=True, slots=True)
class OnlineCourse:
    """A course that is learned alone, whenever the learner likes."""

    course_id: UUID
    title: str
    hours: float


async def to_learn(tx: Connection, ids: Sequence[UUID]) -> list[ToLearn]:
    """What somebody is enrolled in under these ids, the first to be done first."""
    return [ToLearn(**dict(row)) for row in await tx.fetch(TO_LEARN, ids)]


async def online(tx: Connection, ids: Sequence[UUID]) -> list[OnlineCourse]:
    """Courses of the catalogue for everybody, learned online, in which somebody is not enrolled under these ids; by title."""
    return [OnlineCourse(**dict(row)) for row in await tx.fetch(ONLINE, ids)]


@dataclass(frozen=True, slots=True)
class LearnsFor:
    """An organisation for which somebody has learned, and as what."""

    organisation: str
    sector: Sector
    learner_kind: LearnerKind


async def learns_for(tx: Connection, ids: Sequence[UUID]) -> dict[str, LearnsFor]:
    """The organisations for which somebody has learned under these ids and that have not said that they left."""
    return {
        row["organisation"]: LearnsFor(row["organisation"], Sector(row["sector"]), LearnerKind(row["learner_kind"]))
        for row in await tx.fetch(LEARNS_FOR, ids)
    }


async def inductions_of(tx: Connection, organisation: str, soc2020: str, *, movers: bool) -> list[Induction]:
    """What an organisation's starters, or its movers, in this work learn first."""
    return [
        Induction.model_validate_json(row["body"])
        for row in await tx.fetch(INDUCTIONS_OF, organisation, soc2020, movers)
    ]


async def cohorts_from(tx: Connection, course_id: UUID, day: date) -> list[Row[Cohort]]:
    """A course's cohorts that begin on a day or later, the first first."""
    rows = await tx.fetch(COHORTS_FROM, course_id, day)
    return [Row(row["id"], row["version"], Cohort.model_validate_json(row["body"])) for row in rows]


async def enrolled(tx: Connection, person_id: UUID, course_id: UUID) -> list[tuple[UUID, Enrolment]]:
    """A person's open enrolments in a course, in the order in which they are locked."""
    rows = await tx.fetch(ENROLLED, person_id, course_id)
    return [(row["id"], Enrolment.model_validate_json(row["body"])) for row in rows]


async def learned(tx: Connection, ids: Sequence[UUID], organisation: str) -> list[CompletedCourse]:
    """The courses that somebody completed under these ids for an organisation."""
    return [CompletedCourse(**dict(row)) for row in await tx.fetch(LEARNED, ids, organisation)]


async def keep_starter(tx: Connection, starter: Starter) -> None:
    await tx.execute(
        KEEP_STARTER, starter.event_id, starter.work_id, starter.person_id, starter.organisation, starter.soc2020,
        starter.started_on, starter.mover,
    )  # fmt: skip


async def starters(
    tx: Connection, *, work_id: UUID | None = None, event_id: UUID | None = None, left_by: UUID | None = None
) -> list[Starter]:
    """Starts of a candidacy that stand, the start that an event said, or those that an event ended."""
    return [Starter(**dict(row)) for row in await tx.fetch(STARTERS, work_id, event_id, left_by)]


async def booked_in(tx: Connection, cohort_id: UUID) -> list[Starter]:
    """Who works there still, and was booked in a cohort because they started."""
    return [Starter(**dict(row)) for row in await tx.fetch(BOOKED_IN, cohort_id)]


async def still_there(tx: Connection, ids: Sequence[UUID], starter: Starter) -> list[Starter]:
    """The other starts of a person, under these ids, with the same employer that stand and have not ended."""
    rows = await tx.fetch(STILL_THERE, ids, starter.organisation, starter.mover, starter.event_id)
    return [Starter(**dict(row)) for row in rows]


async def forget_starters(tx: Connection, work_id: UUID) -> None:
    """Nothing is known any more of who started in a candidacy, or came in a move."""
    await tx.execute(FORGET_STARTERS, work_id)


async def mark_voided(tx: Connection, event_id: UUID, *, voided: bool) -> None:
    await tx.execute(MARK_VOIDED, event_id, voided)


async def mark_left(tx: Connection, event_id: UUID, left_by: UUID | None) -> None:
    await tx.execute(MARK_LEFT, event_id, left_by)
