"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

import os
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute
from pydantic import SecretStr

from kit.errors import Refused, slug
from kit.settings import Settings
from talent_pipeline.app import service
from talent_pipeline.contract import ACCEPTS, EMITS
from talent_pipeline.pages import routes
from talent_pipeline.testing import NOW, Life, at_the_right_time, lives

README = Path(__file__).parents[2] / "services" / "talent-pipeline" / "README.md"
TABLES = README.parent / "talent_pipeline" / "tables.sql"
GENERATED = re.compile(r"(<!-- generated[^\n]*-->\n).*(<!-- end -->\n)", re.DOTALL)


def test_the_readme_is_as_fresh_as_the_code() -> None:
    as_it_stands = README.read_text()
    fresh = GENERATED.sub(lambda found: found[1] + "\n".join(generated()) + "\n" + found[2], as_it_stands)
    if os.environ.get("UPDATE"):
        README.write_text(fresh)
    assert README.read_text() == fresh


def generated() -> Iterator[str]:
    yield "## Accepts, from `partner.<partner>.talent-pipeline.v1`"
    yield from table("claim", "what it says", ((f"`{slug(each.__name__)}`", said(each)) for each in ACCEPTS))
    yield "\n## Emits, on `talent-pipeline.events.v1`"
    yield from table("fact", "what it says", ((f"`{slug(fact.__name__)}`", said(fact)) for fact in EMITS))
    yield "\n## Machines"
    for life in lives().values():
        yield f"\n### {life.machine.AGGREGATE}\n"
        yield from machine(life)
    yield "\n## Tables"
    yield from table("name", "what it holds", tables())
    yield "\n## Routes"
    yield from table("route", "what it does", sorted(set(endpoints())))


def said(kind: Any) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def machine(life: Life) -> Iterator[str]:
    """Every command to every status, tried: those that lead into another status."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status, state in life.states.items():
        for command in life.commands:
            try:
                facts = life.machine.decide(at_the_right_time(state, command), state, NOW)
            except Refused:
                continue
            after = reduce(life.machine.evolve, facts, state)
            if after is not None and after.status != status:
                yield f"    {name(status)} --> {name(after.status)}: {slug(type(command).__name__)}"
    yield "```"


def name(status: str | None) -> str:
    """As mermaid takes it: without a hyphen."""
    return "[*]" if status is None else status.replace("-", "_")


def tables() -> Iterator[tuple[str, str]]:
    """The first sentence above each table and function."""
    text = TABLES.read_text()
    for comment, kind, table_ in re.findall(r"((?:^-- .*\n)*)CREATE (TABLE|FUNCTION) (\w+)", text, re.MULTILINE):
        sentence = " ".join(line.removeprefix("-- ") for line in comment.splitlines()).split(". ")[0].rstrip(".")
        yield f"{kind.lower()} `{table_}`", sentence or "one row an aggregate, the whole of its state in `body`"


def endpoints() -> Iterator[tuple[str, str]]:
    settings = Settings(database_dsn=SecretStr("postgresql://nowhere"))
    for router in service.routers(settings):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            kind = " (page)" if router is routes.router else ""
            promise = route.summary or (route.endpoint.__doc__ or "").strip().split("\n")[0]
            yield f"{', '.join(sorted(route.methods or ()))} `{route.path}`{kind}", promise


def table(left: str, right: str, rows: Any) -> Iterator[str]:
    yield f"| {left} | {right} |"
    yield "|---|---|"
    yield from (f"| {first} | {second} |" for first, second in rows)
