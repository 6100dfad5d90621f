"""A waiver goes from learning to mobility: a host takes training as it is, with a part of its own, and who is ready follows.

The hospice's HR put the training on record; the hospitals' HR judge it; City Silver sees who can be lent; the holder reads in their
passport what was waived. Learning may say more of it later, and mobility may be away while it does.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.registering import known
from city.stage import Stage
from kit.testing.waiting import until

from .lending import HOSPITALS, both_signed, checked, day

HOSPICE = "st-gemma-hospice"
LIFTING = {"framework": "cstf-england-1-1", "subject": "moving-and-handling", "level": 2}
"""People are moved with the host's own equipment: what was learned elsewhere does with a part of it done there."""
CARER = "6135"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Desks:
    """Who is in the story: the Academy at both services, the two organisations' HR at learning."""

    academy: Caller
    hospice: Caller
    hospitals: Caller
    mobility: Caller


@pytest_asyncio.fixture(loop_scope="session")
async def desks(stage: Stage) -> AsyncIterator[Desks]:
    coordinator = stage.token("coordinator")
    async with (
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30) as mobility,
    ):
        hospice, hospitals = (Caller(learning, stage.token("partner", name)) for name in (HOSPICE, HOSPITALS))
        yield Desks(Caller(learning, coordinator), hospice, hospitals, Caller(mobility, coordinator))


@dataclass(frozen=True)
class Lent:
    """Somebody whom the hospitals need, as mobility sees them."""

    desk: Caller
    passport: str
    requirement: str
    need: str

    async def held(self) -> dict[str, Any]:
        return dict(await self.desk.get(f"/passports/{self.passport}"))

    async def readiness(self) -> dict[str, Any]:
        return dict(await self.desk.get(f"/passports/{self.passport}/readiness", requirement_id=self.requirement))

    async def can_lend(self) -> dict[str, int]:
        """Who can lend somebody for the need, as City Silver sees it."""
        short = (await self.desk.get("/city-silver"))["short"]
        return next(dict(each["can_lend"]) for each in short if each["need_id"] == self.need)

    async def missing(self) -> list[str]:
        return [each["why"] for each in (await self.readiness())["missing"]]

    async def is_ready(self) -> None:
        """Mobility has heard that the training is waived, and everybody who looks sees it."""
        await until(lambda: self._lacks([]), 60, "the waiver makes ready")
        assert await self.can_lend() == {HOSPICE: 1}

    async def is_not(self, why: str) -> None:
        await until(lambda: self._lacks([why]), 60, f"not ready: {why}")
        assert await self.can_lend() == {}

    async def _lacks(self, why: list[str]) -> bool:
        return await self.missing() == why


async def needed(desk: Caller, person: str, course: str) -> Lent:
    """The hospitals look into somebody's passport, ask for a course, and need one carer more."""
    await both_signed(desk, HOSPICE)
    passport = await checked(desk, person, HOSPICE, ago=30)
    share = {"organisation": HOSPITALS, "until": day(-30), "occurred_on": day(30)}
    await desk.do("POST", f"/passports/{passport}/share-with", share)
    asked = {
        "organisation": HOSPITALS, "soc2020": CARER, "checks": [],
        "training": [{"course_id": course, "title": "Moving people", "within_days": 365, "skill": LIFTING}],
    }  # fmt: skip
    requirement = (await desk.do("POST", "/requirements", asked))["id"]
    need = {
        "organisation": HOSPITALS, "title": "Carer", "soc2020": CARER, "level": 3, "place": "seacroft", "weekly_hours": 30.0,
        "people": 1, "starts_on": day(-1), "ends_on": day(-60), "reason": "winter-pressure", "release_on": day(0),
    }  # fmt: skip
    raised = (await desk.do("POST", "/needs", need))["id"]
    await desk.do("POST", f"/needs/{raised}/release", {})
    return Lent(desk, passport, requirement, raised)


