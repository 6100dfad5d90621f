"""A database with the plumbing and a table of effects, a topic of its own, and a reader that writes each effect down."""

import logging
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog
from pydantic import SecretStr

from kit import kafka, topics
from kit.database import Database
from kit.inbox import FactReader
from kit.settings import Settings
from kit.testing.databases import Clone, Template
from kit.testing.effects import EFFECTS, Ledger, write_down
from kit.testing.facts import Counted
from laptop.broker import Broker
from laptop.postgres import EmbeddedPostgres


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """A test may configure the log; the next one finds it as pytest left it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest_asyncio.fixture(scope="session")
async def plumbing(postgres: EmbeddedPostgres) -> AsyncIterator[Template]:
    template = Template(postgres.dsn(), postgres.dsn, "testing")
    await template.make()
    yield template
    await template.close()


@pytest_asyncio.fixture
async def clone(plumbing: Template) -> AsyncIterator[Clone]:
    async with plumbing.clone() as own:
        async with Database.connect(own.owner_dsn) as owner, owner.transaction() as tx:
            await tx.execute(EFFECTS)
            await tx.execute(
                "GRANT ALL ON effect TO testing_service; GRANT ALL ON SEQUENCE effect_turn_seq TO testing_service"
            )
        yield own


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def settings(clone: Clone, broker: Broker) -> Settings:
    return Settings(
        service="testing",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        kafka_bootstrap=broker.bootstrap,
        kafka_idempotent=broker.idempotent,
        kafka_exact_ends=broker.idempotent,
        kafka_metadata_max_age_ms=500,
    )


@pytest.fixture
def topic(settings: Settings) -> str:
    """A topic of three partitions that no other test knows."""
    name = f"test-{secrets.token_hex(4)}.events.v1"
    topics.create(kafka.admin(settings), [topics.Topic(name, 3)])
    return name


@pytest.fixture
def reader() -> FactReader:
    return FactReader(f"test-{secrets.token_hex(4)}", [Counted], write_down)
