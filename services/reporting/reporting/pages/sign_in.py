"""Signing in by a one-time link. Opening it only asks; the button redeems its code for a session (kit.sessions).

A link that something else opened first, a scanner of mail or a preview, still works for the person.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from kit import http, sessions
from kit.auth import SIGN_IN, Keys, Unauthenticated
from reporting.access import Asked, asked
from reporting.disclosure import EXACT_ROLES, Profile
from reporting.pages.paper import page

router = APIRouter(include_in_schema=False)
Code = Annotated[str, Query(max_length=4000)]


@router.get("/sign-in")
async def ask(request: Request, ask: Annotated[Asked, Depends(asked)], code: Code = "") -> Response:
    """How to sign in; with a code of ours, the button that does."""
    return page("sign-in.jinja", ask, request, code=code)


@router.post("/sign-in")
async def sign_in(
    request: Request, ask: Annotated[Asked, Depends(asked)], code: Annotated[str, Form(max_length=4000)] = ""
) -> Response:
    """Set the session's cookie, where the code is one of ours that has not been used before."""
    keys: Keys = request.app.state.keys
    try:
        principal = keys.principal(code, SIGN_IN)
    except Unauthenticated:
        return page("sign-in.jinja", ask, request, 401, refused=True)
    async with ask.database.transaction() as tx:
        session = await sessions.redeem(tx, code, principal)
    if session is None:
        return page("sign-in.jinja", ask, request, 401, refused=True)
    exact = not principal.roles.isdisjoint(EXACT_ROLES)
    # A page and no redirect: the cookie is not sent with a request that another site began, and a redirect is part of it.
    answer = page("signed-in.jinja", ask, request, to=f"/dashboard?profile={Profile.EXACT}" if exact else "/dashboard")
    secure = request.url.scheme == "https"
    answer.set_cookie(http.COOKIE, session.secret, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, ask: Annotated[Asked, Depends(asked)]) -> Response:
    """End the session."""
    if secret := request.cookies.get(http.COOKIE):
        async with ask.database.transaction() as tx:
            await sessions.end(tx, secret)
    answer = page("signed-out.jinja", ask, request)
    answer.delete_cookie(http.COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer
