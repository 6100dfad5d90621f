"""What a restore had lacked."""

from kit import persons
from kit.aggregates import history
from kit.database import Connection
from kit.reconcile import Found
from schemas.talent_pipeline import InterestRegistered
from talent_pipeline.store import aggregates


async def rebuild(tx: Connection, found: Found) -> None:
    """The people whom the journal had lacked, and then the state of everything, worked out anew."""
    for id_ in found.behind:
        for _, fact in await history(tx, id_):
            if isinstance(fact, InterestRegistered) and not await persons.is_known(tx, fact.person_id):
                await persons.know(tx, {fact.person_id: None})
    await aggregates.rebuild(tx, found)
