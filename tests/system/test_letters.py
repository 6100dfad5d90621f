"""A learner is booked on a course, and comes to their own page by the link in the letter that tells them of it.

Their employer books them; people writes, learning opens, and neither asks the other. Whoever finds the letter later, makes a link
of their own, or comes when the learner was erased, stands before a closed door.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.stage import Stage
from kit.auth import Signer, make_key
from kit.testing.waiting import until

from .lending import day

HOSPICE, COLLEGE = "st-gemma-hospice", "leeds-city-college"
LINK = re.compile(r"^(https?://\S+)/start\?code=(\S+)\s*$", re.MULTILINE)
START = "/my/learning/start"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def vault(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def academy(stage: Stage) -> AsyncIterator[Caller]:
    async with httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as client:
        yield Caller(client, stage.token("coordinator"))


@asynccontextmanager
async def browsing(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that nobody has used."""
    async with httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30, follow_redirects=True) as browser:
        yield browser


async def registered(vault: httpx2.AsyncClient, stage: Stage, mark: str) -> str:
    """Somebody with an address, of whom learning has heard."""
    desk = Caller(vault, stage.token("coordinator"))
    person = await desk.do("POST", "/persons", {"name": f"Ada {mark}", "email": f"{mark}@example.org"})
    await stage.until_heard("people", "learning", "learning.people")
    return str(person["id"])


async def booked(academy: Caller, title: str, *people: str) -> None:
    """The hospice books its people on a course in ten days."""
    course = {
        "title": title,
        "category": "short-course",
        "programme": "short-course",
        "provider": COLLEGE,
        "hours": 4.0,
    }
    course_id = (await academy.do("POST", "/courses", {**course, "occurred_on": day(60)}))["id"]
    plan = {"course_id": course_id, "sessions": [day(-10)], "places": 5, "occurred_on": day(20)}
    cohort = (await academy.do("POST", "/cohorts", plan))["id"]
    learners = [{"person_id": person} for person in people]
    team = {"organisation": HOSPICE, "sector": "third-sector", "learners": learners}
    await academy.do("POST", f"/cohorts/{cohort}/book", team)


async def letter_to(stage: Stage, mark: str) -> EmailMessage:
    """The letter that came for somebody."""
    found: list[EmailMessage] = []

    async def came() -> bool:
        for path in stage.mail.glob("*.eml"):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            if f"{mark}@" in str(letter["To"]):
                assert isinstance(letter, EmailMessage)
                found.append(letter)
        return bool(found)

    await until(came, 60, "the letter has come")
    return found[0]


def code_in(letter: EmailMessage) -> tuple[str, str]:
    """Where the link of a letter leads, and its code."""
    found = LINK.search(letter.get_content())
    assert found is not None
    return found[1], found[2]


async def test_the_letter_that_tells_of_a_place_lets_its_learner_in_once_and_nobody_by_another_link(
    stage: Stage, vault: httpx2.AsyncClient, academy: Caller, tmp_path: Path
) -> None:
    mark = f"mark{uuid4().hex}"
    person = await registered(vault, stage, mark)
    await booked(academy, "Better Conversations", person)
    home, code = code_in(await letter_to(stage, mark))
    assert home == f"{stage.url('learning.api')}/my/learning"

    async with browsing(stage) as browser:
        for _ in range(2):  # the mail system looks where the link leads, and then the learner
            opened = await browser.get(START, params={"code": code})
            assert (opened.status_code, "Better Conversations" in opened.text) == (200, False)
        page = await browser.post(START, data={"code": code})
        assert (page.status_code, page.url.path) == (200, "/my/learning")
        assert "Better Conversations" in page.text
        assert "You have a place." in page.text

    make_key(tmp_path / "own.jwk", tmp_path / "own.jwks", "people-links")
    people, pipeline, own = (
        Signer(path)
        for path in (stage.folder / "people.jwk", stage.folder / "talent-pipeline.jwk", tmp_path / "own.jwk")
    )
    week: dict[str, Any] = {"issuer": "people", "audience": "learning", "subject": person, "lasts": timedelta(days=7)}
    closed = {
        "used": code,
        "used, written otherwise": f"{code}==",
        "forged": own.sign(**{**week, "jti": str(uuid4())}),
        "of another service": pipeline.sign(**{**week, "issuer": "talent-pipeline", "jti": str(uuid4())}),
        "in another's name": pipeline.sign(**{**week, "jti": str(uuid4())}),
        "to the passport": people.sign(**{**week, "audience": "mobility", "jti": str(uuid4())}),
        "expired": people.sign(**{**week, "lasts": timedelta(seconds=-1), "jti": str(uuid4())}),
        "for any number of times": people.sign(**week),
    }
    for how, other in closed.items():
        async with browsing(stage) as stranger:
            refused = await stranger.post(START, data={"code": other})
            assert (how, refused.status_code, "set-cookie" in refused.headers) == (how, 401, False)
            assert (await stranger.get("/my/learning")).status_code == 401
    logged = stage.supervisor.log.read_bytes()
    assert not [secret for secret in (mark, code) if secret.encode() in logged]


async def test_who_was_erased_comes_in_no_more_by_a_letter_that_was_on_its_way(
    stage: Stage, vault: httpx2.AsyncClient, academy: Caller
) -> None:
    marks = [f"mark{uuid4().hex}" for _ in range(2)]
    erased, other = [await registered(vault, stage, mark) for mark in marks]
    await booked(academy, "Springboard", erased, other)
    codes = [code_in(await letter_to(stage, mark))[1] for mark in marks]
    request = (await Caller(vault, stage.token("coordinator")).do("POST", "/erasures", {"person_id": erased}))["id"]
    officer = Caller(vault, stage.token("data-protection-officer"))
    await officer.do("POST", f"/erasures/{request}/approve")
    await stage.until_heard("people", "learning", "learning.people")
    answers = []
    for code in codes:
        async with browsing(stage) as browser:
            answers.append((await browser.post(START, data={"code": code})).status_code)
    assert answers == [401, 200]
