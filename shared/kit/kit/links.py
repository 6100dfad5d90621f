"""Links for people without an account: a signed token for one person and one audience. It says who comes, and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import jwt
from fastapi import Request

from kit import sessions
from kit.auth import Forbidden, Keys, KeySet, Principal, Signer, Unauthenticated
from kit.context import Context
from kit.database import EVERYONE
from kit.http import Call


@dataclass(frozen=True)
class Links:
    """Signs the links of one issuer with the private key in a file; without a file, none."""

    issuer: str
    key: Path | None

    def token(self, person_id: UUID, audience: str, lasts: timedelta) -> str:
        """What the link carries. Raises Unauthenticated where this process signs none."""
        if self.key is None:
            raise Unauthenticated
        return Signer(self.key).sign(issuer=self.issuer, audience=audience, subject=str(person_id), lasts=lasts)


class Visitors:
    """Believes the links of one issuer to one audience that a key in this file verifies; without a file, none."""

    def __init__(self, issuer: str, audience: str, keys: Path | None) -> None:
        self._issuer, self._audience = issuer, audience
        self._keys = None if keys is None else KeySet(keys)

    def person(self, token: str) -> UUID:
        """Whose link it is. Raises Unauthenticated, never saying what of it was wrong."""
        if self._keys is None:
            raise Unauthenticated
        try:
            claims = jwt.decode(
                token,
                self._keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=["EdDSA"],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "iat", "sub", "aud", "iss"], "strict_aud": True},
            )
            return UUID(claims["sub"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated from error


def call_of(request: Request, token: str, role: str) -> Call:
    """The call of the person whose link it is, in a role that is a kind and no id. Raises Unauthenticated, Forbidden for staff.

    It sees every row: what it answers must be the person's own by what it asks for.
    """
    visitors: Visitors = request.app.state.visitors
    try:
        person_id = visitors.person(token)
    except Unauthenticated:
        keys: Keys = request.app.state.keys
        keys.principal(token)
        raise Forbidden from None
    return _call(request, Principal(str(person_id), frozenset({role}), EVERYONE))


async def call_in_session(request: Request, secret: str, role: str) -> Call:
    """The call of the person whose session it is, seeing every row likewise. Raises Unauthenticated, also for another role's."""
    async with request.app.state.database.transaction() as tx:
        principal = await sessions.find(tx, secret)
    if principal is None or principal.roles != {role}:
        raise Unauthenticated
    return _call(request, principal)


def _call(request: Request, principal: Principal) -> Call:
    (role,) = principal.roles
    context = Context(actor=role, correlation_id=request.state.correlation_id)
    return Call(request, principal, context, request.app.state.database)
