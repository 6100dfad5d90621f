import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from laptop.postgres import EmbeddedPostgres

GONE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a client may be told when its server was killed."""


async def test_what_was_committed_survives_a_kill_and_a_restart() -> None:
    async with EmbeddedPostgres(durable=False) as server:
        connection = await asyncpg.connect(server.dsn())
        await connection.execute("CREATE TABLE fact (id integer PRIMARY KEY)")
        await connection.execute("INSERT INTO fact SELECT generate_series(1, 1000)")
        port = server.port

        await server.kill()
        async with asyncio.timeout(30):
            with pytest.raises(GONE):
                while True:  # a child may answer once more before it sees that its server is gone
                    await connection.fetchval("SELECT 1")
        await server.start()
        assert await _count(server) == 1000

        await server.restart("immediate")
        assert await _count(server) == 1000
        assert server.port == port


async def test_it_comes_back_though_a_child_of_the_old_one_lingers_and_the_log_is_full_of_others_lines() -> None:
    # with every line so long, what the new server says of the old one's memory is not within the end of the log
    async with EmbeddedPostgres(durable=False, options={"log_line_prefix": "." * 3000}) as server:
        connection = await asyncpg.connect(server.dsn())
        child = await connection.fetchval("SELECT pg_backend_pid()")
        os.kill(child, signal.SIGSTOP)
        await server.kill()
        starting = asyncio.create_task(server.start())
        try:
            async with asyncio.timeout(30):
                while "pre-existing shared memory" not in server.log.read_text():  # noqa: ASYNC110 a file wakes nobody
                    await asyncio.sleep(0.02)
        finally:
            os.kill(child, signal.SIGCONT)
        await starting
        connection.terminate()
        await (await asyncpg.connect(server.dsn())).close()


async def test_only_the_super_user_needs_no_password_and_only_by_the_socket(postgres: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(postgres.dsn())
    await admin.execute("CREATE ROLE laptop_anna LOGIN PASSWORD 'a secret: /@?'")
    named = await asyncpg.connect(postgres.dsn("postgres", "laptop_anna", "a secret: /@?"))
    assert await named.fetchval("SELECT current_user") == "laptop_anna"
    await named.close()
    await admin.execute("DROP ROLE laptop_anna")
    await admin.close()

    by_tcp = f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(by_tcp, password="")
    with pytest.raises(ValueError, match="needs a password"):
        postgres.dsn("postgres", "laptop_anna")


async def test_servers_side_by_side_know_nothing_of_each_other(postgres: EmbeddedPostgres) -> None:
    async with EmbeddedPostgres(durable=False) as other:
        connection = await asyncpg.connect(other.dsn())
        await connection.execute("CREATE DATABASE only_here")
        await connection.close()
        connection = await asyncpg.connect(postgres.dsn())
        assert not await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'only_here'")
        await connection.close()


async def test_stopping_leaves_nothing_behind() -> None:
    async with EmbeddedPostgres(durable=False) as server:
        data = server.log.parent
        assert data.exists()
    assert not data.exists()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_server_that_cannot_start_says_why() -> None:
    server = EmbeddedPostgres(options={"no_such_setting": "1"})
    with pytest.raises(RuntimeError, match="no_such_setting"):
        async with server:
            pytest.fail("it started")
    assert not server.log.parent.exists()


def test_postgresqls_own_programs_are_at_hand(postgres: EmbeddedPostgres) -> None:
    assert {"pg_dump", "pg_restore", "psql"} <= {path.name for path in Path(postgres.bin).iterdir()}


async def _count(server: EmbeddedPostgres) -> int:
    connection = await asyncpg.connect(server.dsn())
    try:
        counted: int = await connection.fetchval("SELECT count(*) FROM fact")
        return counted
    finally:
        await connection.close()
