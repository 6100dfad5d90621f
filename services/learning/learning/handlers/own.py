"""What learners do alone: by a link of one use they see their transcript, and give and take back the codes that show it."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from kit import persons
from kit.clock import now
from kit.context import Context
from kit.database import Connection
from learning import store
from learning.handlers.skills import digest

LASTS = timedelta(days=1)


async def give_link(tx: Connection, person_id: UUID, context: Context) -> str:
    """The code of a new link to the learner's own page. Raises UnknownPerson."""
    await persons.expect(tx, person_id, field="id")
    code = secrets.token_urlsafe(32)
    await store.keep_link(tx, digest(code), person_id, context.now, context.now + LASTS)
    return code


async def redeem(tx: Connection, code: str) -> UUID | None:
    """Whose link it was (kit.personal)."""
    return await store.use_link(tx, digest(code), now())


async def take_back(tx: Connection, person_id: UUID) -> None:
    """Nobody sees the transcript any more by a code that was given before."""
    await store.drop_codes(tx, person_id)


async def shown_until(tx: Connection, person_id: UUID, day: date) -> list[date]:
    """The last days of the codes that show a learner's transcript now."""
    return await store.codes_of(tx, person_id, day)
