"""What is shown when (kit.personal is the door)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from kit.http import Call
from kit.personal import PersonalPages
from people import own
from people.domain.erasure import Request as ErasureRequest
from people.domain.erasure import Status
from people.handlers import People
from people.own import Held
from people.pages import file, words
from schemas.values import LONDON

HOME = "/my/person"
COOKIE = "person_session"
PERSON = "person"
"""The actor in the journal: a kind and no id."""


def router_of(people: People) -> APIRouter:
    pages = PersonalPages("people.pages", home=HOME, cookie=COOKIE, role=PERSON, redeem=own.redeem)
    pages.templates.globals |= {"words": words, "london": LONDON}
    visitor, writer = Depends(pages.visitor), Depends(pages.writer)
    router = pages.router

    async def held_by(call: Call) -> Held:
        async with call.reading() as tx:
            return await own.held_of(people, tx, UUID(call.principal.subject))

    @router.get("")
    async def person(call: Annotated[Call, visitor]) -> Response:
        """What is held, who looked, and what was asked."""
        held = await held_by(call)
        return pages.page("person", held=held, open=_open(held), csrf=pages.csrf(call))

    @router.get("/file")
    async def as_file(call: Annotated[Call, visitor]) -> Response:
        """The same, to keep."""
        held = await held_by(call)
        page = pages.templates.get_template("file.jinja").render(held=held)
        named = {"content-disposition": f'attachment; filename="{file.NAME}"'}
        return Response(file.zipped(held, page), media_type="application/zip", headers=named)

    @router.get("/erase")
    async def before_asking(call: Annotated[Call, visitor]) -> Response:
        """What erasing means, and the button."""
        held = await held_by(call)
        return pages.page("erase", open=_open(held), csrf=pages.csrf(call))

    @router.post("/erase")
    async def erase(call: Annotated[Call, writer]) -> Response:
        """Ask to be erased: the month begins."""
        async with call.reading() as tx:
            await people.request_erasure(tx, ErasureRequest(person_id=UUID(call.principal.subject)), call.context)
        return RedirectResponse(HOME, 303)

    return router


def _open(held: Held) -> bool:
    """Whether a request waits to be decided."""
    return any(each.erasure.status in (Status.REQUESTED, Status.HELD) for each in held.requests)
