"""Refresher periods, records of training, what acceptances save, and the codes that show a transcript. Statements are constants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kit import persons
from kit.aggregates import Row
from kit.database import Connection
from learning.domain.competence import Competence
from learning.domain.core_skills import Rule
from learning.domain.refresher import Refresher
from schemas.learning import Skill, Subject

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
WORKED_UNTIL = """
SELECT coalesce(bool_or(status = 'working'), false) AS works, max(kit.day_of(body ->> 'since')) AS until FROM employment
WHERE person_id = ANY($1::uuid[]) AND organisation = $2 AND status <> 'voided'
"""
NOT_RENEWED = """
SELECT id FROM competence WHERE person_id = ANY($1::uuid[]) AND organisation = $2 AND status IN ('current', 'expiring') ORDER BY id
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


async def needed_until(tx: Connection, trained: Competence) -> date | None:
    """Until when training counts for something: it runs out, and its person works no more for who trained them. None: they do."""
    ids = await persons.one_with(tx, trained.person_id)
    ran_out = trained.expires_on or trained.since
    (row,) = await tx.fetch(WORKED_UNTIL, ids, trained.organisation)
    return None if row["works"] else max(ran_out, row["until"] or ran_out)


async def not_renewed(tx: Connection, person_id: UUID, organisation: str) -> list[UUID]:
    """What an organisation trained a person in and nobody renewed, in the order in which several are locked."""
    ids = await persons.one_with(tx, person_id)
    return [row["id"] for row in await tx.fetch(NOT_RENEWED, ids, organisation)]


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
