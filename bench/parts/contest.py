"""Side by side on one topic: the projector as shipped, five peers, and our own ceilings; rounds interleaved, each checked."""

import asyncio
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer

from bench.ground import CONSUMER, PEERS, Ground, Tell
from bench.log import PARTITIONS, TOPIC, Truth
from bench.parts.ceilings import decode, merge
from bench.results import Failed, spread
from reporting.projector import TABLES

READ = "SELECT coalesce(sum(next_offset), 0)::bigint FROM kit.position WHERE consumer = $1"
EVENTS = " UNION ALL ".join(
    [f'SELECT event_id, occurred_on, partition, "offset" FROM "{CONSUMER}".{table}' for table in TABLES]
    + [f'SELECT event_id, NULL, partition, "offset" FROM "{CONSUMER}".retraction']
)
FACTS = 'SELECT event_id, occurred_on, partition, "offset" FROM fact'

START = 60.0  # seconds in which a contestant must have done its first event

PEER_FILES = {
    "a": ("single.py", "FastStream, a message a transaction", False),
    "b": ("batch.py", "FastStream, batch and executemany", False),
    "c": ("quix.py", "quixstreams, PostgreSQL sink", True),
    "d": ("flow.py", "bytewax, executemany", True),
    "e": ("copying.py", "confluent-kafka and COPY, facts only, duplicates stay", True),
}
"""By letter: file, what it is, and whether it needs the peers' own interpreter."""


