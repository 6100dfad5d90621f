"""Stories across services, on real processes: a course of the morning and a need of noon; learning is down when somebody starts; a
signatory leaves while staff are out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.registering import known
from city.stage import Stage
from kit.testing.waiting import until

from .lending import HOSPITALS, a_night_passes, both_signed, checked, day, put_forward, started

HOSPICE, NURSING = "st-gemma-hospice", "roundhay-nursing"
NURSE = "2231"
"""For the course of one story: nobody else's moves are of this kind of work."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def desks(stage: Stage) -> AsyncIterator[dict[str, Caller]]:
    """A coordinator at each service, and one of the hospitals at mobility."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30) as mobility,
    ):
        token = stage.token("coordinator")
        hospitals = stage.token("partner", HOSPITALS)
        yield {
            "learning": Caller(learning, token), "mobility": Caller(mobility, token), "hospitals": Caller(mobility, hospitals),
        }  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def induction(stage: Stage) -> None:
    """What the hospitals' movers learn first."""
    tour = {"title": "Find your way", "category": "induction", "provider": HOSPITALS, "hours": 1.0, "online": True}
    own = {"organisation": HOSPITALS, "sector": "nhs-trust", "movers": True, "within_days": 7, "occurred_on": day(50)}
    async with httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as client:
        academy = Caller(client, stage.token("coordinator"))
        course_id = (await academy.do("POST", "/courses", {**tour, "occurred_on": day(60)}))["id"]
        await academy.do("POST", "/inductions", {**own, "courses": [course_id]})


async def course(desk: Caller) -> str:
    made = await desk.do(
        "POST", "/courses",
        {"title": "Resuscitation", "category": "core-skills", "programme": "short-course", "provider": "leeds-city-college",
         "hours": 4.0, "occurred_on": day(60)},
    )  # fmt: skip
    return str(made["id"])


async def completed(desk: Caller, course_id: str, person: str) -> None:
    """Somebody books, comes, and the register is closed."""
    plan = {"course_id": course_id, "sessions": [day(0)], "places": 5, "occurred_on": day(20)}
    path = f"/cohorts/{(await desk.do('POST', '/cohorts', plan))['id']}"
    learner = {"person_id": person, "kind": "workforce", "eligible": True}
    booking = {"organisation": HOSPICE, "sector": "third-sector", "learners": [learner], "occurred_on": day(20)}
    await desk.do("POST", f"{path}/bookings", booking)
    booked = (await desk.get(path))["bookings"][0]["id"]
    await desk.do("POST", f"{path}/register", {"session": day(0), "attended": [str(booked)]})
    await desk.do("POST", f"{path}/hold", {"occurred_on": day(0)})


async def test_a_course_completed_this_morning_makes_a_nurse_ready_for_a_need_raised_at_noon_though_the_worker_was_away(
    stage: Stage, desks: dict[str, Caller]
) -> None:
    desk = desks["mobility"]
    await both_signed(desk, NURSING)
    (person,) = await known(stage, NURSING, "nurse-of-the-story")
    course_id = await course(desks["learning"])
    passport = await checked(desk, person, NURSING, ago=30)
    share = {"organisation": HOSPITALS, "until": day(-30), "occurred_on": day(30)}
    await desk.do("POST", f"/passports/{passport}/share-with", share)
    asked = {
        "organisation": HOSPITALS, "soc2020": NURSE, "checks": [],
        "training": [{"course_id": course_id, "title": "Resuscitation", "within_days": 365}],
    }  # fmt: skip
    requirement = (await desk.do("POST", "/requirements", asked))["id"]

    async def ready() -> bool:
        path = f"/passports/{passport}/readiness"
        return bool((await desk.get(path, requirement_id=requirement))["ready"])

    assert not await ready()
    await stage.supervisor.kill("mobility.worker")
    await completed(desks["learning"], course_id, person)
    need = {
        "organisation": HOSPITALS, "title": "Nurse", "soc2020": NURSE, "level": 5, "place": "seacroft", "weekly_hours": 22.5,
        "people": 1, "starts_on": day(-1), "ends_on": day(-60), "reason": "winter-pressure", "release_on": day(0),
    }  # fmt: skip
    raised = (await desk.do("POST", "/needs", need))["id"]
    await desk.do("POST", f"/needs/{raised}/release", {})

    async def can_lend() -> dict[str, int]:
        short = (await desk.get("/city-silver"))["short"]
        return next(dict(each["can_lend"]) for each in short if each["need_id"] == raised)

    assert await can_lend() == {}
    await stage.supervisor.restart("mobility.worker")
    await until(ready, 60)
    assert await can_lend() == {NURSING: 1}


async def enrolments(academy: Caller, person: str) -> list[str]:
    """The status of each."""
    return [row["status"] for row in (await academy.get("/enrolments", person_id=person))["rows"]]


async def test_learning_that_is_down_when_somebody_starts_is_raised_to_the_host_until_its_late_answer_comes(
    stage: Stage, desks: dict[str, Caller], induction: None
) -> None:
    desk, academy = desks["mobility"], desks["learning"]
    await both_signed(desk, NURSING)
    (person,) = await known(stage, NURSING, "started-while-learning-was-down")
    move = await put_forward(desk, person, NURSING)

    async def told() -> set[tuple[str, str]]:
        rows = (await desks["hospitals"].get("/waiting", who="host"))["rows"]
        return {(row["why"], row["since"]) for row in rows if row["aggregate_id"] == move}

    await stage.supervisor.kill("learning.worker")
    await started(desk, move)
    await stage.supervisor.kill("mobility.worker")
    await a_night_passes(stage, move)
    assert await told() == set()
    await stage.supervisor.restart("mobility.worker")
    await until(lambda: _is(told, {("local-induction-overdue", day(20))}), 60)
    assert await enrolments(academy, person) == []
    await stage.supervisor.restart("learning.worker")
    await until(lambda: _is(told, set()), 60)
    assert await enrolments(academy, person) == ["enrolled"]
    assert (await desk.get(f"/deployments/{move}"))["local_induction"] == "enrolled"


async def counts(board: Caller, ago: int) -> tuple[int, int]:
    """How many organisations were signed up at the end of a day, and how many moves from the hospice had begun."""
    exact = {"profile": "internal_exact", "as_at": day(ago)}
    signed = (await board.get("/figures/q1", **exact))["numerator"]["number"]
    homes = (await board.get("/figures/moves", by="home", **exact))["groups"]
    return int(signed), sum(int(home["value"]["number"]) for home in homes if home["code"] == HOSPICE)


async def test_a_signatory_leaves_while_staff_are_out_and_they_come_home(
    stage: Stage, desks: dict[str, Caller], induction: None, board: Caller
) -> None:
    desk, academy = desks["mobility"], desks["learning"]
    signatures = await both_signed(desk, HOSPICE)
    (person,) = await known(stage, HOSPICE, "lent-in-the-story")
    move = await put_forward(desk, person, HOSPICE)
    await started(desk, move)
    enrolled = partial(enrolments, academy, person)
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

    async def told_to_the_board() -> bool:
        """Who left counts to the last day of its notice, and who was lent from their first day on."""
        (to_the_last, out), (after, _), (_, before) = [await counts(board, ago) for ago in (2, 1, 21)]
        return (to_the_last - after, out - before) == (1, 1)

    await until(told_to_the_board, 60, "reporting counts")


async def _is(asked: Callable[[], Awaitable[Any]], wanted: object) -> bool:
    return bool(await asked() == wanted)
