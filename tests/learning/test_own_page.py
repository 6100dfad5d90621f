"""A learner's own page: by a link of one use they see what they have learned, and give and take back the codes that show it."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from tests.desk import csrf_of

from kit import one_use
from kit.auth import Signer, make_key
from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.testing.client import As, Client
from kit.testing.databases import Clone
from kit.testing.persons import hear, naming, somebody
from learning.handlers import identities, own
from learning.links import HOME
from learning.pages.routes import LEARNER
from learning.testing import HOSPICE, HOSPITALS
from schemas.values import business_date

from .test_api import a_course, on, scheduled, team
from .test_enrolments import enrolling
from .test_people import ERASED
from .test_skills import judging, training

SHOWN = re.compile(r'<p class="code">([A-Za-z0-9_-]+)</p>')


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://learning.test") as client:
        yield client


async def link_of(coordinator: Client, person: UUID) -> str:
    """The code of a new link to the learner's own page."""
    url: str = (await coordinator.made(f"/persons/{person}/own-page"))["url"]
    return url.partition("?code=")[2]


async def enter(browser: httpx2.AsyncClient, code: str) -> str:
    """Open the link and go on; what the page shows then."""
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert (begun.status_code, begun.headers["location"]) == (303, HOME)
    return (await browser.get(HOME)).text


async def test_a_learner_shows_their_transcript_alone_and_takes_it_back(
    coordinator: Client, as_role: As, browser: httpx2.AsyncClient
) -> None:
    person, hospice = somebody(), as_role("partner", HOSPICE)
    record = await coordinator.made("/competences", training(str(person)))
    page = await enter(browser, await link_of(coordinator, person))
    assert "Fire safety, level 1: trained on 21 March 2023 for Leeds Teaching Hospitals." in page
    assert "Take back every code" not in page
    (code,) = SHOWN.findall((await browser.post(f"{HOME}/code", data=csrf_of(page))).text)
    verified = await hospice.found(f"/transcripts/{code}")
    assert [each["subject"] for each in verified["core_skills"]] == ["fire-safety"]
    asked = judging(code=code, occurred_on=now().date().isoformat())
    assert (await hospice.post(f"/competences/{record['id']}/judge", asked)).status_code == 200
    page = (await browser.get(HOME)).text
    assert "Codes that work now: 1" in page
    assert code not in page
    assert (await browser.post(f"{HOME}/take-back", data=csrf_of(page))).status_code == 303
    assert (await hospice.get(f"/transcripts/{code}")).status_code == 404
    assert "Codes that work now" not in (await browser.get(HOME)).text


async def test_a_learner_says_what_a_course_was_worth_and_later_whether_they_use_it(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    person, other = somebody(), somebody()
    cohort = await scheduled(coordinator)
    booked = (await coordinator.made(f"/cohorts/{cohort}/book", team(str(person), str(other))))["bookings"]
    own_, others = (next(each["id"] for each in booked if each["person_id"] == str(who)) for who in (person, other))
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(session), "attended": [own_, others]})
    page = await enter(browser, await link_of(coordinator, person))
    assert f"{HOME}/worth/" not in page
    await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    page = (await browser.get(HOME)).text
    assert f'href="{HOME}/worth/{own_}"' in page
    assert f'href="{HOME}/use/{own_}"' in page
    assert others not in page
    form = await browser.get(f"{HOME}/worth/{own_}")
    assert form.text.count('type="radio"') == 25
    answers = {"rating": "5", "confidence_before": "3", **csrf_of(form.text)}
    missing = await browser.post(f"{HOME}/worth/{own_}", data=answers)
    assert missing.status_code == 422
    assert 'href="#confidence_after"' in missing.text
    assert 'href="#rating"' not in missing.text
    for name, status in ((own_, 303), (own_, 404), (others, 404)):
        sent = await browser.post(f"{HOME}/worth/{name}", data={**answers, "confidence_after": "9"})
        assert sent.status_code == status
    assert (await browser.post(f"{HOME}/use/{own_}", data={"used": "yes", **csrf_of(page)})).status_code == 303
    assert "What we would like to know" not in (await browser.get(HOME)).text
    lines = (await coordinator.found(f"/cohorts/{cohort}/history"))["lines"]
    said = {line["type"].split(".")[-2]: line["said"] for line in lines[-2:]}
    assert said["course-evaluated"]["confidence_after"] == 9
    assert said["use-reported"]["used"] is True
    assert {line["actor"] for line in lines[-2:]} == {LEARNER}


