"""A database of the service's own, its app, and whoever asks: a coordinator, partners' people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.database import Database
from kit.testing.client import As, Client, clients, serving, staff_keys
from kit.testing.databases import Clone, Template
from laptop.postgres import EmbeddedPostgres
from learning.app import service
from learning.settings import LearningSettings


@pytest_asyncio.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> Template:
    made = Template(postgres.dsn(), postgres.dsn, "learning", ["kit", "learning"])
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


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path) -> AsyncIterator[FastAPI]:
    settings = LearningSettings(
        service="learning", process="test", database_dsn=SecretStr(clone.dsn), database_pool=25, development_keys=keys
    )
    async with serving(service, settings) as made:
        yield made


@pytest.fixture
def as_role(app: FastAPI, keys: Path) -> As:
    return clients(app, keys)


@pytest.fixture
def coordinator(as_role: As) -> Client:
    return as_role()
