"""Messages to people: what was told to whom and how far it is, what did not come through, and what a mail system returns."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from kit.errors import NotFound
from kit.http import Call, Page, allow, allow_to_read
from kit.routes.things import LARGEST_TURN
from kit.routes.wire import PathId
from people.api.persons import EITHER
from people.domain.messages import MessageKind, MessageState
from people.domain.person import Person
from people.messages import bounces, store
from people.store import aggregates
from people.tree import one_with

MAIL_SYSTEM = ("mail-system",)
NOTIFICATION = {
    "requestBody": {"required": True, "content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}}
}


class Messages(BaseModel):
    """How the list is filtered."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None = None
    state: MessageState | None = None
    kind: MessageKind | None = None
    before: Annotated[int, Query(ge=1, le=LARGEST_TURN, description="the `next` of the page before")] = LARGEST_TURN
    limit: Annotated[int, Query(ge=1, le=200)] = 50


def router_of() -> APIRouter:
    router = APIRouter(tags=["messages"])
    either, reader, mail_system = (
        Depends(allow(*EITHER)),
        Depends(allow_to_read(*EITHER)),
        Depends(allow(*MAIL_SYSTEM)),
    )

    @router.get("/messages", summary="What people were told, and what did not come through")
    async def listed(asked: Annotated[Messages, Query()], call: Call = reader) -> Page:
        """No name and no address: who it is is asked for by itself, and kept as a look. By `person_id`: under each of their ids."""
        async with call.reading() as tx:
            ids = None if asked.person_id is None else await one_with(tx, asked.person_id)
            rows = await store.listed(tx, ids, asked.state, asked.kind, asked.before, asked.limit)
        return Page(rows=rows, next=str(rows[-1].turn) if len(rows) == asked.limit else None)

    @router.get("/messages/{id}", summary="One of them as it stands")
    async def one(id_: PathId, call: Call = reader) -> store.Message:
        """The id is also that of the row in `GET /waiting`, where it did not come through."""
        async with call.reading() as tx:
            found = await store.one(tx, id_)
        if found is None:
            raise NotFound
        return found

    @router.post("/persons/{id}/send-again", summary="Send again what did not reach a person")
    async def send_again(id_: PathId, call: Call = either) -> dict[str, int]:
        """What is too late by then is not sent. Other contacts do the same by themselves."""
        async with call.reading() as tx:
            await aggregates.look(tx, Person, id_)
            return {"messages": await store.send_again(tx, id_)}

    @router.post("/bounces", summary="What a mail system returns, as RFC 3464 writes it", openapi_extra=NOTIFICATION)
    async def bounced(request: Request, call: Call = mail_system) -> dict[str, Any]:
        """Given twice it is noted once. What is delayed, or came through, is read and not noted."""
        notification = bounces.read(await request.body())
        async with call.reading() as tx:
            if await store.whose(tx, notification.message_id) is None:
                raise NotFound
            noted = notification.failed and await store.end(
                tx, notification.message_id, MessageState.BOUNCED, f"dsn-{notification.status}"
            )
        return {"noted": noted}

    return router
