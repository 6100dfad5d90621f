"""The schema: what migrations build is what tables.sql says; every statement is one that PostgreSQL takes."""

import asyncpg
import pytest

from kit import letting_go, persons, references, retention, waiting
from kit.database import Database
from kit.testing.databases import Clone
from kit.testing.schema import shapes, statements
from mobility import store
from mobility.retention import SCHEDULE
from mobility.store import aggregates

STATEMENTS = {
    **dict(statements(store, waiting, references, persons, retention)),
    **aggregates.statements(),
    **store.PERSONS.statements(),
    **letting_go.statements(SCHEDULE),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_prepares(untouched: Database, name: str) -> None:
    async with untouched.transaction() as tx:
        await tx.prepare(STATEMENTS[name])


async def test_migrations_build_what_tables_sql_says(clone: Clone) -> None:
    migrated, said = await shapes(clone, "mobility")
    assert migrated == said


async def test_the_service_may_neither_change_nor_delete_what_was_said(database: Database) -> None:
    for statement in ("UPDATE kit.journal SET version = 9", "DELETE FROM kit.journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(statement)
