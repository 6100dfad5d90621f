"""What followed here from a fact, kept by its event. Statements are constants."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kit.aggregates import Kept
from kit.database import Connection

FOLLOW = "INSERT INTO followed (cause, aggregate, aggregate_id, event_id) SELECT $1, $2, $3, unnest($4::uuid[])"
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


async def followed(tx: Connection, cause: UUID) -> list[Followed]:
    """What followed from a fact, the last first."""
    return [Followed(**dict(row)) for row in await tx.fetch(FOLLOWED, cause)]
