"""The mark of a database that came back from a backup: while it is there, no process of the service may use it (c6).

`database` looks for it at every new connection.
"""

from kit.database import Connection

MARK = "INSERT INTO kit.restored DEFAULT VALUES ON CONFLICT DO NOTHING"
STOP = "UPDATE kit.restored SET stopped_code = $1, stopped_detail = $2"
OPEN = "DELETE FROM kit.restored"


async def mark(connection: Connection) -> None:
    """Say that this database came back from a backup."""
    await connection.execute(MARK)


async def stop(connection: Connection, code: str, detail: str) -> None:
    """Say beside the mark why reconciling stopped."""
    await connection.execute(STOP, code, detail)


async def reopen(connection: Connection) -> None:
    """Take the mark away: the service may open."""
    await connection.execute(OPEN)
