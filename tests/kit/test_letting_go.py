"""Rows that are let go when their period is over: in batches, found by an index, shown before where they are a person's."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from kit import letting_go, retention
from kit.clock import now
from kit.database import Database
from kit.ids import new_id
from kit.letting_go import AT_ONCE, LET_GO, PLUMBING, STAYS, LettingGo, let_go
from kit.metrics import LOOPS
from kit.retention import BEGINNING, NOTICE, Due, Rows, spelled
from kit.testing.databases import Clone
from kit.testing.running import running
from kit.testing.waiting import until

ANSWERS = PLUMBING[0]
ANSWERED = """
INSERT INTO kit.answered_request (principal, route, key, body_sha256, status, headers, body, answered_at)
SELECT 'somebody', 'POST /things', 'key-' || turn, '', 201, '{}', '', $2::timestamptz + make_interval(secs => turn)
FROM generate_series(1, $1::int) AS turn
"""
TABLES = "SELECT 'kit.' || tablename AS name FROM pg_tables WHERE schemaname = 'kit'"
LETTERS = Rows(
    table="letter", record="a letter that was sent", since="sent_at", months=1, source="the test", whose="person_id",
    key="id", goes_with={"answer": "letter_id"},
)  # fmt: skip
LETTER_TABLES = """
CREATE TABLE letter (id uuid PRIMARY KEY, person_id uuid NOT NULL, sent_at timestamptz NOT NULL);
CREATE TABLE answer (letter_id uuid NOT NULL);
GRANT ALL ON letter, answer TO testing_service;
"""
SENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest_asyncio.fixture
async def letters(clone: Clone, database: Database) -> AsyncIterator[Database]:
    """A database with letters beside the plumbing."""
    async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
        await tx.execute(LETTER_TABLES)
    yield database


async def a_letter(database: Database, person: UUID, sent_at: datetime = SENT) -> UUID:
    id_ = new_id()
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO letter VALUES ($1, $2, $3)", id_, person, sent_at)
        await tx.execute("INSERT INTO answer VALUES ($1)", id_)
    return id_


async def gone(database: Database, line: Rows, moment: datetime) -> int:
    async with database.transaction() as tx:
        return await let_go(tx, line, moment)


async def shown(database: Database, line: Rows, by: datetime, moment: datetime) -> list[Due]:
    async with database.transaction() as tx:
        return await retention.due_until(tx, [line], by, BEGINNING, 100, moment)


async def count(database: Database, table: str) -> int:
    async with database.transaction() as tx:
        found: int = await tx.fetchval(f"SELECT count(*) FROM {table}")
        return found


async def test_every_table_of_the_plumbing_has_a_period_or_a_reason_to_stay(database: Database) -> None:
    async with database.transaction() as tx:
        tables = {row["name"] for row in await tx.fetch(TABLES)}
    named = [line.table for line in (*PLUMBING, *STAYS)]
    assert set(named) == tables
    assert len(named) == len(set(named))
    assert all(line.source for line in PLUMBING)
    assert all(line.why for line in STAYS)


@pytest.mark.parametrize("line", PLUMBING, ids=lambda line: line.table)
async def test_what_is_over_is_found_by_an_index_in_its_order(database: Database, line: Rows) -> None:
    statement = spelled(line, LET_GO.replace("{free}", "true"))
    async with database.transaction() as tx:
        await tx.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
        )
        plan = "\n".join(
            row[0] for row in await tx.fetch(f"EXPLAIN {statement}", now(), line.months, line.days, AT_ONCE)
        )
    assert "Index" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("name", statements := letting_go.statements([]))
async def test_every_statement_prepares(database: Database, name: str) -> None:
    async with database.transaction() as tx:
        await tx.prepare(statements[name])


async def test_an_answer_is_kept_for_its_period_and_goes_in_batches_the_oldest_first(database: Database) -> None:
    first = now() - timedelta(days=60)
    async with database.transaction() as tx:
        await tx.execute(ANSWERED, AT_ONCE + 5, first)
    last = first + timedelta(seconds=AT_ONCE + 5)
    assert await gone(database, ANSWERS, first + timedelta(days=ANSWERS.days)) == 0
    assert await gone(database, ANSWERS, last + timedelta(days=ANSWERS.days, seconds=-2)) == AT_ONCE
    assert await gone(database, ANSWERS, last + timedelta(days=ANSWERS.days, seconds=-2)) == 3
    async with database.transaction() as tx:
        left = {row["key"] for row in await tx.fetch("SELECT key FROM kit.answered_request")}
    assert left == {f"key-{AT_ONCE + 4}", f"key-{AT_ONCE + 5}"}


async def test_two_workers_at_once_let_go_of_each_row_once_and_none_waits(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(ANSWERED, 3 * AT_ONCE, now() - timedelta(days=60))

    async def worker() -> int:
        found = 0
        while batch := await gone(database, ANSWERS, now()):
            found += batch
        return found

    assert sum(await asyncio.gather(worker(), worker())) == 3 * AT_ONCE
    assert await count(database, "kit.answered_request") == 0


async def test_what_is_not_over_by_its_state_is_not_let_go_however_old(database: Database) -> None:
    task = next(line for line in PLUMBING if line.table == "kit.task")
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO kit.task (consumer, event_id, code, detail, raised_at, done_at) VALUES"
            " ('one', gen_random_uuid(), 'open', '', '2020-01-01', NULL),"
            " ('one', gen_random_uuid(), 'done', '', '2020-01-01', '2020-01-02')"
        )
    assert await gone(database, task, now()) == 1
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT code FROM kit.task") == "open"


async def test_what_is_a_person_s_is_shown_for_ninety_days_before_it_goes_and_takes_with_it_what_hangs_on_it(
    letters: Database,
) -> None:
    person, moment = new_id(), datetime(2026, 6, 1, tzinfo=UTC)
    await a_letter(letters, person)
    await a_letter(letters, person, SENT + timedelta(days=1))
    young = await a_letter(letters, person, moment + timedelta(days=70))
    (due,) = await shown(letters, LETTERS, moment + NOTICE, moment)
    assert (due.aggregate, due.aggregate_id, due.record, due.rows) == ("letter", person, LETTERS.record, 2)
    assert due.due_at == moment + NOTICE  # over long ago, and shown only since the line stands
    assert await gone(letters, LETTERS, moment) == 0
    later = moment + NOTICE - timedelta(seconds=1)
    assert (await shown(letters, LETTERS, moment + NOTICE, later))[0].due_at == moment + NOTICE
    assert await gone(letters, LETTERS, later) == 0
    assert await gone(letters, LETTERS, moment + NOTICE) == 2
    async with letters.transaction() as tx:
        assert [row["id"] for row in await tx.fetch("SELECT id FROM letter")] == [young]
    assert await count(letters, "answer") == 1


async def test_a_line_that_is_made_shorter_is_shown_for_ninety_days_again_and_a_longer_one_is_not(
    letters: Database,
) -> None:
    await a_letter(letters, new_id())
    long, first = replace(LETTERS, months=24), SENT + timedelta(days=10)
    assert await gone(letters, long, first) == 0
    shorter = first + timedelta(days=200)
    assert await gone(letters, LETTERS, shorter) == 0
    (due,) = await shown(letters, LETTERS, shorter + NOTICE, shorter)
    assert due.due_at == shorter + NOTICE
    assert await gone(letters, LETTERS, shorter + NOTICE - timedelta(seconds=1)) == 0
    longer = replace(LETTERS, months=2)
    assert await gone(letters, longer, shorter + NOTICE - timedelta(seconds=1)) == 0
    assert await gone(letters, longer, shorter + NOTICE) == 1


async def test_what_is_kept_longer_for_one_person_outlives_its_period_and_others_do_not_wait_for_it(
    letters: Database,
) -> None:
    held, other = new_id(), new_id()
    for person in (held, other):
        await a_letter(letters, person)
    async with letters.transaction() as tx:
        await retention.keep_longer(tx, held, date(2026, 12, 31), "legal-claim", "officer", SENT)
        assert await letting_go.is_there(tx, [LETTERS], held)
        assert not await letting_go.is_there(tx, [LETTERS], new_id())
    await gone(letters, LETTERS, SENT)
    assert await gone(letters, LETTERS, SENT + timedelta(days=200)) == 1
    (due,) = await shown(letters, LETTERS, datetime(2027, 1, 1, tzinfo=UTC), SENT + timedelta(days=200))
    assert (due.aggregate_id, due.kept_until, due.reason) == (held, date(2026, 12, 31), "legal-claim")
    assert due.due_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert await gone(letters, LETTERS, due.due_at - timedelta(seconds=1)) == 0
    assert await gone(letters, LETTERS, due.due_at) == 1


async def test_a_page_goes_on_between_two_lines_that_are_due_at_the_same_moment(letters: Database) -> None:
    person, moment = new_id(), datetime(2026, 6, 1, tzinfo=UTC)
    await a_letter(letters, person)
    lines = [LETTERS, replace(LETTERS, record="a letter, once more")]
    found, after = [], BEGINNING
    async with letters.transaction() as tx:
        while rows := await retention.due_until(tx, lines, moment + NOTICE, after, 1, moment):
            found += [row.record for row in rows]
            after = (rows[-1].due_at, rows[-1].aggregate_id, rows[-1].record or "")
    assert found == sorted(line.record for line in lines)


async def test_the_loop_lets_go_of_every_line_and_a_defect_of_one_holds_up_no_other(database: Database) -> None:
    broken = Rows(table="kit.nowhere", record="what is not there", since="at", source="the test")
    async with database.transaction() as tx:
        await tx.execute(ANSWERED, AT_ONCE + 1, now() - timedelta(days=60))
    before = LOOPS.labels("letting-go", ANSWERS.table)._value.get()
    loop = LettingGo(database, (broken, *PLUMBING))

    async def none_left() -> bool:
        return await count(database, "kit.answered_request") == 0

    async with running(loop):
        await until(none_left)
    assert loop.moved_at > 0
    assert LOOPS.labels("letting-go", ANSWERS.table)._value.get() == before + AT_ONCE + 1
