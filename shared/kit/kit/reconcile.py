"""After a backup was restored: what the service said since then is read back from its own topics, before it opens (c6).

A restored database is marked by a row in `kit.restored`. While it is there every new connection of the service is refused
(`database`), so that no version is given out a second time. `reconcile` reads the service's own topics from the beginning,
inserts what the journal lacks, takes from the outbox what was sent, lets the service work its state out anew, and removes the
mark: one transaction. A version that is known with another id, or is missing, stops it: the mark stays and says why. So does a
record that is no fact of the service, until a person has said of its place that it is to be passed over. If it had been the
version of something that more was said of later, that version is found missing then.

Claims that partners made since the backup were answered: what was accepted is known again, and the reader of claims goes on behind
the last answer. A claim whose answer had not been sent when the database was lost is judged again.

The bus does not tell who did something: the actor of a line that was read back is `reconciled`. What is heard or asked again of
all that the backup does not know finds by `read_back` what it has led to already.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from kit import kafka, log, positions, restored
from kit.claims import consumer_of, digest_of
from kit.cloudevents import Record, read_claim, read_envelope
from kit.database import Connection, columns
from kit.errors import Unavailable, Unreadable
from kit.inbox import read_fact
from kit.read_back import ACTOR
from kit.settings import Settings
from kit.topics import Topic
from schemas.envelope import Envelope, answers_topic, claims_topic
from schemas.fact import Answer, Fact, Message
from schemas.registry import readable_as

SHOWN = 20  # records that cannot be read, told one by one
SILENCE = 3.0  # seconds without a record after which a log is read whose end the broker cannot name

HEARD = "CREATE TEMP TABLE heard (event_id uuid PRIMARY KEY) ON COMMIT DROP"
HEAR = "INSERT INTO heard SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING"
AGGREGATES = "SELECT DISTINCT aggregate_id, aggregate FROM kit.journal WHERE aggregate_id = ANY($1::uuid[])"
INSERT = """
INSERT INTO kit.journal (event_id, aggregate, aggregate_id, version, type, topic, payload, occurred_at, recorded_at, actor,
                         correlation_id, causation_id, traceparent)
SELECT event_id, aggregate, aggregate_id, version, type, $1, payload, occurred_at, recorded_at, $2, correlation_id,
       causation_id, traceparent
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::int[], $7::text[], $8::bytea[], $9::timestamptz[], $10::timestamptz[],
            $11::uuid[], $12::uuid[], $13::text[])
  AS said (event_id, aggregate, aggregate_id, version, type, payload, occurred_at, recorded_at, correlation_id, causation_id,
           traceparent)
ON CONFLICT DO NOTHING RETURNING event_id, aggregate_id
"""
STRANGE = """
SELECT said.event_id FROM unnest($1::uuid[]) AS said (event_id)
WHERE NOT EXISTS (SELECT FROM kit.journal WHERE journal.event_id = said.event_id) LIMIT 1
"""
HOLES = """
SELECT aggregate_id FROM kit.journal WHERE topic = $1 GROUP BY aggregate_id HAVING count(*) <> max(version) LIMIT 1
"""
TAKE_SENT = """
DELETE FROM kit.outbox WHERE topic = ANY($1::text[]) AND (headers ->> 'ce_id')::uuid IN (SELECT event_id FROM heard)
"""
UNHEARD = """
SELECT count(*) FROM kit.journal WHERE topic = ANY($1::text[])
  AND NOT EXISTS (SELECT FROM heard WHERE heard.event_id = journal.event_id)
  AND NOT EXISTS (SELECT FROM kit.outbox WHERE (headers ->> 'ce_id')::uuid = journal.event_id)
"""

KNOW_CLAIM = """
INSERT INTO kit.claim (partner, source, claim_id, type, body_sha256, ids) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
PASS_ANSWERED = """
UPDATE kit.position SET next_offset = greatest(next_offset, $4), moved_at = now()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND topic_id = $5
"""

logger = log.get(__name__)


Where: TypeAlias = tuple[str, int, int]
"""Topic, partition and offset of a record."""


class CannotReconcile(Exception):
    """A person must look before this service may open. `code` and `detail` hold no value that somebody sent."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")


@dataclass(frozen=True, slots=True)
class Found:
    """What the service's own topics told."""

    read: int
    """Events in the log, each counted once."""
    behind: tuple[UUID, ...]
    """The aggregates of which the journal lacked something: their state is to be worked out anew."""
    added: int
    """Lines that were added to the journal."""
    forgotten: tuple[UUID, ...]
    """The keys whose last word in the log is a tombstone: what stands under them is to be erased again."""
    sent: int = 0
    """Rows that the outbox still held, though they had been sent."""
    unheard: int = 0
    """Lines of the journal that neither log nor outbox hold: the log has lost them; `republish` says them again."""
    passed: int = 0
    """Records that somebody has passed over."""
    answered: int = 0
    """Claims that partners had been answered: they are not judged again."""


