"""The outbox and its relay."""

import asyncio
import json

from kit import kafka, outbox, republish, topics
from kit.context import Context
from kit.ids import new_id
from kit.relay import Relay
from kit.testing.facts import Counted
from kit.testing.running import running
from kit.testing.waiting import until

from .bench import DIED, LIMIT, Bench


async def a_relay_that_dies_before_it_sends_loses_nothing(bench: Bench) -> None:
    await _relay_dies(bench, "relay.after_read=exit")


async def a_relay_that_dies_after_it_has_sent_loses_nothing(bench: Bench) -> None:
    await _relay_dies(bench, "relay.after_send=exit")


async def _relay_dies(bench: Bench, failpoints: str) -> None:
    aggregates = [new_id() for _ in range(4)]
    for aggregate in aggregates:
        await bench.say(aggregate, 0, 5)
    assert await bench.process("kit.testing.relay_process", "3", failpoints=failpoints) == DIED
    async with running(Relay(bench.settings)):
        await bench.sent()
    log = await bench.log()
    assert set(log) == {(str(aggregate), version) for aggregate in aggregates for version in range(1, 6)}


async def versions_are_sent_in_their_order(bench: Bench) -> None:
    aggregate = new_id()
    for version in range(8):
        await bench.say(aggregate, version)
    async with running(Relay(bench.settings)):
        await bench.sent()
    assert [version for _, version in await bench.log()] == list(range(1, 9))


async def what_the_broker_did_not_take_stays(bench: Bench) -> None:
    narrow = topics.Topic(f"narrow-{bench.topic}", 1, {"max.message.bytes": "100"})
    await asyncio.to_thread(topics.create, kafka.admin(bench.settings), [narrow])
    await bench.say(new_id(), 0, 3, topic=narrow.name)
    await bench.say(new_id(), 0, 2)
    async with running(Relay(bench.settings)):

        async def good_ones_are_gone() -> bool:
            rows = await bench.ledger.rows("SELECT topic FROM kit.outbox")
            return bench.topic not in {row["topic"] for row in rows}

        await until(good_ones_are_gone, LIMIT)
        assert len(await bench.ledger.rows("SELECT FROM kit.outbox")) == 3


async def one_relay_leads(bench: Bench) -> None:
    first, second = Relay(bench.settings), Relay(bench.settings)
    async with first._session() as one_, second._session() as other:
        await first._take(one_)
        await second._take(other)
        assert len(first._leads) == outbox.SHARDS
        assert not second._leads, "two relays lead the same shards"


async def positions_follow_versions_whoever_began_first(bench: Bench) -> None:
    aggregate = new_id()
    async with bench.database.transaction() as early, bench.database.transaction() as late:
        await early.fetchval("SELECT 1")
        await outbox.record(late, "counter", aggregate, 0, [Counted(by=1)], Context(actor="late"), topic=bench.topic)
        # the row of the aggregate is held to here, and only then the one that began first has its turn
        await outbox.record(early, "counter", aggregate, 1, [Counted(by=2)], Context(actor="early"), topic=bench.topic)
    rows = await bench.ledger.rows("SELECT headers FROM kit.outbox ORDER BY position")
    assert [int(json.loads(row["headers"])["ce_sequence"]) for row in rows] == [1, 2]


async def a_second_writer_of_one_version_is_turned_away(bench: Bench) -> None:
    aggregate = new_id()
    await bench.say(aggregate, 0)
    try:
        await bench.say(aggregate, 0)
    except Exception as error:  # noqa: BLE001 which one is PostgreSQL's to say
        assert "Unique" in type(error).__name__  # noqa: PT017
        return
    raise AssertionError("a version was given out twice")


async def a_request_to_say_again_is_heard_by_the_relay_of_its_shards_alone(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await republish.ask(tx, bench.topic)
    own = range(outbox.SHARDS // 2)

    async def heard() -> set[int]:
        rows = await bench.ledger.rows("SELECT shard FROM kit.republish WHERE heard_at IS NOT NULL")
        return {row["shard"] for row in rows}

    async def all_of_its_own() -> bool:
        return await heard() >= set(own)

    assert await heard() == set(), "nobody was there to hear it"
    async with running(Relay(bench.settings, own)):
        await until(all_of_its_own, LIMIT)
    assert await heard() == set(own)
