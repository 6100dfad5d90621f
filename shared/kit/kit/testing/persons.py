"""Persons for tests: so many are registered in every database of a test from the first, and each who asks is given another."""

from itertools import count
from uuid import UUID

import asyncpg

from kit.database import Database
from kit.inbox import Apply, Received
from kit.persons import KNOW
from kit.testing.records import envelope_of
from schemas.fact import Fact

MANY = 3000

_turns = count()


def registered(turn: int) -> UUID:
    """One of those who are registered."""
    return UUID(f"ace00000-0000-4000-8000-{turn % MANY:012x}")


def somebody() -> UUID:
    """Somebody of whom a service may speak, and of whom no test speaks that asked shortly before."""
    return registered(next(_turns))


TABLES = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'kit')"
COLUMNS = (
    "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'person_id'"
)


async def naming(admin_dsn: str, person: UUID) -> list[str]:
    """The tables of which a row names a person: as an id, as text, or as bytes."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        found = []
        for (name,) in await admin.fetch(TABLES):
            rows = "\n".join(repr(tuple(row)) for row in await admin.fetch(f"SELECT * FROM {name}"))  # noqa: S608 its own catalogue names it
            found += [name] if str(person) in rows or repr(person) in rows else []
        return sorted(found)
    finally:
        await admin.close()


async def keeping(admin_dsn: str) -> set[str]:
    """The service's own tables that have a person's id in a column."""
    admin = await asyncpg.connect(admin_dsn)
    try:
        return {row["table_name"] for row in await admin.fetch(COLUMNS)}
    finally:
        await admin.close()


async def hear(database: Database, apply: Apply, *said: tuple[UUID, int, Fact]) -> None:
    """Have these of people applied, in one batch: whose, the version, and what."""
    received = [Received(envelope_of(fact, id_, turn), fact, "people.events.v1", 0, 0) for id_, turn, fact in said]
    async with database.transaction() as tx:
        await apply(tx, received)


async def register(dsn: str) -> None:
    """Into a template."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(KNOW, [registered(turn) for turn in range(MANY)], [None] * MANY)
    finally:
        await connection.close()
