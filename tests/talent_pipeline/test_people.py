"""Whom we may speak of, and who is one person: as people says it, in any order between two ids."""

from typing import Any
from uuid import UUID

import pytest

from kit.database import Database
from kit.ids import new_id
from kit.inbox import Received
from kit.testing.records import envelope_of
from schemas.fact import Fact
from schemas.people import LinkReason, PersonLinked, PersonRegistered, PersonUnlinked, UnlinkReason
from talent_pipeline import handlers, store
from talent_pipeline.testing import COUNCIL, day

from .acts import a_vacancy, an_application, an_engagement, an_interview, brought_to, on

REGISTERED = PersonRegistered(occurred_on=day(0))


def linked(other: UUID) -> PersonLinked:
    return PersonLinked(occurred_on=day(1), same_as=other, reason=LinkReason.SAME_CONTACT)


def unlinked(other: UUID) -> PersonUnlinked:
    return PersonUnlinked(occurred_on=day(2), same_as=other, reason=UnlinkReason.MISTAKEN)


async def hear(database: Database, *said: tuple[UUID, int, Fact]) -> None:
    """Hear these of people, in one batch: whose, the version, and what."""
    received = [
        Received(envelope_of(fact, id_, version), fact, "people.events.v1", 0, 0) for id_, version, fact in said
    ]
    async with database.transaction() as tx:
        await handlers.hear(tx, received)


async def test_somebody_of_whom_was_heard_may_be_spoken_of(coordinator: Any, database: Database) -> None:
    person = new_id()
    refused = await coordinator.post("/engagements", {"person_id": str(person)})
    assert refused.status_code == 422
    await hear(database, (person, 1, REGISTERED))
    assert (await an_engagement(coordinator, person_id=str(person)))["person_id"] == str(person)


@pytest.mark.parametrize("link_first", [True, False], ids=["the link before the other id", "the link after both"])
async def test_what_happened_under_two_ids_of_one_person_is_one_record(
    coordinator: Any, as_role: Any, database: Database, link_first: bool
) -> None:
    one, other = new_id(), new_id()
    said = [(one, 1, REGISTERED), (one, 2, linked(other)), (other, 1, REGISTERED)]
    await hear(database, *(said if link_first else sorted(said, key=lambda each: each[1])))
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
        shared = await as_role("employer", COUNCIL).get(f"/persons/{person}/values-pass", on=on(100))
        assert shared.status_code == 200
    await hear(database, (one, 3, unlinked(other)))
    assert (await coordinator.get(f"/persons/{other}")).json()["engagements"] == [ids[other]]
    assert (await as_role("employer", COUNCIL).get(f"/persons/{other}/values-pass", on=on(100))).status_code == 404


async def test_a_ring_that_was_half_heard_is_followed_once(database: Database) -> None:
    one, other = new_id(), new_id()
    await hear(database, (one, 2, linked(other)), (other, 2, linked(one)))
    async with database.transaction() as tx:
        assert set(await store.one_with(tx, one)) == {one, other}
