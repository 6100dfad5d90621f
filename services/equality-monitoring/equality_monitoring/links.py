"""Who comes by a link: a person without an account, with a token that talent-pipeline signed for this service alone.

The token is a JWT: EdDSA, issuer `talent-pipeline`, audience `equality-monitoring`, subject the person's id. It says who comes
and nothing else, and nothing goes back. Staff have tokens of another kind, and no right to anything here.
"""

from pathlib import Path
from uuid import UUID

import jwt
from fastapi import Request

from kit.auth import Forbidden, Keys, Principal, Unauthenticated, key_set
from kit.context import Context
from kit.http import Call

ISSUER = "talent-pipeline"
AUDIENCE = "equality-monitoring"
PERSON = "person"
"""The one role that this service's routes are for."""
BEARER = "bearer "


class Links:
    """Believes the links that carry a signature by one of the keys in this file; without a file, none."""

    def __init__(self, keys: Path | None) -> None:
        self._keys = None if keys is None else key_set(keys)

    def person(self, token: str) -> UUID:
        """Whose link it is. Raises Unauthenticated, never saying what of it was wrong."""
        if self._keys is None:
            raise Unauthenticated
        try:
            claims = jwt.decode(
                token,
                self._keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=["EdDSA"],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"require": ["exp", "iat", "sub", "aud", "iss"], "strict_aud": True},
            )
            return UUID(claims["sub"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated from error


def own(person_id: UUID, request: Request) -> Call:
    """A dependency: the call of the person in the path. Raises Unauthenticated, or Forbidden for anybody else."""
    given = request.headers.get("authorization", "")
    call = call_with(request, given[len(BEARER) :] if given.lower().startswith(BEARER) else "")
    if call.principal.subject != str(person_id):
        raise Forbidden
    return call


def call_with(request: Request, token: str) -> Call:
    """The call of whoever this token is for. Raises Unauthenticated, and Forbidden for staff."""
    links: Links = request.app.state.links
    try:
        person_id = links.person(token)
    except Unauthenticated:
        keys: Keys = request.app.state.keys
        keys.principal(token)
        raise Forbidden from None
    # the actor is a kind and no id: whose a line of the journal is stands in its payload, once
    context = Context(actor=PERSON, correlation_id=request.state.correlation_id)
    return Call(request, Principal(str(person_id), frozenset({PERSON}), "*"), context, request.app.state.database)


own.roles = (PERSON,)  # type: ignore[attr-defined]  # read by the test that every route names its role
