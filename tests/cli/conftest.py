"""A service of the tests' own, made on disk and operated by the command line alone: provisioned, migrated, its topics created."""

import asyncio
import json
import logging
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
import structlog
from pydantic import SecretStr
from typer.testing import CliRunner

from kit import outbox
from kit.bus import Bus
from kit.context import Context
from kit.database import Connection, Database
from kit.inbox import FactReader, Received
from kit.settings import Settings
from kit.testing.facts import Counted
from kit.testing.running import running
from laptop.broker import Broker
from laptop.postgres import EmbeddedPostgres
from oneworkforce.main import app

CONTRACT = """
from kit.testing.facts import Counted, CountClaimed, Renamed
from kit.topics import Topic

EMITS = (Counted, Renamed)
ACCEPTS = {{CountClaimed: None}}
IGNORES = ()
TOPICS = (Topic("{service}.events.v1", 3, {{"retention.ms": "-1", "cleanup.policy": "delete"}}),)
"""

APP = """
from kit.service import Service
from kit.settings import Settings

REBUILD = '''
INSERT INTO counter (counter_id, version, total)
SELECT aggregate_id, max(version), sum((convert_from(payload, 'UTF8')::jsonb ->> 'by')::int) FROM kit.journal
WHERE aggregate_id = ANY($1::uuid[]) GROUP BY aggregate_id
ON CONFLICT (counter_id) DO UPDATE SET version = excluded.version, total = excluded.total
'''

async def rebuild(tx, found):
    await tx.execute(REBUILD, list(found.behind))

service = Service(
    name="{service}", title="Counting", description="Counts.", package="{package}", settings=Settings,
    routers=lambda settings: (), rebuild=rebuild,
)
"""

TABLES = """
CREATE TABLE counter (counter_id uuid PRIMARY KEY, version int NOT NULL, total int NOT NULL);
CREATE TABLE effect (
    turn bigint GENERATED ALWAYS AS IDENTITY, aggregate_id uuid NOT NULL, version int NOT NULL, event_id uuid NOT NULL,
    said text NOT NULL
);
"""

COUNT = """
INSERT INTO counter (counter_id, version, total) VALUES ($1, 1, $2)
ON CONFLICT (counter_id) DO UPDATE SET version = counter.version + 1, total = counter.total + $2 RETURNING version
"""


@dataclass(frozen=True)
class Said:
    """What a command said, and its code."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class World:
    """A service, and the command line that operates it."""

    service: str
    folder: Path
    postgres: EmbeddedPostgres
    broker: Broker
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @property
    def package(self) -> str:
        return self.service.replace("-", "_")

    @property
    def topic(self) -> str:
        return f"{self.service}.events.v1"

    @property
    def config(self) -> Path:
        return self.folder / "oneworkforce.toml"

    @property
    def dsn(self) -> str:
        return self.postgres.dsn(self.package, f"{self.package}_service", self.password)

    def write(self, *, kafka: str = "", more: str = "") -> None:
        """The package of the service and the configuration, as an installation would have them."""
        package = self.folder / self.package
        (package / "migrations").mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (package / "contract.py").write_text(CONTRACT.format(service=self.service))
        (package / "app.py").write_text(APP.format(service=self.service, package=self.package))
        (package / "migrations" / "0001_counter.sql").write_text(TABLES)
        (self.folder / "password").write_text(self.password + "\n")
        exact = str(self.broker.idempotent).lower()
        self.config.write_text(
            f"""
            [kafka]
            bootstrap = "{self.broker.bootstrap}"
            idempotent = {exact}
            exact_ends = {exact}
            {kafka}
            [administrator]
            database = "{self.postgres.dsn()}"
            [services.{self.service}]
            database = "postgresql://{self.package}_service@127.0.0.1:{self.postgres.port}/{self.package}"
            database_password_file = "password"
            owner = "postgresql://{self.package}_owner@127.0.0.1:{self.postgres.port}/{self.package}"
            owner_password_file = "password"
            {more}
            """
        )

    async def run(self, *arguments: str | int | Path) -> Said:
        """One command, in a thread of its own, as a person without a terminal would run it."""
        words = ["--config", str(self.config), *map(str, arguments)]
        done = await asyncio.to_thread(CliRunner().invoke, app, words)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return Said(done.exit_code, done.stdout, done.stderr)

    async def ok(self, *arguments: str | int | Path) -> Said:
        """A command that must end well."""
        said = await self.run(*arguments)
        assert said.code == 0, said
        return said

    async def decide(self, *arguments: str | int | Path) -> Said:
        """A decision, with author and reason."""
        return await self.ok(*arguments, "--author", "tester", "--reason", "a test")

    def settings(self, **given: Any) -> Settings:
        bus = {
            "kafka_bootstrap": self.broker.bootstrap,
            "kafka_idempotent": self.broker.idempotent,
            "kafka_exact_ends": self.broker.idempotent,
            "kafka_metadata_max_age_ms": 500,
        }
        return Settings(service=self.service, process="test", database_dsn=SecretStr(self.dsn), **{**bus, **given})

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        async with Database.connect(self.dsn, name="test") as database:
            yield database

    async def fetch(self, statement: str, *arguments: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def effects(self) -> list[tuple[int, str]]:
        """Version and text of what the reader applied, in the order in which it did."""
        return [
            (row["version"], row["said"]) for row in await self.fetch("SELECT version, said FROM effect ORDER BY turn")
        ]

    async def count(self, database: Database, counter: UUID, by: int = 1) -> None:
        """A command: state, journal and outbox in one transaction."""
        async with database.transaction() as tx:
            version = await tx.fetchval(COUNT, counter, by)
            fact, context = Counted(by=by), Context(actor="test")
            await outbox.record(tx, "counter", counter, version - 1, [fact], context, topic=self.topic)

    @asynccontextmanager
    async def reading(self, reader: FactReader) -> AsyncIterator[Bus]:
        """A running reader of the service's topic."""
        async with self.database() as database:
            bus = Bus(self.settings(), database, reader, topics=[self.topic])
            async with running(bus):
                yield bus


async def write_down(tx: Connection, received: Sequence[Received]) -> None:
    """The effect of a fact: a row."""
    for event in received:
        await tx.execute(
            "INSERT INTO effect (aggregate_id, version, event_id, said) VALUES ($1, $2, $3, $4)",
            event.envelope.subject, event.envelope.sequence, event.envelope.id, event.fact.model_dump_json(),
        )  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What kit logs in this process would go to the standard output that a command's words are read from."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest_asyncio.fixture
async def bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedPostgres, broker: Broker
) -> AsyncIterator[World]:
    """A service that is declared and configured, and nothing more."""
    world = World(f"test-{secrets.token_hex(4)}", tmp_path, postgres, broker)
    world.write()
    monkeypatch.syspath_prepend(tmp_path)
    yield world
    for name in [name for name in sys.modules if name.split(".")[0] == world.package]:
        del sys.modules[name]
    admin = await asyncpg.connect(postgres.dsn())
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {world.package} WITH (FORCE)")
        await admin.execute(f"DROP ROLE IF EXISTS {world.package}_owner")
        await admin.execute(f"DROP ROLE IF EXISTS {world.package}_service")
    finally:
        await admin.close()


@pytest_asyncio.fixture
async def world(bare: World) -> World:
    """A service with its database and its topic."""
    await bare.ok("provision", "--all")
    await bare.ok("migrate", bare.service)
    await bare.ok("topics", "create")
    return bare
