"""A person with several ids is one in every list of the vault, whichever of them is asked for."""

from collections.abc import Sequence
from uuid import UUID

import pytest
import pytest_asyncio

from kit.clock import now
from kit.database import Database
from kit.testing.client import As, Client
from people.domain.messages import MessageKind
from people.messages import store as messages

from .conftest import ADA, COUNCIL, HOSPITALS

WHY = {"reason": "make-offer"}


@pytest_asyncio.fixture
async def ids(coordinator: Client) -> list[str]:
    """Three of one person, the last two linked to the first."""
    organisations = (HOSPITALS, COUNCIL, None)
    made = [(await coordinator.made("/persons", {**ADA, "organisation": each}))["id"] for each in organisations]
    for other in made[1:]:
        await coordinator.made(f"/persons/{other}/link", {"same_as": made[0], "reason": "same-contact"})
    return made


@pytest.mark.parametrize("which", range(3))
async def test_requests_erasures_looks_and_messages_are_found_by_each_id_and_nobody_elses_with_them(
    coordinator: Client, database: Database, ids: Sequence[str], which: int
) -> None:
    stranger = (await coordinator.made("/persons", {**ADA, "name": "Grace Other"}))["id"]
    for each in (*ids, stranger):
        await coordinator.made("/requests", {"person_id": each, "about": "something-else"})
        await coordinator.made("/erasures", {"person_id": each})
        await coordinator.made(f"/persons/{each}/look", WHY)
        async with database.transaction() as tx:
            await messages.tell(tx, UUID(each), UUID(each), MessageKind.OFFER_MADE, None, now())
    asked = ids[which]
    lists = [await coordinator.found(path, person_id=asked) for path in ("/requests", "/erasures", "/messages")]
    for found in (*lists, await coordinator.found(f"/persons/{asked}/looks")):
        assert [row["person_id"] for row in found["rows"]] == ids[::-1]


async def test_an_organisation_finds_by_its_own_id_no_message_to_an_id_that_is_not_its_own(
    as_role: As, database: Database, ids: Sequence[str]
) -> None:
    for each in ids:
        async with database.transaction() as tx:
            await messages.tell(tx, UUID(each), UUID(each), MessageKind.OFFER_MADE, None, now())
    for asked in ids:
        found = await as_role("partner", COUNCIL).found("/messages", person_id=asked)
        assert [row["person_id"] for row in found["rows"]] == [ids[1]]


async def test_every_look_is_found_a_page_after_the_other_under_each_id(
    coordinator: Client, ids: Sequence[str]
) -> None:
    for turn in range(7):
        await coordinator.made(f"/persons/{ids[turn % 3]}/look", WHY)
    found, after = [], ""
    while True:
        page = await coordinator.found(f"/persons/{ids[1]}/looks?limit=3{after}")
        found += page["rows"]
        if page["next"] is None:
            break
        after = f"&before={page['next']}"
    assert [row["person_id"] for row in found] == [ids[turn % 3] for turn in reversed(range(7))]
