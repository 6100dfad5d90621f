"""docs/events.md from the code: every message, who says it, who hears it. With --check: fail where the page is not fresh."""

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from schemas.documents import place_of
from schemas.envelope import events_topic
from schemas.fact import Answer, Claim, Fact, Message
from schemas.registry import messages

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/events.md"
PACKAGES = sorted(folder.parent.name for folder in ROOT.glob("services/*/*/contract.py"))
HEAD = """# Events

Every message of the published language. This page is written by `make docs` from the classes in `shared/schemas` and the
`contract.py` of each service; `make check` fails where it is not fresh. The key of a fact is the id of its aggregate.
"""


def page() -> str:
    services = sorted({message.SERVICE for message in messages().values()})
    return HEAD + "".join(_service(service) for service in services)


def _service(service: str) -> str:
    own = [message for message in messages().values() if service == message.SERVICE]
    facts = [message for message in own if issubclass(message, Fact)]
    others = [message for message in own if issubclass(message, Claim | Answer)]
    lines = [
        f"\n## {service}\n",
        f"\nFacts, on `{_topic(service)}`:\n",
        "\n| fact | of | heard by | what |\n|---|---|---|---|\n",
    ]
    lines += [
        f"| {_link(fact)} | {fact.AGGREGATE} | {', '.join(_hearers(fact)) or 'nobody yet'} | {_what(fact)} |\n"
        for fact in facts
    ]
    if others:
        lines += ["\nClaims of partners, and the answer to them:\n", "\n| message | what |\n|---|---|\n"]
        lines += [f"| {_link(message)} | {_what(message)} |\n" for message in others]
    return "".join(lines)


def _topic(service: str) -> str:
    contract = importlib.import_module(f"{service.replace('-', '_')}.contract")
    topics = [topic if isinstance(topic, str) else topic.name for topic in getattr(contract, "TOPICS", ())]
    return next((topic for topic in topics if topic.startswith(f"{service}.")), events_topic(service))


def _hearers(fact: type[Message]) -> Iterator[str]:
    for package in PACKAGES:
        if fact in tuple(importlib.import_module(f"{package}.contract").ACCEPTS):
            yield package.replace("_", "-")


def _link(message: type[Message]) -> str:
    return f"[{message.__name__}](../shared/schemas/examples/{place_of(message)})"


def _what(message: type[Message]) -> str:
    return inspect.cleandoc(message.__doc__ or "").splitlines()[0]


def main() -> int:
    fresh = page()
    if "--check" not in sys.argv:
        PAGE.write_text(fresh)
        return 0
    if PAGE.is_file() and PAGE.read_text() == fresh:
        return 0
    print("docs/events.md is not what the code gives: make docs")
    return 1


if __name__ == "__main__":
    sys.exit(main())
