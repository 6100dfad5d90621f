"""The consumer: one loop over Kafka, one transaction a batch, the position moved in it.

A batch is of one partition. A reader that gathers takes several in one transaction while each has only a little; whatever goes
wrong then is tried again partition by partition, and has its meaning there.

FastStream gives the connection, security and documents; the loop keeps what its decorators lose (decision 0001). A reader says
what becomes of records; the loop says when, how often, and what an error means:

- Unavailable: the transaction is rolled back, this partition waits (pause, never a sleep: c17) and is tried again in order;
- StopPartition, or an error that we have no name for: the partition's row says stopped, and it waits for a person (c8);
- a batch that fails is tried record by record, so that what is good before the bad one is applied;
- whatever surprises (a hole, a stale batch, a row that has moved): the partition is taken anew, by its row.

Kafka's own commit comes afterwards, for lag tools; nothing depends on it.
"""

import asyncio
import gc
import random
import struct
import zlib
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias, runtime_checkable

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, OffsetAndMetadata, TopicPartition
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError
from confluent_kafka.admin import AdminClient

from kit import kafka, log, positions
from kit.cloudevents import Record
from kit.database import Connection, Database, is_bad_data
from kit.dead_letters import Batch
from kit.errors import ConsumerDead, StopPartition, Unavailable, Unreadable
from kit.failpoints import failpoint
from kit.metrics import BATCH, FENCED, LAG, MISSING, REBUILT, RETRIES, STOPPED
from kit.positions import Fenced, Place
from kit.settings import Settings

POLL_MS = 200
LOOK = 1.0  # seconds between looks at rows that operators write
TOPIC_LOOK = 5.0  # seconds between looks at topic ids
SOUGHT = 30.0  # seconds for which a seek explains that the log goes on later than we are
CAREFUL = 10.0  # seconds of reading one record at a time, to find the one that cannot be taken apart
AT_ONCE = 3  # partitions of one consumer that are applied side by side: below what a pool has
SINGLY_AFTER = 3  # failures of a batch after which its records are tried one by one
FAILURES = 12  # KafkaErrors in a row after which the consumer is made anew
REBUILDS = 3  # of a consumer in a process's life without progress between, after which the process ends

