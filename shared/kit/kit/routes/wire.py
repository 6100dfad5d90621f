"""How a command comes in and an answer goes out.

A body is read as strict JSON straight into the frozen command: no text for a number, no number for a date, no field that is not
there, and no name twice. What is wrong is said by field and rule, never by value.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from kit.aggregates import Kept
from kit.errors import Invalid
from kit.http import Done

PathId = Annotated[UUID, Path(alias="id")]

Given = TypeVar("Given")


_BUILT: dict[type[Any], tuple[TypeAdapter[Any], Mapping[str, Any]]] = {}
"""By class, what reads it and its JSON Schema. A command is taken thrice (as JSON, by CSV, and where it is described): built anew
for each, these were a third of the time that routes take to build."""


class NameTwice(ValueError):
    """A name stands twice in an object: nobody knows which was meant."""


class Body(Generic[Given]):
    """What a route takes: the JSON of one class."""

    def __init__(self, kind: type[Given]) -> None:
        if kind not in _BUILT:
            adapter = TypeAdapter(kind)
            _BUILT[kind] = adapter, inlined(adapter.json_schema())
        self._adapter: TypeAdapter[Given]
        self._adapter, self.schema = _BUILT[kind]
        self.openapi = {"requestBody": {"required": True, "content": {"application/json": {"schema": self.schema}}}}

    async def read(self, request: Request) -> Given:
        """The command in a request; no body at all is a command without fields. Raises RequestValidationError."""
        return self.parse(await request.body() or b"{}")

    def parse(self, raw: bytes) -> Given:
        refuse_name_twice(raw)
        try:
            return self._adapter.validate_json(raw)
        except ValidationError as error:
            raise RequestValidationError(error.errors(include_input=False, include_context=False)) from None


def refuse_name_twice(raw: bytes) -> None:
    """Raises Invalid for an object that says one thing twice, or for what is no JSON."""
    try:
        json.loads(raw, object_pairs_hook=_once)
    except NameTwice:
        raise Invalid("must not hold a name twice", field="body") from None
    except (ValueError, RecursionError):
        raise Invalid("must be JSON in UTF-8", field="body") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NameTwice
    return found


def inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its definitions put where they are named: an OpenAPI document has another root."""
    defined = schema.get("$defs", {})

    def resolved(part: Any) -> Any:
        if isinstance(part, Mapping):
            if "$ref" in part:
                return resolved(defined[part["$ref"].rsplit("/", 1)[-1]])
            return {name: resolved(inner) for name, inner in part.items() if name != "$defs"}
        return [resolved(inner) for inner in part] if isinstance(part, list) else part

    found: dict[str, Any] = resolved(schema)
    return found


def done(kept: Kept[Any], *, status: int = 200, location: str | None = None) -> Done:
    return Done(kept.body, kept.version, status, location)
