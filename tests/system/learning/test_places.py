"""Places of a cohort: booked by a team's own manager, kept for partners and released, given up, offered, lapsed and taken.

The Academy schedules; HR of the hospitals, the council and a hospice see their own learners and the places that are left for them.
"""

from typing import Any

import httpx2
from tests.desk import Desk, Desks, Known, csrf_of, day

from kit.testing.waiting import until

from .conftest import COUNCIL, GPS, HOSPICE, HOSPITALS, team

AHEAD = day(-40)


async def course(academy: Desk, title: str, **more: Any) -> str:
    fields = {
        "title": title, "category": "better-conversations", "provider": COUNCIL, "hours": 7.0, "occurred_on": day(600),
    }  # fmt: skip
    return str((await academy.do("POST", "/courses", {**fields, **more}))["id"])


async def scheduled(academy: Desk, title: str, **plan: Any) -> str:
    """The path of a cohort that is to come."""
    asked = {"course_id": await course(academy, title), "sessions": [AHEAD], "occurred_on": day(60), **plan}
    return f"/cohorts/{(await academy.do('POST', '/cohorts', asked))['id']}"


async def left(desk: Desk, path: str) -> int | None:
    """The places that somebody's organisation can still book; None: the cohort cannot be booked."""
    rows = (await desk.get("/places", limit=200))["rows"]
    return next((row["left"] for row in rows if row["cohort_id"] == path.rpartition("/")[2]), None)


async def statuses(desk: Desk, path: str) -> dict[str, str]:
    """How everybody stands whom this desk sees, by person."""
    rows = (await desk.get("/bookings", cohort_id=path.rpartition("/")[2]))["rows"]
    return {row["person_id"]: row["status"] for row in rows}


async def of(desk: Desk, path: str, person: str) -> str:
    """The booking of a person."""
    rows = (await desk.get("/bookings", cohort_id=path.rpartition("/")[2], person_id=person))["rows"]
    return str(rows[-1]["id"])


