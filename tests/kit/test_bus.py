"""The consumer on a real broker and a real database: what goes wrong with one partition is that partition's alone."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as Assigned
from aiokafka.record.util import calc_crc32c_py as crc32c
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from pydantic import SecretStr

from kit import kafka, positions, process, topics
from kit.bus import Bus, loop
from kit.bus.logs import Logs
from kit.database import Connection, Database
from kit.errors import StopPartition, Unavailable
from kit.inbox import FactReader, Received
from kit.metrics import REGISTRY
from kit.settings import Settings
from kit.testing.databases import Clone, Template
from kit.testing.effects import BAD, EFFECTS, Ledger, counted, write_down
from kit.testing.facts import Counted
from kit.testing.records import TestRecord
from kit.testing.running import produce, running
from kit.testing.waiting import until
from laptop import apache_kafka, ports
from laptop.apache_kafka import ApacheKafka
from laptop.postgres import EmbeddedPostgres

Holds = Callable[[], Awaitable[bool]]


def a_reader(apply: Any = write_down, **more: Any) -> FactReader:
    return FactReader(f"test-{secrets.token_hex(4)}", [Counted], apply, **more)


def are(ledger: Ledger, *numbers: int) -> Holds:
    """That these are the effects, in whatever order of partitions."""

    async def hold() -> bool:
        return sorted(await ledger.effects()) == sorted(numbers)

    return hold


def stopped(ledger: Ledger, topic: str, code: str, partition: int = 0) -> Holds:
    async def hold() -> bool:
        return (await ledger.stops()).get((topic, partition)) == code

    return hold


def stands(ledger: Ledger, topic: str, offset: int, partition: int = 0) -> Holds:
    async def hold() -> bool:
        return await ledger.position(topic, partition) == offset

    return hold


def one(by: int, topic: str, partition: int = 0) -> TestRecord:
    """A record of a counter of its own."""
    return counted([by], topic=topic, partition=partition)[0]


class Gate:
    """An `apply` that waits where it meets a number, until the test lets it go on."""

    def __init__(self, at: int) -> None:
        self.at, self.reached, self.open = at, asyncio.Event(), asyncio.Event()

    async def __call__(self, tx: Connection, received: Sequence[Received]) -> None:
        await write_down(tx, received)
        if any(isinstance(event.fact, Counted) and event.fact.by == self.at for event in received):
            self.reached.set()
            await self.open.wait()


class Failing:
    """An `apply` that fails where it meets a number, as often as asked."""

    def __init__(self, at: int, error: Exception, times: int = 10**9) -> None:
        self.at, self.error, self.left = at, error, times

    async def __call__(self, tx: Connection, received: Sequence[Received]) -> None:
        await write_down(tx, received)
        if self.left and any(isinstance(event.fact, Counted) and event.fact.by == self.at for event in received):
            self.left -= 1
            raise self.error


# -- c2: holes in the log ---------------------------------------------------------------------------------------------


@pytest.mark.kafka
@pytest.mark.parametrize("singly", [False, True])
async def test_aborted_and_committed_transactions_leave_holes_that_are_passed_over_to_the_end(
    settings: Settings, database: Database, ledger: Ledger, topic: str, singly: bool
) -> None:
    def transact(producer: Producer, numbers: list[int], commit: bool) -> None:
        producer.begin_transaction()
        for by in numbers:
            record = one(by, topic)
            producer.produce(topic, record.value, record.key, partition=0, headers=list(record.headers))
        producer.flush()
        producer.commit_transaction() if commit else producer.abort_transaction()

    def partner() -> None:
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "transactional.id": topic})
        producer.init_transactions()
        for numbers, commit in [([1, 2], True), ([90], False), ([91, 92], False), ([3], True), ([93], False)]:
            transact(producer, numbers, commit)

    await asyncio.to_thread(partner)
    reader = a_reader()
    bus = Bus(settings, database, reader, topics=[topic], batch=1 if singly else 2000)
    end = 2 + 1 + 2 + 3 + 2 + 2  # five markers, seven records
    async with running(bus):
        await until(stands(ledger, topic, end))
        await until(lag_is(reader.consumer, topic, 0))
    assert await ledger.effects() == [1, 2, 3]
    assert await ledger.stops() == {}


def lag_is(consumer: str, topic: str, lag: int) -> Holds:
    async def hold() -> bool:
        labels = {"consumer": consumer, "topic": topic, "partition": "0"}
        return REGISTRY.get_sample_value("consumer_lag", labels) == lag

    return hold


# -- a client of librdkafka's that says nothing any more -------------------------------------------------------------------


@dataclass
class SilentAdmin:
    """As an AdminClient was seen after a broker had been away: neither an answer nor that there is none."""

    topic: str
    tells_ids: bool

    def describe_topics(self, names: object, request_timeout: float) -> dict[str, Future[object]]:
        described: Future[object] = Future()
        if self.tells_ids:
            described.set_result(SimpleNamespace(topic_id="an id"))
        return {self.topic: described}

    def list_offsets(self, asked: object, **how: object) -> dict[object, Future[object]]:
        return {Assigned(self.topic, 0): Future()}


@pytest.mark.parametrize("tells_ids", [False, True])
async def test_a_client_that_never_answers_is_given_up_and_another_asked(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch, tells_ids: bool
) -> None:
    bus = Bus(settings, database, a_reader(), topics=[topic])
    silent: Any = SilentAdmin(topic, tells_ids)
    bus.logs._admin = silent
    monkeypatch.setattr(kafka, "ANSWERS", 0.0)
    with pytest.raises(kafka.Silent):
        await bus.logs.describe([Assigned(topic, 0)])
    assert bus.logs._admin is not silent
    monkeypatch.undo()
    await produce(settings, [one(1, topic)])
    async with running(bus):
        await until(are(ledger, 1))


async def test_where_logs_end_is_said_while_the_broker_waits_for_a_record(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    """On the consumer's own connection the answer would come after that of the question for records."""
    patient = settings.model_copy(update={"kafka_fetch_wait_ms": 30_000})
    await produce(settings, [one(1, topic)])
    bus = Bus(patient, database, a_reader(), topics=[topic])
    async with running(bus):
        await until(are(ledger, 1))
        described = await bus.logs.describe([Assigned(topic, 0)])
        assert [log.end for log in described.values()] == [1]
        await produce(settings, [one(2, topic)])
        await until(are(ledger, 1, 2))


