"""A person's own pages. A link opens the door once and becomes a cookie; every write carries a token that only its page knew.

The cookie is SameSite=Strict, and a browser that comes from another site keeps it back even after a redirect. So the link
answers with a page of its own, from which the person goes on.

There are two kinds of link. A signed one is believed while it lasts, and is itself what the cookie carries. One that is redeemed
asks first (a mail scanner opens links, and presses no button), is believed once, and begins a session.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from kit import log, metrics, one_use, sessions
from kit.auth import Forbidden, Principal, Unauthenticated
from kit.clock import now
from kit.database import EVERYONE
from kit.errors import Refused, Unavailable
from kit.http import Call
from kit.links import call_in_session, call_of
from kit.templating import environment

logger = log.get(__name__)


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


class PersonalPages:
    """The door to a person's pages, their templates, and who comes.

    The package holds `templates/`: `start` (where the link leads), `left`, and for what goes wrong `closed`, `refused` and `away`;
    each extends `personal.jinja`. The app's state holds `cookie_secure` and, where links are signed, `visitors`. Where they are
    of one use (kit.one_use), `start` has a form that posts `code` to where it came from.
    """

    def __init__(self, package: str, *, home: str, cookie: str, role: str, one_use: bool = False) -> None:
        self.home, self._cookie = home, cookie
        self.templates = environment(package)
        self.templates.globals["home"] = home
        self.templates.filters |= {"in_words": in_words, "organisation": organisation, "in_full": in_full}

        async def visitor(request: Request) -> Call:
            given = request.cookies.get(cookie, "")
            return await call_in_session(request, given, role) if one_use else call_of(request, given, role)

        async def writer(request: Request, call: Annotated[Call, Depends(visitor)]) -> Call:
            given = (await request.form()).get("csrf")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.csrf(call).encode()):
                raise Forbidden
            return call

        visitor.roles = writer.roles = (role,)  # type: ignore[attr-defined]  # read by the test that every route names its role
        self.visitor: Callable[..., Any] = visitor
        """A dependency: the call of the person whose cookie it is. Raises Unauthenticated."""
        self.writer: Callable[..., Any] = writer
        """A dependency: the same, where the form came from a page of ours. Raises Forbidden."""
        self.router = self._door_of_one_use(role) if one_use else self._door(role)

    def page(self, name: str, status: int = 200, **given: Any) -> HTMLResponse:
        return HTMLResponse(self.templates.get_template(f"{name}.jinja").render(given), status)

    def csrf(self, call: Call) -> str:
        """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
        return hashlib.sha256(f"csrf {call.request.cookies[self._cookie]}".encode()).hexdigest()

    def _door(self, role: str) -> APIRouter:
        router = APIRouter(prefix=self.home, route_class=self.route_class(), include_in_schema=False)

        @router.get("/start")
        async def start(request: Request, token: Annotated[str, Query(max_length=2000)] = "") -> Response:
            """The page that a link opens: what it is for, and how to go on. It keeps the token in a cookie."""
            call_of(request, token or request.cookies.get(self._cookie, ""), role)
            answer = self.page("start")
            if token:
                secure = request.app.state.cookie_secure
                answer.set_cookie(self._cookie, token, path=self.home, httponly=True, samesite="strict", secure=secure)
            return answer

        @router.post("/leave")
        async def leave(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """Close the door on this device: the link itself opens it again."""
            return self._left()

        return router

    def _door_of_one_use(self, role: str) -> APIRouter:
        router = APIRouter(prefix=self.home, route_class=self.route_class(), include_in_schema=False)

        @router.get("/start")
        async def ask(code: Annotated[str, Query(max_length=200)] = "") -> Response:
            """The page that a link opens. Nothing is used up, nor said of the code, until the person goes on."""
            return self.page("start", code=code)

        @router.post("/start")
        async def start(request: Request) -> Response:
            """Redeem the link for a session. Raises Unauthenticated where it is none, or was used before."""
            code = (await request.form()).get("code")
            async with request.app.state.database.transaction(EVERYONE) as tx:
                person_id = await one_use.redeem(tx, code, now()) if isinstance(code, str) else None
                who = Principal(str(person_id), frozenset({role}), EVERYONE)
                session = None if person_id is None else await sessions.redeem(tx, str(code), who)
            if session is None:
                raise Unauthenticated
            answer = RedirectResponse(self.home, 303)
            secure = request.app.state.cookie_secure
            answer.set_cookie(
                self._cookie, session.secret, path=self.home, httponly=True, samesite="strict", secure=secure
            )
            return answer

        @router.post("/leave")
        async def leave(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """End the session: the cookie opens nothing any more, wherever it may be."""
            async with call.reading() as tx:
                await sessions.end(tx, call.request.cookies[self._cookie])
            return self._left()

        return router

    def _left(self) -> Response:
        answer = self.page("left")
        answer.delete_cookie(self._cookie, path=self.home)
        return answer

    def route_class(self) -> type[APIRoute]:
        """What the routes of a page are of that says itself who may come."""
        pages = self

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
                        return pages.page("closed", 401)
                    except Refused as refusal:
                        return pages.page("refused", refusal.status, title=refusal.title)
                    except Unavailable:
                        return pages.page("away", 503)

                return answer

        return PageRoute
