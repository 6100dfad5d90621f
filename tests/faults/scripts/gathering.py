"""A reader that takes several partitions in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from kit import positions
from kit.bus.applying import apply_together
from kit.bus.delivering import Delivering
from kit.bus.fetching import Group
from kit.bus.holding import Holding
from kit.database import Connection
from kit.dead_letters import Batch
from kit.inbox import FactReader
from kit.positions import Fenced
from kit.testing.effects import counted, write_down
from kit.testing.facts import Counted

from .bench import Bench, failing

PARTITIONS = range(3)


class Interrupted(FactReader):
    """Takes partitions together; meanwhile one of the positions moves, and no mark is left that could hide it."""

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        await super().read_together(tx, batches)
        await _forget_marks(tx)
        await tx.execute("UPDATE kit.position SET next_offset = 7 WHERE partition = 1")


@dataclass(frozen=True)
class Consumer:
    """A consumer to which these partitions are assigned, and which reads nothing."""

    assigned: Collection[TopicPartition]

    def assignment(self) -> Collection[TopicPartition]:
        return self.assigned

    def seek(self, partition: TopicPartition, offset: int) -> None: ...
    def resume(self, partition: TopicPartition) -> None: ...


async def what_was_applied_is_not_applied_with_others(bench: Bench) -> None:
    reader = FactReader(bench.group, [Counted], write_down)
    group = await _due(bench, reader)
    assert await apply_together(bench.database, reader, group)
    async with bench.database.transaction() as tx:
        await _forget_marks(tx)  # so that nothing but the positions protects us
    assert not await apply_together(bench.database, reader, group)
    await bench.effects(1, 2, 3)


async def effects_of_several_and_their_positions_are_one_transaction(bench: Bench) -> None:
    reader = Interrupted(bench.group, [Counted], write_down)
    group = await _due(bench, reader)
    try:
        await apply_together(bench.database, reader, group)
    except Fenced:
        assert await bench.ledger.effects() == []
        return
    raise AssertionError("a position that had moved was moved on")


async def what_fails_among_several_is_not_passed_over(bench: Bench) -> None:
    reader = FactReader(bench.group, [Counted], failing(2, KeyError("a defect")))
    group = await _due(bench, reader)
    holding = Holding(bench.group, bench.database, lambda: Consumer(group.keys()))
    async with bench.database.transaction() as tx:
        for place in (await positions.places(tx, bench.group)).values():
            holding.begin(TopicPartition(place.topic, place.partition), place)
    delivering = Delivering(reader, bench.database, holding, batch=2000, turn=lambda: None)
    assert not await delivering.deliver_together(group)
    assert [own.next_offset for own in holding.all().values()] == [0, 0, 0]
    await bench.effects()


async def several_positions_move_only_from_where_all_of_them_were(bench: Bench) -> None:
    group = await _due(bench, bench.reader())
    async with bench.database.transaction() as tx:
        places = await positions.lock_free(tx, bench.group, _at(group))
        await positions.move(tx, places[1], 5)
    try:
        async with bench.database.transaction() as tx:
            await positions.move_all(tx, bench.group, dict.fromkeys(places, 9))
    except Fenced:
        return
    raise AssertionError("positions were moved from where they were not")


async def what_another_holds_is_not_taken_with_the_others(bench: Bench) -> None:
    group = await _due(bench, bench.reader())
    async with bench.database.transaction() as tx, bench.database.transaction() as other:
        held = await positions.lock(tx, bench.group, bench.topic, 0)
        free = await positions.lock_free(other, bench.group, _at(group))
        assert {place.partition for place in free} == set(PARTITIONS) - {held.partition}


async def _due(bench: Bench, reader: FactReader) -> Group:
    """What is due: one record in each partition."""
    async with bench.database.transaction() as tx:
        for number in PARTITIONS:
            await positions.open_place(tx, reader.consumer, bench.topic, number, "id", 0)
    records = [counted([number + 1], topic=bench.topic, partition=number)[0].at(0) for number in PARTITIONS]
    return {TopicPartition(bench.topic, record.partition): [record] for record in records}


def _at(group: Group) -> list[tuple[str, int]]:
    return [(at.topic, at.partition) for at in group]


async def _forget_marks(tx: Connection) -> None:
    for marks in ("inbox", "aggregate_seen"):
        await tx.execute(f"DELETE FROM kit.{marks}")
