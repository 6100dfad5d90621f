"""What stands in the outbox reaches the broker: all of it, and first in the order in which it was said."""

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest
from aiokafka import TopicPartition

from kit import kafka, outbox, relay, topics
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.relay import Relay
from kit.settings import Settings
from kit.testing.databases import Clone
from kit.testing.effects import Ledger
from kit.testing.facts import Counted
from kit.testing.running import running
from kit.testing.waiting import until
from laptop import apache_kafka, leash
from laptop.apache_kafka import ApacheKafka

Said = list[tuple[UUID, int]]


async def say(database: Database, aggregate: UUID, version: int, count: int, topic: str) -> None:
    async with database.transaction() as tx:
        facts = [Counted(by=version + turn) for turn in range(1, count + 1)]
        await outbox.record(tx, "counter", aggregate, version, facts, Context(actor="test"), topic=topic)


async def say_many(database: Database, topic: str, aggregates: int = 10, versions: int = 12) -> set[tuple[UUID, int]]:
    """Several counters' facts, mixed, each counter's in order."""
    ids = [new_id() for _ in range(aggregates)]
    for version in range(0, versions, 3):
        random.shuffle(ids)
        for aggregate in ids:
            await say(database, aggregate, version, 3, topic)
    return {(aggregate, version) for aggregate in ids for version in range(1, versions + 1)}


async def log_of(settings: Settings, topic: str) -> Said:
    """All that stands on a topic, partition after partition: aggregate and version."""
    consumer = kafka.consumer(settings, topic)
    await consumer.start()
    found: Said = []
    try:
        own = [TopicPartition(topic, partition) for partition in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(own) if not consumer.assignment() else None
        ends = await consumer.end_offsets(own)
        for partition in own:
            await consumer.seek_to_beginning(partition)
            while await consumer.position(partition) < ends[partition]:
                for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, []):
                    headers = dict(record.headers)
                    found.append((UUID(headers["ce_subject"].decode()), int(headers["ce_sequence"])))
    finally:
        await consumer.stop()
    return found


def first_occurrences(log: Said) -> dict[UUID, list[int]]:
    found: dict[UUID, list[int]] = {}
    for aggregate, version in dict.fromkeys(log):
        found.setdefault(aggregate, []).append(version)
    return found


def assert_all_there_in_order(log: Said, said: set[tuple[UUID, int]]) -> None:
    assert set(log) == said
    assert all(versions == sorted(versions) for versions in first_occurrences(log).values())


def emptied(ledger: Ledger) -> Callable[[], Awaitable[bool]]:
    async def hold() -> bool:
        return await ledger.rows("SELECT FROM kit.outbox LIMIT 1") == []

    return hold


# -- c12: positions in the order of versions -----------------------------------------------------------------------------


DRAW = "SELECT nextval(pg_get_serial_sequence('kit.outbox', 'position'))"


async def command(database: Database, aggregate: UUID, gate: asyncio.Event | None, *, wrong: bool) -> None:
    """A command that says one fact, holding its aggregate's row until the gate opens. Wrong: its position is drawn first."""
    key = str(aggregate).encode()
    async with database.transaction() as tx:
        drawn = await tx.fetchval(DRAW) if wrong else None
        version = await tx.fetchval(
            "UPDATE aggregate SET version = version + 1 WHERE id = $1 RETURNING version", aggregate
        )
        if gate is not None:
            await gate.wait()
        headers = json.dumps({"version": str(version)})
        if wrong:
            await tx.execute(
                "INSERT INTO kit.outbox (position, shard, topic, key, headers) OVERRIDING SYSTEM VALUE"
                " VALUES ($1, 0, 'c12', $2, $3)",
                drawn, key, headers,
            )  # fmt: skip
        else:
            await outbox.record(
                tx, "counter", aggregate, version - 1, [Counted(by=1)], Context(actor="test"), topic="c12"
            )


@pytest.mark.parametrize("wrong", [False, True], ids=["ours", "the mutant: the position is drawn before the row lock"])
async def test_positions_follow_versions_also_where_a_command_waits_for_the_row(
    clone: Clone, database: Database, ledger: Ledger, wrong: bool
) -> None:
    aggregate, gate = new_id(), asyncio.Event()
    async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
        await tx.execute("CREATE TABLE aggregate (id uuid PRIMARY KEY, version int NOT NULL)")
        await tx.execute("GRANT ALL ON aggregate TO testing_service")
        await tx.execute("INSERT INTO aggregate VALUES ($1, 0)", aggregate)
        await tx.execute("GRANT ALL ON SEQUENCE kit.outbox_position_seq TO testing_service")
    admin = await asyncpg.connect(clone.admin_dsn)
    async with asyncio.TaskGroup() as group:
        # the second to come waits for the row of the first, which goes on when it is seen to wait
        group.create_task(command(database, aggregate, gate, wrong=False))
        await until(lambda: _are_waiting(admin, "idle in transaction", 1))
        group.create_task(command(database, aggregate, None, wrong=wrong))
        await until(lambda: _are_waiting(admin, "active", 1))
        gate.set()
    await admin.close()
    rows = await ledger.rows("SELECT headers FROM kit.outbox ORDER BY position")
    given = [json.loads(row["headers"]) for row in rows]
    versions = [int(headers.get("ce_sequence") or headers["version"]) for headers in given]
    assert (versions == [1, 2]) is not wrong


