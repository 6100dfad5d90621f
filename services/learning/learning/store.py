"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit import persons
from kit.aggregates import Aggregates, Kept, Row
from kit.corrections import Corrections
from kit.database import Connection
from kit.persons import Persons
from learning.domain import (
    apprenticeship,
    booking,
    cohort,
    competence,
    course,
    cycle,
    employment,
    enrolment,
    induction,
    pathway,
    refresher,
    requirement,
)
from learning.domain.apprenticeship import Apprenticeship
from learning.domain.booking import Booking
from learning.domain.cohort import Cohort
from learning.domain.competence import Competence
from learning.domain.core_skills import Rule
from learning.domain.enrolment import Enrolment
from learning.domain.induction import Induction
from learning.domain.refresher import Refresher
from learning.retention import SCHEDULE
from schemas.learning import (
    CompetenceExpiring,
    CourseCompleted,
    CourseNotAttended,
    CoursePartlyCompleted,
    FactCorrected,
    FactRestored,
    FactVoided,
    PlaceLapsed,
    PlacementCompleted,
    PlacesReleased,
    Skill,
    Subject,
    SubmissionsClosed,
)
from schemas.values import Part

# Places ----------------------------------------------------------------------------------------------------------------

KEEP_BOOKINGS = """
INSERT INTO booking (id, cohort_id, person_id, organisation, status, since, offered_until)
SELECT id, $1, person_id, organisation, status, since, offered_until
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::date[])
  AS now (id, person_id, organisation, status, since, offered_until)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, since = excluded.since, offered_until = excluded.offered_until
"""
FORGET_BOOKINGS = "DELETE FROM booking WHERE id = ANY($1::uuid[])"
BOOKINGS = """
SELECT id, cohort_id, person_id, organisation, status, since, offered_until FROM booking
WHERE ($1::uuid[] IS NULL OR person_id = ANY($1)) AND ($2::uuid IS NULL OR cohort_id = $2)
  AND ($3::text IS NULL OR organisation = $3) AND ($4::text IS NULL OR status = $4) AND id > $5
ORDER BY id LIMIT $6
"""
BOOKINGS_NAMED = """
SELECT id, cohort_id, person_id, organisation, status, since, offered_until FROM booking
WHERE cohort_id = $1 AND (id = ANY($2::uuid[]) OR person_id = ANY($3::uuid[])) ORDER BY id
"""
OPEN = "SELECT id, version, body FROM cohort WHERE status = 'scheduled' AND id > $1 ORDER BY id LIMIT $2"
HANG_ON: Mapping[str, str] = MappingProxyType({
    course.AGGREGATE: (
        "SELECT EXISTS (SELECT FROM cohort WHERE course_id = $1 UNION ALL SELECT FROM enrolment WHERE course_id = $1)"
    ),
})  # fmt: skip


FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One learner's place, as lists show it."""

    id: UUID
    cohort_id: UUID
    person_id: UUID
    organisation: str
    status: str
    since: date
    offered_until: date | None


async def bookings(
    tx: Connection,
    *,
    person_id: UUID | None = None,
    cohort_id: UUID | None = None,
    organisation: str | None = None,
    status: str | None = None,
    after: UUID = FIRST,
    limit: int = 1000,
) -> list[BookingRow]:
    """The places that this transaction sees, by id; of a person those under any of their ids."""
    ids = None if person_id is None else await persons.one_with(tx, person_id)
    rows = await tx.fetch(BOOKINGS, ids, cohort_id, organisation, status, after, limit)
    return [BookingRow(**dict(row)) for row in rows]


async def bookings_named(
    tx: Connection, cohort_id: UUID, ids: Sequence[UUID], people: Sequence[UUID]
) -> list[BookingRow]:
    """Those of a cohort's places that have these ids, or are these people's."""
    return [BookingRow(**dict(row)) for row in await tx.fetch(BOOKINGS_NAMED, cohort_id, list(ids), list(people))]


async def open_cohorts(tx: Connection, after: UUID, limit: int) -> list[Row[Cohort]]:
    """Cohorts in which places may be booked, by id."""
    rows = await tx.fetch(OPEN, after, limit)
    return [Row(row["id"], row["version"], Cohort.model_validate_json(row["body"])) for row in rows]


