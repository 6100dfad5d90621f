"""The partitions that a consumer has, and what becomes of one: begun, moved on, put off, stopped, taken anew.

aiokafka may have lost a partition while the loop waited for something else. So whoever has waited asks `holds` again.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, OffsetAndMetadata, TopicPartition
from aiokafka.errors import KafkaError

from kit import kafka, log, positions
from kit.database import Connection, Database
from kit.errors import StopPartition, Unavailable
from kit.failpoints import failpoint
from kit.metrics import LAG, RETRIES, STOPPED
from kit.positions import Place

SOUGHT = 30.0  # seconds for which a seek explains that the log goes on later than we are

logger = log.get(__name__)


def now() -> float:
    """The loop's time, in seconds."""
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Held:
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
    def waits(self) -> bool:
        """Whether nothing of it is to be applied now."""
        return self.stopped or self.due is not None

    @property
    def calm(self) -> bool:
        """Whether nothing is known that speaks against taking its records with those of others."""
        return not (self.waits or self.failures or self.singly)

    def has_hole_at(self, place: Place) -> bool:
        """Whether the log has nothing where the position is: we have just looked there, and found that it begins before (c2)."""
        return self.next_offset == place.next_offset and self.sought_at is not None and now() - self.sought_at < SOUGHT


class Holding:
    """All partitions that one reader's consumer has."""

    def __init__(self, reader: str, database: Database, consumer: Callable[[], Any]) -> None:
        """`consumer` gives aiokafka's: it is another after it was made anew."""
        self._reader, self._database, self._consumer = reader, database, consumer
        self._held: dict[TopicPartition, Held] = {}
        self._moved: dict[TopicPartition, int] = {}
        """Positions that Kafka has not been told."""

    @property
    def _kafka(self) -> AIOKafkaConsumer:
        return self._consumer()

    def all(self) -> Mapping[TopicPartition, Held]:
        """What is known of each, as of now."""
        return dict(self._held)

    def of(self, partition: TopicPartition) -> Held | None:
        return self._held.get(partition)

    def is_assigned(self, partition: TopicPartition) -> bool:
        """Whether the group gives it to us at this moment."""
        return partition in self._kafka.assignment()

    def holds(self, partition: TopicPartition, own: Held) -> bool:
        """Whether this is still what we know of the partition: a rebalance may have come while we waited."""
        return self._held.get(partition) is own and self.is_assigned(partition)

    def fresh(self) -> list[TopicPartition]:
        """Those that are new under this assignment."""
        return [partition for partition in self._kafka.assignment() if partition not in self._held]

    @property
    def stopped(self) -> list[TopicPartition]:
        """Those that wait for a person."""
        return [partition for partition, own in self._held.items() if own.stopped]

    # -- going on --------------------------------------------------------------------------------------------------

    def begin(self, partition: TopicPartition, place: Place) -> None:
        """Read on where the row says; not at all where it says stopped."""
        self._kafka.seek(partition, place.next_offset)
        self._kafka.resume(partition)
        own = self._held[partition] = Held(place.next_offset, sought_at=now())
        if place.stopped_code:
            self._halt(partition, own)

    def advance(self, partition: TopicPartition, own: Held, next_offset: int) -> None:
        """What lies before this is applied."""
        own.next_offset, own.failures, own.sought_at = next_offset, 0, None
        self._moved[partition] = next_offset

    def drop(self, partition: TopicPartition, own: Held) -> None:
        """Take this partition anew."""
        if self._held.get(partition) is own:
            del self._held[partition]

    def forget(self) -> None:
        """A rebalance: every partition is taken anew, by its row (decision 0001: the listener itself is no barrier)."""
        for partition in self._held:
            labels = (self._reader, partition.topic, str(partition.partition))
            for gauge in (LAG, STOPPED):
                gauge.labels(*labels)
                gauge.remove(*labels)
        self._held.clear()

    # -- waiting and stopping --------------------------------------------------------------------------------------

    def delay(self, partition: TopicPartition, own: Held, code: str) -> None:
        """Try this partition again later, in order; the others go on."""
        own.failures = min(own.failures + 1, 8)
        wait = random.uniform(0.5, 1.0) * min(30.0, 0.1 * 2**own.failures)  # noqa: S311 spreads retries, guards nothing
        own.due = now() + wait
        if self.holds(partition, own):
            self._kafka.pause(partition)
        RETRIES.labels(self._reader, code).inc()
        logger.warning(
            "batch_waits", topic=partition.topic, partition=partition.partition, code=code, delay_s=round(wait, 2)
        )

    def wake(self) -> None:
        """Read those on that are due."""
        for partition, own in self._held.items():
            if own.due is not None and own.due <= now() and self.is_assigned(partition):
                own.due = own.sought_at = None
                self._kafka.seek(partition, own.next_offset)
                self._kafka.resume(partition)

    async def stop_for_defect(self, partition: TopicPartition, own: Held, offset: int, error: Exception) -> None:
        """Stop it over an error that we have no name for."""
        logger.error("defect", topic=partition.topic, partition=partition.partition, offset=offset, exc_info=error)
        await self.stop(partition, own, StopPartition("defect", f"{type(error).__name__} at offset {offset}"))

    async def stop(self, partition: TopicPartition, own: Held, reason: StopPartition) -> None:
        """Read it no further, and say so in its row, until a person resumes it."""
        self._halt(partition, own)
        try:
            async with self._database.transaction() as tx:
                await self.note_stop(tx, partition, reason)
        except Unavailable:
            own.stopped = False
            self.delay(partition, own, "unavailable")

    async def note_stop(self, tx: Connection, partition: TopicPartition, reason: StopPartition) -> None:
        """Say in its row why it stops."""
        logger.error(
            "partition_stopped",
            consumer=self._reader, topic=partition.topic, partition=partition.partition,
            code=reason.code, detail=reason.detail,
        )  # fmt: skip
        await positions.stop(tx, self._reader, partition.topic, partition.partition, reason)

    def _halt(self, partition: TopicPartition, own: Held) -> None:
        own.stopped = True
        if self.holds(partition, own):
            STOPPED.labels(self._reader, partition.topic, str(partition.partition)).set(1)
            self._kafka.seek(partition, own.next_offset)
            self._kafka.pause(partition)

    def resume(self, partition: TopicPartition, own: Held) -> None:
        """A person has resumed it."""
        STOPPED.labels(self._reader, partition.topic, str(partition.partition)).set(0)
        self.drop(partition, own)

    # -- saying how far --------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Say how far each is behind the end of its log."""
        for partition, own in self._held.items():
            end = self._kafka.highwater(partition) if self.is_assigned(partition) else None
            if end is not None:
                lag = max(0, end - own.next_offset)
                LAG.labels(self._reader, partition.topic, str(partition.partition)).set(lag)

    async def commit(self) -> None:
        """Tell Kafka how far we are, for lag tools and autoscaling; it may fail, the row is the truth."""
        offsets = {
            partition: OffsetAndMetadata(offset, "")
            for partition, offset in self._moved.items()
            if self.is_assigned(partition)
        }
        self._moved.clear()
        if offsets:
            failpoint("bus.before_ack")
            await kafka.bounded(_commit(self._kafka, offsets), 2, "commit")
            failpoint("bus.after_ack")


async def _commit(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
    try:
        await consumer.commit(offsets)
    except KafkaError as error:
        logger.debug("commit_failed", code=type(error).__name__)
