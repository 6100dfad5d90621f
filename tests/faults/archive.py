"""The log as the checker keeps it: every record ever seen, also of logs that were deleted meanwhile. No code of kit."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from city.checker import Entry

POISON = ("trial", b"poison")
"""A header by which the checker knows what the trial itself has planted."""
AWAY = 240.0  # seconds for which the broker may be away
ANSWERS = 10.0  # seconds in which it answers when it is there


Headers: TypeAlias = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class Kept:
    """One record, with all that it says."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    def header(self, name: str) -> str:
        return (dict(self.headers)[f"ce_{name}"] or b"").decode()

    def get(self, name: str) -> str:
        """A header that need not be there; empty where it is not."""
        return (dict(self.headers).get(f"ce_{name}") or b"").decode()

    @property
    def name(self) -> str:
        """What an event says happened, as its type has it: `candidate-placed`."""
        return self.header("type").rsplit(".", 2)[-2]

    @property
    def said(self) -> dict[str, Any]:
        payload: dict[str, Any] = json.loads(self.value or b"{}")
        return payload


@dataclass
class Archive:
    """What has stood on some topics, in the order in which it was read; what is read again stands there once."""

    bootstrap: str
    topics: tuple[str, ...]
    records: list[Kept] = field(default_factory=list)
    _known: set[Kept] = field(default_factory=set)
    _next: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    async def catch_up(self) -> None:
        """Read on to the end of every partition."""
        await asyncio.to_thread(self._read)

    def begin_anew(self, topic: str) -> None:
        """The log of this topic is another one from now on: it is read from its beginning."""
        for place in [place for place in self._next if place[0] == topic]:
            self._next[place] = 0

    def entries(self, topic: str) -> list[Entry]:
        """The events of a topic, as `city.checker` compares them."""
        return [
            Entry(
                record.partition, record.offset, record.header("id"), record.header("subject"),
                int(record.header("sequence")), sha256(record.value or b"").digest(),
            )
            for record in self.events(topic)
        ]  # fmt: skip

    def events(self, topic: str) -> Iterator[Kept]:
        """The records of a topic that are events; what else stands there the trial itself has planted."""
        for record in self.records:
            if record.topic == topic and _is_event(record):
                yield record

    def of(self, topic: str) -> Iterator[Kept]:
        """All that stands on a partner's topic: CloudEvents without a subject, and whatever else was written there."""
        return (record for record in self.records if record.topic == topic)

    def poison(self, topic: str) -> Counter[tuple[str, int, int]]:
        """Where the trial's own records stand that nobody can read: also those that nobody told it were written."""
        return Counter(
            (record.topic, record.partition, record.offset)
            for record in self.records
            if record.topic == topic and POISON in record.headers
        )

    def planted(self) -> set[str]:
        """The ids that the trial gave to what nobody can read."""
        return {
            (raw or b"").decode(errors="replace")
            for record in self.records
            if POISON in record.headers
            for name, raw in record.headers
            if name == "ce_id"
        }

    def write(self, file: Path) -> None:
        """All of it in order, a line a record, without what it says: to look into after a trial."""
        places = (f"{each.topic} {each.partition} {each.offset} {dict(each.headers)}" for each in self.records)
        file.write_text("\n".join(places))

    def _read(self) -> None:
        for topic in self.topics:
            self._read_topic(topic)

    def _read_topic(self, topic: str) -> None:
        """Read on to its end, though the broker may be away for a while: by a new client each time, for one that lost its only
        broker may never look for it again."""
        until = time.monotonic() + AWAY
        while True:
            with _consumer(self.bootstrap) as consumer:
                try:
                    ends = _ends(consumer, topic)
                    consumer.assign([TopicPartition(topic, number, self._next[topic, number]) for number in ends])
                    self._read_to(consumer, topic, {at: end for at, end in ends.items() if end > self._next[topic, at]})
                except (KafkaException, TimeoutError):
                    if time.monotonic() > until:
                        raise
                else:
                    return

    def _read_to(self, consumer: Consumer, topic: str, ends: dict[int, int]) -> None:
        """Read each partition as far as it went when we asked: where somebody always writes, no end is ever met."""
        while ends:
            message = consumer.poll(ANSWERS)
            if message is None:
                raise TimeoutError(f"{topic} did not end")
            fault, partition = message.error(), message.partition() or 0
            if fault is None:
                self._keep(message)
                if self._next[topic, partition] >= ends.get(partition, 0):
                    ends.pop(partition, None)
            elif fault.code() == KafkaError._PARTITION_EOF:
                ends.pop(partition, None)  # what is left are marks of transactions, which nobody is given
            else:
                raise KafkaException(fault)

    def _keep(self, message: Message) -> None:
        topic, partition, offset = message.topic() or "", message.partition() or 0, message.offset() or 0
        self._next[topic, partition] = offset + 1
        headers = cast(Headers, tuple(message.headers() or ()))
        record = Kept(topic, partition, offset, message.key(), message.value(), headers)
        if record not in self._known:
            self._known.add(record)
            self.records.append(record)


@contextmanager
def _consumer(bootstrap: str) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap, "group.id": "archive", "enable.auto.commit": False, "log_level": 0,
            "enable.partition.eof": True, "isolation.level": "read_committed", "auto.offset.reset": "earliest",
        }
    )  # fmt: skip
    try:
        yield consumer
    finally:
        consumer.close()


def _ends(consumer: Consumer, topic: str) -> dict[int, int]:
    """How far each partition goes now."""
    numbers = sorted(consumer.list_topics(topic, timeout=ANSWERS).topics[topic].partitions)
    return {at: consumer.get_watermark_offsets(TopicPartition(topic, at), timeout=ANSWERS)[1] for at in numbers}


def _is_event(record: Kept) -> bool:
    names = [name for name, _ in record.headers]
    if len(names) != len(set(names)) or POISON in record.headers or record.value is None:
        return False
    return {"ce_id", "ce_subject", "ce_sequence", "ce_type"} <= set(names)
