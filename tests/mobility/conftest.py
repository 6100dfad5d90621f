"""A database of the service's own, its app, and whoever asks: a coordinator, organisations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.database import Database
from kit.settings import Settings
from kit.testing.client import As, Client, clients, serving, staff_keys
from kit.testing.databases import Clone, Template
from laptop.postgres import EmbeddedPostgres
from mobility.app import service


@pytest_asyncio.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> Template:
    made = Template(postgres.dsn(), postgres.dsn, "mobility", ["kit", "mobility"])
    await made.make()
    return made


@pytest_asyncio.fixture
async def clone(template: Template) -> AsyncIterator[Clone]:
    async with template.clone() as own:
        yield own


@pytest_asyncio.fixture
async def database(clone: Clone) -> AsyncIterator[Database]:
    async with clone.open() as database:
        yield database


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staff_keys(tmp_path_factory.mktemp("keys"))


def settings_of(clone: Clone, keys: Path) -> Settings:
    return Settings(
        service="mobility", process="test", database_dsn=SecretStr(clone.dsn), database_pool=25, development_keys=keys
    )


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path) -> AsyncIterator[FastAPI]:
    async with serving(service, settings_of(clone, keys)) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def quiet(template: Template, keys: Path) -> AsyncIterator[FastAPI]:
    """An app on a database in which nothing happens: for tests of what is refused before anything does."""
    async with template.clone() as clone, serving(service, settings_of(clone, keys)) as made:
        yield made


@pytest.fixture
def as_role(app: FastAPI, keys: Path) -> As:
    return clients(app, keys)


@pytest.fixture
def asker(quiet: FastAPI, keys: Path) -> Client:
    """A coordinator whose questions change nothing."""
    return clients(quiet, keys)()


@pytest.fixture
def coordinator(as_role: As) -> Client:
    return as_role()
