"""How long records are kept: a schedule as data, carried out by deadlines, shown before it is done.

A service says which of its aggregates, in which of its ends, is kept for how long (`Kept`). When the period is over the record is
let go: its body goes, its lines in the journal are said of nobody, and a stub says that there was one. Whatever begins it again, or
is put right, begins the period anew; what has to be kept longer is, until a day and for a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from kit.database import Connection
from kit.errors import Refused
from kit.persons import WITH_THEIR_OWN, Persons
from kit.step import end_of, months_later

NAME: Final = "retention"
"""What its deadline is called."""
NOTICE: Final = timedelta(days=90)
"""For so long at least it is shown before it is done: what was entered late is not let go at once."""

LATER = """
INSERT INTO kit.kept_longer (aggregate_id, until, reason, actor, decided_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (aggregate_id) DO UPDATE
    SET until = excluded.until, reason = excluded.reason, actor = excluded.actor, decided_at = excluded.decided_at
"""
UNTIL = "SELECT until FROM kit.kept_longer WHERE aggregate_id = $1"
DUE_UNTIL = """
SELECT deadline.aggregate, deadline.aggregate_id, due_at, until AS kept_until, reason
FROM kit.deadline LEFT JOIN kit.kept_longer USING (aggregate_id)
WHERE name = 'retention' AND fired_at IS NULL AND due_at <= $1 AND (due_at, deadline.aggregate_id) > ($2, $3)
ORDER BY due_at, deadline.aggregate_id LIMIT $4
"""
WHOSE = "SELECT aggregate FROM kit.deadline WHERE name = 'retention' AND fired_at IS NULL AND aggregate_id = $1"
STUB = """
INSERT INTO kit.let_go (aggregate_id, aggregate, record, ended_on, let_go_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
PERSON_OF = "SELECT person_id FROM {table} WHERE id = $1"
EMPTY = "UPDATE {table} SET body = NULL WHERE id = $1"
LET_GO_OF = "SELECT kit.let_go_of($1, $2)"

BEGINNING = datetime.min.replace(tzinfo=end_of(date(2000, 1, 1)).tzinfo), UUID(int=0)
"""Before the first that is due."""


class Forgotten(Refused):
    """Its person was erased, or its period was over: nothing of it is put right any more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of the schedule: a kind of record, the ends from which its period runs, and how long that is."""

    aggregate: str
    record: str
    """What it is, in a sentence's words."""
    ends: Sequence[str]
    """Statuses: the period runs from the day of the step that led to one."""
    months: int
    source: str
    """Who says so."""


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose period ends."""

    aggregate: str
    aggregate_id: UUID
    due_at: datetime
    kept_until: date | None
    """The last day, where somebody decided that it is kept longer."""
    reason: str | None


def kept(schedule: Sequence[Kept], aggregate: str, status: str) -> Kept | None:
    """The line that speaks of a record in this status. None: it has not ended, or is kept for ever."""
    return next((line for line in schedule if line.aggregate == aggregate and status in line.ends), None)


async def due_at(tx: Connection, line: Kept, id_: UUID, since: date, now: datetime) -> datetime:
    """When it is let go: at the end of its period, or of the day until which it is kept longer; after NOTICE at the earliest."""
    until: date | None = await tx.fetchval(UNTIL, id_)
    last = months_later(since, line.months)
    return max(end_of(last if until is None else max(last, until)), now + NOTICE)


async def keep_longer(tx: Connection, id_: UUID, until: date, reason: str, actor: str, now: datetime) -> None:
    await tx.execute(LATER, id_, until, reason, actor, now)


async def aggregate_of(tx: Connection, id_: UUID) -> str | None:
    """The aggregate of a record whose period runs."""
    aggregate: str | None = await tx.fetchval(WHOSE, id_)
    return aggregate


async def due_until(tx: Connection, moment: datetime, after: tuple[datetime, UUID], limit: int) -> list[Due]:
    """What is let go by then, the first first."""
    return [Due(**dict(row)) for row in await tx.fetch(DUE_UNTIL, moment, *after, limit)]


async def let_go(tx: Connection, line: Kept, id_: UUID, since: date, persons: Persons, now: datetime) -> None:
    """The record goes, and what hung on it; the stub stays. The table comes from the schedule, never from a caller."""
    person_id: UUID = await tx.fetchval(PERSON_OF.replace("{table}", line.aggregate), id_)
    await tx.execute(STUB, id_, line.aggregate, line.record, since, now)
    await tx.execute(EMPTY.replace("{table}", line.aggregate), id_)
    await tx.execute(LET_GO_OF, id_, person_id)
    for statement in (*persons.of_own_statements(), *WITH_THEIR_OWN.values()):
        await tx.execute(statement, [id_])
