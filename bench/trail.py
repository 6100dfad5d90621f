"""Events offered at a pace, and when each was in the tables of a reader: the time from the producer's hand to the figure."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

import asyncpg
from confluent_kafka import Message, Producer

from bench.log import PARTITIONS, TOPIC, City, Headers

LOOK = 0.002  # seconds between looks at positions: what the times below are exact to
MOVED = "SELECT partition, next_offset FROM kit.position WHERE consumer = $1 AND topic = $2"


@dataclass
class Trail:
    """What was offered, and when it was seen."""

    bootstrap: str
    dsn: str
    consumer: str
    seed: int
    sent: dict[int, deque[tuple[int, float]]] = field(
        default_factory=lambda: {number: deque() for number in range(PARTITIONS)}
    )
    """By partition, in order: the offset of each record that was not seen yet, and when the producer was given it."""
    waited: list[float] = field(default_factory=list)
    """Milliseconds from there until the reader's transaction was committed."""

    async def run(self, pace: int, ending: asyncio.Event) -> None:
        """Offer so many events a second until `ending`, and watch until all of them are in the tables."""
        offering = asyncio.create_task(asyncio.to_thread(self._offer, pace, ending))
        watcher = await asyncpg.connect(self.dsn)
        try:
            while not (offering.done() and not any(self.sent.values())):
                rows = await watcher.fetch(MOVED, self.consumer, TOPIC)
                self._see(time.perf_counter(), {row["partition"]: row["next_offset"] for row in rows})
                await asyncio.sleep(LOOK)
        finally:
            await watcher.close()
            ending.set()
            await offering

    def _see(self, now: float, ends: dict[int, int]) -> None:
        for partition, end in ends.items():
            waiting = self.sent[partition]
            while waiting and waiting[0][0] < end:
                self.waited.append((now - waiting.popleft()[1]) * 1000)

    def _offer(self, pace: int, ending: asyncio.Event) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 0, "acks": 1})
        began = time.perf_counter()
        for offered, (partition, key, payload, headers, _, _) in enumerate(City(self.seed).records(), start=1):
            if ending.is_set():
                break
            self._send(producer, partition, key, payload, headers)
            while offered >= (time.perf_counter() - began) * pace and not ending.is_set():
                producer.poll(0.0005)
        producer.flush(30)

    def _send(self, producer: Producer, partition: int, key: bytes, payload: bytes, headers: Headers) -> None:
        given = time.perf_counter()

        def acknowledged(error: object, message: Message) -> None:
            if error is None:
                self.sent[partition].append((message.offset(), given))

        producer.produce(TOPIC, payload, key, partition, headers=headers, on_delivery=acknowledged)


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
