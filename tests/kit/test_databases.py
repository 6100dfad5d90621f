"""A template is made as often as somebody asks, on a server that all share; of its copies one is for those who only ask."""

import asyncpg
import pytest

from kit.testing.databases import Template
from laptop.postgres import EmbeddedPostgres


async def test_two_templates_of_one_service_do_not_lock_each_other_out(postgres: EmbeddedPostgres) -> None:
    first, second = (Template(postgres.dsn(), postgres.dsn, "made-twice") for _ in range(2))
    await first.make()
    await second.make()
    for template in (first, second):
        async with template.clone() as clone, clone.open() as database, database.transaction() as tx:
            assert await tx.fetchval("SELECT current_user") == "made_twice_service"


async def test_the_copy_that_tests_share_is_one_and_lets_nobody_write(plumbing: Template) -> None:
    shared = await plumbing.untouched()
    assert shared is await plumbing.untouched()
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with shared.transaction() as tx:
            await tx.execute("INSERT INTO kit.inbox (consumer, event_id) VALUES ('nobody', gen_random_uuid())")
