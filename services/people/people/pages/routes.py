"""What is shown when (kit.personal is the door)."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import TypeAdapter, ValidationError

from kit.auth import Unauthenticated
from kit.database import EVERYONE
from kit.http import Call
from kit.personal import PersonalPages
from kit.retention import Stays
from kit.staff import expected
from people import access, own
from people.domain.details import CONTACTS, Kind
from people.domain.erasure import Erasure
from people.domain.erasure import Request as ErasureRequest
from people.domain.messages import OPTIONAL, TEMPLATES
from people.domain.request import Object
from people.handlers import Contacts, People
from people.links import HOME
from people.messages import store as messages
from people.messages.letters import STOP, may_stop
from people.own import Held, as_data
from people.pages import file, words
from people.retention import SCHEDULE
from people.tree import one_with
from schemas.people import Processing
from schemas.values import LONDON

COOKIE = "person_session"
CONTACTS_GIVEN = TypeAdapter(Contacts)
PERIODS = [line for line in SCHEDULE if not isinstance(line, Stays) and line.months]
"""What is let go by itself, as the person reads it."""
PERSON = "person"
"""The actor in the journal: a kind and no id."""


def routers_of(people: People) -> Sequence[APIRouter]:
    """The person's own page, and the one page of a message: to have no more of its kind."""
    pages = PersonalPages("people.pages", home=HOME, cookie=COOKIE, role=PERSON, one_use=True)
    pages.templates.globals |= {"words": words, "london": LONDON, "templates": TEMPLATES, "schedule": PERIODS}
    visitor, writer = Depends(pages.visitor), Depends(pages.writer)
    router = pages.router

    async def held_by(call: Call) -> Held:
        async with call.reading() as tx:
            return await own.held_of(people, tx, UUID(call.principal.subject))

    @router.get("")
    async def person(call: Annotated[Call, visitor]) -> Response:
        """What is held, who looked, and what was asked."""
        held = await held_by(call)
        async with call.reading() as tx:
            asked = await access.standing(tx, held.person_id)
        return pages.page("person", call, held=held, access=asked, open=_open(held))

    @router.get("/name")
    async def name(request: Request, call: Annotated[Call, visitor]) -> JSONResponse:
        """The person's own name, for a page of another service under the same host, which never holds it itself.

        The page says for whom it was drawn, by an id of theirs: the session may be of whoever used the device before.
        """
        whose = UUID(call.principal.subject)
        async with call.reading() as tx:
            if expected(request) not in {str(each) for each in await people.one_with(tx, whose)}:
                raise Unauthenticated
            held = await people.details_of(tx, whose)
        return JSONResponse({"name": held.get(Kind.NAME)})

    @router.get("/file")
    async def as_file(call: Annotated[Call, visitor]) -> Response:
        """The same, to keep."""
        held = await held_by(call)
        page = pages.templates.get_template("file.jinja").render(held=held)
        named = {"content-disposition": f'attachment; filename="{file.NAME}.zip"'}
        return Response(file.zipped(file.NAME, as_data(held), page), media_type="application/zip", headers=named)

    @router.post("/everything")
    async def ask_for_everything(call: Annotated[Call, writer]) -> Response:
        """Ask for what the other services hold too: the month begins."""
        async with call.reading() as tx:
            await access.ask(tx, UUID(call.principal.subject), call.context)
        return RedirectResponse(HOME, 303)

    @router.get("/everything")
    async def everything(call: Annotated[Call, visitor]) -> Response:
        """What an officer gathered, to keep."""
        async with call.reading() as tx:
            gathered = await access.fetch(people, tx, UUID(call.principal.subject))
        page = pages.templates.get_template("everything.jinja").render(gathered=gathered)
        named = {"content-disposition": f'attachment; filename="{file.EVERYTHING}.zip"'}
        return Response(file.zipped(file.EVERYTHING, gathered, page), media_type="application/zip", headers=named)

    @router.post("/everything/remove")
    async def have_it(call: Annotated[Call, writer]) -> Response:
        """The person has it: it is removed here."""
        async with call.reading() as tx:
            await access.remove(tx, UUID(call.principal.subject))
        return RedirectResponse(HOME, 303)

    @router.get("/erase")
    async def before_asking(call: Annotated[Call, visitor]) -> Response:
        """What erasing means, and the button."""
        held = await held_by(call)
        return pages.page("erase", call, open=_open(held))

    @router.post("/erase")
    async def erase(call: Annotated[Call, writer]) -> Response:
        """Ask to be erased: the month begins."""
        async with call.reading() as tx:
            await people.request_erasure(tx, ErasureRequest(person_id=UUID(call.principal.subject)), call.context)
        return RedirectResponse(HOME, 303)

    @router.get("/messages")
    async def what_to_tell(call: Annotated[Call, visitor], saved: str = "") -> Response:
        """What we write about, and what of it is stopped."""
        async with call.reading() as tx:
            stopped = await messages.opted_out(tx, await one_with(tx, UUID(call.principal.subject)))
        items = [{"value": kind, "text": TEMPLATES[kind].called, "checked": kind not in stopped} for kind in OPTIONAL]
        by_law = [each for each in TEMPLATES.values() if each.must_be_told]
        return pages.page("messages", call, items=items, by_law=by_law, saved=bool(saved))

    @router.post("/messages")
    async def choose(request: Request, call: Annotated[Call, writer]) -> Response:
        """Write about what is ticked, and about nothing else that need not be told."""
        wanted, person_id = (await request.form()).getlist("kind"), UUID(call.principal.subject)
        async with call.reading() as tx:
            unwanted = [kind for kind in OPTIONAL if kind not in wanted]
            await messages.opt_in(tx, await one_with(tx, person_id), but=unwanted)
            await messages.opt_out(tx, person_id, unwanted)
        return RedirectResponse(f"{HOME}/messages?saved=true", 303)

    @router.get("/contacts")
    async def contacts(call: Annotated[Call, visitor]) -> Response:
        """How the person is reached, to be put right."""
        held = await held_by(call)
        return pages.page("contacts", call, given=held.details)

    @router.post("/contacts")
    async def put_right(request: Request, call: Annotated[Call, writer]) -> Response:
        """Ask that it be put right: the month begins. What cannot be read is shown again, with what is wrong."""
        form = await request.form()
        given = {str(kind): text for kind in CONTACTS if isinstance(text := form.get(kind), str) and text.strip()}
        asked, faults = _read(given)
        if faults:
            summary = [{"text": text, "href": f"#{name}"} for name, text in faults.items()]
            return pages.page("contacts", call, 422, given=given, faults=faults, summary=summary)
        async with call.reading() as tx:
            await people.put_right(tx, UUID(call.principal.subject), asked, call.context)
        return RedirectResponse(HOME, 303)

    @router.get("/object")
    async def before_objecting(call: Annotated[Call, visitor]) -> Response:
        """What one can object to."""
        return pages.page("object", call, items=_objections())

    @router.post("/object")
    async def object_(request: Request, call: Annotated[Call, writer]) -> Response:
        """Object: the month begins."""
        about = (await request.form()).get("about")
        if about not in list(Processing):
            faults = "Choose what you object to"
            return pages.page("object", call, 422, items=_objections(), faults=faults)
        async with call.reading() as tx:
            asked = Object(person_id=UUID(call.principal.subject), about=Processing(str(about)))
            await people.object(tx, asked, call.context)
        return RedirectResponse(HOME, 303)

    return router, _stopping(people, pages)