async def _keep_bookings(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """The places of a cohort that are others than before: of a long waiting list only who joined it is written."""
    had = _bookings(before)
    has = _bookings(state)
    if gone := [booking for booking in had if booking not in has]:
        await tx.execute(FORGET_BOOKINGS, gone)
    if own := [booking for booking in has.values() if booking != had.get(booking.id)]:
        await tx.execute(
            KEEP_BOOKINGS, id_, [each.id for each in own], [each.person_id for each in own],
            [each.organisation for each in own], [each.status.value for each in own], [each.since for each in own],
            [each.offered_until for each in own],
        )  # fmt: skip


def _bookings(state: Part | None) -> Mapping[UUID, Booking]:
    return {booking.id: booking for booking in state.bookings} if isinstance(state, Cohort) else {}


# Core skills -----------------------------------------------------------------------------------------------------------

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 1))"
RULES = """
SELECT id, body FROM refresher
WHERE framework = $1 AND subject = $2 AND level = $3 AND (organisation IS NULL OR organisation = $4) AND status <> 'voided'
ORDER BY id
"""
EVERYBODYS = """
SELECT body FROM refresher
WHERE framework = $1 AND subject = $2 AND level = $3 AND organisation IS NULL AND status = 'standing'
"""
COMPETENCES_OF = """
SELECT id, turn, version, body FROM competence WHERE person_id = ANY($1::uuid[]) AND status <> 'voided' ORDER BY id
"""
IS_RECORDED = """
SELECT EXISTS (
    SELECT FROM competence WHERE person_id = $1 AND subject = $2 AND organisation = $3 AND status <> 'voided'
    AND body ->> 'framework' = $4 AND (body ->> 'level')::int = $5 AND kit.day_of(body ->> 'since') = $6
)
"""
OUT_OF_DATE = """
SELECT id, turn, version, body FROM competence
WHERE status IN ('current', 'expiring') AND expires_on < $1 AND ($2::text IS NULL OR organisation = $2)
  AND ($3::text IS NULL OR subject = $3) AND turn < $4
ORDER BY turn DESC LIMIT $5
"""
COST_OF = """
SELECT min((body ->> 'seat_pence')::int + (body ->> 'backfill_pence')::int) FROM course
WHERE status = 'published' AND body -> 'teaches' = $1::jsonb
"""
SAVINGS = """
SELECT judged ->> 'host' AS host, judged ->> 'ground' AS ground, count(*)::int AS waived,
       coalesce(sum((judged ->> 'saved_pence')::bigint), 0)::bigint AS saved_pence,
       (count(*) FILTER (WHERE judged ->> 'saved_pence' IS NULL))::int AS without_a_price
FROM competence, jsonb_array_elements(body -> 'judgements') AS judged
WHERE judged ->> 'outcome' = 'waived' AND kit.may_see(judged ->> 'host')
  AND kit.day_of(judged ->> 'on') BETWEEN $1 AND $2
GROUP BY 1, 2 ORDER BY 1, 2
"""
COMPLETED_BY = """
SELECT cohort.course_id, cohort.body ->> 'title' AS title, booking.since AS completed_on
FROM booking JOIN cohort ON cohort.id = booking.cohort_id
WHERE booking.person_id = ANY($1::uuid[]) AND booking.status = 'completed'
UNION ALL
SELECT enrolment.course_id, course.body ->> 'title', kit.day_of(enrolment.body ->> 'since')
FROM enrolment JOIN course ON course.id = enrolment.course_id
WHERE enrolment.person_id = ANY($1::uuid[]) AND enrolment.status = 'completed'
ORDER BY completed_on, course_id
"""
CODES_OF = "SELECT until FROM transcript_code WHERE person_id = $1 AND until >= $2 ORDER BY until"
DROP_CODES = "DELETE FROM transcript_code WHERE person_id = $1"
KEEP_CODE = "INSERT INTO transcript_code (digest, person_id, until) VALUES ($1, $2, $3)"
PERSON_OF_CODE = "SELECT person_id FROM transcript_code WHERE digest = $1 AND until >= $2"


