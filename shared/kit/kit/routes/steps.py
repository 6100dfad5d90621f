"""Every command, as a route: `POST /orders` begins one, `POST /orders/{id}/cancel` is a command to it."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from kit.database import Connection
from kit.http import Call, Done, allow
from kit.routes.things import Taken, Things, name_of
from kit.routes.wire import Body, PathId, done


def router_of(things: Things) -> APIRouter:
    router = APIRouter(prefix=things.path, tags=[things.name])
    router.add_api_route(
        "", _begin(things), methods=["POST"], status_code=201, summary=f"Begin one: {name_of(things.begun_by)}",
        openapi_extra=Body(things.begun_by).openapi, operation_id=f"begin-one-of-{things.name}",
    )  # fmt: skip
    for name, taken in things.steps.items():
        router.add_api_route(
            f"/{{id}}/{name}", _step(taken), methods=["POST"], summary=name.replace("-", " ").capitalize(),
            openapi_extra=Body(taken.kind).openapi, operation_id=f"{name}-{things.name}",
        )  # fmt: skip
    return router


def _begin(things: Things) -> Any:
    """Something new: 201 with its place."""
    body, caller = Body(things.begun_by), Depends(allow(*things.begin_roles))

    async def begin(request: Request, call: Call = caller) -> Response:
        command = await body.read(request)

        async def work(tx: Connection) -> Done:
            kept = await things.begin(tx, command, call.context)
            return done(kept, status=201, location=f"{things.path}/{kept.id}")

        return await call.once(work, begins=True)

    return begin


def _step(taken: Taken) -> Any:
    body, caller = Body(taken.kind), Depends(allow(*taken.roles))

    async def act(id_: PathId, request: Request, call: Call = caller) -> Response:
        command = await body.read(request)

        async def work(tx: Connection) -> Done:
            return done(await taken.does(tx, id_, command, call.context, call.if_match))

        return await call.once(work)

    return act