async def test_a_manager_books_her_team_and_a_place_that_comes_free_goes_to_who_waits_until_one_takes_it(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, hospice = desks("partner", HOSPITALS), desks("partner", HOSPICE)
    ada, ben, fay = await known_at(HOSPITALS, "ada", "ben", "fay")
    cyn, dan, eve = await known_at(HOSPICE, "cyn", "dan", "eve")
    path = await scheduled(academy, "Better Conversations for wards", places=2)
    catalogue = (await hospitals.get("/courses", category="better-conversations"))["rows"]
    assert "Better Conversations for wards" in [row["title"] for row in catalogue]
    assert await left(hospitals, path) == 2

    await hospitals.do("POST", f"{path}/bookings", team(HOSPITALS, ada, ben, occurred_on=day(30)))
    assert await left(hospice, path) == 0
    await hospice.do("POST", f"{path}/bookings", team(HOSPICE, cyn, dan, eve, occurred_on=day(20)))
    assert await statuses(hospice, path) == dict.fromkeys((cyn, dan, eve), "waiting")

    swapped = {"booking_id": await of(hospitals, path, ada), "learner": {"person_id": fay}, "occurred_on": day(12)}
    await hospitals.do("POST", f"{path}/bookings/swap", swapped)
    confirmed = {"booking_id": await of(hospitals, path, fay), "occurred_on": day(11)}
    await hospitals.do("POST", f"{path}/bookings/confirm", confirmed)
    given_up = {"booking_id": await of(hospitals, path, ben), "reason": "work", "occurred_on": day(10)}
    await hospitals.do("POST", f"{path}/bookings/cancel-booking", given_up)
    assert await statuses(hospitals, path) == {ada: "cancelled", ben: "cancelled", fay: "confirmed"}

    async def two_let_it_lapse() -> bool:
        return await statuses(hospice, path) == {cyn: "lapsed", dan: "lapsed", eve: "offered"}

    await until(two_let_it_lapse, 60, "each offer lasts three days and goes on to the next")
    move = next(row for row in (await academy.get("/waiting", who="learner", limit=200))["rows"] if _of(row, path))
    assert (move["why"], move["since"]) == (f"take-place-{await of(hospice, path, eve)}", day(2))
    await hospice.do("POST", f"{path}/bookings/take", {"booking_id": await of(hospice, path, eve)})
    assert (await statuses(hospice, path))[eve] == "booked"
    assert await left(hospitals, path) == 0


def _of(row: dict[str, Any], path: str) -> bool:
    return bool(row["aggregate_id"] == path.rpartition("/")[2])


async def test_a_learner_takes_on_her_own_page_the_place_that_another_gave_up_there(
    academy: Desk, desks: Desks, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    hospice = desks("partner", HOSPICE)
    lin, mei = await known_at(HOSPICE, "lin", "mei")
    path = await scheduled(academy, "One place for two", places=1)
    await hospice.do("POST", f"{path}/bookings", team(HOSPICE, lin, mei))
    for person, answer, becomes in ((lin, "illness", "cancelled"), (mei, "yes", "booked")):
        link = (await academy.do("POST", f"/persons/{person}/own-page"))["url"]
        await browser.post("/my/learning/start", data={"code": link.partition("?code=")[2]})
        place = f"/my/learning/place/{await of(hospice, path, person)}"
        form = (await browser.get(place)).text
        assert (await browser.post(place, data={"place": answer, **csrf_of(form)})).status_code == 303
        assert (await statuses(hospice, path))[person] == becomes


async def test_places_that_the_council_kept_and_did_not_use_go_to_everybody_on_the_day_that_was_agreed(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, council = desks("partner", HOSPITALS), desks("partner", COUNCIL)
    (gus,) = await known_at(COUNCIL, "gus")
    (hal,) = await known_at(HOSPITALS, "hal")
    shares = [{"organisation": COUNCIL, "places": 3}]
    kept = await scheduled(academy, "Kept for the council", places=3, shares=shares, release_on=day(-10))
    assert (await left(council, kept), await left(hospitals, kept)) == (3, 0)
    await council.do("POST", f"{kept}/bookings", team(COUNCIL, gus))
    await hospitals.do("POST", f"{kept}/bookings", team(HOSPITALS, hal))
    assert await statuses(hospitals, kept) == {hal: "waiting"}

    released = await scheduled(academy, "Released", places=3, shares=shares, release_on=day(5))

    async def everybodys() -> bool:
        return await left(hospitals, released) == 3

    await until(everybodys, 60, "the day of release has come")
    (said,) = await academy.said(released, "places-released")
    assert (said["said"]["occurred_on"], said["actor"]) == (day(5), "deadline")
    await hospitals.do("POST", f"{released}/bookings", team(HOSPITALS, hal))
    assert await statuses(hospitals, released) == {hal: "booked"}


async def test_the_academy_does_all_of_it_for_a_practice_and_cancels_the_cohort_when_nobody_can_teach_it(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    ivy, jon, kit = await known_at(GPS, "ivy", "jon", "kit")
    path = await scheduled(academy, "For practices", places=1)
    booked = await academy.do("POST", f"{path}/book", team(GPS, ivy, jon, occurred_on=day(30)))
    first, second = (each["id"] for each in booked["bookings"])
    away = {"booking_id": first, "reason": "illness", "occurred_on": day(1)}
    after = await academy.do("POST", f"{path}/cancel-booking", away)
    assert [each["status"] for each in after["bookings"]] == ["cancelled", "offered"]
    await academy.do("POST", f"{path}/take", {"booking_id": second})
    swap = {"booking_id": second, "learner": {"person_id": kit}}
    after = await academy.do("POST", f"{path}/swap", swap)
    last = after["bookings"][-1]
    assert (last["person_id"], last["status"]) == (kit, "booked")
    await academy.do("POST", f"{path}/confirm", {"booking_id": last["id"]})
    newest = (await academy.get("/cohorts", status="scheduled"))["rows"][0]
    assert f"/cohorts/{newest['id']}" == path
    await academy.do("POST", f"{path}/cancel", {"reason": "no-facilitator"})
    seen = await desks("auditor").get(path)
    assert (seen["status"], [each["status"] for each in seen["bookings"]]) == ("cancelled", ["cancelled"] * 3)
    assert await left(desks("partner", GPS), path) is None
