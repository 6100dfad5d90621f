"""Stories across services, on real processes: a completed course makes a nurse ready; a signatory leaves while staff are out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.registering import known
from city.stage import Stage
from kit.clock import now
from kit.testing.waiting import until
from schemas.values import business_date

HOSPITALS, HOSPICE = "leeds-teaching-hospitals", "st-gemma-hospice"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def desks(stage: Stage) -> AsyncIterator[dict[str, Caller]]:
    """A coordinator at each service."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30) as mobility,
    ):
        token = stage.token("coordinator")
        yield {"learning": Caller(learning, token), "mobility": Caller(mobility, token)}


def day(ago: int) -> str:
    today: date = business_date(now())
    return (today - timedelta(days=ago)).isoformat()


async def course(desk: Caller) -> str:
    made = await desk.do(
        "POST", "/courses",
        {"title": "Resuscitation", "category": "core-skills", "programme": "short-course", "provider": "leeds-city-college",
         "hours": 4.0, "occurred_on": day(60)},
    )  # fmt: skip
    return str(made["id"])


async def completed(desk: Caller, course_id: str, person: str) -> None:
    """Somebody books, comes, and the register is closed."""
    plan = {"course_id": course_id, "sessions": [day(3)], "places": 5, "occurred_on": day(20)}
    path = f"/cohorts/{(await desk.do('POST', '/cohorts', plan))['id']}"
    learner = {"person_id": person, "kind": "workforce", "eligible": True}
    booking = {"organisation": HOSPICE, "sector": "third-sector", "learners": [learner], "occurred_on": day(20)}
    await desk.do("POST", f"{path}/bookings", booking)
    booked = (await desk.get(path))["bookings"][0]["id"]
    await desk.do("POST", f"{path}/register", {"session": day(3), "attended": [str(booked)]})
    await desk.do("POST", f"{path}/hold", {"occurred_on": day(3)})


async def test_a_course_that_was_completed_makes_a_nurse_ready_though_the_worker_was_away(
    stage: Stage, desks: dict[str, Caller]
) -> None:
    desk = desks["mobility"]
    (person,) = await known(stage, HOSPICE, "nurse-of-the-story")
    course_id = await course(desks["learning"])
    opened = await desk.do("POST", "/passports", {"person_id": person, "home": HOSPICE, "occurred_on": day(30)})
    share = {"organisation": HOSPITALS, "until": day(-30), "occurred_on": day(30)}
    await desk.do("POST", f"/passports/{opened['id']}/share-with", share)
    asked = {
        "organisation": HOSPITALS, "soc2020": "2237", "checks": [],
        "training": [{"course_id": course_id, "title": "Resuscitation", "within_days": 365}],
    }  # fmt: skip
    requirement = (await desk.do("POST", "/requirements", asked))["id"]

    async def ready() -> bool:
        path = f"/passports/{opened['id']}/readiness"
        return bool((await desk.get(path, requirement_id=requirement))["ready"])

    assert not await ready()
    await stage.supervisor.kill("mobility.worker")
    await completed(desks["learning"], course_id, person)
    await stage.supervisor.restart("mobility.worker")
    await until(ready, 60)


async def started(desk: Caller, move: str) -> None:
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("match", {}),
        ("agree", {}),
        ("verify-checks", {}),
        *(
            ("authorise", {"side": side, "authorised_by": "director-of-nursing", "indemnity": "host-covers-clinical",
                           "data_basis": "framework-schedule-3", "recharge": "at-cost"})
            for side in ("home", "host")
        ),
        ("induct", {}),
        ("start", {}),
    )  # fmt: skip
    person = (await desk.get(f"/deployments/{move}"))["person_id"]
    passport = await desk.do("POST", "/passports", {"person_id": person, "home": HOSPICE, "occurred_on": day(60)})
    for kind in ("identity", "right-to-work"):
        check = {"kind": kind, "verified_by": HOSPICE, "satisfactory": True, "occurred_on": day(50)}
        await desk.do("POST", f"/passports/{passport['id']}/record-check", check)
    for name, fields in steps:
        await desk.do("POST", f"/deployments/{move}/{name}", {**fields, "occurred_on": day(20)})


async def local_induction(academy: Caller) -> None:
    """What the hospitals' movers learn first."""
    tour = {"title": "Find your way", "category": "induction", "provider": HOSPITALS, "hours": 1.0, "online": True}
    course_id = (await academy.do("POST", "/courses", {**tour, "occurred_on": day(60)}))["id"]
    own = {"organisation": HOSPITALS, "sector": "nhs-trust", "movers": True, "courses": [course_id], "within_days": 7}
    await academy.do("POST", "/inductions", {**own, "occurred_on": day(50)})


async def test_a_signatory_leaves_while_staff_are_out_and_they_come_home(
    stage: Stage, desks: dict[str, Caller]
) -> None:
    desk = desks["mobility"]
    publication = {"name": "Framework", "effective_from": day(90), "notice_days": 0, "occurred_on": day(90)}
    framework = (await desk.do("POST", "/frameworks", publication))["id"]
    signatures = {}
    for organisation in (HOSPITALS, HOSPICE):
        invitation = {
            "framework_id": framework, "organisation": organisation, "sector": "third-sector", "statutory": False,
            "occurred_on": day(90),
        }  # fmt: skip
        signatures[organisation] = f"/signatures/{(await desk.do('POST', '/signatures', invitation))['id']}"
        signing = {"version": 1, "signed_by": "chief-executive", "in_force_from": day(80), "occurred_on": day(85)}
        await desk.do("POST", f"{signatures[organisation]}/sign", signing)
    (person,) = await known(stage, HOSPICE, "lent-in-the-story")
    own = {"soc2020": "2237", "level": 6, "place": "seacroft", "available_from": day(30), "available_until": day(-60)}
    proposal = {
        "person_id": person, "home": HOSPICE, "host": HOSPITALS, "title": "Nurse", "soc2020": "2237",
        "basis": "framework-licence", "starts_on": day(20), "ends_on": day(-60), "own": own, "occurred_on": day(20),
        "pattern": [{"day": 1, "starts": "09:00", "ends": "17:00"}],
    }  # fmt: skip
    move = (await desk.do("POST", "/deployments", proposal))["id"]
    await local_induction(desks["learning"])
    await started(desk, move)

    async def enrolled() -> list[str]:
        rows = (await desks["learning"].get("/enrolments", person_id=person))["rows"]
        return [row["status"] for row in rows]

    await until(lambda: _is(enrolled, ["enrolled"]), 60)
    leaving = signatures[HOSPICE]
    (outlived,) = (await desk.get(f"{leaving}/outlived", last_day=day(2)))["deployments"]
    assert outlived["id"] == move
    await desk.do("POST", f"{leaving}/give-notice", {"last_day": day(2), "reason": "merged", "occurred_on": day(5)})

    async def home_again() -> bool:
        return bool((await desk.get(f"/deployments/{move}"))["status"] == "ended-early")

    await until(home_again, 60)
    ended = await desk.get(f"/deployments/{move}")
    assert (ended["last_day"], ended["reason"]) == (day(2), "not-in-force")
    await until(lambda: _is(enrolled, ["ended"]), 60)


async def _is(asked: Callable[[], Awaitable[list[str]]], wanted: list[str]) -> bool:
    return await asked() == wanted
