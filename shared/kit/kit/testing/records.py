"""Records as a broker would give them, made from facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from kit.cloudevents import Headers, headers_of
from kit.ids import new_event_id, new_id
from schemas.envelope import Envelope
from schemas.fact import Fact


@dataclass(frozen=True)
class TestRecord:
    """A record with a place in the log."""

    __test__ = False

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    def at(self, offset: int, partition: int | None = None) -> "TestRecord":
        """The same record at another place: what a relay that sends twice leaves behind."""
        return replace(self, offset=offset, partition=self.partition if partition is None else partition)


def envelope_of(
    fact: Fact, subject: UUID, sequence: int, time: datetime | None = None, event_id: UUID | None = None
) -> Envelope:
    moment = time or datetime(2026, 1, 5, 9, tzinfo=UTC)
    return Envelope(
        id=event_id or new_event_id(),
        source=f"/oneworkforce/{fact.SERVICE}",
        type=fact.TYPE,
        subject=subject,
        sequence=sequence,
        time=moment,
        recordedtime=moment,
        correlationid=new_id(),
    )


def record_of(fact: Fact, envelope: Envelope, *, topic: str, partition: int = 0, offset: int = 0) -> TestRecord:
    headers = [(name, given.encode()) for name, given in headers_of(envelope).items()]
    return TestRecord(topic, partition, offset, str(envelope.subject).encode(), fact.write(), headers)


def stream(facts: Sequence[Fact], subject: UUID, *, topic: str, partition: int = 0, first: int = 0) -> list[TestRecord]:
    """The records of one aggregate's facts, versions from 1, offsets from `first`."""
    return [
        record_of(fact, envelope_of(fact, subject, turn), topic=topic, partition=partition, offset=first + turn - 1)
        for turn, fact in enumerate(facts, start=1)
    ]
