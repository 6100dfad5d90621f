"""What is kept of somebody elsewhere, as rows: which records of other services name whom, and since when none does (resting.py)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from kit.database import Connection, columns, seeing_everything
from people.tree import every_id

FRESH = """
SELECT record_id, person_id FROM unnest($1::uuid[], $2::uuid[]) AS named (record_id, person_id)
JOIN person ON person.id = person_id AND status <> 'erased'
WHERE NOT EXISTS (SELECT FROM resting WHERE resting.record_id = named.record_id AND resting.person_id = named.person_id)
"""
REST = "INSERT INTO resting (record_id, person_id) SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING"
LET_GO = """
UPDATE resting SET let_go_on = gone.day FROM unnest($1::uuid[], $2::date[]) AS gone (record_id, day)
WHERE resting.record_id = gone.record_id RETURNING person_id
"""
# Shared, as whoever tells a person something has it: several batches go on beside each other, and a command to the person waits.
STAY = "SELECT id FROM person WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE"
# One that another batch deletes, or that is being fired, is left to it: who fires it waits for the person, and looks again.
NOTHING_ENDS = """
WITH running AS (
    SELECT aggregate_id, name, due_at FROM kit.deadline
    WHERE aggregate_id = ANY($1::uuid[]) AND name = 'retention' AND fired_at IS NULL FOR UPDATE SKIP LOCKED
)
DELETE FROM kit.deadline USING running
WHERE (deadline.aggregate_id, deadline.name, deadline.due_at) = (running.aggregate_id, running.name, running.due_at)
"""
NOTHING_SINCE = """
SELECT greatest(
    (SELECT max((body ->> 'since')::date) FROM person WHERE id = ANY($1::uuid[])),
    (SELECT max(let_go_on) FROM resting WHERE person_id = ANY($1::uuid[]))
)
WHERE NOT EXISTS (SELECT FROM resting WHERE person_id = ANY($1::uuid[]) AND let_go_on IS NULL)
    AND NOT EXISTS (SELECT FROM exchange WHERE person_id = ANY($1::uuid[]))
    AND NOT EXISTS (SELECT FROM erasure WHERE person_id = ANY($1::uuid[]) AND body IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM request WHERE person_id = ANY($1::uuid[]) AND body IS NOT NULL
            AND (status, about) IS DISTINCT FROM ('granted', 'being-compared')
    )
"""
# What was gathered for them waits; or a fact may be on its way that names them.
NOT_NOW = """
SELECT EXISTS (SELECT FROM access WHERE person_id = ANY($1::uuid[]))
    OR EXISTS (SELECT FROM kit.position WHERE consumer = $2 AND stopped_code IS NOT NULL)
    OR EXISTS (SELECT FROM kit.dead_letter WHERE consumer = $2 AND state IN ('open', 'asked'))
    OR NOT EXISTS (SELECT FROM kit.position WHERE consumer = $2)
"""


async def rest(tx: Connection, named: Collection[tuple[UUID, UUID]]) -> None:
    """Records of other services, each with whom it names: who is one person with one of these is kept, for the time being."""
    fresh = [(row["record_id"], row["person_id"]) for row in await tx.fetch(FRESH, *columns(list(named), 2))]
    if fresh:
        await tx.fetch(STAY, [person_id for _, person_id in fresh])
        await tx.execute(REST, *columns(fresh, 2))
        await nothing_ends(tx, [person_id for _, person_id in fresh])


async def let_go(tx: Connection, gone: Mapping[UUID, date]) -> list[UUID]:
    """Records that their services let go of, each on which day; every id of whom they named."""
    named = [row["person_id"] for row in await tx.fetch(LET_GO, list(gone), list(gone.values()))]
    return sorted(await every_id(tx, named))


async def nothing_ends(tx: Connection, ids: Sequence[UUID]) -> None:
    """Something is kept of these: the period of no id of theirs runs."""
    await tx.execute(NOTHING_ENDS, await every_id(tx, ids))


async def nothing_since(tx: Connection, ids: Sequence[UUID]) -> date | None:
    """Since when nothing is kept of a person but who they are, by every id: no service's record, no partner's reference, nothing
    that they asked here. None: something is. An objection to being compared is kept for as long as they are; they are not for it.
    """
    async with seeing_everything(tx):
        since: date | None = await tx.fetchval(NOTHING_SINCE, list(ids))
    return since


async def not_now(tx: Connection, ids: Sequence[UUID], consumer: str) -> bool:
    """Whether something stands against letting go of somebody today: `consumer` is who hears what others keep of them."""
    stands: bool = await tx.fetchval(NOT_NOW, list(ids), consumer)
    return stands
