"""A database of the service's own, its app, and whoever asks: a coordinator, partners' people."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from kit.settings import Settings
from kit.testing.client import serving
from kit.testing.databases import Clone
from kit.testing.fixtures import template_of
from learning.app import service

template = template_of(service)


@pytest_asyncio.fixture
async def app(clone: Clone, keys: Path, link_key: Path) -> AsyncIterator[FastAPI]:
    settings = Settings(
        service="learning", process="test", database_dsn=SecretStr(clone.dsn), database_pool=25, development_keys=keys,
        link_keys=link_key.with_suffix(".jwks"),
    )  # fmt: skip
    async with serving(service, settings) as made:
        yield made