@dataclass(frozen=True)
class Contest:
    """One topic, and how long each may read it."""

    ground: Ground
    truth: Truth
    python: str | None
    window: float
    slow_window: float
    tell: Tell

    async def run(self, rounds: int) -> dict[str, Any]:
        """Events a second by contestant: every one of them once a round."""
        runs: dict[str, Callable[[], Awaitable[float]]] = {"ours": self.ours}
        for letter in PEER_FILES:
            runs[letter] = lambda letter=letter: self.peer(letter)  # type: ignore[misc]
        runs["getmany"] = self.getmany
        runs["decode"] = lambda: asyncio.to_thread(decode, self.truth.total)
        runs["merge"] = lambda: merge(self.ground)
        found: dict[str, list[float]] = {name: [] for name in runs}
        failed: dict[str, str] = {}
        for turn in range(1, rounds + 1):
            for name, run in runs.items():
                self.tell(f"side by side: round {turn} of {rounds}, {name}")
                try:
                    async with asyncio.timeout(self.slow_window * 2 + 60):
                        found[name].append(await run())
                except Exception as error:  # noqa: BLE001 a contestant that fails is told as failed
                    failed[name] = f"{type(error).__name__}: {error}"[:400]
        return {"events_per_second": {name: spread(each) for name, each in found.items() if each}, "failed": failed}

    # -- ours ----------------------------------------------------------------------------------------------------------

    async def ours(self, workers: int = 1) -> float:
        """The projector as shipped, in processes of its own. Raises Failed where its tables are not the truth."""
        async with AsyncExitStack() as stack:
            clone = await stack.enter_async_context(self.ground.template.clone())
            for _ in range(workers):
                await stack.enter_async_context(self.ground.reporting(clone, "projector"))
            reader = await asyncpg.connect(clone.dsn)
            stack.push_async_callback(reader.close)

            async def done() -> int:
                return int(await reader.fetchval(READ, CONSUMER))

            rate = await self._rate(done, self.window, "projector")
            await self._check_ours(reader)
        return rate

    async def _check_ours(self, reader: asyncpg.Connection) -> None:
        async with reader.transaction(isolation="repeatable_read"):
            rows = await reader.fetch(EVENTS)
            ends = await reader.fetch(
                "SELECT partition, next_offset FROM kit.position WHERE consumer = $1 AND topic = $2", CONSUMER, TOPIC
            )
        self._check(rows, {row["partition"]: row["next_offset"] for row in ends})

    def _check(
        self, rows: Sequence[Any], ends: dict[int, int], *, duplicates_stay: bool = False, either: bool = False
    ) -> None:
        """Raises Failed unless the rows are exactly the facts of the log up to these offsets.

        `either`: of an event that stands in the log twice, the row may tell the second; its key lets nobody tell both.
        """
        counts = dict.fromkeys(range(PARTITIONS), 0)
        for event, day, partition, offset in rows:
            counts[partition] += 1
            if not duplicates_stay and not self.truth.is_right(partition, offset, event, day, either=either):
                raise Failed(f"a row of partition {partition}, offset {offset} is not what the log says")
        for partition, end in ends.items():
            wanted = end if duplicates_stay else self.truth.facts_before(partition, end)
            if counts[partition] != wanted:
                raise Failed(f"{counts[partition]} rows of partition {partition} up to {end}, and {wanted} facts")

    # -- peers ---------------------------------------------------------------------------------------------------------

    async def peer(self, letter: str) -> float:
        """A peer in a process of its own. Raises Failed where its table is not the truth."""
        file, _, elsewhere = PEER_FILES[letter]
        if elsewhere and self.python is None:
            raise Failed("the peers could not be installed")
        python = self.python if elsewhere and self.python else sys.executable
        window = self.slow_window if letter in "acd" else self.window
        stays = letter == "e"
        async with AsyncExitStack() as stack:
            dsn = await stack.enter_async_context(self.ground.peer_database(key=not stays))
            argv = [python, str(PEERS / file), self.ground.broker.bootstrap, TOPIC, f"peer-{secrets.token_hex(4)}", dsn]
            await stack.enter_async_context(self.ground.running(argv, None, f"peer-{letter}"))
            reader = await asyncpg.connect(dsn)
            stack.push_async_callback(reader.close)

            async def done() -> int:
                found = await reader.fetchval('SELECT coalesce(sum(last + 1), 0)::bigint FROM (SELECT max("offset") AS last '
                                              "FROM fact GROUP BY partition) AS ends")  # fmt: skip
                return int(found)

            rate = await self._rate(done, window, f"peer-{letter}", look=1.0)
            rows = await reader.fetch(FACTS)
        ends: dict[int, int] = {}
        for row in rows:
            ends[row["partition"]] = max(ends.get(row["partition"], 0), row["offset"] + 1)
        self._check(rows, ends, duplicates_stay=stays, either=True)
        return rate

    async def _rate(self, done: Callable[[], Awaitable[int]], window: float, name: str, look: float = 0.1) -> float:
        """Events a second from the first one that is done, over a window or to the end of the log."""
        first, began = 0, 0.0
        limit = time.monotonic() + START
        while not first:
            await asyncio.sleep(0.05)
            began, first = time.monotonic(), await done()
            if began > limit:
                raise Failed(f"nothing was done within {START:.0f} s: {self.ground.said(name)}")
        while True:
            await asyncio.sleep(look)
            now, count = time.monotonic(), await done()
            if count >= self.truth.total or now - began >= window:
                break
        if count <= first:
            raise Failed(f"it did not go on: {self.ground.said(name)}")
        return (count - first) / (now - began)

    # -- the first ceiling ---------------------------------------------------------------------------------------------

    async def getmany(self) -> float:
        """aiokafka alone: records fetched and forgotten."""
        consumer = AIOKafkaConsumer(
            TOPIC, bootstrap_servers=self.ground.broker.bootstrap, auto_offset_reset="earliest", enable_auto_commit=False,
            max_partition_fetch_bytes=2_097_152,
        )  # fmt: skip
        await consumer.start()
        try:
            count, began = 0, time.monotonic()
            while count < self.truth.total and time.monotonic() - began < self.window:
                fetched = await consumer.getmany(timeout_ms=200, max_records=2000)
                count += sum(map(len, fetched.values()))
            return count / (time.monotonic() - began)
        finally:
            await consumer.stop()
