"""The relay: what stands in the outbox goes to Kafka, at least once and in order per aggregate.

One leader a shard, by a session lock on a connection of its own: whoever loses the session has lost the lead, and cannot
delete what it sent. A row goes when the broker has acknowledged it. After any producer error the producer is thrown away: an
idempotent one may be wedged for ever (decision 0004). A leader frozen for good loses its session by `idle_session_timeout`, or
by `tcp_user_timeout` where it froze while it read (c13). A topic that the broker does not take waits; the others go on.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError, TopicAuthorizationFailedError
from aiokafka.partitioner import DefaultPartitioner

from kit import kafka, log, republish
from kit.database import Connection, is_restored
from kit.ending import Ending
from kit.failpoints import failpoint
from kit.metrics import OUTBOX_AGE, OUTBOX_WAITING, PUBLISH_FAILED, PUBLISHED, RELAY_LEADER
from kit.outbox import SHARDS
from kit.settings import Settings

BATCH = 1000  # rows a round
BYTES = 400_000  # of one partition a round: one request
SEND_WAIT = 15.0  # seconds for a round's acknowledgements
LEASE = 30  # seconds after which a session that says nothing has lost the lead; longer than SEND_WAIT
TOPIC_WAIT = 10.0  # seconds for which a topic that the broker does not take is left out
TOPIC_LOOK = 3.0  # seconds to learn a topic's partitions
ASKED = 1.0  # seconds between looks whether an operator wants anything said again, while nobody does
LOCK_SPACE = 0x72656C61  # "rela": the relay's locks, apart from any other advisory lock

LEAD = "SELECT shard FROM unnest($2::int[]) AS shard WHERE pg_try_advisory_lock($1, shard)"
READ = """
SELECT position, topic, key, value, headers FROM kit.outbox
WHERE shard = ANY($1::smallint[]) AND topic <> ALL($3::text[]) ORDER BY position LIMIT $2
"""
DELETE = "DELETE FROM kit.outbox WHERE position = ANY($1::bigint[])"
WAITING = "SELECT count(*) AS rows, extract(epoch FROM now() - min(recorded_at)) AS age FROM kit.outbox"

Row = asyncpg.Record | Mapping[str, Any]
"""A row to send: its position, topic, key, value and headers."""

logger = log.get(__name__)


class UnknownTopic(Exception):
    """The broker does not say which partitions the topic has."""


class TooLarge(Exception):
    """A row is larger than a request."""


OF_TOPIC = (UnknownTopic, TooLarge, InvalidTopicError, MessageSizeTooLargeError, TopicAuthorizationFailedError)


class NotSent(Exception):
    """Rows of these topics were not acknowledged, each for its reason."""

    def __init__(self, reasons: Mapping[str, BaseException]) -> None:
        self.reasons = reasons
        super().__init__(", ".join(sorted({type(reason).__name__ for reason in reasons.values()})))

    def of_topics(self) -> list[str]:
        """Those topics whose reason is their own: the broker answered, and will say the same again."""
        return [topic for topic, reason in self.reasons.items() if isinstance(reason, OF_TOPIC)]


class Relay:
    """Sends one database's outbox. `run` returns when `stop` is called, and raises nothing that waiting may heal."""

    def __init__(self, settings: Settings, shards: Sequence[int] = range(SHARDS)) -> None:
        self._settings = settings
        self._idle = settings.relay_idle_ms / 1000
        self._wanted = frozenset(shards)
        self._ending = Ending()
        self._leads: frozenset[int] = frozenset()
        self._left_out: dict[str, float] = {}
        """Topics that the broker does not take, and the loop time until which they wait."""
        self._asked_at = 0.0
        """Loop time of the next look whether anything is to be said again."""
        self.moved_at = 0.0
        """Loop time of the last look at the outbox: what liveness asks for."""
        self.restored = False
        """Whether the database came back from a backup and is not reconciled yet: nothing is sent until then (c6)."""

    def stop(self) -> None:
        self._ending.set()

    async def run(self) -> None:
        """Lead, send, and begin again after whatever goes wrong, with a growing pause."""
        attempt = 0
        while not self._ending.is_set():
            self.moved_at = asyncio.get_running_loop().time()
            try:
                async with self._session() as connection:
                    await self._wait_for_reconcile(connection)
                    await self._lead(connection)
                attempt = 0
            # asyncpg raises a plain Exception when its session is ended under it; whatever it was, a new session is the cure
            except Exception as error:
                attempt = min(attempt + 1, 8)
                if isinstance(error, NotSent) and (topics := error.of_topics()):
                    attempt = 1  # the others need not wait for these
                    self._leave_out(topics)
                PUBLISH_FAILED.labels(type(error).__name__).inc()
                logger.warning("relay_begins_again", attempt=attempt, exc_info=error)
                await self._ending.rest(random.uniform(0.5, 1.0) * min(10.0, 0.1 * 2**attempt))  # noqa: S311 spreads retries
            finally:
                self._leads = frozenset()
                RELAY_LEADER.set(0)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Connection]:
        connection = await asyncpg.connect(
            self._settings.database_dsn.get_secret_value(),
            timeout=5,
            command_timeout=20,
            server_settings={
                "application_name": f"{self._settings.service}-relay",
                "idle_session_timeout": f"{LEASE}s",
                "transaction_timeout": f"{LEASE}s",
                "tcp_user_timeout": f"{LEASE}s",
                "statement_timeout": "15s",
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
            },
        )
        try:
            yield connection
        finally:
            connection.terminate()  # close() would wait for a server that may be away

    async def _wait_for_reconcile(self, connection: Connection) -> None:
        while not self._ending.is_set():
            self.moved_at = asyncio.get_running_loop().time()
            self.restored = await is_restored(connection)
            if not self.restored:
                return
            await self._ending.rest(1.0)

    async def _lead(self, connection: Connection) -> None:
        """Take the shards that are free, and send theirs with one producer until something fails."""
        producer: AIOKafkaProducer | None = None
        loop = asyncio.get_running_loop()
        looked = -10.0
        try:
            while not self._ending.is_set():
                if loop.time() - looked > 2.0:
                    looked = loop.time()
                    await self._take(connection)
                    await self._measure(connection)
                self.moved_at = loop.time()
                sent = 0
                if self._leads:
                    if producer is None:
                        producer = kafka.producer(self._settings)
                        await asyncio.wait_for(producer.start(), SEND_WAIT)
                    sent = await self._round(connection, producer)
                if not sent:
                    await self._ending.rest(self._idle if self._leads else 1.0)
        finally:
            if producer is not None:
                await kafka.throw_away(producer)

    async def _take(self, connection: Connection) -> None:
        free = sorted(self._wanted - self._leads)
        if free:
            won = await connection.fetch(LEAD, LOCK_SPACE, free)
            if won:
                self._leads |= {row["shard"] for row in won}
                self._asked_at = 0.0  # of these another may have begun to say something again
                logger.info("relay_leads", count=len(self._leads))
        RELAY_LEADER.set(len(self._leads))

    async def _measure(self, connection: Connection) -> None:
        row = await connection.fetchrow(WAITING)
        assert row is not None
        OUTBOX_WAITING.set(row["rows"])
        OUTBOX_AGE.set(float(row["age"] or 0))

    async def _round(self, connection: Connection, producer: AIOKafkaProducer) -> int:
        """Send the oldest rows, one request a partition, and delete what was acknowledged. The number deleted.

        The new rows of a shard that an operator wants said again wait until that is done.
        """
        wait = await self._say_again(connection, producer)
        rows = await connection.fetch(READ, sorted(self._leads - wait), BATCH, self._waiting_topics())
        if not rows:
            return len(wait)
        failpoint("relay.after_read")
        acknowledged, failed = await _sent(producer, rows)
        if acknowledged:
            await connection.execute(DELETE, acknowledged)
            failpoint("relay.after_delete")
        if failed is not None:
            raise failed
        return len(acknowledged)

    async def _say_again(self, connection: Connection, producer: AIOKafkaProducer) -> set[int]:
        """Carry on with what is to be said again; the shards whose new rows must wait meanwhile."""
        if (now := asyncio.get_running_loop().time()) < self._asked_at:
            return set()
        wait = await republish.turn(connection, self._leads, lambda rows: _sent(producer, rows))
        self._asked_at = 0.0 if wait else now + ASKED
        return wait

    def _leave_out(self, topics: Sequence[str]) -> None:
        now = asyncio.get_running_loop().time()
        for topic in topics:
            logger.error("topic_not_taken", topic=topic)
            self._left_out[topic] = now + TOPIC_WAIT

    def _waiting_topics(self) -> list[str]:
        now = asyncio.get_running_loop().time()
        self._left_out = {topic: until for topic, until in self._left_out.items() if until > now}
        return sorted(self._left_out)