Rebuild = Callable[[Connection, Found], Awaitable[None]]
"""Works the state of the aggregates that were behind out anew from the journal, and erases what is forgotten."""


async def reconcile(
    settings: Settings,
    owner: Connection,
    topics: Sequence[Topic],
    emits: Collection[type[Fact]],
    rebuild: Rebuild | None,
    partners: Sequence[str] = (),
    passed: Collection[Where] = (),
) -> Found:
    """Read the service's own topics back and open it again. Raises CannotReconcile, and Unavailable where Kafka is away.

    `owner`: a connection of the database's owner, of nobody else's. `emits`: every fact that the service says. `partners`: those
    that make claims to it. `passed`: records that are no facts of the service, as a person has seen.
    """
    try:
        async with owner.transaction():
            found = await _read_back(settings, owner, topics, readable_as(emits), frozenset(passed))
            answered = [await _read_answers(settings, owner, partner) for partner in partners]
            found = replace(found, answered=sum(answered))
            if found.behind or found.forgotten:
                if rebuild is None:
                    raise CannotReconcile(
                        "no-rebuild", "the journal was behind, and the service has no Service.rebuild"
                    )
                await rebuild(owner, found)
            await restored.reopen(owner)
            return found
    except CannotReconcile as stop:
        await restored.stop(owner, stop.code, stop.detail)
        logger.exception("reconcile_stopped", service=settings.service, code=stop.code, detail=stop.detail)
        raise


async def _read_back(
    settings: Settings,
    owner: Connection,
    topics: Sequence[Topic],
    kinds: Mapping[str, type[Message]],
    passed: AbstractSet[Where],
) -> Found:
    await owner.execute(HEARD)
    behind: set[UUID] = set()
    forgotten: set[UUID] = set()
    unread: dict[Where, str] = {}
    added = 0
    names = [topic.name for topic in topics]
    whole = [topic.name for topic in topics if topic.settings.get("cleanup.policy") != "compact"]
    for topic in topics:
        async for records in _batches(settings, topic.name):
            said, faults = _read(records, kinds)
            unread |= faults
            new = await _keep(owner, topic.name, said, kinds)
            added += len(new)
            behind.update(new)
            _forget(records, forgotten)
        if strange := unread.keys() - passed:
            raise _unreadable({where: unread[where] for where in strange})
        if topic.name in whole and (hole := await owner.fetchval(HOLES, topic.name)):
            raise CannotReconcile("version-missing", f"{topic.name}: a version of {hole} is in neither log nor backup")
    if readable := passed - unread.keys():
        where = _at(*min(readable))
        raise CannotReconcile("readable", f"{where}: a fact of the service, or nothing, is not passed over")
    sent = await owner.execute(TAKE_SENT, names)
    return Found(
        read=await owner.fetchval("SELECT count(*) FROM heard"),
        behind=tuple(sorted(behind)),
        added=added,
        forgotten=tuple(sorted(forgotten)),
        sent=int(sent.removeprefix("DELETE ")),
        unheard=await owner.fetchval(UNHEARD, whole),
        passed=len(unread),
    )


def _read(
    records: Sequence[Record], kinds: Mapping[str, type[Message]]
) -> tuple[list[tuple[Envelope, bytes]], dict[Where, str]]:
    """The facts among the records, and why each other record is none. A tombstone is neither."""
    said: list[tuple[Envelope, bytes]] = []
    unread: dict[Where, str] = {}
    for record in records:
        if record.value is None:
            continue
        try:
            envelope = read_envelope(record)
            if envelope.type not in kinds:
                raise Unreadable(
                    "unknown-type", field="type", rule="is said by another version of the service, or by none"
                )
            read_fact(kinds[envelope.type], record.value)
        except Unreadable as fault:
            unread[record.topic, record.partition, record.offset] = (
                f"{fault.field or fault.code} {fault.rule or ''}".strip()
            )
        else:
            said.append((envelope, record.value))
    return said, unread


async def _keep(
    owner: Connection, topic: str, said: Sequence[tuple[Envelope, bytes]], kinds: Mapping[str, type[Message]]
) -> list[UUID]:
    """Insert what the journal lacks; the aggregate of each line that was added. Raises CannotReconcile."""
    if not said:
        return []
    aggregates = await _aggregates(owner, [envelope for envelope, _ in said], kinds)
    rows = [
        (
            envelope.id, aggregates[envelope.subject], envelope.subject, envelope.sequence, envelope.type, payload,
            envelope.time, envelope.recordedtime, envelope.correlationid, envelope.causationid, envelope.traceparent,
        )
        for envelope, payload in said
    ]  # fmt: skip
    ids = [envelope.id for envelope, _ in said]
    await owner.execute(HEAR, ids)
    added = await owner.fetch(INSERT, topic, ACTOR, *columns(rows, 11))
    if (strange := await owner.fetchval(STRANGE, ids)) is not None:
        raise CannotReconcile("version-reused", f"{topic}: event {strange} has a version that another event has here")
    return [row["aggregate_id"] for row in added]


