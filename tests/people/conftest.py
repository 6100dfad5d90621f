"""A database of the vault's own, its keys, its app, and whoever asks: a coordinator, a partner's HR, a partner's system."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

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


@pytest.fixture
def vault_keys(tmp_path: Path) -> Path:
    """The vault's keys: a file of the test's own."""
    keyring.make(tmp_path / "vault.json", "first")
    return tmp_path / "vault.json"


@pytest.fixture
def people(vault_keys: Path) -> People:
    return People(Keyring(vault_keys))


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, vault_keys: Path) -> AsyncIterator[FastAPI]:
    settings = PeopleSettings(
        service="people",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        database_pool=25,
        development_keys=keys,
        vault_keys=vault_keys,
    )
    async with serving(service, settings) as made:
        yield made


ADA = {"name": "Ada Example-Smith", "email": "ada@example.org", "phone": "0113 496 0001"}
"""Somebody to register. The numbers are among those that are given to nobody."""
