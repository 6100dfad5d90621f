"""A database that is lost and comes back: nothing that was acknowledged and sent is missing, and no version is given twice (c6)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from kit import outbox
from kit.bus import Bus
from kit.claims import Claimed, ClaimReader
from kit.database import Connection, Database, Restored
from kit.errors import Unavailable
from kit.ids import new_id
from kit.relay import Relay
from kit.testing.facts import ClaimAnswered, CountClaimed, Counted
from kit.testing.records import TestRecord, stream
from kit.testing.running import produce, running
from kit.testing.waiting import until
from schemas.fact import Claim

from .conftest import World


async def sent(world: World) -> None:
    async def there() -> bool:
        return bool((await world.ok("outbox", "--json")).json[0]["waiting"] == 0)

    await until(there)


async def counters(world: World) -> dict[UUID, tuple[int, int]]:
    rows = await world.fetch("SELECT counter_id, version, total FROM counter")
    return {row["counter_id"]: (row["version"], row["total"]) for row in rows}


async def said(world: World) -> set[tuple[object, ...]]:
    rows = await world.fetch(
        "SELECT event_id, aggregate, aggregate_id, version, type, payload, occurred_at FROM kit.journal"
    )
    return {tuple(row) for row in rows}


async def test_a_restored_database_stays_closed_until_its_topic_was_read_back_and_then_lacks_nothing(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "it.dump"
    own = [new_id() for _ in range(5)]
    async with world.database() as database:
        async with running(Relay(world.settings())):
            for counter in own:
                await world.count(database, counter, 1)
            await sent(world)
        await world.count(database, own[0], 10)  # in the backup's outbox, sent later
        await world.ok("backup", world.service, file)
        async with running(Relay(world.settings())):
            for counter in [*own[1:], new_id(), own[1]]:
                await world.count(database, counter, 100)
            await sent(world)
        state, journal = await counters(world), await said(world)
        relay = Relay(world.settings())
        async with running(relay):
            await destroy(world)
            await world.decide("restore", world.service, file)
            with pytest.raises(Restored):
                await world.count(database, own[0], 1)
            assert (await world.run("services", "list", "--json")).json[0]["database"] == "restored"

            async def waits() -> bool:
                return relay.restored

            await until(waits)
            told = (await world.decide("reconcile", world.service, "--json")).json
            assert (told["added"], told["behind"], told["sent"], told["unheard"]) == (6, 5, 1, 0)
            assert await counters(world) == state
            assert await said(world) == journal
            await world.count(database, own[0], 1000)  # the same pool: it is open again
            await sent(world)
    again = await world.run("reconcile", world.service, "--author", "a", "--reason", "b")
    assert (again.code, "not marked as restored" in again.error) == (1, True)
    noted = await world.fetch("SELECT action FROM kit.operation ORDER BY id")
    assert [row["action"] for row in noted] == ["restore", "reconcile"]


async def destroy(world: World) -> None:
    admin = await asyncpg.connect(world.postgres.dsn())
    try:
        await admin.execute(f"DROP DATABASE {world.package} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.mark.parametrize("fault", ["version-reused", "version-missing", "unreadable"])
async def test_what_a_person_must_see_keeps_it_closed(world: World, tmp_path: Path, fault: str) -> None:
    counter, file = new_id(), tmp_path / "it.dump"
    async with world.database() as database:
        await world.count(database, counter)
    await world.ok("backup", world.service, file)
    records = stream([Counted(by=1), Counted(by=2), Counted(by=3)], counter, topic=world.topic)
    strange = {"version-reused": records[:1], "version-missing": records[2:], "unreadable": []}[fault]
    if fault == "unreadable":
        strange = [type(records[0])(world.topic, 0, 0, b"key", b"{}", [])]
    await produce(world.settings(), strange)
    await world.decide("restore", world.service, file, "--replace")
    said_ = await world.run("reconcile", world.service, "--author", "a", "--reason", "b")
    assert said_.code == 1
    assert f"stays closed: {fault}" in said_.error
    rows = await world.fetch("SELECT stopped_code FROM kit.restored")
    assert [row["stopped_code"] for row in rows] == [fault]
    assert await world.fetch("SELECT version FROM kit.journal") == await world.fetch("SELECT 1 AS version")
    async with world.database() as database:
        with pytest.raises(Unavailable):
            await world.count(database, counter)


async def test_what_somebody_has_seen_to_be_no_fact_is_passed_over(world: World, tmp_path: Path) -> None:
    counter, file = new_id(), tmp_path / "it.dump"
    async with world.database() as database:
        await world.count(database, counter)
    await world.ok("backup", world.service, file)
    other = new_id()
    (good,) = stream([Counted(by=7)], other, topic=world.topic)
    noise = [replace(good, value=b'{"by": "two"}'), replace(good, headers=[])]
    *places, fact = await produce(world.settings(), [*noise, good])
    await world.decide("restore", world.service, file, "--replace")
    closed = await world.run("reconcile", world.service, "--author", "a", "--reason", "b")
    named = ["/".join(map(str, place)) for place in places]
    assert (closed.code, [name in closed.error for name in named]) == (1, [True, True])
    assert "two" not in closed.error

    passed = [word for name in named for word in ("--pass-over", name)]
    known = "/".join(map(str, fact))
    wrong = await world.run("reconcile", world.service, "--author", "a", "--reason", "b", *passed, "--pass-over", known)
    assert (wrong.code, f"readable: {known}" in wrong.error) == (1, True)
    told = (await world.decide("reconcile", world.service, "--json", *passed)).json
    assert (told["added"], told["passed"]) == (1, 2)
    assert await counters(world) == {counter: (1, 1), other: (1, 7)}
    noted = await world.fetch("SELECT about ->> 'passed_over' AS places FROM kit.operation WHERE action = 'reconcile'")
    assert [json.loads(row["places"]) for row in noted] == [named]


async def test_a_claim_that_was_answered_is_not_judged_again(world: World, tmp_path: Path) -> None:
    """The restored position lies before it: without the answers it would be accepted twice."""
    partner, file, judged = f"acme-{world.service}", tmp_path / "it.dump", [0]

    async def judge(tx: Connection, claim: Claim, claimed: Claimed) -> Mapping[str, UUID]:
        judged[0] += 1
        counter = new_id()
        await tx.execute("INSERT INTO counter VALUES ($1, 1, 1)", counter)
        await outbox.record(tx, "counter", counter, 0, [Counted(by=1)], claimed.context, topic=world.topic)
        return {"counter_id": counter}

    def claim(id_: str) -> TestRecord:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": id_,
            "ce_source": f"/partner/{partner}",
            "ce_type": CountClaimed.TYPE,
        }
        given = [(name, value.encode()) for name, value in headers.items()]
        return TestRecord(f"partner.{partner}.{world.service}.v1", 0, 0, b"k", b'{"by": 1}', given)

    async def judge_until(times: int, database: Database) -> None:
        claims = ClaimReader(world.service, {CountClaimed: judge}, ClaimAnswered)
        async with running(Bus(world.settings(), database, claims, pattern=claims.pattern), Relay(world.settings())):

            async def there() -> bool:
                return judged[0] == times

            await until(there)
            await sent(world)

    await world.ok("partners", "add", partner, "--title", "Acme", "--service", world.service)
    async with world.database() as database:
        await produce(world.settings(), [claim("1")])
        await judge_until(1, database)
        await world.ok("backup", world.service, file)
        await produce(world.settings(), [claim("2"), claim("3")])
        await judge_until(3, database)
        state = await counters(world)
        await world.decide("restore", world.service, file, "--replace")
        told = (await world.decide("reconcile", world.service, "--json")).json
        assert (told["added"], told["answered"]) == (2, 3)
        await produce(world.settings(), [claim("2"), claim("4")])  # one is sent again, one is new
        await judge_until(4, database)
    assert await counters(world) == state | {key: (1, 1) for key in await counters(world) if key not in state}
    assert len(await counters(world)) == 4


async def test_what_the_log_has_lost_is_said_and_can_be_said_again(world: World, tmp_path: Path) -> None:
    file = tmp_path / "it.dump"
    async with world.database() as database:
        await world.count(database, new_id())
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM kit.outbox")
    await world.ok("backup", world.service, file)
    assert file.stat().st_mode & 0o077 == 0
    await world.decide("restore", world.service, file, "--replace")
    told = (await world.decide("reconcile", world.service)).out
    assert f"the log lacks 1 of the journal's lines: `oneworkforce republish {world.service}`" in told


async def test_nothing_is_overwritten_unasked(world: World, tmp_path: Path) -> None:
    file = tmp_path / "it.dump"
    await world.ok("backup", world.service, file)
    assert (await world.run("backup", world.service, file)).code == 2
    refused = await world.run("restore", world.service, file, "--author", "a", "--reason", "b")
    assert (refused.code, "--replace drops it" in refused.error) == (1, True)
    file.write_bytes(b"no backup")
    broken = await world.run("restore", world.service, file, "--replace", "--author", "a", "--reason", "b")
    assert (broken.code, "pg_restore ended with" in broken.error) == (1, True)
    assert (await world.ok("dead-letters", "list")).out == "no dead letters\n"
