"""The generated half of a service's README: what the code gives, compared, or written anew with `UPDATE=1`."""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from kit.errors import slug
from kit.testing.lives import Life

GENERATED = re.compile(r"(<!-- generated[^\n]*-->\n).*(<!-- end -->\n)", re.DOTALL)
CREATED = re.compile(r"((?:^-- .*\n)*)CREATE (?:UNIQUE )?(TABLE|VIEW|FUNCTION|INDEX) (\w+)", re.MULTILINE)


def is_fresh(readme: Path, lines: Iterable[str]) -> None:
    """Asserts that between its two marks the file holds these lines."""
    as_it_stands = readme.read_text()
    made = "\n".join(lines)
    fresh = GENERATED.sub(lambda found: f"{found[1]}{made}\n{found[2]}", as_it_stands)
    if os.environ.get("UPDATE"):
        readme.write_text(fresh)
    assert readme.read_text() == fresh, f"{readme.name} is stale: UPDATE=1 writes it anew"


def table(head: Collection[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def messages(kinds: Iterable[Any], head: str) -> Iterator[str]:
    """Claims or facts, each with its sentence."""
    return table((head, "what it says"), ((f"`{slug(kind.__name__)}`", promise(kind.__doc__)) for kind in kinds))


def machines(lives: Iterable[Life]) -> Iterator[str]:
    """A drawing of each machine."""
    for life in lives:
        yield f"\n### {life.machine.AGGREGATE}\n"
        yield from life.drawing()


def tables(script: Path, kinds: Collection[str] = ("TABLE", "VIEW", "FUNCTION")) -> Iterator[str]:
    """The first sentence above each table, view and function of a schema."""
    rows = []
    for comment, kind, name in CREATED.findall(script.read_text()):
        sentence = " ".join(line.removeprefix("-- ") for line in comment.splitlines()).split(". ")[0].rstrip(".")
        if kind in kinds:
            rows.append(
                (f"{kind.lower()} `{name}`", sentence or "one row an aggregate, the whole of its state in `body`")
            )
    return table(("name", "what it holds"), rows)


def routes(routers: Iterable[APIRouter], pages: Collection[APIRouter] = ()) -> Iterator[str]:
    """Every route with what it does; `pages`: the routers that answer people."""
    found = {
        (f"{', '.join(sorted(route.methods or ()))} `{route.path}`{' (page)' if router in pages else ''}",
         route.summary or promise(route.endpoint.__doc__))
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    }  # fmt: skip
    return table(("route", "what it does"), sorted(found))


def promise(text: str | None) -> str:
    """The first line of a docstring."""
    return ((text or "").strip().splitlines() or [""])[0]
