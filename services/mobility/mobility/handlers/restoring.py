"""What a restore had lacked."""

from kit.database import Connection
from kit.reconcile import Found
from mobility.store import aggregates, follow_again


async def rebuild(tx: Connection, found: Found) -> None:
    """The state of everything, worked out anew, and what of it had followed from what."""
    await aggregates.rebuild(tx, found)
    await follow_again(tx, found.behind)
