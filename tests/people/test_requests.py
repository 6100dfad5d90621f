"""What a person asks of their data beside being erased: put right what is wrong, stop what they object to; each has its month."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from kit import deadlines, outbox
from kit.database import Database
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.lives import run
from people import keyring, rotation
from people.domain import request
from people.domain.erasure import OVERDUE as ONE_MONTH
from people.domain.messages import OPTIONAL
from people.handlers import People
from people.links import HOME
from people.messages import store as messages
from people.pages import words
from people.store import aggregates
from people.testing import GRANT, NOW, OBJECT, OVERDUE, PUT_RIGHT, REQUEST_COMMANDS, REQUEST_LIFE
from schemas.people import Processing

from .conftest import ADA, HOSPITALS
from .test_erasure import erased, everything
from .test_pages import csrf_of, enter, link_of

EXPECTED: dict[str | None, dict[str, str]] = {
    None: {"PutRight": "made", "Object": "made"},
    "made": {"Grant": "granted", "Refuse": "refused", "Close": "closed", "Raise": "noted"},
    "granted": {"Grant": "granted", "Close": "granted", "Raise": "granted"},
    "refused": {"Refuse": "refused", "Close": "refused", "Raise": "refused"},
    "closed": {"Close": "closed", "Raise": "closed"},
}
"""What comes of each command by status; what is not named is refused."""
OTHER = {"email": "ada.other@example.org", "phone": "", "post": "1 Example Street, Leeds"}


@pytest.mark.parametrize(("status", "command"), list(REQUEST_LIFE.cells()))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert REQUEST_LIFE.outcome(status, command) == EXPECTED[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(EXPECTED) == {None, *request.Status}
    assert {type(command).__name__ for command in REQUEST_COMMANDS} == {kind.__name__ for kind in request.COMMANDS}


@pytest.mark.parametrize("ask", [PUT_RIGHT, OBJECT])
def test_a_request_waits_for_the_officer_and_after_a_month_under_another_name(ask: Any) -> None:
    asked = run(request, ask, now=NOW)
    assert list(request.deadlines(asked)) == [ONE_MONTH]
    assert [each.why for each in request.waiting(asked)] == [f"decide-{asked.right}"]
    overdue = run(request, OVERDUE, now=NOW, state=asked)
    assert dict(request.deadlines(overdue)) == {}
    assert [each.why for each in request.waiting(overdue)] == ["request-overdue"]
    assert request.waiting(run(request, GRANT, now=NOW, state=overdue)) == ()


# On the page -----------------------------------------------------------------------------------------------------------


class Page:
    """The person's own page, open."""

    def __init__(self, browser: httpx2.AsyncClient, csrf: str) -> None:
        self.browser, self.csrf = browser, csrf

    async def read(self, path: str = "") -> str:
        answer = await self.browser.get(HOME + path)
        assert answer.status_code == 200
        return answer.text

    async def send(self, path: str, **given: str) -> httpx2.Response:
        return await self.browser.post(HOME + path, data={"csrf": self.csrf, **given})


