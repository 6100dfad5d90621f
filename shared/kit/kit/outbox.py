"""What a command says: written to the journal and to the outbox, in the transaction that changes the state.

Lock or insert the aggregate's row first. The outbox's position is drawn after that lock, so that the order of positions is the
order of versions (c12); the journal's unique (aggregate, version) stops a second writer who did not.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.clock import noon
from kit.cloudevents import headers_of
from kit.context import Context
from kit.database import Clause, Connection, columns, together
from kit.ids import new_event_id
from kit.metrics import RECORDED
from schemas.envelope import Envelope, events_topic
from schemas.fact import Fact, Message, Step
from schemas.registry import messages, upcast

SHARDS = 16

SAY = """
said AS (
    SELECT * FROM unnest($3::uuid[], $4::int[], $5::text[], $6::bytea[], $7::jsonb[], $8::timestamptz[])
        WITH ORDINALITY AS said (event_id, version, type, payload, headers, occurred_at, turn)
), journalled AS (
    INSERT INTO kit.journal (event_id, aggregate, aggregate_id, version, type, topic, payload, occurred_at, recorded_at,
                             actor, correlation_id, causation_id, traceparent)
    SELECT event_id, $1, $2, version, type, $9, payload, occurred_at, $10, $11, $12, $13, $14 FROM said
), sent AS (
    INSERT INTO kit.outbox (shard, topic, key, value, headers)
    SELECT $15, $9, $16, payload, headers FROM said ORDER BY turn
)
"""

HISTORY = """
SELECT event_id, aggregate, version, type, payload, occurred_at, recorded_at, actor, correlation_id, causation_id
FROM kit.journal WHERE aggregate_id = $1 ORDER BY version
"""

LAST_SAID = "SELECT max(recorded_at) FROM kit.journal WHERE aggregate_id = $1 AND actor <> 'deadline'"

SEND = "INSERT INTO kit.outbox (shard, topic, key, value, headers) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of an aggregate's history."""

    event_id: UUID
    version: int
    fact: Fact
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    correlation_id: UUID
    causation_id: UUID | None


def shard_of(key: bytes) -> int:
    return zlib.crc32(key) % SHARDS


async def record(
    tx: Connection,
    aggregate: str,
    aggregate_id: UUID,
    version: int,
    facts: Sequence[Fact],
    context: Context,
    *,
    occurred_at: datetime | None = None,
    topic: str | None = None,
) -> list[Envelope]:
    """Say these facts of an aggregate that stands at `version`; each gets a version of its own. The envelopes, in order.

    `occurred_at`: when all of them happened in the world, where they do not say the day. `topic`: default the service's own.
    """
    if not facts:
        return []
    envelopes, clause = said(aggregate, aggregate_id, version, facts, context, occurred_at=occurred_at, topic=topic)
    await together(tx, clause)
    return envelopes


def said(
    aggregate: str,
    aggregate_id: UUID,
    version: int,
    facts: Sequence[Fact],
    context: Context,
    *,
    occurred_at: datetime | None = None,
    topic: str | None = None,
) -> tuple[list[Envelope], Clause]:
    """The same, to be said together with what follows from it. At least one fact."""
    service = facts[0].SERVICE
    envelopes = [
        Envelope(
            id=new_event_id(),
            source=f"/oneworkforce/{service}",
            type=fact.TYPE,
            subject=aggregate_id,
            sequence=version + turn,
            time=occurred_at or _moment(fact, context.now),
            recordedtime=context.now,
            correlationid=context.correlation_id,
            causationid=context.causation_id,
            traceparent=context.traceparent,
        )
        for turn, fact in enumerate(facts, start=1)
    ]
    key = str(aggregate_id).encode()
    rows = [
        (envelope.id, envelope.sequence, envelope.type, fact.write(), json.dumps(headers_of(envelope)), envelope.time)
        for envelope, fact in zip(envelopes, facts, strict=True)
    ]
    values = (
        aggregate, aggregate_id, *columns(rows, 6), topic or events_topic(service), context.now, context.actor,
        context.correlation_id, context.causation_id, context.traceparent, shard_of(key), key,
    )  # fmt: skip
    for fact in facts:
        RECORDED.labels(fact.TYPE).inc()
    return envelopes, Clause(SAY, values)


def _moment(fact: Fact, now: datetime) -> datetime:
    """The hour of a fact of which only the day is known: noon, or now, whichever is earlier."""
    return min(noon(fact.occurred_on), now) if isinstance(fact, Step) else now


async def send(tx: Connection, topic: str, key: str, message: Message | None, headers: dict[str, str]) -> None:
    """A message that is nobody's fact: an answer to a partner, or a tombstone (None)."""
    raw = key.encode()
    value = None if message is None else message.write()
    await tx.execute(SEND, shard_of(raw), topic, raw, value, json.dumps(headers))


async def history(tx: Connection, aggregate_id: UUID) -> list[Said]:
    """All that was said of an aggregate, in order, old versions read as the newest."""
    return [
        Said(
            event_id=row["event_id"],
            version=row["version"],
            fact=_fact(row["type"], row["payload"]),
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
            actor=row["actor"],
            correlation_id=row["correlation_id"],
            causation_id=row["causation_id"],
        )
        for row in await tx.fetch(HISTORY, aggregate_id)
    ]


async def last_said(tx: Connection, aggregate_id: UUID) -> datetime | None:
    """When somebody last said something of an aggregate: what it said by itself, at a deadline, does not count."""
    moment: datetime | None = await tx.fetchval(LAST_SAID, aggregate_id)
    return moment


def _fact(type_: str, payload: bytes) -> Fact:
    message = upcast(messages()[type_], payload)
    if not isinstance(message, Fact):
        raise TypeError(f"{type_} is no fact")
    return message
