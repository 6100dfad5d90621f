"""Saying again what the journal holds, after the bus has lost it (c5).

An operator asks by rows (`ask`); the relay carries them out (`turn`) in the session that holds its shards' locks. While a shard is
said again its new rows wait in the outbox, so that first occurrences stay in the order of versions. A topic that is gone is made
anew after the relay has heard of it: what was on its way before would otherwise come first. Whatever readers have had already
they drop by its event id.
"""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from kit.cloudevents import headers_of
from kit.database import Connection
from kit.ids import new_id
from kit.outbox import SHARDS, shard_of
from schemas.envelope import Envelope
from schemas.fact import NAMESPACE

PAGE = 500  # journal rows a turn

ASK = """
INSERT INTO kit.republish (request, shard, topic, aggregate_id) SELECT $1, unnest($2::smallint[]), $3, $4
"""
OPEN = """
SELECT request, shard, topic, aggregate_id, after_aggregate, after_version, heard_at FROM kit.republish
WHERE done_at IS NULL AND shard = ANY($1::smallint[]) ORDER BY asked_at, request, shard
"""
HEAR = "UPDATE kit.republish SET heard_at = now() WHERE heard_at IS NULL AND done_at IS NULL AND shard = ANY($1::smallint[])"
PAGE_OF = """
SELECT event_id, aggregate_id, version, type, topic, payload, occurred_at, recorded_at, correlation_id, causation_id, traceparent
FROM kit.journal
WHERE topic = $1 AND ($2::uuid IS NULL OR aggregate_id = $2)
  AND ($3::uuid IS NULL OR (aggregate_id, version) > ($3, $4::int))
ORDER BY aggregate_id, version LIMIT $5
"""
ADVANCE = """
UPDATE kit.republish SET after_aggregate = $3, after_version = $4, said = said + coalesce(($5::jsonb ->> shard::text)::int, 0)
WHERE request = $1 AND shard = ANY($2::smallint[])
"""
FINISH = "UPDATE kit.republish SET done_at = now() WHERE request = $1 AND shard = ANY($2::smallint[])"
PROGRESS = """
SELECT request, topic, aggregate_id, min(asked_at) AS asked_at, max(done_at) AS done_at, sum(said)::bigint AS said,
       count(*) FILTER (WHERE done_at IS NULL) AS shards_left,
       count(*) FILTER (WHERE done_at IS NULL AND heard_at IS NULL) AS unheard
FROM kit.republish GROUP BY request, topic, aggregate_id ORDER BY min(asked_at)
"""

Send = Callable[[Sequence[Mapping[str, Any]]], Awaitable[tuple[list[int], BaseException | None]]]
"""Sends rows (position, topic, key, value, headers) in order: the positions acknowledged, and why the others were not."""


async def ask(tx: Connection, topic: str, aggregate_id: UUID | None = None) -> UUID:
    """Ask the relay to say a topic's rows again, all of them or one aggregate's; the number of the request."""
    request = new_id()
    shards = range(SHARDS) if aggregate_id is None else [shard_of(str(aggregate_id).encode())]
    await tx.execute(ASK, request, list(shards), topic, aggregate_id)
    return request


async def progress(tx: Connection) -> list[dict[str, Any]]:
    """Every request, how many rows were said again for it, how many shards are left, and of how many no relay has heard it yet."""
    return [dict(row) for row in await tx.fetch(PROGRESS)]


async def turn(connection: Connection, leads: Collection[int], send: Send) -> set[int]:
    """Say one page again, where something is asked of these shards; the shards whose new rows must still wait.

    Called when nothing of these shards is on its way: the round before has ended, or its producer was thrown away.
    """
    asked = await connection.fetch(OPEN, sorted(leads))
    if not asked:
        return set()
    if any(row["heard_at"] is None for row in asked):
        await connection.execute(HEAR, sorted(leads))
    first = asked[0]
    together = [row["shard"] for row in asked if _place(row) == _place(first)]
    page = await connection.fetch(
        PAGE_OF, first["topic"], first["aggregate_id"], first["after_aggregate"], first["after_version"], PAGE
    )
    if not page:
        await connection.execute(FINISH, first["request"], together)
        return {row["shard"] for row in asked if row["request"] != first["request"] or row["shard"] not in together}
    said = await _say(page, set(together), send)
    last = page[-1]
    await connection.execute(
        ADVANCE, first["request"], together, last["aggregate_id"], last["version"], json.dumps(said)
    )
    return {row["shard"] for row in asked}


def _place(asked: asyncpg.Record) -> tuple[Any, ...]:
    """Shards of one request that stand at one place are said in one reading of the journal."""
    return asked["request"], asked["after_aggregate"], asked["after_version"]


async def _say(page: Sequence[asyncpg.Record], shards: Collection[int], send: Send) -> dict[int, int]:
    """Send those of the page's rows that are of these shards, until all are acknowledged; how many, by shard."""
    rows = [_row(place, line) for place, line in enumerate(page)]
    left = [row for row in rows if row["shard"] in shards]
    said: dict[int, int] = {}
    for row in left:
        said[row["shard"]] = said.get(row["shard"], 0) + 1
    while left:
        acknowledged, failed = await send(left)
        if failed is not None:
            raise failed
        left = [row for row in left if row["position"] not in set(acknowledged)]
    return said


def _row(position: int, line: asyncpg.Record) -> dict[str, Any]:
    """A line of the journal as the outbox held it."""
    key = str(line["aggregate_id"]).encode()
    envelope = Envelope(
        id=line["event_id"],
        source=f"/oneworkforce/{line['type'].removeprefix(NAMESPACE + '.').split('.')[0]}",
        type=line["type"],
        subject=line["aggregate_id"],
        sequence=line["version"],
        time=line["occurred_at"],
        recordedtime=line["recorded_at"],
        correlationid=line["correlation_id"],
        causationid=line["causation_id"],
        traceparent=line["traceparent"],
    )
    return {
        "position": position, "shard": shard_of(key), "topic": line["topic"], "key": key, "value": line["payload"],
        "headers": json.dumps(headers_of(envelope)),
    }  # fmt: skip
