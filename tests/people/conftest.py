"""A database of the vault's own, its keys, its app, and whoever asks: a coordinator, a partner's HR, a partner's system."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.service import Service
from kit.testing.client import serving
from kit.testing.databases import Clone
from kit.testing.fixtures import template_of
from people import keyring
from people.app import service
from people.handlers import People
from people.keyring import Keyring
from people.settings import PeopleSettings

HOSPITALS, COUNCIL = "leeds-teaching-hospitals", "leeds-city-council"


template = template_of(service)


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vault") / "vault.json"


@pytest.fixture
def vault_keys(vault_file: Path) -> Path:
    """The vault's keys: each test's own, where the routes look for them."""
    vault_file.unlink(missing_ok=True)
    keyring.make(vault_file, "first")
    return vault_file


@pytest.fixture(scope="session")
def with_routes(vault_file: Path) -> Service:
    """The service with its routes made once: to describe them, and to compile their templates, takes longer than most tests."""
    routers = service.routers(PeopleSettings(database_dsn=SecretStr("postgresql://nowhere"), vault_keys=vault_file))
    return replace(service, routers=lambda settings: routers)


@pytest.fixture
def people(vault_keys: Path) -> People:
    return People(Keyring(vault_keys))


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, vault_keys: Path, with_routes: Service) -> AsyncIterator[FastAPI]:
    settings = PeopleSettings(
        service="people",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        database_pool=25,
        development_keys=keys,
        vault_keys=vault_keys,
    )
    async with serving(with_routes, settings) as made:
        yield made


ADA = {"name": "Ada Example-Smith", "email": "ada@example.org", "phone": "0113 496 0001"}
"""Somebody to register. The numbers are among those that are given to nobody."""
