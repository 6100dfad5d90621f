"""Whom we may speak of, and who is one person: as people says it, in any order between two ids."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from kit import outbox, persons
from kit.database import Database
from kit.ids import new_id
from kit.testing.databases import Clone
from kit.testing.persons import hear, keeping, naming
from schemas.people import LinkReason, PersonErased, PersonLinked, PersonRegistered, PersonUnlinked, UnlinkReason
from talent_pipeline import store
from talent_pipeline.testing import COUNCIL, day

from .acts import a_vacancy, an_application, an_engagement, an_interview, brought_to, on, permitted

REGISTERED = PersonRegistered(occurred_on=day(0))


def linked(other: UUID) -> PersonLinked:
    return PersonLinked(occurred_on=day(1), same_as=other, reason=LinkReason.SAME_CONTACT)


def unlinked(other: UUID) -> PersonUnlinked:
    return PersonUnlinked(occurred_on=day(2), same_as=other, reason=UnlinkReason.MISTAKEN)


async def test_somebody_of_whom_was_heard_may_be_spoken_of(coordinator: Any, database: Database) -> None:
    person = new_id()
    refused = await coordinator.post("/engagements", {"person_id": str(person)})
    assert refused.status_code == 422
    await hear(database, store.PERSONS.hear, (person, 1, REGISTERED))
    assert (await an_engagement(coordinator, person_id=str(person)))["person_id"] == str(person)


@pytest.mark.parametrize("link_first", [True, False], ids=["the link before the other id", "the link after both"])
async def test_what_happened_under_two_ids_of_one_person_is_one_record(
    coordinator: Any, as_role: Any, database: Database, link_first: bool
) -> None:
    one, other = new_id(), new_id()
    said = [(one, 1, REGISTERED), (one, 2, linked(other)), (other, 1, REGISTERED)]
    await hear(database, store.PERSONS.hear, *(said if link_first else sorted(said, key=lambda each: each[1])))
    vacancy = await a_vacancy(coordinator)
    ids = {}
    for person in (one, other):
        ids[person] = (await an_engagement(coordinator, person_id=str(person)))["id"]
    candidacy = await an_application(coordinator, vacancy, ids[one])
    await brought_to(coordinator, candidacy, "shortlist")
    await coordinator.made(f"/candidacies/{candidacy}/record-values-interview", an_interview())
    for person in (one, other):
        found = (await coordinator.get(f"/persons/{person}")).json()
        assert (set(found["engagements"]), len(found["candidacies"])) == (set(ids.values()), 1)
        shared = await as_role("partner", COUNCIL).get(f"/persons/{person}/values-pass", on=on(100))
        assert shared.status_code == 200
    await hear(database, store.PERSONS.hear, (one, 3, unlinked(other)))
    assert (await coordinator.get(f"/persons/{other}")).json()["engagements"] == [ids[other]]
    assert (await as_role("partner", COUNCIL).get(f"/persons/{other}/values-pass", on=on(100))).status_code == 404


async def test_a_person_is_a_candidate_for_a_vacancy_once_under_all_their_ids(
    coordinator: Any, database: Database
) -> None:
    one, other = new_id(), new_id()
    await hear(database, store.PERSONS.hear, (one, 1, REGISTERED), (one, 2, linked(other)), (other, 1, REGISTERED))
    vacancy, elsewhere = await a_vacancy(coordinator, posts=2), await a_vacancy(coordinator, employer=COUNCIL)
    first, second = [(await an_engagement(coordinator, person_id=str(person)))["id"] for person in (one, other)]
    candidacy = await an_application(coordinator, vacancy, first)
    twice = {"occurred_on": on(11), "engagement_id": second, "vacancy_id": str(vacancy)}
    refused = await coordinator.post("/candidacies", twice)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-applied")
    assert candidacy in refused.json()["detail"]
    await permitted(coordinator, second)
    there = await an_application(coordinator, elsewhere, second)
    asked = {"occurred_on": on(30), "to": "employer", "vacancy_id": str(vacancy)}
    refused = await coordinator.post(f"/candidacies/{there}/redirect", asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-applied")
    assert (await coordinator.found(f"/candidacies/{there}"))["status"] == "applied"


async def test_a_pass_counts_under_whichever_id_it_was_passed(coordinator: Any, database: Database) -> None:
    one, other = new_id(), new_id()
    await hear(database, store.PERSONS.hear, (one, 1, REGISTERED), (one, 2, linked(other)), (other, 1, REGISTERED))
    first, second = [(await an_engagement(coordinator, person_id=str(person)))["id"] for person in (one, other)]
    passed = await an_application(coordinator, await a_vacancy(coordinator), first)
    await brought_to(coordinator, passed, "record-values-interview")
    candidacy = await an_application(coordinator, await a_vacancy(coordinator, employer=COUNCIL), second)
    await brought_to(coordinator, candidacy, "shortlist")
    accepted = await coordinator.made(f"/candidacies/{candidacy}/accept-values-pass", {"occurred_on": on(21)})
    assert (accepted["status"], accepted["values_outcome"]) == ("interviewed", "passed")


async def test_a_ring_that_was_half_heard_is_followed_once(database: Database) -> None:
    one, other = new_id(), new_id()
    await hear(database, store.PERSONS.hear, (one, 2, linked(other)), (other, 2, linked(one)))
    async with database.transaction() as tx:
        assert set(await persons.one_with(tx, one)) == {one, other}


# Erasure ---------------------------------------------------------------------------------------------------------------

ERASED = PersonErased(occurred_on=day(300))


async def a_whole_life(coordinator: Any, person: UUID) -> str:
    """Somebody who started, and was redirected before; the candidacy."""
    vacancy = await a_vacancy(coordinator)
    candidacy = await an_application(
        coordinator, vacancy, (await an_engagement(coordinator, person_id=str(person)))["id"]
    )
    await brought_to(coordinator, candidacy, "start")
    return candidacy


async def test_of_whom_was_erased_no_row_is_left_and_the_post_stays_filled(
    coordinator: Any, database: Database, clone: Clone
) -> None:
    person, neighbour = new_id(), new_id()
    await hear(database, store.PERSONS.hear, (person, 1, REGISTERED), (neighbour, 1, REGISTERED))
    keyed = {"person_id": str(person), "source": "direct", "channel": "web", "employment_status": "unemployed"}
    await coordinator.post("/engagements", keyed, Idempotency_Key="k1")
    candidacy, other = await a_whole_life(coordinator, person), await a_whole_life(coordinator, neighbour)
    vacancy = (await coordinator.get(f"/candidacies/{candidacy}")).json()["vacancy_id"]
    assert {"public.candidacy", "kit.person", "kit.journal", "kit.outbox"} <= set(await naming(clone.admin_dsn, person))
    for _ in range(2):  # heard again, nothing changes
        await hear(database, store.PERSONS.hear, (person, 2, ERASED))
        assert await naming(clone.admin_dsn, person) == []
    for path in (f"/persons/{person}", f"/persons/{person}/values-pass"):
        assert (await coordinator.get(path)).status_code == 404
    assert (await coordinator.get(f"/candidacies/{candidacy}")).json()["status"] == "voided"
    assert not [row for row in (await coordinator.get("/waiting")).json()["rows"] if row["aggregate_id"] == candidacy]
    assert (await coordinator.get(f"/vacancies/{vacancy}")).json()["status"] == "filled"
    assert (await coordinator.get(f"/candidacies/{other}")).json()["status"] == "started"
    refused = await coordinator.post("/engagements", {**keyed, "channel": "fair"})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-person")
    late = await coordinator.post("/engagements", keyed, Idempotency_Key="k1")
    assert late.json()["type"] == "/problems/key-reused"


async def test_every_table_that_keeps_somebody_is_declared(clone: Clone) -> None:
    assert await keeping(clone.admin_dsn) == store.PERSONS.tables


async def test_what_happened_stays_in_the_journal_in_order_and_can_be_read_and_is_nobody_s(
    coordinator: Any, database: Database
) -> None:
    person = new_id()
    await hear(database, store.PERSONS.hear, (person, 1, REGISTERED))
    candidacy = UUID(await a_whole_life(coordinator, person))
    async with database.transaction() as tx:
        before = await outbox.history(tx, candidacy)
    await hear(database, store.PERSONS.hear, (person, 2, ERASED))
    async with database.transaction() as tx:
        after = await outbox.history(tx, candidacy)
        nobody = await tx.fetchval("SELECT kit.nobody($1)", person)
    assert [(line.event_id, line.version, line.fact.TYPE) for line in after] == [
        (line.event_id, line.version, line.fact.TYPE) for line in before
    ]
    assert {line.fact.person_id for line in after if hasattr(line.fact, "person_id")} == {nobody}


async def test_the_journal_changes_for_nobody_who_was_not_erased(coordinator: Any, database: Database) -> None:
    person = new_id()
    await hear(database, store.PERSONS.hear, (person, 1, REGISTERED))
    await a_whole_life(coordinator, person)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(persons.SAY_OF_NOBODY, person)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute("UPDATE kit.journal SET actor = 'nobody'")
