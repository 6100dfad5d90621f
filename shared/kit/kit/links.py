"""Links for people without an account: a signed token for one person and one audience. It says who comes, and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import jwt

from kit.auth import KeySet, Signer, Unauthenticated
from kit.letting_go import USED_DAYS


@dataclass(frozen=True)
class Links:
    """Signs the links of one issuer with the private key in a file; without a file, none."""

    issuer: str
    key: Path | None

    def token(self, person_id: UUID, audience: str, lasts: timedelta, once: UUID | None = None) -> str:
        """What the link carries. `once`: by which id it is used up. Raises Unauthenticated where this process signs none."""
        if self.key is None:
            raise Unauthenticated
        used_by = {} if once is None else {"jti": str(once)}
        return Signer(self.key).sign(
            issuer=self.issuer, audience=audience, subject=str(person_id), lasts=lasts, **used_by
        )


class Visitors:
    """Believes the links of one issuer to one audience that a key in this file verifies; without a file, none."""

    def __init__(self, issuer: str, audience: str, keys: Path | None) -> None:
        self._issuer, self._audience = issuer, audience
        self._keys = None if keys is None else KeySet(keys)

    def person(self, token: str) -> UUID:
        """Whose link it is. Raises Unauthenticated, never saying what of it was wrong."""
        return self._believed(token)[0]

    def person_once(self, token: str) -> tuple[UUID, UUID]:
        """Whose link it is, and by which id it is used up.

        Raises Unauthenticated likewise, also where it says none, or lasts longer than it is known that it was used.
        """
        person_id, once, lasts = self._believed(token)
        if once is None or lasts > timedelta(days=USED_DAYS):
            raise Unauthenticated
        return person_id, once

    def _believed(self, token: str) -> tuple[UUID, UUID | None, timedelta]:
        """Whose it is, by which id it is used up, and how long it is believed from when it was signed."""
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
            lasts = timedelta(seconds=int(claims["exp"]) - int(claims["iat"]))
            return UUID(claims["sub"]), UUID(claims["jti"]) if "jti" in claims else None, lasts
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise Unauthenticated from error
