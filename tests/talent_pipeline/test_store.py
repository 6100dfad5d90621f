"""The schema: what migrations build is what tables.sql says; every statement is one that PostgreSQL takes."""

import secrets
from collections.abc import Iterator, Mapping
from importlib import resources

import asyncpg
import pytest

from kit.database import Database
from kit.testing.databases import Clone
from talent_pipeline import store

DESCRIBED = """
SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(generation_expression, column_default, '')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migration'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> 'migration'
UNION ALL
SELECT 'index', tablename::text, indexname::text, indexdef, '', ''
FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migration'
UNION ALL
SELECT 'policy', tablename::text, policyname::text, coalesce(qual, ''), coalesce(with_check, ''), ''
FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'function', proname::text, pg_get_functiondef(oid), '', '', '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4
"""


def statements() -> Iterator[tuple[str, str]]:
    for name, value in vars(store).items():
        if name.isupper() and isinstance(value, str) and " " in value:
            yield name, value
        if name.isupper() and isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()):
            yield from ((f"{name} {table}", statement) for table, statement in value.items())


@pytest.mark.parametrize(("name", "statement"), list(statements()), ids=lambda value: value if len(value) < 40 else "")
async def test_every_statement_prepares(database: Database, name: str, statement: str) -> None:
    async with database.transaction() as tx:
        await tx.prepare(statement)


async def test_migrations_build_what_tables_sql_says(clone: Clone) -> None:
    admin = await asyncpg.connect(clone.admin_dsn)
    other = f"tables_{secrets.token_hex(4)}"
    await admin.execute(f"CREATE DATABASE {other}")
    try:
        fresh = await asyncpg.connect(clone.admin_dsn, database=other)
        await fresh.execute((resources.files("talent_pipeline") / "tables.sql").read_text())
        assert [tuple(row) for row in await fresh.fetch(DESCRIBED)] == [
            tuple(row) for row in await admin.fetch(DESCRIBED)
        ]
        await fresh.close()
    finally:
        await admin.execute(f"DROP DATABASE {other} WITH (FORCE)")
        await admin.close()


async def test_the_service_may_neither_change_nor_delete_what_was_said(database: Database) -> None:
    for statement in ("UPDATE kit.journal SET version = 9", "DELETE FROM kit.journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(statement)
