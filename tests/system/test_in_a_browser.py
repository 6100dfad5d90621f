"""Pages in a real browser: a coordinator works at the desk and sees names, and a candidate sees their own.

Chromium is found on the machine, and nowhere fetched; where there is none, this is skipped.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect
from tests.talent_pipeline import acts

from city import doors
from city.client import Caller
from city.stage import Stage
from kit.auth import Signer, sign_in_code
from schemas.talent_pipeline import NhsValue

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NAME = "Wilhelmina Oyelaran"
TELEPHONE: Any = {"width": 390, "height": 844}

expect.set_options(timeout=30_000)

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
]


@dataclass
class Candidate:
    """Somebody who was shortlisted, and what they were sent."""

    person: str
    candidacy: str
    own_page: str
    applications: str


@dataclass
class Hub:
    """A coordinator's commands, for the builders of talent-pipeline's own tests."""

    caller: Caller
    person: str

    async def made(self, path: str, body: object = None) -> Any:
        return await self.caller.do("POST", path, body)  # type: ignore[arg-type]

    async def somebody(self) -> UUID:
        return UUID(self.person)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def candidate(stage: Stage) -> AsyncIterator[Candidate]:
    async with (
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
    ):
        people = Caller(vault, stage.token("coordinator"))
        person = (await people.do("POST", "/persons", {"name": NAME, "email": "wilhelmina@example.org"}))["id"]
        await stage.until_heard("people", "talent-pipeline", "talent-pipeline.people")
        hub = Hub(Caller(pipeline, stage.token("coordinator")), person)
        candidacy = await acts.an_application(hub, await acts.a_vacancy(hub))
        await acts.brought_to(hub, candidacy, "shortlist")
        own = await people.do("POST", f"/persons/{person}/own-page")
        applications = await hub.made(f"/persons/{person}/link")
        yield Candidate(person, candidacy, own["url"], applications["url"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@dataclass
class Watched:
    """A page, and what it did that none of ours may: ask another host, or have the browser complain."""

    page: Page
    host: str
    wrong: list[str] = field(default_factory=list)

    def watch(self) -> None:
        def asks(request: Request) -> None:
            if not request.url.startswith((f"{self.host}/", "data:")):
                self.wrong.append(request.url)

        self.page.on("request", asks)
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    async def fits(self) -> None:
        """Nothing is wider than a telephone."""
        await self.page.set_viewport_size(TELEPHONE)
        assert not await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"), self.page.url


async def watched(context: BrowserContext, stage: Stage) -> Watched:
    assert stage.host is not None
    seen = Watched(await context.new_page(), stage.host)
    seen.watch()
    return seen


async def signed_in(context: BrowserContext, stage: Stage) -> Watched:
    """Somebody who opened a coordinator's link, and pressed its button by keyboard alone."""
    seen = await watched(context, stage)
    await seen.page.goto(doors.desk(stage))
    await seen.page.get_by_role("button", name="Sign in").focus()
    await seen.page.keyboard.press("Enter")
    await seen.page.wait_for_url(f"{stage.host}/desk")
    return seen


async def test_a_coordinator_sees_a_name_opens_the_record_and_records_the_interview_once_with_a_double_click(
    stage: Stage, candidate: Candidate, chromium: Browser
) -> None:
    async with await chromium.new_context() as context:
        seen = await signed_in(context, stage)
        page = seen.page
        await page.goto(f"{stage.host}/desk?why=interview")
        row = page.get_by_role("row").filter(has_text=NAME)
        await expect(row).to_contain_text("Interview on the values")
        await seen.fits()
        await row.get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
        await seen.fits()
        await page.get_by_role("button", name="Record the values interview").click()
        for value in NhsValue:
            await page.locator(f"#scores-{value}").fill("4")
        await page.get_by_label("Who was on the panel?").fill("Leeds Teaching Hospitals\nLeeds City Council")
        await page.get_by_label("Scored by which framework?").fill("nhs-values-2023")
        await page.get_by_label("Passed", exact=True).check()
        await seen.fits()
        await page.get_by_role("button", name="Record the interview").dblclick()
        await expect(page.get_by_role("alert")).to_contain_text("The interview is recorded.")
        assert seen.wrong == []
    async with httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline:
        hub = Caller(pipeline, stage.token("coordinator"))
        lines = (await hub.get(f"/candidacies/{candidate.candidacy}/history"))["lines"]
    assert [line["type"].split(".")[-2] for line in lines].count("values-interview-completed") == 1
    reasons = {look["reason"] for look in await looks(stage, candidate)}
    assert {"work-a-list", "read-a-record", "act-on-a-record"} <= reasons