UNDECODABLE = (
    CorruptRecordException,
    UnsupportedCodecError,
    ValueError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What aiokafka raises over what stands in one partition, and not over the connection or the group."""

_Group: TypeAlias = Mapping[TopicPartition, list[Any]]
"""Records by partition, each in its order."""

logger = log.get(__name__)


class Reader(Protocol):
    """What a service makes of the records of one partition."""

    @property
    def consumer(self) -> str:
        """The reader's name: its consumer group, and the key of its positions. A new version is a new name."""

    async def read(self, tx: Connection, place: Place, records: Sequence[Record]) -> None:
        """Apply the records, in order, in this transaction. Raises what the module's text gives a meaning to."""

    async def set_aside(self, tx: Connection, place: Place, record: Record, code: str) -> None:
        """Keep one record that the database will never take. Raises StopPartition at the ceiling."""

    async def settle(self, tx: Connection, place: Place) -> None:
        """Do what an operator has asked for this partition's dead letters."""

    async def asked(self, tx: Connection) -> Sequence[tuple[str, int]]:
        """The partitions for which an operator has asked something."""


@runtime_checkable
class Gathering(Reader, Protocol):
    """A reader that takes the records of several partitions in one transaction: one whose effects are rows of its own, so that no
    partition can be in another's way."""

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        """Apply the records of each partition, in order, in this transaction. Raises like `read`."""


@dataclass(slots=True)
class Assigned:
    """What the loop knows of one partition while it has it."""

    next_offset: int
    sought_at: float | None = None
    """Loop time at which `next_offset` was sought in a log that holds it: a later first record is a hole (c2)."""
    failures: int = 0
    due: float | None = None
    """Loop time at which a paused partition is tried again."""
    stopped: bool = False
    singly: int = 0
    """Records to apply one by one before batches are trusted again."""

    @property
    def calm(self) -> bool:
        """Whether nothing is known that speaks against taking its records with those of others."""
        return not (self.stopped or self.due is not None or self.failures or self.singly)


@dataclass(frozen=True, slots=True)
class Log:
    """One partition's log as the broker describes it."""

    topic_id: str
    beginning: int
    end: int


class Bus:
    """One reader's consumer. `run` returns after `stop`; raises ConsumerDead when only a new process can help."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        reader: Reader,
        *,
        topics: Sequence[str] = (),
        pattern: str | None = None,
        batch: int = 2000,
    ) -> None:
        self._settings, self._database, self._reader = settings, database, reader
        self.consumer = reader.consumer
        self._topics, self._missing = frozenset(topics), frozenset[str]()
        self._batch = batch
        self._stopping = asyncio.Event()
        self._assigned: dict[TopicPartition, Assigned] = {}
        self._dirty: dict[TopicPartition, int] = {}
        self._admin: AdminClient = kafka.admin(settings)
        self._looked = self._looked_at_topics = self._careful_until = float("-inf")
        self.progressed_at = 0.0
        """Loop time at which the loop last did something with its consumer alive."""
        self.started = False
        self.broker = kafka.broker(settings)
        self._subscriber: Any = kafka.subscriber(
            self.broker, group=reader.consumer, topics=topics, pattern=pattern, listener=_Forget(self)
        )

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Consume until stopped; a consumer that has died is made anew, a few times."""
        rebuilds = 0
        while not self._stopping.is_set():
            began = self.progressed_at
            try:
                await self.broker.start()
                self.started = True
                await self._consume(self._subscriber.consumer)
            except (KafkaError, ConsumerStoppedError, OSError, TimeoutError, ConsumerDead) as error:
                rebuilds = 0 if self.progressed_at > began + 60 else rebuilds + 1
                REBUILT.labels(self._reader.consumer).inc()
                logger.warning("consumer_rebuilt", consumer=self._reader.consumer, attempt=rebuilds, exc_info=error)
                if rebuilds > REBUILDS and self.started:
                    raise ConsumerDead from error
                await self._pause(min(10.0, 2.0**rebuilds))
            finally:
                self.forget()
                await kafka.bounded(self.broker.stop(), 5, "consumer")

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                _raise_if_dead(consumer)
                await self._take(consumer)
                await self._look(consumer)
                self._wake(consumer)
                fetched = await self._fetch(consumer)
                await self._deliver_all(consumer, fetched)
                await self._skip_holes(consumer, fetched)
                failures = 0
            except Unavailable:
                await self._pause(1.0)
            except KafkaError as error:
                self.forget()  # what was fetched and not delivered must be read again, not passed over as a hole
                failures += 1
                if failures >= FAILURES:
                    raise ConsumerDead from error
                await self._pause(0.5)
            self.progressed_at = _now()
        await self._commit(consumer)

    async def _fetch(self, consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, list[Any]]:
        """Records by partition. One that cannot even be taken apart stops its partition; the others go on.

        aiokafka loses what it had fetched when a record of any partition breaks it (a codec that is not installed, a header's
        name that is not UTF-8): all partitions are taken anew, and read record by record until the culprit is found.
        """
        if _now() > self._careful_until:
            try:
                found: Mapping[TopicPartition, list[Any]] = await consumer.getmany(
                    timeout_ms=POLL_MS, max_records=self._batch * AT_ONCE
                )
            except UNDECODABLE:
                self.forget()
                self._careful_until = _now() + CAREFUL
                return {}
            return found
        fetched: dict[TopicPartition, list[Any]] = {}
        for partition, own in list(self._assigned.items()):
            try:
                if self._holds(consumer, partition, own) and not own.stopped:
                    fetched |= await consumer.getmany(partition, timeout_ms=0, max_records=1)
            except UNDECODABLE as error:
                reason = f"{type(error).__name__} at offset {own.next_offset}"
                await self._stop_partition(consumer, partition, own, StopPartition("undecodable", reason))
                self._careful_until = float("-inf")
        if not fetched:
            await self._pause(0.02)
        return fetched

    # -- taking over partitions ------------------------------------------------------------------------------------

    def forget(self) -> None:
        """A rebalance: every partition is taken anew, by its row (decision 0001: the listener itself is no barrier)."""
        for partition in self._assigned:
            labels = (self._reader.consumer, partition.topic, str(partition.partition))
            for gauge in (LAG, STOPPED):
                gauge.labels(*labels)
                gauge.remove(*labels)
        self._assigned.clear()

    def _holds(self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned) -> bool:
        """Whether this is still what we know of the partition: a rebalance may have come while we waited."""
        return self._assigned.get(partition) is own and partition in consumer.assignment()

    async def _take(self, consumer: AIOKafkaConsumer) -> None:
        """Begin the partitions that are new under this assignment where their rows say."""
        fresh = [partition for partition in consumer.assignment() if partition not in self._assigned]
        if not fresh:
            return
        async with self._database.transaction() as tx:
            before = await positions.places(tx, self._reader.consumer)
        for partition, described in (await self._describe(consumer, fresh)).items():
            place = await self._open(partition, described, before.get((partition.topic, partition.partition)))
            if partition in consumer.assignment():
                consumer.seek(partition, place.next_offset)
                consumer.resume(partition)
                own = self._assigned[partition] = Assigned(place.next_offset, sought_at=_now())
                if place.stopped_code:
                    self._halt(consumer, partition, own)

    async def _open(self, partition: TopicPartition, described: Log, before: Place | None) -> Place:
        """The position. `before`: as it was when the broker was asked where the log ends; a reader that had the partition until
        now may have moved it since, beyond that end."""
        async with self._database.transaction() as tx:
            place = await positions.open_place(
                tx,
                self._reader.consumer,
                partition.topic,
                partition.partition,
                described.topic_id,
                described.beginning,
            )
            moved = before is None or before.next_offset != place.next_offset
            then = replace(described, end=max(described.end, place.next_offset)) if moved else described
            if reason := self._differs(place, then):
                await self._note_stop(tx, partition, reason)
                return await positions.lock(tx, place.consumer, place.topic, place.partition)
            return place

    async def _describe(
        self, consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
    ) -> dict[TopicPartition, Log]:
        """What the broker says of these logs. A topic that it does not know is not in the answer. Raises Unavailable."""
        names = sorted({partition.topic for partition in partitions})
        ids = await asyncio.to_thread(kafka.topic_ids, self._admin, names)
        known = [partition for partition in partitions if partition.topic in ids]
        try:
            async with asyncio.timeout(10):
                beginnings, ends = await consumer.beginning_offsets(known), await consumer.end_offsets(known)
        except TimeoutError as error:
            raise Unavailable("the broker does not say where its logs end") from error
        return {at: Log(ids[at.topic], beginnings[at], ends[at]) for at in known}

    def _differs(self, place: Place, described: Log) -> StopPartition | None:
        end = described.end if self._settings.kafka_exact_ends else max(described.end, place.next_offset)
        return _log_differs(place, described.topic_id, described.beginning, end)

    # -- applying --------------------------------------------------------------------------------------------------

    async def _deliver_all(self, consumer: AIOKafkaConsumer, fetched: Mapping[TopicPartition, list[Any]]) -> None:
        """Deliver what was fetched, a few transactions at a time: while the database works for one, another is decoded."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def alone(partition: TopicPartition, records: list[Any]) -> None:
            async with turns:
                self.progressed_at = _now()
                if partition in self._assigned and partition in consumer.assignment():
                    await self._deliver(consumer, partition, records)

        async def deliver(group: _Group) -> None:
            async with turns:
                if await self._deliver_together(consumer, group):
                    return
            await _all(alone(partition, records) for partition, records in group.items())

        await _all(deliver(group) for group in self._groups(fetched))

    def _groups(self, fetched: _Group) -> Sequence[_Group]:
        """What is applied in one transaction: partitions whose records make no more than a batch. When little comes, a few records
        of each partition cost one commit in place of one each."""
        groups: list[dict[TopicPartition, list[Any]]] = []
        room = 0
        for partition, records in fetched.items():
            own = self._assigned.get(partition)
            calm = own is not None and own.calm
            if not (calm and len(records) <= room):
                groups.append({})
                room = self._batch if calm and isinstance(self._reader, Gathering) else 0
            groups[-1][partition] = records
            room -= len(records)
        return groups

    async def _deliver_together(self, consumer: AIOKafkaConsumer, group: _Group) -> bool:
        """Apply the records of several partitions in one transaction. False: none were applied, and each partition is to be tried
        by itself, where whatever goes wrong is that partition's alone."""
        held = {partition: own for partition in group if (own := self._assigned.get(partition)) is not None}
        if len(group) < 2 or not all(self._holds(consumer, *each) for each in held.items()) or len(held) < len(group):
            return False
        self.progressed_at = _now()
        try:
            with BATCH.labels(self._reader.consumer).time():
                if not await self._apply_together(group):
                    return False
        except Exception:  # noqa: BLE001 it comes again where the partition is tried by itself, and has its meaning there
            return False
        for partition, own in held.items():
            self._advance(partition, own, group[partition][-1].offset + 1)
        return True

    async def _apply_together(self, group: _Group) -> bool:
        """Whether they were what is due in each partition, and are applied."""
        assert isinstance(self._reader, Gathering)
        due = {(at.topic, at.partition): records for at, records in group.items()}
        async with self._database.transaction() as tx:
            places = await positions.lock_free(tx, self._reader.consumer, due)
            batches = [(place, due[place.topic, place.partition]) for place in places]
            if len(batches) < len(due) or not all(_is_due(*batch) for batch in batches):
                return False
            await self._reader.read_together(tx, batches)
            failpoint("bus.before_move")
            moves = {place: records[-1].offset + 1 for place, records in batches}
            await positions.move_all(tx, self._reader.consumer, moves)
            failpoint("bus.before_commit")
        failpoint("bus.after_commit")
        return True

    def _advance(self, partition: TopicPartition, own: Assigned, next_offset: int) -> None:
        own.next_offset, own.failures, own.sought_at = next_offset, 0, None
        self._dirty[partition] = next_offset

    async def _deliver(self, consumer: AIOKafkaConsumer, partition: TopicPartition, records: list[Any]) -> None:
        """Apply one partition's records; whatever goes wrong is this partition's alone."""
        own = self._assigned[partition]
        if own.stopped or own.due is not None:
            return
        while records and self._holds(consumer, partition, own):
            share = records[: 1 if own.singly else self._batch]
            try:
                with BATCH.labels(self._reader.consumer).time():
                    next_offset = await self._apply(partition, own, share)
            except _Anew:
                self._drop(partition, own)
                return
            except Unavailable as error:
                if own.failures >= SINGLY_AFTER:
                    own.singly = len(records)  # together they may need longer than the database allows
                self._delay(consumer, partition, own, type(error.__cause__ or error).__name__)
                return
            except StopPartition as reason:
                if len(share) > 1:
                    own.singly = len(share)
                    continue
                await self._stop_partition(consumer, partition, own, reason)
                return
            except Exception as error:  # noqa: BLE001 an error without a name stops this partition, not the others
                if len(share) > 1:
                    own.singly = len(share)
                    continue
                if not await self._aside_or_stop(consumer, partition, own, share[0], error):
                    return
                next_offset = share[0].offset + 1
            self._advance(partition, own, next_offset)
            own.singly = max(0, own.singly - len(share))
            records = records[len(share) :]

    async def _apply(self, partition: TopicPartition, own: Assigned, records: Sequence[Record]) -> int:
        """Apply records in one transaction; the next offset. Raises _Anew where they are not the ones that are due."""
        try:
            async with self._database.transaction() as tx:
                place = await positions.lock(tx, self._reader.consumer, partition.topic, partition.partition)
                if place.stopped_code:
                    raise StopPartition(place.stopped_code, "stopped by another process")
                if records[-1].offset < place.next_offset:
                    raise _Stale
                if records[0].offset > place.next_offset and not _is_hole(own, place):
                    raise _Anew
                fresh = [record for record in records if record.offset >= place.next_offset]
                await self._reader.read(tx, place, fresh)
                failpoint("bus.before_move")
                await positions.move(tx, place, fresh[-1].offset + 1)
                failpoint("bus.before_commit")
            failpoint("bus.after_commit")
            return fresh[-1].offset + 1
        except Fenced:
            raise _Anew from None
        except _Stale:
            FENCED.labels(self._reader.consumer, partition.topic).inc()
            async with self._database.transaction() as tx:
                await positions.fence(tx, self._reader.consumer, partition.topic, partition.partition)
            raise _Anew from None

    async def _aside_or_stop(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned, record: Record, error: Exception
    ) -> bool:
        """One record that fails by itself: kept, where no retry makes it readable or storable; else the partition stops."""
        if is_bad_data(error) or isinstance(error, Unreadable):
            try:
                async with self._database.transaction() as tx:
                    place = await positions.lock(tx, self._reader.consumer, partition.topic, partition.partition)
                    if place.next_offset <= record.offset:
                        await self._reader.set_aside(tx, place, record, _code_of(error))
                        await positions.move(tx, place, record.offset + 1)
            except StopPartition as reason:
                await self._stop_partition(consumer, partition, own, reason)
            except (Unavailable, Fenced) as again:
                self._delay(consumer, partition, own, type(again).__name__)
            except Exception as worse:  # noqa: BLE001 it cannot even be kept: a person must look
                await self._stop_for_defect(consumer, partition, own, record.offset, worse)
            else:
                return True
            return False
        await self._stop_for_defect(consumer, partition, own, record.offset, error)
        return False

    # -- waiting and stopping --------------------------------------------------------------------------------------

    def _drop(self, partition: TopicPartition, own: Assigned) -> None:
        """Take this partition anew."""
        if self._assigned.get(partition) is own:
            del self._assigned[partition]

    def _delay(self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned, code: str) -> None:
        """Try this partition again later, in order; the others go on."""
        own.failures = min(own.failures + 1, 8)
        wait = random.uniform(0.5, 1.0) * min(30.0, 0.1 * 2**own.failures)  # noqa: S311 spreads retries, guards nothing
        own.due = _now() + wait
        if self._holds(consumer, partition, own):
            consumer.pause(partition)
        RETRIES.labels(self._reader.consumer, code).inc()
        logger.warning(
            "batch_waits", topic=partition.topic, partition=partition.partition, code=code, delay_s=round(wait, 2)
        )

    def _wake(self, consumer: AIOKafkaConsumer) -> None:
        for partition, own in self._assigned.items():
            if own.due is not None and own.due <= _now() and partition in consumer.assignment():
                own.due = own.sought_at = None
                consumer.seek(partition, own.next_offset)
                consumer.resume(partition)

    async def _stop_for_defect(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned, offset: int, error: Exception
    ) -> None:
        logger.error("defect", topic=partition.topic, partition=partition.partition, offset=offset, exc_info=error)
        reason = StopPartition("defect", f"{type(error).__name__} at offset {offset}")
        await self._stop_partition(consumer, partition, own, reason)

    async def _stop_partition(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned, reason: StopPartition
    ) -> None:
        self._halt(consumer, partition, own)
        try:
            async with self._database.transaction() as tx:
                await self._note_stop(tx, partition, reason)
        except Unavailable:
            own.stopped = False
            self._delay(consumer, partition, own, "unavailable")

    async def _note_stop(self, tx: Connection, partition: TopicPartition, reason: StopPartition) -> None:
        logger.error(
            "partition_stopped",
            consumer=self._reader.consumer, topic=partition.topic, partition=partition.partition,
            code=reason.code, detail=reason.detail,
        )  # fmt: skip
        await positions.stop(tx, self._reader.consumer, partition.topic, partition.partition, reason)

    def _halt(self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned) -> None:
        own.stopped = True
        if self._holds(consumer, partition, own):
            STOPPED.labels(self._reader.consumer, partition.topic, str(partition.partition)).set(1)
            consumer.seek(partition, own.next_offset)
            consumer.pause(partition)

    @property
    def stopped(self) -> list[TopicPartition]:
        """The partitions that wait for a person."""
        return [partition for partition, own in self._assigned.items() if own.stopped]

    # -- looking round ---------------------------------------------------------------------------------------------

    async def _look(self, consumer: AIOKafkaConsumer) -> None:
        """Every second: what operators have asked for, and what they have resumed; now and then: whether topics are the same."""
        now = _now()
        if now - self._looked < LOOK:
            return
        self._looked = now
        async with self._database.transaction() as tx:
            stopped = await positions.stopped(tx, self._reader.consumer)
            asked = await self._reader.asked(tx)
        for partition, own in list(self._assigned.items()):
            if own.stopped and (partition.topic, partition.partition) not in stopped:
                STOPPED.labels(self._reader.consumer, partition.topic, str(partition.partition)).set(0)
                self._drop(partition, own)
        for topic, number in asked:
            await self._settle(consumer, TopicPartition(topic, number))
        if now - self._looked_at_topics > TOPIC_LOOK:
            self._looked_at_topics = now
            await self._miss(consumer)
            await self._compare_topics(consumer)
        self._measure(consumer)
        await self._commit(consumer)

    async def _settle(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        own = self._assigned.get(partition)
        if own is None or partition not in consumer.assignment():
            return
        try:
            async with self._database.transaction() as tx:
                place = await positions.lock(tx, self._reader.consumer, partition.topic, partition.partition)
                await self._reader.settle(tx, place)
        except StopPartition as reason:
            await self._stop_partition(consumer, partition, own, reason)
        except Fenced:
            self._drop(partition, own)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 what an operator asked for here must not end the other partitions
            await self._stop_for_defect(consumer, partition, own, own.next_offset, error)

    async def _miss(self, consumer: AIOKafkaConsumer) -> None:
        """Say which of its topics are not there. It reads the others, and these when somebody makes them: it makes none itself."""
        missing = self._topics - consumer.subscription()
        if missing:
            missing -= await consumer.topics()
        for topic in missing - self._missing:
            logger.warning("topic_missing", consumer=self.consumer, topic=topic)
        for topic in self._missing - missing:
            logger.info("topic_found", consumer=self.consumer, topic=topic)
        self._missing = missing
        MISSING.labels(self.consumer).set(len(missing))

    async def _compare_topics(self, consumer: AIOKafkaConsumer) -> None:
        """A topic that was deleted and made again, or cut off, stops its partitions (c5).

        A row that is not where we left it came back from a backup: also where nothing new comes, what it has lost is read again.
        """
        held = [partition for partition in consumer.assignment() if partition in self._assigned]
        if not held:
            return
        # rows first: a position that another process has moved meanwhile must not look as if it were beyond the end
        async with self._database.transaction() as tx:
            places = await positions.places(tx, self._reader.consumer)
        for partition, described in (await self._describe(consumer, held)).items():
            own, place = self._assigned.get(partition), places.get((partition.topic, partition.partition))
            if own is None or place is None or place.stopped_code:
                continue
            if reason := self._differs(place, described):
                await self._stop_partition(consumer, partition, own, reason)
            elif place.next_offset != own.next_offset:
                self._drop(partition, own)

    def _measure(self, consumer: AIOKafkaConsumer) -> None:
        for partition in self._assigned:
            end = consumer.highwater(partition) if partition in consumer.assignment() else None
            if end is not None:
                lag = max(0, end - self._assigned[partition].next_offset)
                LAG.labels(self._reader.consumer, partition.topic, str(partition.partition)).set(lag)

    async def _skip_holes(self, consumer: AIOKafkaConsumer, fetched: Mapping[TopicPartition, Any]) -> None:
        """Where nothing came but Kafka's position moved on (transaction markers, aborted or compacted records), move our row."""
        ahead: dict[TopicPartition, int] = {}
        for partition, own in list(self._assigned.items()):
            if partition in fetched or own.stopped or own.due is not None or not self._holds(consumer, partition, own):
                continue
            position = await consumer.position(partition)
            if position > own.next_offset and self._holds(consumer, partition, own):
                ahead[partition] = position
        if not ahead:
            return
        for partition, described in (await self._describe(consumer, list(ahead))).items():
            own_now = self._assigned.get(partition)
            if own_now is not None:
                await self._skip(consumer, partition, own_now, ahead[partition], described)

    async def _skip(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, own: Assigned, position: int, described: Log
    ) -> None:
        """Move the row over a hole, unless it is one because the log was cut off below (c5)."""
        try:
            async with self._database.transaction() as tx:
                place = await positions.lock(tx, self._reader.consumer, partition.topic, partition.partition)
                if place.next_offset != own.next_offset or place.stopped_code:
                    raise Fenced
                if reason := self._differs(place, described):
                    raise reason
                await positions.move(tx, place, position)
                own.next_offset = position
        except StopPartition as reason:
            await self._stop_partition(consumer, partition, own, reason)
        except Fenced:
            self._drop(partition, own)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        """Tell Kafka how far we are, for lag tools and autoscaling; it may fail, the row is the truth."""
        offsets = {
            partition: OffsetAndMetadata(offset, "")
            for partition, offset in self._dirty.items()
            if partition in consumer.assignment()
        }
        self._dirty.clear()
        if offsets:
            failpoint("bus.before_ack")
            await kafka.bounded(_commit(consumer, offsets), 2, "commit")
            failpoint("bus.after_ack")

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


class _Anew(Exception):
    """These are not the records that are due: take the partition anew, by its row."""


class _Stale(Exception):
    """All of the batch lies before the position: another reader has applied it."""


class _Forget(ConsumerRebalanceListener):  # type: ignore[misc]
    """Makes the loop take its partitions anew after a rebalance; does no work of its own."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._bus.forget()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        self._bus.forget()


def collect_seldom() -> None:
    """Let Python look for garbage seldom: for a process that reads batches and does nothing else.

    A batch is some hundred thousand objects, none of them in a circle, all gone with it. By default the collector goes through them
    every 700 objects, and from time to time through all that was ever imported: half of a projector's time, measured.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Side by side; all have ended before what one of them raises is raised."""
    for ended in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_due(place: Place, records: Sequence[Record]) -> bool:
    """Whether the records begin where the position is. A hole, or what was applied before, is for the partition by itself."""
    return place.stopped_code is None and records[0].offset == place.next_offset


def _is_hole(own: Assigned, place: Place) -> bool:
    """Whether the log has nothing where the position is: we have just looked there, and found that it begins before (c2)."""
    return own.next_offset == place.next_offset and own.sought_at is not None and _now() - own.sought_at < SOUGHT


def _log_differs(place: Place, topic_id: str, beginning: int, end: int) -> StopPartition | None:
    """Why going on in this log would lose something; None where it would not."""
    if place.topic_id != topic_id:
        return StopPartition(
            "topic-recreated", f"the topic was made anew; position {place.next_offset} is of the old one"
        )
    if beginning > place.next_offset:
        return StopPartition("log-begins-later", f"the log begins at {beginning}, position is {place.next_offset}")
    if end < place.next_offset:
        return StopPartition("log-ends-earlier", f"the log ends at {end}, position is {place.next_offset}")
    return None


def _code_of(error: Exception) -> str:
    """Why a record is kept aside, for a dead letter: our own name for it, or the database's."""
    if isinstance(error, Unreadable):
        return error.code
    return f"database-{getattr(error, 'sqlstate', None) or 'data'}".lower()


def _raise_if_dead(consumer: AIOKafkaConsumer) -> None:
    """aiokafka's tasks can die without a word (its fetcher) or raise for ever (its coordinator): look at them."""
    for owner, name in ((consumer._fetcher, "_fetch_task"), (consumer._coordinator, "_coordination_task")):
        task = getattr(owner, name, None)
        if task is not None and task.done():
            raise ConsumerDead(name)


async def _commit(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        logger.debug("commit_failed", code=type(error).__name__)
