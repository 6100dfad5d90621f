"""The projector: two of them, and how long an event takes from Kafka to the figure at 5,000 a second."""

import asyncio
import os
from typing import Any

from bench.ground import CONSUMER, Ground, Tell
from bench.log import PARTITIONS, TOPIC, Truth
from bench.memory import peak
from bench.parts.contest import Contest
from bench.results import percentiles, spread
from bench.trail import Trail, stand_at_end
from kit import kafka

PACE = 5000
WARMING = 3.0  # seconds


async def two_workers(contest: Contest, rounds: int) -> dict[str, Any]:
    """One projector and two, by turns."""
    found: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(1, rounds + 1):
        for workers in found:
            contest.tell(f"round {turn} of {rounds}: {workers} projectors")
            found[workers].append(await contest.ours(workers))
    one, two = spread(found[1]), spread(found[2])
    return {"one": one, "two": two, "ratio": two["median"] / one["median"], "judged": (os.cpu_count() or 1) >= 4}


async def latency(ground: Ground, truth: Truth, seconds: float, tell: Tell) -> dict[str, Any]:
    """From the producer's hand to the committed row, at a steady pace, after some seconds of it that are not counted."""
    async with ground.template.clone() as clone:
        ends = {partition: await _end(ground, partition) for partition in range(PARTITIONS)}
        ids = await asyncio.to_thread(lambda: kafka.topic_ids(kafka.admin(ground.settings(clone)), [TOPIC]))
        await stand_at_end(clone.dsn, CONSUMER, ids[TOPIC], ends)
        async with ground.reporting(clone, "projector") as projector:
            warm = Trail(ground.broker.bootstrap, clone.dsn, CONSUMER, seed=90)
            await _for(warm, PACE, WARMING)
            tell(f"{PACE} events a second for {seconds:.0f} s")
            trail = Trail(ground.broker.bootstrap, clone.dsn, CONSUMER, seed=91)
            await _for(trail, PACE, seconds)
            memory = peak(projector.pid)
    return {"offered_per_second": PACE, "milliseconds": percentiles(trail.waited), "projector_peak_mb": memory}


async def _for(trail: Trail, pace: int, seconds: float) -> None:
    ending = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, ending.set)
    async with asyncio.timeout(seconds + 60):
        await trail.run(pace, ending)


async def _end(ground: Ground, partition: int) -> int:
    from confluent_kafka import Consumer, TopicPartition

    def ask() -> int:
        consumer = Consumer({"bootstrap.servers": ground.broker.bootstrap, "group.id": "bench"})
        try:
            return int(consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=10)[1])
        finally:
            consumer.close()

    return await asyncio.to_thread(ask)
