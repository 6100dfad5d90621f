"""The effect of a `Counted`, written down: what tests of the plumbing compare with what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit import dead_letters, positions
from kit.database import Connection, Database
from kit.ids import new_id
from kit.inbox import Received
from kit.testing.facts import Counted
from kit.testing.records import TestRecord, stream

EFFECTS = """
CREATE TABLE effect (
    turn bigint GENERATED ALWAYS AS IDENTITY, aggregate_id uuid NOT NULL, version int NOT NULL, event_id uuid NOT NULL,
    "by" int NOT NULL CHECK ("by" <> -13), partition int NOT NULL, "offset" bigint NOT NULL
);
"""
WRITE = """
INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset") VALUES ($1, $2, $3, $4, $5, $6)
"""
BAD = -13
"""The number that the database does not take."""


async def write_down(tx: Connection, received: Sequence[Received]) -> None:
    """The effect of a `Counted`: a row."""
    for event in received:
        if isinstance(event.fact, Counted):
            await tx.execute(
                WRITE, event.envelope.subject, event.envelope.sequence, event.envelope.id, event.fact.by,
                event.partition, event.offset,
            )  # fmt: skip


def counted(numbers: Sequence[int], *, topic: str, partition: int = 0, subject: UUID | None = None) -> list[TestRecord]:
    """The records of one counter that went up by these numbers."""
    return stream([Counted(by=by) for by in numbers], subject or new_id(), topic=topic, partition=partition)


@dataclass(frozen=True)
class Ledger:
    """What stands in a database of the plumbing's tests."""

    database: Database

    async def rows(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        async with self.database.transaction() as tx:
            return [dict(row) for row in await tx.fetch(statement, *arguments)]

    async def do(self, statement: str, *arguments: Any) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(statement, *arguments)

    async def effects(self) -> list[int]:
        """What counters went up by, in the order in which it was written down."""
        return [row["by"] for row in await self.rows('SELECT "by" FROM effect ORDER BY turn')]

    async def position(self, topic: str, partition: int = 0) -> int | None:
        found = await self.rows(
            "SELECT next_offset FROM kit.position WHERE topic = $1 AND partition = $2", topic, partition
        )
        return found[0]["next_offset"] if found else None

    async def stops(self) -> dict[tuple[str, int], str]:
        """Why each stopped partition is."""
        return {
            (row["topic"], row["partition"]): row["stopped_code"]
            for row in await self.rows("SELECT * FROM kit.position WHERE stopped_code IS NOT NULL")
        }

    async def letters(self) -> list[tuple[int, str, str]]:
        """Dead letters by offset, kind and state."""
        found = await self.rows('SELECT "offset", kind, state FROM kit.dead_letter ORDER BY partition, "offset", id')
        return [(row["offset"], row["kind"], row["state"]) for row in found]

    async def decide(self, offset: int, action: dead_letters.Action, **more: Any) -> None:
        """Decide as an operator would about what was kept from an offset, last of all."""
        async with self.database.transaction() as tx:
            letter = await tx.fetchval(
                'SELECT id FROM kit.dead_letter WHERE "offset" = $1 ORDER BY id DESC LIMIT 1', offset
            )
            await dead_letters.decide(tx, letter, action, author="tester", reason="a test", **more)

    async def resume(self, consumer: str, topic: str, partition: int = 0) -> None:
        async with self.database.transaction() as tx:
            await positions.resume(tx, consumer, topic, partition)