def _read(given: Mapping[str, str]) -> tuple[Contacts, dict[str, str]]:
    """What a form says, or by field what is wrong with it."""
    if not given:
        return Contacts(), {str(Kind.EMAIL): "Give one way to reach you at least"}
    try:
        return CONTACTS_GIVEN.validate_json(json.dumps(given)), {}
    except ValidationError as error:
        fields = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False))
        return Contacts(), {field: words.UNREADABLE[field] for field in fields}


def _objections() -> list[dict[str, str]]:
    return [{"value": kind, "text": text[0].upper() + text[1:]} for kind, text in words.OBJECTION.items()]


def _stopping(people: People, pages: PersonalPages) -> APIRouter:
    """Where a message's own link leads. The link is what lets in: it stops one kind for one person, and shows nothing."""
    router = pages.routes(STOP)

    @router.get("/{id_}/stop/{token}")
    async def ask(id_: UUID, token: str) -> Response:
        """The page that asks first: a mail scanner opens links, and presses no button. Raises Unauthenticated."""
        if not may_stop(people.keys, id_, token):
            raise Unauthenticated
        return pages.page("stop", stopped=False)

    @router.post("/{id_}/stop/{token}")
    async def stop(id_: UUID, token: str, request: Request) -> Response:
        """Stop it: from the page, or from the mail program itself (RFC 8058). Raises Unauthenticated."""
        if not may_stop(people.keys, id_, token):
            raise Unauthenticated
        async with request.app.state.database.transaction(EVERYONE) as tx:
            if (found := await messages.whose(tx, id_)) is not None and found[1] in OPTIONAL:
                await messages.opt_out(tx, found[0], [found[1]])
        return pages.page("stop", stopped=True)

    return router


def _open(held: Held) -> bool:
    """Whether a request to be erased waits to be decided."""
    return any(isinstance(each.request, Erasure) and each.open for each in held.requests)
