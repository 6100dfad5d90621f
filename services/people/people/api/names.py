"""The names of a list's ids, for whoever reads the list: a program by its token, a page of another service by a session here.

A page under the same host (decision 0011) signs its reader in here as well, with the code of the link that signed them in there:
each service believes it once. From then on its script asks for the names of what it shows, and the service that serves the page
never has one. The cookie of that session goes nowhere else.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python

from kit import http, sessions, staff
from kit.auth import Forbidden
from kit.door import keep
from kit.http import Call
from kit.routes.wire import Body
from people.api.persons import EITHER, Naming
from people.handlers import People

PATH = "/names"
COOKIE = "names_session"


def router_of(people: People) -> APIRouter:
    router = APIRouter(prefix=PATH, tags=["persons"])
    either, naming = Depends(staff.of_our_page(COOKIE, EITHER)), Body(Naming)

    @router.post("", summary="The names of up to 100 ids, saying why", openapi_extra=naming.openapi)
    async def names(request: Request, call: Call = either) -> JSONResponse:
        """For whoever has a list of another service: who is not yours to see, or erased, is left out; `name` may be null."""
        asked = await naming.read(request)
        async with call.reading() as tx:
            found = await people.names(tx, asked.ids, asked.reason, call.context)
        rows = [{"person_id": id_, "name": found[id_]} for id_ in dict.fromkeys(asked.ids) if id_ in found]
        return JSONResponse(to_jsonable_python({"rows": rows}))

    @router.post("/sign-in", include_in_schema=False)
    async def sign_in(request: Request, code: Annotated[str, Form(max_length=4000)] = "") -> Response:
        """Begin the session of a page's reader, in place of whose it was before. Raises Unauthenticated and Forbidden."""
        if not staff.asked_here(request):
            raise Forbidden
        session = await staff.redeem(request, code, EITHER)
        return keep(Response(status_code=204), request, COOKIE, PATH, session.secret)

    @router.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        """End it. Asked by a page of ours alone, and by nobody who is not signed in."""
        if not staff.asked_here(request):
            raise Forbidden
        await http.in_session(request, COOKIE)
        async with request.app.state.database.transaction() as tx:
            await sessions.end(tx, request.cookies[COOKIE])
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    return router