# -- c5: another log under the same name -------------------------------------------------------------------------------


def remake(settings: Settings, topic: str) -> None:
    admin = kafka.admin(settings)
    admin.delete_topics([topic])[topic].result()
    while topic in admin.list_topics(timeout=10).topics:
        pass
    topics.create(admin, [topics.Topic(topic, 3)])


@pytest.mark.kafka  # the embedded broker is slow to let a member go
@pytest.mark.parametrize("length", [1, 5])
async def test_a_topic_made_anew_stops_its_partitions_until_it_is_adopted_and_others_go_on(
    settings: Settings, database: Database, ledger: Ledger, topic: str, length: int
) -> None:
    other = f"other-{topic}"
    topics.create(kafka.admin(settings), [topics.Topic(other, 1)])
    reader = a_reader()
    await produce(settings, counted([1, 2, 3], topic=topic))
    async with running(Bus(settings, database, reader, topics=[topic, other])):
        await until(are(ledger, 1, 2, 3))
    await asyncio.to_thread(remake, settings, topic)
    await produce(settings, [*(one(100 + n, topic) for n in range(length)), one(50, other)])
    async with running(Bus(settings, database, reader, topics=[topic, other])):
        await until(stopped(ledger, topic, "topic-recreated"))
        await until(are(ledger, 1, 2, 3, 50))
        topic_id = (await asyncio.to_thread(kafka.topic_ids, kafka.admin(settings), [topic]))[topic]
        for partition in range(3):
            async with database.transaction() as tx:
                await positions.adopt(tx, reader.consumer, topic, partition, topic_id, 0)
        await until(are(ledger, 1, 2, 3, 50, *range(100, 100 + length)))
    assert await ledger.stops() == {}


