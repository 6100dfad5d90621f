"""A database of the service's own, its app, and whoever asks: a coordinator, employers, a candidate."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.auth import Signer, development_token, make_key
from kit.database import Database
from kit.ids import new_id
from kit.process import api_app
from kit.testing.databases import Clone, Template
from laptop.postgres import EmbeddedPostgres
from talent_pipeline import store
from talent_pipeline.app import service
from talent_pipeline.settings import TalentPipelineSettings

from .acts import PERSON


@pytest_asyncio.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> Template:
    made = Template(postgres.dsn(), postgres.dsn, "talent-pipeline", ["kit", "talent_pipeline"])
    await made.make()
    return made


@pytest_asyncio.fixture
async def clone(template: Template) -> AsyncIterator[Clone]:
    async with template.clone() as own:
        yield own


@pytest_asyncio.fixture
async def database(clone: Clone) -> AsyncIterator[Database]:
    async with clone.open() as database:
        async with database.transaction() as tx:
            await store.know(tx, {UUID(PERSON): None})
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
        public_url="https://pipeline.test",
        equality_monitoring_url="https://equality.test",
    )


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, database: Database) -> AsyncIterator[FastAPI]:
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


class Client:
    """Somebody with a token, asking for JSON."""

    def __init__(self, app: FastAPI, token: str | None) -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._app = app
        self.http = httpx2.AsyncClient(transport=transport, base_url="https://pipeline.test", headers=headers)

    async def somebody(self) -> UUID:
        """The id of somebody whom people has registered, and of whom this service has heard."""
        person_id = new_id()
        async with self._app.state.database.transaction("*") as tx:
            await store.know(tx, {person_id: None})
        return person_id

    async def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, json=body if body is not None else {}, headers=named)

    async def made(self, path: str, body: object = None) -> dict[str, object]:
        """The answer to a command that has to succeed."""
        answer = await self.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, object] = answer.json()
        return found

    async def get(self, path: str, **asked: object) -> httpx2.Response:
        return await self.http.get(path, params={name: str(value) for name, value in asked.items()})


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
