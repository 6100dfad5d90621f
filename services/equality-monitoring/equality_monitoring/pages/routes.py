"""What is shown when (kit.personal is the door)."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from equality_monitoring import handlers
from equality_monitoring.domain.monitoring import NothingDeclared, Status
from equality_monitoring.links import HOME, PERSON
from equality_monitoring.pages.questions import QUESTIONS, answered
from equality_monitoring.retention import SCHEDULE
from kit.errors import NotFound
from kit.http import Call
from kit.personal import PersonalPages
from schemas.equality_monitoring import Declaration

COOKIE = "monitoring_link"
"""Not kit's: on a laptop all services share one host, and so one jar."""

pages = PersonalPages("equality_monitoring.pages", home=HOME, cookie=COOKIE, role=PERSON)
pages.templates.globals["years"] = SCHEDULE[0].months // 12
page, router = pages.page, pages.router

Visitor = Annotated[Call, Depends(pages.visitor)]
Writer = Annotated[Call, Depends(pages.writer)]


@router.get("")
async def answers(call: Visitor, saved: str = "") -> Response:
    """What the person told us, or the questions if that is nothing."""
    declaration = await _declared(call)
    if declaration is None:
        return _form(call, Declaration(), first=True)
    rows = [(question.short, getattr(declaration, question.name)) for question in QUESTIONS]
    return page("answers", call, rows=rows, saved=saved)


@router.get("/change")
async def change(call: Visitor) -> Response:
    """The questions, with the answers as they stand."""
    declaration = await _declared(call)
    return _form(call, declaration or Declaration(), first=declaration is None)


@router.post("")
async def save(request: Request, call: Writer) -> Response:
    """Keep the answers. Declared for the first time or changed is the same to the person."""
    first = await _declared(call) is None
    form = {name: given for name, given in (await request.form()).items() if isinstance(given, str)}
    declaration, faults = answered(form)
    if faults:
        return _form(call, declaration, first=first, faults=faults, status=422)
    try:
        async with call.reading() as tx:
            await handlers.give(tx, UUID(call.principal.subject), declaration, call.context)
    except NothingDeclared:
        instead = "close this page" if first else "go back and take your answers back"
        nothing = {"questions": f"Answer at least one question. If you would rather not, {instead}"}
        return _form(call, declaration, first=first, faults=nothing, status=422)
    return RedirectResponse(f"{HOME}?saved=yes", 303)


@router.get("/withdraw")
async def before_withdrawing(call: Visitor) -> Response:
    """What withdrawing means, and the button; or that there is nothing to withdraw."""
    if await _declared(call) is None:
        return page("withdrawn", call)
    return page("withdraw", call)


@router.post("/withdraw")
async def withdraw(call: Writer) -> Response:
    """Erase what the person told us."""
    async with call.reading() as tx:
        await handlers.withdraw(tx, UUID(call.principal.subject), call.context)
    return RedirectResponse(f"{HOME}/withdraw", 303)


async def _declared(call: Call) -> Declaration | None:
    """What stands of the person whose call it is."""
    async with call.reading() as tx:
        try:
            monitoring = (await handlers.read(tx, UUID(call.principal.subject))).monitoring
        except NotFound:
            return None
    return monitoring.declaration if monitoring.status is Status.DECLARED else None


def _form(
    call: Call, declaration: Declaration, *, first: bool, faults: dict[str, str] | None = None, status: int = 200
) -> Response:
    fields = [
        question.radios(getattr(declaration, question.name), (faults or {}).get(question.name))
        for question in QUESTIONS
    ]
    return page("questions", call, status, fields=fields, faults=faults, first=first)