@dataclass(frozen=True, slots=True)
class Saving:
    """What one host's acceptances on one ground saved."""

    host: str
    ground: str
    waived: int
    saved_pence: int
    without_a_price: int
    """Of them those whose course has no price: they saved something, and nobody says how much."""


@dataclass(frozen=True, slots=True)
class CompletedCourse:
    """A course that somebody completed."""

    course_id: UUID
    title: str
    completed_on: date


async def one_at_a_time(tx: Connection, person_id: UUID) -> None:
    """Of those who write on a person's record, each waits for the one before, until its transaction ends."""
    await tx.execute(ONE_AT_A_TIME, str(person_id))


async def rules(tx: Connection, skill: Skill, organisation: str, day: date) -> tuple[Rule, ...]:
    """The refresher periods by which an organisation judges training that was completed on a day: everybody's, and its own."""
    found = await tx.fetch(RULES, skill.framework, skill.subject.value, skill.level, organisation)
    held = [(row["id"], Refresher.model_validate_json(row["body"]).at(day)) for row in found]
    return tuple(Rule(id=id_, version=at.version, months=at.months) for id_, at in held if at is not None)


async def everybodys(tx: Connection, framework: str, subject: Subject, level: int) -> Refresher | None:
    """The refresher period of a skill that holds for everybody."""
    body = await tx.fetchval(EVERYBODYS, framework, subject.value, level)
    return None if body is None else Refresher.model_validate_json(body)


async def competences_of(tx: Connection, ids: Sequence[UUID]) -> list[Row[Competence]]:
    """A person's training that this transaction sees, by their ids, in the order in which several are locked."""
    return [_competence(row) for row in await tx.fetch(COMPETENCES_OF, ids)]


async def is_recorded(tx: Connection, person_id: UUID, skill: Skill, organisation: str, day: date) -> bool:
    """Whether this training is on record."""
    asked = (person_id, skill.subject.value, organisation, skill.framework, skill.level, day)
    return bool(await tx.fetchval(IS_RECORDED, *asked))


async def out_of_date(
    tx: Connection, day: date, organisation: str | None, subject: Subject | None, before: int, limit: int
) -> list[Row[Competence]]:
    """Training that had run out on a day and was not renewed, the newest record first."""
    said = None if subject is None else subject.value
    return [_competence(row) for row in await tx.fetch(OUT_OF_DATE, day, organisation, said, before, limit)]


async def cost_of(tx: Connection, skill: Skill) -> int | None:
    """What it costs at least to teach somebody a skill, seat and backfill, in pence; None: no course says."""
    cost: int | None = await tx.fetchval(COST_OF, skill.model_dump_json())
    return cost


async def savings(tx: Connection, first: date, last: date) -> list[Saving]:
    """What acceptances saved between two days, by host and ground: a partner's own, or everybody's."""
    return [Saving(**dict(row)) for row in await tx.fetch(SAVINGS, first, last)]


async def completed_by(tx: Connection, ids: Sequence[UUID]) -> list[CompletedCourse]:
    """The courses that somebody completed under these ids, the earliest first."""
    return [CompletedCourse(**dict(row)) for row in await tx.fetch(COMPLETED_BY, ids)]


async def keep_code(tx: Connection, digest: bytes, person_id: UUID, until: date) -> None:
    await tx.execute(KEEP_CODE, digest, person_id, until)


async def person_of_code(tx: Connection, digest: bytes, day: date) -> UUID | None:
    """Whose transcript a code shows on a day."""
    person_id: UUID | None = await tx.fetchval(PERSON_OF_CODE, digest, day)
    return person_id


async def codes_of(tx: Connection, person_id: UUID, day: date) -> list[date]:
    """The last days of the codes that show somebody's transcript on a day, the first to end first."""
    return [row["until"] for row in await tx.fetch(CODES_OF, person_id, day)]


async def drop_codes(tx: Connection, person_id: UUID) -> None:
    """No code shows somebody's transcript any more."""
    await tx.execute(DROP_CODES, person_id)


def _competence(row: Any) -> Row[Competence]:
    return Row(row["id"], row["version"], Competence.model_validate_json(row["body"]), row["turn"])


# Inductions and enrolments ---------------------------------------------------------------------------------------------

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


