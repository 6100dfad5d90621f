"""Which routes of a service its stories used, and which of them no story did."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import httpx2

from city.client import PLAIN
from kit.process import api_app
from kit.service import Service

Used: TypeAlias = set[tuple[str, str]]
"""Routes that a story used and that did what was asked, by the method and the path."""


@asynccontextmanager
async def client_of(url: str, used: Used) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client at a service, of which each request that was answered is kept."""

    async def keep(answer: httpx2.Response) -> None:
        if answer.status_code < 400:
            used.add((answer.request.method, answer.request.url.path))

    async with httpx2.AsyncClient(base_url=url, timeout=30, verify=PLAIN, event_hooks={"response": [keep]}) as client:
        yield client


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
