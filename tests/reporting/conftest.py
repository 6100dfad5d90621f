"""A database of reporting's own, a reader that is fed records by hand, and the app."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from kit.auth import Signer, development_token, sign_in_code
from kit.database import Database
from kit.ids import new_id
from kit.testing.client import serving
from kit.testing.databases import Clone, Template
from kit.testing.fixtures import template_of
from reporting.app import service
from reporting.settings import ReportingSettings
from reporting.testing import City, Feed
from schemas import talent_pipeline as tp

WEB = Path(__file__).resolve().parents[2] / "services" / "reporting" / "web" / "node_modules"


template = template_of(service)


def settings_of(clone: Clone, keys: Path) -> ReportingSettings:
    return ReportingSettings(
        service="reporting",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        development_keys=keys,
        web_assets=WEB if WEB.is_dir() else None,
    )


@asynccontextmanager
async def served(settings: ReportingSettings) -> AsyncIterator[httpx2.AsyncClient]:
    """The app, and a client of it."""
    async with serving(service, settings) as app:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="https://reporting.test") as client:
            yield client


@pytest.fixture
def settings(clone: Clone, keys: Path) -> ReportingSettings:
    return settings_of(clone, keys)


@pytest.fixture
def feed(database: Database, settings: ReportingSettings) -> Feed:
    return Feed(database, settings)


@pytest_asyncio.fixture
async def client(settings: ReportingSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with served(settings) as client:
        yield client


@pytest_asyncio.fixture(scope="session")
async def visitor(template: Template, keys: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that only reads, of a city that does not change."""
    async with template.clone() as clone, clone.open() as database:
        settings = settings_of(clone, keys)
        await Feed(database, settings)(small_city().records)
        async with served(settings) as client:
            yield client


def small_city() -> City:
    """43 starts in two routes, 3 of them with one employer."""
    city = City()
    campaign = city.campaign("Lincoln <b>Green</b>")
    for turn in range(43):
        person = new_id()
        route = tp.Route.CONNECTING_COMMUNITIES if turn % 2 else tp.Route.TALENT_PIPELINE
        city.start(person, route=route, campaign_id=campaign, employer="leeds-city-council" if turn < 3 else "a-trust")
        city.declare(person, "N")
    return city


@pytest.fixture
def token(keys: Path) -> Callable[[str], str]:
    return lambda role: development_token(Signer(keys.with_suffix(".jwk")), role)


@pytest.fixture
def code(keys: Path) -> Callable[[str], str]:
    """The code of a one-time link."""
    return lambda role: sign_in_code(Signer(keys.with_suffix(".jwk")), role, subject=uuid4().hex)


@pytest.fixture
def bearer(token: Callable[[str], str]) -> Callable[[str], dict[str, str]]:
    return lambda role: {"Authorization": f"Bearer {token(role)}"}
