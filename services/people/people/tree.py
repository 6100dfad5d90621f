"""Every id of a person: links form a tree, and its root stands for all of them. Statements are constants."""

from collections.abc import Collection
from uuid import UUID

from kit.database import Connection, seeing_everything

ONE_LINK = "SELECT pg_advisory_xact_lock(hashtextextended('link', 0))"
ROOT_OF = """
WITH RECURSIVE up AS (
    SELECT id, same_as FROM person WHERE id = $1
    UNION SELECT person.id, person.same_as FROM person JOIN up ON person.id = up.same_as
)
SELECT id FROM up WHERE same_as IS NULL
"""
# From each id to its neighbours, by an index either way, however many are asked for.
EVERY_ID = """
WITH RECURSIVE every AS (
    SELECT unnest($1::uuid[]) AS id
    UNION SELECT near.id FROM every CROSS JOIN LATERAL (
        SELECT same_as AS id FROM person WHERE person.id = every.id AND same_as IS NOT NULL
        UNION ALL SELECT id FROM person WHERE same_as = every.id
    ) AS near
)
SELECT id FROM every ORDER BY (SELECT same_as IS NOT NULL FROM person WHERE person.id = every.id), id
"""


async def one_link(tx: Connection) -> None:
    """One link at a time: several at once could close a ring."""
    await tx.execute(ONE_LINK)


async def root_of(tx: Connection, person_id: UUID) -> UUID | None:
    """The id that stands for all of the person's."""
    root: UUID | None = await tx.fetchval(ROOT_OF, person_id)
    return root


async def every_id(tx: Connection, ids: Collection[UUID]) -> list[UUID]:
    """Every id of these people, also those that the caller may not see; what stands for all of a person's comes first.

    Of an id that is nobody's: it alone.
    """
    async with seeing_everything(tx):
        return [row["id"] for row in await tx.fetch(EVERY_ID, list(ids))]


async def one_with(tx: Connection, person_id: UUID) -> list[UUID]:
    """Every id of one person."""
    return await every_id(tx, [person_id])
