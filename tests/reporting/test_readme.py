"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute
from pydantic import SecretStr

from kit.testing import readme
from reporting import contract
from reporting.app import service
from reporting.metrics import METRICS
from reporting.pages import sign_in, views
from reporting.settings import ReportingSettings
from schemas.corrections import Corrected

README = Path(__file__).parents[2] / "services" / "reporting" / "README.md"
TABLES = README.parent / "reporting" / "tables.sql"
SETTINGS = ReportingSettings(database_dsn=SecretStr("postgresql://nowhere"))


def test_the_readme_is_as_fresh_as_the_code() -> None:
    readme.is_fresh(README, generated())


def generated() -> Iterator[str]:
    yield "## Figures"
    yield from readme.table(("id", "what it is", "measure", "broken down by"), figures())
    yield "\n## Accepts"
    yield from readme.table(("fact", "kept in"), accepted())
    yield "\nPassed over: " + ", ".join(f"`{fact.__name__}`" for fact in contract.IGNORES) + "."
    yield "\n## Tables"
    yield from readme.tables(TABLES)
    yield "\n## Routes"
    yield from readme.table(("route", "who may", "what it answers"), endpoints())


def figures() -> Iterator[tuple[str, ...]]:
    for metric in METRICS.values():
        yield f"`{metric.id}`", metric.name, metric.measure.value, ", ".join(metric.by)


def accepted() -> Iterator[tuple[str, ...]]:
    for fact in contract.ACCEPTS:
        into = contract.RECORDS.get(fact)
        if into is not None:
            where = f"`{into.table}`"
        elif fact in contract.CORRECTIONS:
            where = "the table of the fact that it names" if issubclass(fact, Corrected) else "`retraction`"
        else:
            where = "`declaration`" if fact in contract.DECLARATIONS else "`heard` only"
        yield f"`{fact.__name__}`", where


def endpoints() -> Iterator[tuple[str, ...]]:
    for router in service.routers(SETTINGS):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            roles = [", ".join(getattr(part.call, "roles", ())) for part in route.dependant.dependencies]
            promise = readme.promise(route.endpoint.__doc__)
            page = " (page)" if router in (views.router, sign_in.router) else ""
            methods = ", ".join(sorted(route.methods or ()))
            yield f"{methods} `{route.path}`{page}", "; ".join(filter(None, roles)), promise


def test_every_route_names_its_roles() -> None:
    """Those that name none answer files that are everybody's, and hold no figure."""
    unnamed = [route for route, roles, _ in endpoints() if not roles]
    assert unnamed == ["GET `/assets/reporting/{name}` (page)"]
