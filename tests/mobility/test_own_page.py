"""A holder's own page: by a link of one use they see their passports and moves, stop sharing, agree, and take that back."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest_asyncio
from fastapi import FastAPI
from tests.desk import csrf_of

from kit.clock import now
from kit.database import Database
from kit.links import Links
from kit.personal import in_full
from kit.testing.databases import Clone
from kit.testing.persons import hear, naming, somebody
from mobility.domain import deployment
from mobility.domain.sharing import Sharing, shared
from mobility.links import HOME
from mobility.pages import words
from mobility.pages.routes import COOKIE, HOLDER
from mobility.store import PERSONS
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS, PERSON, day, lives
from schemas.mobility import PassportClosed, PassportShared, SharingWithdrawn
from schemas.people import LinkReason, PersonErased, PersonLinked
from schemas.values import business_date

from .acts import a_check, a_passport, a_proposal, both_signed, brought_to, on, pattern
from .test_moves import matched

As = Callable[..., Any]
SOON = (business_date(now()) + timedelta(days=30)).isoformat()


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://mobility.test") as client:
        yield client


async def link_of(coordinator: Any, person: UUID) -> str:
    """The code of a new link to the holder's own page."""
    url: str = (await coordinator.made(f"/persons/{person}/own-page"))["url"]
    return url.partition("?code=")[2]


async def enter(browser: httpx2.AsyncClient, code: str) -> str:
    """Open the link and go on; what the page says then."""
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert (begun.status_code, begun.headers["location"]) == (303, HOME)
    return await read(browser, HOME)


async def read(browser: httpx2.AsyncClient, path: str) -> str:
    """What a page says, without its line ends."""
    answer = await browser.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


async def opened(coordinator: Any, person: UUID, home: str = HOSPICE) -> str:
    """A passport with two checks, one of them over."""
    asked = {"occurred_on": on(2), "person_id": str(person), "home": home}
    id_ = str((await coordinator.made("/passports", asked))["id"])
    await coordinator.made(f"/passports/{id_}/record-check", a_check("identity"))
    over = a_check("criminal-record", on(500), level="enhanced", workforce="adult")
    await coordinator.made(f"/passports/{id_}/record-check", over)
    return id_


async def test_a_holder_comes_by_the_link_in_a_letter_once(browser: httpx2.AsyncClient, link_key: Path) -> None:
    code = Links("people", link_key).token(somebody(), "mobility", timedelta(days=7), once=uuid4())
    await enter(browser, code)
    browser.cookies.clear()
    assert (await browser.post(f"{HOME}/start", data={"code": code})).status_code == 401


# What is seen ----------------------------------------------------------------------------------------------------------


