"""A reader: order, poison, types from the future."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from kit.database import Connection
from kit.errors import Refused, Unavailable
from kit.ids import new_id
from kit.inbox import FactReader, Received, each
from kit.testing.effects import counted, write_down
from kit.testing.facts import Counted, Renamed
from kit.testing.records import stream
from kit.testing.running import produce
from kit.testing.waiting import until

from .bench import DIED, LIMIT, Bench, failing, one


async def what_follows_something_unreadable_waits_behind_it(bench: Bench) -> None:
    first, second = counted([1, 2], topic=bench.topic)
    await produce(bench.settings, [replace(first, value=b"{"), second, one(9, bench.topic)])
    async with bench.reading():
        await bench.stands(3)
    await bench.effects(9)
    assert await bench.ledger.letters() == [(0, "unreadable", "open"), (1, "behind", "open")]


async def an_event_that_comes_early_waits_for_the_one_before_it(bench: Bench) -> None:
    first, second, third = counted([1, 2, 3], topic=bench.topic)
    await produce(bench.settings, [first, third])
    async with bench.reading():
        await bench.stands(2)
        await produce(bench.settings, [second])
        await bench.stands(3)
    await bench.effects(1, 2, 3)


async def a_version_that_is_known_with_another_id_stops_the_partition(bench: Bench) -> None:
    subject = new_id()
    await produce(bench.settings, counted([1, 2], topic=bench.topic, subject=subject))
    await produce(bench.settings, counted([5], topic=bench.topic, subject=subject))
    async with bench.reading():
        await bench.stopped("version-reused")
    await bench.effects(1, 2)


async def a_type_from_the_future_is_applied_by_a_reader_that_knows_it(bench: Bench) -> None:
    renamed = stream([Renamed(label="x")], new_id(), topic=bench.topic)
    await produce(bench.settings, [*renamed, one(1, bench.topic)])
    async with bench.reading():
        await bench.effects(1)
    seen: list[str] = []

    async def note(tx: Connection, received: Sequence[Received]) -> None:
        seen.extend(type(event.fact).__name__ for event in received)

    async with bench.reading(FactReader(bench.group, [Counted, Renamed], note)):

        async def heard() -> bool:
            return bool(seen)

        await until(heard, LIMIT)
    assert seen == ["Renamed"]


async def an_error_without_a_name_stops_its_partition(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading(bench.reader(failing(2, KeyError("a defect")))):
        await bench.stopped("defect")
    await bench.effects(1)


async def what_is_away_is_tried_again_and_not_passed_over(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading(bench.reader(failing(2, Unavailable("away"), times=2)), batch=1):
        await bench.effects(1, 2, 3)


async def a_ceiling_counts_what_stands_in_rows(bench: Bench) -> None:
    bad = [replace(one(0, bench.topic), value=b"{") for _ in range(3)]
    await produce(bench.settings, bad[:2])
    code = await bench.process(
        "kit.testing.bus_process", bench.topic, bench.group, failpoints="bus.after_commit=exit", CEILING="2"
    )
    assert code == DIED
    await produce(bench.settings, bad[2:])
    async with bench.reading(bench.reader(ceiling=2)):
        await bench.stopped_or_at(3)
        assert set((await bench.ledger.stops()).values()) == {"ceiling"}


async def a_partition_that_waits_does_not_delay_another(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic)])
    tried = asyncio.Event()

    async def apply(tx: Connection, received: Sequence[Received]) -> None:
        await write_down(tx, received)
        if any(event.partition == 0 for event in received):
            tried.set()
            raise Unavailable("away")

    async with bench.reading(bench.reader(apply)):
        await asyncio.wait_for(tried.wait(), LIMIT)
        await produce(bench.settings, [one(10, bench.topic, 1)])
        await bench.effects(10)


async def a_value_that_the_database_does_not_take_is_set_aside_alone(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic), one(-13, bench.topic), one(2, bench.topic)])
    async with bench.reading():
        await bench.stands(3)
    await bench.effects(1, 2)


async def what_was_decided_about_a_record_holds_for_every_reader(bench: Bench) -> None:
    await produce(bench.settings, [replace(one(0, bench.topic), value=b"{"), one(2, bench.topic)])
    async with bench.reading():
        await bench.effects(2)
        await bench.ledger.decide(0, "edit", value=b'{"by": 7}')
        await bench.effects(2, 7)
    rebuilt = FactReader(f"{bench.group}-again", [Counted], write_down)
    async with bench.reading(rebuilt):
        await bench.effects(2, 7, 7, 2)


async def what_was_decided_about_a_record_says_nothing_of_the_next_at_its_place(bench: Bench) -> None:
    await produce(bench.settings, [replace(one(0, bench.topic), value=b"{"), one(2, bench.topic)])
    async with bench.reading():
        await bench.effects(2)
        await bench.ledger.decide(0, "discard")
        await until(lambda: _discarded(bench), LIMIT)
    # where it would stand had the log lost its end, and given the place out once more
    await bench.ledger.do('UPDATE kit.resolution SET "offset" = 2')
    await produce(bench.settings, [one(5, bench.topic)])
    async with bench.reading():
        await bench.stands(3)
    await bench.effects(2, 5)


async def _discarded(bench: Bench) -> bool:
    return await bench.ledger.letters() == [(0, "unreadable", "discarded")]


async def a_reaction_that_is_refused_becomes_a_task(bench: Bench) -> None:
    class Closed(Refused):
        """It is closed."""

    async def refuse(tx: Connection, event: Received) -> None:
        raise Closed

    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading(bench.reader(each(bench.group, {Counted: refuse}))):
        await bench.stands(1)
    assert [row["code"] for row in await bench.ledger.rows("SELECT code FROM kit.task")] == ["closed"]
