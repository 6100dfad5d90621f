"""What every test may stand on: one PostgreSQL and one Kafka broker for the whole run. Fixtures only."""

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from laptop.broker import Broker, choose_broker
from laptop.postgres import EmbeddedPostgres

# `users={}`: tests of access add their own.
_CHOSEN = pytest.StashKey[Broker]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_CHOSEN] = choose_broker(os.environ.get("BROKER", "auto"), users={})


def pytest_report_header(config: pytest.Config) -> str:
    return f"broker: {config.stash[_CHOSEN].name}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.stash[_CHOSEN].idempotent:
        return
    for item in items:
        if item.get_closest_marker("kafka"):
            item.add_marker(pytest.mark.skip(reason="needs Apache Kafka"))


@pytest_asyncio.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL server; make a database of your own in it. A killed process loses nothing, a power cut may."""
    async with EmbeddedPostgres(durable=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def broker(pytestconfig: pytest.Config) -> AsyncIterator[Broker]:
    """The broker that the head of the run names; use topics and groups with a name of your own. Do not stop it."""
    async with pytestconfig.stash[_CHOSEN] as started:
        yield started
