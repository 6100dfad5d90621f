"""A person's own page: by a link that is used once, without JavaScript, and closed to everybody else."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from kit import one_use
from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.testing.client import Client
from people import own
from people.domain import erasure
from people.domain import request as asked
from people.domain.details import CONTACTS, Kind, LookReason
from people.domain.messages import OPTIONAL, TEMPLATES, MessageKind, MessageState
from people.links import HOME
from people.messages import store as messages
from people.pages import words
from schemas.people import Processing, RefusalGround, RequestGround

from .conftest import ADA, HOSPITALS

BOX = re.compile(r'<input[^>]*type="checkbox"[^>]*>')


def boxes(page: str) -> list[dict[str, str]]:
    """The attributes of each box to tick."""
    return [dict(re.findall(r'(\w+)(?:="([^"]*)")?', box)) for box in BOX.findall(page)]


As = Callable[..., Any]


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://people.test") as client:
        yield client


async def link_of(coordinator: Client, person: str) -> str:
    """The code of a new link to the person's own page."""
    url: str = (await coordinator.made(f"/persons/{person}/own-page"))["url"]
    return url.partition("?code=")[2]


async def enter(browser: httpx2.AsyncClient, code: str) -> httpx2.Response:
    """Open the link and go on; what the page shows then."""
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert (begun.status_code, begun.headers["location"]) == (303, HOME)
    return await browser.get(HOME)