async def _sent(producer: AIOKafkaProducer, rows: Sequence[Row]) -> tuple[list[int], NotSent | None]:
    """Send rows, one request a partition: the positions that were acknowledged, and why the others were not."""
    batches, reasons = await _batches(producer, rows)
    sends = {asyncio.ensure_future(send): topic for topic, send in batches}
    done, late = await asyncio.wait(sends, timeout=SEND_WAIT) if sends else (set(), set())
    failpoint("relay.after_send")
    acknowledged: list[int] = []
    for send in done:
        if (reason := send.exception()) is not None:
            reasons[sends[send]] = reason
        else:
            acknowledged += send.result()
    for send in late:
        send.cancel()
        reasons.setdefault(sends[send], TimeoutError("the broker did not acknowledge in time"))
    return acknowledged, NotSent(reasons) if reasons else None


async def _batches(
    producer: AIOKafkaProducer, rows: Sequence[Row]
) -> tuple[list[tuple[str, Coroutine[Any, Any, list[int]]]], dict[str, BaseException]]:
    """The rows as one batch a partition, in order, as far as each request holds them; the rest waits for the next round.

    Beside them the topics that the broker does not know, each with the reason.
    """
    partitions: dict[str, list[int]] = {}
    reasons: dict[str, BaseException] = {}
    for topic in {row["topic"] for row in rows}:
        try:
            partitions[topic] = await asyncio.wait_for(_partitions(producer, topic), TOPIC_LOOK)
        except (UnknownTopic, KafkaError, TimeoutError) as error:
            reasons[topic] = UnknownTopic(str(error))
    by_partition: dict[tuple[str, int], list[Row]] = defaultdict(list)
    partitioner = DefaultPartitioner()
    for row in rows:
        if (known := partitions.get(row["topic"])) is not None:
            by_partition[row["topic"], partitioner(row["key"], known, known)].append(row)
    return [(topic, _send(producer, topic, at, own)) for (topic, at), own in by_partition.items()], reasons


