"""Who is asking: a token signed by an issuer that we know, with roles and an organisation.

Staff bring a JWT in the Authorization header, pages bring the same token in a cookie. The development issuer is believed only
where a setting names its keys. No token: 401. A role that the route does not name: 403. Both are logged.
"""

import hashlib
import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from kit.clock import now
from kit.database import EVERYONE
from kit.ids import new_id
from kit.settings import Settings

DEVELOPMENT = "oneworkforce-development"
SIGN_IN = "oneworkforce-sign-in"
"""The audience of a code that is redeemed for a session of pages: no route takes it for a token."""
CODE_LASTS = timedelta(minutes=15)
"""A code is believed for so long at most, whatever its issuer says: it stands in an address, which others may come to see."""
ALGORITHMS = ["EdDSA", "ES256", "RS256", "RS512"]
REMEMBERED = 10_000  # tokens, of which a process remembers that it has verified them


class Unauthenticated(Exception):
    """Sign in first."""


class Forbidden(Exception):
    """Your role does not allow this."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody, by a subject that names no person."""

    subject: str
    roles: frozenset[str]
    organisation: str
    """The organisation whose rows they see; `*`: all."""

    @property
    def mark(self) -> str:
        """What tells them from anybody else, and in this role from another, for a service that knows them to compare."""
        return hashlib.sha256(json.dumps([self.subject, sorted(self.roles), self.organisation]).encode()).hexdigest()

    def require(self, roles: Collection[str]) -> None:
        """Raises Forbidden unless one of these roles is held."""
        if self.roles.isdisjoint(roles):
            raise Forbidden


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says whose signature was found to be this key's."""

    key: jwt.PyJWK
    claims: dict[str, Any]


