"""The Academy's assistant works from spreadsheets: a cohort from its plan to its evaluation, and a year of needs, line by line."""

from tests.desk import Desk, Desks, Known, day

from .conftest import COUNCIL, HOSPICE, HOSPITALS, row_of, team
from .test_places import statuses
from .test_registers import FIRST, SECOND, answer_of, by_person


async def test_a_cohort_is_planned_booked_kept_and_evaluated_from_spreadsheets(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    pia, quin, rob, sue, tim = await known_at(COUNCIL, "pia", "quin", "rob", "sue", "tim")
    plan = {"title": "From a spreadsheet", "category": "facilitation", "provider": COUNCIL, "hours": 3.5}
    wanted, spare = await academy.table(
        "/courses/rows", {**plan, "occurred_on": day(600)}, {**plan, "title": "A spare", "occurred_on": day(600)}
    )
    cohort = {"sessions": f"{FIRST}|{SECOND}", "places": 2, "occurred_on": day(300)}
    id_, other = await academy.table("/cohorts/rows", *({**cohort, "course_id": each} for each in (wanted, spare)))
    path = f"/cohorts/{id_}"
    line = {"id": id_, **row_of(team(COUNCIL, pia, quin, rob, occurred_on=day(200)))}
    await academy.table("/cohorts/book/rows", line)
    ids = by_person(await academy.get(path), "id")

    await academy.table(
        "/cohorts/swap/rows",
        {"id": id_, "booking_id": ids[quin], "learner.person_id": sue, "occurred_on": day(190)},
    )
    ids = by_person(await academy.get(path), "id")
    await academy.table("/cohorts/confirm/rows", {"id": id_, "booking_id": ids[sue], "occurred_on": day(189)})
    gone = {"id": id_, "booking_id": ids[pia], "reason": "illness", "occurred_on": FIRST}
    await academy.table("/cohorts/cancel-booking/rows", {**gone, "occurred_on": day(133)})
    seen = await statuses(desks("partner", COUNCIL), path)
    assert (seen[pia], seen[quin], seen[sue]) == ("cancelled", "cancelled", "confirmed")

    walked = {"id": id_, "session": FIRST, **row_of(team(COUNCIL, tim))}
    await academy.table("/cohorts/walk-ins/rows", walked)
    ids = by_person(await academy.get(path), "id")
    for session in (FIRST, SECOND):
        came = {"id": id_, "session": session, "attended": f"{ids[sue]}|{ids[tim]}"}
        await academy.table("/cohorts/register/rows", came)
    closed = {"id": id_, "occurred_on": SECOND}
    await academy.table("/cohorts/hold/rows", closed)
    await academy.table("/cohorts/reopen/rows", {"id": id_, "reason": "closed-too-early"})
    await academy.table("/cohorts/hold/rows", closed)
    seen = await statuses(desks("partner", COUNCIL), path)
    assert (seen[sue], seen[tim]) == ("completed", "completed")

    await academy.table("/cohorts/evaluate/rows", {"id": id_, **answer_of(ids[sue], 4)})
    await academy.table("/cohorts/report-use/rows", {"id": id_, "booking_id": ids[sue], "used": "yes"})
    (used,) = await academy.said(path, "use-reported")
    assert used["said"]["used"] is True

    await academy.table("/cohorts/cancel/rows", {"id": other, "reason": "too-few"})
    await academy.table("/courses/retire/rows", {"id": spare, "reason": "nobody-came"})
    catalogue = (await desks("partner", HOSPITALS).get("/courses", category="facilitation"))["rows"]
    seen = {row["title"]: row["status"] for row in catalogue}
    assert (seen["From a spreadsheet"], seen["A spare"]) == ("published", "retired")


async def test_who_was_offered_a_place_is_written_down_from_a_list_of_answers(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    una, vic = await known_at(HOSPICE, "una", "vic")
    plan = {"title": "Answers by telephone", "category": "digital", "provider": COUNCIL, "hours": 3.5}
    (course,) = await academy.table("/courses/rows", {**plan, "occurred_on": day(600)})
    (id_,) = await academy.table(
        "/cohorts/rows", {"course_id": course, "sessions": day(-50), "places": 1, "occurred_on": day(60)}
    )
    path = f"/cohorts/{id_}"
    await academy.table("/cohorts/book/rows", {"id": id_, **row_of(team(HOSPICE, una, vic, occurred_on=day(9)))})
    ids = by_person(await academy.get(path), "id")
    await academy.table("/cohorts/cancel-booking/rows", {"id": id_, "booking_id": ids[una], "reason": "work"})
    assert (await statuses(desks("partner", HOSPICE), path))[vic] == "offered"
    await academy.table("/cohorts/take/rows", {"id": id_, "booking_id": ids[vic]})
    assert (await statuses(desks("partner", HOSPICE), path))[vic] == "booked"
