"""A database of the service's own, its app, and whoever asks: a coordinator, organisations."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.settings import Settings
from kit.testing.client import Client, clients, serving
from kit.testing.databases import Clone, Template
from kit.testing.fixtures import template_of
from mobility.app import service

template = template_of(service)


def settings_of(clone: Clone, keys: Path, link_key: Path) -> Settings:
    return Settings(
        service="mobility", process="test", database_dsn=SecretStr(clone.dsn), database_pool=25, development_keys=keys,
        link_keys=link_key.with_suffix(".jwks"),
    )  # fmt: skip


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, link_key: Path) -> AsyncIterator[FastAPI]:
    async with serving(service, settings_of(clone, keys, link_key)) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def quiet(template: Template, keys: Path, link_key: Path) -> AsyncIterator[FastAPI]:
    """An app on a database in which nothing happens: for tests of what is refused before anything does."""
    async with template.clone() as clone, serving(service, settings_of(clone, keys, link_key)) as made:
        yield made


@pytest.fixture
def asker(quiet: FastAPI, keys: Path) -> Client:
    """A coordinator whose questions change nothing."""
    return clients(quiet, keys)()
