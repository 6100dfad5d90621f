"""Events offered at a pace, and when each was in the tables of a reader: the time from the producer's hand to the figure.

Nobody watches meanwhile: on two cores a watcher that asks every 2 ms takes a third of one from what it measures. PostgreSQL keeps
the moment of every commit (`track_commit_timestamp`), and each event's mark in the inbox is of the transaction that counted it.
"""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from confluent_kafka import Message, Producer

from bench.log import TOPIC, City, Headers

COMMITTED = """
SELECT event_id, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS moment FROM kit.inbox
WHERE consumer = $1 AND event_id = ANY($2::uuid[])
"""
LOOK = 0.2  # seconds between looks at whether all that was offered is there; after the end, and with no part in the measure

TICK = 0.002  # seconds between what is offered at once: librdkafka's poll spins for less than that, and would take a whole core


@dataclass
class Trail:
    """What was offered, and how long it took to be counted."""

    bootstrap: str
    dsn: str
    consumer: str
    seed: int
    given: dict[UUID, float] = field(default_factory=dict)
    """When the producer was given each event that the broker took, by the machine's clock, which is PostgreSQL's too."""
    waited: list[float] = field(default_factory=list)
    """Milliseconds from there until the reader's transaction was committed; in the order of the events."""

    async def run(self, pace: int, ending: asyncio.Event) -> None:
        """Offer so many events a second until `ending`, and wait until all of them are in the tables."""
        await asyncio.to_thread(self._offer, pace, ending)
        reader = await asyncpg.connect(self.dsn)
        try:
            while len(rows := await reader.fetch(COMMITTED, self.consumer, list(self.given))) < len(self.given):
                await asyncio.sleep(LOOK)
        finally:
            await reader.close()
        counted = {row["event_id"]: row["moment"] for row in rows}
        self.waited = [(counted[event] - moment) * 1000 for event, moment in self.given.items()]

    def _offer(self, pace: int, ending: asyncio.Event) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 1, "acks": 1})
        began = time.perf_counter()
        for offered, (partition, key, payload, headers, event, _) in enumerate(City(self.seed).records(), start=1):
            if ending.is_set():
                break
            self._send(producer, event, (TOPIC, payload, key, partition), headers)
            if (early := offered / pace - (time.perf_counter() - began)) > TICK:
                time.sleep(early)
                producer.poll(0)
        producer.flush(30)

    def _send(self, producer: Producer, event: bytes, record: tuple[str, bytes, bytes, int], headers: Headers) -> None:
        moment = time.time()

        def acknowledged(error: object, message: Message) -> None:
            if error is None:
                self.given[UUID(event.decode())] = moment

        producer.produce(*record, headers=headers, on_delivery=acknowledged)  # type: ignore[arg-type]


async def stand_at_end(dsn: str, consumer: str, topic_id: str, ends: dict[int, int]) -> None:
    """Let a reader begin where the log ends now."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.executemany(
            "INSERT INTO kit.position (consumer, topic, partition, topic_id, next_offset) VALUES ($1, $2, $3, $4, $5)",
            [(consumer, TOPIC, partition, topic_id, end) for partition, end in ends.items()],
        )
    finally:
        await connection.close()
