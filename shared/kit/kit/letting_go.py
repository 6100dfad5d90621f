"""Rows that are let go when their period is over: a loop of every worker, in small batches.

What an aggregate's state implies has a deadline (kit.retention). What only happened, and is written down (a message that was sent,
a request that was answered), is a row with a moment: a line of the schedule (`Rows`) says from which moment its period runs. What
is a person's is shown for NOTICE before it goes, also when the line is new or was made shorter, and is kept longer by person.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from kit import log
from kit.clock import now
from kit.database import Connection, Database
from kit.ending import Ending
from kit.errors import Unavailable
from kit.failpoints import failpoint
from kit.metrics import LOOPS
from kit.retention import NOTICE, Line, Rows, Stays, due_until_statement, rows_of, spelled

AT_ONCE: Final = 1000
"""So many rows of a table go in one transaction: whoever writes beside waits for no more."""
LOOK: Final = 30.0
"""Seconds between two looks."""

KEPT_DAYS: Final = 30
"""For so long an answer is given again (kit.http): as long as a claim stays on its topic, so both may be retried alike."""
USED_DAYS: Final = 30
"""For so long it is known that a link of one use was used; one that says it lasts longer is not believed (kit.links)."""
PLUMBING: Final = (
    Rows(
        table="kit.answered_request", record="an answer that is given again to the same Idempotency-Key",
        since="answered_at", days=KEPT_DAYS, source="As long as a claim stays on its topic: for so long may the same be sent again",
    ),
    Rows(
        table="kit.refused", record="a claim that was refused, as it came", since="refused_at", days=90,
        source="Its partner was answered; an operator looks into it within the quarter",
    ),
    Rows(
        table="kit.dead_letter", record="a dead letter that was applied or discarded", since="settled_at", months=12,
        source="What was decided stands in kit.resolution, which stays", ended="state IN ('applied', 'discarded')",
    ),
    Rows(
        table="kit.task", record="a refused reaction that somebody saw to", since="done_at", months=24,
        source="Who saw to it answers for it", ended="done_at IS NOT NULL",
    ),
    Rows(
        table="kit.sign_in", record="a one-time link that was used", since="used_at", days=USED_DAYS,
        source="No link is believed for longer: later its signature is over",
    ),
    Rows(
        table="kit.session", record="a session of pages that is over", since="expires_at", days=0,
        source="It opens nothing any more",
    ),
    Rows(
        table="kit.own_link", record="a link to somebody's own page that is over", since="expires_at", days=0,
        source="It opens nothing any more",
    ),
)  # fmt: skip
"""What the plumbing keeps for a period."""

STAYS: Final = (
    Stays(
        table="kit.journal",
        why="The audit trail and the truth: figures are followed back to it, and state is worked out from it",
    ),
    Stays(table="kit.outbox", why="A row goes when the broker has acknowledged it"),
    Stays(table="kit.deadline", why="That one has fired is known as long as what it said can be put right"),
    Stays(table="kit.position", why="A row a partition"),
    Stays(
        table="kit.inbox",
        why="Duplicates are passed over in all of history: the log is kept for ever, and may be said again",
    ),
    Stays(table="kit.aggregate_seen", why="The next event of a record may come after years, and must follow the last"),
    Stays(table="kit.resolution", why="Every rebuild decides as a person once decided"),
    Stays(
        table="kit.claim",
        why="The same claim again has the same answer, whenever it comes: a partner's id means one thing for ever",
    ),
    Stays(table="kit.claimed", why="What became of a claim may be put right as long as its record is there"),
    Stays(table="kit.reference", why="A row goes with what it names"),
    Stays(table="kit.waiting", why="A row goes with the state that implies it"),
    Stays(table="kit.republish", why="A row a shard for each time that an operator asks"),
    Stays(table="kit.restored", why="One row, gone when the service opens"),
    Stays(table="kit.operation", why="What operators did, and why: they answer for it as long as the system stands"),
    Stays(table="kit.projection", why="A row a version"),
    Stays(table="kit.person", why="Whom people has registered; gone when they are erased"),
    Stays(
        table="kit.erased",
        why="Who was erased: what comes late or from an older backup is forgotten again by it. Never let go",
    ),
    Stays(table="kit.let_go", why="The stub of what was let go, which the Code asks for"),
    Stays(table="kit.kept_longer", why="Who kept what for longer answers for it"),
    Stays(table="kit.schedule", why="A row a line of this schedule"),
)
"""What the plumbing keeps without an end, and why."""

STANDS_SINCE = """
WITH other AS (
    INSERT INTO kit.schedule (record, period, since) VALUES ($1, make_interval(months => $2, days => $3), $4)
    ON CONFLICT (record) DO UPDATE SET period = excluded.period,
        since = CASE WHEN excluded.period < schedule.period THEN excluded.since ELSE schedule.since END
    WHERE schedule.period <> excluded.period
    RETURNING since
)
SELECT since FROM other UNION ALL SELECT since FROM kit.schedule WHERE record = $1 AND NOT EXISTS (SELECT FROM other)
"""
# By place: an index has found the rows, and nothing else has to.
LET_GO = """
DELETE FROM {table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM {table} AS held
    WHERE {ended} AND {since} <= $1::timestamptz - make_interval(months => $2, days => $3) AND {free}
    ORDER BY {since} LIMIT $4 FOR UPDATE SKIP LOCKED
)) RETURNING {key}
"""
FREE = "NOT EXISTS (SELECT FROM kit.kept_longer WHERE aggregate_id = held.{whose} AND kit.day_after(until) > $1)"
GOES_WITH = "DELETE FROM {table} WHERE {column} = ANY($1::uuid[])"
IS_THERE = "SELECT EXISTS (SELECT FROM {table} WHERE {whose} = $1)"
logger = log.get(__name__)


def statements(schedule: Sequence[Line]) -> dict[str, str]:
    """Every statement that is said to its tables, for the test that prepares them."""
    lines = [*PLUMBING, *rows_of(schedule)]
    said = {f"{line.table} {line.record}": _of(line, LET_GO) for line in lines}
    said |= {
        f"{line.table} {table}": _with(table, column) for line in lines for table, column in line.goes_with.items()
    }
    said |= {f"{line.table} is there": _of(line, IS_THERE) for line in lines if line.whose}
    return said | {"due until": due_until_statement(schedule)}


async def is_there(tx: Connection, schedule: Sequence[Line], person_id: UUID) -> bool:
    """Whether any row of the schedule's is this person's."""
    for line in rows_of(schedule):
        if line.whose and await tx.fetchval(_of(line, IS_THERE), person_id):
            return True
    return False


async def let_go(tx: Connection, line: Rows, moment: datetime) -> int:
    """Let go of the oldest rows of which the period is over, and of what goes with them; how many."""
    if line.whose and not await _was_shown(tx, line, moment):
        return 0
    rows = await tx.fetch(_of(line, LET_GO), moment, line.months, line.days, AT_ONCE)
    for table, column in line.goes_with.items():
        await tx.execute(_with(table, column), [row[0] for row in rows])
    return len(rows)


async def _was_shown(tx: Connection, line: Rows, moment: datetime) -> bool:
    """Whether the line has stood for NOTICE as it does, or allowed no more."""
    since: datetime | None = await tx.fetchval(STANDS_SINCE, line.record, line.months, line.days, moment)
    return since is not None and moment >= since + NOTICE  # None: another worker writes it down at this moment


@dataclass
class LettingGo:
    """Lets go of rows, over and over (kit.service.Loop). Any number of workers do so at once."""

    database: Database
    lines: Sequence[Rows]
    name: str = "letting-go"
    moved_at: float = 0.0
    _ending: Ending = field(default_factory=Ending)

    async def run(self) -> None:
        while not self._ending.is_set():
            for line in self.lines:
                await self._all_of(line)
            await self._ending.rest(LOOK)

    def stop(self) -> None:
        self._ending.set()

    async def _all_of(self, line: Rows) -> None:
        """Batch after batch. What stands against it is tried again at the next look."""
        gone = AT_ONCE
        while gone == AT_ONCE and not self._ending.is_set():
            self.moved_at = asyncio.get_running_loop().time()
            try:
                async with self.database.transaction() as tx:
                    gone = await let_go(tx, line, now())
                    failpoint("letting_go.before_commit")
            except Unavailable:
                return
            except Exception:
                logger.exception("defect", aggregate=line.table)  # of one line: the others do not wait for it
                return
            LOOPS.labels(self.name, line.table).inc(gone)


def _of(line: Rows, statement: str) -> str:
    return spelled(line, statement.replace("{free}", FREE if line.whose else "true"))


def _with(table: str, column: str) -> str:
    return GOES_WITH.replace("{table}", table).replace("{column}", column)