async def _are_waiting(admin: "asyncpg.Connection[asyncpg.Record]", state: str, count: int) -> bool:
    found = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = $1"
        " AND query LIKE 'UPDATE aggregate%'",
        state,
    )
    return bool(found == count)


async def test_several_facts_of_one_command_stand_in_the_outbox_in_their_order(
    database: Database, ledger: Ledger
) -> None:
    await say(database, new_id(), 0, 30, "any")
    rows = await ledger.rows("SELECT headers FROM kit.outbox ORDER BY position")
    assert [int(json.loads(row["headers"])["ce_sequence"]) for row in rows] == list(range(1, 31))


async def test_a_second_writer_that_did_not_lock_is_turned_away(database: Database) -> None:
    aggregate = new_id()
    await say(database, aggregate, 0, 1, "any")
    with pytest.raises(asyncpg.UniqueViolationError):
        await say(database, aggregate, 0, 1, "any")


# -- one relay, two relays -----------------------------------------------------------------------------------------------


async def test_two_relays_send_all_of_it_once_and_one_takes_over_when_the_other_ends(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    first, second = Relay(settings), Relay(settings)
    async with running(first, second):
        said = await say_many(database, topic)
        await until(emptied(ledger))
        leader = first if first._leads else second
        leader.stop()
        said |= await say_many(database, topic)
        await until(emptied(ledger))
    log = await log_of(settings, topic)
    assert_all_there_in_order(log, said)
    assert len(log) == len(said)


async def test_a_leader_whose_session_is_ended_begins_again_and_loses_nothing(
    settings: Settings, clone: Clone, database: Database, ledger: Ledger, topic: str
) -> None:
    admin = await asyncpg.connect(clone.admin_dsn)
    async with running(Relay(settings), Relay(settings)):
        said: set[tuple[UUID, int]] = set()
        for _ in range(3):
            said |= await say_many(database, topic, aggregates=4)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'testing-relay'"
            )
        await until(emptied(ledger))
    await admin.close()
    assert_all_there_in_order(await log_of(settings, topic), said)


async def test_a_topic_that_does_not_exist_holds_up_no_other(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 10)  # so that the bad topic's rows alone would fill a round
    monkeypatch.setattr(relay, "TOPIC_WAIT", 1.0)
    missing = f"missing-{topic}"
    await say(database, new_id(), 0, 20, missing)
    async with running(Relay(settings)):
        said = await say_many(database, topic, aggregates=3)
        await until(lambda: _only_of(ledger, missing))
        topics.create(kafka.admin(settings), [topics.Topic(missing, 1)])
        await until(emptied(ledger), seconds=60)
    assert_all_there_in_order(await log_of(settings, topic), said)
    assert [version for _, version in await log_of(settings, missing)] == list(range(1, 21))


async def _only_of(ledger: Ledger, topic: str) -> bool:
    return {row["topic"] for row in await ledger.rows("SELECT DISTINCT topic FROM kit.outbox")} == {topic}


