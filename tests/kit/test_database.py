"""What an error of the database means, migrations, roles, and the settings that lead to it all."""

import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kit import migrate, provision, topics
from kit.database import (
    EVERYONE,
    Clause,
    Connection,
    Database,
    is_away,
    is_bad_data,
    seeing_everything,
    together,
    who_sees,
)
from kit.errors import Refused, Unavailable
from kit.kafka import admin
from kit.migrate import Folder, MigrationChanged
from kit.settings import Settings
from kit.testing.databases import Clone, Template, counted
from laptop import leash
from laptop.postgres import EmbeddedPostgres

KIT = Path(provision.__file__).parent


LONG = """
INSERT INTO kit.task (consumer, event_id, code, detail)
SELECT 'x', gen_random_uuid(), string_agg(gen_random_uuid()::text, ''), '' FROM generate_series(1, 900)
"""
"""A value that is longer than an index holds."""


# -- what an error means -----------------------------------------------------------------------------------------------------


async def failure(database: Database, statement: str, *arguments: Any) -> BaseException:
    with pytest.raises(Exception) as met:
        async with database.transaction() as tx:
            await tx.execute(statement, *arguments)
    return met.value.__cause__ if isinstance(met.value, Unavailable) else met.value  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("statement", "arguments", "away", "bad"),
    [
        ("SELECT 1/0", (), False, True), ("SELECT $1::int", (10**12,), False, True),
        ("SELECT $1::text", ("a\x00b",), False, True),
        ("SELECT $1::jsonb", ('"\\u0000"',), False, True), ("INSERT INTO kit.inbox VALUES (NULL, NULL)", (), False, True),
        ("SELECT nothing", (), False, False), ("SELECT 1", (5,), False, False), ("DELETE FROM kit.journal", (), False, False),
        ("SELECT pg_terminate_backend(pg_backend_pid())", (), True, False),
        ("SET statement_timeout = 1; SELECT pg_sleep(1)", (), True, False),
        ("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(1)", (), True, False),
        (LONG, (), False, True),
    ],
    ids=lambda given: str(given)[:40],
)  # fmt: skip
async def test_an_error_means_to_wait_to_set_aside_or_a_defect(
    database: Database, statement: str, arguments: tuple[Any, ...], away: bool, bad: bool
) -> None:
    error = await failure(database, statement, *arguments)
    assert (is_away(error), is_bad_data(error)) == (away, bad)


async def test_a_deadlock_and_a_lock_that_is_not_to_be_had_are_tried_again(database: Database) -> None:
    async def second() -> BaseException:
        return await failure(database, "SET LOCAL lock_timeout = '50ms'; LOCK TABLE kit.task IN ACCESS EXCLUSIVE MODE")

    async with database.transaction() as tx:
        await tx.execute("LOCK TABLE kit.task IN ACCESS EXCLUSIVE MODE")
        assert is_away(await second())


async def test_a_database_that_is_not_there_is_unavailable_and_a_pool_that_is_closed_too(clone: Clone) -> None:
    async with Database.connect("postgresql://nobody@127.0.0.1:1/nothing") as nowhere:
        with pytest.raises(Unavailable):
            await nowhere.ping()
    with pytest.raises(Unavailable):
        await nowhere.ping()


async def test_a_database_that_is_lost_is_away_until_another_has_taken_its_place(
    plumbing: Template, clone: Clone, postgres: EmbeddedPostgres
) -> None:
    """A defect would stop every partition and end the process, while the backup is being restored."""
    name = clone.dsn.rpartition("/")[2]
    admin = await asyncpg.connect(postgres.dsn())
    async with clone.open() as database:
        await database.ping()
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        for _ in range(2):  # the first finds its session ended, the second that there is nothing to connect to
            with pytest.raises(Unavailable):
                await database.ping()
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {plumbing.name}")
        await admin.execute(f"GRANT CONNECT ON DATABASE {name} TO {plumbing.name}_service")
        await database.ping()
    await admin.close()


