"""Registers: who came, who walked in, what was found out later; and what the learner and the learner's next employer see of it."""

import re
from typing import Any

import httpx2
from tests.desk import Desk, Desks, Known, csrf_of, day

from city.client import Caller
from kit.testing.waiting import until

from .conftest import COUNCIL, GPS, HOSPICE, team
from .test_places import course

FIRST, SECOND = day(130), day(123)
HOME = "/my/learning"


async def held(academy: Desk, title: str, places: int = 5, **teaches: Any) -> str:
    """The path of a cohort whose two sessions are over, and whose register is open."""
    made = await course(academy, title, **teaches)
    plan = {"course_id": made, "sessions": [FIRST, SECOND], "places": places, "occurred_on": day(200)}
    return f"/cohorts/{(await academy.do('POST', '/cohorts', plan))['id']}"


def by_person(cohort: dict[str, Any], what: str = "status") -> dict[str, str]:
    return {each["person_id"]: each[what] for each in cohort["bookings"]}


async def test_a_facilitator_s_second_list_is_found_and_what_the_first_one_said_is_put_right(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    lea, mia, ned = await known_at(COUNCIL, "lea", "mia", "ned")
    path = await held(academy, "With two lists")
    booked = await academy.do("POST", f"{path}/book", team(COUNCIL, lea, mia, occurred_on=day(180)))
    ids = by_person(booked, "id")
    waits = (await academy.get("/waiting", who="coordinator", aggregate="cohort", limit=200))["rows"]
    assert path.rpartition("/")[2] in {row["aggregate_id"] for row in waits if row["why"] == "close-register"}

    await academy.do("POST", f"{path}/register", {"session": FIRST, "attended": [ids[lea]]})
    walked = await academy.do("POST", f"{path}/walk-ins", team(COUNCIL, ned, session=FIRST))
    ids = by_person(walked, "id")
    await academy.do("POST", f"{path}/register", {"session": SECOND, "attended": [ids[lea], ids[ned]]})
    closed = await academy.do("POST", f"{path}/hold", {"occurred_on": SECOND})
    assert by_person(closed) == {lea: "completed", mia: "not-attended", ned: "completed"}

    opened = await academy.do("POST", f"{path}/reopen", {"reason": "list-found"})
    assert by_person(opened) == {lea: "booked", mia: "booked", ned: "booked"}
    await academy.do("POST", f"{path}/register", {"session": SECOND, "attended": [ids[lea], ids[mia], ids[ned]]})
    closed = await academy.do("POST", f"{path}/hold", {"occurred_on": SECOND})
    assert by_person(closed) == {lea: "completed", mia: "partly-completed", ned: "completed"}

    moved = await academy.correct(path, "course-partly-completed", occurred_on=day(122))
    assert by_person(moved, "since")[mia] == day(122)
    taken_back = await academy.void(path, "course-partly-completed")
    assert by_person(taken_back)[mia] == "booked"
    again = await academy.restore(path, "course-partly-completed")
    assert by_person(again)[mia] == "partly-completed"
    lines = (await desks("auditor").get(f"{path}/history"))["lines"]
    assert [line["type"].split(".")[-2] for line in lines[-3:]] == ["fact-corrected", "fact-voided", "fact-restored"]


async def test_a_learner_says_what_it_was_worth_shows_what_she_learned_and_takes_that_back(
    academy: Desk, desks: Desks, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    (ola,) = await known_at(GPS, "ola")
    path = await held(academy, "Seen by its learner")
    booked = await academy.do("POST", f"{path}/book", team(GPS, ola, occurred_on=day(180)))
    (booking,) = by_person(booked, "id").values()
    for session in (FIRST, SECOND):
        await academy.do("POST", f"{path}/register", {"session": session, "attended": [booking]})
    await academy.do("POST", f"{path}/hold", {"occurred_on": SECOND})

    link = (await academy.do("POST", f"/persons/{ola}/own-page"))["url"]
    code = link.partition("?code=")[2]
    asks_first = await browser.get(f"{HOME}/start", params={"code": code})
    assert "Seen by its learner" not in asks_first.text
    await browser.post(f"{HOME}/start", data={"code": code})
    page = (await browser.get(HOME)).text
    assert "Seen by its learner" in page
    form = (await browser.get(f"{HOME}/worth/{booking}")).text
    said = {"rating": "5", "confidence_before": "3", "confidence_after": "8", **csrf_of(form)}
    assert (await browser.post(f"{HOME}/worth/{booking}", data=said)).status_code == 303
    await browser.post(f"{HOME}/use/{booking}", data={"used": "yes", **csrf_of(page)})
    (evaluated,) = await academy.said(path, "course-evaluated")
    assert (evaluated["said"]["confidence_after"], evaluated["actor"]) == (8, "learner")

    shown = (await browser.post(f"{HOME}/code", data=csrf_of(page))).text
    (code,) = re.findall(r'<p class="code">([A-Za-z0-9_-]+)</p>', shown)
    hospice = desks("partner", HOSPICE)
    seen = await hospice.get(f"/transcripts/{code}")
    assert [each["title"] for each in seen["courses"]] == ["Seen by its learner"]
    assert (await academy.get(f"/persons/{ola}/transcript"))["courses"] == seen["courses"]
    given = await academy.do("POST", f"/persons/{ola}/transcript/code")
    assert (await hospice.get(given["path"]))["person_id"] == ola
    await browser.post(f"{HOME}/take-back", data=csrf_of(page))
    for each in (code, given["code"]):
        assert "404" in await hospice.refusal(f"/transcripts/{each}")
    left = await browser.post(f"{HOME}/leave", data=csrf_of(page))
    assert "This page is closed" in left.text


async def test_answers_come_in_and_the_city_reads_a_mean_once_there_are_eight(
    academy: Desk, known_at: Known, board: Caller
) -> None:
    eight = await known_at(COUNCIL, *(f"one-of-eight-{number}" for number in range(8)))
    path = await held(academy, "Evaluated by eight", places=8)
    course_id = (await academy.get(path))["course_id"]
    booked = await academy.do("POST", f"{path}/book", team(COUNCIL, *eight, occurred_on=day(180)))
    bookings = list(by_person(booked, "id").values())
    for session in (FIRST, SECOND):
        await academy.do("POST", f"{path}/register", {"session": session, "attended": bookings})
    await academy.do("POST", f"{path}/hold", {"occurred_on": SECOND})

    async def shown() -> list[tuple[int, str]]:
        """How many answers the city has of this course, and the mean that it shows of them."""
        figure = await board.get("/figures/rating", by="course", profile="internal_exact")
        own = [row for row in figure["groups"] if row["code"] == course_id]
        return [(row["denominator"]["number"], row["value"]["text"]) for row in own]

    for number, booking in enumerate(bookings[:7]):
        await academy.do("POST", f"{path}/evaluate", answer_of(booking, 4 + number % 2))
    await academy.do("POST", f"{path}/report-use", {"booking_id": bookings[0], "used": True})

    async def seven() -> bool:
        return [number for number, _ in await shown()] == [7]

    await until(seven, 60, "reporting counts")
    assert [text for _, text in await shown()] == ["*"]
    await academy.do("POST", f"{path}/evaluate", answer_of(bookings[7], 5))

    async def eighth() -> bool:
        return await shown() == [(8, "4.5")]

    await until(eighth, 60, "reporting counts the eighth, and shows a mean")


def answer_of(booking: str, rating: int) -> dict[str, Any]:
    return {
        "booking_id": booking, "rating": rating, "confidence_before": 4, "confidence_after": 8, "occurred_on": SECOND,
    }  # fmt: skip
