"""No route of learning is without a story: who uses it, and what they see next."""

import re

from kit.process import api_app
from learning.app import service

PAGES = "/my/learning"
"""What learners see in a browser is no operation of the OpenAPI document, and has a story all the same."""


def routes() -> set[tuple[str, str]]:
    """Every route of the service by its method and the path that it is declared with."""
    settings = service.settings(database_dsn="postgresql://nowhere")  # type: ignore[arg-type]
    document = api_app(service, settings).openapi()
    operations = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    pages = {
        (method, route.path)  # type: ignore[attr-defined]
        for router in service.routers(settings)
        for route in router.routes
        if getattr(route, "path", "").startswith(PAGES)
        for method in route.methods  # type: ignore[attr-defined]
    }
    return operations | pages


def declared(method: str, path: str, among: set[tuple[str, str]]) -> tuple[str, str] | None:
    """The route that answers a request: of several that fit, the one with the fewest parameters."""
    fitting = [
        route for route in among if route[0] == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", route[1]), path)
    ]
    return min(fitting, key=lambda route: route[1].count("{"), default=None)


def test_no_route_of_learning_is_without_a_story(used: set[tuple[str, str]]) -> None:
    every = routes()
    told = {declared(method, path, every) for method, path in used}
    missing = sorted(f"{method} {path}" for method, path in every - told)
    assert missing == [], "run with the stories (tests/system/learning), these have none"
