"""A database of the service's own, its app, and whoever asks: a coordinator, employers, a candidate."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit import persons
from kit.auth import Signer, development_token, make_key
from kit.database import Database
from kit.ids import new_id
from kit.testing.client import Client, serving
from kit.testing.databases import Clone, Template
from kit.testing.fixtures import template_of
from talent_pipeline.app import service
from talent_pipeline.settings import TalentPipelineSettings

from .acts import PERSON

template = template_of(service)


@pytest_asyncio.fixture
async def database(clone: Clone) -> AsyncIterator[Database]:
    async with clone.open() as database:
        async with database.transaction() as tx:
            await persons.know(tx, {UUID(PERSON): None})
        yield database


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the development issuer's keys and the keys of links."""
    folder = tmp_path_factory.mktemp("keys")
    make_key(folder / "development.jwk", folder / "development.jwks", "development")
    make_key(folder / "link.jwk", folder / "link.jwks", "link")
    return folder


def settings_of(clone: Clone, keys: Path) -> TalentPipelineSettings:
    return TalentPipelineSettings(
        service="talent-pipeline",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        database_pool=25,
        development_keys=keys / "development.jwks",
        link_key=keys / "link.jwk",
        link_keys=keys / "link.jwks",
        public_url="https://service.test",
        equality_monitoring_url="https://equality.test",
    )


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, database: Database) -> AsyncIterator[FastAPI]:
    async with serving(service, settings_of(clone, keys)) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def quiet(template: Template, keys: Path) -> AsyncIterator[FastAPI]:
    """An app on a database in which nothing happens: for tests of what is refused before anything does."""
    async with template.clone() as clone, serving(service, settings_of(clone, keys)) as made:
        yield made


class Hub(Client):
    """A client of talent-pipeline."""

    def __init__(self, app: FastAPI, token: str | None) -> None:
        super().__init__(app, token)
        self._app = app

    async def somebody(self) -> UUID:
        """The id of somebody whom people has registered, and of whom this service has heard."""
        person_id = new_id()
        async with self._app.state.database.transaction("*") as tx:
            await persons.know(tx, {person_id: None})
        return person_id


@pytest.fixture
def as_role(app: FastAPI, keys: Path) -> object:
    """A client with a role, of an organisation."""

    def client(role: str | None = "coordinator", organisation: str = "*", subject: str | None = None) -> Hub:
        signer = Signer(keys / "development.jwk")
        return Hub(app, development_token(signer, role, organisation, subject) if role else None)

    return client


@pytest.fixture
def asker(quiet: FastAPI, keys: Path) -> Hub:
    """A coordinator whose questions change nothing."""
    return Hub(quiet, development_token(Signer(keys / "development.jwk"), "coordinator"))


@pytest.fixture
def coordinator(as_role: object) -> Hub:
    made: Hub = as_role()  # type: ignore[operator]
    return made
