"""Pages of staff: a one-time link signs in for a session.

The link's code is redeemed by a button, so that a scanner of mail that opens it uses nothing up.

A form carries what a program says in headers: the key by which a second click is the first one's (`key`), and the version of
what the page showed (`version`), so that of two who act at once the second is told of the first.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse

from kit import http, sessions
from kit.auth import Forbidden, Keys, Unauthenticated
from kit.door import Door
from kit.errors import Invalid, Refused
from kit.http import Call
from kit.sessions import Session

Code = Annotated[str, Query(max_length=4000)]
CodeGiven = Annotated[str, Form(max_length=4000)]


@dataclass(frozen=True, slots=True)
class GoTo:
    """What a form is answered with: the page where what it did is to be seen."""

    path: str

    def response(self) -> Response:
        return RedirectResponse(self.path, 303)


class StaffPages(Door):
    """The door to staff's pages. The package holds `templates/`: `sign-in`, `signed-out`, and `problem` for what goes wrong."""

    def __init__(self, package: str, *, home: str, cookie: str, roles: tuple[str, ...]) -> None:
        super().__init__(package, home=home, cookie=cookie)
        self._roles = roles

        async def reader(request: Request) -> Call:
            principal = await http.in_session(request, cookie)
            principal.require(roles)
            call = http.call_of(request, principal)
            request.state.call = call  # a page that says what went wrong is theirs as well
            return call

        reader.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
        self.reader: Callable[..., Any] = reader
        """A dependency: the call of whoever is signed in. Raises Unauthenticated, Forbidden."""
        self.writer = self.from_a_page(reader)
        self.router = self._door()

    def page(self, name: str, call: Call | None = None, status: int = 200, **given: Any) -> HTMLResponse:
        """Its policy is stricter than that of other answers: no script and no style but in a file of ours."""
        nonce = secrets.token_urlsafe(16)
        answer = super().page(name, call, status, cspNonce=nonce, who=call and call.principal, **given)
        answer.headers["content-security-policy"] = f"script-src 'self' 'nonce-{nonce}'; style-src 'self'"
        return answer

    def wrong(self, request: Request, error: Exception) -> Response:
        """The page for one of WRONG."""
        call = getattr(request.state, "call", None)
        match error:
            case Unauthenticated():
                return self.page("sign-in", status=401)
            case Forbidden():
                return self.page("problem", call, 403, title="Your role does not allow this")
            case RequestValidationError():
                return self.page("problem", call, 422, title="That cannot be read", faults=http.faults(error.errors()))
            case Refused():
                return self.page("problem", call, error.status, title=error.title, refusal=error)
            case _:
                return self.page("problem", call, 503, title="Try again in a moment: nothing is lost")

    def _door(self) -> APIRouter:
        router = self.routes(self.home)

        @router.get("/sign-in")
        async def ask(code: Code = "") -> Response:
            """How to sign in; with a code, the button that does. Nothing is said of the code before."""
            return self.page("sign-in", code=code)

        @router.post("/sign-in")
        async def sign_in(request: Request, code: CodeGiven = "") -> Response:
            """Redeem the code for a session, where it is one of ours that has not been used here before."""
            try:
                session = await redeem(request, code, self._roles)
            except (Unauthenticated, Forbidden):
                return self.page("sign-in", status=401, refused=True)
            return self.enter(RedirectResponse(self.home, 303), request, session.secret)

        @router.post("/sign-out")
        async def sign_out(call: Annotated[Call, Depends(self.writer)]) -> Response:
            """End the session: the cookie opens nothing any more, wherever it may be."""
            async with call.reading() as tx:
                await sessions.end(tx, call.request.cookies[self.cookie])
            return self.leave("signed-out")

        return router


async def redeem(request: Request, code: str, roles: tuple[str, ...]) -> Session:
    """A session for whom a code of our issuer names. Raises Unauthenticated, also for one that was used; Forbidden."""
    keys: Keys = request.app.state.keys
    principal = keys.signs_in(code)
    principal.require(roles)
    async with request.app.state.database.transaction() as tx:
        session = await sessions.redeem(tx, code, principal)
    if session is None:
        raise Unauthenticated
    return session


def of_our_page(cookie: str, roles: tuple[str, ...]) -> Callable[..., Any]:
    """A dependency: the call, for these roles, by token or, from a script of a page under the same host, by this cookie.

    The browser itself says whether a script of the same origin asked (`Sec-Fetch-Site`), and no script can say it for it; the
    cookie alone, which a neighbour's page can have sent, opens nothing. The page says for whom it was drawn (`Expected-Reader`, a
    `Principal.mark`): the session may be of whoever was signed in before them. Raises Unauthenticated, Forbidden.
    """

    async def call(request: Request) -> Call:
        by_token = "authorization" in request.headers or not asked_here(request)
        principal = await http.authenticate(request) if by_token else await http.in_session(request, cookie)
        if not by_token and expected(request) != principal.mark:
            raise Unauthenticated
        principal.require(roles)
        return http.call_of(request, principal)

    call.roles = roles  # type: ignore[attr-defined]  # read by the test that every route names its role
    return call


def expected(request: Request) -> str:
    """For whom the page was drawn that asks; empty: it does not say."""
    return request.headers.get("expected-reader", "")


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
