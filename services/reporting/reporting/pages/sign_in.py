"""Signing in by a one-time link (kit.staff). Opening it only asks; the button redeems its code for a session (kit.sessions).

A link that something else opened first, a scanner of mail or a preview, still works for the person.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from kit import http, sessions, staff
from kit.auth import Forbidden, Unauthenticated
from kit.door import keep
from reporting.access import EVIDENCE_ROLES, Asked, asked
from reporting.disclosure import EXACT_ROLES, Profile
from reporting.pages.paper import page

router = APIRouter(include_in_schema=False)
Ask = Annotated[Asked, Depends(asked)]


@router.get("/sign-in")
async def ask(request: Request, ask: Ask, code: staff.Code = "") -> Response:
    """How to sign in; with a code of ours, the button that does."""
    return page("sign-in.jinja", ask, request, code=code)


@router.post("/sign-in")
async def sign_in(request: Request, ask: Ask, code: staff.CodeGiven = "") -> Response:
    """Set the session's cookie, where the code is one of ours that has not been used before."""
    try:
        session = await staff.redeem(request, code, (*EXACT_ROLES, *EVIDENCE_ROLES))
    except (Unauthenticated, Forbidden):
        return page("sign-in.jinja", ask, request, 401, refused=True)
    exact = not session.principal.roles.isdisjoint(EXACT_ROLES)
    to = f"/dashboard?profile={Profile.EXACT}" if exact else "/dashboard"
    return keep(RedirectResponse(to, 303), request, http.COOKIE, "/", session.secret)


@router.post("/sign-out")
async def sign_out(request: Request, ask: Ask) -> Response:
    """End the session."""
    if secret := request.cookies.get(http.COOKIE):
        async with ask.database.transaction() as tx:
            await sessions.end(tx, secret)
    answer = page("signed-out.jinja", ask, request)
    answer.delete_cookie(http.COOKIE)
    return answer
