"""Links of one use: a code that is said once lets one person in, once and within a day. It is known here by its hash alone."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from kit.database import Connection

LASTS = timedelta(days=1)

KEEP = "INSERT INTO kit.own_link (code_sha256, person_id, expires_at) VALUES ($1, $2, $3)"
USE = "DELETE FROM kit.own_link WHERE code_sha256 = $1 RETURNING person_id, expires_at > $2 AS lasts"


async def give(tx: Connection, person_id: UUID, moment: datetime) -> str:
    """The code of a new link, which nobody can say again. Rows of links that are over go by themselves (kit.letting_go)."""
    code = secrets.token_urlsafe(32)
    await tx.execute(KEEP, _hash(code), person_id, moment + LASTS)
    return code


async def redeem(tx: Connection, code: str, moment: datetime) -> UUID | None:
    """Whose link it was; after this transaction it is nobody's. None where it is none, was used, or is over."""
    row = await tx.fetchrow(USE, _hash(code), moment)
    return row["person_id"] if row is not None and row["lasts"] else None


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()
