"""A database of the vault's own, its keys, its app, and whoever asks: a coordinator, a partner's HR, a partner's system."""

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
from people import keyring
from people.app import service
from people.handlers import People
from people.keyring import Keyring
from people.settings import PeopleSettings

HOSPITALS, COUNCIL = "leeds-teaching-hospitals", "leeds-city-council"


@pytest_asyncio.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> Template:
    made = Template(postgres.dsn(), postgres.dsn, "people", ["kit", "people"])
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
def staff(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return staff_keys(tmp_path_factory.mktemp("staff"))


@pytest.fixture
def vault_keys(tmp_path: Path) -> Path:
    """The vault's keys: a file of the test's own."""
    keyring.make(tmp_path / "vault.json", "first")
    return tmp_path / "vault.json"


@pytest.fixture
def people(vault_keys: Path) -> People:
    return People(Keyring(vault_keys))


@pytest_asyncio.fixture
async def app(clone: Clone, staff: Path, vault_keys: Path) -> AsyncIterator[FastAPI]:
    settings = PeopleSettings(
        service="people",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        database_pool=25,
        development_keys=staff,
        vault_keys=vault_keys,
    )
    async with serving(service, settings) as made:
        yield made


@pytest.fixture
def as_role(app: FastAPI, staff: Path) -> As:
    return clients(app, staff)


@pytest.fixture
def coordinator(as_role: As) -> Client:
    return as_role()


ADA = {"name": "Ada Example-Smith", "email": "ada@example.org", "phone": "0113 496 0001"}
"""Somebody to register. The numbers are among those that are given to nobody."""
