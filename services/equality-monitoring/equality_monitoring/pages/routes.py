"""What is shown when. A link opens the door once and becomes a cookie; every write carries a token that only its page knew.

The cookie is SameSite=Strict, and a browser that comes from another site keeps it back even after a redirect. So the link
answers with a page of its own, from which the person goes on.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from equality_monitoring import handlers
from equality_monitoring.domain.monitoring import NothingDeclared, Status
from equality_monitoring.links import PERSON, call_with
from equality_monitoring.pages.questions import QUESTIONS, answered
from kit import log, metrics
from kit.auth import Forbidden, Unauthenticated
from kit.errors import NotFound, Refused, Unavailable
from kit.http import Call
from schemas.equality_monitoring import Declaration

HOME = "/my/monitoring"
COOKIE = "monitoring_link"
"""Not kit's: on a laptop all services share one host, and so one jar."""

logger = log.get(__name__)
templates = Environment(
    loader=ChoiceLoader([PackageLoader("equality_monitoring.pages"), PackageLoader("nhsuk_frontend_jinja")]),
    undefined=ChainableUndefined,  # the components ask for parameters that are not given
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals["home"] = HOME


class PageRoute(APIRoute):
    """A route that says with a page what went wrong, to a person who has no use for JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (Unauthenticated, Forbidden):
                metrics.DENIED.labels("401").inc()
                logger.warning("access_denied", status=401, method=request.method, route=self.path)
                return page("closed", 401)
            except Refused as refusal:
                return page("refused", refusal.status, title=refusal.title)
            except Unavailable:
                return page("away", 503)

        return answer


router = APIRouter(prefix=HOME, route_class=PageRoute, include_in_schema=False)


def page(name: str, status: int = 200, **given: Any) -> HTMLResponse:
    return HTMLResponse(templates.get_template(f"{name}.jinja").render(given), status)


def visitor(request: Request) -> Call:
    """A dependency: the call of the person whose cookie it is. Raises Unauthenticated."""
    return call_with(request, request.cookies.get(COOKIE, ""))


async def writer(request: Request, call: Annotated[Call, Depends(visitor)]) -> Call:
    """A dependency: the same, where the form came from a page of ours. Raises Forbidden."""
    given = (await request.form()).get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf(call).encode()):
        raise Forbidden
    return call


def csrf(call: Call) -> str:
    """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
    return hashlib.sha256(f"csrf {call.request.cookies[COOKIE]}".encode()).hexdigest()


visitor.roles = writer.roles = (PERSON,)  # type: ignore[attr-defined]  # read by the test that every route names its role

Visitor = Annotated[Call, Depends(visitor)]
Writer = Annotated[Call, Depends(writer)]


@router.get("/start")
async def start(request: Request, token: str = "") -> Response:
    """The page that a link opens: what it is for, and how to go on. It keeps the token in a cookie."""
    call_with(request, token or request.cookies.get(COOKIE, ""))
    answer = page("start")
    if token:
        answer.set_cookie(
            COOKIE, token, path=HOME, httponly=True, samesite="strict", secure=request.app.state.cookie_secure
        )
    return answer


@router.get("")
async def answers(call: Visitor, saved: str = "") -> Response:
    """What the person told us, or the questions if that is nothing."""
    declaration = await _declared(call)
    if declaration is None:
        return _form(call, Declaration(), first=True)
    rows = [(question.short, getattr(declaration, question.name)) for question in QUESTIONS]
    return page("answers", rows=rows, csrf=csrf(call), saved=saved)


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
        return page("withdrawn", csrf=csrf(call))
    return page("withdraw", csrf=csrf(call))


@router.post("/withdraw")
async def withdraw(call: Writer) -> Response:
    """Erase what the person told us."""
    async with call.reading() as tx:
        await handlers.withdraw(tx, UUID(call.principal.subject), call.context)
    return RedirectResponse(f"{HOME}/withdraw", 303)


@router.post("/leave")
async def leave(call: Writer) -> Response:
    """Close the door on this device: the link itself opens it again."""
    answer = page("left")
    answer.delete_cookie(COOKIE, path=HOME)
    return answer


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
    return page("questions", status, fields=fields, faults=faults, first=first, csrf=csrf(call))
