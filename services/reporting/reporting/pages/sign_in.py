"""Signing in by a one-time link: its code is a token, believed once; then the session's cookie carries it."""

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from kit import http
from kit.auth import Keys, Unauthenticated
from kit.database import Database
from reporting.access import Asked, asked
from reporting.disclosure import EXACT_ROLES, Profile
from reporting.pages.paper import page

USE: Final = "INSERT INTO kit.sign_in (code_sha256) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in(
    request: Request, ask: Annotated[Asked, Depends(asked)], code: Annotated[str, Query(max_length=4000)] = ""
) -> Response:
    """Set the session's cookie, where the code is a token of ours that has not been used before."""
    if not code:
        return page("sign-in.jinja", ask, request)
    keys: Keys = request.app.state.keys
    try:
        principal = keys.principal(code)
    except Unauthenticated:
        return page("sign-in.jinja", ask, request, 401, refused=True)
    if not await use(ask.database, code):
        return page("sign-in.jinja", ask, request, 401, refused=True)
    exact = not principal.roles.isdisjoint(EXACT_ROLES)
    # A page and no redirect: the cookie is not sent with a request that another site began, and a redirect is part of it.
    answer = page("signed-in.jinja", ask, request, to=f"/dashboard?profile={Profile.EXACT}" if exact else "/dashboard")
    answer.set_cookie(http.COOKIE, code, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, ask: Annotated[Asked, Depends(asked)]) -> Response:
    """Forget the session's cookie."""
    answer = page("signed-out.jinja", ask, request)
    answer.delete_cookie(http.COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
    return answer


async def use(database: Database, code: str) -> bool:
    """Use a code up; False where it was used before."""
    async with database.transaction() as tx:
        return bool(await tx.fetchval(USE, hashlib.sha256(code.encode()).digest()))
