"""The generated half of the service's README is what the code gives. `UPDATE=1` writes it anew."""

import os
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from fastapi.routing import APIRoute
from pydantic import SecretStr

from equality_monitoring.app import service
from equality_monitoring.contract import ACCEPTS, EMITS, TOPICS
from equality_monitoring.domain.monitoring import ALLOWED, decide, evolve
from equality_monitoring.pages import routes
from kit.settings import Settings

from .lives import COMMANDS, NOW, STATES

README = Path(__file__).parents[2] / "services" / "equality-monitoring" / "README.md"
TABLES = README.parent / "equality_monitoring" / "tables.sql"
GENERATED = re.compile(r"(<!-- generated[^\n]*-->\n).*(<!-- end -->\n)", re.DOTALL)


def test_the_readme_is_as_fresh_as_the_code() -> None:
    as_it_stands = README.read_text()
    fresh = GENERATED.sub(lambda found: found[1] + "\n".join(generated()) + "\n" + found[2], as_it_stands)
    if os.environ.get("UPDATE"):
        README.write_text(fresh)
    assert README.read_text() == fresh


def generated() -> Iterator[str]:
    yield "## Accepts"
    yield "\n".join(f"- `{message.TYPE}`" for message in ACCEPTS) or "Nothing: the person is the only source."
    yield f"\n## Emits, on `{'`, `'.join(topic.name for topic in TOPICS)}` only"
    yield from table("fact", "what it says", ((f"`{fact.__name__}`", fact.__doc__ or "") for fact in EMITS))
    yield "\n## Machine"
    yield from machine()
    yield "\n## Tables"
    yield from table("name", "what it holds", tables())
    yield "\n## Routes"
    yield from table("route", "what it does", endpoints())


def machine() -> Iterator[str]:
    """Each command that a status allows, tried: which fact follows, and into which status."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for status, allowed in ALLOWED.items():
        for command in COMMANDS:
            if type(command) in allowed:
                facts = decide(command, STATES[status], NOW)
                after = reduce(evolve, facts, STATES[status])
                assert after is not None
                yield f"    {status or '[*]'} --> {after.status}: {type(command).__name__} / {type(facts[0]).__name__}"
    yield "```"


def tables() -> Iterator[tuple[str, str]]:
    """The first sentence above each table, index and function."""
    for comment, kind, name in re.findall(
        r"((?:^-- .*\n)+)CREATE (?:UNIQUE )?(TABLE|INDEX|FUNCTION) (\w+)", TABLES.read_text(), re.MULTILINE
    ):
        sentence = " ".join(line.removeprefix("-- ") for line in comment.splitlines()).split(". ")[0].rstrip(".")
        yield f"{kind.lower()} `{name}`", sentence


def endpoints() -> Iterator[tuple[str, str]]:
    settings = Settings(database_dsn=SecretStr("postgresql://nowhere"))
    for router in service.routers(settings):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            promise = (route.endpoint.__doc__ or "").strip().splitlines()
            kind = " (page)" if router is routes.router else ""
            yield f"{', '.join(sorted(route.methods or ()))} `{route.path}`{kind}", promise[0] if promise else ""


def table(left: str, right: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"| {left} | {right} |"
    yield "|---|---|"
    yield from (f"| {name} | {said} |" for name, said in rows)
