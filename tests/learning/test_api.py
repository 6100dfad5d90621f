"""The routes, on a real database: what can be done, what is refused and how, and who sees what."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.testing.client import As, Client
from kit.testing.persons import somebody
from learning.api.steps import ALL
from learning.store import aggregates
from learning.testing import COUNCIL, HOSPITALS, KINDS, day, lives
from schemas.values import business_date


def on(number: int) -> str:
    return day(number).isoformat()


def a_course(**changes: Any) -> dict[str, Any]:
    return {
        "occurred_on": on(0), "title": "Better Conversations", "category": "better-conversations", "provider": COUNCIL,
        "hours": 7.0, **changes,
    }  # fmt: skip


async def scheduled(client: Client, course: dict[str, Any] | None = None, **changes: Any) -> str:
    """A cohort of two sessions and three places."""
    made = await client.made("/courses", course or a_course())
    plan = {"occurred_on": on(10), "course_id": made["id"], "sessions": [on(60), on(67)], "places": 3, **changes}
    return str((await client.made("/cohorts", plan))["id"])


def team(*people: str, organisation: str = HOSPITALS, **changes: Any) -> dict[str, Any]:
    learners = [{"person_id": person, **changes} for person in people]
    return {
        "occurred_on": on(20), "organisation": organisation, "sector": KINDS[organisation].value,
        "learners": learners,
    }  # fmt: skip


def people(count: int) -> list[str]:
    return [str(somebody()) for _ in range(count)]


async def test_a_team_is_booked_the_register_kept_and_the_course_completed(coordinator: Client) -> None:
    cohort = await scheduled(coordinator)
    one, other, waits = people(3)
    await coordinator.made(f"/cohorts/{cohort}/book", team(one))
    state = await coordinator.made(f"/cohorts/{cohort}/book", team(other, waits, organisation=COUNCIL))
    ids = {each["person_id"]: each["id"] for each in state["bookings"]}
    for session, came in ((60, [one, other, waits]), (67, [one])):
        register = {"session": on(session), "attended": [ids[person] for person in came]}
        await coordinator.made(f"/cohorts/{cohort}/register", register)
    held = await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    assert {each["person_id"]: each["status"] for each in held["bookings"]} == {
        one: "completed", other: "partly-completed", waits: "partly-completed",
    }  # fmt: skip
    evaluation = {
        "occurred_on": on(68),
        "booking_id": ids[one],
        "rating": 5,
        "confidence_before": 4,
        "confidence_after": 9,
    }
    await coordinator.made(f"/cohorts/{cohort}/evaluate", evaluation)
    refused = await coordinator.post(
        f"/cohorts/{cohort}/report-use", {"booking_id": ids[one], "used": True, "occurred_on": on(80)}
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/too-early")


async def test_a_closed_register_is_opened_again_and_what_followed_is_taken_back(coordinator: Client) -> None:
    cohort = await scheduled(coordinator)
    (one,) = people(1)
    state = await coordinator.made(f"/cohorts/{cohort}/book", team(one))
    id_ = state["bookings"][0]["id"]
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(session), "attended": []})
    held = await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    assert held["bookings"][0]["status"] == "not-attended"
    opened = await coordinator.made(f"/cohorts/{cohort}/reopen", {"reason": "list-found"})
    assert (opened["status"], opened["bookings"][0]["status"]) == ("scheduled", "booked")
    await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(60), "attended": [id_]})
    again = await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    assert again["bookings"][0]["status"] == "partly-completed"
    assert (
        await coordinator.post(f"/cohorts/{cohort}/register", {"session": on(60), "attended": []})
    ).status_code == 409


async def test_what_learners_said_stands_when_the_register_is_opened_again(coordinator: Client) -> None:
    cohort = await scheduled(coordinator)
    one, other = people(2)
    state = await coordinator.made(f"/cohorts/{cohort}/book", team(one, other))
    ids = {each["person_id"]: each["id"] for each in state["bookings"]}
    for session in (60, 67):
        await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(session), "attended": [ids[one]]})
    await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    worth = {"booking_id": ids[one], "rating": 5, "confidence_before": 4, "confidence_after": 9, "occurred_on": on(68)}
    await coordinator.made(f"/cohorts/{cohort}/evaluate", worth)
    used = {"booking_id": ids[one], "used": True, "occurred_on": on(160)}
    await coordinator.made(f"/cohorts/{cohort}/report-use", used)
    await coordinator.made(f"/cohorts/{cohort}/reopen", {"reason": "list-found"})
    both = {"session": on(60), "attended": [ids[one], ids[other]]}
    await coordinator.made(f"/cohorts/{cohort}/register", both)
    held = await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(67)})
    told = {each["person_id"]: (each["status"], each["evaluated"], each["use_reported"]) for each in held["bookings"]}
    assert told == {one: ("completed", True, True), other: ("partly-completed", False, False)}
    again = await coordinator.made(f"/cohorts/{cohort}/evaluate", {**worth, "rating": 1})
    assert again["version"] == held["version"]


async def test_an_offer_that_nobody_takes_lapses_and_goes_on_and_one_may_be_declined(
    coordinator: Client, database: Database
) -> None:
    def ago(days: int) -> str:
        return (business_date(now()) - timedelta(days=days)).isoformat()

    cohort = await scheduled(coordinator, sessions=[ago(-40)], places=1, occurred_on=ago(60))
    came = await coordinator.made(f"/cohorts/{cohort}/book", {**team(*people(4)), "occurred_on": ago(30)})
    has, first, second, third = (each["id"] for each in came["bookings"])
    gone = {"booking_id": has, "reason": "work", "occurred_on": ago(6)}
    await coordinator.made(f"/cohorts/{cohort}/cancel-booking", gone)
    while await fire_next(database, aggregates.fall_due):
        pass
    rows = {row["id"]: row["status"] for row in (await coordinator.found("/bookings", cohort_id=cohort))["rows"]}
    assert [rows[each] for each in (has, first, second, third)] == ["cancelled", "lapsed", "offered", "waiting"]
    declined = {"booking_id": second, "reason": "illness"}
    after = await coordinator.made(f"/cohorts/{cohort}/cancel-booking", declined)
    assert [each["status"] for each in after["bookings"]] == ["cancelled", "lapsed", "cancelled", "offered"]


async def test_a_partner_books_its_own_and_sees_nobody_elses(coordinator: Client, as_role: As) -> None:
    await scheduled(coordinator)  # it has met
    today = business_date(now()).isoformat()
    cohort = await scheduled(coordinator, sessions=[today])
    council, hospitals = as_role("partner", COUNCIL), as_role("partner", HOSPITALS)
    mine, theirs = people(2)
    own = await council.made(f"/cohorts/{cohort}/bookings", team(mine, organisation=COUNCIL))
    await hospitals.made(f"/cohorts/{cohort}/bookings", team(theirs))
    assert [each["person_id"] for each in own["bookings"]] == [mine]
    assert [row["person_id"] for row in (await council.found("/bookings"))["rows"]] == [mine]
    assert [row["left"] for row in (await council.found("/places"))["rows"]] == [1]
    others = (await coordinator.found("/bookings", person_id=theirs))["rows"][0]["id"]
    for name, body in (
        ("confirm", {}),
        ("cancel-booking", {"reason": "work"}),
        ("swap", {"learner": {"person_id": mine}}),
    ):
        refused = await council.post(f"/cohorts/{cohort}/bookings/{name}", {"booking_id": others, **body})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (404, "booking_id")
    forged = await council.post(f"/cohorts/{cohort}/bookings", team(mine, organisation=HOSPITALS))
    assert (forged.status_code, forged.json()["type"]) == (422, "/problems/not-your-organisation")
    for path in (f"/cohorts/{cohort}", f"/cohorts/{cohort}/history", "/cohorts"):
        assert (await council.get(path)).status_code == 403
    assert (await council.get("/places", organisation=HOSPITALS)).status_code == 422
    assert (await council.found("/waiting"))["rows"] == []


async def test_whoever_finds_no_place_waits_and_is_offered_what_comes_free(coordinator: Client, as_role: As) -> None:
    cohort = await scheduled(coordinator, places=1, sessions=[on(800)])
    council = as_role("partner", COUNCIL)
    first, second = people(2)
    has = await coordinator.made(f"/cohorts/{cohort}/book", team(first))
    waits = (await council.made(f"/cohorts/{cohort}/bookings", team(second, organisation=COUNCIL)))["bookings"][0]
    assert waits["status"] == "waiting"
    gone = {"booking_id": has["bookings"][0]["id"], "reason": "illness", "occurred_on": on(30)}
    await coordinator.made(f"/cohorts/{cohort}/cancel-booking", gone)
    (offered,) = (await council.found("/bookings"))["rows"]
    assert (offered["status"], offered["offered_until"]) == ("offered", on(33))
    taken = await council.made(f"/cohorts/{cohort}/bookings/take", {"booking_id": waits["id"], "occurred_on": on(32)})
    assert taken["bookings"][0]["status"] == "booked"


async def test_springboard_is_for_those_who_say_that_it_is_for_them(coordinator: Client) -> None:
    springboard = a_course(category="springboard", title="Springboard", eligibility="women")
    cohort = await scheduled(coordinator, springboard)
    (one,) = people(1)
    refused = await coordinator.post(f"/cohorts/{cohort}/book", team(one))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/eligibility-not-confirmed")
    await coordinator.made(f"/cohorts/{cohort}/book", team(one, eligible=True))
    without = await coordinator.post("/courses", a_course(category="springboard"))
    assert (without.status_code, without.json()["errors"]) == (
        422, [{"field": "eligibility", "rule": "Springboard is for women: a course of it says so."}],
    )  # fmt: skip


async def test_of_a_thousand_who_ask_for_the_last_place_one_has_it(coordinator: Client, as_role: As) -> None:
    cohort = await scheduled(coordinator, places=1)
    tries = iter(people(1000))

    async def client() -> list[int]:
        asker = as_role("partner", COUNCIL)
        return [
            (await asker.patiently(f"/cohorts/{cohort}/bookings", team(person, organisation=COUNCIL))).status_code
            for person in tries
        ]

    answers = [status for each in await asyncio.gather(*(client() for _ in range(50))) for status in each]
    assert set(answers) == {200}
    assert len(answers) == 1000
    state = await coordinator.found(f"/cohorts/{cohort}")
    statuses = [each["status"] for each in state["bookings"]]
    assert (statuses.count("booked"), statuses.count("waiting")) == (1, 999)


async def test_every_command_that_a_state_allows_has_a_route_of_that_name() -> None:
    for things in ALL:
        for state in lives()[aggregates.name(things.kind)].states.values():
            if state is not None:
                assert set(aggregates.machines[things.kind].allowed(state)) <= things.steps.keys()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sessions": [on(67), on(60)]}, "sessions"),
        ({"sessions": []}, "sessions"),
        ({"places": 0}, "places"),
        ({"shares": [{"organisation": COUNCIL, "places": 2}]}, "release_on"),
        ({"shares": [{"organisation": COUNCIL, "places": 9}], "release_on": on(40)}, "shares"),
        ({"occurred_on": on(61)}, "occurred_on"),
        ({"course_id": str(UUID(int=5))}, "course_id"),
        ({"colour": "blue"}, "colour"),
    ],
)
async def test_a_cohort_that_makes_no_sense_is_refused_by_field(
    coordinator: Client, changes: dict[str, Any], field: str
) -> None:
    made = await coordinator.made("/courses", a_course())
    plan = {"occurred_on": on(10), "course_id": made["id"], "sessions": [on(60)], "places": 3, **changes}
    refused = await coordinator.post("/cohorts", plan)
    assert refused.status_code in (404, 422)
    assert field in {error["field"] for error in refused.json()["errors"]}


async def test_a_course_that_cohorts_belong_to_is_not_voided(coordinator: Client) -> None:
    cohort = await coordinator.found(f"/cohorts/{await scheduled(coordinator)}")
    history = await coordinator.found(f"/courses/{cohort['course_id']}/history")
    void = await coordinator.post(
        f"/courses/{cohort['course_id']}/facts/{history['lines'][0]['id']}/void", {"reason": "wrong"}
    )
    assert (void.status_code, void.json()["type"]) == (409, "/problems/something-hangs-on-it")


async def put_right(client: Client, path: str, kind: str, **better: Any) -> Any:
    """The answer to a correction of the last fact of a kind."""
    fact = await last_of(client, path, kind)
    asked = {"replacement": {**fact["said"], **better}, "reason": "entered-in-error"}
    return await client.post(f"{path}/facts/{fact['id']}/correct", asked)


async def last_of(client: Client, path: str, kind: str) -> dict[str, Any]:
    """The last fact of a kind in a history."""
    lines = (await client.found(f"{path}/history"))["lines"]
    return next(line for line in reversed(lines) if f".{kind}." in line["type"])


@pytest.mark.parametrize(
    ("better", "field"),
    [
        ({"sessions": [on(67), on(60)]}, "sessions"),
        ({"sessions": [on(60), on(60)]}, "sessions"),
        ({"release_on": on(70)}, "release_on"),
        ({"shares": [{"organisation": COUNCIL, "places": 9}], "release_on": on(40)}, "shares"),
        ({"shares": [{"organisation": COUNCIL, "places": 1}] * 2, "release_on": on(40)}, "shares"),
        ({"occurred_on": on(61)}, "occurred_on"),
        ({"places": 0}, "places"),
    ],
)
async def test_a_cohort_is_not_corrected_into_one_that_makes_no_sense(
    coordinator: Client, better: dict[str, Any], field: str
) -> None:
    path = f"/cohorts/{await scheduled(coordinator)}"
    before = await coordinator.found(path)
    refused = await put_right(coordinator, path, "cohort-scheduled", **better)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, f"replacement.{field}")
    assert await coordinator.found(path) == before


async def test_a_course_is_not_corrected_into_springboard_for_everybody(coordinator: Client) -> None:
    path = f"/courses/{(await coordinator.made('/courses', a_course()))['id']}"
    refused = await put_right(coordinator, path, "course-published", category="springboard")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "replacement.eligibility")
    better = await put_right(coordinator, path, "course-published", category="springboard", eligibility="women")
    assert better.status_code == 200


async def test_sessions_of_which_the_register_speaks_stay(coordinator: Client) -> None:
    cohort = await scheduled(coordinator)
    path = f"/cohorts/{cohort}"
    await coordinator.made(f"{path}/book", team(*people(1)))
    await coordinator.made(f"{path}/register", {"session": on(67), "attended": []})
    moved = await put_right(coordinator, path, "cohort-scheduled", sessions=[on(60), on(74)])
    assert (moved.status_code, moved.json()["type"]) == (409, "/problems/fact-stands-in-the-way")
    assert (await put_right(coordinator, path, "cohort-scheduled", sessions=[on(61), on(67)])).status_code == 200


async def test_a_booking_that_was_entered_in_error_leaves_its_place_to_who_waits_each_time(
    coordinator: Client, database: Database
) -> None:
    ahead = (business_date(now()) + timedelta(days=30)).isoformat()
    path = f"/cohorts/{await scheduled(coordinator, sessions=[ahead], places=1)}"
    first, second, third = people(3)
    for person in (first, second, third):
        await coordinator.made(f"{path}/book", team(person))
    entered = (await coordinator.found(f"{path}/history"))["lines"][1:]
    for wrong, stands in zip(entered, (["offered", "waiting"], ["offered"], []), strict=True):
        await coordinator.made(f"{path}/facts/{wrong['id']}/void", {"reason": "wrong-person"})
        while await fire_next(database, aggregates.fall_due):
            pass
        assert [each["status"] for each in (await coordinator.found(path))["bookings"]] == stands


async def test_what_was_taken_back_is_not_restored_beside_what_took_its_place(coordinator: Client) -> None:
    path = f"/cohorts/{await scheduled(coordinator)}"
    (one,) = people(1)
    await coordinator.made(f"{path}/book", team(one))
    first = await last_of(coordinator, path, "learner-booked")
    await coordinator.made(f"{path}/facts/{first['id']}/void", {"reason": "wrong"})
    booked = await coordinator.made(f"{path}/book", team(one))
    twice = await coordinator.post(f"{path}/facts/{first['id']}/restore", {"reason": "right"})
    gone = {"booking_id": booked["bookings"][0]["id"], "reason": "work", "occurred_on": on(30)}
    await coordinator.made(f"{path}/cancel-booking", gone)
    given_up = await last_of(coordinator, path, "booking-cancelled")
    await coordinator.made(f"{path}/book", {**team(one), "occurred_on": on(31)})
    again = await coordinator.post(f"{path}/facts/{given_up['id']}/void", {"reason": "wrong"})
    for refused in (twice, again):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-has-a-place")


async def test_a_course_that_an_induction_names_or_that_was_commissioned_is_not_voided(
    coordinator: Client, database: Database
) -> None:
    course = (await coordinator.made("/courses", a_course(online=True)))["id"]
    own = {"occurred_on": on(5), "organisation": COUNCIL, "sector": "local-authority", "courses": [course]}
    induction = (await coordinator.made("/inductions", own))["id"]
    published = await last_of(coordinator, f"/courses/{course}", "course-published")
    path = f"/courses/{course}/facts/{published['id']}/void"
    refused = await coordinator.post(path, {"reason": "wrong"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/something-hangs-on-it")
    await coordinator.made(f"/inductions/{induction}/retire", {"reason": "replaced"})
    cycle = {
        "occurred_on": on(0), "year": 2023, "closes_on": on(9), "weights": [{"by": "people", "points": 1}],
    }  # fmt: skip
    year = f"/cycles/{(await coordinator.made('/cycles', cycle))['id']}"
    need = {
        "occurred_on": on(1), "organisation": COUNCIL, "sector": "local-authority", "role_group": "all", "skill": "digital",
        "people": 9, "priority": 1,
    }  # fmt: skip
    await coordinator.made(f"{year}/submit", need)
    while await fire_next(database, aggregates.fall_due):
        pass
    await coordinator.made(f"{year}/consolidate", {})
    await coordinator.made(f"{year}/agree", {"skills": ["digital"]})
    await coordinator.made(f"{year}/commission", {"skill": "digital", "course_id": course, "places": 9})
    assert (await coordinator.post(path, {"reason": "wrong"})).status_code == 409
    commissioned = await last_of(coordinator, year, "learning-commissioned")
    await coordinator.made(f"{year}/facts/{commissioned['id']}/void", {"reason": "wrong"})
    await coordinator.made(path, {"reason": "wrong"})


@pytest.mark.parametrize("path", ["/courses", "/cohorts", "/bookings", "/places", "/waiting"])
async def test_nobody_comes_in_without_a_token_or_with_another_role(as_role: As, path: str) -> None:
    assert (await as_role(None).get(path)).status_code == 401
    assert (await as_role("board").get(path)).status_code == 403
