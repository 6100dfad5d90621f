"""The checker: what clients were told, what the journal holds and what the log holds, compared. Shares no code with kit.

It reads the log from its beginning with a client of another make, and says what was lost, doubled, out of order or made up.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition


@dataclass(frozen=True)
class Entry:
    """One record of the log, as far as the checker looks at it."""

    partition: int
    offset: int
    event_id: str
    subject: str
    sequence: int
    digest: bytes


@dataclass
class Verdict:
    """What was found. Everything but `duplicates` must be empty: a relay may send twice, nobody may count twice."""

    events: int = 0
    duplicates: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged to a client or written in the journal, and not in the log."""
    made_up: list[str] = field(default_factory=list)
    """In the log, and not in the journal."""
    out_of_order: list[str] = field(default_factory=list)
    """Subjects whose versions did not first appear as 1, 2, 3 …"""
    changed: list[str] = field(default_factory=list)
    """Event ids that stand in the log with two contents."""
    scattered: list[str] = field(default_factory=list)
    """Subjects in more than one partition."""
    doubled: list[str] = field(default_factory=list)
    """Event ids that had their effect more than once."""
    missing_effects: list[str] = field(default_factory=list)
    """Event ids in the log whose effect is not there."""

    @property
    def clean(self) -> bool:
        return not (
            self.lost or self.made_up or self.out_of_order or self.changed or self.scattered or self.doubled
            or self.missing_effects
        )  # fmt: skip

    def __str__(self) -> str:
        return (
            f"{self.events} events, {self.duplicates} sent twice · lost {len(self.lost)} · doubled {len(self.doubled)} · "
            f"out of order {len(self.out_of_order)} · made up {len(self.made_up)} · changed {len(self.changed)} · "
            f"scattered {len(self.scattered)} · effects missing {len(self.missing_effects)}"
        )


def read_log(bootstrap: str, topic: str) -> list[Entry]:
    """Every record of a topic, by partition and offset. Blocks: use a thread."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap, "group.id": "checker", "enable.auto.commit": False,
            "enable.partition.eof": True, "isolation.level": "read_committed", "auto.offset.reset": "earliest",
        }
    )  # fmt: skip
    try:
        partitions = sorted(consumer.list_topics(topic, timeout=15).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        return list(_until_the_end(consumer, set(partitions)))
    finally:
        consumer.close()


def _until_the_end(consumer: Consumer, open_partitions: set[int]) -> Iterable[Entry]:
    while open_partitions:
        message = consumer.poll(30)
        if message is None:
            raise TimeoutError("the log did not end")
        fault = message.error()
        if fault is None:
            if message.value() is not None and (entry := _entry(message)) is not None:
                yield entry
        elif fault.code() == KafkaError._PARTITION_EOF:
            open_partitions.discard(message.partition())
        else:
            raise KafkaException(fault)


def _entry(message: Message) -> Entry | None:
    """What a record says; None where it is nobody's event: the trials write such records themselves."""
    headers = dict(message.headers() or [])
    try:
        event_id, subject, sequence = (bytes(headers[f"ce_{name}"]).decode() for name in ("id", "subject", "sequence"))  # type: ignore[arg-type]
        digest = hashlib.sha256(message.value() or b"").digest()
        return Entry(message.partition() or 0, message.offset() or 0, event_id, subject, int(sequence), digest)
    except (KeyError, TypeError, ValueError):
        return None


def compare(log: Sequence[Entry], journal: Mapping[str, tuple[str, int]], acknowledged: Iterable[str]) -> Verdict:
    """The log against the journal (event id -> subject, version) and against the subjects that clients were told of."""
    verdict = Verdict()
    contents: dict[str, bytes] = {}
    places: dict[str, set[int]] = defaultdict(set)
    order: dict[str, list[int]] = defaultdict(list)
    for entry in log:
        places[entry.subject].add(entry.partition)
        if entry.event_id in contents:
            verdict.duplicates += 1
            if contents[entry.event_id] != entry.digest:
                verdict.changed.append(entry.event_id)
            continue
        contents[entry.event_id] = entry.digest
        order[entry.subject].append(entry.sequence)
    verdict.events = len(contents)
    verdict.out_of_order = [
        subject for subject, versions in order.items() if versions != list(range(1, len(versions) + 1))
    ]
    verdict.scattered = [subject for subject, found in places.items() if len(found) > 1]
    verdict.lost = [event_id for event_id in journal if event_id not in contents]
    verdict.lost += [subject for subject in acknowledged if subject not in order]
    verdict.made_up = [event_id for event_id in contents if event_id not in journal]
    return verdict


async def read_journal(dsn: str) -> dict[str, tuple[str, int]]:
    """The journal of a service: event id -> subject and version."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT event_id, aggregate_id, version FROM kit.journal")
    finally:
        await connection.close()
    return {str(row["event_id"]): (str(row["aggregate_id"]), row["version"]) for row in rows}


def compare_effects(verdict: Verdict, expected: Iterable[str], effects: Iterable[str]) -> None:
    """Add to the verdict which event ids had their effect more than once, or not at all."""
    counted: dict[str, int] = defaultdict(int)
    for event_id in effects:
        counted[event_id] += 1
    verdict.doubled += [event_id for event_id, count in counted.items() if count > 1]
    verdict.missing_effects += [event_id for event_id in expected if event_id not in counted]
