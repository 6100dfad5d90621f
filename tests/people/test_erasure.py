"""A request to be erased: its month, who decides, and that nothing is left of whom it was approved."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import deadlines, outbox
from kit.aggregates import Row
from kit.database import Database
from kit.reconcile import Found
from kit.testing.client import Client
from kit.testing.databases import Clone
from kit.testing.lives import run
from people import store
from people.domain import erasure
from people.domain.erasure import OVERDUE, decide_by
from people.handlers import People
from people.store import aggregates
from people.testing import APPROVE, ERASURE_COMMANDS, ERASURE_LIFE, HOLD, NOW, RAISE, REFUSE, REQUEST

from .conftest import ADA, HOSPITALS

As = Callable[..., Any]
WHY = {"reason": "answer-the-person"}
EXPECTED: dict[str | None, dict[str, str]] = {
    None: {"Request": "requested"},
    "requested": {"Hold": "held", "Refuse": "refused", "Approve": "approved", "Raise": "noted"},
    "held": {"Hold": "held", "Release": "requested", "Refuse": "refused", "Raise": "noted"},
    "refused": {"Refuse": "refused", "Raise": "refused"},
    "approved": {"Approve": "approved", "Raise": "approved"},
}
"""What comes of each command by status; what is not named is refused."""
TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'kit') AND tablename <> 'look'
"""