async def test_a_transaction_sees_the_organisation_that_it_names_and_the_next_one_does_not(clone: Clone) -> None:
    show = "SELECT current_setting('app.organisation')"
    async with Database.connect(clone.dsn, size=1, organisation="") as database:
        async with database.transaction("college") as tx:
            assert await tx.fetchval(show) == "college"
        async with database.transaction() as tx:
            assert await tx.fetchval(show) == ""


async def test_whose_rows_a_transaction_sees_is_known_without_asking_and_is_what_the_database_goes_by(
    database: Database,
) -> None:
    async def seen(tx: Connection) -> str:
        told: str = await tx.fetchval("SELECT current_setting('app.organisation')")
        assert who_sees(tx) == told
        return told

    async with database.transaction("leeds-and-york") as tx:
        assert await seen(tx) == "leeds-and-york"
        async with seeing_everything(tx):
            assert await seen(tx) == EVERYONE
        assert await seen(tx) == "leeds-and-york"
        with pytest.raises(Refused):
            async with tx.transaction(), seeing_everything(tx):
                raise Refused
        assert await seen(tx) == "leeds-and-york"
    async with database.transaction() as tx:
        assert await seen(tx) == EVERYONE


async def test_what_is_said_together_is_one_statement_whose_parameters_are_counted_through(clone: Clone) -> None:
    async with Database.connect(clone.owner_dsn) as database, database.transaction() as tx:
        await tx.execute("CREATE TABLE heard (turn int, word text)")
        insert = "INSERT INTO heard SELECT $1::int, unnest($2::text[])"
        clauses = Clause(f"one AS ({insert})", (1, ["a", "b"])), Clause(f"two AS ({insert})", (2, ["c"]))
        await together(tx, *clauses)
        async with counted(tx) as statements:
            await together(tx, *clauses)
        assert len(statements) == 1
        rows = await tx.fetch("SELECT turn, word FROM heard ORDER BY word")
    assert [tuple(row) for row in rows] == [(1, "a"), (1, "a"), (1, "b"), (1, "b"), (2, "c"), (2, "c")]


