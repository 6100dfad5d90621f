"""A log like the city's, of any length, and the truth about it: what a reader must have made of it up to any offset.

People register, apply, are interviewed, offered, cleared and start, or withdraw; payloads are the golden examples with ids and days
of their own. A start in a hundred is voided, and an event in two hundred stands in the log twice, as after a relay that died.
"""

import json
import random
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from confluent_kafka import Producer

from kit.cloudevents import headers_of
from schemas.envelope import Envelope

TOPIC = "talent-pipeline.events.v1"
PARTITIONS = 12
EXAMPLES = Path(__file__).parents[1] / "shared/schemas/examples/talent-pipeline"
WAY = (
    "application-submitted", "application-shortlisted", "values-interview-completed", "offer-made", "candidate-cleared",
    "start-date-agreed", "candidate-placed",
)  # fmt: skip
"""A candidacy that ends in a start; every second one ends by a withdrawal after the interview."""
FIRST_DAY = date(2023, 1, 2)
NOBODY, NO_DAY, NO_FACT = "00000000-0000-4000-8000-00000000aaaa", "1999-09-09", "00000000-0000-7000-8000-00000000bbbb"
"""What stands in a template where a person, a day, and a fact that is voided will."""

Headers = list[tuple[str, bytes]]
Sent = Callable[[int, int, float], None]
"""Told of a record that the broker has: partition, offset, and when it was given to the producer."""


@dataclass(frozen=True)
class Template:
    """A type of event: its payload and headers, but for what differs from one to the next."""

    payload: bytes
    fixed: Headers

    @classmethod
    def of(cls, name: str) -> "Template":
        example = json.loads((EXAMPLES / f"{name}.v1.json").read_text())
        own = {"person_id": NOBODY, "occurred_on": NO_DAY, "fact_id": NO_FACT}
        payload = json.dumps({**example, **{key: own[key] for key in own if key in example}}, separators=(",", ":"))
        moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
        type_ = f"uk.leeds.oneworkforce.talent-pipeline.{name}.v1"
        nil = UUID(int=0)
        envelope = Envelope(nil, "/oneworkforce/talent-pipeline", type_, nil, 1, moment, moment, nil)
        varying = {"ce_id", "ce_subject", "ce_partitionkey", "ce_sequence", "ce_correlationid"}
        fixed = [(key, value.encode()) for key, value in headers_of(envelope).items() if key not in varying]
        return cls(payload.encode(), fixed)

    def headers(self, event: bytes, subject: bytes, version: int) -> Headers:
        return [
            ("ce_id", event), ("ce_subject", subject), ("ce_partitionkey", subject), ("ce_sequence", b"%010d" % version),
            ("ce_correlationid", event), *self.fixed,
        ]  # fmt: skip


@dataclass
class Truth:
    """By partition: which event stands at each offset, its day, and whether it stood earlier in the log."""

    ids: list[bytearray] = field(default_factory=lambda: [bytearray() for _ in range(PARTITIONS)])
    days: "list[array[int]]" = field(default_factory=lambda: [array("i") for _ in range(PARTITIONS)])
    again: list[bytearray] = field(default_factory=lambda: [bytearray() for _ in range(PARTITIONS)])

    def note(self, partition: int, event: bytes, day: int, again: bool) -> None:
        """`day`: since FIRST_DAY; -1 for an event that has none."""
        self.ids[partition] += UUID(event.decode()).bytes
        self.days[partition].append(day)
        self.again[partition].append(again)

    def end(self, partition: int) -> int:
        return len(self.days[partition])

    @property
    def total(self) -> int:
        return sum(self.end(partition) for partition in range(PARTITIONS))

    def facts_before(self, partition: int, offset: int) -> int:
        """Distinct events of a partition before an offset."""
        return offset - sum(self.again[partition][:offset])

    def is_right(self, partition: int, offset: int, event: UUID, day: date | None, *, either: bool = False) -> bool:
        """Whether this event stands at this place, and happened on this day: for the first time, or `either` time."""
        found = self.days[partition][offset]
        expected = None if found < 0 else FIRST_DAY + timedelta(days=found)
        here = bytes(self.ids[partition][offset * 16 : offset * 16 + 16])
        return event.bytes == here and day == expected and (either or not self.again[partition][offset])


