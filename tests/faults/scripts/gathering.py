"""A reader that takes several partitions in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from kit import positions
from kit.bus import Assigned, Bus
from kit.database import Connection
from kit.dead_letters import Batch
from kit.inbox import FactReader
from kit.positions import Fenced
from kit.testing.effects import counted, write_down
from kit.testing.facts import Counted
from kit.testing.records import TestRecord

from .bench import Bench, failing

PARTITIONS = range(3)
Group = Mapping[TopicPartition, list[TestRecord]]


class Gathered(FactReader):
    """Takes partitions together."""

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        await self.read_all(tx, batches)


class Interrupted(Gathered):
    """Takes partitions together; meanwhile one of the positions moves, and no mark is left that could hide it."""

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        await super().read_together(tx, batches)
        await _forget_marks(tx)
        await tx.execute("UPDATE kit.position SET next_offset = 7 WHERE partition = 1")


@dataclass(frozen=True)
class Holding:
    """A consumer that holds these partitions."""

    held: set[TopicPartition]

    def assignment(self) -> set[TopicPartition]:
        return self.held


async def what_was_applied_is_not_applied_with_others(bench: Bench) -> None:
    bus, group = await _due(bench, Gathered(bench.group, [Counted], write_down))
    assert await bus._apply_together(group)
    async with bench.database.transaction() as tx:
        await _forget_marks(tx)  # so that nothing but the positions protects us
    assert not await bus._apply_together(group)
    await bench.effects(1, 2, 3)


async def effects_of_several_and_their_positions_are_one_transaction(bench: Bench) -> None:
    bus, group = await _due(bench, Interrupted(bench.group, [Counted], write_down))
    try:
        await bus._apply_together(group)
    except Fenced:
        assert await bench.ledger.effects() == []
        return
    raise AssertionError("a position that had moved was moved on")


async def what_fails_among_several_is_not_passed_over(bench: Bench) -> None:
    bus, group = await _due(bench, Gathered(bench.group, [Counted], failing(2, KeyError("a defect"))))
    bus._assigned = {at: Assigned(0) for at in group}
    consumer: Any = Holding(set(group))
    assert not await bus._deliver_together(consumer, group)
    assert [own.next_offset for own in bus._assigned.values()] == [0, 0, 0]
    await bench.effects()


async def several_positions_move_only_from_where_all_of_them_were(bench: Bench) -> None:
    bus, group = await _due(bench, bench.reader())
    async with bench.database.transaction() as tx:
        places = await positions.lock_free(tx, bus.consumer, _at(group))
        await positions.move(tx, places[1], 5)
    try:
        async with bench.database.transaction() as tx:
            await positions.move_all(tx, bus.consumer, dict.fromkeys(places, 9))
    except Fenced:
        return
    raise AssertionError("positions were moved from where they were not")


async def what_another_holds_is_not_taken_with_the_others(bench: Bench) -> None:
    bus, group = await _due(bench, bench.reader())
    async with bench.database.transaction() as tx, bench.database.transaction() as other:
        held = await positions.lock(tx, bus.consumer, bench.topic, 0)
        free = await positions.lock_free(other, bus.consumer, _at(group))
        assert {place.partition for place in free} == set(PARTITIONS) - {held.partition}


async def _due(bench: Bench, reader: FactReader) -> tuple[Bus, Group]:
    """A bus that does not run, and what is due: one record in each partition."""
    async with bench.database.transaction() as tx:
        for number in PARTITIONS:
            await positions.open_place(tx, reader.consumer, bench.topic, number, "id", 0)
    records = [counted([number + 1], topic=bench.topic, partition=number)[0].at(0) for number in PARTITIONS]
    group = {TopicPartition(bench.topic, record.partition): [record] for record in records}
    return Bus(bench.settings, bench.database, reader, topics=[bench.topic]), group


def _at(group: Group) -> list[tuple[str, int]]:
    return [(at.topic, at.partition) for at in group]


async def _forget_marks(tx: Connection) -> None:
    for marks in ("inbox", "aggregate_seen"):
        await tx.execute(f"DELETE FROM kit.{marks}")
