"""What the routes of an aggregate are declared by: its commands, what each does, who may, and how a list of them is filtered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from kit.aggregates import Aggregates, Does, Kept
from kit.context import Context
from kit.database import Connection
from kit.errors import slug
from kit.step import Command
from schemas.values import Part

LARGEST_TURN = 2**63 - 1

Begins = Callable[[Connection, Any, Context], Awaitable[Kept[Any]]]
"""The command that something begins with."""
Corrects = Callable[[Connection, type[Part], UUID, Any, Context, int | None], Awaitable[Kept[Any]]]
"""A correction of one fact of what has this id."""


class Listed(BaseModel):
    """How a list is asked for: what the rows have to have, and where to go on. A service adds fields of the state.

    A field `person_id` finds the rows of whoever it is under any of their ids.
    """

    model_config = ConfigDict(extra="forbid")

    before: Annotated[int, Query(ge=1, le=LARGEST_TURN, description="the `next` of the page before")] = LARGEST_TURN
    limit: Annotated[int, Query(ge=1, le=200)] = 50

    @property
    def having(self) -> Mapping[str, Any]:
        return self.model_dump(mode="json", exclude_none=True, exclude={"before", "limit"})


@dataclass(frozen=True)
class Taken:
    """A command as a route takes it."""

    kind: type[Command]
    does: Does
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Things:
    """The routes of one aggregate."""

    aggregates: Aggregates
    kind: type[Part]
    path: str
    """`/orders`"""
    begun_by: type[Command]
    begin: Begins
    begin_roles: tuple[str, ...]
    steps: Mapping[str, Taken]
    """By the names that `allowed` gives."""
    asked_by: type[Listed]
    readers: tuple[str, ...]
    """Beside an auditor, who reads everything."""
    correct: Corrects | None = None
    """None: its facts are not put right by others, and there are no routes to ask for it."""
    correctors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.strip("/")


def beginning(aggregates: Aggregates, kind: type[Part]) -> Begins:
    """A new one by its first command alone."""

    async def begin(tx: Connection, command: Any, context: Context) -> Kept[Any]:
        return await aggregates.begin(tx, kind, [command], context)

    return begin


def own(aggregates: Aggregates, kind: type[Part], roles: tuple[str, ...], *commands: type[Command]) -> dict[str, Taken]:
    """Commands that are the aggregate's own affair."""

    async def does(tx: Connection, id_: UUID, command: Any, context: Context, if_match: int | None) -> Kept[Any]:
        return await aggregates.act(tx, kind, id_, command, context, if_match)

    return {name_of(command): Taken(command, does, roles) for command in commands}


def name_of(kind: type[Command]) -> str:
    """A command as a caller knows it: `MakeOffer` -> `make-offer`."""
    return slug(kind.__name__)
