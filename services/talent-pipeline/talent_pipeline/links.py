"""Links for people without an account: to their own page here, and from there to equality monitoring.

Each is a token that we sign with one private key and that is good for one audience. It says who comes, and nothing else.
"""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import jwt

from kit.auth import Signer, Unauthenticated, key_set

ISSUER = "talent-pipeline"
AUDIENCE = "talent-pipeline-candidate"
EQUALITY = "equality-monitoring"
LASTS = timedelta(days=30)
MONITORING_LASTS = timedelta(days=1)


class Links:
    """Signs links with a private key in one file, and believes those that the public keys in another verify."""

    def __init__(self, private: Path | None, public: Path | None, public_url: str, equality_url: str) -> None:
        self._signer = None if private is None else Signer(private)
        self._keys = None if public is None else key_set(public)
        self._public_url, self._equality_url = public_url.rstrip("/"), equality_url.rstrip("/")

    def page(self, person_id: UUID) -> str:
        """The person's own page."""
        return f"{self._public_url}/my/applications/start?token={self._signed(person_id, AUDIENCE, LASTS)}"

    def monitoring(self, person_id: UUID) -> str | None:
        """Their page of equality monitoring, which never learns anything else from us; None where there is none."""
        if self._signer is None or not self._equality_url:
            return None
        return f"{self._equality_url}/my/monitoring/start?token={self._signed(person_id, EQUALITY, MONITORING_LASTS)}"

    def person(self, token: str) -> UUID:
        """Whose page a token opens. Raises Unauthenticated, never saying what of it was wrong."""
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

    def _signed(self, person_id: UUID, audience: str, lasts: timedelta) -> str:
        if self._signer is None:
            raise Unauthenticated
        return self._signer.sign(issuer=ISSUER, audience=audience, subject=str(person_id), lasts=lasts)