class Keys:
    """The issuers that a process believes, with their public keys. Keys come from files, never from a token."""

    def __init__(self, settings: Settings) -> None:
        self.audience = settings.audience
        self._issuers: dict[str, KeySet] = {}
        self._verified: dict[bytes, Verified] = {}
        """By a digest of the token: the same one comes with every request, and to verify it is a quarter of a command's work."""
        if settings.issuer and settings.issuer_keys:
            self._issuers[settings.issuer] = KeySet(settings.issuer_keys)
        if settings.development_keys:
            self._issuers[DEVELOPMENT] = KeySet(settings.development_keys)

    def principal(self, token: str | None) -> Principal:
        """Whose token this is. Raises Unauthenticated, never saying what of it was wrong."""
        return _principal(self._claims(token, self.audience))

    def signs_in(self, code: str) -> Principal:
        """Whom a code signs in. Raises Unauthenticated likewise, also where it was to be believed for longer than CODE_LASTS."""
        claims = self._claims(code, SIGN_IN)
        if int(claims["exp"]) - int(claims["iat"]) > CODE_LASTS.total_seconds():
            raise Unauthenticated
        return _principal(claims)

    def _claims(self, token: str | None, audience: str) -> dict[str, Any]:
        if not token:
            raise Unauthenticated
        try:
            digest = hashlib.sha256(f"{audience} {token}".encode()).digest()
            claims = self._remembered(digest) or self._verify(digest, token, audience)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise Unauthenticated from error
        return claims

    def _remembered(self, digest: bytes) -> dict[str, Any] | None:
        """What was verified before, while its time is not over and its key is believed."""
        found = self._verified.get(digest)
        if found is None or int(found.claims["exp"]) <= now().timestamp():
            return None
        issuer, key = found.claims["iss"], found.key
        return found.claims if self._issuers[issuer][str(key.key_id)] is key else None

    def _verify(self, digest: bytes, token: str, audience: str) -> dict[str, Any]:
        said = jwt.decode_complete(token, options={"verify_signature": False})
        issuer = said["payload"]["iss"]
        key = self._issuers[issuer][said["header"]["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=issuer,
            options={"require": ["exp", "iat", "sub", "aud", "iss"]},
        )
        if len(self._verified) >= REMEMBERED:
            self._verified.clear()
        self._verified[digest] = Verified(key, claims)
        return claims


def _principal(claims: dict[str, Any]) -> Principal:
    roles, organisation = claims.get("roles"), claims.get("organisation")
    if not isinstance(roles, list) or not isinstance(organisation, str) or not organisation:
        raise Unauthenticated
    return Principal(claims["sub"], frozenset(str(role) for role in roles), organisation)


class KeySet:
    """The JWK set in a file. It is read again when it has changed: keys are exchanged while the process runs."""

    def __init__(self, path: Path) -> None:
        """Raises OSError or ValueError where there is none at first."""
        self._path = path
        self._read_at = _written(path)
        self._keys = jwt.PyJWKSet.from_json(path.read_text())

    def __getitem__(self, key_id: str) -> jwt.PyJWK:
        """The key with this id. Raises KeyError."""
        with suppress(
            OSError, ValueError, jwt.PyJWTError
        ):  # the file is away, or half written: what was believed still is
            found = _written(self._path)
            if found != self._read_at:
                self._keys, self._read_at = jwt.PyJWKSet.from_json(self._path.read_text()), found
        return self._keys[key_id]


def _written(path: Path) -> tuple[int, int]:
    """What tells one version of a file from the next."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ino


class Signer:
    """A private key in a file, that signs tokens: the development issuer's, or a service's links for people without account."""

    def __init__(self, path: Path) -> None:
        stored = json.loads(path.read_text())
        key = OKPAlgorithm.from_jwk(stored)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the file must hold a private Ed25519 key as a JWK")
        self._key, self._id = key, stored["kid"]

    def sign(self, *, issuer: str, audience: str, subject: str, lasts: timedelta, **claims: Any) -> str:
        """A token for this subject. `lasts`: how long it is believed."""
        issued: datetime = now()
        payload = {
            "iss": issuer, "aud": audience, "sub": subject, "iat": issued, "exp": issued + lasts, **claims,
        }  # fmt: skip
        return jwt.encode(payload, self._key, algorithm="EdDSA", headers={"kid": self._id})


def make_key(private: Path, public: Path, key_id: str) -> None:
    """A new Ed25519 key: the private JWK readable by its owner only, and the JWK set that others verify with."""
    secret = _generated(key_id)
    _write(private, secret, 0o600)
    _write(public, {"keys": [_public(secret)]}, 0o644)


def exchange_key(private: Path, public: Path, key_id: str) -> None:
    """Another key signs from now on; what the one before has signed is believed on. Raises ValueError where one is called so.

    The set that others verify with comes first: nobody meets a key that they do not know.
    """
    known = json.loads(public.read_text())["keys"]
    if key_id in {key["kid"] for key in known}:
        raise ValueError("there is a key with this id")
    secret = _generated(key_id)
    _write(public, {"keys": [*known, _public(secret)]}, 0o644)
    _write(private, secret, 0o600)


def drop_others(private: Path, public: Path) -> int:
    """Believe the key that signs alone: what others have signed is believed no more; how many they were."""
    current = json.loads(private.read_text())["kid"]
    known = json.loads(public.read_text())["keys"]
    left = [key for key in known if key["kid"] == current]
    _write(public, {"keys": left}, 0o644)
    return len(known) - len(left)


def _generated(key_id: str) -> dict[str, Any]:
    key = OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
    return {**key, "kid": key_id, "alg": "EdDSA", "use": "sig"}


def _public(secret: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in secret.items() if name != "d"}


def _write(path: Path, stored: dict[str, Any], mode: int) -> None:
    """In one step: whoever reads meanwhile reads all of the one or of the other."""
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=mode)
    aside.write_text(json.dumps(stored))
    aside.replace(path)


def development_token(signer: Signer, role: str, organisation: str = EVERYONE, subject: str | None = None) -> str:
    """A token of the development issuer: eight hours, one role."""
    return _of_development(signer, "oneworkforce", timedelta(hours=8), role, organisation, subject)


def sign_in_code(signer: Signer, role: str, organisation: str = EVERYONE, subject: str | None = None) -> str:
    """A code of the development issuer that signs in at pages of staff, once at each service, within CODE_LASTS.

    Each is its own: of two that the same person asks for within a second, both can be used.
    """
    return _of_development(signer, SIGN_IN, CODE_LASTS, role, organisation, subject, jti=str(new_id()))


def _of_development(
    signer: Signer, audience: str, lasts: timedelta, role: str, organisation: str, subject: str | None, **claims: Any
) -> str:
    return signer.sign(
        issuer=DEVELOPMENT,
        audience=audience,
        subject=subject or f"development-{role}",
        lasts=lasts,
        roles=[role],
        organisation=organisation,
        **claims,
    )
