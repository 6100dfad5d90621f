"""A test's database as it is after a restore, without the log: what came after the backup stands in the journal, read back."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from kit.database import Connection, Database
from kit.read_back import ACTOR
from kit.reconcile import Found, Rebuild
from kit.service import Service
from kit.testing.databases import Clone

READ_BACK = "UPDATE kit.journal SET actor = $2 WHERE event_id <> ALL($1::uuid[]) RETURNING aggregate_id"
SAID = "SELECT event_id FROM kit.journal"


@asynccontextmanager
async def restored(clone: Clone, service: Service, *tables: str) -> AsyncIterator[None]:
    """The backup is from before the block, the restore comes after it. `tables`: they held nothing yet, and are empty again."""
    assert service.rebuild is not None
    async with Database.connect(clone.owner_dsn) as owner:
        async with owner.transaction() as tx:
            before = [row["event_id"] for row in await tx.fetch(SAID)]
        yield
        async with owner.transaction() as tx:
            await _restore(tx, before, service.rebuild, (*tables, "kit.answered_request"))


async def lines(database: Database) -> int:
    """How much the journal says: no more, where nothing is done twice."""
    async with database.transaction() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM kit.journal"))


async def _restore(tx: Connection, before: Sequence[UUID], rebuild: Rebuild, tables: Sequence[str]) -> None:
    for table in tables:
        await tx.execute(f"DELETE FROM {table}")  # noqa: S608 a name that a test gives
    added = [row["aggregate_id"] for row in await tx.fetch(READ_BACK, before, ACTOR)]
    await rebuild(tx, Found(read=0, behind=tuple(sorted(set(added))), added=len(added), forgotten=()))
