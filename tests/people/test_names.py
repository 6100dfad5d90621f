"""Names for lists of other services: of those whom the caller may see, each named once said why, and in nobody else's hands."""

from typing import Any
from uuid import uuid4

import pytest

from kit.testing.client import As, Client

from .conftest import ADA, COUNCIL, HOSPITALS
from .test_erasure import erased

WHY = {"reason": "work-a-list"}


async def named(client: Client, *ids: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await client.made("/names", {**WHY, "ids": ids}))["rows"]
    return rows


async def test_a_list_is_given_the_names_of_its_ids_in_its_order_and_each_who_is_named_was_looked_at(
    coordinator: Client,
) -> None:
    grace = {"name": "Grace Example", "email": "grace@example.org"}
    one, other = [(await coordinator.made("/persons", each))["id"] for each in (ADA, grace)]
    expected = [{"person_id": other, "name": "Grace Example"}, {"person_id": one, "name": ADA["name"]}]
    assert await named(coordinator, other, one, other, str(uuid4())) == expected
    for person in (one, other):
        looks = (await coordinator.found(f"/persons/{person}/looks"))["rows"]
        assert [look["reason"] for look in looks] == ["work-a-list"]


async def test_an_organisation_is_told_the_names_of_its_own_people_and_its_look_says_whose_staff_it_was(
    coordinator: Client, as_role: As
) -> None:
    own = (await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"]
    others = (await coordinator.made("/persons", {**ADA, "organisation": COUNCIL}))["id"]
    partner = as_role("partner", HOSPITALS)
    assert await named(partner, own, others) == [{"person_id": own, "name": ADA["name"]}]
    looks = (await coordinator.found(f"/persons/{own}/looks"))["rows"]
    assert [look["organisation"] for look in looks] == [HOSPITALS]
    assert (await coordinator.found(f"/persons/{others}/looks"))["rows"] == []


async def test_who_has_no_name_here_is_there_without_one_and_was_not_looked_at(
    coordinator: Client, as_role: As
) -> None:
    reference = {"kind": "esr", "value": "1"}
    person = (await as_role("integrator", HOSPITALS).made("/references/exchange", reference))["person_id"]
    assert await named(coordinator, person) == [{"person_id": person, "name": None}]
    assert (await coordinator.found(f"/persons/{person}/looks"))["rows"] == []


async def test_whoever_was_erased_is_in_no_answer(coordinator: Client, as_role: As) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    await erased(coordinator, as_role, person)
    assert await named(coordinator, person) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"ids": [str(uuid4())]}, {**WHY, "ids": []}, {**WHY, "ids": [str(uuid4()) for _ in range(101)]}, {**WHY, "ids": ["x"]},
        {"reason": "curious", "ids": [str(uuid4())]}, WHY,
    ],
)  # fmt: skip
async def test_nobody_is_named_without_a_reason_or_more_than_a_hundred_at_once(
    coordinator: Client, asked: dict[str, Any]
) -> None:
    assert (await coordinator.post("/names", asked)).status_code == 422


@pytest.mark.parametrize("role", ["board", "auditor", "integrator", "mail-system", "data-protection-officer", None])
async def test_only_who_works_with_people_is_told_names(as_role: As, role: str | None) -> None:
    answer = await as_role(role, HOSPITALS).post("/names", {**WHY, "ids": [str(uuid4())]})
    assert answer.status_code == (403 if role else 401)
