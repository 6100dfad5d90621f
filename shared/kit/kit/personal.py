"""A person's own pages. A link opens the door once and becomes a cookie; every write carries a token that only its page knew.

The cookie is SameSite=Strict, and a browser that comes from another site keeps it back even after a redirect. So the link
answers with a page of its own, from which the person goes on.
"""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from kit import log, metrics
from kit.auth import Forbidden, Unauthenticated
from kit.errors import Refused, Unavailable
from kit.http import Call
from kit.links import call_of

logger = log.get(__name__)


class PersonalPages:
    """The door to a person's pages, their templates, and who comes.

    The package holds `templates/`: `start` (where the link leads), `left`, and for what goes wrong `closed`, `refused` and `away`;
    each extends `personal.jinja`. The app's state holds `visitors` and `cookie_secure`.
    """

    def __init__(self, package: str, *, home: str, cookie: str, role: str) -> None:
        self.home, self._cookie = home, cookie
        self.templates = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader("kit"), PackageLoader("nhsuk_frontend_jinja")]),
            undefined=ChainableUndefined,  # the components ask for parameters that are not given
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.globals["home"] = home

        def visitor(request: Request) -> Call:
            return call_of(request, request.cookies.get(cookie, ""), role)

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
        self.router = self._door(role)

    def page(self, name: str, status: int = 200, **given: Any) -> HTMLResponse:
        return HTMLResponse(self.templates.get_template(f"{name}.jinja").render(given), status)

    def csrf(self, call: Call) -> str:
        """What a form shows that it came from our page: nobody else's script can read the cookie that it is made of."""
        return hashlib.sha256(f"csrf {call.request.cookies[self._cookie]}".encode()).hexdigest()

    def _door(self, role: str) -> APIRouter:
        router = APIRouter(prefix=self.home, route_class=self._route_class(), include_in_schema=False)

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
            answer = self.page("left")
            answer.delete_cookie(self._cookie, path=self.home)
            return answer

        return router

    def _route_class(self) -> type[APIRoute]:
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
