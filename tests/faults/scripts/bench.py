"""Where a script runs, and what scripts have in common."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from kit import kafka, outbox
from kit.bus import Bus
from kit.context import Context
from kit.database import Connection, Database
from kit.ids import new_id
from kit.inbox import FactReader, Received
from kit.settings import Settings
from kit.testing.databases import Clone
from kit.testing.effects import WRITE, Ledger, counted, write_down
from kit.testing.facts import Counted
from kit.testing.records import TestRecord
from kit.testing.running import running
from kit.testing.waiting import until
from laptop import leash

LIMIT = 20.0  # seconds for what must come; on a mutant it may never
DIED = 9


@dataclass(frozen=True)
class Bench:
    """A cloned database with a table of effects, a topic of three partitions of its own, and a broker shared with others."""

    settings: Settings
    clone: Clone
    database: Database
    topic: str
    folder: Path

    @property
    def group(self) -> str:
        """The reader's: two benches at one broker must not be one group."""
        return f"reader-of-{self.topic}"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    def reader(self, apply: Any = write_down, **more: Any) -> FactReader:
        return FactReader(self.group, [Counted], apply, **more)

    @asynccontextmanager
    async def reading(self, reader: FactReader | None = None, **more: Any) -> AsyncIterator[Bus]:
        bus = Bus(self.settings, self.database, reader or self.reader(), topics=[self.topic], **more)
        async with running(bus):
            yield bus

    async def effects(self, *numbers: int) -> None:
        """Wait until the effects are these; then assert that they are these in this order."""

        async def enough() -> bool:
            return len(await self.ledger.effects()) >= len(numbers) or bool(await self.ledger.stops())

        await until(enough, LIMIT)
        found = await self.ledger.effects()
        assert found == list(numbers), f"effects are {found}, stops {await self.ledger.stops()}"

    async def somebody_waits(self) -> bool:
        """Whether a session of this database waits for a lock."""
        query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await self.ledger.rows(query))

    async def stands(self, offset: int) -> None:
        """Wait until the reader has come so far in partition 0, or has stopped there."""

        async def there() -> bool:
            return await self.ledger.position(self.topic) == offset or bool(await self.ledger.stops())

        await until(there, LIMIT)
        assert await self.ledger.stops() == {}

    async def stopped(self, code: str) -> None:
        async def hold() -> bool:
            return bool(await self.ledger.stops())

        await until(hold, LIMIT)
        assert set((await self.ledger.stops()).values()) == {code}

    async def stopped_or_at(self, offset: int) -> None:
        """Wait until partition 0 has stopped, or has been read so far."""

        async def there() -> bool:
            return bool(await self.ledger.stops()) or (await self.ledger.position(self.topic) or 0) >= offset

        await until(there, LIMIT)

    async def process(self, *argv: str, failpoints: str, **environment: str) -> int:
        """Run one of kit.testing's processes until it ends; its code."""
        child = await leash.start(
            [sys.executable, "-m", *argv],
            env=self.environment(failpoints, environment),
            output=asyncio.subprocess.DEVNULL,
        )
        try:
            return await asyncio.wait_for(child.wait(), 60)
        finally:
            await leash.end(child)

    def environment(self, failpoints: str, more: Mapping[str, str]) -> dict[str, str]:
        ours = {
            "DATABASE_DSN": self.settings.database_dsn.get_secret_value(),
            "KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "FAILPOINTS": failpoints,
            **more,
        }
        return {**os.environ, **{f"ONEWORKFORCE_{name}": given for name, given in ours.items()}}

    async def say(self, aggregate: UUID, version: int, count: int = 1, topic: str = "") -> None:
        async with self.database.transaction() as tx:
            facts = [Counted(by=version + turn) for turn in range(1, count + 1)]
            await outbox.record(
                tx, "counter", aggregate, version, facts, Context(actor="script"), topic=topic or self.topic
            )

    async def sent(self) -> None:
        async def empty() -> bool:
            return await self.ledger.rows("SELECT FROM kit.outbox LIMIT 1") == []

        await until(empty, LIMIT)

    async def log(self) -> list[tuple[str, int]]:
        """Subject and version of all that stands on the topic."""
        consumer = kafka.consumer(self.settings, self.topic)
        await consumer.start()
        try:
            found: list[tuple[str, int]] = []
            own = consumer.assignment()
            ends = await consumer.end_offsets(own)
            while any([await consumer.position(place) < ends[place] for place in own]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    headers = [dict(record.headers) for record in records]
                    found += [(each["ce_subject"].decode(), int(each["ce_sequence"])) for each in headers]
            return found
        finally:
            await consumer.stop()


def one(by: int, topic: str, partition: int = 0) -> TestRecord:
    return counted([by], topic=topic, partition=partition)[0]


async def happened(tx: Connection, by: int = 1) -> UUID:
    """An effect that no record had; the id of what it befell."""
    id_ = new_id()
    await tx.execute(WRITE, id_, 1, id_, by, 0, 0)
    return id_


def failing(at: int, error: Exception, times: int = 10**9) -> Any:
    """An `apply` that fails where it meets a number, so many times."""
    left = [times]

    async def apply(tx: Connection, received: Sequence[Received]) -> None:
        await write_down(tx, received)
        if left[0] and any(isinstance(event.fact, Counted) and event.fact.by == at for event in received):
            left[0] -= 1
            raise error

    return apply
