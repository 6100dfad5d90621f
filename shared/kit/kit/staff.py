"""Pages of staff: a one-time link signs in for a session; every write carries a token that only its page knew.

The link's code is redeemed by a button, so that a scanner of mail that opens it uses nothing up. The session's cookie is
SameSite=Strict and goes to these pages alone: services under one host have one each.

A form carries what a program says in headers: the key by which a second click is the first one's (`key`), and the version of
what the page showed (`version`), so that of two who act at once the second is told of the first.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute

from kit import http, log, metrics, sessions
from kit.auth import SIGN_IN, Forbidden, Keys, Principal, Unauthenticated
from kit.errors import Invalid, Refused, Unavailable
from kit.http import Call
from kit.templating import environment

logger = log.get(__name__)

Code = Annotated[str, Query(max_length=4000)]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class GoTo:
    """What a form is answered with: the page where what it did is to be seen."""

    path: str

    def response(self) -> Response:
        return RedirectResponse(self.path, 303)


class StaffPages:
    """The door to staff's pages, their templates, and who comes.

    The package holds `templates/`: `sign-in`, `signed-out`, and `problem` for what goes wrong. The app's state holds
    `cookie_secure`.
    """

    def __init__(self, package: str, *, home: str, cookie: str, roles: tuple[str, ...]) -> None:
        self.home, self._cookie, self._roles = home, cookie, roles
        self.templates = environment(package)
        self.templates.globals["home"] = home

        async def reader(request: Request) -> Call:
            principal = await http.in_session(request, cookie)
            principal.require(roles)
            call = http.call_of(request, principal)
            request.state.call = call  # a page that says what went wrong is theirs as well
            return call

        async def writer(request: Request, call: Annotated[Call, Depends(reader)]) -> Call:
            await request.body()  # whole, before it is read as a form: it is compared with what came under the same key
            given = (await request.form()).get("csrf")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.csrf(call).encode()):
                raise Forbidden
            return call

        reader.roles = writer.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
        self.reader: Callable[..., Any] = reader
        """A dependency: the call of whoever is signed in. Raises Unauthenticated, Forbidden."""
        self.writer: Callable[..., Any] = writer
        """A dependency: the same, where the form came from a page of ours. Raises Forbidden."""
        self.router = self._door()

    def page(self, name: str, call: Call | None = None, status: int = 200, **given: Any) -> HTMLResponse:
        """A page as an answer. Its policy is stricter than that of other answers: no script and no style but in a file of ours."""
        nonce = secrets.token_urlsafe(16)
        signed_in = {} if call is None else {"csrf": self.csrf(call), "who": call.principal}
        html = self.templates.get_template(f"{name}.jinja").render(cspNonce=nonce, **signed_in, **given)
        policy = f"script-src 'self' 'nonce-{nonce}'; style-src 'self'"
        return HTMLResponse(html, status, {"content-security-policy": policy})

    def csrf(self, call: Call) -> str:
        """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
        return hashlib.sha256(f"csrf {call.request.cookies[self._cookie]}".encode()).hexdigest()

    def routes(self, prefix: str = "") -> APIRouter:
        """A router whose refusals are pages too, under the pages' home."""
        return APIRouter(prefix=self.home + prefix, route_class=self._route_class(), include_in_schema=False)

    def _door(self) -> APIRouter:
        router = self.routes()

        @router.get("/sign-in")
        async def ask(code: Code = "") -> Response:
            """How to sign in; with a code, the button that does. Nothing is said of the code before."""
            return self.page("sign-in", code=code)

        @router.post("/sign-in")
        async def sign_in(request: Request, code: Annotated[str, Form(max_length=4000)] = "") -> Response:
            """Redeem the code for a session, where it is one of ours that has not been used here before."""
            try:
                session = await redeem(request, code, self._roles)
            except (Unauthenticated, Forbidden):
                return self.page("sign-in", status=401, refused=True)
            answer = RedirectResponse(self.home, 303)
            keep(answer, request, self._cookie, self.home, session)
            return answer

        @router.post("/sign-out")
        async def sign_out(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """End the session: the cookie opens nothing any more, wherever it may be."""
            async with call.reading() as tx:
                await sessions.end(tx, call.request.cookies[self._cookie])
            answer = self.page("signed-out")
            answer.delete_cookie(self._cookie, path=self.home)
            return answer

        return router

    def _route_class(self) -> type[APIRoute]:
        pages = self

        def problem(request: Request, status: int, title: str, **given: Any) -> Response:
            return pages.page("problem", getattr(request.state, "call", None), status, title=title, **given)

        class PageRoute(APIRoute):
            """A route that says with a page what went wrong, to somebody who has no use for JSON."""

            def get_route_handler(self) -> Handler:
                handle = super().get_route_handler()

                async def answer(request: Request) -> Response:
                    try:
                        return await handle(request)
                    except Unauthenticated:
                        _denied(request, 401, self.path)
                        return pages.page("sign-in", status=401)
                    except Forbidden:
                        _denied(request, 403, self.path)
                        return problem(request, 403, "Your role does not allow this")
                    except RequestValidationError as error:
                        return problem(request, 422, "That cannot be read", faults=http.faults(error.errors()))
                    except Refused as refusal:
                        return problem(request, refusal.status, refusal.title, refusal=refusal)
                    except Unavailable:
                        return problem(request, 503, "Try again in a moment: nothing is lost")

                return answer

        return PageRoute


def _denied(request: Request, status: int, route: str) -> None:
    metrics.DENIED.labels(str(status)).inc()
    logger.warning("access_denied", status=status, method=request.method, route=route)


async def redeem(request: Request, code: str, roles: tuple[str, ...]) -> sessions.Session:
    """A session for whom a code of our issuer names. Raises Unauthenticated, also for one that was used; Forbidden."""
    keys: Keys = request.app.state.keys
    principal: Principal = keys.principal(code, SIGN_IN)
    principal.require(roles)
    async with request.app.state.database.transaction() as tx:
        session = await sessions.redeem(tx, code, principal)
    if session is None:
        raise Unauthenticated
    return session


def keep(answer: Response, request: Request, cookie: str, path: str, session: sessions.Session) -> None:
    """Have the browser keep a session for what lies under this path."""
    secure = request.app.state.cookie_secure
    answer.set_cookie(cookie, session.secret, path=path, httponly=True, samesite="strict", secure=secure)


def of_our_page(cookie: str, roles: tuple[str, ...]) -> Callable[..., Any]:
    """A dependency: the call, for these roles, by token or, from a script of a page under the same host, by this cookie.

    The browser itself says whether a script of the same origin asked (`Sec-Fetch-Site`), and no script can say it for it; the
    cookie alone, which a neighbour's page can have sent, opens nothing. Raises Unauthenticated, Forbidden.
    """

    async def call(request: Request) -> Call:
        by_token = "authorization" in request.headers or not asked_here(request)
        principal = await http.authenticate(request) if by_token else await http.in_session(request, cookie)
        principal.require(roles)
        return http.call_of(request, principal)

    call.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
    return call


def asked_here(request: Request) -> bool:
    """Whether a page of this very origin asked."""
    return request.headers.get("sec-fetch-site") == "same-origin"


def version_of(form: Any) -> int:
    """The version of what the page showed. Raises Invalid where the form does not say it."""
    given = form.get("version")
    if not isinstance(given, str) or not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid("must be the version that the page showed", field="version")
    return int(given)


def key_of(form: Any) -> str:
    """The key of a form. Raises Invalid where it has none."""
    given = form.get("key")
    if not isinstance(given, str) or not 0 < len(given) <= 64:
        raise Invalid("must be the key that the page gave", field="key")
    return given
