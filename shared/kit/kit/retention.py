"""How long records are kept: a schedule as data, carried out by deadlines, shown before it is done.

A service says which of its aggregates, in which of its ends, is kept for how long (`Kept`). When the period is over the record is
let go: its body goes, its lines in the journal are said of nobody, whoever they named, a stub says that there was one, and a fact
tells who else holds something for its sake (`LetGo`). Whatever begins it again, or is put right, begins the period anew; what has
to be kept longer is, until a day and for a reason. What only happened, and is a row beside, has a line too (`Rows`, carried out by
kit.letting_go), and so has what is never let go (`Stays`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from kit.database import Connection
from kit.errors import Refused
from kit.persons import Persons
from kit.step import end_of, months_later

NAME: Final = "retention"
"""What its deadline is called."""
VOIDED: Final = "voided"
"""The end of a record whose every fact was voided."""
NOTICE: Final = timedelta(days=90)
"""For so long at least it is shown before it is done: what was entered late is not let go at once."""

LATER = """
INSERT INTO kit.kept_longer (aggregate_id, until, reason, actor, decided_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (aggregate_id) DO UPDATE
    SET until = excluded.until, reason = excluded.reason, actor = excluded.actor, decided_at = excluded.decided_at
"""
UNTIL = "SELECT until FROM kit.kept_longer WHERE aggregate_id = $1"
DUE_UNTIL = """
WITH given AS (SELECT $2::timestamptz AS earliest), due AS (
    SELECT deadline.aggregate, aggregate_id, NULL AS record, 1 AS rows, due_at, until AS kept_until, reason
    FROM kit.deadline LEFT JOIN kit.kept_longer USING (aggregate_id)
    WHERE name = 'retention' AND fired_at IS NULL AND due_at <= $1{rows}
)
SELECT aggregate, aggregate_id, record, rows, due_at, kept_until, reason FROM due
WHERE due_at <= $1 AND (due_at, aggregate_id, coalesce(record, '')) > ($3, $4, $5)
ORDER BY due_at, aggregate_id, coalesce(record, '') LIMIT $6
"""
SHOWN = """
UNION ALL
SELECT '{table}' AS aggregate, {whose} AS aggregate_id, '{record}' AS record, count(*) AS rows,
    greatest(
        min({since}) + make_interval(months => {months}, days => {days}), kit.day_after(longer.until),
        coalesce((SELECT since + interval '{notice}' FROM kit.schedule WHERE record = '{record}'), (SELECT earliest FROM given))
    ) AS due_at, longer.until AS kept_until, longer.reason AS reason
FROM {table} AS held LEFT JOIN kit.kept_longer AS longer ON longer.aggregate_id = {whose}
WHERE {ended} AND {since} <= $1::timestamptz - make_interval(months => {months}, days => {days})
GROUP BY {whose}, longer.until, longer.reason
"""
WHOSE = "SELECT aggregate FROM kit.deadline WHERE name = 'retention' AND fired_at IS NULL AND aggregate_id = $1"
STUB = """
INSERT INTO kit.let_go (aggregate_id, aggregate, record, ended_on, let_go_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
EMPTY = "UPDATE {table} SET body = NULL WHERE id = $1"
LET_GO_OF = """
SELECT kit.let_go_of($1, person_id) FROM (
    SELECT DISTINCT (named #>> '{}')::uuid AS person_id
    FROM kit.journal, jsonb_path_query(convert_from(payload, 'UTF8')::jsonb, '$.**.person_id') AS named WHERE aggregate_id = $1
) AS whom ORDER BY person_id
"""

Place: TypeAlias = tuple[datetime, UUID, str]
"""Of what is due: when, which, and of rows the line."""
BEGINNING: Final[Place] = (datetime.min.replace(tzinfo=UTC), UUID(int=0), "")
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
    but: Mapping[str, str] = field(default_factory=dict)
    """What has these values in its state is not meant, and stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A line of the schedule: rows of a table, and from which moment of theirs the period runs."""

    table: str
    record: str
    """What it is, in a sentence's words."""
    since: str
    """The column of the moment; an index begins with it."""
    source: str
    """Who says so."""
    months: int = 0
    days: int = 0
    ended: str = "true"
    """Which rows have a period at all: a condition over its columns."""
    whose: str | None = None
    """The column of the person: what is somebody's is shown before it goes, and is kept longer by person."""
    key: str = "ctid"
    """What is told of a row that went to `goes_with`."""
    goes_with: Mapping[str, str] = field(default_factory=dict)
    """Other tables of which a row goes with it, and the column that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """A line of the schedule: what is kept without an end, or goes only with something else."""

    table: str
    why: str


Line: TypeAlias = Kept | Rows | Stays


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose period ends, or rows of one person."""

    aggregate: str
    """Or the table."""
    aggregate_id: UUID
    """Or the person."""
    record: str | None
    """Of rows: the line of the schedule."""
    rows: int
    due_at: datetime
    kept_until: date | None
    """The last day, where somebody decided that it is kept longer."""
    reason: str | None


def mistakes(*aggregates: str) -> tuple[Kept, ...]:
    """A line for each of these: what was entered by mistake is not true of anybody. For a year it can be brought back."""
    source = "UK GDPR Article 5(1)(d): what is not so is not kept; a mistake in saying that is found within a year"
    return tuple(Kept(each, f"{each} that was entered by mistake", (VOIDED,), 12, source) for each in aggregates)


def kept(schedule: Sequence[Line], aggregate: str, state: Any) -> Kept | None:
    """The line that speaks of a record in this state, or of one that was voided. None: it has not ended, or is kept for ever."""
    status = VOIDED if state is None else getattr(state, "status", "")
    for line in schedule:
        if isinstance(line, Kept) and line.aggregate == aggregate and status in line.ends:
            meant = not line.but or any(getattr(state, name) != value for name, value in line.but.items())
            return line if meant else None
    return None


def rows_of(schedule: Sequence[Line]) -> list[Rows]:
    """The lines that speak of rows."""
    return [line for line in schedule if isinstance(line, Rows)]


def spelled(line: Rows, statement: str) -> str:
    """A statement for this line. What it is made of stands in a schedule of ours and comes from no caller."""
    told = {
        "table": line.table, "record": line.record, "since": line.since, "ended": line.ended, "whose": line.whose or "",
        "key": line.key, "months": str(line.months), "days": str(line.days), "notice": f"{NOTICE.days} days",
    }  # fmt: skip
    for name, said in told.items():
        statement = statement.replace(f"{{{name}}}", said)
    return statement


async def due_at(tx: Connection, line: Kept, id_: UUID, since: date, now: datetime) -> datetime:
    """When it is let go: at the end of its period, or of the day until which it is kept longer; after NOTICE at the earliest."""
    return max(await _end(tx, line, id_, since), now + NOTICE)


async def is_over(tx: Connection, line: Kept, id_: UUID, since: date, now: datetime) -> bool:
    """Whether its period is: it may have begun anew, or be kept longer, at the moment at which its deadline fired."""
    return await _end(tx, line, id_, since) <= now


async def _end(tx: Connection, line: Kept, id_: UUID, since: date) -> datetime:
    until: date | None = await tx.fetchval(UNTIL, id_)
    last = months_later(since, line.months)
    return end_of(last if until is None else max(last, until))


async def keep_longer(tx: Connection, id_: UUID, until: date, reason: str, actor: str, now: datetime) -> None:
    await tx.execute(LATER, id_, until, reason, actor, now)


async def aggregate_of(tx: Connection, id_: UUID) -> str | None:
    """The aggregate of a record whose period runs."""
    aggregate: str | None = await tx.fetchval(WHOSE, id_)
    return aggregate


def due_until_statement(schedule: Sequence[Line]) -> str:
    """What is let go by a moment: records by their deadlines, and rows by person."""
    return DUE_UNTIL.replace("{rows}", "".join(spelled(line, SHOWN) for line in rows_of(schedule) if line.whose))


async def due_until(
    tx: Connection, schedule: Sequence[Line], moment: datetime, after: Place, limit: int, now: datetime
) -> list[Due]:
    """What is let go by then, the first first."""
    rows = await tx.fetch(due_until_statement(schedule), moment, now + NOTICE, *after, limit)
    return [Due(**dict(row)) for row in rows]


async def let_go(
    tx: Connection, aggregate: str, id_: UUID, record: str, since: date, persons: Persons, now: datetime
) -> None:
    """The record goes, and what hung on it; the stub stays. The table comes from the machines, never from a caller."""
    await tx.execute(STUB, id_, aggregate, record, since, now)
    await tx.execute(EMPTY.replace("{table}", aggregate), id_)
    await tx.execute(LET_GO_OF, id_)
    await persons.let_go_with(tx, [id_])
