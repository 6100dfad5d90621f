"""Somebody who uses a service's routes, inside the test's own process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from kit.auth import Signer, development_token, make_key
from kit.process import api_app
from kit.service import Service
from kit.settings import Settings

HOST = "https://service.test"


class Client:
    """Somebody with a token, asking for JSON."""

    def __init__(self, app: FastAPI, token: str | None) -> None:
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx2.AsyncClient(transport=transport, base_url=HOST, headers=headers)

    async def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        named = {"idempotency-key": uuid4().hex} | {
            name.replace("_", "-").lower(): value for name, value in headers.items()
        }
        return await self.http.post(path, json=body if body is not None else {}, headers=named)

    async def patiently(self, path: str, body: object = None) -> httpx2.Response:
        """The answer to a command, made again as it was for as long as the service has too much to do (503)."""
        key = uuid4().hex
        async with asyncio.timeout(120):
            while (
                answer := await self.post(path, body, idempotency_key=key)
            ).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                pass
        return answer

    async def made(self, path: str, body: object = None) -> dict[str, Any]:
        """The answer to a command that has to succeed."""
        answer = await self.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def rows(self, path: str, table: str) -> list[dict[str, Any]]:
        """The answers to the rows of a table."""
        headers = {"content-type": "text/csv", "idempotency-key": uuid4().hex}
        answer = await self.http.post(path, content=table.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["rows"]
        return found

    async def get(self, path: str, **asked: object) -> httpx2.Response:
        return await self.http.get(path, params={name: str(value) for name, value in asked.items()})

    async def found(self, path: str, **asked: object) -> dict[str, Any]:
        """The answer to a question that has to succeed."""
        answer = await self.get(path, **asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


As = Callable[..., Client]
"""A client with a role, of an organisation: `as_role("clerk", "one-of-many")`; with None, one without a token."""


def staff_keys(folder: Path) -> Path:
    """The development issuer's keys, made in this folder; the public ones."""
    make_key(folder / "development.jwk", folder / "development.jwks", "development")
    return folder / "development.jwks"


def clients(app: FastAPI, keys: Path) -> As:
    """Clients with tokens of the development issuer, whose private key lies beside these public ones."""
    signer = Signer(keys.with_suffix(".jwk"))

    def client(role: str | None = "coordinator", organisation: str = "*", subject: str | None = None) -> Client:
        return Client(app, development_token(signer, role, organisation, subject) if role else None)

    return client


@asynccontextmanager
async def serving(service: Service, settings: Settings) -> AsyncIterator[FastAPI]:
    """The service's routes, as its process serves them."""
    app = api_app(service, settings)
    async with app.router.lifespan_context(app):
        yield app
