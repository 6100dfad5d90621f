"""A reader: duplicates, positions, fences."""

import asyncio

from kit import positions
from kit.positions import Fenced
from kit.testing.effects import counted
from kit.testing.running import produce
from kit.testing.waiting import until

from .bench import DIED, LIMIT, Bench, one


async def the_same_event_at_another_offset_has_one_effect(bench: Bench) -> None:
    log = counted([1, 2], topic=bench.topic)
    await produce(bench.settings, [*log, log[0], log[1]])
    async with bench.reading():
        await bench.stands(4)
    await bench.effects(1, 2)


async def a_stale_batch_writes_nothing(bench: Bench) -> None:
    log = counted([1, 2, 3], topic=bench.topic)
    await produce(bench.settings, log)
    async with bench.reading() as bus:
        await bench.effects(1, 2, 3)
        # so that nothing but the position protects us
        await bench.ledger.do("DELETE FROM kit.inbox")
        await bench.ledger.do("DELETE FROM kit.aggregate_seen")
        at = next(at for at in bus.holding.all() if at.partition == 0)
        await bus.delivering.deliver(at, [record.at(n) for n, record in enumerate(log)])
        await produce(bench.settings, [one(4, bench.topic)])
        await bench.stands(4)
    await bench.effects(1, 2, 3, 4)


async def a_reader_that_dies_before_its_commit_loses_nothing(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    code = await bench.process("kit.testing.bus_process", bench.topic, bench.group, failpoints="bus.before_commit=exit")
    assert code == DIED
    async with bench.reading():
        await bench.effects(1, 2, 3)


async def a_reader_that_dies_after_its_commit_doubles_nothing(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    code = await bench.process("kit.testing.bus_process", bench.topic, bench.group, failpoints="bus.after_commit=exit")
    assert code == DIED
    await bench.ledger.do("DELETE FROM kit.inbox")
    await bench.ledger.do("DELETE FROM kit.aggregate_seen")
    async with bench.reading():
        await produce(bench.settings, [one(4, bench.topic)])
        await bench.stands(4)
    await bench.effects(1, 2, 3, 4)


async def a_position_moves_only_from_where_it_was(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await positions.open_place(tx, bench.group, bench.topic, 0, "id", 0)
        place = await positions.lock(tx, bench.group, bench.topic, 0)
        await positions.move(tx, place, 5)
    try:
        async with bench.database.transaction() as tx:
            await positions.move(tx, place, 3)
    except Fenced:
        return
    raise AssertionError("a position went back")


async def a_position_is_held_while_a_batch_is_applied(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await positions.open_place(tx, bench.group, bench.topic, 0, "id", 0)

    async def other() -> None:
        async with bench.database.transaction() as tx:
            await positions.lock(tx, bench.group, bench.topic, 0)

    async with bench.database.transaction() as tx:
        await positions.lock(tx, bench.group, bench.topic, 0)
        waiting = asyncio.create_task(other())

        async def is_seen() -> bool:
            return waiting.done() or await bench.somebody_waits()

        await until(is_seen, LIMIT)
        assert not waiting.done(), "two readers hold one position"
    await waiting


async def the_row_is_the_truth_and_not_kafkas_commit(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2], topic=bench.topic))
    async with bench.reading():
        await bench.effects(1, 2)
    for table in ("effect", "kit.inbox", "kit.aggregate_seen"):
        await bench.ledger.do(f"DELETE FROM {table}")
    await bench.ledger.do("UPDATE kit.position SET next_offset = 0")
    async with bench.reading():
        await bench.effects(1, 2)
