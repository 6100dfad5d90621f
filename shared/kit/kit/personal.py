"""A person's own pages. A link opens the door once and becomes a cookie.

The cookie is SameSite=Strict, and a browser that comes from another site keeps it back even after a redirect. So the link
answers with a page of its own, from which the person goes on.

There are two kinds of door. At the one a signed link is believed while it lasts, and is itself what the cookie carries. At the
other a link is redeemed: it asks first (a mail scanner opens links, and presses no button), is believed once, and begins a session.
It was given here (kit.one_use), or came in a letter of who knows the person's address (decision 0013).
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from kit import one_use, persons, sessions
from kit.auth import Forbidden, Keys, Principal, Unauthenticated
from kit.clock import now
from kit.context import Context
from kit.database import EVERYONE, Connection
from kit.door import Door
from kit.errors import Refused
from kit.http import Call
from kit.links import Visitors


def in_words(code: str) -> str:
    """A code as a heading says it: `fire-safety` is Fire safety."""
    return code.replace("-", " ").capitalize()


def organisation(code: str) -> str:
    """An organisation's code as a name to read."""
    return code.replace("-", " ").title()


def in_full(day: date | str) -> str:
    """`5 June 2026`, of a date or of one as JSON writes it."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%B %Y}"


class PersonalPages(Door):
    """The door to a person's pages.

    The package holds `templates/`: `start` (where the link leads), `left`, and for what goes wrong `closed`, `refused` and `away`;
    each extends `personal.jinja`. The app's state holds `visitors`: whose signed links are believed. Where links are of one use,
    `start` has a form that posts `code` to where it came from.
    """

    def __init__(self, package: str, *, home: str, cookie: str, role: str, one_use: bool = False) -> None:
        super().__init__(package, home=home, cookie=cookie)
        self.templates.filters |= {"in_words": in_words, "organisation": organisation, "in_full": in_full}

        async def visitor(request: Request) -> Call:
            given = request.cookies.get(cookie, "")
            return await call_in_session(request, given, role) if one_use else call_of(request, given, role)

        visitor.roles = (role,)  # type: ignore[attr-defined]  # read by the test that every route names its role
        self.visitor: Callable[..., Any] = visitor
        """A dependency: the call of the person whose cookie it is. Raises Unauthenticated."""
        self.writer = self.from_a_page(visitor)
        self.router = self._door_of_one_use(role) if one_use else self._door(role)

    def wrong(self, request: Request, error: Exception) -> Response:
        """The page for one of WRONG."""
        match error:
            case Unauthenticated() | Forbidden():
                return self.page("closed", status=401)
            case Refused():
                return self.page("refused", status=error.status, title=error.title)
            case RequestValidationError():
                return self.page("refused", status=422, title="That cannot be read.")
            case _:
                return self.page("away", status=503)

    def _door(self, role: str) -> APIRouter:
        router = self.routes(self.home)

        @router.get("/start")
        async def start(request: Request, token: Annotated[str, Query(max_length=2000)] = "") -> Response:
            """The page that a link opens: what it is for, and how to go on. It keeps the token in a cookie."""
            call_of(request, token or request.cookies.get(self.cookie, ""), role)
            answer = self.page("start")
            return self.enter(answer, request, token) if token else answer

        @router.post("/leave")
        async def leave(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """Close the door on this device: the link itself opens it again."""
            return self.leave("left")

        return router

    def _door_of_one_use(self, role: str) -> APIRouter:
        router = self.routes(self.home)

        @router.get("/start")
        async def ask(code: Annotated[str, Query(max_length=2000)] = "") -> Response:
            """The page that a link opens. Nothing is used up, nor said of the code, until the person goes on."""
            return self.page("start", code=code)

        @router.post("/start")
        async def start(request: Request) -> Response:
            """Redeem the link for a session. Raises Unauthenticated where it is none, or was used before."""
            code = (await request.form()).get("code")
            if not isinstance(code, str):
                raise Unauthenticated
            async with request.app.state.database.transaction(EVERYONE) as tx:
                person_id, once = await _whose(request, tx, code)
                session = await sessions.redeem(tx, once, Principal(str(person_id), frozenset({role}), EVERYONE))
            if session is None:
                raise Unauthenticated
            return self.enter(RedirectResponse(self.home, 303), request, session.secret)

        @router.post("/leave")
        async def leave(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """End the session: the cookie opens nothing any more, wherever it may be."""
            async with call.reading() as tx:
                await sessions.end(tx, call.request.cookies[self.cookie])
            return self.leave("left")

        return router


def call_of(request: Request, token: str, role: str) -> Call:
    """The call of the person whose link it is, in a role that is a kind and no id. Raises Unauthenticated, Forbidden for staff.

    It sees every row: what it answers must be the person's own by what it asks for.
    """
    visitors: Visitors = request.app.state.visitors
    try:
        person_id = visitors.person(token)
    except Unauthenticated:
        keys: Keys = request.app.state.keys
        keys.principal(token)
        raise Forbidden from None
    return _call(request, Principal(str(person_id), frozenset({role}), EVERYONE))


async def call_in_session(request: Request, secret: str, role: str) -> Call:
    """The call of the person whose session it is, seeing every row likewise. Raises Unauthenticated, also for another role's."""
    async with request.app.state.database.transaction() as tx:
        principal = await sessions.find(tx, secret)
    if principal is None or principal.roles != {role}:
        raise Unauthenticated
    return _call(request, principal)


def _call(request: Request, principal: Principal) -> Call:
    (role,) = principal.roles
    context = Context(actor=role, correlation_id=request.state.correlation_id)
    # of what a person does, who is its subject, the bus is not told by which request: nobody can try out whose it may be
    return Call(request, principal, context, request.app.state.database, request.headers.get("idempotency-key"))


async def _whose(request: Request, tx: Connection, code: str) -> tuple[UUID, str]:
    """Whose link of one use it is, and by what it is known as used: given here, or signed by whom this service believes.

    A letter may be sent twice (decision 0010): its links are two tokens, and one use. Raises Unauthenticated, also of the erased.
    """
    given = await one_use.redeem(tx, code, now())
    if given is not None:
        return given, code
    person_id, once = request.app.state.visitors.person_once(code)
    if not await persons.may_hear_of(tx, person_id):
        raise Unauthenticated
    return person_id, f"signed {once}"