# -- migrations --------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def empty(postgres: EmbeddedPostgres, plumbing: Template) -> Any:
    """A database without a table, as an administrator."""
    admin = await asyncpg.connect(postgres.dsn())
    name = "empty_of_everything"
    await admin.execute(f"CREATE DATABASE {name}")
    yield postgres.dsn(name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_of_six_processes_that_migrate_at_once_one_does_it(empty: str) -> None:
    applied = await asyncio.gather(*(migrate.migrate(empty, [Folder.of("kit")]) for _ in range(6)))
    names = [f"kit/{name}" for name, _ in Folder.of("kit").files()]
    assert sorted(applied, key=len, reverse=True) == [names, [], [], [], [], []]


async def test_a_migration_that_was_edited_after_it_was_applied_is_refused(empty: str, tmp_path: Path) -> None:
    folder = Folder("testing", tmp_path)
    (tmp_path / "0001.sql").write_text("CREATE TABLE one (x int)")
    await migrate.migrate(empty, [folder])
    (tmp_path / "0001.sql").write_text("CREATE TABLE one (x bigint)")
    with pytest.raises(MigrationChanged, match="testing/0001"):
        await migrate.migrate(empty, [folder])


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_can_be_put_right(empty: str, tmp_path: Path) -> None:
    folder = Folder("testing", tmp_path)
    (tmp_path / "0001.sql").write_text("CREATE TABLE one (x int)")
    (tmp_path / "0002.sql").write_text("CREATE TABLE two (x int); SELECT 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate.migrate(empty, [folder])
    (tmp_path / "0002.sql").write_text("CREATE TABLE two (x int)")
    assert await migrate.migrate(empty, [folder]) == ["testing/0002.sql"]


async def test_the_tables_as_they_stand_are_what_the_migrations_make(
    postgres: EmbeddedPostgres, empty: str, plumbing: Template
) -> None:
    connection = await asyncpg.connect(empty)
    await connection.execute((KIT / "tables.sql").read_text())
    await connection.close()

    async def schema(dsn: str) -> str:
        said = await leash.run(
            [postgres.bin / "pg_dump", "-s", "-n", "kit", "--no-owner", "--no-privileges", "--no-comments", dsn]
        )
        return re.sub(r"(?m)^(--.*|\\(un)?restrict .*|)\n", "", said)

    assert await schema(empty) == await schema(postgres.dsn(plumbing.name))


# -- roles -------------------------------------------------------------------------------------------------------------------


async def test_a_services_role_cannot_enter_another_services_database(postgres: EmbeddedPostgres) -> None:
    for service in ("roles-one", "roles-two"):
        await provision.provision(postgres.dsn(), service, "owner", "service")
        await provision.provision(postgres.dsn(), service, "owner", "service")  # asked twice, it changes nothing
    own = await asyncpg.connect(postgres.dsn("roles_one", "roles_one_service", "service"))
    await own.close()
    for database, role in (("roles_two", "roles_one_service"), ("roles_two", "roles_one_owner")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(postgres.dsn(database, role, "service" if role.endswith("service") else "owner"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kit.journal SET actor = 'x'", "DELETE FROM kit.journal", "TRUNCATE kit.journal", "DROP TABLE kit.journal",
        "ALTER TABLE kit.journal DISABLE TRIGGER ALL", "DELETE FROM public.migration", "CREATE TABLE public.mine (x int)",
        "CREATE TABLE kit.mine (x int)", "CREATE ROLE mine", "SET ROLE testing_owner",
    ],
)  # fmt: skip
async def test_a_services_role_may_not(clone: Clone, statement: str) -> None:
    connection = await asyncpg.connect(clone.dsn)
    try:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("name", ["", "One", "one two", "one;drop", "1one", "x" * 60])
def test_a_service_whose_name_could_be_a_statement_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lower case"):
        provision.names(name)


# -- settings and topics -----------------------------------------------------------------------------------------------------


def test_settings_come_from_files_then_the_environment_then_what_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "oneworkforce_database_dsn").write_text("postgresql://secret")
    (tmp_path / "oneworkforce_kafka_user").write_text("from-a-file")
    monkeypatch.setenv("ONEWORKFORCE_SECRETS", str(tmp_path))
    monkeypatch.setenv("ONEWORKFORCE_KAFKA_USER", "from-the-environment")
    monkeypatch.setenv("ONEWORKFORCE_CEILING", "7")
    settings = Settings.load(service="testing", process="test")
    assert settings.database_dsn.get_secret_value() == "postgresql://secret"
    assert (settings.kafka_user, settings.ceiling, settings.service) == ("from-the-environment", 7, "testing")
    assert "secret" not in repr(settings) + settings.model_dump_json()


def test_settings_cannot_be_changed_afterwards(settings: Settings) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.ceiling = 3  # type: ignore[misc]


@pytest.mark.kafka
def test_a_topic_that_is_not_as_declared_is_told_in_a_sentence(settings: Settings, topic: str) -> None:
    client = admin(settings)
    there, missing = topics.Topic(topic, 3), topics.Topic(f"missing-{topic}", 1)
    assert topics.differences(client, [there]) == []
    assert topics.create(client, [there]) == []
    assert topics.differences(client, [topics.Topic(topic, 12, {"retention.ms": "-1"}), missing]) == [
        f"{topic} has 3 partitions, declared are 12", f"{topic} has retention.ms=604800000, declared is -1",
        f"missing-{topic} is missing",
    ]  # fmt: skip
    kept = topics.Topic(f"kept-{topic}", 1, {"retention.ms": "-1", "cleanup.policy": "compact"})
    assert topics.create(client, [there, kept]) == [kept.name]
    assert topics.differences(client, [kept]) == []


def test_a_partners_topics_have_one_partition_and_a_services_have_twelve() -> None:
    assert {topic.name: topic.partitions for topic in [*topics.partner("college", ["learning"]), topics.events("learning")]} == {
        "partner.college.learning.v1": 1, "partner.college.answers.v1": 1, "learning.events.v1": 12,
    }  # fmt: skip
