"""The mark of a database that came back from a backup: while it is there, no process of the service may use it (c6)."""

from typing import TYPE_CHECKING

import asyncpg

from kit.errors import Unavailable

if TYPE_CHECKING:
    from kit.database import Connection

IS_RESTORED = "SELECT EXISTS (SELECT FROM kit.restored)"
MARK = "INSERT INTO kit.restored DEFAULT VALUES ON CONFLICT DO NOTHING"
STOP = "UPDATE kit.restored SET stopped_code = $1, stopped_detail = $2"
OPEN = "DELETE FROM kit.restored"


class Restored(Unavailable):
    """This database came back from a backup: `oneworkforce reconcile` reads back what was said since then."""


async def is_restored(connection: "Connection") -> bool:
    """Whether the mark is there. A database without the plumbing's tables has none."""
    try:
        return bool(await connection.fetchval(IS_RESTORED))
    except asyncpg.UndefinedTableError:
        return False


async def refuse(connection: "Connection") -> None:
    """Raises Restored: asked of every new connection of a pool, so that none to a restored database comes into use."""
    if await is_restored(connection):
        raise Restored("the database was restored and is not reconciled")


async def mark(connection: "Connection") -> None:
    """Say that this database came back from a backup."""
    await connection.execute(MARK)


async def stop(connection: "Connection", code: str, detail: str) -> None:
    """Say beside the mark why reconciling stopped."""
    await connection.execute(STOP, code, detail)


async def reopen(connection: "Connection") -> None:
    """Take the mark away: the service may open."""
    await connection.execute(OPEN)
