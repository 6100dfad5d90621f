"""The rows: what is to be told to whom, how far it is, and what a person does not want to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from kit import waiting
from kit.clock import now
from kit.database import Connection
from kit.step import Waiting
from people.domain.messages import Held, MessageKind, MessageState
from schemas.values import business_date

LEASE = timedelta(minutes=2)
"""Whoever takes a message to send has so long; then another may take it. Longer than a try lasts."""
MADE_OF = UUID("3d0b8f2e-6c1a-4a57-8b7e-52c9d4f10a66")
"""The namespace of messages' ids: of the same fact and person the id is the same, also after a backup was restored."""

# To be told ------------------------------------------------------------------------------------------------------------

STATUS = "SELECT status FROM person WHERE id = $1 FOR SHARE"
KEEP = """
INSERT INTO message (id, fact_id, person_id, kind, day, said_at, state, code, due_at, state_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (fact_id, person_id) DO UPDATE
SET day = excluded.day, state = excluded.state, code = excluded.code, due_at = excluded.due_at, state_at = excluded.state_at,
    attempts = 0
WHERE message.code = 'taken-back'
"""
# Also what did not come through: other contacts would send it.
TAKE_BACK = """
UPDATE message SET state = 'held', code = 'taken-back', due_at = NULL, state_at = $2
WHERE fact_id = $1 AND (state IN ('queued', 'bounced', 'failed') OR state = 'held' AND code = 'no-address') RETURNING id
"""
FORGET_TAKEN_BACK = "DELETE FROM message WHERE fact_id = $1 AND code = 'taken-back'"
RESTORE = """
UPDATE message SET state = 'queued', code = NULL, due_at = $2, state_at = $2, attempts = 0
WHERE fact_id = $1 AND state = 'held' AND code = 'taken-back'
"""


def id_of(fact_id: UUID, person_id: UUID) -> UUID:
    """The one message that tells this person of this fact."""
    return uuid5(MADE_OF, f"{fact_id} {person_id}")


async def tell(
    tx: Connection, fact_id: UUID, person_id: UUID, kind: MessageKind, day: date | None, said_at: datetime
) -> None:
    """Have a person told of a fact, once; again only where it had been taken back before it was sent.

    Of whom was erased nothing is kept; an id that is nobody's is shown as that.
    """
    status, moment = await tx.fetchval(STATUS, person_id), now()
    if status == "erased":
        return
    known = status is not None
    state, code = (MessageState.QUEUED, None) if known else (MessageState.HELD, Held.UNKNOWN_PERSON)
    id_, due = id_of(fact_id, person_id), moment if known else None
    await tx.execute(KEEP, id_, fact_id, person_id, kind, day, said_at, state, code, due, moment)


async def take_back(tx: Connection, fact_id: UUID) -> None:
    """What tells of a fact that was voided is not sent, and waits for nobody's contacts; what was sent stays sent."""
    ids = [row["id"] for row in await tx.fetch(TAKE_BACK, fact_id, now())]
    await tx.execute(NOTHING_WAITS, ids)


async def forget_taken_back(tx: Connection, fact_id: UUID) -> None:
    """What was taken back of a fact was never to be told: it does not come back with the fact."""
    await tx.execute(FORGET_TAKEN_BACK, fact_id)


async def restore(tx: Connection, fact_id: UUID) -> None:
    """The fact stands again: what was held for it is sent."""
    await tx.execute(RESTORE, fact_id, now())


# To be sent ------------------------------------------------------------------------------------------------------------

TAKE = """
UPDATE message SET attempts = attempts + 1, due_at = $2
WHERE id = (SELECT id FROM message WHERE state = 'queued' AND due_at <= $1 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, person_id, kind, day, said_at, attempts
"""
HOLD = "UPDATE message SET state = 'held', code = $2, due_at = NULL, state_at = $3 WHERE id = $1 AND state = 'queued'"
SENT = """
UPDATE message SET state = 'sent', code = NULL, due_at = NULL, state_at = $2 WHERE id = $1 AND state IN ('queued', 'held')
"""
LATER = "UPDATE message SET due_at = $3, code = $4 WHERE id = $1 AND attempts = $2 AND state = 'queued'"
END = """
UPDATE message SET state = $2, code = $3, due_at = NULL, state_at = $4 WHERE id = $1 AND state IN ('queued', 'sent')
RETURNING (SELECT organisation FROM person WHERE person.id = person_id)
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is to be sent now."""

    id: UUID
    person_id: UUID
    kind: MessageKind
    day: date | None
    said_at: datetime
    attempts: int
    """With this one."""


async def take(tx: Connection) -> Taken | None:
    """The message that has been due for longest, for the length of a lease; None: none is due, or others have it."""
    moment = now()
    row = await tx.fetchrow(TAKE, moment, moment + LEASE)
    return None if row is None else Taken(**{**dict(row), "kind": MessageKind(row["kind"])})


async def hold(tx: Connection, id_: UUID, because: Held) -> None:
    """Something stands against it; what was taken back meanwhile stays taken back."""
    await tx.execute(HOLD, id_, because, now())