async def waiver_is(desk: Caller, record: str, act: str, **more: Any) -> None:
    """The Academy takes back, restores or corrects what learning said last of the hospitals' waiver."""
    lines = (await desk.get(f"/competences/{record}/history"))["lines"]
    said = [line for line in lines if ".learning-waived." in line["type"]][-1]
    body: dict[str, Any] = {"reason": "entered-in-error"}
    if act == "correct":
        body["replacement"] = {**said["said"], **more}
    await desk.do("POST", f"/competences/{record}/facts/{said['id']}/{act}", body)


async def test_what_a_host_waives_makes_a_carer_ready_for_its_need_as_waived_and_what_learning_says_of_it_later_follows(
    stage: Stage, desks: Desks
) -> None:
    (person,) = await known(stage, HOSPICE, "carer-of-the-waiver")
    plan = {
        "title": "Moving people",
        "category": "core-skills",
        "provider": HOSPITALS,
        "hours": 3.0,
        "teaches": LIFTING,
    }
    course = (await desks.academy.do("POST", "/courses", {**plan, "occurred_on": day(60)}))["id"]
    trained = {"person_id": person, "organisation": HOSPICE, "skill": LIFTING, "aligned": True}
    record = (await desks.hospice.do("POST", "/competences", {**trained, "occurred_on": day(200)}))["id"]
    carer = await needed(desks.mobility, person, course)
    await carer.is_not("training-missing")

    # the hospitals are shown the record, and ask for the part that is done on their own hoists: that waives nothing yet
    shown = await desks.academy.do("POST", f"/persons/{person}/transcript/code")
    judged = {"host": HOSPITALS, "skill": LIFTING, "ground": "alignment", "code": shown["code"]}
    asked = await desks.hospitals.do("POST", f"/competences/{record}/judge", judged)
    assert [each["outcome"] for each in asked["judgements"]] == ["top-up"]
    await stage.until_heard("learning", "mobility", "mobility.reactions")
    await carer.is_not("training-missing")
    assert (await carer.held())["waived"] == []

    # it is done, while mobility is away: the rest is waived, and stands so in the passport when mobility is back
    await stage.supervisor.kill("mobility.worker")
    await desks.hospitals.do("POST", f"/competences/{record}/meet-top-up", {"host": HOSPITALS})
    assert await carer.missing() == ["training-missing"]
    await stage.supervisor.restart("mobility.worker")
    await carer.is_ready()
    (found,) = (await carer.readiness())["waived"]
    assert (found["course_id"], found["ground"]) == (course, "alignment")
    held = await carer.held()
    assert [(each["host"], each["skill"]) for each in held["waived"]] == [(HOSPITALS, LIFTING)]
    assert held["training"] == []
    assert "accepts what you learned elsewhere" in await own_page(stage, desks.mobility, person)

    # whoever entered it was mistaken, or not, or in the day until which it holds
    await waiver_is(desks.academy, record, "void")
    await carer.is_not("training-missing")
    assert (await carer.held())["waived"] == []
    await waiver_is(desks.academy, record, "restore")
    await carer.is_ready()
    await waiver_is(desks.academy, record, "correct", valid_until=day(1))
    await carer.is_not("waiver-over")
    await waiver_is(desks.academy, record, "correct", valid_until=day(-20))
    await carer.is_ready()

    # the hospitals know a reason that the record does not show
    knows = {"host": HOSPITALS, "required_level": 2, "reason": "certificate-not-seen"}
    await desks.hospitals.do("POST", f"/competences/{record}/reject", knows)
    await carer.is_not("training-missing")
    held = await carer.held()
    assert (held["waived"], held["training"]) == ([], [])


async def own_page(stage: Stage, desk: Caller, person: str) -> str:
    """What a holder reads on their passport's page."""
    link = (await desk.do("POST", f"/persons/{person}/own-page"))["url"]
    async with httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30, follow_redirects=True) as browser:
        page = await browser.post("/my/passport/start", data={"code": link.partition("?code=")[2]})
    return " ".join(page.text.split())