async def test_a_learner_says_that_they_come_gives_the_place_up_and_takes_one_that_came_free(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    first, second = somebody(), somebody()
    ahead = (business_date(now()) + timedelta(days=30)).isoformat()
    cohort = await scheduled(coordinator, sessions=[ahead], places=1)
    has, waits = (await coordinator.made(f"/cohorts/{cohort}/book", team(str(first), str(second))))["bookings"]

    async def say(booking: str, answer: str | None) -> tuple[int, str]:
        """The answer's status, and how the place stands then."""
        form = (await browser.get(f"{HOME}/place/{booking}")).text
        said = {} if answer is None else {"place": answer}
        sent = await browser.post(f"{HOME}/place/{booking}", data={**said, **csrf_of(form)})
        state = await coordinator.found(f"/cohorts/{cohort}")
        return sent.status_code, next(each["status"] for each in state["bookings"] if each["id"] == booking)

    page = await enter(browser, await link_of(coordinator, first))
    assert f'href="{HOME}/place/{has["id"]}"' in page
    assert waits["id"] not in page
    assert (await browser.get(f"{HOME}/place/{waits['id']}")).status_code == 404
    assert await say(has["id"], None) == (422, "booked")
    assert await say(has["id"], "swapped") == (422, "booked")
    assert await say(has["id"], "yes") == (303, "confirmed")
    assert await say(has["id"], "yes") == (422, "confirmed")
    assert await say(has["id"], "work") == (303, "cancelled")
    assert (await browser.get(f"{HOME}/place/{has['id']}")).status_code == 404

    assert "A place is kept for you until" in await enter(browser, await link_of(coordinator, second))
    assert await say(waits["id"], "yes") == (303, "booked")
    lines = (await coordinator.found(f"/cohorts/{cohort}/history"))["lines"]
    said = {line["type"].split(".")[-2]: line for line in lines}
    assert {name: said[name]["actor"] for name in ("attendance-confirmed", "booking-cancelled", "place-taken")} == {
        "attendance-confirmed": LEARNER, "booking-cancelled": LEARNER, "place-taken": LEARNER,
    }  # fmt: skip
    assert said["booking-cancelled"]["said"]["reason"] == "work"


async def test_a_learner_sees_what_they_are_to_learn_and_begins_a_course_of_the_catalogue(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    person, other = somebody(), somebody()
    titles = ("Sepsis, in an hour", "Autism", "Left long ago", "Held together")
    sepsis, autism, gone, held = [
        (await coordinator.made("/courses", a_course(title=title, online=title != titles[3])))["id"] for title in titles
    ]
    await coordinator.made(f"/courses/{gone}/retire", {"reason": "replaced"})
    await coordinator.made("/enrolments", enrolling(sepsis, str(person), learner_kind="volunteer"))
    page = await enter(browser, await link_of(coordinator, person))
    assert "Sepsis, in an hour." in page
    form = (await browser.get(f"{HOME}/catalogue")).text
    assert "Autism, 7 hours" in form
    assert not any(each in form for each in (sepsis, gone, held))
    missing = await browser.post(f"{HOME}/catalogue", data={"course": autism, **csrf_of(form)})
    assert (missing.status_code, 'href="#organisation"' in missing.text) == (422, True)
    for said in ({"course": held}, {"organisation": HOSPITALS}):
        chosen = {"course": autism, "organisation": HOSPICE, **csrf_of(form)} | said
        assert (await browser.post(f"{HOME}/catalogue", data=chosen)).status_code == 422
    chosen = {"course": autism, "organisation": HOSPICE, **csrf_of(form)}
    assert (await browser.post(f"{HOME}/catalogue", data=chosen)).status_code == 303
    (enrolled,) = (await coordinator.found("/enrolments", course_id=autism))["rows"]
    assert (enrolled["person_id"], enrolled["organisation"], enrolled["sector"]) == (
        str(person),
        HOSPICE,
        "third-sector",
    )
    assert (enrolled["why"], enrolled["learner_kind"]) == ("own-choice", "volunteer")
    assert (await browser.post(f"{HOME}/catalogue", data=chosen)).status_code == 422
    assert "There is none that you have not begun." in (await browser.get(f"{HOME}/catalogue")).text

    await enter(browser, await link_of(coordinator, other))
    assert "We do not know for whom you work yet" in (await browser.get(f"{HOME}/catalogue")).text


async def test_whoever_left_an_organisation_begins_nothing_for_it(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    person = somebody()
    cohort = await scheduled(coordinator)
    await coordinator.made(f"/cohorts/{cohort}/book", team(str(person)))
    online = (await coordinator.made("/courses", a_course(online=True)))["id"]
    works = {"occurred_on": on(1), "person_id": str(person), "organisation": HOSPITALS, "soc2020": "6135"}
    employment = (await coordinator.made("/employments", works))["id"]
    await enter(browser, await link_of(coordinator, person))
    assert f'value="{HOSPITALS}"' in (await browser.get(f"{HOME}/catalogue")).text
    await coordinator.made(f"/employments/{employment}/end", {"occurred_on": on(90)})
    page = (await browser.get(f"{HOME}/catalogue")).text
    assert "We do not know for whom you work yet" in page
    assert online not in page


async def test_nobody_gives_up_a_place_in_a_cohort_that_has_met(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    person = somebody()
    cohort = await scheduled(coordinator)
    (booked,) = (await coordinator.made(f"/cohorts/{cohort}/book", team(str(person))))["bookings"]
    page = await enter(browser, await link_of(coordinator, person))
    assert "You have a place." in page
    assert f"{HOME}/place/" not in page
    gone = {"place": "work", **csrf_of(page)}
    assert (await browser.post(f"{HOME}/place/{booked['id']}", data=gone)).status_code == 404


async def test_somebody_who_has_learned_nothing_has_a_page_too(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    page = await enter(browser, await link_of(coordinator, somebody()))
    assert "None yet." in page
    assert "No training is on record." in page


async def test_a_link_works_once_and_opening_it_uses_nothing_up(
    coordinator: Client, browser: httpx2.AsyncClient
) -> None:
    code = await link_of(coordinator, somebody())
    for _ in range(2):  # a mail scanner, and the learner
        opened = await browser.get(f"{HOME}/start", params={"code": code})
        assert (opened.status_code, "set-cookie" in opened.headers) == (200, False)
    begun = await browser.post(f"{HOME}/start", data={"code": code})
    assert {"HttpOnly", "SameSite=strict", "Secure", f"Path={HOME}"} <= set(begun.headers["set-cookie"].split("; "))
    browser.cookies.clear()
    again = await browser.post(f"{HOME}/start", data={"code": code})
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)


async def test_a_link_is_over_after_a_day(browser: httpx2.AsyncClient, database: Database) -> None:
    before = Context(actor="test", now=now() - one_use.LASTS - timedelta(seconds=1))
    async with database.transaction() as tx:
        code = await own.give_link(tx, somebody(), before)
    assert (await browser.post(f"{HOME}/start", data={"code": code})).status_code == 401


# By a letter -----------------------------------------------------------------------------------------------------------


def in_a_letter(key: Path, person: UUID, **other: Any) -> str:
    """The code of a link in a letter of people's."""
    asked = {"issuer": "people", "audience": "learning", "lasts": timedelta(days=7), "jti": str(uuid4()), **other}
    return Signer(key).sign(subject=str(person), **{name: value for name, value in asked.items() if value is not None})


async def test_a_learner_comes_by_the_link_in_a_letter_once_and_by_a_copy_of_the_letter_not_again(
    coordinator: Client, browser: httpx2.AsyncClient, link_key: Path
) -> None:
    person, other = somebody(), somebody()
    cohort = await scheduled(coordinator, places=1)
    await coordinator.made(f"/cohorts/{cohort}/book", team(str(other), str(person)))
    letter = str(uuid4())
    code, copy = (in_a_letter(link_key, person, jti=letter, lasts=timedelta(days=days)) for days in (7, 6))
    for _ in range(2):  # a mail scanner, and the learner
        opened = await browser.get(f"{HOME}/start", params={"code": code})
        assert (opened.status_code, "set-cookie" in opened.headers, code in opened.text) == (200, False, True)
    page = await enter(browser, code)
    assert "You are on the waiting list." in page
    browser.cookies.clear()
    for again in (code, copy, f"{code}=="):
        refused = await browser.post(f"{HOME}/start", data={"code": again})
        assert (refused.status_code, "set-cookie" in refused.headers) == (401, False)
    await enter(browser, in_a_letter(link_key, person))


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "talent-pipeline"}, {"audience": "mobility"}, {"audience": "people"}, {"lasts": timedelta(seconds=-1)},
        {"lasts": timedelta(days=30, seconds=1)},
        {"jti": None}, {"jti": "not-an-id"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_link_of_another_sender_to_another_page_or_that_cannot_be_used_up_opens_nothing(
    other: dict[str, Any], browser: httpx2.AsyncClient, link_key: Path
) -> None:
    person = somebody()
    assert (await browser.post(f"{HOME}/start", data={"code": in_a_letter(link_key, person)})).status_code == 303
    forged = in_a_letter(link_key, person, **other)
    assert (await browser.post(f"{HOME}/start", data={"code": forged})).status_code == 401


async def test_a_link_that_somebody_forged_opens_nothing(
    browser: httpx2.AsyncClient, link_key: Path, tmp_path: Path
) -> None:
    make_key(tmp_path / "own.jwk", tmp_path / "own.jwks", json.loads(link_key.read_text())["kid"])
    head, said, signature = in_a_letter(link_key, somebody()).split(".")
    unsigned = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    forged = [
        in_a_letter(tmp_path / "own.jwk", somebody()), f"{unsigned}.{said}.", f"{head}.{said}.", f"{head}.{said}",
        f"{head}.{in_a_letter(link_key, somebody()).split('.')[1]}.{signature}", "..", "\0", "",
    ]  # fmt: skip
    for code in forged:
        assert (await browser.post(f"{HOME}/start", data={"code": code})).status_code == 401


async def test_a_letter_that_comes_after_an_erasure_opens_nothing_and_leaves_nothing(
    browser: httpx2.AsyncClient, link_key: Path, database: Database, clone: Clone
) -> None:
    person = somebody()
    code, later = in_a_letter(link_key, person), in_a_letter(link_key, person)
    await enter(browser, code)
    await hear(database, identities.hear, (person, 2, ERASED))
    assert (await browser.get(HOME)).status_code == 401
    assert (await browser.post(f"{HOME}/start", data={"code": later})).status_code == 401
    assert await naming(clone.admin_dsn, person) == []


async def test_only_a_coordinator_gives_a_link(as_role: As) -> None:
    assert (await as_role("partner", HOSPITALS).post(f"/persons/{somebody()}/own-page")).status_code == 403


@pytest.mark.parametrize("path", ["/code", "/take-back", "/leave"])
async def test_a_form_of_somebody_elses_page_does_nothing(
    path: str, coordinator: Client, browser: httpx2.AsyncClient, database: Database
) -> None:
    await enter(browser, await link_of(coordinator, somebody()))
    for forged in ({}, {"csrf": "0" * 64}):
        assert (await browser.post(f"{HOME}{path}", data=forged)).status_code == 401
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM transcript_code") == 0
    assert (await browser.get(HOME)).status_code == 200


async def test_leaving_ends_the_session_and_so_does_being_erased(
    coordinator: Client, browser: httpx2.AsyncClient, database: Database, clone: Clone
) -> None:
    person = somebody()
    page = await enter(browser, await link_of(coordinator, person))
    kept = browser.cookies["learning_session"]
    assert "This page is closed" in (await browser.post(f"{HOME}/leave", data=csrf_of(page))).text
    browser.cookies.set("learning_session", kept)
    assert (await browser.get(HOME)).status_code == 401
    browser.cookies.clear()
    await enter(browser, await link_of(coordinator, person))
    unused = await link_of(coordinator, person)
    await hear(database, identities.hear, (person, 2, ERASED))
    assert (await browser.get(HOME)).status_code == 401
    assert (await browser.post(f"{HOME}/start", data={"code": unused})).status_code == 401
    assert await naming(clone.admin_dsn, person) == []
