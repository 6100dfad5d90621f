"""What is said about a fact or claim on its way: CloudEvents 1.0 attributes and the extensions that we use."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one event of ours. On the wire each is a header `ce_<name>` (decision 0002)."""

    id: UUID
    source: str
    """Who says it: `/oneworkforce/<service>`."""
    type: str
    subject: UUID
    """The aggregate that it happened to; also the key of the record."""
    sequence: int
    """The version that the aggregate has with it: 1, 2, 3 …, without a hole."""
    time: datetime
    """When it happened in the world."""
    recordedtime: datetime
    """When we wrote it down."""
    correlationid: UUID
    """The request, claim or deadline that began it all."""
    causationid: UUID | None = None
    """The event that it follows from, or the request with an Idempotency-Key: the same for the same key again."""
    traceparent: str | None = None
    """W3C trace context, a plain header."""


def events_topic(service: str) -> str:
    """The topic on which a service says its facts."""
    return f"{service}.events.v1"


def claims_topic(partner: str, service: str) -> str:
    """The topic that this partner alone writes and this service alone reads."""
    return f"partner.{partner}.{service}.v1"


def answers_topic(partner: str) -> str:
    """The topic that this partner alone reads: an answer to each of its claims."""
    return f"partner.{partner}.answers.v1"
