"""`POST /persons/{id}/own-page`: a link of one use to somebody's own page, for whoever speaks with them."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from kit.context import Context
from kit.database import Connection
from kit.http import Call, allow
from kit.routes.wire import PathId

Give: TypeAlias = Callable[[Connection, UUID, Context], Awaitable[str]]
"""The code of a new link (kit.one_use), in a transaction, or a refusal to give one to this id."""


def router_of(home: str, give: Give, *roles: str) -> APIRouter:
    """Where the page is, under the service's `public_url`; how a link to it is given; who gives it."""
    router, giver = APIRouter(tags=["persons"]), Depends(allow(*roles))

    @router.post(
        "/persons/{id}/own-page", status_code=201, summary="A link to the person's own page, for one use within a day"
    )
    async def own_page(id_: PathId, request: Request, call: Call = giver) -> dict[str, Any]:
        """Send it to the person, and to nobody else: whoever has it sees what they see, and says what they say."""
        async with call.reading() as tx:
            code = await give(tx, id_, call.context)
        return {"url": f"{request.app.state.settings.public_url.rstrip('/')}{home}/start?code={code}"}

    return router
