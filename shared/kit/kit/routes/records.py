"""What is: lists with filters and cursors, one record, its whole history, and the correction of any fact of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, JsonValue

from kit import outbox
from kit.aggregates import Kept
from kit.corrections import Correct, Correction, Restore, Void
from kit.database import Connection
from kit.errors import NotFound
from kit.http import Call, Done, Page, allow, allow_to_read
from kit.outbox import Said
from kit.routes.things import Listed, Things
from kit.routes.wire import Body, PathId, done
from schemas.corrections import standing
from schemas.values import Code


def router_of(things: Things) -> APIRouter:
    """`GET /orders`, `GET /orders/{id}`, its history, and corrections."""
    router = APIRouter(prefix=things.path, tags=[things.name])
    router.add_api_route("", _list_of(things), methods=["GET"], response_model=Page, summary="A page of them")
    router.add_api_route("/{id}", _one_of(things), methods=["GET"], summary="One as it stands, with its ETag")
    router.add_api_route("/{id}/history", _history_of(things), methods=["GET"], summary="All that was said of it")
    asked = (("void", Reason), ("restore", Reason), ("correct", Replacement))
    for name, kind in asked if things.correct else ():
        router.add_api_route(
            f"/{{id}}/facts/{{fact_id}}/{name}", _correction_of(things, name, kind), methods=["POST"],
            summary=f"{name.capitalize()} a fact of it", openapi_extra=Body(kind).openapi,
        )  # fmt: skip
    return router


def _list_of(things: Things) -> Any:
    """One page, the newest first."""
    caller, asked_by = Depends(allow_to_read(*things.readers)), things.asked_by

    async def page(asked: Annotated[asked_by, Query()], call: Call = caller) -> Page:  # type: ignore[valid-type]
        given: Listed = asked
        async with call.reading() as tx:
            rows = await things.aggregates.listed(tx, things.kind, given.having, given.before, given.limit)
        last = str(rows[-1].turn) if len(rows) == given.limit else None
        return Page(rows=[things.aggregates.kept(row).body for row in rows], next=last)

    return page


def _one_of(things: Things) -> Any:
    caller = Depends(allow_to_read(*things.readers))

    async def one(id_: PathId, call: Call = caller) -> Response:
        async with call.reading() as tx:
            return done(await _kept(tx, things, id_)).response()

    return one


def _history_of(things: Things) -> Any:
    caller = Depends(allow_to_read(*things.readers))

    async def history(id_: PathId, call: Call = caller) -> Response:
        async with call.reading() as tx:
            kept = await _kept(tx, things, id_)
            lines = await outbox.history(tx, id_)
        stands = dict(standing([(line.event_id, line.fact) for line in lines]))
        return Done({"id": id_, "lines": [_line(line, stands) for line in lines]}, kept.version).response()

    return history


async def _kept(tx: Connection, things: Things, id_: UUID) -> Kept[Any]:
    row = await things.aggregates.read(tx, things.kind, id_)
    if row is None:
        raise NotFound
    return things.aggregates.kept(row)


def _line(line: Said, stands: Mapping[UUID, Any]) -> dict[str, Any]:
    """What was said, when, by whom, and whether and how it stands now."""
    now = stands.get(line.event_id)
    return {
        "id": line.event_id,
        "version": line.version,
        "type": line.fact.TYPE,
        "occurred_at": line.occurred_at,
        "recorded_at": line.recorded_at,
        "actor": line.actor,
        "correlation_id": line.correlation_id,
        "causation_id": line.causation_id,
        "said": line.fact.model_dump(mode="json", exclude_none=True),
        "stands": None if now is None else now.model_dump(mode="json", exclude_none=True),
    }


# Corrections -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a fact is voided or restored."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(Reason):
    """The whole payload of the fact as it should have been, and why."""

    replacement: dict[str, JsonValue]


def _correction_of(things: Things, name: str, kind: type[Reason]) -> Any:
    body, caller = Body(kind), Depends(allow(*things.correctors))

    async def correct(id_: PathId, fact_id: UUID, request: Request, call: Call = caller) -> Response:
        asked = _asked(name, fact_id, await body.read(request))
        assert things.correct is not None
        put_right = things.correct

        async def work(tx: Connection) -> Done:
            return done(await put_right(tx, things.kind, id_, asked, call.context, call.if_match))

        return await call.once(work)

    return correct


def _asked(name: str, fact_id: UUID, given: Reason) -> Correction:
    if isinstance(given, Replacement):
        return Correct(fact_id, given.replacement, given.reason)
    return (Void if name == "void" else Restore)(fact_id, given.reason)
