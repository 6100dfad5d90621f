"""A service's database as an operator sees it: one connection, one transaction, every organisation's rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg

from kit.database import EVERYONE, Connection, Session
from oneworkforce.answering import Problem
from oneworkforce.configuration import Configuration, Service


@asynccontextmanager
async def connected(dsn: str, what: str) -> AsyncIterator[Connection]:
    """A connection; `what` names the database where it cannot be had. Raises Problem."""
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=10,
            connection_class=Session,
            server_settings={"application_name": "oneworkforce", "app.organisation": EVERYONE, "timezone": "UTC"},
        )
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        user = urlsplit(dsn).username or "nobody"
        raise Problem(f"{what} does not let {user} in: {type(error).__name__}") from error
    connection.told(EVERYONE)  # a service's own code, which an operator's command runs, asks whose rows it sees
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def transaction(config: Configuration, service: Service) -> AsyncIterator[Connection]:
    """One transaction in a service's database, as the service. Raises Problem, also where it was never migrated."""
    async with connected(config.dsn(service), f"the database of {service.name}") as connection:
        try:
            async with connection.transaction():
                yield connection
        except asyncpg.UndefinedTableError as error:
            raise Problem(
                f"the database of {service.name} lacks a table of the plumbing: run `oneworkforce migrate {service.name}`"
            ) from error
