"""Names for lists of other services: of those whom the caller may see, each named once said why, and in nobody else's hands."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from kit.auth import Principal, Signer, sign_in_code
from kit.database import EVERYONE
from kit.testing.client import HOST, As, Client

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


# By a page of another service -------------------------------------------------------------------------------------------


@pytest.fixture
def browser(app: FastAPI) -> httpx2.AsyncClient:
    """A script of a page under the same host, as the browser itself says, that was drawn for a coordinator."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    said = {"sec-fetch-site": "same-origin", **drawn_for("coordinator")}
    return httpx2.AsyncClient(transport=transport, base_url=HOST, headers=said)


def drawn_for(role: str, organisation: str = EVERYONE, subject: str | None = None) -> dict[str, str]:
    """What a page says that was drawn for somebody."""
    who = Principal(subject or f"development-{role}", frozenset({role}), organisation)
    return {"expected-reader": who.mark}


def a_code(keys: Path, role: str = "coordinator", organisation: str = EVERYONE) -> dict[str, str]:
    signer = Signer(keys.with_suffix(".jwk"))
    return {"code": sign_in_code(signer, role, organisation)}


async def test_a_page_under_the_same_host_is_told_names_by_a_session_that_its_readers_code_began(
    coordinator: Client, browser: httpx2.AsyncClient, keys: Path
) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    asked = {**WHY, "ids": [person]}
    assert (await browser.post("/names", json=asked)).status_code == 401
    code = a_code(keys)
    begun = await browser.post("/names/sign-in", data=code)
    assert begun.status_code == 204
    kept = begun.headers["set-cookie"]
    assert all(part in kept for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/names"))
    told = await browser.post("/names", json=asked)
    assert told.json()["rows"] == [{"person_id": person, "name": ADA["name"]}]
    (look,) = (await coordinator.found(f"/persons/{person}/looks"))["rows"]
    assert look["reason"] == "work-a-list"
    assert (await browser.post("/names/sign-in", data=code)).status_code == 401, "a code is believed once"
    assert (await browser.post("/names/sign-out")).status_code == 204
    assert (await browser.post("/names", json=asked)).status_code == 401


async def test_an_organisations_session_is_told_of_its_own_people(
    coordinator: Client, browser: httpx2.AsyncClient, keys: Path
) -> None:
    own = (await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"]
    others = (await coordinator.made("/persons", {**ADA, "organisation": COUNCIL}))["id"]
    await browser.post("/names/sign-in", data=a_code(keys, "partner", HOSPITALS))
    here = drawn_for("partner", HOSPITALS)
    told = await browser.post("/names", json={**WHY, "ids": [own, others]}, headers=here)
    assert told.json()["rows"] == [{"person_id": own, "name": ADA["name"]}]


@pytest.mark.parametrize(
    "other",
    [drawn_for("coordinator", subject="another"), drawn_for("partner", HOSPITALS), drawn_for("coordinator", HOSPITALS),
     {"expected-reader": ""}, {"expected-reader": "x"}],
)  # fmt: skip
async def test_a_session_that_whoever_was_signed_in_before_left_tells_the_next_reader_nothing(
    coordinator: Client, browser: httpx2.AsyncClient, keys: Path, other: dict[str, str]
) -> None:
    person = (await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"]
    await browser.post("/names/sign-in", data=a_code(keys))
    assert (await browser.post("/names", json={**WHY, "ids": [person]}, headers=other)).status_code == 401
    assert (await coordinator.found(f"/persons/{person}/looks"))["rows"] == []


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
async def test_another_sites_page_is_told_nothing_and_begins_no_session(
    coordinator: Client, browser: httpx2.AsyncClient, keys: Path, site: str
) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    await browser.post("/names/sign-in", data=a_code(keys))
    elsewhere = {"sec-fetch-site": site}
    asked = await browser.post("/names", json={**WHY, "ids": [person]}, headers=elsewhere)
    assert asked.status_code == 401
    for path in ("/names/sign-in", "/names/sign-out"):
        assert (await browser.post(path, data=a_code(keys), headers=elsewhere)).status_code == 403
    assert (await coordinator.found(f"/persons/{person}/looks"))["rows"] == []


async def test_a_session_of_names_opens_nothing_else(
    coordinator: Client, browser: httpx2.AsyncClient, keys: Path
) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    await browser.post("/names/sign-in", data=a_code(keys))
    secret = browser.cookies["names_session"]
    for name in ("session", "names_session"):
        cookie = {"cookie": f"{name}={secret}"}
        assert (await browser.post(f"/persons/{person}/look", json=WHY, headers=cookie)).status_code == 401
        assert (await browser.post("/persons", json=ADA, headers=cookie)).status_code == 401


@pytest.mark.parametrize("code", ["", "x", "a.b.c"])
async def test_what_is_no_code_begins_no_session(browser: httpx2.AsyncClient, code: str) -> None:
    assert (await browser.post("/names/sign-in", data={"code": code})).status_code == 401


async def test_a_role_that_may_not_have_names_begins_no_session(browser: httpx2.AsyncClient, keys: Path) -> None:
    assert (await browser.post("/names/sign-in", data=a_code(keys, "board"))).status_code == 403
