"""Several partitions in one transaction: what one costs twelve cost, and what goes wrong with one is still that one's alone."""

import asyncio
import itertools
import secrets
from dataclasses import replace
from typing import Any

import pytest
from tests.kit.test_bus import Failing, Gate, are, one, stopped

from kit import positions
from kit.bus import Bus
from kit.database import Database
from kit.inbox import FactReader
from kit.positions import Fenced
from kit.settings import Settings
from kit.testing.effects import BAD, Ledger, write_down
from kit.testing.facts import Counted
from kit.testing.running import produce, running
from kit.testing.waiting import until

TOGETHER = "SELECT FROM effect GROUP BY xmin::text HAVING count(DISTINCT partition) = 3"
"""Transactions that had effects in all three partitions."""


def a_reader(apply: Any = write_down) -> FactReader:
    return FactReader(f"test-{secrets.token_hex(4)}", [Counted], apply)


async def test_a_few_records_of_several_partitions_are_one_transaction(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    numbers = itertools.count(1)

    async def together() -> bool:
        await produce(settings, [one(next(numbers), topic, partition) for partition in range(3)])
        return bool(await ledger.rows(TOGETHER))

    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(together)
        await until(are(ledger, *range(1, next(numbers))))


async def test_more_than_a_batch_is_not_taken_together(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    numbers = range(1, 91)
    await produce(settings, [one(by, topic, by % 3) for by in numbers])
    async with running(Bus(settings, database, a_reader(), topics=[topic], batch=5)):
        await until(are(ledger, *numbers))
    assert not await ledger.rows("SELECT FROM effect GROUP BY xmin::text HAVING count(*) > 5")


async def test_an_error_without_a_name_stops_its_partition_alone(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    failing = Failing(3, KeyError("a defect"))
    reader = a_reader(failing)
    await produce(settings, [*(one(by, topic) for by in (1, 2, 3, 4)), one(10, topic, 1), one(20, topic, 2)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stopped(ledger, topic, "defect"))
        await until(are(ledger, 1, 2, 10, 20))
        failing.left = 0
        await ledger.resume(reader.consumer, topic)
        await until(are(ledger, 1, 2, 3, 4, 10, 20))


async def test_a_value_that_the_database_does_not_take_is_set_aside_alone(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    too_large = replace(one(0, topic, 1), value=b'{"by": 99999999999}')
    await produce(
        settings, [one(1, topic), one(BAD, topic), one(2, topic), too_large, one(3, topic, 1), one(4, topic, 2)]
    )
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(are(ledger, 1, 2, 3, 4))
    assert sorted(await ledger.letters()) == [(0, "unreadable", "open"), (1, "unreadable", "open")]


async def test_what_was_applied_before_is_not_applied_again(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    log = {0: [one(1, topic, 0)], 1: [one(2, topic, 1)], 2: [one(3, topic, 2)]}
    await produce(settings, [record for records in log.values() for record in records])
    bus = Bus(settings, database, a_reader(), topics=[topic])
    async with running(bus):
        await until(are(ledger, 1, 2, 3))
        for marks in ("inbox", "aggregate_seen"):  # so that nothing but the positions protects us
            await ledger.do(f"DELETE FROM kit.{marks}")
        again = {at: list(log[at.partition]) for at in bus.holding.all()}
        await bus.delivering.deliver_all(again)
        await produce(settings, [one(4, topic)])
        await until(are(ledger, 1, 2, 3, 4))
    assert await ledger.rows("SELECT fenced FROM kit.position") == [{"fenced": 1}] * 3


async def test_a_partition_that_another_holds_is_not_waited_for_by_its_neighbours(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    gate = Gate(at=0)
    bus = Bus(settings, database, a_reader(gate), topics=[topic])
    async with running(bus):
        await produce(settings, [one(0, topic)])
        await gate.reached.wait()
        async with database.transaction() as tx:
            held = await positions.lock_free(tx, bus.consumer, [(topic, 0), (topic, 1), (topic, 2)])
        assert {place.partition for place in held} == {1, 2}
        gate.open.set()
        await until(are(ledger, 0))


async def test_several_positions_move_only_from_where_all_of_them_were(database: Database, ledger: Ledger) -> None:
    async with database.transaction() as tx:
        for partition in range(2):
            await positions.open_place(tx, "reader", "topic", partition, "id", 0)
        places = await positions.lock_free(tx, "reader", [("topic", 1), ("topic", 0)])
        assert [place.partition for place in places] == [0, 1]
        await positions.move_all(tx, "reader", dict.fromkeys(places, 5))
    with pytest.raises(Fenced):
        async with database.transaction() as tx:
            await positions.move_all(tx, "reader", {places[0]: 9, replace(places[1], next_offset=5): 9})
    assert [await ledger.position("topic", partition) for partition in range(2)] == [5, 5]


async def test_a_reader_for_which_nobody_waits_lets_more_come_after_each_delivery(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = Bus(settings, database, a_reader(), topics=[topic], pause=7.0)
    rests, goes_on, rested = asyncio.Event(), asyncio.Event(), list[float]()

    async def rest(seconds: float) -> None:
        rested.append(seconds)
        rests.set()
        await goes_on.wait()

    monkeypatch.setattr(bus._ending, "rest", rest)
    async with running(bus):
        await produce(settings, [one(1, topic)])
        await asyncio.wait_for(rests.wait(), 30)
        await produce(settings, [one(2, topic), one(3, topic, 1)])
        assert await ledger.effects() == [1]
        goes_on.set()
        await until(are(ledger, 1, 2, 3))
    assert set(rested) == {7.0}


@pytest.mark.kafka  # the embedded broker is slow to let a member go
async def test_two_members_share_the_partitions_and_each_effect_is_there_once(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    reader = a_reader()
    buses = [Bus(settings, database, reader, topics=[topic], batch=7) for _ in range(2)]
    numbers = list(range(1, 121))
    async with running(buses[0]):
        await produce(settings, [one(by, topic, by % 3) for by in numbers[:60]])
        async with running(buses[1]):
            await produce(settings, [one(by, topic, by % 3) for by in numbers[60:]])
            await until(are(ledger, *numbers))
    assert sorted(await ledger.effects()) == numbers