@pytest.mark.kafka
@pytest.mark.parametrize("rest", [0, 2], ids=["nothing is left", "something is left"])
async def test_a_log_cut_off_below_while_a_partition_waits_stops_it_and_nothing_later_is_applied(
    settings: Settings, database: Database, ledger: Ledger, topic: str, rest: int
) -> None:
    failing = Failing(1, Unavailable("somebody is away"))
    reader = a_reader(failing)
    await produce(settings, [one(by, topic) for by in (1, 2, 3, 4)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(lambda: _became(failing.left < 10**9))
        admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap})
        for cut in admin.delete_records([TopicPartition(topic, 0, 4 - rest)]).values():
            await asyncio.to_thread(cut.result)
        failing.left = 0
        await until(stopped(ledger, topic, "log-begins-later"))
    assert await ledger.effects() == []
    assert await ledger.position(topic) == 0


async def test_a_position_that_another_moves_while_the_broker_is_asked_is_not_beyond_the_end(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    """A rebalance: whoever had the partition applies one more record after we have asked where the log ends."""

    class Overtaken(Logs):
        async def describe(self, partitions: Sequence[Any]) -> Any:
            described = await super().describe(partitions)
            if await ledger.position(topic) == 2:
                await produce(settings, [one(3, topic)])
                await ledger.do("UPDATE kit.position SET next_offset = 3 WHERE partition = 0")
            return described

    reader = a_reader()
    await produce(settings, [one(1, topic), one(2, topic)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stands(ledger, topic, 2))
    bus = Bus(settings, database, reader, topics=[topic])
    bus.logs = Overtaken(settings, database, reader.consumer, bus.holding, bus.client)
    async with running(bus):
        await until(stands(ledger, topic, 3))
        await produce(settings, [one(4, topic)])
        await until(stands(ledger, topic, 4))
    assert await ledger.effects() == [1, 2, 4]  # the third is the other's
    assert await ledger.stops() == {}


async def _became(holds: bool) -> bool:
    return holds


# -- c8: stopped partitions ---------------------------------------------------------------------------------------------


@pytest.mark.kafka  # the embedded broker is slow to let a member go
async def test_a_ceiling_stops_one_partition_by_a_row_that_survives_a_restart_until_it_is_resumed(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    reader = a_reader(ceiling=2)
    bad = [replace(one(0, topic), value=b"{") for _ in range(4)]
    await produce(settings, [one(1, topic), *bad, one(2, topic), one(10, topic, 1)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stopped(ledger, topic, "ceiling"))
        await until(are(ledger, 1, 10))
    assert await ledger.position(topic) == 3
    again = Bus(settings, database, reader, topics=[topic])
    await produce(settings, [one(11, topic, 1)])
    async with running(again):
        await until(are(ledger, 1, 10, 11))
        assert [at.partition for at in again.stopped] == [0]
        assert await process._consumes(again)() == "stopped-partition"
        assert await process._turns(lambda: again.progressed_at)() is None
        assert await ledger.position(topic) == 3
        await ledger.resume(reader.consumer, topic)
        await until(are(ledger, 1, 2, 10, 11))
        await until(lambda: _ready(again))
    assert await ledger.stops() == {}


async def _ready(bus: Bus) -> bool:
    return await process._consumes(bus)() is None


async def test_an_error_without_a_name_stops_its_partition_after_all_that_is_good_before_it(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    failing = Failing(3, KeyError("a defect"))
    reader = a_reader(failing)
    await produce(settings, [one(by, topic) for by in (1, 2, 3, 4)] + [one(10, topic, 1)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stopped(ledger, topic, "defect"))
        await until(are(ledger, 1, 2, 10))
        failing.left = 0
        await ledger.resume(reader.consumer, topic)
        await until(are(ledger, 1, 2, 3, 4, 10))


async def test_a_value_that_the_database_does_not_take_is_set_aside_alone(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    too_large = replace(one(0, topic), value=b'{"by": 99999999999}')
    await produce(settings, [one(1, topic), one(BAD, topic), one(2, topic), too_large, one(3, topic)])
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(are(ledger, 1, 2, 3))
    assert await ledger.letters() == [(1, "unreadable", "open"), (3, "unreadable", "open")]


async def test_what_cannot_even_be_set_aside_stops_its_partition_and_not_the_process(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    class Careless(FactReader):
        async def set_aside(self, *_: Any) -> None:
            raise KeyError("a defect")

    reader = Careless(f"test-{secrets.token_hex(4)}", [Counted], write_down)
    await produce(settings, [one(1, topic), one(BAD, topic), one(10, topic, 1)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stopped(ledger, topic, "defect"))
        await until(are(ledger, 1, 10))


async def test_a_defect_in_what_an_operator_asks_for_does_not_end_the_other_partitions(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    class Careless(FactReader):
        async def asked(self, tx: Connection) -> Sequence[tuple[str, int]]:
            return [(topic, 0)]

        async def settle(self, *_: Any) -> None:
            raise KeyError("a defect")

    reader = Careless(f"test-{secrets.token_hex(4)}", [Counted], write_down)
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(stopped(ledger, topic, "defect"))
        await produce(settings, [one(10, topic, 1)])
        await until(are(ledger, 10))


# -- c17: back-off ------------------------------------------------------------------------------------------------------


async def test_a_partition_that_waits_keeps_its_order_and_does_not_delay_another(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    failing = Failing(2, Unavailable("somebody is away"))
    await produce(settings, [*counted([1, 2, 3, 4], topic=topic), one(10, topic, 1)])
    async with running(Bus(settings, database, a_reader(failing), topics=[topic], batch=1)):
        await until(lambda: _became(failing.left < 10**9 - 2))
        await produce(settings, [one(11, topic, 1), one(12, topic, 2)])
        await until(are(ledger, 1, 10, 11, 12))
        failing.left = 0
        await until(are(ledger, 1, 2, 3, 4, 10, 11, 12))
    in_order = [row["by"] for row in await ledger.rows('SELECT "by" FROM effect WHERE partition = 0 ORDER BY turn')]
    assert in_order == [1, 2, 3, 4]


async def test_a_batch_that_is_never_taken_as_a_whole_is_tried_record_by_record(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    async def slow(tx: Connection, received: Sequence[Received]) -> None:
        if len(received) > 1:
            raise Unavailable("longer than the database allows")
        await write_down(tx, received)

    await produce(settings, counted([1, 2, 3], topic=topic))
    async with running(Bus(settings, database, a_reader(slow), topics=[topic])):
        await until(are(ledger, 1, 2, 3))


async def test_a_rebalance_takes_a_waiting_partition_anew(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    failing = Failing(1, Unavailable("somebody is away"))
    bus = Bus(settings, database, a_reader(failing), topics=[topic])
    await produce(settings, [one(1, topic)])
    async with running(bus):
        await until(lambda: _became(failing.left < 10**9 - 2))
        failing.left = 0
        before = bus.holding.all().values()
        bus.holding.forget()  # what the rebalance listener does
        await until(are(ledger, 1))
        assert not any(own in before for own in bus.holding.all().values())


# -- c10: topics to come ------------------------------------------------------------------------------------------------


async def test_a_topic_that_appears_under_a_pattern_is_read_from_its_first_record(
    settings: Settings, database: Database, ledger: Ledger
) -> None:
    name = f"test-{secrets.token_hex(4)}"
    admin = kafka.admin(settings)
    topics.create(admin, [topics.Topic(f"{name}.one.v1", 1)])
    bus = Bus(settings, database, a_reader(), pattern=rf"^{name}\.[a-z]+\.v1$")
    await produce(settings, [one(1, f"{name}.one.v1")])
    async with running(bus):
        await until(are(ledger, 1))
        topics.create(admin, [topics.Topic(f"{name}.two.v1", 1)])
        await produce(settings, [one(by, f"{name}.two.v1") for by in (2, 3, 4)])
        await until(are(ledger, 1, 2, 3, 4))


# -- c14: fences --------------------------------------------------------------------------------------------------------


async def test_a_batch_whose_effects_take_long_holds_up_no_other(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    gate = Gate(at=2)
    await produce(settings, [*counted([1, 2, 3], topic=topic), one(10, topic, 1), one(20, topic, 2)])
    async with running(Bus(settings, database, a_reader(gate), topics=[topic], batch=3)):
        await gate.reached.wait()
        await until(are(ledger, 10, 20))
        gate.open.set()
        await until(are(ledger, 1, 2, 3, 10, 20))


@pytest.mark.kafka  # the embedded broker is slow to let a member go
@pytest.mark.parametrize("session", ["lost", "kept"])
async def test_a_reader_that_lost_its_partition_in_the_middle_of_a_batch_doubles_nothing(
    settings: Settings, clone: Clone, ledger: Ledger, topic: str, session: str
) -> None:
    """Its transaction ends before the next reader's begins: rolled back where the session is lost, else seen by it."""
    gate = Gate(at=2)
    first_reader, second_reader = a_reader(gate), a_reader()
    second_reader.consumer = first_reader.consumer
    await produce(settings, counted([1, 2, 3], topic=topic))
    async with clone.open() as own, clone.open() as next_:
        first = Bus(settings, own, first_reader, topics=[topic])
        second = Bus(settings, next_, second_reader, topics=[topic])
        async with running(first):
            await gate.reached.wait()
            await first.client().stop()  # it leaves the group, as one that was too slow would be put out
            async with running(second):
                await until(lambda: _became(len(second.holding.all()) == 3))
                if session == "lost":
                    await _end_sessions(clone, "idle in transaction")
                    await until(are(ledger, 1, 2, 3))
                gate.open.set()
                await until(stands(ledger, topic, 3))
                first.stop()
    assert await ledger.effects() == [1, 2, 3]


async def _end_sessions(clone: Clone, state: str) -> None:
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = $1 AND pid <> pg_backend_pid()",
            state,
        )
    finally:
        await admin.close()


async def test_a_stale_batch_is_fenced_counted_and_writes_nothing(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    reader = a_reader()
    log = counted([1, 2, 3], topic=topic)
    await produce(settings, log)
    bus = Bus(settings, database, reader, topics=[topic])
    async with running(bus):
        await until(are(ledger, 1, 2, 3))
        await ledger.do("DELETE FROM kit.inbox")  # so that nothing but the position protects us
        at = next(at for at in bus.holding.all() if at.partition == 0)
        await bus.delivering.deliver(at, list(log))
        await produce(settings, [one(4, topic)])
        await until(are(ledger, 1, 2, 3, 4))
    assert await ledger.rows("SELECT fenced FROM kit.position WHERE partition = 0") == [{"fenced": 1}]


@pytest.mark.kafka  # the embedded broker is slow to let a member go
async def test_two_members_share_the_partitions_and_each_effect_is_there_once(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    reader = a_reader()
    buses = [Bus(settings, database, reader, topics=[topic], batch=3) for _ in range(2)]
    numbers = list(range(1, 121))
    async with running(buses[0]):
        await produce(settings, [one(by, topic, by % 3) for by in numbers[:60]])
        async with running(buses[1]):
            await produce(settings, [one(by, topic, by % 3) for by in numbers[60:]])
            await until(lambda: _became(all(bus.holding.all() for bus in buses)))
            await until(are(ledger, *numbers))
    assert sorted(await ledger.effects()) == numbers


# -- the consumer itself ------------------------------------------------------------------------------------------------


@pytest.mark.kafka  # the embedded broker is slow to let a member go
@pytest.mark.parametrize("task", ["_fetch_task", "_coordination_task", "_sync_task"])
async def test_a_consumer_that_is_alive_and_dead_is_made_anew(
    settings: Settings, database: Database, ledger: Ledger, topic: str, task: str
) -> None:
    bus = Bus(settings, database, a_reader(), topics=[topic])
    async with running(bus):
        await produce(settings, [one(1, topic)])
        await until(are(ledger, 1))
        consumer = bus.client()
        owners = (consumer._fetcher, consumer._coordinator, consumer._client)
        next(getattr(owner, task) for owner in owners if hasattr(owner, task)).cancel()
        await until(lambda: _became(bus.client() is not consumer))
        await produce(settings, [one(2, topic)])
        await until(are(ledger, 1, 2))


@pytest.mark.kafka
async def test_a_consumer_that_gets_no_partitions_is_made_anew_until_it_does(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever joins waits for the other members. One of them is silent, and is not put out of the group for a long time."""
    monkeypatch.setattr(loop, "STARTING", 1.0)
    reader = a_reader()
    silent = AIOKafkaConsumer(
        topic, bootstrap_servers=settings.kafka_bootstrap, group_id=reader.consumer, session_timeout_ms=300_000,
        heartbeat_interval_ms=200_000, rebalance_timeout_ms=300_000,
    )  # fmt: skip
    await silent.start()
    await produce(settings, [one(1, topic)])
    async with running(Bus(settings, database, reader, topics=[topic])):
        await until(lambda: _became(_rebuilt(reader) > 0))
        await silent.stop()
        await until(are(ledger, 1))


def _rebuilt(reader: FactReader) -> float:
    return REGISTRY.get_sample_value("consumer_rebuilt_total", {"consumer": reader.consumer}) or 0.0


@pytest.mark.kafka
async def test_a_batch_in_a_codec_that_is_not_installed_stops_its_partition_after_what_is_good_before_it(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiokafka.codec.has_lz4", lambda: False)
    monkeypatch.setattr("aiokafka.record.default_records.codecs.has_lz4", lambda: False, raising=False)

    def partner() -> None:
        producer = Producer({"bootstrap.servers": settings.kafka_bootstrap, "compression.type": "lz4"})
        for number in range(50, 60):
            record = one(number, topic)
            producer.produce(topic, record.value, record.key, partition=0, headers=list(record.headers))
        producer.flush()

    await produce(settings, [one(1, topic), one(2, topic)])
    await asyncio.to_thread(partner)
    await produce(settings, [one(10, topic, 1)])
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(stopped(ledger, topic, "undecodable"))
        await until(are(ledger, 1, 2, 10))
        await produce(settings, [one(11, topic, 1)])
        await until(are(ledger, 1, 2, 10, 11))
    assert await ledger.position(topic) == 2


@pytest.mark.kafka
async def test_a_header_whose_name_is_not_utf_8_stops_its_partition_and_the_others_go_on(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    await produce(settings, [one(1, topic), one(10, topic, 1)])
    await _put_odd_name(settings, topic)
    await produce(settings, [one(2, topic), one(11, topic, 1)])
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(stopped(ledger, topic, "undecodable"))
        await until(are(ledger, 1, 10, 11))
        await produce(settings, [one(12, topic, 2)])
        await until(are(ledger, 1, 10, 11, 12))
    assert await ledger.position(topic) == 1


async def _put_odd_name(settings: Settings, topic: str) -> None:
    """A record as no client of ours would write it: the bytes of a batch, changed, with its checksum made good."""
    producer: AIOKafkaProducer = kafka.producer(settings.model_copy(update={"kafka_idempotent": False}))
    await producer.start()
    batch = producer.create_batch()
    batch.append(key=b"k", value=b"v", timestamp=None, headers=[("qqqq", b"1")])
    batch.close()
    build = batch._build

    def changed() -> bytearray:
        raw = bytearray(bytes(build()).replace(b"qqqq", b"q\xff\xfeq"))
        raw[17:21] = crc32c(bytes(raw[21:])).to_bytes(4, "big")
        return raw

    batch._build = changed
    await (await producer.send_batch(batch, topic, partition=0))
    await producer.stop()


async def test_hostile_records_among_good_ones_are_kept_byte_for_byte_and_the_good_are_applied(
    settings: Settings, database: Database, ledger: Ledger, topic: str
) -> None:
    def odd(**changes: Any) -> TestRecord:
        return replace(one(0, topic), **changes)

    headers = list(one(0, topic).headers)
    bad = [
        odd(value=b"not json"), odd(value=b"\x00\xff"), odd(value=b"[" * 50_000), odd(headers=[]),
        odd(headers=[*headers, ("ce_id", b"again")]), odd(headers=[("ce_type", b"\xff"), *headers[1:]]),
        odd(headers=[*one(0, topic).headers, ("na\x00me", b"\x00")], value=b"{"),
        odd(value=b" " * 900_000), odd(key=None, value=b"{"),
        odd(headers=[(name, b"of.the.future.v9" if name == "ce_type" else raw) for name, raw in headers]),
    ]  # fmt: skip
    mixed = [record for number, record in enumerate(bad) for record in (one(number + 1, topic), record)]
    await produce(settings, [*mixed, one(99, topic)])
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(are(ledger, *range(1, len(bad) + 1), 99))
    from kit.dead_letters import headers_from_json

    kept = await ledger.rows('SELECT key, value, headers FROM kit.dead_letter ORDER BY "offset"')
    assert [(row["key"], row["value"], headers_from_json(row["headers"])) for row in kept] == [
        (record.key, record.value, list(record.headers)) for record in bad
    ]


# -- servers that go away -----------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def own_database() -> AsyncIterator[tuple[EmbeddedPostgres, Clone]]:
    """A server that a test may kill."""
    async with EmbeddedPostgres(durable=False) as server, _plumbed(server) as clone:
        yield server, clone


@asynccontextmanager
async def _plumbed(server: EmbeddedPostgres) -> AsyncIterator[Clone]:
    template = Template(server.dsn(), server.dsn, "testing")
    await template.make()
    logins = {role: server.dsn("testing", f"testing_{role}", template.password) for role in ("service", "owner")}
    async with Database.connect(logins["owner"]) as owner, owner.transaction() as tx:
        await tx.execute(EFFECTS)
        await tx.execute(
            "GRANT ALL ON effect TO testing_service; GRANT ALL ON SEQUENCE effect_turn_seq TO testing_service"
        )
    yield Clone(name="testing", dsn=logins["service"], owner_dsn=logins["owner"], admin_dsn=server.dsn("testing"))


async def test_while_the_broker_is_away_nothing_is_left_open(settings: Settings, database: Database) -> None:
    left: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: left.append(context["message"]))
    nobody = settings.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{ports.free_port()}"})
    reader = a_reader()

    async def tried_again() -> bool:
        return bool(REGISTRY.get_sample_value("consumer_rebuilt_total", {"consumer": reader.consumer}))

    async with running(Bus(nobody, database, reader, topics=["away"])):
        await until(tried_again)
        gc.collect()  # what was left open says so when it goes
    assert left == []


@pytest.mark.kafka
async def test_what_a_backup_had_not_yet_is_read_again_though_nothing_new_comes(
    settings: Settings, clone: Clone, database: Database, ledger: Ledger, topic: str
) -> None:
    await produce(settings, counted([1, 2, 3], topic=topic))
    async with running(Bus(settings, database, a_reader(), topics=[topic])):
        await until(stands(ledger, topic, 3))
        admin = await asyncpg.connect(clone.admin_dsn)
        try:
            async with admin.transaction():
                await admin.execute("DELETE FROM effect")
                await admin.execute("DELETE FROM kit.inbox")
                await admin.execute("DELETE FROM kit.aggregate_seen")
                await admin.execute("UPDATE kit.position SET next_offset = 0 WHERE topic = $1", topic)
        finally:
            await admin.close()
        await until(are(ledger, 1, 2, 3))
        await until(stands(ledger, topic, 3))


async def test_a_database_that_is_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    settings: Settings, own_database: tuple[EmbeddedPostgres, Clone], topic: str
) -> None:
    server, clone = own_database
    gate = Gate(at=2)
    await produce(settings, [*counted([1, 2, 3], topic=topic), one(10, topic, 1)])
    async with clone.open() as database, running(Bus(settings, database, a_reader(gate), topics=[topic])):
        await gate.reached.wait()
        await server.kill()
        gate.open.set()
        await server.start()
        ledger = Ledger(database)
        await until(_sometime(are(ledger, 1, 2, 3, 10)))
        await server.restart("fast")
        await produce(settings, [one(11, topic, 1)])
        await until(_sometime(are(ledger, 1, 2, 3, 10, 11)))
        assert await ledger.stops() == {}


def _sometime(holds: Holds) -> Holds:
    async def hold() -> bool:
        try:
            return await holds()
        except Unavailable:
            return False

    return hold


async def test_a_reader_that_is_to_end_does_not_wait_for_a_broker_that_says_nothing(
    settings: Settings, database: Database
) -> None:
    asked = asyncio.Event()

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        there = settings.model_copy(update={"kafka_bootstrap": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"})
        async with asyncio.timeout(loop.STARTING / 2), running(Bus(there, database, a_reader(), topics=["silent"])):
            await asked.wait()


@pytest.mark.kafka
async def test_a_broker_that_is_killed_comes_back_to_the_same_consumer(
    settings: Settings, database: Database, ledger: Ledger
) -> None:
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    async with ApacheKafka() as broker:
        there = settings.model_copy(update={"kafka_bootstrap": broker.bootstrap})
        topic = "killed.events.v1"
        topics.create(kafka.admin(there), [topics.Topic(topic, 3)])
        bus = Bus(there, database, a_reader(), topics=[topic])
        log = counted(range(1, 9), topic=topic)
        async with running(bus):
            await produce(there, log[:4])
            await until(are(ledger, 1, 2, 3, 4))
            await broker.kill()
            await broker.start()
            await produce(there, log[4:])
            await until(are(ledger, *range(1, 9)), seconds=60)
    assert await ledger.effects() == list(range(1, 9))
    assert await ledger.stops() == {}


async def test_a_stop_that_the_database_could_not_note_is_noted_when_it_can(
    settings: Settings, database: Database, ledger: Ledger, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = 2

    async def away(*given: Any) -> None:
        nonlocal times
        times -= 1
        if times >= 0:
            raise Unavailable("the database is away")
        await stop(*given)

    stop = positions.stop
    monkeypatch.setattr(positions, "stop", away)
    await produce(settings, [one(1, topic)])
    async with running(Bus(settings, database, a_reader(Failing(1, StopPartition("odd", "a test"))), topics=[topic])):
        await until(stopped(ledger, topic, "odd"))


def test_the_dsn_of_a_test_is_never_shown(settings: Settings) -> None:
    assert isinstance(settings.database_dsn, SecretStr)
    assert "postgresql" not in repr(settings)
