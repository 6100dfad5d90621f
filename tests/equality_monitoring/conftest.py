"""A database of the service's own, its app, and people who come by a link."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from equality_monitoring.app import service
from equality_monitoring.links import AUDIENCE, ISSUER
from kit.auth import Signer, make_key
from kit.ids import new_id
from kit.settings import Settings
from kit.testing.client import serving
from kit.testing.databases import Clone
from kit.testing.fixtures import template_of


@dataclass(frozen=True)
class Person:
    """Somebody with a link of their own."""

    id: UUID
    token: str

    @property
    def path(self) -> str:
        return f"/monitoring/{self.id}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Doors:
    """Links as talent-pipeline signs them, and tokens of staff."""

    def __init__(self, folder: Path) -> None:
        self.link_keys, self.staff_keys = folder / "links.json", folder / "staff.json"
        make_key(folder / "link.key", self.link_keys, "link-1")
        make_key(folder / "staff.key", self.staff_keys, "staff-1")
        make_key(folder / "other.key", folder / "other.json", "link-1")
        self.link = Signer(folder / "link.key")
        self.staff = Signer(folder / "staff.key")
        self.other = Signer(folder / "other.key")

    def person(self, person_id: UUID | None = None) -> Person:
        own = person_id or new_id()
        return Person(own, self.token(own))

    def token(self, subject: object, *, signer: Signer | None = None, **claims: object) -> str:
        given = {"issuer": ISSUER, "audience": AUDIENCE, "lasts": timedelta(hours=1)} | claims
        return (signer or self.link).sign(subject=str(subject), **given)  # type: ignore[arg-type]


template = template_of(service)


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    return Doors(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def person(doors: Doors) -> Person:
    return doors.person()


@pytest.fixture
def settings(clone: Clone, doors: Doors) -> Settings:
    return Settings(
        service="equality-monitoring",
        process="test",
        database_dsn=SecretStr(clone.dsn),
        link_keys=doors.link_keys,
        development_keys=doors.staff_keys,
        database_pool=25,
    )


@pytest_asyncio.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    async with serving(service, settings) as made:
        yield made


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://equality.test") as client:
        yield client