async def _partitions(producer: AIOKafkaProducer, topic: str) -> list[int]:
    """The topic's partitions. Raises UnknownTopic.

    A topic that the broker does not list is not named to it: a broker may make what a client names, with as many partitions as
    it likes (the embedded one does, and Apache Kafka with auto.create.topics.enable), and they are for life.
    """
    if producer.client.cluster.partitions_for_topic(topic) is None:
        listed = await producer.client.fetch_all_metadata()
        if topic not in listed.topics():
            raise UnknownTopic("the broker does not list it")
    return sorted(await producer.partitions_for(topic))


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, rows: Sequence[Row]) -> list[int]:
    """Send one batch; the positions that it held, once the broker has acknowledged it."""
    batch, size = producer.create_batch(), 0
    held: list[int] = []
    for row in rows:
        headers = [(name, given.encode()) for name, given in json.loads(row["headers"]).items()]
        size += len(row["value"] or b"")
        if (held and size > BYTES) or batch.append(
            key=row["key"], value=row["value"], timestamp=None, headers=headers
        ) is None:
            break
        held.append(row["position"])
    if not held:
        raise TooLarge
    batch.close()
    acknowledged = await producer.send_batch(batch, topic, partition=partition)
    await acknowledged
    PUBLISHED.labels(topic).inc(len(held))
    return held
