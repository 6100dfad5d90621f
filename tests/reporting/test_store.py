"""Every statement is one that PostgreSQL takes, and tables.sql is what the migrations build."""

import asyncpg
import pytest

from kit import sessions
from kit.database import Database
from kit.testing.databases import Clone
from kit.testing.schema import shapes, statements
from reporting import figures, flow, projector
from reporting.metrics import BREAKDOWNS, METRICS
from reporting.testing import CONSUMER

STATEMENTS = dict(statements(figures, flow, projector, sessions))
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


async def test_tables_sql_is_what_the_migrations_build(clone: Clone) -> None:
    migrated, said = await shapes(clone, "reporting", CONSUMER)
    assert migrated == said


async def test_a_stub_says_nothing_of_anybody(database: Database) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute(
                "INSERT INTO declaration VALUES (gen_random_uuid(), gen_random_uuid(), 't', 1, NULL, 'A', 't', 0, 0, now())"
            )
