"""How far a reader is, by partition: a row that is the truth, locked while a batch is applied and moved in the same transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.database import Connection, columns
from kit.errors import StopPartition

OPEN = """
INSERT INTO kit.position (consumer, topic, partition, topic_id, next_offset) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (consumer, topic, partition) DO NOTHING
"""
READ = """
SELECT topic_id, next_offset, stopped_code, resumed_at FROM kit.position
WHERE consumer = $1 AND topic = $2 AND partition = $3
"""
LOCK = READ + " FOR UPDATE"
LOCK_FREE = """
SELECT topic, partition, topic_id, next_offset, stopped_code, resumed_at FROM kit.position
WHERE consumer = $1 AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::int[]))
ORDER BY topic, partition FOR UPDATE SKIP LOCKED
"""
MOVE = """
UPDATE kit.position SET next_offset = $5, moved_at = now()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_offset = $4
RETURNING true
"""
MOVE_ALL = """
UPDATE kit.position AS p SET next_offset = move.later, moved_at = now()
FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS move (topic, partition, sooner, later)
WHERE p.consumer = $1 AND (p.topic, p.partition, p.next_offset) = (move.topic, move.partition, move.sooner)
RETURNING true
"""
FENCE = "UPDATE kit.position SET fenced = fenced + 1 WHERE consumer = $1 AND topic = $2 AND partition = $3"
STOP = """
UPDATE kit.position SET stopped_code = $4, stopped_detail = $5, stopped_at = now()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND stopped_code IS NULL
"""
PLACES = (
    "SELECT topic, partition, topic_id, next_offset, stopped_code, resumed_at FROM kit.position WHERE consumer = $1"
)
STOPPED = "SELECT topic, partition FROM kit.position WHERE consumer = $1 AND stopped_code IS NOT NULL"
ALL = """
SELECT consumer, topic, partition, topic_id, next_offset, fenced, stopped_code, stopped_detail, stopped_at, moved_at
FROM kit.position ORDER BY consumer, topic, partition
"""
RESUME = """
UPDATE kit.position SET stopped_code = NULL, stopped_detail = NULL, stopped_at = NULL, resumed_at = now()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND stopped_code IS NOT NULL
RETURNING true
"""
ADOPT = """
UPDATE kit.position SET topic_id = $4, next_offset = $5, stopped_code = NULL, stopped_detail = NULL, stopped_at = NULL,
    resumed_at = now(), moved_at = now()
WHERE consumer = $1 AND topic = $2 AND partition = $3
RETURNING true
"""


class Fenced(Exception):
    """Another reader has moved this position: what we did in this transaction is rolled back."""


@dataclass(frozen=True, slots=True)
class Place:
    """One reader's position in one partition of one topic, as its row says."""

    consumer: str
    topic: str
    partition: int
    topic_id: str
    next_offset: int
    stopped_code: str | None
    resumed_at: datetime


async def open_place(tx: Connection, consumer: str, topic: str, partition: int, topic_id: str, beginning: int) -> Place:
    """The position, made at the beginning of the log where there is none."""
    await tx.execute(OPEN, consumer, topic, partition, topic_id, beginning)
    return await _place(tx, READ, consumer, topic, partition)


async def places(tx: Connection, consumer: str) -> dict[tuple[str, int], Place]:
    """All positions of a reader, by topic and partition."""
    return {(row["topic"], row["partition"]): Place(consumer, **row) for row in await tx.fetch(PLACES, consumer)}


async def lock_free(tx: Connection, consumer: str, partitions: Iterable[tuple[str, int]]) -> list[Place]:
    """Those of these positions that nobody else holds, held to the end of this transaction; always locked in one order (c15)."""
    return [Place(consumer, **row) for row in await tx.fetch(LOCK_FREE, consumer, *columns(list(partitions), 2))]


async def lock(tx: Connection, consumer: str, topic: str, partition: int) -> Place:
    """The position, held to the end of this transaction: a reader that has lost the partition waits here, and then is stale."""
    return await _place(tx, LOCK, consumer, topic, partition)


async def _place(tx: Connection, statement: str, consumer: str, topic: str, partition: int) -> Place:
    row = await tx.fetchrow(statement, consumer, topic, partition)
    if row is None:
        raise Fenced(f"{topic}/{partition} has no position")
    return Place(
        consumer, topic, partition, row["topic_id"], row["next_offset"], row["stopped_code"], row["resumed_at"]
    )


async def move(tx: Connection, place: Place, next_offset: int) -> None:
    """Move on from where the place was when it was locked. Raises Fenced where it is no longer there."""
    moved = await tx.fetchval(MOVE, place.consumer, place.topic, place.partition, place.next_offset, next_offset)
    if not moved:
        raise Fenced(f"{place.topic}/{place.partition} has moved")


async def move_all(tx: Connection, consumer: str, moves: Mapping[Place, int]) -> None:
    """Move each on from where it was when it was locked. Raises Fenced where one of them is no longer there."""
    rows = [(place.topic, place.partition, place.next_offset, later) for place, later in moves.items()]
    if len(await tx.fetch(MOVE_ALL, consumer, *columns(rows, 4))) != len(rows):
        raise Fenced("one of several positions has moved")


async def fence(tx: Connection, consumer: str, topic: str, partition: int) -> None:
    """Count a stale batch that was turned away."""
    await tx.execute(FENCE, consumer, topic, partition)


async def stop(tx: Connection, consumer: str, topic: str, partition: int, reason: StopPartition) -> None:
    """Stop the partition until a person resumes it."""
    await tx.execute(STOP, consumer, topic, partition, reason.code, reason.detail)


async def resume(tx: Connection, consumer: str, topic: str, partition: int) -> bool:
    """Let a stopped partition go on where it stands; its ceiling counts anew (c8). False: it was not stopped."""
    return bool(await tx.fetchval(RESUME, consumer, topic, partition))


async def adopt(tx: Connection, consumer: str, topic: str, partition: int, topic_id: str, beginning: int) -> bool:
    """Read the log that is there now from its beginning; what was applied before is passed over (c5). False: no such position."""
    return bool(await tx.fetchval(ADOPT, consumer, topic, partition, topic_id, beginning))


async def listed(tx: Connection) -> list[dict[str, Any]]:
    """Every position of every reader of this database."""
    return [dict(row) for row in await tx.fetch(ALL)]


async def stopped(tx: Connection, consumer: str) -> set[tuple[str, int]]:
    return {(row["topic"], row["partition"]) for row in await tx.fetch(STOPPED, consumer)}
