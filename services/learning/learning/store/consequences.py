"""What followed here from a fact, kept by its event. Statements are constants."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.aggregates import Kept
from kit.database import Connection
from kit.read_back import ReadBack
from schemas.learning import FactCorrected, FactRestored, FactVoided

FOLLOW = "INSERT INTO followed (cause, aggregate, aggregate_id, event_id) SELECT $1, $2, $3, unnest($4::uuid[])"
FOLLOW_AGAIN = """
INSERT INTO followed (cause, aggregate, aggregate_id, event_id)
SELECT line.causation_id, line.aggregate, line.aggregate_id, line.event_id FROM kit.journal AS line
JOIN kit.journal AS cause ON cause.event_id = line.causation_id AND cause.aggregate_id <> line.aggregate_id
WHERE line.aggregate_id = ANY($1::uuid[]) AND line.actor = 'reconciled' AND line.type <> ALL($2::text[]) ON CONFLICT DO NOTHING
"""
CORRECTIONS = [FactVoided.TYPE, FactRestored.TYPE, FactCorrected.TYPE]
HAND_OVER = "UPDATE followed SET cause = $3 WHERE cause = $1 AND event_id = $2"
FOLLOWED = "SELECT aggregate, aggregate_id, event_id FROM followed WHERE cause = $1 ORDER BY event_id DESC"


@dataclass(frozen=True, slots=True)
class Followed:
    """A fact of ours that followed from another."""

    aggregate: str
    aggregate_id: UUID
    event_id: UUID


async def follow(tx: Connection, cause: UUID, kept: Kept[Any], aggregate: str) -> None:
    """Keep what followed from a fact."""
    await tx.execute(FOLLOW, cause, aggregate, kept.id, [envelope.id for envelope in kept.said])


async def follow_read_back(tx: Connection, cause: UUID, done: ReadBack) -> None:
    """Keep of a fact that was read back after a restore that it had followed from another."""
    await tx.execute(FOLLOW, cause, done.aggregate, done.aggregate_id, [done.event_id])


async def follow_again(tx: Connection, ids: Sequence[UUID]) -> None:
    """Keep of what was read back of these, after a restore, what had followed from facts of our own."""
    await tx.execute(FOLLOW_AGAIN, ids, CORRECTIONS)


async def hand_over(tx: Connection, cause: UUID, followed: Followed, to: UUID) -> None:
    """Keep of what followed from one fact that it follows from another."""
    await tx.execute(HAND_OVER, cause, followed.event_id, to)


async def followed(tx: Connection, cause: UUID) -> list[Followed]:
    """What followed from a fact, the last first."""
    return [Followed(**dict(row)) for row in await tx.fetch(FOLLOWED, cause)]
