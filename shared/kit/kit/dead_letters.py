"""What could not be applied, kept whole until somebody decides; and what was decided, for this reader and every rebuild.

An operator's decision is a row (`decide`); the reader that has the partition carries it out under the position's lock, so that
nothing live comes between (c7). A record is known by its place and its content: a log that has lost its end gives the places out
again, and what was decided of a record that stood there says nothing of the next.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import asyncpg

from kit.cloudevents import Headers, Record
from kit.database import Connection, columns
from kit.errors import Invalid, NotFound, Refused, StopPartition
from kit.metrics import SET_ASIDE
from kit.positions import Place

Batch = tuple[Place, Sequence[Record]]
"""Records of one partition, in order, at least one, from the place on."""
Kind = Literal["unreadable", "behind", "early", "unknown"]
Action = Literal["replay", "edit", "discard"]

KEEP = """
INSERT INTO kit.dead_letter (consumer, topic, topic_id, partition, "offset", key, value, headers, kind, event_id, type,
                             code, field, rule, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (consumer, topic_id, partition, "offset", digest) DO NOTHING
"""
WAITING = """
SELECT key, bool_or(kind = 'unreadable') AS blocked FROM kit.dead_letter
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND sha256(key) = ANY($4::bytea[])
  AND state IN ('open', 'asked') AND kind <> 'unknown'
GROUP BY key
"""
SOMETHING_WAITS = """
SELECT DISTINCT topic, partition FROM kit.dead_letter
WHERE consumer = $1 AND state IN ('open', 'asked') AND kind <> 'unknown'
"""
DECIDED = """
SELECT d.id, d."offset", d.key, d.value, d.headers, d.kind, d.state,
       r.action, r.value AS edited_value, r.headers AS edited_headers
FROM kit.dead_letter d LEFT JOIN kit.resolution r USING (topic_id, partition, "offset", digest)
WHERE d.consumer = $1 AND d.topic = $2 AND d.partition = $3
"""
OF_KEY = (
    DECIDED
    + """
  AND sha256(d.key) = sha256($4::bytea) AND d.state IN ('open', 'asked') AND d.kind <> 'unknown'
ORDER BY d.id FOR UPDATE OF d
"""
)
ASKED = """
SELECT DISTINCT topic, partition FROM kit.dead_letter
WHERE consumer = $1 AND (state = 'asked' OR (state = 'open' AND kind = 'unknown' AND type = ANY($2::text[])))
"""
ASKED_HERE = (
    DECIDED
    + """
  AND (d.state = 'asked' OR (d.state = 'open' AND d.kind = 'unknown' AND d.type = ANY($4::text[])))
ORDER BY d.id FOR UPDATE OF d
"""
)
SETTLE = "UPDATE kit.dead_letter SET state = $2, settled_at = now() WHERE id = $1"
STILL = """
UPDATE kit.dead_letter SET state = 'open', attempts = attempts + 1, kind = $2, code = $3, field = $4, rule = $5
WHERE id = $1
"""
UNASK = "UPDATE kit.dead_letter SET state = 'open' WHERE id = ANY($1::bigint[]) AND state = 'asked'"
RESOLUTIONS = """
SELECT topic_id, partition, "offset", digest, action, value, headers
FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS read (topic_id, partition, first, last)
    JOIN kit.resolution USING (topic_id, partition)
WHERE "offset" BETWEEN first AND last
"""
COUNT = """
SELECT count(*) FROM kit.dead_letter
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND topic_id = $5
  AND kind = 'unreadable' AND state = 'open' AND kept_at > $4
"""
DECIDE = """
INSERT INTO kit.resolution (topic_id, partition, "offset", digest, action, value, headers, event_id, author, reason)
SELECT topic_id, partition, "offset", digest, $2, $3, $4, event_id, $5, $6 FROM kit.dead_letter WHERE id = $1
ON CONFLICT (topic_id, partition, "offset", digest) DO UPDATE SET action = excluded.action, value = excluded.value,
    headers = excluded.headers, author = excluded.author, reason = excluded.reason, decided_at = now()
"""
ASK = """
UPDATE kit.dead_letter d SET state = 'asked' FROM kit.dead_letter one
WHERE one.id = $1 AND (d.topic_id, d.partition, d."offset", d.digest) = (one.topic_id, one.partition, one."offset", one.digest)
  AND d.state IN ('open', 'asked')
RETURNING true
"""
LIST = """
SELECT id, consumer, topic, partition, "offset", kind, type, code, field, rule, state, attempts, kept_at, settled_at
FROM kit.dead_letter
WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR consumer = $2) AND id > $3 ORDER BY id LIMIT $4
"""
SHOW = """
SELECT id, consumer, topic, topic_id, partition, "offset", key, value, headers, kind, event_id, type, code, field, rule, state,
       attempts, kept_at, settled_at
FROM kit.dead_letter WHERE id = $1
"""


class AlreadySettled(Refused):
    """This dead letter has been applied or discarded."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it was kept: read again as if it came from the log."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was decided about a record."""

    action: Action
    value: bytes | None
    headers: Headers | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about records of a batch."""

    by_place: Mapping[tuple[str, int, int], Mapping[bytes, Resolution]]
    """By topic id, partition and offset, and by the digest of the record; an empty one is of any."""

    def of(self, place: Place, record: Record) -> Resolution | None:
        """What was decided about this record, if anything was."""
        found = self.by_place.get((place.topic_id, place.partition, record.offset))
        return None if found is None else found.get(digest_of(record)) or found.get(b"")


