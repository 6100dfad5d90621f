"""The schema: what migrations build is what tables.sql says; every statement is one that PostgreSQL takes."""

from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from kit import letting_go, one_use, persons
from kit.context import Context
from kit.database import Connection, Database
from kit.reconcile import Found
from kit.testing.databases import Clone
from kit.testing.schema import shapes, statements
from learning import store
from learning.domain.cohort import Cohort
from learning.domain.course import Course
from learning.retention import SCHEDULE
from learning.store import aggregates, compliance, consequences, places, skills, starts
from learning.testing import BOOK, PUBLISH, book, place
from learning.testing import SCHEDULE as PLAN

STATEMENTS = {
    **dict(statements(places, skills, starts, consequences, compliance, one_use, persons)),
    **aggregates.statements(),
    **store.PERSONS.statements(),
    **letting_go.statements(SCHEDULE),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_prepares(untouched: Database, name: str) -> None:
    async with untouched.transaction() as tx:
        await tx.prepare(STATEMENTS[name])


async def test_migrations_build_what_tables_sql_says(clone: Clone) -> None:
    migrated, said = await shapes(clone, "learning")
    assert migrated == said


async def test_a_person_has_one_place_in_a_cohort_whatever_the_code_says(database: Database) -> None:
    async with database.transaction() as tx:
        cohort = await _a_cohort(tx)
        (first, _) = await store.bookings(tx, cohort_id=cohort)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as tx:
            await tx.execute(
                "INSERT INTO booking VALUES ($1, $2, $3, 'x', 'booked', now(), NULL)", uuid4(), cohort, first.person_id
            )


async def test_a_partner_sees_its_own_learners_rows_alone(clone: Clone, database: Database) -> None:
    async with database.transaction() as tx:
        await _a_cohort(tx)
    async with clone.open("somebody-else") as other, other.transaction() as tx:
        assert await store.bookings(tx) == []


async def test_after_a_restore_the_places_are_worked_out_anew_from_the_journal(
    clone: Clone, database: Database
) -> None:
    async with database.transaction() as tx:
        cohort = await _a_cohort(tx)
    async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
        before = await store.bookings(tx)
        ids = tuple(row["aggregate_id"] for row in await tx.fetch("SELECT DISTINCT aggregate_id FROM kit.journal"))
        for table in ("booking", "cohort", "course"):
            await tx.execute(f"DELETE FROM {table}")
        await aggregates.rebuild(tx, Found(read=0, behind=ids, added=0, forgotten=()))
        assert await store.bookings(tx) == before
        assert (await aggregates.look(tx, Cohort, cohort)).booking(place(2)).status == "booked"


async def _a_cohort(tx: Connection) -> UUID:
    """A cohort of two places, both booked."""
    context = Context(actor="test")
    course = await aggregates.begin(tx, Course, [PUBLISH], context)
    commands = [replace(PLAN, course_id=course.id), BOOK, book(2)]
    return (await aggregates.begin(tx, Cohort, commands, context)).id
