"""What the tests of every service begin with, as a plugin of pytest: a database of one's own, keys, whoever asks.

A service's conftest says what differs: `template = template_of(service)`, and its `app`.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI

from kit.auth import make_key
from kit.database import Database
from kit.service import Service
from kit.testing.client import As, Client, clients, staff_keys
from kit.testing.databases import Clone, Template


def template_of(service: Service) -> Any:
    """The fixture `template` of a folder of tests: the service's database, migrated once on the run's server."""

    # Made for each folder: one fixture for all would be the first service's for the rest of the run.
    @pytest_asyncio.fixture(scope="session", name="template")
    async def template(postgres: Any) -> AsyncIterator[Template]:
        made = Template(postgres.dsn(), postgres.dsn, service.name, service)
        await made.make()
        yield made
        await made.close()

    return template


@pytest_asyncio.fixture
async def clone(template: Template) -> AsyncIterator[Clone]:
    async with template.clone() as own:
        yield own


@pytest_asyncio.fixture
async def database(clone: Clone) -> AsyncIterator[Database]:
    async with clone.open() as database:
        yield database


@pytest_asyncio.fixture
async def untouched(template: Template) -> Database:
    """A database that tests share which only ask: to copy one takes longer than most questions."""
    return await template.untouched()


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The development issuer's public keys; the private one lies beside them."""
    return staff_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def link_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The private key with which somebody signs links for people; the JWK set beside it verifies them (`.jwks`)."""
    folder = tmp_path_factory.mktemp("links")
    make_key(folder / "links.jwk", folder / "links.jwks", "links")
    return folder / "links.jwk"


@pytest.fixture
def as_role(app: FastAPI, keys: Path) -> As:
    return clients(app, keys)


@pytest.fixture
def coordinator(as_role: As) -> Client:
    return as_role()
