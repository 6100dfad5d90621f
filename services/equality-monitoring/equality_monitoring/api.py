"""The routes of a person's own declaration, as JSON. There is no other way to one, and no list of them.

Each takes the token of the person's link as bearer; the page of the same person is in `pages`.
"""

import json
from contextlib import suppress
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from equality_monitoring import handlers
from equality_monitoring.links import own
from equality_monitoring.store import Held
from kit.database import Connection
from kit.errors import Invalid
from kit.http import Call, Done
from schemas.equality_monitoring import Declaration
from schemas.values import BusinessDate

router = APIRouter(prefix="/monitoring/{person_id}", tags=["my monitoring"])


def _written(day: object) -> object:
    """A day as it is written, and not as the number of seconds that pydantic would also read."""
    if day is not None and not isinstance(day, str):
        raise ValueError("must be a date, as in 2026-03-31")
    return day


Day = Annotated[
    BusinessDate | None,
    BeforeValidator(_written),
    Field(description="the day on which the person said so; default today, in Leeds"),
]


class Given(Declaration):
    """What the person declares: the whole of it, every answer optional, at least one."""

    model_config = ConfigDict(strict=False)

    occurred_on: Day = None

    @property
    def declaration(self) -> Declaration:
        return Declaration(**{name: getattr(self, name) for name in Declaration.model_fields})


class Shown(BaseModel):
    """What stands of a person's own declaration. `declaration` is null once it is withdrawn."""

    monitoring_id: UUID
    status: str
    since: date
    declaration: Declaration | None


async def each_name_once(request: Request) -> None:
    """A dependency: a body that says one thing twice says nothing. Raises Invalid."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise Invalid("must not hold a name twice", field="body")
        return dict(pairs)

    with suppress(ValueError):  # what is no JSON at all is refused where the body is read
        json.loads(await request.body(), object_pairs_hook=once)


@router.get("", response_model=Shown)
async def show(call: Call = Depends(own)) -> Response:
    """What you declared."""
    async with call.reading() as tx:
        held = await handlers.read(tx, UUID(call.principal.subject))
    monitoring = held.monitoring
    declaration = monitoring.declaration and monitoring.declaration.model_dump(mode="json", exclude_none=True)
    return Done(
        {
            "monitoring_id": held.monitoring_id,
            "status": monitoring.status,
            "since": monitoring.since,
            "declaration": declaration,
        },
        held.version,
    ).response()


@router.put("")
async def give(given: Given, call: Call = Depends(own), _: None = Depends(each_name_once)) -> Response:
    """Declare, or change what you declared: the whole of it. The answer holds nothing of it."""

    async def work(tx: Connection) -> Done:
        person = UUID(call.principal.subject)
        held = await handlers.give(
            tx, person, given.declaration, call.context, occurred_on=given.occurred_on, if_match=call.if_match
        )
        return _done(held)

    return await call.once(work)


@router.delete("")
async def withdraw(call: Call = Depends(own), occurred_on: Annotated[Day, Query()] = None) -> Response:
    """Withdraw what you declared: it is erased here and no longer counted anywhere."""

    async def work(tx: Connection) -> Done:
        person = UUID(call.principal.subject)
        return _done(await handlers.withdraw(tx, person, call.context, occurred_on=occurred_on, if_match=call.if_match))

    return await call.once(work)


def _done(held: Held) -> Done:
    """An answer that is kept for repeats, and so holds nothing that was declared."""
    body = {"monitoring_id": held.monitoring_id, "status": held.monitoring.status, "since": held.monitoring.since}
    return Done(body, held.version, 201 if held.version == 1 else 200)
