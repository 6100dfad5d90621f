"""Partners' own references by what they name, and what became of each claim: so that a later claim finds both."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.database import Connection

RESOLVE = "SELECT id FROM kit.reference WHERE partner = $1 AND kind = $2 AND reference = $3"
NAME = """
INSERT INTO kit.reference (partner, kind, reference, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
"""
FORGET = "DELETE FROM kit.reference WHERE id = $1"
LEAVE = """
INSERT INTO kit.claimed (partner, source, claim_id, turn, type, aggregate, aggregate_id, event_id)
SELECT $1, $2, $3, turn, $4, aggregate, aggregate_id, event_id
FROM unnest($5::text[], $6::uuid[], $7::uuid[]) WITH ORDINALITY AS said (aggregate, aggregate_id, event_id, turn)
"""
LEFT_BY = """
SELECT type, aggregate, aggregate_id, event_id FROM kit.claimed
WHERE partner = $1 AND source = $2 AND claim_id = $3 ORDER BY turn
"""


@dataclass(frozen=True, slots=True)
class Left:
    """One fact that a claim left."""

    type: str
    aggregate: str
    aggregate_id: UUID
    event_id: UUID


async def resolve(tx: Connection, partner: str, kind: str, reference: str) -> UUID | None:
    """Our id of what a partner calls so."""
    id_: UUID | None = await tx.fetchval(RESOLVE, partner, kind, reference)
    return id_


async def name(tx: Connection, partner: str, kind: str, reference: str, id_: UUID) -> bool:
    """Keep what a partner calls it; False when it calls something else so already."""
    return await tx.fetchval(NAME, partner, kind, reference, id_) is not None


async def forget(tx: Connection, id_: UUID) -> None:
    """Nothing is called so any more: what it named was voided."""
    await tx.execute(FORGET, id_)


async def leave(
    tx: Connection, partner: str, source: str, claim_id: str, type_: str, said: Sequence[tuple[str, UUID, UUID]]
) -> None:
    """Keep which facts a claim left: aggregate, its id, the event's id."""
    columns = [list(column) for column in zip(*said, strict=True)] if said else [[], [], []]
    await tx.execute(LEAVE, partner, source, claim_id, type_, *columns)


async def left_by(tx: Connection, partner: str, source: str, claim_id: str) -> list[Left]:
    """The facts that a claim left, in their order."""
    return [Left(**dict(row)) for row in await tx.fetch(LEFT_BY, partner, source, claim_id)]
