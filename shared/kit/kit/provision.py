"""A service's database and roles, made by the database's administrator before the service first starts.

Two roles a service: the owner, who migrates, and the service, who reads and writes rows. The journal is append-only for the
service: it may not update or delete there, except where erasure says so (a later decision).
"""

import asyncio
import re

import asyncpg

from kit.database import Connection
from kit.errors import Unavailable

WAIT = 60.0  # seconds for a server that is starting
STARTING = (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError)
"""What a server says, or does not say, before it takes connections."""

NAME = re.compile(r"^[a-z][a-z0-9_]{0,50}$")

GRANTS = """
GRANT USAGE ON SCHEMA {schemas} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schemas} TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schemas} TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON kit.journal FROM {role};
REVOKE INSERT, UPDATE, DELETE ON kit.projection FROM {role};
REVOKE INSERT, UPDATE, DELETE ON public.migration FROM {role};
"""

SCHEMAS = """
SELECT string_agg(quote_ident(nspname), ', ') FROM pg_namespace
WHERE nspname = 'public' OR nspowner = current_user::regrole
"""


def names(service: str) -> tuple[str, str, str]:
    """Database, owner and role of a service: `talent_pipeline`, `talent_pipeline_owner`, `talent_pipeline_service`."""
    name = service.replace("-", "_")
    if not NAME.match(name):
        raise ValueError("a service's name is lower case letters, digits and hyphens")
    return name, f"{name}_owner", f"{name}_service"


async def provision(
    admin_dsn: str, service: str, owner_password: str, service_password: str, *, wait: float = WAIT
) -> None:
    """Make what is missing; set the passwords anew. Asked twice, it changes nothing else.

    Raises:
        Unavailable: the server took no connection within `wait` seconds.
        asyncpg.PostgresError: it does not let the administrator in, or do this.
    """
    database, owner, role = names(service)
    admin = await _connected(admin_dsn, wait)
    try:
        for login, password in ((owner, owner_password), (role, service_password)):
            if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", login):
                await admin.execute(f"CREATE ROLE {login} LOGIN")
            quoted = await admin.fetchval("SELECT quote_literal($1)", password)
            await admin.execute(f"ALTER ROLE {login} PASSWORD {quoted}")
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await admin.execute(f"CREATE DATABASE {database} OWNER {owner}")
            await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
        await admin.execute(f"GRANT {role} TO {owner}")  # who drops a version sees whether somebody projects it
    finally:
        await admin.close()


async def _connected(admin_dsn: str, wait: float) -> Connection:
    """A connection, as soon as the server takes one. What waiting does not mend is raised at once."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait
    while True:
        try:
            return await asyncpg.connect(admin_dsn, timeout=10)
        except STARTING as error:
            if loop.time() >= until:
                detail = f"PostgreSQL took no connection within {wait:g} s: {type(error).__name__}"
                raise Unavailable(detail) from error
        await asyncio.sleep(0.2)


async def grant(owner_dsn: str, service: str) -> None:
    """What the service's role may do, said after each migration so that new tables are in it."""
    connection = await asyncpg.connect(owner_dsn)
    try:
        schemas = await connection.fetchval(SCHEMAS)
        await connection.execute(GRANTS.format(role=names(service)[2], schemas=schemas))
    finally:
        await connection.close()