@pytest.mark.parametrize(("status", "command"), list(ERASURE_LIFE.cells()))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert ERASURE_LIFE.outcome(status, command) == EXPECTED[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(EXPECTED) == {None, *erasure.Status}
    assert {type(command).__name__ for command in ERASURE_COMMANDS} == {kind.__name__ for kind in erasure.COMMANDS}


@pytest.mark.parametrize(
    ("requested", "by"),
    [(date(2023, 6, 12), date(2023, 7, 12)), (date(2023, 1, 31), date(2023, 2, 28)), (date(2024, 1, 30), date(2024, 2, 29)),
     (date(2023, 12, 5), date(2024, 1, 5))],
)  # fmt: skip
def test_a_month_ends_on_the_corresponding_day_or_the_last_of_a_shorter_month(requested: date, by: date) -> None:
    assert decide_by(requested) == by
    asked = run(erasure, replace(REQUEST, occurred_on=requested), now=datetime(2024, 6, 1, tzinfo=UTC))
    assert list(erasure.deadlines(asked)) == [OVERDUE]


def test_a_hold_does_not_stop_the_month_and_a_decision_does() -> None:
    assert erasure.deadlines(run(erasure, REQUEST, HOLD, now=NOW))
    for decision in (REFUSE, APPROVE):
        decided = run(erasure, REQUEST, decision, now=NOW)
        assert (dict(erasure.deadlines(decided)), erasure.waiting(decided)) == ({}, ())


def test_what_is_overdue_waits_under_that_name_until_it_is_decided() -> None:
    overdue = run(erasure, REQUEST, RAISE, now=NOW)
    assert [each.why for each in erasure.waiting(overdue)] == ["erasure-overdue"]
    assert run(erasure, APPROVE, now=NOW, state=overdue).status == "approved"


async def asked(coordinator: Client, person: str, **given: Any) -> str:
    return str((await coordinator.made("/erasures", {"person_id": person, **given}))["id"])


async def test_a_request_raises_itself_after_a_month(coordinator: Client, as_role: As, database: Database) -> None:
    person = (await coordinator.made("/persons", {**ADA, "occurred_on": "2023-01-01"}))["id"]
    request = await asked(coordinator, person, occurred_on="2023-06-12")
    assert (await coordinator.post("/erasures", {"person_id": person})).json()["type"] == "/problems/asked-already"
    officer = as_role("data-protection-officer")
    (waits,) = (await officer.get("/waiting")).json()["rows"]
    assert (waits["who"], waits["why"], waits["since"]) == ("data-protection-officer", "decide-erasure", "2023-06-12")
    assert not await deadlines.fire_next(database, aggregates.fall_due, datetime(2023, 7, 12, 22, tzinfo=UTC))
    assert await deadlines.fire_next(database, aggregates.fall_due)
    (waits,) = (await officer.get("/waiting")).json()["rows"]
    assert (waits["why"], waits["since"]) == ("erasure-overdue", "2023-07-12")
    assert (await officer.get(f"/erasures/{request}")).json()["overdue"] is True


async def test_only_a_data_protection_officer_decides(coordinator: Client, as_role: As) -> None:
    request = await asked(coordinator, (await coordinator.made("/persons", ADA))["id"])
    for name in ("approve", "refuse", "hold", "release"):
        assert (await coordinator.post(f"/erasures/{request}/{name}")).status_code == 403
        assert (await as_role("partner", HOSPITALS).post(f"/erasures/{request}/{name}")).status_code == 403
    officer = as_role("data-protection-officer")
    await officer.made(f"/erasures/{request}/hold", {"reason": "legal-claim"})
    held = await officer.post(f"/erasures/{request}/approve")
    assert (held.status_code, held.json()["state"], held.json()["allowed"]) == (409, "held", ["release", "refuse"])
    await officer.made(f"/erasures/{request}/release")
    refused = await officer.made(f"/erasures/{request}/refuse", {"ground": "legal-claims"})
    assert (refused["status"], refused["ground"]) == ("refused", "legal-claims")
    await asked(coordinator, refused["person_id"])


async def asked_under_two_ids(coordinator: Client) -> tuple[str, str]:
    """What one person asked under each of their ids."""
    one, other = [(await coordinator.made("/persons", ADA))["id"] for _ in range(2)]
    await coordinator.made(f"/persons/{other}/link", {"same_as": one, "reason": "same-contact"})
    return await asked(coordinator, one), await asked(coordinator, other)


async def test_what_a_person_asked_under_another_id_ends_with_what_was_approved(
    coordinator: Client, as_role: As
) -> None:
    first, second = await asked_under_two_ids(coordinator)
    neighbour = await asked(coordinator, (await coordinator.made("/persons", ADA))["id"])
    officer = as_role("data-protection-officer")
    await officer.made(f"/erasures/{first}/approve")
    states = [(await officer.get(f"/erasures/{id_}")).json()["status"] for id_ in (first, second, neighbour)]
    assert states == ["approved", "approved", "requested"]
    assert [row["aggregate_id"] for row in (await officer.get("/waiting")).json()["rows"]] == [neighbour]


async def test_nobody_is_erased_by_one_request_while_another_of_theirs_is_held(
    coordinator: Client, as_role: As
) -> None:
    first, second = await asked_under_two_ids(coordinator)
    officer = as_role("data-protection-officer")
    await officer.made(f"/erasures/{second}/hold", {"reason": "legal-claim"})
    refused = await officer.post(f"/erasures/{first}/approve")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/held-under-another-id")
    for id_, status in ((first, "requested"), (second, "held")):
        found = (await officer.get(f"/erasures/{id_}")).json()
        assert found["status"] == status
        assert (await coordinator.get(f"/persons/{found['person_id']}")).json()["status"] != "erased"
    await officer.made(f"/erasures/{second}/release")
    await officer.made(f"/erasures/{first}/approve")
    assert (await officer.get(f"/erasures/{second}")).json()["status"] == "approved"


async def everything(clone: Clone) -> str:
    """Every row of every table but the looks, as text."""
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        names = [row[0] for row in await admin.fetch(TABLES)]
        return "\n".join([repr(row) for name in names for row in await admin.fetch(f"SELECT * FROM {name}")])
    finally:
        await admin.close()


async def erased(coordinator: Client, as_role: As, person: str) -> None:
    request = await asked(coordinator, person)
    await as_role("data-protection-officer").made(f"/erasures/{request}/approve")


async def test_of_whom_was_erased_nothing_is_found_under_any_of_their_ids(
    coordinator: Client, as_role: As, clone: Clone, people: People, database: Database
) -> None:
    answer = await coordinator.post("/persons", {**ADA, "organisation": HOSPITALS}, Idempotency_Key="k1")
    one, other = answer.json()["id"], (await coordinator.made("/persons", ADA))["id"]
    await coordinator.made(f"/persons/{other}/link", {"same_as": one, "reason": "same-contact"})
    partner = as_role("integrator", HOSPITALS)
    exchanged = (await partner.made("/references/exchange", {"kind": "esr", "value": "1"}))["person_id"]
    await coordinator.made(f"/persons/{exchanged}/link", {"same_as": one, "reason": "confirmed-by-partner"})
    neighbour = (await coordinator.made("/persons", {**ADA, "name": "Grace Other"}))["id"]
    await coordinator.made(f"/persons/{one}/look", WHY)
    await erased(coordinator, as_role, other)

    async with database.transaction() as tx:
        left = {row["person_id"] for row in await tx.fetch("SELECT DISTINCT person_id FROM detail")}
        assert left == {UUID(neighbour)}
        assert await tx.fetchval("SELECT count(*) FROM exchange") == 0
        kept = await tx.fetch("SELECT body FROM kit.answered_request WHERE route = 'POST /persons' AND body <> ''")
        assert [json.loads(row["body"])["id"] for row in kept] == [neighbour]
    for person in (one, other, exchanged):
        assert (await coordinator.post(f"/persons/{person}/look", WHY)).status_code == 404
        assert (await coordinator.get(f"/persons/{person}")).json()["status"] == "erased"
        for name, body in (("change-name", {"name": "Ada"}), ("change-contacts", {"post": "Here"}),
                           ("link", {"same_as": neighbour, "reason": "same-contact"})):  # fmt: skip
            assert (await coordinator.post(f"/persons/{person}/{name}", body)).status_code == 409
        assert (await coordinator.post("/erasures", {"person_id": person})).status_code == 404
    link = {"same_as": one, "reason": "same-contact"}
    assert (await coordinator.post(f"/persons/{neighbour}/link", link)).status_code == 404
    (found,) = (await coordinator.made("/persons/find", {**WHY, "email": ADA["email"]}))["rows"]
    assert found["person_id"] == neighbour
    again = await partner.made("/references/exchange", {"kind": "esr", "value": "1"})
    assert again["new"]
    assert again["person_id"] != exchanged
    late = await coordinator.post("/persons", {**ADA, "organisation": HOSPITALS}, Idempotency_Key="k1")
    assert late.json()["type"] == "/problems/key-reused"


async def test_every_id_of_the_person_is_said_to_be_erased_and_why(
    coordinator: Client, as_role: As, database: Database
) -> None:
    one, other = [(await coordinator.made("/persons", ADA))["id"] for _ in range(2)]
    await coordinator.made(f"/persons/{other}/link", {"same_as": one, "reason": "same-contact"})
    await erased(coordinator, as_role, one)
    async with database.transaction() as tx:
        lines = [(await outbox.history(tx, UUID(person)))[-1] for person in (one, other)]
        approved = await tx.fetchval("SELECT event_id FROM kit.journal WHERE type LIKE '%erasure-approved%'")
    assert [line.fact.TYPE.split(".")[-2] for line in lines] == ["person-erased", "person-erased"]
    assert {line.causation_id for line in lines} == {approved}


async def test_who_was_erased_is_erased_again_after_an_older_backup_was_restored(
    coordinator: Client, as_role: As, database: Database, people: People
) -> None:
    """The backup has the name, the topic has the erasure: working the state out anew forgets."""
    person = UUID((await coordinator.made("/persons", ADA))["id"])
    await erased(coordinator, as_role, str(person))
    key = people.keys.current
    async with database.transaction() as tx:
        await store.keep_details(
            tx, [(person, "name", key.id, key.digest("name", "ada"), key.seal(person, "name", "Ada"))]
        )
        before = aggregates.kind("person").model_validate_json(
            '{"status":"registered","since":"2023-01-01","registered_on":"2023-01-01","organisation":null}'
        )
        await aggregates._save(tx, aggregates.kind("person"), Row(person, 1, before), new=False)
        await aggregates.rebuild(tx, Found(read=2, behind=(person,), added=1, forgotten=()))
        assert await store.details_of(tx, [person]) == []
        row = await aggregates.read(tx, aggregates.kind("person"), person)
    assert row is not None
    assert row.state is not None
    assert row.state.status == "erased"  # type: ignore[attr-defined]
