"""What every kind of page has alike (kit.staff, kit.personal): templates, forms that show whose page they came from, what went
wrong as a page, and a cookie that goes to these pages alone.

Every write carries a token that only its page knew. The cookie is SameSite=Strict: services under one host have one each.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from kit import http
from kit.auth import Forbidden, Unauthenticated
from kit.errors import Refused, Unavailable
from kit.http import Call
from kit.templating import environment

WRONG = (Unauthenticated, Forbidden, RequestValidationError, Refused, Unavailable)
"""What a page is answered with in place of what was asked."""


class PageRoute(APIRoute):
    """A route that says with a page what went wrong, to somebody who has no use for JSON."""

    def wrong(self, request: Request, error: Exception) -> Response:
        """The page for one of WRONG."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except WRONG as error:
                said = self.wrong(request, error)
                if isinstance(error, Unauthenticated | Forbidden):
                    http.denied(request, said.status_code)
                return said

        return answer


class Door:
    """Pages under one path: their templates, who comes, and what goes wrong. A kind of door says who comes, and how."""

    def __init__(self, package: str, *, home: str, cookie: str) -> None:
        self.home, self.cookie = home, cookie
        self.templates = environment(package)
        self.templates.globals["home"] = home

    def page(self, name: str, call: Call | None = None, status: int = 200, **given: Any) -> HTMLResponse:
        """A page as an answer; with a call, for whoever is in: its forms show that they came from it."""
        inside = {} if call is None else {"csrf": self.csrf(call)}
        return HTMLResponse(self.templates.get_template(f"{name}.jinja").render(inside | given), status)

    def wrong(self, request: Request, error: Exception) -> Response:
        """The page for one of WRONG."""
        raise NotImplementedError

    def csrf(self, call: Call) -> str:
        """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
        return hashlib.sha256(f"csrf {call.request.cookies[self.cookie]}".encode()).hexdigest()

    def from_a_page(self, reader: Callable[..., Any]) -> Callable[..., Any]:
        """A dependency: the call of whoever may read, where the form came from a page of ours. Raises Forbidden."""

        async def writer(request: Request, call: Annotated[Call, Depends(reader)]) -> Call:
            await request.body()  # whole, before it is read as a form: it is compared with what came under the same key
            given = (await request.form()).get("csrf")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.csrf(call).encode()):
                raise Forbidden
            return call

        writer.roles = reader.roles  # type: ignore[attr-defined]  # read by the test that every route names its role
        return writer

    def routes(self, path: str) -> APIRouter:
        """A router whose refusals are pages too, under this path."""
        door = self

        class Ours(PageRoute):
            def wrong(self, request: Request, error: Exception) -> Response:
                return door.wrong(request, error)

        return APIRouter(prefix=path, route_class=Ours, include_in_schema=False)

    def enter(self, answer: Response, request: Request, secret: str) -> Response:
        """An answer with which somebody is in."""
        return keep(answer, request, self.cookie, self.home, secret)

    def leave(self, name: str) -> Response:
        """A page after which they are out."""
        answer = self.page(name)
        answer.delete_cookie(self.cookie, path=self.home)
        return answer


def keep(answer: Response, request: Request, cookie: str, path: str, secret: str) -> Response:
    """Have the browser keep a secret for what lies under this path, and give it to nobody else."""
    secure = request.app.state.settings.cookie_secure
    answer.set_cookie(cookie, secret, path=path, httponly=True, samesite="strict", secure=secure)
    return answer
