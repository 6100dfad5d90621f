"""One story across services, by events alone: placed, inducted, trained, in the passport; with learning away in the middle of it.

The coordinator enters a start in the talent pipeline; the employer finds the starter enrolled; the learner learns.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.journeys import Journey, fact_of
from city.people import Ending, Person
from city.player import set_scene
from city.registering import known
from city.scenery import scenery
from city.stage import Stage
from kit.clock import now
from kit.testing.waiting import until
from schemas.values import business_date

PARTNER = "bramley-home-care"
ELSEWHERE = "leeds-city-college"
FIRE = {"framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1}
SEED = 7

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def desks(stage: Stage) -> AsyncIterator[dict[str, Caller]]:
    """A coordinator at each service."""
    token = stage.token("coordinator")
    async with (
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30) as mobility,
    ):
        clients = {"talent-pipeline": pipeline, "learning": learning, "mobility": mobility}
        yield {name: Caller(client, token) for name, client in clients.items()}


def day(ago: int) -> str:
    today: date = business_date(now())
    return (today - timedelta(days=ago)).isoformat()


async def course(desk: Caller, title: str, **more: Any) -> str:
    fields = {
        "title": title, "category": "induction", "provider": ELSEWHERE, "hours": 2.0, "occurred_on": day(900), **more,
    }  # fmt: skip
    return str((await desk.do("POST", "/courses", fields))["id"])


async def test_who_starts_is_inducted_and_trained_less_what_is_portable_though_learning_was_away(
    stage: Stage, desks: dict[str, Caller]
) -> None:
    today = business_date(now())
    pipeline, learning, mobility = desks["talent-pipeline"], desks["learning"], desks["mobility"]
    scene = scenery(SEED, today)
    city = await set_scene(pipeline, replace(scene, campaigns=[], vacancies=scene.vacancies[1:3]), today, SEED)

    welcome = await course(learning, "Welcome", online=True)
    together = await course(learning, "A day together")
    fire = await course(learning, "Fire safety", category="core-skills", teaches=FIRE, online=True)
    plan = {"course_id": together, "sessions": [day(-40)], "places": 10, "occurred_on": day(900)}
    cohort = (await learning.do("POST", "/cohorts", plan))["id"]
    own = {"sector": "nhs-trust", "courses": [welcome, together, fire], "occurred_on": day(900)}
    for place in city.places:
        await learning.do("POST", "/inductions", {**own, "organisation": place.employer})
    (person,) = await known(stage, PARTNER, "starter-of-the-story")
    record = {"person_id": person, "organisation": ELSEWHERE, "skill": FIRE, "aligned": True, "occurred_on": day(500)}
    await learning.do("POST", "/competences", record)

    await stage.supervisor.kill("learning.worker")
    somebody = Person(
        number=1, registered_days_ago=300, ending=Ending.STARTED, employment_status="unemployed",
        prior_employment="other-sector", ethnic_category=None, by_campaign=False,
    )  # fmt: skip
    await Journey(city, somebody, person).go()
    assert (await learning.get("/enrolments", person_id=person))["rows"] == []
    await stage.supervisor.restart("learning.worker")

    async def enrolled() -> bool:
        return len((await learning.get("/enrolments", person_id=person))["rows"]) == 1

    await until(enrolled, 60)
    (enrolment,) = (await learning.get("/enrolments", person_id=person))["rows"]
    employer = enrolment["organisation"]
    assert (enrolment["course_id"], employer in {place.employer for place in city.places}) == (welcome, True)
    (booking,) = (await learning.get("/bookings", person_id=person))["rows"]
    assert (booking["cohort_id"], booking["status"]) == (cohort, "booked")
    (trained,) = (await learning.get("/competences", person_id=person))["rows"]
    assert [(each["host"], each["outcome"]) for each in trained["judgements"]] == [(employer, "waived")]

    opening = {"person_id": person, "home": employer, "occurred_on": day(30)}
    passport = await mobility.do("POST", "/passports", opening)
    await learning.do("POST", f"/enrolments/{enrolment['id']}/complete", {})

    async def in_the_passport() -> bool:
        held = await mobility.get(f"/passports/{passport['id']}")
        return welcome in {each["course_id"] for each in held["training"]}

    await until(in_the_passport, 60)

    candidacy = str((await pipeline.get("/candidacies", person_id=person))["rows"][0]["id"])
    start = await fact_of(pipeline, candidacy, "candidate-placed")
    await pipeline.do("POST", f"/candidacies/{candidacy}/facts/{start}/void", {"reason": "wrong-person"})

    async def given_back() -> bool:
        rows = (await learning.get("/bookings", person_id=person))["rows"]
        return [row["status"] for row in rows] == ["cancelled"]

    await until(given_back, 60)
    (trained,) = (await learning.get("/competences", person_id=person))["rows"]
    assert trained["judgements"] == []
