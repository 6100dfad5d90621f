"""Every statement against the real schema, and what the schema itself does not allow."""

from datetime import date

import asyncpg
import pytest

from equality_monitoring import store
from equality_monitoring.domain.monitoring import Status
from equality_monitoring.retention import SCHEDULE
from equality_monitoring.testing import STATES
from kit import letting_go, retention
from kit.database import Database
from kit.ids import new_id
from kit.testing.databases import Clone, Template
from kit.testing.schema import shapes, statements
from laptop.postgres import EmbeddedPostgres

ADD = "INSERT INTO monitoring (monitoring_id, person_id, status, since, version, declaration) VALUES ($1, $2, $3, $4, $5, $6)"
DAY = date(2022, 3, 14)
STATEMENTS = {
    **dict(statements(store, retention)),
    **store.PERSONS.statements(),
    **letting_go.statements(SCHEDULE),
}


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_is_one_that_the_service_may_prepare(untouched: Database, name: str) -> None:
    async with untouched.transaction() as tx:
        await tx.prepare(STATEMENTS[name])


async def test_what_is_saved_is_what_is_found(database: Database) -> None:
    monitoring_id, monitoring = new_id(), STATES[Status.DECLARED]
    assert monitoring is not None
    async with database.transaction() as tx:
        await store.save(tx, monitoring_id, 1, monitoring)
        assert await store.of_person(tx, monitoring.person_id) == store.Held(monitoring_id, 1, monitoring)
        assert await store.of_person(tx, new_id()) is None


async def test_a_person_has_one_declaration_at_a_time(database: Database) -> None:
    person = new_id()
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as tx:
            for _ in range(2):
                await tx.execute(ADD, new_id(), person, "declared", DAY, 1, '{"sex": "female"}')


async def test_what_stands_is_found_before_what_was_withdrawn(database: Database) -> None:
    person, standing = new_id(), new_id()
    async with database.transaction() as tx:
        await tx.execute(ADD, standing, person, "declared", DAY, 1, '{"sex": "female"}')
        await tx.execute(ADD, new_id(), person, "withdrawn", date(2023, 1, 1), 2, None)
        held = await store.of_person(tx, person)
    assert held is not None
    assert held.monitoring_id == standing


@pytest.mark.parametrize(
    ("status", "declaration"),
    [("withdrawn", '{"sex": "female"}'), ("declared", None), ("declared", "{}"), ("lent", '{"sex": "female"}')],
)
async def test_what_is_withdrawn_holds_nothing_and_what_is_declared_holds_something(
    database: Database, status: str, declaration: str | None
) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute(ADD, new_id(), new_id(), status, DAY, 1, declaration)


async def test_the_migrations_build_the_schema_as_it_stands(clone: Clone) -> None:
    migrated, said = await shapes(clone, "equality_monitoring")
    assert migrated == said


async def test_the_role_of_another_service_neither_comes_in_nor_reads(
    template: Template, clone: Clone, postgres: EmbeddedPostgres
) -> None:
    neighbour = Template(postgres.dsn(), postgres.dsn, "nosy-neighbour")
    await neighbour.make()
    copy = clone.dsn.rpartition("/")[2]
    for database in (template.name, copy):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.dsn(database, "nosy_neighbour_service", neighbour.password))
    # let in by mistake, it still reads nothing
    admin = await asyncpg.connect(clone.admin_dsn)
    await admin.execute(f"GRANT CONNECT ON DATABASE {copy} TO nosy_neighbour_service")
    await admin.close()
    nosy = await asyncpg.connect(postgres.dsn(copy, "nosy_neighbour_service", neighbour.password))
    try:
        for statement in ("SELECT * FROM monitoring", "SELECT * FROM kit.journal", "SELECT * FROM kit.outbox"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await nosy.execute(statement)
    finally:
        await nosy.close()
