"""Every statement is one that PostgreSQL takes, and tables.sql is what the migrations build."""

from pathlib import Path

import asyncpg
import pytest

from kit.database import Database
from kit.testing.databases import Clone
from reporting import figures, flow, projector
from reporting.metrics import BREAKDOWNS, METRICS
from reporting.pages import sign_in

TABLES_SQL = Path(__file__).resolve().parents[2] / "services" / "reporting" / "reporting" / "tables.sql"

VERBS = ("SELECT ", "INSERT ", "UPDATE ", "WITH ")
STATEMENTS = {
    f"{module.__name__}.{name}": value
    for module in (figures, flow, projector, sign_in)
    for name, value in vars(module).items()
    if name.isupper() and isinstance(value, str) and value.lstrip().startswith(VERBS)
}
STATEMENTS |= {f"retell {table}": statement for table, statement in projector.RETELL.items()}
STATEMENTS |= {f"labels of {by.id}": by.labels for by in BREAKDOWNS.values() if by.labels}
for _metric in METRICS.values():
    _arguments = 2 if "$2" in _metric.cases else 1
    STATEMENTS[f"{_metric.id} total"] = _metric.total_sql
    STATEMENTS[f"{_metric.id} partners"] = _metric.partners_sql
    STATEMENTS[f"{_metric.id} evidence"] = _metric.evidence_sql(None, _arguments + 1)
    for _by in _metric.by:
        STATEMENTS[f"{_metric.id} by {_by}"] = _metric.grouped_sql(_by)
        STATEMENTS[f"{_metric.id} evidence by {_by}"] = _metric.evidence_sql(_by, _arguments + 1)


async def test_every_statement_prepares(database: Database) -> None:
    assert len(STATEMENTS) > 50
    for name, statement in STATEMENTS.items():
        async with database.transaction() as tx:
            try:
                await tx.prepare(statement)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{name}: {error}")


SHAPE = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, generation_expression
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'view', viewname, definition, NULL, NULL, NULL, NULL FROM pg_views WHERE schemaname = 'public'
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid), NULL, NULL, NULL, NULL
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


async def test_tables_sql_is_what_the_migrations_build(clone: Clone) -> None:
    connection = await asyncpg.connect(clone.admin_dsn)
    try:
        await connection.execute("DROP TABLE public.migration")
        migrated = {tuple(row) for row in await connection.fetch(SHAPE)}
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.execute(TABLES_SQL.read_text())
        assert {tuple(row) for row in await connection.fetch(SHAPE)} == migrated
    finally:
        await connection.close()


async def test_a_stub_says_nothing_of_anybody(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute(
                "INSERT INTO declaration VALUES (gen_random_uuid(), gen_random_uuid(), 't', 1, NULL, 'A', 't', 0, 0, now())"
            )