async def looks(stage: Stage, candidate: Candidate) -> list[dict[str, Any]]:
    """Who looked at the candidate, and why."""
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault:
        found = await Caller(vault, stage.token("coordinator")).get(f"/persons/{candidate.person}/looks")
    rows: list[dict[str, Any]] = found["rows"]
    return rows


async def test_without_a_script_a_coordinator_works_with_short_ids(
    stage: Stage, candidate: Candidate, chromium: Browser
) -> None:
    async with await chromium.new_context(java_script_enabled=False, viewport=TELEPHONE) as context:
        page = (await signed_in(context, stage)).page
        await page.goto(f"{stage.host}/desk/candidacies/{candidate.candidacy}")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(candidate.person[-8:])
        await expect(page.get_by_text("Names are not shown")).to_be_visible()
        assert NAME not in await page.content()
        await page.get_by_role("button", name="Sign out").click()
        await page.goto(f"{stage.host}/desk")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")


async def test_whoever_signs_in_while_people_is_away_is_shown_no_name_by_the_session_of_who_was_there_before(
    stage: Stage, candidate: Candidate, chromium: Browser
) -> None:
    async with await chromium.new_context() as context:
        page = (await signed_in(context, stage)).page
        record = f"{stage.host}/desk/candidacies/{candidate.candidacy}"
        await page.goto(record)
        await expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
        before = await looks(stage, candidate)
        await context.route("**/names/sign-in", lambda route: route.abort())
        await signs_in_as(page, stage, "another-coordinator")
        await page.goto(record)
        await expect(page.get_by_text("Names are not shown")).to_be_visible()
        assert NAME not in await page.content()
        assert await looks(stage, candidate) == before
        await context.unroute("**/names/sign-in")
        await signs_in_as(page, stage, "another-coordinator")
        await page.goto(record)
        await expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)


async def signs_in_as(page: Page, stage: Stage, subject: str) -> None:
    """Somebody by this name opens a link of their own, in a browser that others use too."""
    code = sign_in_code(Signer(stage.folder / "development.jwk"), "coordinator", subject=subject)
    await page.goto(f"{stage.host}/desk/sign-in?code={code}")
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{stage.host}/desk")


async def test_signing_out_at_the_desk_ends_the_session_of_names_too(stage: Stage, chromium: Browser) -> None:
    async with await chromium.new_context() as context:
        seen = await signed_in(context, stage)
        assert {cookie["name"] for cookie in await context.cookies(f"{stage.host}/names")} == {"names_session"}
        await seen.page.get_by_role("button", name="Sign out").click()
        await expect(seen.page.get_by_role("heading", level=1)).to_contain_text("You are signed out")
        assert await context.cookies(f"{stage.host}/names") == []


async def test_a_candidate_who_came_to_their_own_page_is_called_by_name_at_their_applications(
    stage: Stage, candidate: Candidate, chromium: Browser
) -> None:
    async with await chromium.new_context(viewport=TELEPHONE) as context:
        seen = await watched(context, stage)
        page = seen.page
        await page.goto(candidate.applications)
        async with page.expect_console_message(lambda said: "401" in said.text):  # people was asked, and lets nobody in
            await page.get_by_role("button", name="Continue").click()
        await expect(page.get_by_role("heading", name="Healthcare assistant")).to_be_visible()
        assert NAME not in await page.content(), "the link alone says nothing of who it is"
        seen.wrong.clear()
        await page.goto(candidate.own_page)
        await page.get_by_role("button").first.click()
        await expect(page.get_by_text(NAME).first).to_be_visible()
        await page.goto(f"{stage.host}/my/applications")
        await expect(page.locator("#name")).to_have_text(NAME)
        await seen.fits()
        assert seen.wrong == []
