"""A bus or a relay beside a test, and records put where a test wants them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from kit import kafka
from kit.settings import Settings
from kit.testing.records import TestRecord


class Runs(Protocol):
    """A loop of kit's: a bus, a relay."""

    async def run(self) -> None: ...
    def stop(self) -> None: ...


@asynccontextmanager
async def running(*loops: Runs) -> AsyncIterator[None]:
    """These run while the block does, and end in order; an error of one is the block's."""
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run())
        try:
            yield
        finally:
            for loop in loops:
                loop.stop()


async def produce(settings: Settings, records: Sequence[TestRecord]) -> list[tuple[str, int, int]]:
    """Put these records into their topics and partitions, in order; topic, partition and offset of each."""
    producer = kafka.producer(settings)
    await producer.start()
    try:
        acknowledged = [
            await producer.send(record.topic, record.value, record.key, record.partition, headers=list(record.headers))
            for record in records
        ]
        stored = await asyncio.gather(*acknowledged)
    finally:
        await producer.stop()
    return [(each.topic, each.partition, each.offset) for each in stored]
