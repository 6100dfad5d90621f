"""How a command comes in and an answer goes out.

A body is read as strict JSON straight into the frozen command: no text for a number, no number for a date, no field that is not
there, and no name twice. What is wrong is said by field and rule, never by value.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from kit.context import Context
from kit.database import Connection
from kit.errors import Invalid, slug
from kit.http import Call, Done, allow
from schemas.values import Part
from talent_pipeline.domain.step import Command
from talent_pipeline.handlers import Kept

PathId = Annotated[UUID, Path(alias="id")]
Coordinator = Annotated[Call, Depends(allow("coordinator"))]
Either = Annotated[Call, Depends(allow("coordinator", "employer"))]
"""An employer sees and does its own alone: the database hides the rest from it."""

Given = TypeVar("Given")
State = TypeVar("State", bound=Part)
Does = Callable[[Connection, UUID, Any, Context, int | None], Awaitable[Kept[Any]]]
"""A command to what has this id, believed to have this version."""
Begins = Callable[[Connection, Any, Context], Awaitable[Kept[Any]]]


class NameTwice(ValueError):
    """A name stands twice in an object: nobody knows which was meant."""


class Body(Generic[Given]):
    """What a route takes: the JSON of one class."""

    def __init__(self, kind: type[Given]) -> None:
        self._adapter: TypeAdapter[Given] = TypeAdapter(kind)
        self.schema = inlined(self._adapter.json_schema())
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


def begins(router: APIRouter, kind: type[Command], does: Begins, *roles: str) -> None:
    """`POST /vacancies`: something new, 201 with its place."""
    body = Body(kind)

    caller = Depends(allow(*roles))

    async def begin(request: Request, call: Call = caller) -> Response:
        command = await body.read(request)

        async def work(tx: Connection) -> Done:
            kept = await does(tx, command, call.context)
            return done(kept, status=201, location=f"{router.prefix}/{kept.id}")

        return await call.once(work)

    router.add_api_route(
        "", begin, methods=["POST"], status_code=201, summary=f"Begin one: {name_of(kind)}", openapi_extra=body.openapi,
        operation_id=f"begin-{router.prefix.strip('/')}",
    )  # fmt: skip


def step(router: APIRouter, name: str, kind: type[Command], does: Does, *roles: str) -> None:
    """`POST /vacancies/{id}/authorise`: a command to one of them. Names are those that `allowed` gives."""
    body = Body(kind)

    caller = Depends(allow(*roles))

    async def act(id_: PathId, request: Request, call: Call = caller) -> Response:
        command = await body.read(request)

        async def work(tx: Connection) -> Done:
            return done(await does(tx, id_, command, call.context, call.if_match))

        return await call.once(work)

    router.add_api_route(
        f"/{{id}}/{name}", act, methods=["POST"], summary=name.replace("-", " ").capitalize(), openapi_extra=body.openapi,
        operation_id=f"{name}-{router.prefix.strip('/')}",
    )  # fmt: skip


def name_of(kind: type[Command]) -> str:
    return slug(kind.__name__)
