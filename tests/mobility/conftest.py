"""A database of the service's own, its app, and whoever asks: a coordinator, organisations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.auth import Signer, development_token, make_key
from kit.database import Database
from kit.process import api_app
from kit.settings import Settings
from kit.testing.client import Client
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
    """A folder with the development issuer's keys."""
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder / "development.jwk", folder / "development.jwks", "development")
    return folder


def settings_of(clone: Clone, keys: Path) -> Settings:
    return Settings(
        service="mobility",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        database_pool=25,
        development_keys=keys / "development.jwks",
    )


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path) -> AsyncIterator[FastAPI]:
    made = api_app(service, settings_of(clone, keys))
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(scope="session")
async def quiet(template: Template, keys: Path) -> AsyncIterator[FastAPI]:
    """An app on a database in which nothing happens: for tests of what is refused before anything does."""
    async with template.clone() as clone:
        made = api_app(service, settings_of(clone, keys))
        async with made.router.lifespan_context(made):
            yield made


@pytest.fixture
def as_role(app: FastAPI, keys: Path) -> object:
    """A client with a role, of an organisation."""

    def client(role: str | None = "coordinator", organisation: str = "*", subject: str | None = None) -> Client:
        signer = Signer(keys / "development.jwk")
        return Client(app, development_token(signer, role, organisation, subject) if role else None)

    return client


@pytest.fixture
def asker(quiet: FastAPI, keys: Path) -> Client:
    """A coordinator whose questions change nothing."""
    return Client(quiet, development_token(Signer(keys / "development.jwk"), "coordinator"))


@pytest.fixture
def coordinator(as_role: object) -> Client:
    made: Client = as_role()  # type: ignore[operator]
    return made
