"""A reader's rows beside the broker's logs: where a partition is begun, and why going on there would lose something.

A log may have been made anew since the row was written, cut off below, or end before it (c5); it has holes (c2); and the row may
have come back from a backup.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import TopicPartition
from confluent_kafka.admin import AdminClient

from kit import kafka, offsets, positions
from kit.bus.holding import Held, Holding
from kit.database import Database
from kit.errors import StopPartition
from kit.positions import Fenced, Place
from kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Log:
    """One partition's log as the broker describes it."""

    topic_id: str
    beginning: int
    end: int

    def speaks_against(self, place: Place) -> StopPartition | None:
        """Why going on in this log would lose something; None where it would not."""
        if place.topic_id != self.topic_id:
            detail = f"the topic was made anew; position {place.next_offset} is of the old one"
            return StopPartition("topic-recreated", detail)
        if self.beginning > place.next_offset:
            detail = f"the log begins at {self.beginning}, position is {place.next_offset}"
            return StopPartition("log-begins-later", detail)
        if self.end < place.next_offset:
            return StopPartition("log-ends-earlier", f"the log ends at {self.end}, position is {place.next_offset}")
        return None


class Logs:
    """The logs of one consumer's partitions."""

    def __init__(
        self, settings: Settings, database: Database, reader: str, holding: Holding, consumer: Callable[[], Any]
    ) -> None:
        self._database, self._reader, self._holding, self._consumer = database, reader, holding, consumer
        self._exact_ends = settings.kafka_exact_ends
        self._settings, self._admin = settings, kafka.admin(settings)
        self._silent: list[AdminClient] = []
        """Clients that were given up. They are kept, for to end one waits for what it waits for."""

    async def take(self) -> None:
        """Begin the partitions that are new under this assignment where their rows say."""
        fresh = self._holding.fresh()
        if not fresh:
            return
        async with self._database.transaction() as tx:
            before = await positions.places(tx, self._reader)
        for partition, described in (await self.describe(fresh)).items():
            place = await self._open(partition, described, before.get((partition.topic, partition.partition)))
            if self._holding.is_assigned(partition):
                self._holding.begin(partition, place)

    async def _open(self, partition: TopicPartition, described: Log, before: Place | None) -> Place:
        """The position. `before`: as it was when the broker was asked where the log ends; a reader that had the partition until
        now may have moved it since, beyond that end."""
        at = (self._reader, partition.topic, partition.partition)
        async with self._database.transaction() as tx:
            place = await positions.open_place(tx, *at, described.topic_id, described.beginning)
            moved = before is None or before.next_offset != place.next_offset
            then = replace(described, end=max(described.end, place.next_offset)) if moved else described
            if reason := self._differs(place, then):
                await self._holding.note_stop(tx, partition, reason)
                return await positions.lock(tx, *at)
            return place

    async def describe(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Log]:
        """What the broker says of these logs. A topic that it does not know is not in the answer. Raises Unavailable."""
        try:
            return await asyncio.to_thread(_described, self._admin, partitions)
        except kafka.Silent:  # seen after a broker had been away: for minutes, beyond what librdkafka is told to take
            self._silent.append(self._admin)
            self._admin = kafka.admin(self._settings)
            raise

    def _differs(self, place: Place, described: Log) -> StopPartition | None:
        end = described.end if self._exact_ends else max(described.end, place.next_offset)
        return replace(described, end=end).speaks_against(place)

    async def compare(self) -> None:
        """A topic that was deleted and made again, or cut off, stops its partitions (c5).

        A row that is not where we left it came back from a backup: also where nothing new comes, what it has lost is read again.
        """
        held = [partition for partition in self._holding.all() if self._holding.is_assigned(partition)]
        if not held:
            return
        # rows first: a position that another process has moved meanwhile must not look as if it were beyond the end
        async with self._database.transaction() as tx:
            places = await positions.places(tx, self._reader)
        for partition, described in (await self.describe(held)).items():
            own, place = self._holding.of(partition), places.get((partition.topic, partition.partition))
            if own is None or place is None or place.stopped_code:
                continue
            if reason := self._differs(place, described):
                await self._holding.stop(partition, own, reason)
            elif place.next_offset != own.next_offset:
                self._holding.drop(partition, own)

    async def pass_holes(self, fetched: Collection[TopicPartition]) -> None:
        """Where nothing came but Kafka's position moved on (transaction markers, aborted or compacted records), move our row."""
        ahead: dict[TopicPartition, int] = {}
        for partition, own in self._holding.all().items():
            if partition in fetched or own.waits or not self._holding.holds(partition, own):
                continue
            position = await self._consumer().position(partition)
            if position > own.next_offset and self._holding.holds(partition, own):
                ahead[partition] = position
        if not ahead:
            return
        for partition, described in (await self.describe(list(ahead))).items():
            own_now = self._holding.of(partition)
            if own_now is not None:
                await self._pass(partition, own_now, ahead[partition], described)

    async def _pass(self, partition: TopicPartition, own: Held, position: int, described: Log) -> None:
        """Move the row over a hole, unless it is one because the log was cut off below (c5)."""
        try:
            async with self._database.transaction() as tx:
                place = await positions.lock(tx, self._reader, partition.topic, partition.partition)
                if place.next_offset != own.next_offset or place.stopped_code:
                    raise Fenced
                if reason := self._differs(place, described):
                    raise reason
                await positions.move(tx, place, position)
                own.next_offset = position
        except StopPartition as reason:
            await self._holding.stop(partition, own, reason)
        except Fenced:
            self._holding.drop(partition, own)


def _described(client: AdminClient, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, Log]:
    ids = kafka.topic_ids(client, sorted({partition.topic for partition in partitions}))
    known = [partition for partition in partitions if partition.topic in ids]
    beginnings, ends = offsets.beginnings(client, known), offsets.ends(client, known)
    return {at: Log(ids[at.topic], beginnings[at], ends[at]) for at in known}
