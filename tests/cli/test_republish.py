"""Saying again beside live writes: first occurrences stay in the order of versions, and nothing is missing (c5)."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from kit import kafka, relay, republish
from kit.ids import new_id
from kit.outbox import SHARDS, shard_of
from kit.relay import Relay
from kit.testing.running import running
from kit.testing.waiting import until

from .conftest import World
from .test_positions import lose


async def read(world: World) -> list[tuple[UUID, int, str]]:
    """Subject, version and id of every record of the service's topic, by partition and offset."""
    consumer = kafka.consumer(world.settings(), world.topic)
    await consumer.start()
    found, silent = {}, 0
    try:
        while silent < 3:
            fetched = await consumer.getmany(timeout_ms=400)
            silent = 0 if fetched else silent + 1
            for partition, records in fetched.items():
                for record in records:
                    headers = dict(record.headers)
                    told = (
                        UUID(headers["ce_subject"].decode()),
                        int(headers["ce_sequence"]),
                        headers["ce_id"].decode(),
                    )
                    found[partition.partition, record.offset] = told
    finally:
        await consumer.stop()
    return [found[place] for place in sorted(found)]


@pytest.mark.kafka  # the embedded broker acknowledges records of a topic that was deleted, and forgets them
@pytest.mark.parametrize("relays", [1, 2])
async def test_first_occurrences_are_in_order_though_commands_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch, relays: int
) -> None:
    monkeypatch.setattr(republish, "PAGE", 7)  # many turns, so that commands come between
    monkeypatch.setattr(relay, "SEND_WAIT", 3.0)  # nobody acknowledges what was on its way to a topic that is lost
    counters = [new_id() for _ in range(12)]
    shards = [range(16)] if relays == 1 else [range(0, 16, 2), range(1, 16, 2)]
    async with world.database() as database:
        for _ in range(6):
            for counter in counters:
                await world.count(database, counter)
        async with running(*(Relay(world.settings(), own) for own in shards)):

            async def sent() -> bool:
                return bool((await world.ok("outbox", "--json")).json[0]["waiting"] == 0)

            await until(sent)

            async def go_on() -> None:
                for _ in range(6):
                    for counter in counters:
                        await world.count(database, counter)

            going_on = asyncio.create_task(go_on())  # something is on its way while the topic goes
            await lose(world)
            await world.decide("republish", world.service)
            await world.ok("topics", "create")
            done = await world.decide("republish", world.service, "--wait")
            await going_on
            await until(sent)
    assert "rows were said again" in done.out
    log = await read(world)
    first: dict[UUID, list[int]] = {counter: [] for counter in counters}
    seen: set[str] = set()
    for counter, version, event_id in log:
        if event_id not in seen:
            seen.add(event_id)
            first[counter].append(version)
    assert first == {counter: list(range(1, 13)) for counter in counters}
    assert len(log) > len(seen)
    shown = (await world.ok("outbox", "--json")).json[0]
    assert shown["republishing"] == []
    assert [asked["shards_left"] for asked in shown["asked"]] == [0, 0]


async def test_one_aggregate_alone_can_be_said_again_byte_for_byte(world: World) -> None:
    one, other = new_id(), new_id()
    async with world.database() as database, running(Relay(world.settings())):
        for counter in (one, other, one):
            await world.count(database, counter)
        await world.decide("republish", world.service, "--aggregate", str(one), "--wait")
    log = await read(world)
    assert sorted((subject, version) for subject, version, _ in log) == sorted(
        [(one, 1), (one, 2), (other, 1), (one, 1), (one, 2)]
    )
    assert len({event_id for _, _, event_id in log}) == 3


async def test_whoever_takes_a_shard_over_says_again_what_is_asked_of_it_before_anything_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "ASKED", 3600.0)  # of what it leads already it would not ask so soon
    one = new_id()
    own = Relay(world.settings())

    async def leads(shards: int) -> bool:
        return len(own._leads) == shards

    async def sent() -> bool:
        return bool((await world.ok("outbox", "--json")).json[0]["waiting"] == 0)

    async with world.database() as database:
        await world.count(database, one)
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM kit.outbox")  # sent, to a topic that is lost since
        another = await asyncpg.connect(world.dsn)
        await another.execute("SELECT pg_advisory_lock($1, $2)", relay.LOCK_SPACE, shard_of(str(one).encode()))
        async with running(own):
            await until(lambda: leads(SHARDS - 1))
            async with database.transaction() as tx:
                await republish.ask(tx, world.topic, one)
            await world.count(database, one)
            await another.close()
            await until(sent)
    assert [version for _, version, _ in await read(world)] == [1, 2, 2]  # the outbox held the second too