class City:
    """Events without end, the same for the same seed."""

    def __init__(self, seed: int = 2026) -> None:
        self._random = random.Random(seed)  # noqa: S311 a city that can be made again
        self._clock = 0x019500000000
        self._templates = {
            name: Template.of(name) for name in ("interest-registered", *WAY, "candidate-withdrew", "fact-voided")
        }

    def records(self) -> Iterator[tuple[int, bytes, bytes, Headers, bytes, int]]:
        """Partition, key, payload, headers, event id and day, person after person."""
        while True:
            person, engagement, candidacy = self._id(), self._id(), self._id()
            day = self._random.randrange(1000)
            yield self._record("interest-registered", engagement, 1, person, day)
            leaves = self._random.random() < 0.5
            way = (*WAY[:3], "candidate-withdrew") if leaves else WAY
            records = [self._record(name, candidacy, at, person, day + at) for at, name in enumerate(way, start=1)]
            yield from records
            if not leaves and self._random.random() < 0.01:
                yield self._record("fact-voided", candidacy, len(WAY) + 1, person, -1, fact=records[-1][4])

    def _record(
        self, name: str, subject: bytes, version: int, person: bytes, day: int, fact: bytes = b""
    ) -> tuple[int, bytes, bytes, Headers, bytes, int]:
        template, event = self._templates[name], self._event_id()
        payload = template.payload.replace(NOBODY.encode(), person)
        if day >= 0:
            payload = payload.replace(NO_DAY.encode(), (FIRST_DAY + timedelta(days=day)).isoformat().encode())
        else:
            payload = payload.replace(NO_FACT.encode(), fact)
        partition = int(subject[:4], 16) % PARTITIONS
        return partition, subject, payload, template.headers(event, subject, version), event, day

    def _id(self) -> bytes:
        drawn = f"{self._random.getrandbits(128):032x}"
        return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-8{drawn[17:20]}-{drawn[20:]}".encode()

    def _event_id(self) -> bytes:
        """In order of time, as `kit.ids.new_event_id` makes them: sixteen a millisecond."""
        self._clock += 1
        drawn = f"{self._random.getrandbits(64):016x}"
        moment = f"{self._clock >> 4:012x}"
        return f"{moment[:8]}-{moment[8:]}-7{drawn[:3]}-8{drawn[3:6]}-{drawn[4:]}".encode()


def write(
    bootstrap: str, many: int, tell: Callable[[int], None], *, keep_truth: bool = True, seed: int = 2026
) -> Truth:
    """Write so many records; the truth about them, by the offsets of a log that was empty. Raises RuntimeError for lost records."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 20, "batch.size": 500_000, "enable.idempotence": True,
         "queue.buffering.max.messages": 200_000, "compression.type": "none"}
    )  # fmt: skip
    truth, again = Truth(), random.Random(seed)  # noqa: S311
    for number, (partition, key, payload, headers, event, day) in zip(range(many), City(seed).records(), strict=False):
        for copy in range(2 if again.random() < 0.005 else 1):
            _produce(producer, partition, key, payload, headers)
            if keep_truth:
                truth.note(partition, event, day, bool(copy))
        if number % 5000 == 0:
            tell(number)
            producer.poll(0)
    if left := producer.flush(120):
        raise RuntimeError(f"{left} records were not taken by the broker")
    return truth


def _produce(producer: Producer, partition: int, key: bytes, payload: bytes, headers: Headers) -> None:
    while True:
        try:
            producer.produce(TOPIC, payload, key, partition, headers=headers)  # type: ignore[arg-type]
        except BufferError:
            producer.poll(0.1)
        else:
            return
