"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute
from pydantic import SecretStr

from reporting import contract
from reporting.app import service
from reporting.metrics import METRICS
from reporting.pages import sign_in, views
from reporting.settings import ReportingSettings
from schemas.corrections import Corrected

README = Path(__file__).parents[2] / "services" / "reporting" / "README.md"
TABLES = README.parent / "reporting" / "tables.sql"
GENERATED = re.compile(r"(<!-- generated[^\n]*-->\n).*(<!-- end -->\n)", re.DOTALL)
SETTINGS = ReportingSettings(database_dsn=SecretStr("postgresql://nowhere"))


def test_the_readme_is_as_fresh_as_the_code() -> None:
    as_it_stands = README.read_text()
    fresh = GENERATED.sub(lambda found: found[1] + "\n".join(generated()) + "\n" + found[2], as_it_stands)
    if os.environ.get("UPDATE"):
        README.write_text(fresh)
    assert README.read_text() == fresh


def generated() -> Iterator[str]:
    yield "## Figures"
    yield from table(("id", "what it is", "measure", "broken down by"), figures())
    yield "\n## Accepts"
    yield from table(("fact", "kept in"), accepted())
    yield "\nPassed over: " + ", ".join(f"`{fact.__name__}`" for fact in contract.IGNORES) + "."
    yield "\n## Tables"
    yield from table(("name", "what it holds"), tables())
    yield "\n## Routes"
    yield from table(("route", "who may", "what it answers"), endpoints())


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


def tables() -> Iterator[tuple[str, ...]]:
    """The first sentence above each table, view and function."""
    for comment, kind, name in re.findall(
        r"((?:^-- .*\n)+)CREATE (TABLE|VIEW|FUNCTION) (\w+)", TABLES.read_text(), re.MULTILINE
    ):
        sentence = " ".join(line.removeprefix("-- ") for line in comment.splitlines()).split(". ")[0].rstrip(".")
        yield f"{kind.lower()} `{name}`", sentence


def endpoints() -> Iterator[tuple[str, ...]]:
    for router in service.routers(SETTINGS):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            roles = [", ".join(getattr(part.call, "roles", ())) for part in route.dependant.dependencies]
            promise = (route.endpoint.__doc__ or "").strip().splitlines()
            page = " (page)" if router in (views.router, sign_in.router) else ""
            methods = ", ".join(sorted(route.methods or ()))
            yield f"{methods} `{route.path}`{page}", "; ".join(filter(None, roles)), promise[0] if promise else ""


def test_every_route_names_its_roles() -> None:
    """Those that name none answer files that are everybody's, and hold no figure."""
    unnamed = [route for route, roles, _ in endpoints() if not roles]
    assert unnamed == ["GET `/assets/reporting/nhsuk.css` (page)", "GET `/assets/reporting/{name}` (page)"]


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
