"""What was done already because of something that is heard or asked again: the database came back from a backup since (c6).

The backup knows nothing of what was heard and asked after it. What this led to was read back from the log by `reconcile`, each fact
with its cause: an event that was heard, or a request with an Idempotency-Key. To do it again would double it, and would undo what
happened to it meanwhile.
"""

from dataclasses import dataclass
from uuid import UUID

from kit.database import Connection

ACTOR = "reconciled"
"""Of every line that was read back: the bus does not tell who did something."""

BECAUSE_OF = """
SELECT event_id, aggregate, aggregate_id, type FROM kit.journal WHERE actor = 'reconciled' AND causation_id = $1
ORDER BY aggregate_id, version
"""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A fact of ours that was said before the restore."""

    event_id: UUID
    aggregate: str
    aggregate_id: UUID
    type: str


async def because_of(tx: Connection, cause: UUID | None) -> list[ReadBack]:
    """What was read back of all that was done because of this event or request; nothing where no backup was restored since."""
    return [ReadBack(**dict(row)) for row in await tx.fetch(BECAUSE_OF, cause)]
