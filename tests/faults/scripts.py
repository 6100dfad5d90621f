"""Small deterministic trials of kit, each of one promise: they hold on kit as it is, and each kills a mutant (`mutants`).

A script is a function of a `Bench` that raises where the promise is broken. Where a process has to die or freeze, it does so at a
fail-point; nothing waits for a time to pass.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from confluent_kafka import Producer, TopicPartition
from fastapi import APIRouter, Depends, Response

from kit import deadlines, http, kafka, outbox, positions, topics
from kit.auth import Keys, Signer, development_token, make_key
from kit.bus import Bus
from kit.claims import Claimed, ClaimReader
from kit.context import Context
from kit.database import Connection, Database
from kit.deadlines import Due
from kit.errors import Refused, Unavailable
from kit.http import Call, Done, allow, expect
from kit.ids import new_id
from kit.inbox import FactReader, Received, each
from kit.positions import Fenced
from kit.relay import Relay
from kit.settings import Settings
from kit.testing.databases import Clone
from kit.testing.effects import Ledger, counted, write_down
from kit.testing.facts import ClaimAnswered, CountClaimed, Counted, Renamed
from kit.testing.records import TestRecord, stream
from kit.testing.running import produce, running
from kit.testing.waiting import until
from laptop import leash
from schemas.fact import Claim

LIMIT = 20.0  # seconds for what must come; on a mutant it may never
DIED = 9


@dataclass(frozen=True)
class Bench:
    """A cloned database with a table of effects, a topic of three partitions of its own, and a broker shared with others."""

    settings: Settings
    clone: Clone
    database: Database
    topic: str
    folder: Path

    @property
    def group(self) -> str:
        """The reader's: two benches at one broker must not be one group."""
        return f"reader-of-{self.topic}"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    def reader(self, apply: Any = write_down, **more: Any) -> FactReader:
        return FactReader(self.group, [Counted], apply, **more)

    @asynccontextmanager
    async def reading(self, reader: FactReader | None = None, **more: Any) -> AsyncIterator[Bus]:
        bus = Bus(self.settings, self.database, reader or self.reader(), topics=[self.topic], **more)
        async with running(bus):
            yield bus

    async def effects(self, *numbers: int) -> None:
        """Wait until the effects are these; then assert that they are these in this order."""

        async def enough() -> bool:
            return len(await self.ledger.effects()) >= len(numbers) or bool(await self.ledger.stops())

        await until(enough, LIMIT)
        found = await self.ledger.effects()
        assert found == list(numbers), f"effects are {found}, stops {await self.ledger.stops()}"

    async def somebody_waits(self) -> bool:
        """Whether a session of this database waits for a lock."""
        query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await self.ledger.rows(query))

    async def stands(self, offset: int) -> None:
        """Wait until the reader has come so far in partition 0, or has stopped there."""

        async def there() -> bool:
            return await self.ledger.position(self.topic) == offset or bool(await self.ledger.stops())

        await until(there, LIMIT)
        assert await self.ledger.stops() == {}

    async def stopped(self, code: str) -> None:
        async def hold() -> bool:
            return bool(await self.ledger.stops())

        await until(hold, LIMIT)
        assert set((await self.ledger.stops()).values()) == {code}

    async def stopped_or_at(self, offset: int) -> None:
        """Wait until partition 0 has stopped, or has been read so far."""

        async def there() -> bool:
            return bool(await self.ledger.stops()) or (await self.ledger.position(self.topic) or 0) >= offset

        await until(there, LIMIT)

    async def process(self, *argv: str, failpoints: str, **environment: str) -> int:
        """Run one of kit.testing's processes until it ends; its code."""
        child = await leash.start(
            [sys.executable, "-m", *argv],
            env=self.environment(failpoints, environment),
            output=asyncio.subprocess.DEVNULL,
        )
        try:
            return await asyncio.wait_for(child.wait(), 60)
        finally:
            await leash.end(child)

    def environment(self, failpoints: str, more: Mapping[str, str]) -> dict[str, str]:
        ours = {
            "DATABASE_DSN": self.settings.database_dsn.get_secret_value(),
            "KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "FAILPOINTS": failpoints,
            **more,
        }
        return {**os.environ, **{f"ONEWORKFORCE_{name}": given for name, given in ours.items()}}

    async def say(self, aggregate: UUID, version: int, count: int = 1, topic: str = "") -> None:
        async with self.database.transaction() as tx:
            facts = [Counted(by=version + turn) for turn in range(1, count + 1)]
            await outbox.record(
                tx, "counter", aggregate, version, facts, Context(actor="script"), topic=topic or self.topic
            )

    async def sent(self) -> None:
        async def empty() -> bool:
            return await self.ledger.rows("SELECT FROM kit.outbox LIMIT 1") == []

        await until(empty, LIMIT)

    async def log(self) -> list[tuple[str, int]]:
        """Subject and version of all that stands on the topic."""
        consumer = kafka.consumer(self.settings, self.topic)
        await consumer.start()
        try:
            found: list[tuple[str, int]] = []
            own = consumer.assignment()
            ends = await consumer.end_offsets(own)
            while any([await consumer.position(place) < ends[place] for place in own]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    headers = [dict(record.headers) for record in records]
                    found += [(each["ce_subject"].decode(), int(each["ce_sequence"])) for each in headers]
            return found
        finally:
            await consumer.stop()


Script = Callable[[Bench], Awaitable[None]]


def one(by: int, topic: str, partition: int = 0) -> TestRecord:
    return counted([by], topic=topic, partition=partition)[0]


def failing(at: int, error: Exception, times: int = 10**9) -> Any:
    """An `apply` that fails where it meets a number, so many times."""
    left = [times]

    async def apply(tx: Connection, received: Sequence[Received]) -> None:
        await write_down(tx, received)
        if left[0] and any(isinstance(event.fact, Counted) and event.fact.by == at for event in received):
            left[0] -= 1
            raise error

    return apply


# -- reading: duplicates, positions, fences ------------------------------------------------------------------------------


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
        at = next(at for at in bus._assigned if at.partition == 0)
        await bus._deliver(bus._subscriber.consumer, at, [record.at(n) for n, record in enumerate(log)])
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


# -- reading: order, poison, types from the future -----------------------------------------------------------------------


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


async def a_reaction_that_is_refused_becomes_a_task(bench: Bench) -> None:
    class Closed(Refused):
        """It is closed."""

    async def refuse(tx: Connection, event: Received) -> None:
        raise Closed

    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading(bench.reader(each(bench.group, {Counted: refuse}))):
        await bench.stands(1)
    assert [row["code"] for row in await bench.ledger.rows("SELECT code FROM kit.task")] == ["closed"]


# -- reading: what becomes of the log --------------------------------------------------------------------------------------


async def holes_of_transactions_are_passed_over(bench: Bench) -> None:
    def transact() -> None:
        producer = Producer({"bootstrap.servers": bench.settings.kafka_bootstrap, "transactional.id": bench.topic})
        producer.init_transactions()
        for by, keep in ((90, False), (1, True), (91, False), (2, True)):
            record = one(by, bench.topic)
            producer.begin_transaction()
            producer.produce(bench.topic, record.value, record.key, partition=0, headers=list(record.headers))
            producer.flush()
            producer.commit_transaction() if keep else producer.abort_transaction()

    await asyncio.to_thread(transact)
    async with bench.reading(batch=1):
        await bench.effects(1, 2)


async def a_topic_that_was_made_anew_stops_its_partitions(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading():
        await bench.effects(1, 2, 3)
    await asyncio.to_thread(_remake, bench.settings, bench.topic)
    await produce(bench.settings, [one(100 + number, bench.topic) for number in range(5)])
    async with bench.reading():
        await bench.stopped_or_at(5)
        assert set((await bench.ledger.stops()).values()) == {"topic-recreated"}


async def what_a_backup_had_not_yet_is_read_again(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading():
        await bench.effects(1, 2, 3)
        await bench.stands(3)
        await bench.ledger.do("UPDATE kit.position SET next_offset = 1 WHERE partition = 0")  # and nothing new comes
        await bench.stands(3)


async def a_log_that_was_cut_off_below_stops_its_partition(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading():
        await bench.effects(1)
    await produce(bench.settings, [one(by, bench.topic) for by in (2, 3, 4)])
    admin = kafka.admin(bench.settings)
    for cut in admin.delete_records([TopicPartition(bench.topic, 0, 3)]).values():
        await asyncio.to_thread(cut.result)
    async with bench.reading():
        await bench.stopped_or_at(4)
        assert set((await bench.ledger.stops()).values()) == {"log-begins-later"}


async def a_log_that_ends_before_the_position_stops_its_partition(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading():
        await bench.effects(1)
    await bench.ledger.do("UPDATE kit.position SET next_offset = 5 WHERE partition = 0")
    await produce(bench.settings, [one(2, bench.topic)])
    async with bench.reading():
        await bench.stopped("log-ends-earlier")


def _remake(settings: Settings, topic: str) -> None:
    admin = kafka.admin(settings)
    admin.delete_topics([topic])[topic].result()
    while topic in admin.list_topics(timeout=10).topics:
        pass
    topics.create(admin, [topics.Topic(topic, 3)])


# -- claims ----------------------------------------------------------------------------------------------------------------


async def a_refused_claim_is_in_nobodys_way(bench: Bench) -> None:
    answers = await _claim(bench, [("1", b'{"by": 500}', "college"), ("2", b'{"by": 1}', "college")])
    assert answers == ["refused", "accepted"]


async def the_same_claim_again_counts_once(bench: Bench) -> None:
    claim = ("1", b'{"by": 1}', "college")
    assert await _claim(bench, [claim, claim]) == ["accepted", "already-known"]
    assert await bench.ledger.effects() == [1]


async def another_body_under_the_same_id_is_refused(bench: Bench) -> None:
    assert await _claim(bench, [("1", b'{"by": 1}', "college"), ("1", b'{"by": 2}', "college")]) == [
        "accepted",
        "refused",
    ]


async def nobody_claims_in_the_name_of_another(bench: Bench) -> None:
    assert await _claim(bench, [("1", b'{"by": 1}', "hospital")]) == ["refused"]
    assert await bench.ledger.effects() == []


async def _claim(bench: Bench, claims: Sequence[tuple[str, bytes, str]]) -> list[str]:
    """The outcomes of claims with one key: id, body and whose name it is made in."""

    class TooMany(Refused):
        """It cannot go up by so much."""

    async def judge(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
        assert isinstance(claim, CountClaimed)
        if claim.by > 100:
            raise TooMany(field="by")
        counter = new_id()
        await tx.execute(
            'INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset") VALUES ($1, 1, $1, $2, 0, 0)',
            counter, claim.by,
        )  # fmt: skip
        return {"counter_id": counter}

    reader = ClaimReader("testing", {CountClaimed: judge}, ClaimAnswered)
    topic = "partner.college.testing.v1"
    records = []
    for offset, (id_, body, source) in enumerate(claims):
        given = {"specversion": "1.0", "id": id_, "source": f"/partner/{source}", "type": CountClaimed.TYPE}
        headers = [(f"ce_{name}", value.encode()) for name, value in given.items()]
        records.append(TestRecord(topic, 0, offset, b"key", body, headers))
    async with bench.database.transaction() as tx:
        await positions.open_place(tx, reader.consumer, topic, 0, "id", 0)
        await reader.read(tx, await positions.lock(tx, reader.consumer, topic, 0), records)
    rows = await bench.ledger.rows("SELECT value FROM kit.outbox ORDER BY position")
    return [json.loads(row["value"])["outcome"] for row in rows]


# -- sending -----------------------------------------------------------------------------------------------------------------


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


# -- deadlines -----------------------------------------------------------------------------------------------------------------

DUE = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRED = 'INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset") VALUES ($1, 1, $1, 1, 0, 0)'


async def _due(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await deadlines.keep(tx, "counter", new_id(), {"expires": DUE})


async def a_deadline_is_fired_once_by_two_workers(bench: Bench) -> None:
    await _due(bench)
    entered, others = asyncio.Event(), asyncio.Event()

    async def fire(tx: Connection, due: Due, context: Context) -> None:
        await tx.execute(FIRED, due.aggregate_id)
        entered.set()
        await others.wait()

    first = asyncio.create_task(deadlines.fire_next(bench.database, fire, DUE))
    await entered.wait()
    second = await _done_or_waiting(bench, fire)
    others.set()
    await asyncio.gather(first, second)
    assert await bench.ledger.effects() == [1]


async def _done_or_waiting(bench: Bench, fire: Any) -> "asyncio.Task[bool]":
    """The second worker's try: it has seen that there is nothing to do, fires too, or waits for the first."""
    second = asyncio.create_task(deadlines.fire_next(bench.database, fire, DUE))

    async def decided() -> bool:
        return second.done() or await bench.somebody_waits()

    await until(decided, LIMIT)
    return second


async def a_deadline_that_could_not_be_fired_is_fired_later(bench: Bench) -> None:
    await _due(bench)

    async def away(tx: Connection, due: Due, context: Context) -> None:
        raise Unavailable("away")

    async def fire(tx: Connection, due: Due, context: Context) -> None:
        await tx.execute(FIRED, due.aggregate_id)

    with suppress(Unavailable):
        await deadlines.fire_next(bench.database, away, DUE)
    assert await deadlines.fire_next(bench.database, fire, DUE)
    assert await bench.ledger.effects() == [1]


# -- HTTP ----------------------------------------------------------------------------------------------------------------------


async def the_same_request_again_gets_the_same_answer_unrun(bench: Bench) -> None:
    async with _counters(bench) as client:
        first = await client.post("/up", json={}, headers={"Idempotency-Key": "k", "If-Match": '"0"'})
        again = await client.post("/up", json={}, headers={"Idempotency-Key": "k", "If-Match": '"0"'})
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.content == again.content
    assert await bench.ledger.effects() == [1]


async def another_request_under_the_same_key_is_refused(bench: Bench) -> None:
    async with _counters(bench) as client:
        await client.post("/up", json={}, headers={"Idempotency-Key": "k"})
        other = await client.post("/up", json={"other": 1}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert await bench.ledger.effects() == [1]


async def who_has_read_an_old_version_is_told_so(bench: Bench) -> None:
    async with _counters(bench) as client:
        await client.post("/up", json={})
        stale = await client.post("/up", json={}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert await bench.ledger.effects() == [1]


@asynccontextmanager
async def _counters(bench: Bench) -> AsyncIterator[httpx2.AsyncClient]:
    """A route that writes an effect down, and a client who may ask for it."""
    router, caller = APIRouter(), Depends(allow("coordinator"))

    @router.post("/up")
    async def up(call: Call = caller) -> Response:
        async def work(tx: Connection) -> Done:
            version = await tx.fetchval("SELECT count(*) FROM effect")
            expect(version, call.if_match)
            await tx.execute(FIRED, new_id())
            return Done({"version": version + 1}, version=version + 1)

        return await call.once(work)

    make_key(bench.folder / "private", bench.folder / "public", "script")
    keys = Keys(bench.settings.model_copy(update={"development_keys": bench.folder / "public"}))
    app = http.create_app(
        title="Counters", version="1", description="Counters.", routers=[router],
        lifespan=lambda app: http.served(app, bench.database, keys),
    )  # fmt: skip
    token = development_token(Signer(bench.folder / "private"), "coordinator")
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://counters", headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):  # fmt: skip
        yield client


SCRIPTS: Mapping[str, Script] = {
    name: found
    for name, found in list(globals().items())
    if asyncio.iscoroutinefunction(found) and found.__module__ == __name__ and not name.startswith("_")
}
"""Every script, by its name."""