async def test_a_holder_sees_checks_and_who_may_look_since_when_and_until_when(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    person = somebody()
    id_ = await opened(coordinator, person)
    share = {"occurred_on": on(3), "organisation": HOSPITALS, "until": SOON}
    await coordinator.made(f"/passports/{id_}/share-with", share)
    await coordinator.made(f"/passports/{id_}/share-with", {**share, "organisation": COUNCIL, "until": on(30)})
    page = await enter(browser, await link_of(coordinator, person))
    assert "With St Gemma Hospice" in page
    assert "Satisfactory, it does not run out. Checked on 4 March 2023 by St Gemma Hospice." in page
    assert "Satisfactory, level enhanced, workforce adult, it ran out on 13 July 2024." in page
    assert f"Leeds Teaching Hospitals, since 4 March 2023, until {in_full(SOON)}" in page
    assert "Leeds City Council, since 4 March 2023: it was over on 31 March 2023" in page
    assert page.count("Stop sharing") == 1


async def test_somebody_without_a_passport_has_a_page_too_and_one_of_two_ids_has_all_of_it(
    coordinator: Any, browser: httpx2.AsyncClient, database: Database
) -> None:
    person, same = somebody(), somebody()
    await opened(coordinator, same)
    await coordinator.made("/deployments", a_proposal(str(same), None))
    linked = PersonLinked(occurred_on=day(3), same_as=same, reason=LinkReason.SAME_CONTACT)
    page = await enter(browser, await link_of(coordinator, person))
    assert "No employer has opened a passport for you." in page
    assert "You are not put forward to work anywhere else." in page
    await hear(database, PERSONS.hear, (person, 2, linked))
    page = await read(browser, HOME)
    assert "With St Gemma Hospice" in page
    assert "Put forward" in page


# Sharing ---------------------------------------------------------------------------------------------------------------


async def test_a_holder_stops_sharing_and_the_host_sees_it_no_longer(
    coordinator: Any, as_role: As, browser: httpx2.AsyncClient
) -> None:
    person, host = somebody(), as_role("partner", HOSPITALS)
    id_ = await opened(coordinator, person)
    await coordinator.made(f"/passports/{id_}/share-with", {"organisation": HOSPITALS, "until": SOON})
    page = await enter(browser, await link_of(coordinator, person))
    assert (await host.get(f"/passports/{id_}")).status_code == 200
    place = f"{HOME}/passports/{id_}/sharing/{HOSPITALS}"
    assert f'href="{place}"' in page
    asks = await read(browser, place)
    assert "kept for 6 years" in asks
    assert (await browser.post(place, data=csrf_of(asks))).status_code == 303
    assert (await host.get(f"/passports/{id_}")).status_code == 404
    assert "Stop sharing" not in await read(browser, HOME)
    assert (await browser.get(place)).status_code == 404
    again = await browser.post(place, data=csrf_of(asks))
    assert (again.status_code, "The passport is not shared with this organisation" in again.text) == (409, True)
    line = (await coordinator.found(f"/passports/{id_}/history"))["lines"][-1]
    assert (line["type"].split(".")[-2], line["actor"]) == ("sharing-withdrawn", HOLDER)


async def test_what_a_holder_stopped_their_employer_cannot_share_again_and_they_can(
    coordinator: Any, as_role: As, browser: httpx2.AsyncClient
) -> None:
    person, host = somebody(), as_role("partner", HOSPITALS)
    id_ = await opened(coordinator, person)
    share = {"organisation": HOSPITALS, "until": SOON}
    await coordinator.made(f"/passports/{id_}/share-with", share)
    csrf = csrf_of(await enter(browser, await link_of(coordinator, person)))
    place = f"{HOME}/passports/{id_}/sharing/{HOSPITALS}"
    await browser.post(place, data=csrf)
    refused = await coordinator.post(f"/passports/{id_}/share-with", share)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/taken-back-by-holder")
    assert "Share again with" in await read(browser, HOME)
    assert (await browser.post(f"{place}/again", data={"csrf": "another"})).status_code == 401
    assert (await host.get(f"/passports/{id_}")).status_code == 404
    assert (await browser.post(f"{place}/again", data=csrf)).status_code == 303
    assert (await host.get(f"/passports/{id_}")).status_code == 200
    assert (await browser.post(f"{place}/again", data=csrf)).status_code == 409


async def test_nobody_stops_the_sharing_of_somebody_else_nor_agrees_for_them(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    id_ = await opened(coordinator, somebody())
    await coordinator.made(f"/passports/{id_}/share-with", {"organisation": HOSPITALS, "until": SOON})
    move = await matched(coordinator, str(somebody()))
    csrf = csrf_of(await enter(browser, await link_of(coordinator, somebody())))
    place = f"{HOME}/passports/{id_}/sharing/{HOSPITALS}"
    for path in (place, f"{HOME}/moves/{move}", f"{HOME}/moves/{uuid4()}"):
        assert (await browser.get(path)).status_code == 404
    for path in (place, f"{HOME}/moves/{move}/agree", f"{HOME}/moves/{move}/take-back"):
        assert (await browser.post(path, data=csrf)).status_code == 404
    assert (await coordinator.found(f"/deployments/{move}"))["status"] == "matched"


def test_sharing_that_is_said_again_goes_on_and_what_was_over_begins_anew() -> None:
    def share(number: int, until: int, organisation: str = HOSPITALS) -> PassportShared:
        return PassportShared(
            occurred_on=day(number), person_id=PERSON, home=HOSPICE, organisation=organisation, until=day(until)
        )

    withdrawn = SharingWithdrawn(occurred_on=day(12), person_id=PERSON, home=HOSPICE, organisation=HOSPITALS)
    closed = PassportClosed(occurred_on=day(30), person_id=PERSON, home=HOSPICE, reason="left")
    said = [
        share(1, 5), share(4, 8), share(10, 90), withdrawn, share(20, 90), share(21, 25, COUNCIL), closed,
    ]  # fmt: skip
    assert shared(said) == (
        Sharing(COUNCIL, day(21), day(25)),
        Sharing(HOSPITALS, day(20), day(90), day(30)),
        Sharing(HOSPITALS, day(10), day(90), day(12)),
        Sharing(HOSPITALS, day(1), day(8)),
    )
    assert [shared(said[:3])[0].open_on(day(number)) for number in (90, 91)] == [True, False]


# Moves -----------------------------------------------------------------------------------------------------------------


async def test_a_person_agrees_to_a_move_and_takes_it_back_until_the_first_day(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    person = somebody()
    move = await matched(coordinator, str(person))
    place = f"{HOME}/moves/{move}"
    page = await enter(browser, await link_of(coordinator, person))
    assert f'href="{place}"' in page
    page = await read(browser, place)
    assert "You say whether you agree." in page
    assert "22.5 hours a week: Monday, 09:00 to 16:30; Tuesday" in page
    assert (await browser.post(f"{place}/agree", data=csrf_of(page))).status_code == 303
    found = await coordinator.found(f"/deployments/{move}")
    assert (found["status"], found["booked"]) == ("agreed", True)
    page = await read(browser, place)
    assert "Your employer looks at your checks." in page
    assert "I agree to this move" not in page
    assert (await browser.post(f"{place}/take-back", data=csrf_of(page))).status_code == 303
    found = await coordinator.found(f"/deployments/{move}")
    assert (found["status"], found["booked"]) == ("matched", False)
    lines = (await coordinator.found(f"/deployments/{move}/history"))["lines"][-2:]
    assert {line["actor"] for line in lines} == {HOLDER}


async def test_a_person_agrees_to_stay_longer_or_does_not_and_to_nothing_that_they_were_not_shown(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    await both_signed(coordinator)
    person = somebody()
    move = (await coordinator.made("/deployments", a_proposal(str(person), None)))["id"]
    await brought_to(coordinator, move, "start")
    path, place = f"/deployments/{move}", f"{HOME}/moves/{move}"
    asked = {"occurred_on": on(50), "ends_on": on(130), "side": "host", "answer_by": on(110)}
    await coordinator.made(f"{path}/propose-extension", asked)
    await enter(browser, await link_of(coordinator, person))
    page = await read(browser, place)
    assert "You say whether you stay longer." in page
    assert f"Leeds Teaching Hospitals would like you to stay until {in_full(on(130))}." in page
    csrf = csrf_of(page)
    await coordinator.made(f"{path}/decline-extension", {"occurred_on": on(51), "by": "home", "reason": "short-here"})
    assert "your last day stays" in await read(browser, place)
    await coordinator.made(f"{path}/propose-extension", {**asked, "occurred_on": on(52), "ends_on": on(140)})
    for shown, status in ((on(130), 422), (on(140), 422), ("soon", 422)):
        # the second: it is dated today, and the time to agree is over
        assert (await browser.post(f"{place}/longer/{shown}", data=csrf)).status_code == status
    assert "That is not the end that is proposed" in (await browser.post(f"{place}/longer/{on(130)}", data=csrf)).text
    assert (await browser.post(f"{place}/not-longer", data=csrf)).status_code == 303
    line = (await coordinator.found(f"{path}/history"))["lines"][-1]
    assert (line["type"].split(".")[-2], line["actor"], line["said"]["reason"]) == (
        "extension-declined", HOLDER, "persons-choice",
    )  # fmt: skip
    assert (await browser.post(f"{place}/not-longer", data=csrf)).status_code == 409


async def test_what_stands_against_an_agreement_is_said_on_a_page(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    person = somebody()
    first, second = [await matched(coordinator, str(person), pattern=pattern(1)) for _ in range(2)]
    csrf = csrf_of(await enter(browser, await link_of(coordinator, person)))
    assert (await browser.post(f"{HOME}/moves/{first}/agree", data=csrf)).status_code == 303
    assert (await browser.post(f"{HOME}/moves/{first}/agree", data=csrf)).status_code == 303
    refused = await browser.post(f"{HOME}/moves/{second}/agree", data=csrf)
    assert (refused.status_code, "That was not possible" in refused.text) == (409, True)


async def test_a_mover_reads_what_the_host_says_of_the_first_day_and_nobody_takes_back_a_move_that_has_begun(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    await both_signed(coordinator)
    person = somebody()
    move = (await coordinator.made("/deployments", a_proposal(str(person), None)))["id"]
    await brought_to(coordinator, move, "induct")
    told = {"contact": "Jo <Sister>", "shift": "07:30", "access": "Gate B", "parking": "None"}
    await coordinator.made(f"/deployments/{move}/give-pack", {"occurred_on": on(39), **told})
    await enter(browser, await link_of(coordinator, person))
    page = await read(browser, f"{HOME}/moves/{move}")
    assert "Jo &lt;Sister&gt;" in page
    assert "DBS check, valid until 13 July 2024; Identity; Right to work" in page
    csrf = csrf_of(page)
    await coordinator.made(f"/deployments/{move}/start", {"occurred_on": on(40)})
    refused = await browser.post(f"{HOME}/moves/{move}/take-back", data=csrf)
    assert refused.status_code == 409
    assert "Take back my agreement" not in await read(browser, f"{HOME}/moves/{move}")


async def test_a_move_that_is_stopped_says_so_and_not_why(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    person = somebody()
    move = await matched(coordinator, str(person))
    await a_passport(coordinator, move)
    await coordinator.made(f"/deployments/{move}/stop-now", {"reason": "concern-raised"})
    await enter(browser, await link_of(coordinator, person))
    page = await read(browser, f"{HOME}/moves/{move}")
    assert "This move is stopped for now." in page
    assert "concern" not in page


def test_every_status_of_a_move_and_every_turn_has_words() -> None:
    assert set(words.STATUS) == set(deployment.Status)
    for move in lives()[deployment.AGGREGATE].states.values():
        waits = [] if move is None else deployment.waiting(move)
        assert all(words.NEXT.get(each.why) or words.WHOSE.get(each.who) for each in waits)


# The door --------------------------------------------------------------------------------------------------------------


async def test_a_link_works_once_and_opening_it_uses_nothing_up(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    code = await link_of(coordinator, somebody())
    for _ in range(2):  # a mail scanner, and the holder
        seen = await browser.get(f"{HOME}/start", params={"code": code})
        assert (seen.status_code, "set-cookie" in seen.headers) == (200, False)
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert {"HttpOnly", "SameSite=strict", "Secure", f"Path={HOME}"} <= set(begun.headers["set-cookie"].split("; "))
    browser.cookies.clear()
    again = await browser.post(f"{HOME}/start", data={"code": code})
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)


async def test_only_a_coordinator_gives_a_link_and_of_nobody_who_is_not_registered(
    coordinator: Any, as_role: As
) -> None:
    assert (await as_role("partner", HOSPICE).post(f"/persons/{somebody()}/own-page")).status_code == 403
    unknown = await coordinator.post(f"/persons/{uuid4()}/own-page")
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/unknown-person")


async def test_a_form_of_somebody_elses_page_does_nothing(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    person = somebody()
    move = await matched(coordinator, str(person))
    await enter(browser, await link_of(coordinator, person))
    for forged in ({}, {"csrf": "0" * 64}):
        for path in (
            f"/moves/{move}/agree",
            f"/moves/{move}/take-back",
            f"/passports/{move}/sharing/{HOSPITALS}",
            "/leave",
        ):
            assert (await browser.post(f"{HOME}{path}", data=forged)).status_code == 401
    assert (await coordinator.found(f"/deployments/{move}"))["status"] == "matched"


async def test_leaving_ends_the_session_and_so_does_being_erased(
    coordinator: Any, browser: httpx2.AsyncClient, database: Database, clone: Clone
) -> None:
    person = somebody()
    page = await enter(browser, await link_of(coordinator, person))
    kept = browser.cookies[COOKIE]
    assert "This page is closed" in (await browser.post(f"{HOME}/leave", data=csrf_of(page))).text
    browser.cookies.set(COOKIE, kept)
    assert (await browser.get(HOME)).status_code == 401
    browser.cookies.clear()
    await enter(browser, await link_of(coordinator, person))
    await link_of(coordinator, person)
    await hear(database, PERSONS.hear, (person, 2, PersonErased(occurred_on=day(9))))
    assert (await browser.get(HOME)).status_code == 401
    assert await naming(clone.admin_dsn, person) == []
