"""Who uses a service in its stories, each at a desk of their own; and which of its routes they used."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any, TypeAlias

import httpx2
import pytest
from fastapi import FastAPI

from city.client import Caller, Refused
from kit.clock import now
from kit.process import api_app
from kit.service import Service
from kit.testing.client import HOST
from schemas.values import business_date

Json: TypeAlias = dict[str, Any]
Used: TypeAlias = set[tuple[str, str]]
"""Routes that a story used and that did what was asked, by the method and the path."""


def day(ago: int) -> str:
    """The day so many days ago; a negative number is one to come."""
    today: date = business_date(now())
    return (today - timedelta(days=ago)).isoformat()


class Desk(Caller):
    """Somebody who uses a service, in one role."""

    async def said(self, path: str, kind: str) -> list[Json]:
        """The facts of one kind in the history of something, the first first."""
        lines = (await self.get(f"{path}/history"))["lines"]
        return [line for line in lines if f".{kind}." in line["type"]]

    async def correct(self, path: str, kind: str, **better: Any) -> Json:
        """The last fact of a kind gets the fields that it should have had; what the thing is then."""
        fact = (await self.said(path, kind))[-1]
        asked = {"replacement": {**fact["said"], **better}, "reason": "entered-in-error"}
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/correct", asked))

    async def void(self, path: str, kind: str) -> Json:
        """The last fact of a kind is taken back; what the thing is then."""
        return await self._undo(path, kind, "void")

    async def restore(self, path: str, kind: str) -> Json:
        """The last fact of a kind stands again; what the thing is then."""
        return await self._undo(path, kind, "restore")

    async def _undo(self, path: str, kind: str, name: str) -> Json:
        fact = (await self.said(path, kind))[-1]
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/{name}", {"reason": "entered-in-error"}))

    async def refusal(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """What a command is refused with, as the API says it; without a body, a question."""
        with pytest.raises(Refused) as refused:
            await (self.get(path) if body is None else self.do("POST", path, body))
        return str(refused.value)

    async def table(self, path: str, *rows: Mapping[str, Any]) -> list[str]:
        """Commands as the lines of a spreadsheet; the ids of what they were about."""
        return [str(row["id"]) for row in await self.rows(path, rows)]


Desks: TypeAlias = Callable[..., Desk]
"""Whose desk: `desks("partner", HOSPITALS)`; a role of the programme alone: `desks("coordinator")`."""
Known: TypeAlias = Callable[..., Any]
"""Ids of people of whom the service has heard: `await known_at(HOSPITALS, "ada", "ben")`."""


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


def untold(service: Service, pages: str, used: Used) -> list[str]:
    """The routes of a service that no story used.

    `pages`: what people see in a browser begins so; it is no operation of the OpenAPI document, and has a story all the same.
    """
    every = _routes(service, pages)
    told = {_declared(method, path, every) for method, path in used}
    return sorted(f"{method} {path}" for method, path in every - told)


def _routes(service: Service, pages: str) -> Used:
    """Every route of a service by its method and the path that it is declared with."""
    settings = service.settings(database_dsn="postgresql://nowhere")  # type: ignore[arg-type]
    document = api_app(service, settings).openapi()
    operations = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    seen = {
        (method, route.path)  # type: ignore[attr-defined]
        for router in service.routers(settings)
        for route in router.routes
        if getattr(route, "path", "").startswith(pages)
        for method in route.methods  # type: ignore[attr-defined]
    }
    return operations | seen


def _declared(method: str, path: str, among: Used) -> tuple[str, str] | None:
    """The route that answers a request: of several that fit, the one with the fewest parameters."""
    fitting = [
        route for route in among if route[0] == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", route[1]), path)
    ]
    return min(fitting, key=lambda route: route[1].count("{"), default=None)
