"""What falls due by itself. A row is set in the transaction of the command that implies it, and fired once, by a command."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit import log
from kit.clock import now
from kit.context import Context
from kit.database import Clause, Connection, Database, together
from kit.errors import Refused, Unavailable
from kit.failpoints import failpoint
from kit.metrics import DEADLINES

KEEP = """
wanted AS (SELECT * FROM unnest($3::text[], $4::timestamptz[]) AS wanted (name, due_at)),
unwanted AS (
    SELECT name, due_at FROM kit.deadline d WHERE d.aggregate_id = $2 AND d.fired_at IS NULL
        AND NOT EXISTS (SELECT FROM wanted w WHERE w.name = d.name AND w.due_at = d.due_at)
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM kit.deadline d USING unwanted u WHERE d.aggregate_id = $2 AND d.name = u.name AND d.due_at = u.due_at
), due AS (
    INSERT INTO kit.deadline (aggregate, aggregate_id, name, due_at)
    SELECT $1, $2, name, due_at FROM wanted w
    WHERE NOT EXISTS (SELECT FROM kit.deadline d WHERE d.aggregate_id = $2 AND d.name = w.name AND d.due_at = w.due_at)
    ON CONFLICT DO NOTHING
)
"""
# One that is being fired is left alone: who fires it waits for the aggregate's row, which we hold.

NEXT = """
SELECT aggregate, aggregate_id, name, due_at FROM kit.deadline
WHERE fired_at IS NULL AND due_at <= $1 AND (retry_at IS NULL OR retry_at <= $1)
ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""

FIRED = "UPDATE kit.deadline SET fired_at = $4 WHERE aggregate_id = $1 AND name = $2 AND due_at = $3"

HAVE_FIRED = "SELECT name, due_at FROM kit.deadline WHERE aggregate_id = $1 AND fired_at IS NOT NULL"

RETRY = "UPDATE kit.deadline SET retry_at = $4 WHERE aggregate_id = $1 AND name = $2 AND due_at = $3"
RETRY_AFTER = timedelta(minutes=5)

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline that has been reached."""

    aggregate: str
    aggregate_id: UUID
    name: str
    due_at: datetime


class TooEarly(Exception):
    """There is a reason to wait: it is looked at again then."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


Fire = Callable[[Connection, Due, Context], Awaitable[object]]


def kept(aggregate: str, aggregate_id: UUID, wanted: Mapping[str, datetime]) -> Clause:
    """These are the deadlines that the aggregate waits for; others of it that have not fired are forgotten."""
    return Clause(KEEP, (aggregate, aggregate_id, list(wanted.keys()), list(wanted.values())))


async def keep(tx: Connection, aggregate: str, aggregate_id: UUID, wanted: Mapping[str, datetime]) -> None:
    """Keep these deadlines, and no other that has not fired."""
    await together(tx, kept(aggregate, aggregate_id, wanted))


async def fired(tx: Connection, aggregate_id: UUID) -> set[tuple[str, datetime]]:
    """The deadlines of an aggregate that have fired: they fire no more."""
    return {(row["name"], row["due_at"]) for row in await tx.fetch(HAVE_FIRED, aggregate_id)}


async def fire_next(database: Database, fire: Fire, at: datetime | None = None) -> bool:
    """Fire the oldest deadline that is due, in one transaction with what follows from it; False when none is due.

    Where the rules refuse it (the aggregate has moved on) it is done all the same: it has been considered. Where it is TooEarly it
    stays, and where it meets a defect of ours, that is logged: either is tried again later, and the others do not wait for it.
    Raises Unavailable.
    """
    moment = at or now()
    due: Due | None = None
    try:
        async with database.transaction() as tx:
            row = await tx.fetchrow(NEXT, moment)
            if row is None:
                return False
            due = Due(row["aggregate"], row["aggregate_id"], row["name"], row["due_at"])
            # marked first: firing may change what the aggregate waits for, and keep() leaves fired ones alone
            await tx.execute(FIRED, due.aggregate_id, due.name, due.due_at, moment)
            await _fire(tx, fire, due, moment)
            failpoint("deadlines.before_commit")
        failpoint("deadlines.after_commit")
    except TooEarly as early:
        assert due is not None, "there is one to wait with"
        return await _later(database, due, early.until)
    except Exception as error:
        if due is None or isinstance(error, Unavailable):
            raise
        logger.exception("defect", deadline=due.name, aggregate=due.aggregate, aggregate_id=str(due.aggregate_id))
        return await _later(database, due, moment + RETRY_AFTER)
    DEADLINES.labels(due.name).inc()
    return True


async def _later(database: Database, due: Due, until: datetime) -> bool:
    async with database.transaction() as tx:
        await tx.execute(RETRY, due.aggregate_id, due.name, due.due_at, until)
    return True


async def _fire(tx: Connection, fire: Fire, due: Due, moment: datetime) -> None:
    try:
        async with tx.transaction():
            await fire(tx, due, Context(actor="deadline", now=moment))
    except Refused as refusal:
        logger.info("deadline_refused", deadline=due.name, aggregate=due.aggregate, code=refusal.code)
