"""What people declared is withdrawn by itself when its period is over, and a year later nobody knows that it was theirs."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from equality_monitoring import handlers
from equality_monitoring.domain.monitoring import AGGREGATE, Status
from equality_monitoring.retention import SCHEDULE
from equality_monitoring.testing import AFRICAN, CARIBBEAN
from kit import outbox, retention
from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.deadlines import Due, fire_next
from kit.errors import NotFound
from kit.ids import new_id
from kit.testing.databases import Clone
from kit.testing.persons import naming
from schemas.values import business_date

from .conftest import Doors, Person
from .test_api import staff
from .test_erasure import MARKED, MARKS, everything

OFFICER = "data-protection-officer"
YEARS = timedelta(days=366 * 6)


def context() -> Context:
    return Context(actor="person")


async def fire_all(database: Database, at: Any) -> None:
    while await fire_next(database, handlers.fall_due, at):
        pass


async def due_of(client: httpx2.AsyncClient, doors: Doors, role: str = OFFICER) -> list[dict[str, Any]]:
    by = (business_date(now()) + 2 * YEARS).isoformat()
    headers = {"Authorization": f"Bearer {staff(doors, role)}"}
    rows: list[dict[str, Any]] = (await client.get("/retention", params={"until": by}, headers=headers)).json()["rows"]
    return rows


def test_every_status_has_a_period() -> None:
    assert [end for line in SCHEDULE for end in line.ends] == list(Status)
    assert all((line.aggregate, line.months > 0, bool(line.source)) == (AGGREGATE, True, True) for line in SCHEDULE)


async def test_what_was_declared_is_shown_withdrawn_by_itself_and_a_year_later_nobodys(
    client: httpx2.AsyncClient, database: Database, clone: Clone, doors: Doors
) -> None:
    person, neighbour = doors.person(), doors.person()
    await client.put(person.path, json=MARKED, headers=person.bearer)
    (row,) = await due_of(client, doors)
    assert str(person.id) not in str(row)
    moment = now() + YEARS
    async with database.transaction() as tx:
        await handlers.give(tx, neighbour.id, AFRICAN, Context(actor="person", now=moment - timedelta(days=9)))
    assert not await fire_next(database, handlers.fall_due, moment - timedelta(days=9))
    await fire_all(database, moment)
    rows = await everything(clone)
    assert not any(mark in rows for mark in MARKS)
    async with database.transaction() as tx:
        held = await handlers.read(tx, person.id)
        assert str(held.monitoring_id) == row["aggregate_id"]
        assert held.monitoring.status is Status.WITHDRAWN
        assert (await outbox.history(tx, held.monitoring_id))[-1].actor == "deadline"
        assert await tx.fetchval("SELECT count(*) FROM kit.outbox WHERE value IS NULL") == 1  # the tombstone
        assert (await handlers.read(tx, neighbour.id)).monitoring.declaration == AFRICAN
    await fire_all(database, moment + timedelta(days=360))
    assert "public.monitoring" in await naming(clone.admin_dsn, person.id)
    await fire_all(database, moment + timedelta(days=370))
    found = await naming(clone.admin_dsn, person.id)
    assert not {"public.monitoring", "kit.journal", "kit.deadline", "kit.let_go"} & set(found)
    async with database.transaction() as tx:
        with pytest.raises(NotFound):
            await handlers.read(tx, person.id)
        assert await tx.fetchval("SELECT record FROM kit.let_go WHERE aggregate_id = $1", held.monitoring_id)
        again = await handlers.give(tx, person.id, CARIBBEAN, Context(actor="person", now=moment + timedelta(days=371)))
    assert again.monitoring_id != held.monitoring_id


async def test_each_step_begins_the_period_anew_also_at_the_moment_at_which_it_ends(database: Database) -> None:
    person, moment = new_id(), now() + YEARS
    async with database.transaction() as tx:
        held = await handlers.give(tx, person, AFRICAN, context())
        (was,) = await tx.fetch("SELECT due_at FROM kit.deadline")
        await handlers.give(tx, person, CARIBBEAN, Context(actor="person", now=moment))
        (due,) = await tx.fetch("SELECT due_at FROM kit.deadline")
        assert due["due_at"] > was["due_at"] + YEARS - timedelta(days=9)
        # its deadline had fired, and waited for who declared
        await handlers.fall_due(
            tx, Due(AGGREGATE, held.monitoring_id, "retention", was["due_at"]), Context(actor="deadline", now=moment)
        )
        assert (await handlers.read(tx, person)).monitoring.declaration == CARIBBEAN


async def test_what_is_kept_longer_outlives_its_period_and_its_person_may_withdraw_it_all_the_same(
    client: httpx2.AsyncClient, database: Database, doors: Doors
) -> None:
    kept, other = doors.person(), doors.person()
    await client.put(kept.path, json={"sex": "male"}, headers=kept.bearer)
    (row,) = await due_of(client, doors)
    await client.put(other.path, json={"sex": "male"}, headers=other.bearer)
    until = business_date(now()) + YEARS + timedelta(days=400)
    path, asked = f"/retention/{row['aggregate_id']}/keep-longer", {"until": until.isoformat(), "reason": "legal-claim"}
    as_officer = {"Authorization": f"Bearer {staff(doors, OFFICER)}"}
    assert (await client.post(path, json=asked, headers=as_officer)).status_code == 200
    assert (await client.post(f"/retention/{new_id()}/keep-longer", json=asked, headers=as_officer)).status_code == 404
    await fire_all(database, now() + YEARS + timedelta(days=30))
    assert (await client.get(kept.path, headers=kept.bearer)).json()["status"] == "declared"
    assert (await client.get(other.path, headers=other.bearer)).json()["status"] == "withdrawn"
    await client.delete(kept.path, headers=kept.bearer)
    assert (await client.get(kept.path, headers=kept.bearer)).json()["status"] == "withdrawn"


async def test_only_a_data_protection_officer_and_an_auditor_see_what_is_let_go(
    client: httpx2.AsyncClient, doors: Doors, person: Person
) -> None:
    for role, status in ((OFFICER, 200), ("auditor", 200), ("coordinator", 403), ("board", 403)):
        headers = {"Authorization": f"Bearer {staff(doors, role)}"}
        assert (await client.get("/retention", headers=headers)).status_code == status
    assert (await client.get("/retention", headers=person.bearer)).status_code == 401
    assert (await client.get("/retention")).status_code == 401


async def test_the_journal_of_what_was_not_let_go_gives_up_nobody(database: Database) -> None:
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(retention.LET_GO_OF, held.monitoring_id)
