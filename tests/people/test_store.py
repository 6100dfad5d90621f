"""Every statement against the real schema, what the schema itself does not allow, and who gets in."""

from typing import Any

import asyncpg
import pytest

from kit import letting_go, one_use, waiting
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.testing.databases import Clone, Template
from kit.testing.schema import shapes, statements
from laptop.postgres import EmbeddedPostgres
from people import access, elsewhere, store, tree
from people.domain.details import LookReason
from people.handlers import People, Registration
from people.messages import store as messages
from people.retention import SCHEDULE
from people.store import aggregates

from .conftest import ADA, COUNCIL, HOSPITALS

STATEMENTS = {
    **dict(statements(store, access, messages, elsewhere, one_use, tree, waiting)),
    **aggregates.statements(),
    **letting_go.statements(SCHEDULE),
}
VAULT = (
    "person",
    "detail",
    "exchange",
    "look",
    "different",
    "erasure",
    "message",
    "opt_out",
    "request",
    "proposed",
    "access",
    "resting",
    "kit.journal",
    "kit.outbox",
    "kit.own_link",
)


@pytest.mark.parametrize("name", STATEMENTS)
async def test_every_statement_prepares(untouched: Database, name: str) -> None:
    async with untouched.transaction() as tx:
        await tx.prepare(STATEMENTS[name])


async def test_migrations_build_what_tables_sql_says(clone: Clone) -> None:
    migrated, said = await shapes(clone, "people")
    assert migrated == said


async def test_the_role_of_another_service_neither_comes_in_nor_reads(
    template: Template, clone: Clone, postgres: EmbeddedPostgres
) -> None:
    neighbour = Template(postgres.dsn(), postgres.dsn, "curious-neighbour")
    await neighbour.make()
    copy = clone.dsn.rpartition("/")[2]
    for database in (template.name, copy):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.dsn(database, "curious_neighbour_service", neighbour.password))
    # let in by mistake, it still reads nothing
    admin = await asyncpg.connect(clone.admin_dsn)
    await admin.execute(f"GRANT CONNECT ON DATABASE {copy} TO curious_neighbour_service")
    await admin.close()
    curious = await asyncpg.connect(postgres.dsn(copy, "curious_neighbour_service", neighbour.password))
    try:
        for table in VAULT:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await curious.execute(f"SELECT * FROM {table}")
    finally:
        await curious.close()


async def registered(database: Database, people: People, organisation: str | None, **given: Any) -> Any:
    async with database.transaction() as tx:
        asked = Registration(**{**ADA, "phone": "+441134960001", **given}, organisation=organisation)
        return (await people.register(tx, asked, Context(actor="test"))).id


async def test_an_organisation_sees_the_rows_of_its_own_people_and_no_other_s(clone: Clone, people: People) -> None:
    async with clone.open() as database:
        ours = await registered(database, people, HOSPITALS)
        await registered(database, people, COUNCIL)
        await registered(database, people, None)
        async with database.transaction() as tx:
            assert await tx.fetchval("SELECT count(*) FROM detail") == 9
        async with database.transaction(HOSPITALS) as tx:
            assert {row["id"] for row in await tx.fetch("SELECT id FROM person")} == {ours}
            assert {row["person_id"] for row in await tx.fetch("SELECT person_id FROM detail")} == {ours}
        async with database.transaction("") as tx:
            for table in ("person", "detail", "exchange", "look", "different"):
                assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("statement", ["UPDATE look SET reason = 'other'", "DELETE FROM look", "TRUNCATE look"])
async def test_not_even_the_service_changes_or_takes_back_a_look(
    database: Database, people: People, statement: str
) -> None:
    person = await registered(database, people, None)
    async with database.transaction() as tx:
        await people.look(tx, person, LookReason.MAKE_OFFER, Context(actor="test"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(statement)


async def test_a_reference_means_one_person(database: Database, people: People) -> None:
    person, other = await registered(database, people, None), await registered(database, people, None)
    key = people.keys.current
    digest, sealed = key.digest("p", "esr", "1"), key.seal(person, "p esr", "1")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as tx:
            for whose in (person, other):
                await store.keep_reference(tx, "p", "esr", key.id, digest, sealed, whose)


@pytest.mark.parametrize("body", ['{"status": "linked"}', '{"status": "registered", "same_as": "%s"}'])
async def test_who_is_linked_is_linked_to_another(database: Database, body: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.transaction() as tx:
            await tx.execute(
                "INSERT INTO person (id, version, body) VALUES ($1, 1, $2)",
                new_id(),
                body % new_id() if "%" in body else body,
            )