@pytest.mark.kafka
async def test_a_row_that_its_topic_does_not_take_holds_up_no_other_topic(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    small = f"small-{topic}"
    topics.create(kafka.admin(settings), [topics.Topic(small, 1, {"max.message.bytes": "2000"})])
    large = outbox.SEND
    await ledger.do(large, 0, small, b"k", b"x" * 50_000, "{}")
    async with running(Relay(settings)):
        said = await say_many(database, topic, aggregates=3)
        await until(lambda: _only_of(ledger, small))
    assert_all_there_in_order(await log_of(settings, topic), said)


async def test_the_largest_row_that_the_outbox_takes_is_sent(settings: Settings, ledger: Ledger, topic: str) -> None:
    for size in (900_000, 450_000, 10):
        headers = json.dumps({"ce_subject": str(new_id()), "ce_sequence": str(size)})
        await ledger.do(outbox.SEND, 0, topic, b"key", b"x" * size, headers)
    with pytest.raises(asyncpg.CheckViolationError):
        await ledger.do(outbox.SEND, 0, topic, b"key", b"x" * 900_001, "{}")
    async with running(Relay(settings)):
        await until(emptied(ledger))
    assert [size for _, size in await log_of(settings, topic)] == [900_000, 450_000, 10]


async def test_a_message_without_a_value_is_a_tombstone(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    async with database.transaction() as tx:
        await outbox.send(tx, topic, "key", None, {"ce_subject": str(new_id()), "ce_sequence": "1"})
    async with running(Relay(settings)):
        await until(emptied(ledger))
    assert len(await log_of(settings, topic)) == 1


# -- c13: killed and frozen in processes of their own --------------------------------------------------------------------


@asynccontextmanager
async def relay_process(settings: Settings, failpoints: str = "", lease: int = 3) -> AsyncIterator[Process]:
    environment = {
        **os.environ,
        "ONEWORKFORCE_DATABASE_DSN": settings.database_dsn.get_secret_value(),
        "ONEWORKFORCE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "ONEWORKFORCE_KAFKA_IDEMPOTENT": str(settings.kafka_idempotent),
        "ONEWORKFORCE_FAILPOINTS": failpoints,
    }
    argv = [sys.executable, "-m", "kit.testing.relay_process", str(lease)]
    child = await leash.start(argv, env=environment, output=asyncio.subprocess.DEVNULL)
    try:
        yield child
    finally:
        await leash.end(child)


@pytest.mark.parametrize("where", ["relay.after_read", "relay.after_send", "relay.after_delete"])
async def test_a_relay_that_is_killed_loses_nothing_and_inverts_nothing(
    settings: Settings, database: Database, ledger: Ledger, topic: str, where: str
) -> None:
    said = await say_many(database, topic)
    async with relay_process(settings, f"{where}=exit:1") as child:
        assert await child.wait() == 9
    async with running(Relay(settings)):
        await until(emptied(ledger))
    assert_all_there_in_order(await log_of(settings, topic), said)


async def test_a_leader_that_is_frozen_loses_the_lead_and_cannot_take_anything_back(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    said = await say_many(database, topic)
    async with relay_process(settings, "relay.after_send=stop:1") as child:
        await until(lambda: _is_frozen(child))
        async with running(Relay(settings)):
            await until(emptied(ledger))
            os.kill(child.pid, signal.SIGCONT)
            said |= await say_many(database, topic)
            await until(emptied(ledger))
    assert_all_there_in_order(await log_of(settings, topic), said)


async def _is_frozen(child: Process) -> bool:
    from pathlib import Path

    return Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"


FREEZES_WHILE_IT_READS = """
import asyncio, os, signal, sys
from kit import relay
from kit.settings import Settings

async def main():
    relay.LEASE = 2
    own = relay.Relay(Settings.load(service="testing", process="relay"))
    async with own._session() as connection:
        await own._take(connection)
        reading = asyncio.ensure_future(connection.execute("SELECT repeat('x', 1000000) FROM generate_series(1, 60)"))
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGSTOP)

asyncio.run(main())
"""


async def test_a_leader_that_is_frozen_while_it_reads_loses_the_lead_too(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    """The server cannot even write its answer: neither the idle limit nor a transaction's applies, the connection's does."""
    environment = {**os.environ, "ONEWORKFORCE_DATABASE_DSN": settings.database_dsn.get_secret_value()}
    child = await leash.start([sys.executable, "-c", FREEZES_WHILE_IT_READS], env=environment)
    try:
        await until(lambda: _is_frozen(child))
        said = await say_many(database, topic, aggregates=3)
        async with running(Relay(settings)):
            await until(emptied(ledger), seconds=60)
    finally:
        await leash.end(child)
    assert_all_there_in_order(await log_of(settings, topic), said)


# -- the broker is away --------------------------------------------------------------------------------------------------


@pytest.mark.kafka
async def test_while_the_broker_is_away_commands_are_accepted_and_their_backlog_goes_out_afterwards(
    settings: Settings, database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    monkeypatch.setattr(relay, "SEND_WAIT", 2.0)
    async with ApacheKafka() as broker:
        there = settings.model_copy(update={"kafka_bootstrap": broker.bootstrap})
        topic = "away.events.v1"
        topics.create(kafka.admin(there), [topics.Topic(topic, 3)])
        own = Relay(there)
        async with running(own):
            said = await say_many(database, topic, aggregates=3)
            await until(emptied(ledger))
            await broker.kill()
            said |= await say_many(database, topic, aggregates=3)
            before = own.moved_at
            await until(lambda: _moved(own, before + 3))  # it goes on looking, and has failed at least once
            await broker.start()
            said |= await say_many(database, topic, aggregates=3)
            await until(emptied(ledger), seconds=60)
        assert_all_there_in_order(await log_of(there, topic), said)
    assert [task for task in asyncio.all_tasks() if "aiokafka" in repr(task.get_coro())] == []


async def _moved(own: Relay, moment: float) -> bool:
    return own.moved_at > moment


def test_order_is_seen_to_be_wrong_where_it_is() -> None:
    """What the other tests stand on can fail."""
    one = new_id()
    for wrong in ([(one, 2), (one, 1)], [(one, 1)]):
        with pytest.raises(AssertionError):
            assert_all_there_in_order(wrong, {(one, 1), (one, 2)})
    again: Sequence[tuple[UUID, int]] = [(one, 1), (one, 2), (one, 1)]
    assert_all_there_in_order(list(again), {(one, 1), (one, 2)})