async def mark_voided(tx: Connection, event_id: UUID, *, voided: bool) -> None:
    await tx.execute(MARK_VOIDED, event_id, voided)


async def mark_left(tx: Connection, event_id: UUID, left_by: UUID | None) -> None:
    await tx.execute(MARK_LEFT, event_id, left_by)


# What followed ---------------------------------------------------------------------------------------------------------

FOLLOW = "INSERT INTO followed (cause, aggregate, aggregate_id, event_id) SELECT $1, $2, $3, unnest($4::uuid[])"
FOLLOWED = "SELECT aggregate, aggregate_id, event_id FROM followed WHERE cause = $1 ORDER BY event_id DESC"


@dataclass(frozen=True, slots=True)
class Followed:
    """A fact of ours that followed from another."""

    aggregate: str
    aggregate_id: UUID
    event_id: UUID


async def follow(tx: Connection, cause: UUID, kept: Kept[Any], aggregate: str) -> None:
    """Keep what followed from a fact."""
    await tx.execute(FOLLOW, cause, aggregate, kept.id, [envelope.id for envelope in kept.said])


async def followed(tx: Connection, cause: UUID) -> list[Followed]:
    """What followed from a fact, the last first."""
    return [Followed(**dict(row)) for row in await tx.fetch(FOLLOWED, cause)]


# Where persons are -----------------------------------------------------------------------------------------------------

PERSONS = Persons(
    shared=(cohort.AGGREGATE,),
    own=(
        enrolment.AGGREGATE,
        competence.AGGREGATE,
        employment.AGGREGATE,
        pathway.AGGREGATE,
        apprenticeship.AGGREGATE,
    ),
    of_own=MappingProxyType({"followed": "aggregate_id"}),
    renamed=("booking",),
    dropped=("starter", "transcript_code"),
)

LIVE_PLACES = """
SELECT booking.id, booking.cohort_id FROM booking JOIN cohort ON cohort.id = booking.cohort_id
WHERE person_id = $1 AND booking.status = ANY($2) AND cohort.status = 'scheduled' ORDER BY cohort_id, booking.id
"""
LIVE = sorted(status.value for status in booking.LIVE)


async def live_places(tx: Connection, person_id: UUID) -> list[tuple[UUID, UUID]]:
    """Somebody's places in cohorts that are to come, or their turn for one: cohort and booking, in the order of locks."""
    return [(row["cohort_id"], row["id"]) for row in await tx.fetch(LIVE_PLACES, person_id, LIVE)]


# The aggregates --------------------------------------------------------------------------------------------------------


def _organisation(state: Part, _who: str) -> str | None:
    """Who sees what waits, beside the programme."""
    match state:
        case Competence(organisation=organisation) | Enrolment(organisation=organisation):
            return organisation
        case Apprenticeship(employer=employer):
            return employer
        case _:
            return None


aggregates = Aggregates(
    machines=MappingProxyType({
        course.Course: course,
        cohort.Cohort: cohort,
        refresher.Refresher: refresher,
        induction.Induction: induction,
        enrolment.Enrolment: enrolment,
        competence.Competence: competence,
        requirement.Requirement: requirement,
        employment.Employment: employment,
        cycle.Cycle: cycle,
        pathway.Pathway: pathway,
        apprenticeship.Apprenticeship: apprenticeship,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected,
        by_itself=(
            PlacesReleased, PlaceLapsed, CourseCompleted, CoursePartlyCompleted, CourseNotAttended, CompetenceExpiring,
            SubmissionsClosed, PlacementCompleted,
        ),
    ),
    organisation=_organisation,
    refusals=MappingProxyType({
        "refresher_once": refresher.AlreadySet,
        "competence_once": competence.AlreadyRecorded,
        "requirement_once": requirement.AlreadyRequired,
        "employment_once": employment.AlreadyWorks,
        "induction_once": induction.AlreadySet,
        "cycle_once": cycle.AlreadyOpen,
        "pathway_once": pathway.AlreadyBegun,
        "enrolment_once": enrolment.AlreadyEnrolled,
    }),
    hang_on=HANG_ON,
    persons=PERSONS,
    schedule=SCHEDULE,
    follows=_keep_bookings,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