async def mark_sent(tx: Connection, id_: UUID) -> None:
    """A mail server has taken it. What has bounced meanwhile stays bounced."""
    await tx.execute(SENT, id_, now())


async def try_later(tx: Connection, taken: Taken, at: datetime, code: str) -> None:
    """Unless somebody else has taken it since."""
    await tx.execute(LATER, taken.id, taken.attempts, at, code)


async def end(tx: Connection, id_: UUID, state: MessageState, code: str) -> bool:
    """It did not come through: whose person it is sees so, until they put the contacts right. False: it was not under way."""
    moment = now()
    row = await tx.fetchrow(END, id_, state, code, moment)
    if row is not None:
        waits = Waiting("partner" if row[0] else "coordinator", f"message-{state}", business_date(moment))
        await waiting.keep(tx, "message", id_, {waits: row[0]})
    return row is not None


# What came of them -----------------------------------------------------------------------------------------------------

LIST = """
SELECT id, turn, person_id, kind, state, code, day, said_at, state_at, attempts FROM message
WHERE ($1::uuid[] IS NULL OR person_id = ANY($1)) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR kind = $3)
    AND turn < $4
ORDER BY turn DESC LIMIT $5
"""
ONE = """
SELECT id, turn, person_id, kind, state, code, day, said_at, state_at, attempts FROM message WHERE id = $1
"""
AGAIN = """
UPDATE message SET state = 'queued', code = NULL, due_at = $2, state_at = $2, attempts = 0
WHERE person_id = $1 AND (state IN ('bounced', 'failed') OR state = 'held' AND code = 'no-address') RETURNING id
"""
NOTHING_WAITS = "DELETE FROM kit.waiting WHERE aggregate_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as those see it who may see the person."""

    id: UUID
    turn: int
    person_id: UUID
    kind: str
    state: str
    code: str | None
    day: date | None
    said_at: datetime
    state_at: datetime
    attempts: int


async def listed(
    tx: Connection, ids: Sequence[UUID] | None, state: str | None, kind: str | None, before: int, limit: int
) -> list[Message]:
    """Those to these, or to anybody, the last first."""
    return [Message(**dict(row)) for row in await tx.fetch(LIST, ids, state, kind, before, limit)]


async def one(tx: Connection, id_: UUID) -> Message | None:
    """The message with this id; None where there is none, or it is to somebody whom the caller does not see."""
    row = await tx.fetchrow(ONE, id_)
    return None if row is None else Message(**dict(row))


async def send_again(tx: Connection, person_id: UUID) -> int:
    """Whatever did not reach a person is due again, as far as it is still worth telling; how many that is."""
    ids = [row["id"] for row in await tx.fetch(AGAIN, person_id, now())]
    await tx.execute(NOTHING_WAITS, ids)
    return len(ids)


# What a person wants ---------------------------------------------------------------------------------------------------

OPTED_OUT = "SELECT kind FROM opt_out WHERE person_id = ANY($1::uuid[])"
OPT_OUT = """
INSERT INTO opt_out (person_id, kind, since)
SELECT id, kind, $3 FROM person, unnest($2::text[]) AS kind WHERE id = $1 AND status <> 'erased' FOR SHARE OF person
ON CONFLICT DO NOTHING
"""
OPT_IN = "DELETE FROM opt_out WHERE person_id = ANY($1::uuid[]) AND NOT kind = ANY($2::text[])"
WHOSE = "SELECT person_id, kind FROM message WHERE id = $1"


async def opted_out(tx: Connection, ids: Collection[UUID]) -> frozenset[str]:
    """The kinds that a person does not want to be told: whoever says so under one id does not mean that id."""
    return frozenset(row["kind"] for row in await tx.fetch(OPTED_OUT, list(ids)))


async def opt_out(tx: Connection, person_id: UUID, kinds: Collection[MessageKind]) -> None:
    """Do not tell these any more."""
    await tx.execute(OPT_OUT, person_id, list(kinds), now())


async def opt_in(tx: Connection, ids: Collection[UUID], but: Collection[MessageKind]) -> None:
    """Tell a person again whatever was stopped under any of their ids, but these."""
    await tx.execute(OPT_IN, list(ids), list(but))


async def whose(tx: Connection, id_: UUID) -> tuple[UUID, MessageKind] | None:
    """Whose message it is, and of what kind; None where there is none, or no more."""
    row = await tx.fetchrow(WHOSE, id_)
    return None if row is None else (row["person_id"], MessageKind(row["kind"]))


# Erasure ---------------------------------------------------------------------------------------------------------------

FORGET = "DELETE FROM message WHERE person_id = ANY($1::uuid[]) RETURNING id"
FORGET_WISHES = "DELETE FROM opt_out WHERE person_id = ANY($1::uuid[])"


async def forget(tx: Connection, ids: Sequence[UUID]) -> None:
    """Forget what these people were to be told, and what they did not want to be."""
    messages = [row["id"] for row in await tx.fetch(FORGET, list(ids))]
    await tx.execute(NOTHING_WAITS, messages)
    await tx.execute(FORGET_WISHES, list(ids))
