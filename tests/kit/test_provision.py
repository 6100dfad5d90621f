"""A service's database is made as soon as the server takes connections; what waiting does not mend is said at once."""

import asyncio

import asyncpg
import pytest

from kit.errors import Unavailable
from kit.provision import provision
from laptop import ports
from laptop.postgres import EmbeddedPostgres


async def test_a_server_that_is_starting_is_waited_for() -> None:
    server = EmbeddedPostgres(durable=False)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(provision(server.dsn(), "early", "owner", "service"))  # it asks first
            group.create_task(server.start())
        own = await asyncpg.connect(server.dsn("early", "early_service", "service"))
        await own.close()
    finally:
        await server.stop()


async def test_of_a_server_that_does_not_come_it_is_said_what_it_did_last() -> None:
    port = ports.free_port()
    with pytest.raises(Unavailable, match="PostgreSQL took no connection within 0 s: ConnectionRefusedError"):
        await provision(f"postgresql://admin@127.0.0.1:{port}/postgres", "late", "owner", "service", wait=0)
    ports.give_back(port)


async def test_whom_the_server_does_not_let_in_need_not_wait(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await provision(postgres.dsn("postgres", "nobody_known", "wrong"), "closed", "owner", "service")