def _unreadable(faults: Mapping[Where, str]) -> CannotReconcile:
    """All at once, so that a person looks once."""
    places = sorted(faults)
    told = [f"{_at(*where)}: {faults[where]}" for where in places[:SHOWN]]
    more = [f"and {len(places) - SHOWN} more"] if len(places) > SHOWN else []
    return CannotReconcile("unreadable", "; ".join(told + more))


def _at(topic: str, partition: int, offset: int) -> str:
    return f"{topic}/{partition}/{offset}"


async def _aggregates(
    owner: Connection, envelopes: Sequence[Envelope], kinds: Mapping[str, type[Message]]
) -> Mapping[UUID, str]:
    """The kind of each aggregate: as its facts say, or, of one that only has corrections here, as the journal says."""
    found: dict[UUID, str] = defaultdict(lambda: "any")
    subjects = list({envelope.subject for envelope in envelopes})
    found |= {row["aggregate_id"]: row["aggregate"] for row in await owner.fetch(AGGREGATES, subjects)}
    for envelope in envelopes:
        kind = kinds[envelope.type]
        if issubclass(kind, Fact) and kind.AGGREGATE != "any":
            found[envelope.subject] = kind.AGGREGATE
    return found


def _forget(records: Sequence[Record], forgotten: set[UUID]) -> None:
    """Note which keys a tombstone has the last word of, so far."""
    for record in records:
        try:
            key = UUID((record.key or b"").decode())
        except ValueError:
            continue
        if record.value is None:
            forgotten.add(key)
        else:
            forgotten.discard(key)


# -- what partners were answered ---------------------------------------------------------------------------------------


async def _read_answers(settings: Settings, owner: Connection, partner: str) -> int:
    """Know again what a partner was answered; how many answers of this service the partner has."""
    topic = claims_topic(partner, settings.service)
    answers: dict[tuple[int, int], Answer] = {}
    async for records in _batches(settings, answers_topic(partner)):
        for record in records:
            answer = Answer.read(record.value or b"{}")
            if answer.topic == topic:
                answers[answer.partition, answer.offset] = answer
    if not answers:
        return 0
    async for records in _batches(settings, topic):
        for record in records:
            given = answers.get((record.partition, record.offset))
            if given is not None and given.outcome != "refused":
                await _know(owner, partner, record, given)
    await _pass_answered(settings, owner, topic, answers)
    return len(answers)


async def _know(owner: Connection, partner: str, record: Record, answer: Answer) -> None:
    envelope, payload = read_claim(record)
    ids = json.dumps({name: str(id_) for name, id_ in answer.ids.items()})
    digest = digest_of(envelope.type, payload)
    await owner.execute(KNOW_CLAIM, partner, envelope.source, envelope.id, envelope.type, digest, ids)


async def _pass_answered(
    settings: Settings, owner: Connection, topic: str, answered: Collection[tuple[int, int]]
) -> None:
    """Move the reader of claims behind the last that was answered in each partition."""
    consumer = consumer_of(settings.service)
    topic_id = (await asyncio.to_thread(lambda: kafka.topic_ids(kafka.admin(settings), [topic])))[topic]
    last: dict[int, int] = {}
    for partition, offset in answered:
        last[partition] = max(offset, last.get(partition, 0))
    for partition, offset in last.items():
        await positions.open_place(owner, consumer, topic, partition, topic_id, offset + 1)
        await owner.execute(PASS_ANSWERED, consumer, topic, partition, offset + 1, topic_id)


# -- a whole topic, from its beginning to its end ------------------------------------------------------------------------


async def _batches(settings: Settings, topic: str) -> AsyncIterator[Sequence[Record]]:
    """All records that the topic holds now, by batches of one partition. Raises CannotReconcile, Unavailable."""
    if topic not in await asyncio.to_thread(kafka.listed, kafka.admin(settings)):
        raise CannotReconcile("topic-missing", f"{topic} does not exist")
    consumer = kafka.consumer(settings, topic)
    try:
        await asyncio.wait_for(consumer.start(), 20)
        async for records in _to_the_end(consumer, exact=settings.kafka_exact_ends):
            yield records
    except UnknownTopicOrPartitionError as error:
        raise CannotReconcile("topic-missing", f"{topic} does not exist") from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable("the broker is away") from error
    finally:
        await kafka.bounded(consumer.stop(), 5, "consumer")


async def _to_the_end(consumer: AIOKafkaConsumer, *, exact: bool) -> AsyncIterator[Sequence[Record]]:
    own = sorted(consumer.assignment())
    ends = await consumer.end_offsets(own)
    loop = asyncio.get_running_loop()
    heard = loop.time()
    while True:
        for records in (await consumer.getmany(timeout_ms=200, max_records=5000)).values():
            heard = loop.time()
            yield records
        behind = [partition for partition in own if await consumer.position(partition) < ends[partition]]
        if not behind and (exact or loop.time() - heard > SILENCE):
            return
