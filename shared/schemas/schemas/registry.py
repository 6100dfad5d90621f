"""Every message of the published language by its type on the wire, and how an old version is read by a new reader."""

import importlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from pydantic import JsonValue

from schemas.fact import Claim, Fact, Message

MODULES = ("talent_pipeline", "equality_monitoring", "learning", "people", "mobility")
"""The services that say or hear something, by module. A new service adds its name here."""

Upcaster = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
"""The payload of one version as the next version would have said it. Pure."""


def messages_of(module: ModuleType) -> Iterator[type[Message]]:
    """The messages that a module defines, or the parts of a package, in the order in which they stand there."""
    for part in getattr(module, "PARTS", (module,)):
        for value in vars(part).values():
            own = isinstance(value, type) and issubclass(value, Message) and value.__module__ == part.__name__
            if own and "TYPE" in vars(value):
                yield value


@cache
def messages() -> Mapping[str, type[Message]]:
    """Every fact and claim by its type."""
    found: dict[str, type[Message]] = {}
    for name in MODULES:
        for message in messages_of(importlib.import_module(f"schemas.{name}")):
            if message.TYPE in found:
                raise TypeError(f"{message.TYPE} is said by two classes")
            found[message.TYPE] = message
    return MappingProxyType(found)


@cache
def upcasters() -> Mapping[str, tuple[type[Message], Upcaster]]:
    """For each type that has a successor: the successor, and how to read the old payload as one of it."""
    found: dict[str, tuple[type[Message], Upcaster]] = {}
    for name in MODULES:
        module = importlib.import_module(f"schemas.{name}")
        found |= getattr(module, "UPCASTERS", {})
    return MappingProxyType(found)


def upcast(kind: type[Message], payload: bytes | str) -> Message:
    """The message in a payload of this type, read as the newest version that follows it. Raises pydantic.ValidationError."""
    successors = upcasters()
    if kind.TYPE not in successors:
        return kind.read(payload)
    data = kind.read(payload).model_dump(mode="json", exclude_none=True)
    while kind.TYPE in successors:
        kind, step = successors[kind.TYPE]
        data = step(data)
    return kind.read(json.dumps(data))


def readable_as(kinds: Iterable[type[Message]]) -> Mapping[str, type[Message]]:
    """Every type whose payload can be read as one of these: they themselves, and the old versions that lead to them."""
    readable = {kind.TYPE: kind for kind in kinds}
    grew = True
    while grew:
        older = {type_: messages()[type_] for type_, (kind, _) in upcasters().items() if kind.TYPE in readable}
        grew = not older.keys() <= readable.keys()
        readable |= older
    return MappingProxyType(readable)


def facts() -> list[type[Fact]]:
    return [message for message in messages().values() if issubclass(message, Fact)]


def others(services: Collection[str], named: Collection[type[Message]]) -> tuple[type[Fact], ...]:
    """The facts of these services, as this build knows them, that are not among the named ones.

    For a reader of few facts, which passes over all others. One that a later build adds is unknown to it, and is kept aside.
    """
    return tuple(fact for fact in facts() if fact.SERVICE in services and fact not in named)


def claims() -> list[type[Claim]]:
    return [message for message in messages().values() if issubclass(message, Claim)]