@pytest_asyncio.fixture
async def person(coordinator: Client) -> str:
    return str((await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"])


@pytest_asyncio.fixture
async def page(app: FastAPI, coordinator: Client, person: str) -> AsyncIterator[Page]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://people.test") as browser:
        yield Page(browser, csrf_of(await enter(browser, await link_of(coordinator, person))))


@pytest.fixture
def officer(as_role: As) -> Client:
    return as_role("data-protection-officer")


async def look_at(coordinator: Client, person: str) -> dict[str, str]:
    found: dict[str, str] = (await coordinator.made(f"/persons/{person}/look", {"reason": "correct-record"}))["details"]
    return found


async def test_a_person_corrects_how_they_are_reached_and_it_holds_once_it_is_granted(
    coordinator: Client, officer: Client, person: str, page: Page, database: Database
) -> None:
    assert ADA["email"] in await page.read("/contacts")
    assert (await page.send("/contacts", **OTHER)).status_code == 303
    shown = await page.read()
    assert "That we put right how we reach you" in shown
    assert "We answer by" in shown
    assert (await page.send("/contacts", **OTHER)).status_code == 409
    (asked,) = (await officer.found("/requests", status="made"))["rows"]
    assert (await look_at(coordinator, person))["email"] == ADA["email"]
    seen = await officer.made(f"/requests/{asked['id']}/look")
    assert seen["held"]["email"] == ADA["email"]
    assert seen["asked"] == {"email": OTHER["email"], "post": OTHER["post"]}
    await officer.made(f"/requests/{asked['id']}/grant")
    assert await look_at(coordinator, person) == {"name": ADA["name"], "email": OTHER["email"], "post": OTHER["post"]}
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM proposed") == 0
        line = (await outbox.history(tx, UUID(person)))[-1]
        granted = (await outbox.history(tx, UUID(asked["id"])))[-1]
        assert (line.fact.TYPE.split(".")[-2], line.causation_id) == ("contacts-changed", granted.event_id)
        assert await tx.fetchval("SELECT array_agg(kind) FROM message") == ["request-decided"]
    assert words.REQUEST["granted"] in await page.read()


async def test_what_is_refused_changes_nothing_keeps_nothing_and_says_why(
    coordinator: Client, officer: Client, person: str, page: Page, database: Database
) -> None:
    await page.send("/contacts", **OTHER)
    (asked,) = (await officer.found("/requests"))["rows"]
    await officer.made(f"/requests/{asked['id']}/refuse", {"ground": "not-the-person"})
    assert (await look_at(coordinator, person))["email"] == ADA["email"]
    assert words.GROUND["not-the-person"] in await page.read()
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM proposed") == 0
    assert (await page.send("/contacts", **OTHER)).status_code == 303


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nowhere"}, "email"), ({"email": "ada@example.org", "phone": "12"}, "phone"), ({}, "email"),
        ({"email": " "}, "email"), ({"post": "x" * 121}, "post"), ({"post": "a\x00b"}, "post"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_shown_again_with_what_is_wrong(
    officer: Client, page: Page, given: dict[str, str], field: str
) -> None:
    shown = await page.send("/contacts", **given)
    assert (shown.status_code, f'href="#{field}"' in shown.text) == (422, True)
    assert "Error: Correct how we reach you" in shown.text
    assert (await officer.found("/requests"))["rows"] == []


async def test_what_stands_already_is_not_asked(officer: Client, page: Page) -> None:
    assert (await page.send("/contacts", email=ADA["email"], phone=ADA["phone"])).status_code == 303
    assert (await officer.found("/requests"))["rows"] == []


async def test_a_person_who_objects_to_being_written_to_is_told_no_more_than_the_law_asks(
    officer: Client, person: str, page: Page, database: Database
) -> None:
    assert "Error: Object to" in (await page.send("/object")).text
    assert (await page.send("/object", about="everything")).status_code == 422
    assert (await page.send("/object", about=Processing.BEING_WRITTEN_TO)).status_code == 303
    assert words.OBJECTION[Processing.BEING_WRITTEN_TO] in await page.read()
    (asked,) = (await officer.found("/requests", right="objection"))["rows"]
    await officer.made(f"/requests/{asked['id']}/grant")
    async with database.transaction() as tx:
        assert await messages.opted_out(tx, [UUID(person)]) == set(OPTIONAL)


# By staff --------------------------------------------------------------------------------------------------------------


async def test_who_objects_to_being_compared_is_in_no_pair_once_it_is_granted(
    coordinator: Client, officer: Client, person: str
) -> None:
    await coordinator.made("/persons", ADA)
    asked = await coordinator.made("/requests", {"person_id": person, "about": "being-compared"})
    again = await coordinator.post("/requests", {"person_id": person, "about": "being-compared"})
    assert again.json()["type"] == "/problems/asked-already"
    await coordinator.made("/requests", {"person_id": person, "about": "something-else"})
    assert len((await coordinator.found("/duplicates"))["rows"]) == 1
    await officer.made(f"/requests/{asked['id']}/grant")
    assert (await coordinator.found("/duplicates"))["rows"] == []


async def test_a_request_raises_itself_after_a_month(coordinator: Client, officer: Client, database: Database) -> None:
    person = (await coordinator.made("/persons", {**ADA, "occurred_on": "2023-01-01"}))["id"]
    given = {"person_id": person, "about": "something-else", "occurred_on": "2023-06-12"}
    asked = await coordinator.made("/requests", given)
    assert not await deadlines.fire_next(database, aggregates.fall_due, datetime(2023, 7, 12, 22, tzinfo=UTC))
    assert await deadlines.fire_next(database, aggregates.fall_due)
    (waits,) = (await officer.found("/waiting", aggregate="request"))["rows"]
    assert (waits["why"], waits["since"]) == ("request-overdue", "2023-07-12")
    await officer.made(f"/requests/{asked['id']}/refuse", {"ground": "overriding-grounds"})
    assert (await officer.found("/waiting"))["rows"] == []


async def test_only_a_data_protection_officer_decides_and_sees_what_is_to_be_put_right(
    coordinator: Client, as_role: As, person: str
) -> None:
    asked = await coordinator.made("/requests", {"person_id": person, "about": "something-else"})
    for client in (coordinator, as_role("partner", HOSPITALS)):
        for step in ("grant", "refuse", "look"):
            assert (await client.post(f"/requests/{asked['id']}/{step}")).status_code == 403


async def test_what_an_erased_person_had_asked_is_closed_and_what_was_proposed_is_gone(
    coordinator: Client, as_role: As, officer: Client, person: str, page: Page, clone: Clone, database: Database
) -> None:
    await page.send("/contacts", **OTHER)
    await page.send("/object", about="something-else")
    await erased(coordinator, as_role, person)
    assert {row["status"] for row in (await officer.found("/requests"))["rows"]} == {"closed"}
    assert (await officer.found("/waiting"))["rows"] == []
    async with database.transaction() as tx:
        for table in ("proposed", "message"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert OTHER["email"] not in await everything(clone)
    late = await coordinator.post("/requests", {"person_id": person, "about": "something-else"})
    assert late.status_code == 404


async def test_what_is_proposed_stays_readable_when_keys_are_exchanged(
    officer: Client, page: Page, database: Database, people: People, vault_keys: Path
) -> None:
    await page.send("/contacts", **OTHER)
    keyring.add(vault_keys, "second")
    keyring.use(vault_keys, "second")
    async with database.transaction() as tx:  # of all that is under the first key, what is proposed alone
        await tx.execute("DELETE FROM detail")
    with pytest.raises(ValueError, match="reseal first"):
        await rotation.drop(database, vault_keys, "first")
    await rotation.reseal(database, people.keys)
    await rotation.drop(database, vault_keys, "first")
    (asked,) = (await officer.found("/requests"))["rows"]
    assert (await officer.made(f"/requests/{asked['id']}/look"))["asked"]["email"] == OTHER["email"]


async def test_an_officer_sees_all_that_the_vault_holds_under_each_id_and_the_person_sees_that_they_looked(
    coordinator: Client, officer: Client, person: str, page: Page, as_role: As
) -> None:
    other = (await coordinator.made("/persons", {**ADA, "name": "Ada Other"}))["id"]
    await coordinator.made(f"/persons/{other}/link", {"same_as": person, "reason": "same-contact"})
    assert (await coordinator.get(f"/persons/{person}/held")).status_code == 403
    assert (await officer.get(f"/persons/{UUID(int=1)}/held")).status_code == 404
    held = await officer.found(f"/persons/{other}/held")
    assert held["ids"] == [person, other]
    assert [record["state"]["details"]["name"] for record in held["records"]] == [ADA["name"], "Ada Other"]
    assert {"looks", "messages", "references", "requests"} <= held["records"][0]["state"].keys()
    assert words.REASON["subject-access"] in (await page.read())
    for each in (person, other):
        reasons = [look["reason"] for look in (await coordinator.found(f"/persons/{each}/looks"))["rows"]]
        assert reasons[0] == "subject-access"
    await erased(coordinator, as_role, person)
    assert (await officer.get(f"/persons/{other}/held")).status_code == 404
