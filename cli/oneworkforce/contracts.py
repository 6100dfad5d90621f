"""`oneworkforce contracts`: the published language against itself, its examples, the last release, and the services' contracts."""

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from oneworkforce import configuration, declared
from oneworkforce.answering import AsJson, answered, as_document, noun, say
from oneworkforce.configuration import Service
from oneworkforce.declared import Declared
from schemas import compatibility, documents
from schemas.registry import claims, facts

app = noun("The published language: JSON Schema, examples, compatibility, and what services say they do with it.")


@app.command()
@answered
def check(
    ctx: typer.Context,
    base: Annotated[str, typer.Option(help="The commit that is published.")] = "HEAD",
    as_json: AsJson = False,
) -> None:
    """Check that documents are fresh, that every message has an example, that nothing breaks readers or writers since `base`,
    and that every fact and claim is named in the contracts concerned. Ends with 1 where something is not right.

    Example: oneworkforce contracts check --base origin/main
    """
    home = documents.HOME
    found = [
        f"json/{place} is not what the classes give: oneworkforce contracts write"
        for place in documents.stale(home / "json")
    ]
    found += [f"examples/{place} is missing" for place in documents.without_example(home / "examples")]
    found += compatibility.broken(home / "json", base)
    found += incomplete([declared.of(service) for service in _services(ctx)])
    if as_json:
        as_document(found)
    else:
        for line in found or ["contracts: all is well"]:
            say(line)
    if found:
        raise typer.Exit(1)


@app.command()
@answered
def write() -> None:
    """Write the JSON Schema documents anew.

    Example: oneworkforce contracts write
    """
    for place in documents.write(documents.HOME / "json") or ["nothing has changed"]:
        say(place)


def incomplete(services: Sequence[Declared]) -> list[str]:
    """What contracts leave out: facts that nobody says, types of a topic that a reader does not name (c9), claims unheard."""
    return [line for service in services for line in _incomplete(service, services)]


def _incomplete(service: Declared, services: Sequence[Declared]) -> Iterator[str]:
    where = f"{service.name}'s contract"
    said = {kind for kind in facts() if service.name == kind.SERVICE}
    yield from (f"{where}: {kind.__name__} is not in EMITS" for kind in _missing(said, service.emits))
    yield from (
        f"{where}: {kind.__name__} in EMITS is another service's" for kind in _missing(set(service.facts), list(said))
    )
    asked = {kind for kind in claims() if service.name == kind.SERVICE}
    yield from (f"{where}: the claim {kind.__name__} is not in ACCEPTS" for kind in _missing(asked, service.accepts))
    known = [*service.accepts, *service.ignores]
    for other in services:
        if other is not service and {topic.name for topic in other.own} & set(service.reads(services)):
            for kind in _missing(set(other.facts), known):
                yield f"{where}: {kind.__name__} is in neither ACCEPTS nor IGNORES"


def _missing(wanted: set[type], named: Sequence[type]) -> list[type]:
    return sorted(wanted - set(named), key=lambda kind: kind.__name__)


def _services(ctx: typer.Context) -> list[Service]:
    """Those of the configuration; without one, those of the repository that have a contract."""
    path: Path = ctx.obj or configuration.DEFAULT
    if ctx.obj is not None or path.exists():
        return list(configuration.of(ctx).services.values())
    names = sorted(folder.name for folder in (documents.HOME.parents[1] / "services").glob("*/"))
    every = [Service(name=name, package=name.replace("-", "_"), principal=f"User:{name}") for name in names]
    return [service for service in every if _has_contract(service)]


def _has_contract(service: Service) -> bool:
    package = importlib.import_module(service.package)
    return any((Path(folder) / "contract.py").is_file() for folder in package.__path__)
