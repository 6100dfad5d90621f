"""The published language as JSON Schema, for partners and for whatever is not Python: one document a message and version.

The documents stand in `json/<service>/<name>.v<version>.json` beside this package, written by `python -m schemas write` and never
by hand; the examples that they must accept stand in `examples/`, written by hand and never changed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.fact import Answer, Claim, Fact, Message
from schemas.registry import messages

HOME = Path(__file__).parents[1]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def place_of(message: type[Message]) -> str:
    """`talent-pipeline/candidate-placed.v1.json`, both under json/ and under examples/."""
    name = message.TYPE.removeprefix(f"uk.leeds.oneworkforce.{message.SERVICE}.")
    return f"{message.SERVICE}/{name}.json"


def document(message: type[Message]) -> dict[str, Any]:
    """The JSON Schema of a message. What we write is described for readers, who pass over what they don't know."""
    schema = message.model_json_schema()
    described = {"$schema": DIALECT, "$id": f"urn:oneworkforce:{message.TYPE}", "x-kind": kind_of(message)}
    if issubclass(message, Fact):
        described["x-aggregate"] = message.AGGREGATE
    return described | (schema if issubclass(message, Claim) else _open(schema))


def kind_of(message: type[Message]) -> str:
    """fact, claim or answer; message for what is none of them."""
    return next((kind.__name__.lower() for kind in (Fact, Claim, Answer) if issubclass(message, kind)), "message")


def documents() -> Iterator[tuple[str, str]]:
    """Every document with its place, as it is to be written."""
    for message in messages().values():
        yield place_of(message), json.dumps(document(message), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> list[str]:
    """Write what is missing or out of date, and remove what no class gives any more; the places that changed."""
    wanted = dict(documents())
    changed = [place for place, text in wanted.items() if _text(folder / place) != text]
    gone = [place for place in _present(folder) if place not in wanted]
    for place in changed:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(wanted[place])
    for place in gone:
        (folder / place).unlink()
    return [*changed, *gone]


def stale(folder: Path) -> list[str]:
    """The places whose document is not what the classes give."""
    wanted = dict(documents())
    return sorted(place for place in {*wanted, *_present(folder)} if _text(folder / place) != wanted.get(place))


def without_example(folder: Path) -> list[str]:
    """The messages that have no example."""
    return [place_of(message) for message in messages().values() if not (folder / place_of(message)).is_file()]


def _present(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.glob("*/*.json")]


def _text(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _open(schema: Any) -> Any:
    """The schema without `additionalProperties: false`."""
    if isinstance(schema, dict):
        return {name: _open(part) for name, part in schema.items() if (name, part) != ("additionalProperties", False)}
    return [_open(part) for part in schema] if isinstance(schema, list) else schema
