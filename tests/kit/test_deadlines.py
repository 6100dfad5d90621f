"""What falls due by itself is fired once, by whoever comes first, and waits for nobody else's defect."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kit import deadlines
from kit.context import Context
from kit.database import Connection, Database
from kit.deadlines import Due, TooEarly, fire_next
from kit.errors import Refused, Unavailable
from kit.ids import new_id
from kit.testing.databases import Clone
from kit.testing.effects import Ledger
from kit.testing.waiting import until

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITE = (
    """INSERT INTO effect (aggregate_id, version, event_id, "by", partition, "offset") VALUES ($1, 1, $1, 1, 0, 0)"""
)


class TooLate(Refused):
    """It has moved on."""


async def write(tx: Connection, due: Due, context: Context) -> None:
    await tx.execute(WRITE, due.aggregate_id)


async def keep(database: Database, aggregate: UUID, **wanted: datetime) -> None:
    async with database.transaction() as tx:
        await deadlines.keep(tx, "counter", aggregate, wanted)


async def test_many_workers_fire_each_deadline_once(database: Database, ledger: Ledger) -> None:
    aggregates = [new_id() for _ in range(30)]
    for number, aggregate in enumerate(aggregates):
        await keep(database, aggregate, expires=NOON - timedelta(minutes=number))

    async def worker() -> int:
        fired = 0
        while await fire_next(database, write, NOON):
            fired += 1
        return fired

    assert sum(await asyncio.gather(*(worker() for _ in range(6)))) == 30
    rows = await ledger.rows("SELECT aggregate_id FROM effect")
    assert sorted(row["aggregate_id"] for row in rows) == sorted(aggregates)


async def test_nothing_is_fired_before_it_is_due(database: Database) -> None:
    await keep(database, new_id(), expires=NOON)
    assert not await fire_next(database, write, NOON - timedelta(microseconds=1))
    assert await fire_next(database, write, NOON)
    assert not await fire_next(database, write, NOON + timedelta(days=1))


async def test_what_the_rules_refuse_has_been_considered_and_writes_nothing(database: Database, ledger: Ledger) -> None:
    async def refuse(tx: Connection, due: Due, context: Context) -> None:
        await write(tx, due, context)
        raise TooLate

    await keep(database, new_id(), expires=NOON)
    assert await fire_next(database, refuse, NOON)
    assert not await fire_next(database, write, NOON)
    assert await ledger.effects() == []


async def test_keeping_replaces_what_has_not_fired_and_leaves_what_has(database: Database, ledger: Ledger) -> None:
    aggregate, day = new_id(), timedelta(days=1)
    await keep(database, aggregate, expires=NOON, reminds=NOON - day)
    assert await fire_next(database, write, NOON - day)
    await keep(database, aggregate, expires=NOON + day, reminds=NOON - day)
    assert not await fire_next(database, write, NOON)  # neither the old one nor the one that has fired
    assert await fire_next(database, write, NOON + day)
    await keep(database, aggregate)
    assert not await fire_next(database, write, NOON + 9 * day)


async def test_what_fires_may_set_the_next_deadline(database: Database) -> None:
    aggregate = new_id()

    async def again(tx: Connection, due: Due, context: Context) -> None:
        await deadlines.keep(tx, "counter", aggregate, {"expires": due.due_at + timedelta(days=1)})

    await keep(database, aggregate, expires=NOON)
    assert [await fire_next(database, again, NOON + timedelta(days=turn)) for turn in (0, 0, 1)] == [True, False, True]


async def test_a_defect_in_one_deadline_holds_up_no_other_and_it_is_tried_again(
    database: Database, ledger: Ledger
) -> None:
    bad, good = new_id(), new_id()
    await keep(database, bad, expires=NOON - timedelta(hours=1))
    await keep(database, good, expires=NOON)

    async def careless(tx: Connection, due: Due, context: Context) -> None:
        await write(tx, due, context)
        if due.aggregate_id == bad:
            raise KeyError("a defect")

    while await fire_next(database, careless, NOON):
        pass
    assert await ledger.rows("SELECT aggregate_id FROM effect") == [{"aggregate_id": good}]
    assert await fire_next(database, write, NOON + deadlines.RETRY_AFTER)
    assert len(await ledger.effects()) == 2


async def test_a_deadline_that_has_a_reason_to_wait_is_fired_then_and_holds_up_no_other(
    database: Database, ledger: Ledger
) -> None:
    early, ripe, later = new_id(), new_id(), NOON + timedelta(hours=3)
    await keep(database, early, expires=NOON - timedelta(hours=1))
    await keep(database, ripe, expires=NOON)

    async def waits(tx: Connection, due: Due, context: Context) -> None:
        await write(tx, due, context)
        if due.aggregate_id == early and context.now < later:
            raise TooEarly(later)

    for moment, fired in ((NOON, [ripe]), (later - timedelta(microseconds=1), [ripe]), (later, [ripe, early])):
        while await fire_next(database, waits, moment):
            pass
        assert [
            row["aggregate_id"] for row in await ledger.rows("SELECT aggregate_id FROM effect ORDER BY aggregate_id")
        ] == (sorted(fired))


async def test_a_deadline_that_meets_an_outage_is_still_there_afterwards(database: Database) -> None:
    async def away(tx: Connection, due: Due, context: Context) -> None:
        raise Unavailable("somebody is away")

    await keep(database, new_id(), expires=NOON)
    with pytest.raises(Unavailable):
        await fire_next(database, away, NOON)
    assert await fire_next(database, write, NOON)


@pytest.mark.parametrize("wanted", [{}, {"expires": NOON}], ids=["no longer wanted", "still wanted"])
async def test_a_command_at_the_moment_at_which_its_deadline_fires_does_not_lock_it_up(
    clone: Clone, database: Database, ledger: Ledger, wanted: dict[str, datetime]
) -> None:
    """The command holds the aggregate's row and comes to the deadline's; who fires holds that, and comes to the aggregate's."""
    aggregate = new_id()
    async with Database.connect(clone.owner_dsn) as owner, owner.transaction() as tx:
        await tx.execute("CREATE TABLE aggregate (id uuid PRIMARY KEY); GRANT ALL ON aggregate TO testing_service")
        await tx.execute("INSERT INTO aggregate VALUES ($1)", aggregate)
    await keep(database, aggregate, expires=NOON)
    lock = "SELECT FROM aggregate WHERE id = $1 FOR UPDATE"
    held, goes_on = asyncio.Event(), asyncio.Event()

    async def command() -> None:
        async with database.transaction() as tx:
            await tx.execute(lock, aggregate)
            held.set()
            await goes_on.wait()
            await deadlines.keep(tx, "counter", aggregate, wanted)

    async def fire(tx: Connection, due: Due, context: Context) -> None:
        await tx.execute(lock, aggregate)
        await write(tx, due, context)

    async with asyncio.TaskGroup() as group:
        group.create_task(command())
        await held.wait()
        firing = group.create_task(fire_next(database, fire, NOON))
        await until(lambda: _waits(ledger))
        goes_on.set()
    assert firing.result() is True
    assert await ledger.effects() == [1]


async def _waits(ledger: Ledger) -> bool:
    return await ledger.rows("SELECT FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')") != []
