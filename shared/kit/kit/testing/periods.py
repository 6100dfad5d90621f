"""Periods that are new to a service: a migration gives one to what had ended before."""

from datetime import datetime
from importlib import resources
from typing import TypeAlias
from uuid import UUID

import asyncpg

from kit.testing.databases import Clone

RUNNING = "SELECT aggregate, aggregate_id, due_at FROM kit.deadline WHERE name = 'retention' AND fired_at IS NULL"
BEGIN = "INSERT INTO kit.deadline"
Period: TypeAlias = tuple[str, UUID, datetime]
"""Of which record, and when it is over."""


async def given_anew(clone: Clone, package: str, *migrations: str) -> tuple[set[Period], set[Period]]:
    """What runs in this clone, and what these migrations begin where nothing does."""
    connection = await asyncpg.connect(clone.admin_dsn)
    try:
        running = await _running(connection)
        await connection.execute("DELETE FROM kit.deadline WHERE name = 'retention'")
        for name in migrations:
            text = (resources.files(package) / "migrations" / name).read_text()
            await connection.execute(text[text.index(BEGIN) :])
        return running, await _running(connection)
    finally:
        await connection.close()


async def _running(connection: asyncpg.Connection) -> set[Period]:
    return {(row["aggregate"], row["aggregate_id"], row["due_at"]) for row in await connection.fetch(RUNNING)}
