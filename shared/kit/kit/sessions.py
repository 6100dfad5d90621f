"""Sessions of pages: a one-time link is redeemed for a session, whose secret the cookie carries and the database knows the hash of.

The link's code is a token of another audience: it opens nothing by itself, and is believed once. Signing out ends the session.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from kit.auth import Principal
from kit.clock import now
from kit.database import Connection

LASTS = timedelta(hours=8)

USE = "INSERT INTO kit.sign_in (code_sha256) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true"
BEGIN = "INSERT INTO kit.session (id_sha256, subject, roles, organisation, expires_at) VALUES ($1, $2, $3, $4, $5)"
FIND = "SELECT subject, roles, organisation FROM kit.session WHERE id_sha256 = $1 AND expires_at > $2"
END = "DELETE FROM kit.session WHERE id_sha256 = $1 OR expires_at <= $2"


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has just begun."""

    secret: str
    """What the cookie carries; it is kept nowhere else."""
    principal: Principal


async def redeem(tx: Connection, code: str, principal: Principal) -> Session | None:
    """A session for whom a code names; None where the code was used before."""
    if not await tx.fetchval(USE, _hash(_signed(code))):
        return None
    secret = secrets.token_urlsafe(32)
    roles = sorted(principal.roles)
    await tx.execute(BEGIN, _hash(secret), principal.subject, roles, principal.organisation, now() + LASTS)
    return Session(secret, principal)


async def find(tx: Connection, secret: str) -> Principal | None:
    """Whose session it is, while it lasts."""
    row = await tx.fetchrow(FIND, _hash(secret), now())
    return None if row is None else Principal(row["subject"], frozenset(row["roles"]), row["organisation"])


async def end(tx: Connection, secret: str) -> None:
    """End a session, and forget those that are over."""
    await tx.execute(END, _hash(secret), now())


def _signed(code: str) -> str:
    """What of a code makes it this one: the signature of a token can be written in several ways, what it signs in one."""
    return code.rpartition(".")[0] or code


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
