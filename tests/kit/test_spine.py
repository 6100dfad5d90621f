"""An event from a command to its effect, on a real broker and a real database."""

import asyncio
from uuid import UUID

import pytest

from kit import outbox
from kit.bus import Bus
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.inbox import FactReader
from kit.relay import Relay
from kit.settings import Settings
from kit.testing.facts import Counted
from kit.testing.waiting import until


async def say(database: Database, aggregate: UUID, version: int, numbers: list[int], topic: str) -> None:
    async with database.transaction() as tx:
        await outbox.record(
            tx, "counter", aggregate, version, [Counted(by=by) for by in numbers], Context(actor="test"), topic=topic
        )


async def effects(database: Database) -> dict[UUID, list[int]]:
    async with database.transaction() as tx:
        rows = await tx.fetch('SELECT aggregate_id, "by" FROM effect ORDER BY turn')
    found: dict[UUID, list[int]] = {}
    for row in rows:
        found.setdefault(row["aggregate_id"], []).append(row["by"])
    return found


async def test_what_is_said_takes_effect_once_and_in_order(
    database: Database, settings: Settings, reader: FactReader, topic: str
) -> None:
    relay, bus = Relay(settings), Bus(settings, database, reader, topics=[topic])
    counters = [new_id() for _ in range(20)]
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        group.create_task(bus.run())
        for version in range(0, 20, 2):
            for counter in counters:
                await say(database, counter, version, [version + 1, version + 2], topic)

        async def all_there() -> bool:
            return sum(map(len, (await effects(database)).values())) >= 400

        await until(all_there)
        relay.stop()
        bus.stop()
    assert await effects(database) == {counter: list(range(1, 21)) for counter in counters}
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.outbox") == 0
        assert await tx.fetchval("SELECT count(*) FROM kit.journal") == 400
        assert await tx.fetchval("SELECT sum(next_offset) FROM kit.position") == 400


@pytest.mark.parametrize("statement", ["UPDATE kit.journal SET actor = 'other'", "DELETE FROM kit.journal"])
async def test_the_service_may_not_change_its_journal(database: Database, topic: str, statement: str) -> None:
    await say(database, new_id(), 0, [1], topic)
    with pytest.raises(Exception, match="permission denied"):
        async with database.transaction() as tx:
            await tx.execute(statement)