def csrf_of(page: httpx2.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    return found[1]


async def test_a_person_sees_what_is_held_who_looked_and_why(
    coordinator: Client, as_role: As, browser: httpx2.AsyncClient
) -> None:
    person = (await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"]
    partner = as_role("partner", HOSPITALS, "somebody@hospitals.example")
    await partner.made(f"/persons/{person}/look", {"reason": "make-offer"})
    page = await enter(browser, await link_of(coordinator, person))
    for held in (ADA["name"], ADA["email"], "+441134960001", "Leeds Teaching Hospitals: To offer you a job or a place"):
        assert held in page.text
    assert "somebody@hospitals.example" not in page.text
    assert words.REASON["subject-access"] in page.text


async def test_a_link_that_is_only_opened_is_not_used_up_and_one_that_was_used_opens_nothing(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    code = await link_of(coordinator, (await coordinator.made("/persons", ADA))["id"])
    for _ in range(2):  # a mail scanner, and the person
        opened = await browser.get(f"{HOME}/start", params={"code": code})
        assert (opened.status_code, "set-cookie" in opened.headers, ADA["name"] in opened.text) == (200, False, False)
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert {"HttpOnly", "SameSite=strict", "Secure", f"Path={HOME}"} <= set(begun.headers["set-cookie"].split("; "))
    assert code not in begun.headers["set-cookie"]
    browser.cookies.clear()
    again = await browser.post(f"{HOME}/start", data={"code": code})
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)


@pytest.mark.parametrize("code", ["", "x", "é", "\x00", "a" * 100_000])
async def test_what_is_no_link_opens_nothing(browser: httpx2.AsyncClient, code: str) -> None:
    for given in ({"code": code}, {}):
        refused = await browser.post(f"{HOME}/start", data=given)
        assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)


async def test_a_link_is_over_after_a_day(coordinator: Client, browser: httpx2.AsyncClient, database: Database) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    async with database.transaction() as tx:
        code = await own.give_link(tx, person, Context(actor="test", now=now() - one_use.LASTS - timedelta(seconds=1)))
    assert (await browser.post(f"{HOME}/start", data={"code": code})).status_code == 401


async def test_that_a_link_was_given_is_kept_as_a_look_and_only_a_coordinator_gives_one(
    coordinator: Client, as_role: As
) -> None:
    person = (await coordinator.made("/persons", {**ADA, "organisation": HOSPITALS}))["id"]
    assert (await as_role("partner", HOSPITALS).post(f"/persons/{person}/own-page")).status_code == 403
    await link_of(coordinator, person)
    looks = (await coordinator.found(f"/persons/{person}/looks"))["rows"]
    assert [look["reason"] for look in looks] == ["subject-access"]


async def test_the_file_holds_all_of_it_for_reading_and_for_another_system(
    coordinator: Client, as_role: As, browser: httpx2.AsyncClient
) -> None:
    reference = {"kind": "esr", "value": "20817463"}
    person = (await as_role("integrator", HOSPITALS).made("/references/exchange", reference))["person_id"]
    await coordinator.made(f"/persons/{person}/change-name", {"name": "Zoë <b>Example</b>"})
    await enter(browser, await link_of(coordinator, person))
    answer = await browser.get(f"{HOME}/file")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/zip", "no-store")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data, page = json.loads(archive.read("what-we-hold.json")), archive.read("what-we-hold.html").decode()
    assert (data["person_id"], data["details"]) == (person, {"name": "Zoë <b>Example</b>"})
    assert data["references"] == [{"partner": HOSPITALS, **reference}]
    assert [each["reason"] for each in data["looks"]] == ["subject-access"]
    assert [each["name"] for each in data["happened"]] == ["person-registered", "name-changed"]
    assert "Zoë &lt;b&gt;Example&lt;/b&gt;" in page
    assert "20817463" in page
    assert not re.findall(r"(?:src|href|action)=", page)


async def test_a_person_does_not_see_what_stands_under_an_id_that_staff_linked_to_theirs(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    one = (await coordinator.made("/persons", ADA))["id"]
    other = (await coordinator.made("/persons", {"name": "Grace Example", "email": "grace@example.org"}))["id"]
    await coordinator.made(f"/persons/{other}/link", {"same_as": one, "reason": "same-contact"})
    assert "grace@example.org" not in (await enter(browser, await link_of(coordinator, one))).text


async def test_a_person_asks_to_be_erased_and_sees_by_when_they_are_answered(
    coordinator: Client, as_role: As, browser: httpx2.AsyncClient
) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    csrf = csrf_of(await enter(browser, await link_of(coordinator, person)))
    assert (await browser.post(f"{HOME}/erase", data={"csrf": csrf})).status_code == 303
    officer = as_role("data-protection-officer")
    (request,) = (await officer.found("/erasures"))["rows"]
    by = erasure.decide_by(date.fromisoformat(request["requested_on"]))
    assert f"We answer by {by:%-d %B %Y}" in (await browser.get(HOME)).text
    assert (await browser.post(f"{HOME}/erase", data={"csrf": csrf})).status_code == 409
    assert "You have asked already" in (await browser.get(f"{HOME}/erase")).text
    await officer.made(f"/erasures/{request['id']}/refuse", {"ground": "legal-claims"})
    assert words.GROUND["legal-claims"] in (await browser.get(HOME)).text


async def test_whoever_is_erased_has_no_page_no_link_and_no_session_left(
    coordinator: Client, as_role: As, browser: httpx2.AsyncClient, database: Database
) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    csrf = csrf_of(await enter(browser, await link_of(coordinator, person)))
    unused = await link_of(coordinator, person)
    await browser.post(f"{HOME}/erase", data={"csrf": csrf})
    officer = as_role("data-protection-officer")
    (request,) = (await officer.found("/erasures"))["rows"]
    await officer.made(f"/erasures/{request['id']}/approve")
    assert (await browser.get(HOME)).status_code == 401
    assert (await browser.post(f"{HOME}/start", data={"code": unused})).status_code == 401
    assert (await coordinator.post(f"/persons/{person}/own-page")).status_code == 404
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.session") == 0


async def test_a_page_of_another_service_is_told_the_name_of_whoever_has_a_session_if_it_was_drawn_for_them(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    assert (await browser.get(f"{HOME}/name")).status_code == 401
    person, other, stranger = [(await coordinator.made("/persons", ADA))["id"] for _ in range(3)]
    await coordinator.made(f"/persons/{other}/link", {"same_as": person, "reason": "same-contact"})
    await enter(browser, await link_of(coordinator, person))
    for whose, status in ((person, 200), (other, 200), (stranger, 401), ("", 401)):
        answer = await browser.get(f"{HOME}/name", headers={"expected-reader": whose})
        assert (answer.status_code, ADA["name"] in answer.text) == (status, status == 200)
    answer = await browser.get(f"{HOME}/name", headers={"expected-reader": person})
    assert (answer.json(), answer.headers["cache-control"]) == ({"name": ADA["name"]}, "no-store")
    assert "access-control-allow-origin" not in answer.headers


async def test_a_person_chooses_what_they_are_written_to_about_and_sees_what_they_were(
    coordinator: Client, browser: httpx2.AsyncClient, database: Database
) -> None:
    person = UUID((await coordinator.made("/persons", ADA))["id"])
    csrf = csrf_of(await enter(browser, await link_of(coordinator, str(person))))

    async def ticked() -> set[str]:
        page = (await browser.get(f"{HOME}/messages")).text
        assert TEMPLATES[MessageKind.REQUEST_DECIDED].called in page
        return {box["value"] for box in boxes(page) if "checked" in box}

    assert await ticked() == set(OPTIONAL)
    other = UUID((await coordinator.made("/persons", ADA))["id"])
    await coordinator.made(f"/persons/{other}/link", {"same_as": str(person), "reason": "same-contact"})
    async with database.transaction() as tx:
        await messages.opt_out(tx, other, [MessageKind.OFFER_MADE])
    assert await ticked() == {*OPTIONAL} - {MessageKind.OFFER_MADE}, "whichever id they said it under"
    wanted = [MessageKind.OFFER_MADE, MessageKind.MOVE_TO_AGREE]
    for _ in range(2):
        saved = await browser.post(f"{HOME}/messages", data={"csrf": csrf, "kind": [*wanted, "\x00", "other"]})
        assert (saved.status_code, await ticked()) == (303, set(wanted))
        assert "Saved." in (await browser.get(saved.headers["location"])).text
    assert (await browser.post(f"{HOME}/messages", data={"csrf": csrf})).status_code == 303
    assert await ticked() == set()
    async with database.transaction() as tx:
        await messages.tell(tx, new_id(), person, MessageKind.OFFER_MADE, None, now())
    page = (await browser.get(HOME)).text
    assert f"{TEMPLATES[MessageKind.OFFER_MADE].called}: {words.MESSAGE[MessageState.QUEUED]}" in page
    archive = zipfile.ZipFile(io.BytesIO((await browser.get(f"{HOME}/file")).content))
    held = json.loads(archive.read("what-we-hold.json"))
    assert [each["kind"] for each in held["messages"]] == ["offer-made"]
    assert held["stopped"] == sorted(OPTIONAL)


async def test_nothing_is_asked_without_the_token_of_the_page(coordinator: Client, browser: httpx2.AsyncClient) -> None:
    person = (await coordinator.made("/persons", ADA))["id"]
    await enter(browser, await link_of(coordinator, person))
    for path in ("/erase", "/messages", "/contacts", "/object", "/leave"):
        for given in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}):
            assert (await browser.post(HOME + path, data=given)).status_code == 401
    assert (await coordinator.found("/erasures"))["rows"] == []


async def test_whoever_leaves_has_ended_the_session_wherever_its_cookie_is(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    csrf = csrf_of(await enter(browser, await link_of(coordinator, (await coordinator.made("/persons", ADA))["id"])))
    kept = dict(browser.cookies)
    assert "This page is closed" in (await browser.post(f"{HOME}/leave", data={"csrf": csrf})).text
    assert not browser.cookies
    browser.cookies.update(kept)
    for path in ("", "/file", "/erase"):
        page = await browser.get(HOME + path)
        assert (page.status_code, "This link does not work any more" in page.text) == (401, True)


async def test_nothing_on_the_pages_comes_from_another_host(coordinator: Client, browser: httpx2.AsyncClient) -> None:
    await enter(browser, await link_of(coordinator, (await coordinator.made("/persons", ADA))["id"]))
    for path in ("/start", "", "/erase", "/messages", "/contacts", "/object"):
        page = await browser.get(HOME + path)
        assert not re.findall(r'(?:src|href|action)="(?!/|#|data:)', page.text)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_every_code_has_its_words() -> None:
    assert set(words.DETAIL) == set(Kind)
    assert set(words.REASON) == set(LookReason)
    assert set(words.MESSAGE) == set(MessageState)
    assert set(words.REQUEST) == {*erasure.Status, *asked.Status}
    assert set(words.GROUND) == {*RefusalGround, *RequestGround}
    assert set(words.OBJECTION) == set(Processing)
    assert set(words.UNREADABLE) == set(CONTACTS)
