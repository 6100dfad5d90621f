"""What waits for somebody: a row a thing to do, written with the state that implies it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kit.database import Clause, Connection, columns, together
from kit.step import Waiting

KEEP = """
done AS (DELETE FROM kit.waiting WHERE aggregate_id = $2 AND why <> ALL($5::text[])),
waits AS (
    INSERT INTO kit.waiting (aggregate, aggregate_id, organisation, who, why, since)
    SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::date[])
    ON CONFLICT (aggregate_id, why) DO UPDATE SET organisation = excluded.organisation, who = excluded.who, since = excluded.since
)
"""
LIST = """
SELECT aggregate, aggregate_id, organisation, who, why, since FROM kit.waiting
WHERE ($1::text IS NULL OR who = $1) AND ($2::text IS NULL OR organisation = $2) AND ($3::text IS NULL OR aggregate = $3)
    AND ($4::text IS NULL OR why = $4) AND (who, since, aggregate_id, why) > ($5, $6, $7, $8)
ORDER BY who, since, aggregate_id, why LIMIT $9
"""
ABOUT = """
SELECT aggregate, aggregate_id, organisation, who, why, since FROM kit.waiting WHERE aggregate_id = $1 ORDER BY since, why
"""
HOW_MANY = (
    "SELECT who, why, count(*) AS number, min(since) AS since FROM kit.waiting GROUP BY who, why ORDER BY who, why"
)

Key = tuple[str, date, UUID, str]
"""The place of a row in the list."""
FIRST: Key = ("", date.min, UUID(int=0), "")


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One thing that somebody has to do."""

    aggregate: str
    aggregate_id: UUID
    organisation: str | None
    who: str
    why: str
    since: date

    @property
    def key(self) -> Key:
        return self.who, self.since, self.aggregate_id, self.why


def kept(aggregate: str, id_: UUID, waits: Mapping[Waiting, str | None]) -> Clause:
    """These are what waits for somebody about an aggregate, and nothing else is; each with the organisation that sees it."""
    rows = [(organisation, each.who, each.why, each.since) for each, organisation in waits.items()]
    return Clause(KEEP, (aggregate, id_, *columns(rows, 4)))


async def keep(tx: Connection, aggregate: str, id_: UUID, waits: Mapping[Waiting, str | None]) -> None:
    """Keep that these wait, and nothing else."""
    await together(tx, kept(aggregate, id_, waits))


async def listed(
    tx: Connection,
    who: str | None,
    organisation: str | None,
    aggregate: str | None,
    after: Key,
    limit: int,
    why: str | None = None,
) -> list[WaitingRow]:
    """What waits, grouped by who has to act, the longest first."""
    rows = await tx.fetch(LIST, who, organisation, aggregate, why, *after, limit)
    return [WaitingRow(**dict(row)) for row in rows]


async def how_many(tx: Connection) -> list[dict[str, Any]]:
    """How much waits for whom, and why."""
    return [dict(row) for row in await tx.fetch(HOW_MANY)]


async def about(tx: Connection, id_: UUID) -> list[WaitingRow]:
    """What waits about one aggregate, the longest first."""
    return [WaitingRow(**dict(row)) for row in await tx.fetch(ABOUT, id_)]
