"""Positions and lag, and a topic that was lost: said again, made anew, adopted."""

import asyncio

from kit import kafka
from kit.ids import new_id
from kit.relay import Relay
from kit.testing.facts import Counted
from kit.testing.records import stream
from kit.testing.running import produce, running
from kit.testing.waiting import until

from .conftest import World
from .test_dead_letters import applied, counts, reader


async def lose(world: World) -> None:
    """Delete the service's topic; return when the broker knows it no more."""
    client = kafka.admin(world.settings())
    for future in client.delete_topics([world.topic]).values():
        await asyncio.to_thread(future.result)

    async def gone() -> bool:
        return world.topic not in await asyncio.to_thread(kafka.topic_ids, client, [world.topic])

    await until(gone)


async def test_lag_is_the_end_of_the_log_minus_the_position_also_where_nothing_was_read(world: World) -> None:
    await produce(world.settings(), counts(world, 1, 2, 3))
    async with world.reading(reader()):
        await applied(world, [1, 2, 3])
    await produce(world.settings(), [record.at(0, partition=1) for record in counts(world, 1, 2)])
    rows = (await world.ok("lag", world.service, "--json")).json
    if not world.broker.idempotent:  # the embedded broker names the first offset of the last batch
        assert [row["partition"] for row in rows] == [0, 1, 2]
        return
    assert [(row["partition"], row["position"], row["end"], row["lag"]) for row in rows] == [
        (0, 3, 3, 0), (1, 0, 2, 2), (2, 0, 0, 0),
    ]  # fmt: skip
    behind = (await world.ok("lag", "--behind", "--json")).json
    assert [row["partition"] for row in behind] == [1]


async def test_a_topic_that_was_lost_is_said_again_and_adopted_and_nothing_is_applied_twice(world: World) -> None:
    """c5: asked to republish before the topic is made anew, so that nothing new comes before what is said again."""
    counter = new_id()
    async with world.database() as database, running(Relay(world.settings())):
        for _ in range(3):
            await world.count(database, counter)
        async with world.reading(reader()):
            await applied(world, [1, 2, 3])
        await lose(world)
        await world.decide("republish", world.service)
        await world.count(database, counter)
        await world.ok("topics", "create")
        await world.decide("republish", world.service, "--wait")
        async with world.reading(reader()) as bus:

            async def stopped() -> bool:
                return bool(bus.stopped)

            await until(stopped)
            assert (await world.ok("partitions", "list", "--json")).json[0]["stopped_code"] == "topic-recreated"
            await world.decide("positions", "adopt", world.service, world.topic)
            await applied(world, [1, 2, 3, 4])
    again = await world.run("positions", "adopt", world.service, world.topic, "--author", "a", "--reason", "b")
    assert again.code == 1
    assert "nothing to adopt" in again.error


async def test_positions_are_shown_by_reader_and_partition(world: World) -> None:
    await produce(world.settings(), stream([Counted(by=1)], new_id(), topic=world.topic))
    async with world.reading(reader()):
        await applied(world, [1])
    shown = (await world.ok("positions", "show", world.service, "--topic", world.topic, "--json")).json
    assert [(row["consumer"], row["partition"], row["next_offset"]) for row in shown] == [
        ("test.counting", 0, 1), ("test.counting", 1, 0), ("test.counting", 2, 0),
    ]  # fmt: skip
    missing = await world.run("positions", "adopt", world.service, "no.such.v1", "--author", "a", "--reason", "b")
    assert (missing.code, "no.such.v1 does not exist" in missing.error) == (1, True)
