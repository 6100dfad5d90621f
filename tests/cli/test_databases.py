"""A service's database as an operator's command has it: a service's own code runs there as it does in the service."""

from kit.database import EVERYONE, seeing_everything, who_sees
from laptop.postgres import EmbeddedPostgres
from oneworkforce.databases import connected


async def test_an_operator_s_transaction_sees_everybody_s_rows_and_a_service_s_code_finds_so(
    postgres: EmbeddedPostgres,
) -> None:
    async with connected(postgres.dsn(), "the database") as connection, connection.transaction():
        assert who_sees(connection) == EVERYONE
        async with seeing_everything(connection):
            assert await connection.fetchval("SELECT current_setting('app.organisation')") == EVERYONE
        assert who_sees(connection) == EVERYONE
