"""What is kept for how long, shown before it is let go; what is left then is a stub, and what happened, to nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import retention
from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.letting_go import PLUMBING, STAYS
from kit.reconcile import Found
from kit.retention import VOIDED, Kept, Stays
from kit.testing.databases import Clone
from kit.testing.periods import given_anew
from kit.testing.persons import naming
from schemas.talent_pipeline import RecordLetGo
from schemas.values import business_date
from talent_pipeline.domain import candidacy, journey
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.retention import SCHEDULE
from talent_pipeline.store import PERSONS, aggregates

from .acts import a_vacancy, an_application, an_engagement, brought_to, on

FOR_EVER = datetime(2099, 12, 31, tzinfo=UTC)
OFFICER = "data-protection-officer"
KEPT = [line for line in SCHEDULE if isinstance(line, Kept)]
STAY = [line for line in SCHEDULE if isinstance(line, Stays)]


async def turned_down(client: Any) -> tuple[str, UUID]:
    """Somebody who applied and was not appointed: the candidacy and the person."""
    engaged = await an_engagement(client)
    id_ = await an_application(client, await a_vacancy(client), engaged["id"])
    await brought_to(client, id_, "shortlist")
    reason = {"reason": "criteria-not-met", "occurred_on": on(60)}
    await client.made(f"/candidacies/{id_}/not-appoint", reason)
    return id_, UUID(engaged["person_id"])


async def fire_all(database: Database, at: datetime) -> None:
    while await fire_next(database, aggregates.fall_due, at):
        pass


def test_whatever_is_one_person_s_and_has_ended_has_a_period_or_says_with_what_it_goes() -> None:
    ends = {(line.aggregate, end) for line in KEPT for end in line.ends}
    assert {line.aggregate for line in KEPT} == set(PERSONS.own)
    assert len(ends) == sum(len(line.ends) for line in KEPT)  # no end has two
    over = set(candidacy.Status) - {*journey.BEFORE_START, candidacy.Status.STARTED}
    assert {end for aggregate, end in ends if aggregate == candidacy.AGGREGATE} == {*over, VOIDED}
    assert all(line.months > 0 and line.source for line in KEPT)
    assert {line.table for line in STAY if line.why} == set(PERSONS.dropped)


async def test_what_is_let_go_next_is_shown_and_then_nothing_of_the_person_is_left_in_it(
    coordinator: Any, as_role: Any, database: Database, clone: Clone
) -> None:
    id_, person = await turned_down(coordinator)
    officer = as_role(OFFICER)
    (row,) = (await officer.get("/retention")).json()["rows"]
    assert (row["aggregate"], row["aggregate_id"], row["kept_until"]) == ("candidacy", id_, None)
    due = datetime.fromisoformat(row["due_at"])
    assert due > now() + timedelta(days=89)  # it ended long ago, and was entered just now
    assert not [
        each
        for each in (await officer.get("/retention", until=(due - timedelta(days=2)).date().isoformat())).json()["rows"]
        if each["aggregate_id"] == id_
    ]
    schedule = (await officer.get("/retention")).json()["schedule"]
    assert [line["record"] for line in schedule if "aggregate" in line] == [line.record for line in KEPT]
    assert {line["table"] for line in schedule if "why" in line} == {line.table for line in (*STAY, *STAYS)}
    assert {line["table"] for line in schedule if "days" in line} == {line.table for line in PLUMBING}
    await fire_all(database, due - timedelta(seconds=1))
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "not-appointed"
    await fire_all(database, due)
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "voided"
    history = (await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"]
    assert [line["type"].split(".")[-2] for line in history[-2:]] == ["candidate-not-appointed", "record-let-go"]
    assert not [line for line in history if str(person) in str(line)]
    assert "public.candidacy" not in await naming(clone.admin_dsn, person)
    assert "public.engagement" in await naming(clone.admin_dsn, person)  # its own period has not begun
    async with database.transaction() as tx:
        (stub,) = await tx.fetch("SELECT aggregate, record, ended_on FROM kit.let_go")
        assert await tx.fetchval("SELECT count(*) FROM kit.waiting WHERE aggregate_id = $1", UUID(id_)) == 0
    assert (stub["aggregate"], stub["record"]) == ("candidacy", KEPT[0].record)
    assert stub["ended_on"].isoformat() == on(60)


async def test_what_was_let_go_is_not_put_right_any_more(coordinator: Any, database: Database) -> None:
    id_, _ = await turned_down(coordinator)
    last = (await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"][-1]["id"]
    await fire_all(database, FOR_EVER)
    refused = await coordinator.post(f"/candidacies/{id_}/facts/{last}/void", {"reason": "entered-in-error"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/forgotten")


async def test_whoever_holds_something_for_its_sake_is_told_that_a_record_was_let_go_and_nothing_of_the_person(
    coordinator: Any, database: Database
) -> None:
    id_, person = await turned_down(coordinator)
    version = (await coordinator.get(f"/candidacies/{id_}")).json()["version"]
    await fire_all(database, FOR_EVER)
    async with database.transaction() as tx:
        (row,) = await tx.fetch("SELECT key, value FROM kit.outbox ORDER BY position DESC LIMIT 1")
        assert await tx.fetchval("SELECT version FROM candidacy WHERE id = $1", UUID(id_)) == version + 1
    said = RecordLetGo.read(row["value"])
    assert (row["key"].decode(), said.record, said.ended_on.isoformat()) == (id_, KEPT[0].record, on(60))
    assert str(person) not in row["value"].decode()


async def test_what_was_let_go_is_let_go_again_after_an_older_backup_was_restored(
    coordinator: Any, database: Database, clone: Clone
) -> None:
    """The backup has the application, the topic has that it was let go: working the state out anew forgets."""
    id_, person = await turned_down(coordinator)
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        body = await admin.fetchval("SELECT body FROM candidacy WHERE id = $1", UUID(id_))
        lines = await admin.fetch("SELECT event_id, payload FROM kit.journal WHERE aggregate_id = $1", UUID(id_))
        await fire_all(database, FOR_EVER)
        await admin.execute("UPDATE candidacy SET body = $2 WHERE id = $1", UUID(id_), body)
        for line in lines:
            await admin.execute("UPDATE kit.journal SET payload = $2 WHERE event_id = $1", *line)
        await admin.execute("DELETE FROM kit.let_go")
        assert await admin.fetchval(NAMING, UUID(id_), str(person))
    finally:
        await admin.close()
    async with database.transaction() as tx:
        await aggregates.rebuild(tx, Found(read=9, behind=(UUID(id_),), added=1, forgotten=()))
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "voided"
    async with database.transaction() as tx:
        assert not await tx.fetchval(NAMING, UUID(id_), str(person))
        assert await tx.fetchval("SELECT record FROM kit.let_go") == KEPT[0].record


NAMING = """
SELECT EXISTS (SELECT FROM candidacy WHERE id = $1 AND body IS NOT NULL) OR EXISTS (
    SELECT FROM kit.journal WHERE aggregate_id = $1 AND position(convert_to($2, 'UTF8') IN payload) > 0
)
"""


async def test_what_is_kept_longer_outlives_its_period_and_goes_on_the_day_that_was_said(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    id_, _ = await turned_down(coordinator)
    officer, until = as_role(OFFICER), business_date(now()) + timedelta(days=400)
    path, asked = f"/retention/{id_}/keep-longer", {"until": until.isoformat(), "reason": "legal-claim"}
    assert (await coordinator.post(path, asked)).status_code == 403
    past = await officer.post(path, {**asked, "until": "2024-01-01"})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "until")
    await officer.made(path, asked)
    (row,) = (await officer.get("/retention", until=(until + timedelta(days=1)).isoformat())).json()["rows"]
    assert (row["kept_until"], row["reason"]) == (until.isoformat(), "legal-claim")
    await fire_all(database, now() + timedelta(days=399))
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "not-appointed"
    await fire_all(database, now() + timedelta(days=402))
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "voided"
    assert (await officer.post(path, asked)).status_code == 404


async def test_what_is_kept_longer_at_the_moment_at_which_it_is_let_go_stays(
    coordinator: Any, database: Database
) -> None:
    """Its deadline had fired, and waited for who decided."""
    id_, _ = await turned_down(coordinator)
    async with database.transaction() as tx:
        await retention.keep_longer(tx, UUID(id_), FOR_EVER.date() + timedelta(days=1), "legal-claim", "officer", now())
    await fire_all(database, FOR_EVER)
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "not-appointed"


async def test_what_begins_again_is_not_let_go(coordinator: Any, as_role: Any, database: Database) -> None:
    id_, _ = await turned_down(coordinator)
    last = (await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"][-1]["id"]
    await coordinator.made(f"/candidacies/{id_}/facts/{last}/void", {"reason": "entered-in-error"})
    assert (await as_role(OFFICER).get("/retention")).json()["rows"] == []
    await fire_all(database, FOR_EVER)
    assert (await coordinator.get(f"/candidacies/{id_}")).json()["status"] == "shortlisted"


# What was entered by mistake ----------------------------------------------------------------------------------------------


async def mistaken(client: Any) -> tuple[str, str, UUID]:
    """An application of which the one fact was voided: the candidacy, that fact, and whose it was."""
    engaged = await an_engagement(client)
    id_ = await an_application(client, await a_vacancy(client), engaged["id"])
    (line,) = (await client.get(f"/candidacies/{id_}/history")).json()["lines"]
    await client.made(f"/candidacies/{id_}/facts/{line['id']}/void", {"reason": "entered-in-error"})
    return id_, line["id"], UUID(engaged["person_id"])


async def test_what_was_voided_is_kept_for_a_year_shown_and_then_said_of_nobody(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    id_, _, person = await mistaken(coordinator)
    soon = (await as_role(OFFICER).get("/retention")).json()["rows"]
    assert soon == []
    (row,) = (await as_role(OFFICER).get("/retention", until="2099-12-31")).json()["rows"]
    due = datetime.fromisoformat(row["due_at"])
    assert (row["aggregate_id"], due > now() + timedelta(days=364)) == (id_, True)
    await fire_all(database, due - timedelta(seconds=1))
    lines = (await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"]
    assert str(person) in str(lines)
    await fire_all(database, due)
    *lines, last = (await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"]
    assert last["type"] == RecordLetGo.TYPE
    assert len(lines) == 2
    assert str(person) not in str(lines)


async def test_what_was_voided_and_is_restored_has_not_ended_and_what_was_let_go_is_not_brought_back(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    id_, fact, _ = await mistaken(coordinator)
    path = f"/candidacies/{id_}/facts/{fact}"
    await coordinator.made(f"{path}/restore", {"reason": "was-right"})
    assert (await as_role(OFFICER).get("/retention", until="2099-12-31")).json()["rows"] == []
    await coordinator.made(f"{path}/void", {"reason": "entered-in-error"})
    await fire_all(database, FOR_EVER)
    refused = await coordinator.post(f"{path}/restore", {"reason": "was-right"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/forgotten")


async def test_what_was_voided_is_kept_longer_like_any_other_record(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    id_, _, _ = await mistaken(coordinator)
    until = business_date(now()) + timedelta(days=500)
    asked = {"until": until.isoformat(), "reason": "legal-claim"}
    await as_role(OFFICER).made(f"/retention/{id_}/keep-longer", asked)
    await fire_all(database, now() + timedelta(days=499))
    assert len((await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"]) == 2
    await fire_all(database, now() + timedelta(days=502))
    assert len((await coordinator.get(f"/candidacies/{id_}/history")).json()["lines"]) == 3


async def test_what_was_voided_before_there_was_a_period_is_given_one(coordinator: Any, clone: Clone) -> None:
    await mistaken(coordinator)
    running, given = await given_anew(clone, "talent_pipeline", "0005_mistakes.sql")
    assert running == given != set()


async def test_a_record_that_was_forgotten_with_its_person_is_not_taken_for_a_mistake(
    coordinator: Any, database: Database
) -> None:
    id_, person = await turned_down(coordinator)
    async with database.transaction() as tx:
        await PERSONS.forget(tx, [person])
        await aggregates.look_again(tx, Candidacy, UUID(id_))
        assert await tx.fetchval("SELECT count(*) FROM kit.deadline WHERE aggregate_id = $1", UUID(id_)) == 0


async def test_a_page_of_what_is_let_go_goes_on_where_the_last_ended(coordinator: Any, as_role: Any) -> None:
    made = {(await turned_down(coordinator))[0] for _ in range(3)}
    officer, found, after = as_role(OFFICER), [], None
    while True:
        page = (await officer.get("/retention", limit=1, **({"after": after} if after else {}))).json()
        found += [row["aggregate_id"] for row in page["rows"]]
        if (after := page["next"]) is None:
            break
    assert (len(found), set(found)) == (3, made)
    for broken in ("x", "bnVsbA=="):
        assert (await officer.get("/retention", after=broken)).json()["errors"][0]["field"] == "after"
    assert (await officer.get("/retention", until="9999-12-31")).status_code == 422


async def test_the_journal_changes_for_no_record_that_was_not_let_go(coordinator: Any, database: Database) -> None:
    id_, _ = await turned_down(coordinator)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(retention.LET_GO_OF, UUID(id_))
