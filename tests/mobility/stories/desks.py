"""How a story uses a service: a client that keeps which routes answered, and the forms of a page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from fastapi import FastAPI
from tests.used_routes import Used

from kit.testing.client import HOST


@asynccontextmanager
async def client_of(app: FastAPI, used: Used) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client of a service, of which each request that was answered is kept."""

    async def keep(answer: httpx2.Response) -> None:
        if answer.status_code < 400:
            used.add((answer.request.method, answer.request.url.path))

    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=HOST, event_hooks={"response": [keep]}) as client:
        yield client


def csrf_of(page: str) -> dict[str, str]:
    """What a form of a page sends along, so that nobody else's page can."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found is not None
    return {"csrf": found[1]}