def digest_of(record: Record) -> bytes:
    """By what a record is told from another at the same place; kit's migration 15 works it out likewise."""
    said = [b"-" if part is None else part.hex().encode() for part in (record.key, record.value)]
    return sha256(b"\n".join((*said, headers_as_json(record.headers).encode()))).digest()


def headers_as_json(headers: Headers) -> str:
    """Headers as they came, byte for byte: a value that is not UTF-8 must survive being kept."""
    return json.dumps([[name, None if raw is None else base64.b64encode(raw).decode()] for name, raw in headers])


def headers_from_json(kept: str) -> Headers:
    return [(name, None if raw is None else base64.b64decode(raw)) for name, raw in json.loads(kept)]


def kept_record(place: Place, row: asyncpg.Record) -> Kept:
    """The record to read again: as it came, or as it was edited."""
    edited = row["action"] == "edit"
    headers = row["edited_headers"] if edited and row["edited_headers"] is not None else row["headers"]
    value = row["edited_value"] if edited else row["value"]
    return Kept(place.topic, place.partition, row["offset"], row["key"], value, headers_from_json(headers))


async def keep(
    tx: Connection,
    place: Place,
    record: Record,
    kind: Kind,
    code: str,
    *,
    field: str | None = None,
    rule: str | None = None,
    event_id: UUID | None = None,
    type_: str | None = None,
) -> None:
    """Keep a record aside. It is in the partition's order by its offset."""
    await tx.execute(
        KEEP, place.consumer, place.topic, place.topic_id, place.partition, record.offset, record.key, record.value,
        headers_as_json(record.headers), kind, event_id, type_, code, field, rule, digest_of(record),
    )  # fmt: skip
    SET_ASIDE.labels(place.consumer, place.topic, kind).inc()


async def check_ceiling(tx: Connection, place: Place, ceiling: int) -> None:
    """Raises StopPartition where too many are open: a bad deploy must not empty a topic into the dead letters (c8)."""
    found = await tx.fetchval(COUNT, place.consumer, place.topic, place.partition, place.resumed_at, place.topic_id)
    if found > ceiling:
        raise StopPartition("ceiling", f"more than {ceiling} dead letters are open here")


async def waiting(
    tx: Connection, consumer: str, keys: Mapping[Place, Iterable[bytes]]
) -> dict[Place, dict[bytes, bool]]:
    """By place, those of these keys that have something set aside, each with whether it waits for a person."""
    somewhere = {(row["topic"], row["partition"]) for row in await tx.fetch(SOMETHING_WAITS, consumer)}
    found: dict[Place, dict[bytes, bool]] = {place: {} for place in keys}
    for place in keys:
        if (place.topic, place.partition) in somewhere:  # hardly ever: then no key of a batch has to be looked for
            hashes = [sha256(key).digest() for key in keys[place]]
            rows = await tx.fetch(WAITING, consumer, place.topic, place.partition, hashes)
            found[place] = {row["key"]: row["blocked"] for row in rows}
    return found


async def resolutions(tx: Connection, batches: Sequence[Batch]) -> Decided:
    """What was decided about records of these."""
    read = [(place.topic_id, place.partition, records[0].offset, records[-1].offset) for place, records in batches]
    found: dict[tuple[str, int, int], dict[bytes, Resolution]] = defaultdict(dict)
    for row in await tx.fetch(RESOLUTIONS, *columns(read, 4)):
        headers = headers_from_json(row["headers"]) if row["headers"] else None
        decided = Resolution(row["action"], row["value"], headers)
        found[row["topic_id"], row["partition"], row["offset"]][row["digest"]] = decided
    return Decided(found)


async def decide(
    tx: Connection,
    letter: int,
    action: Action,
    *,
    author: str,
    reason: str,
    value: bytes | None = None,
    headers: Headers | None = None,
) -> None:
    """Write down what is to become of a dead letter; the reader carries it out, and so does every other that kept this record.

    Raises NotFound, AlreadySettled, Invalid.
    """
    if (action == "edit") != (value is not None):
        raise Invalid("an edit, and nothing else, comes with the bytes to read", field="value")
    found = await shown(tx, letter)
    if not await tx.fetchval(ASK, letter):
        raise AlreadySettled(state=found["state"])
    kept = headers_as_json(headers) if headers is not None else None
    await tx.execute(DECIDE, letter, action, value, kept, author, reason)


async def shown(tx: Connection, letter: int) -> dict[str, Any]:
    """One dead letter with all that it holds. Raises NotFound."""
    row = await tx.fetchrow(SHOW, letter)
    if row is None:
        raise NotFound("no dead letter has this number")
    return dict(row)


async def listed(
    tx: Connection, *, state: str | None = None, consumer: str | None = None, after: int = 0, limit: int = 100
) -> list[dict[str, Any]]:
    """Dead letters by number, without what they hold."""
    return [dict(row) for row in await tx.fetch(LIST, state, consumer, after, limit)]
