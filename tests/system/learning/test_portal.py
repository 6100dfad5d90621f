"""The Learning Portal: what one organisation publishes, anybody of another learns; what starters learn first; what is let go."""

from typing import Any

import httpx2
from tests.desk import Desk, Desks, Json, Known, csrf_of, day

from kit.testing.waiting import until

from .conftest import COUNCIL, GPS, HOSPICE, HOSPITALS, SECTORS
from .test_places import course


def enrolling(course_id: str, person: str, organisation: str, **more: Any) -> Json:
    own = {"course_id": course_id, "person_id": person, "organisation": organisation}
    return {**own, "sector": SECTORS[organisation], "occurred_on": day(50), **more}


async def test_staff_of_one_partner_learn_what_another_provides_and_the_catalogue_says_what_is_on_offer(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospice = desks("partner", HOSPICE)
    cat, dev = await known_at(HOSPICE, "cat", "dev")
    id_ = await course(academy, "Sepsis, in an hour", category="short-course", online=True)
    path = f"/courses/{id_}"
    assert (await hospice.get(path))["provider"] == COUNCIL
    online = (await hospice.get("/courses", online=True, status="published"))["rows"]
    assert id_ in {row["id"] for row in online}
    learns = f"/enrolments/{(await hospice.do('POST', '/enrolments', enrolling(id_, cat, HOSPICE)))['id']}"
    leaves = f"/enrolments/{(await hospice.do('POST', '/enrolments', enrolling(id_, dev, HOSPICE)))['id']}"
    waits = {row["aggregate_id"] for row in (await hospice.get("/waiting", aggregate="enrolment"))["rows"]}
    assert waits >= {learns.rpartition("/")[2], leaves.rpartition("/")[2]}

    await hospice.do("POST", f"{learns}/complete", {"occurred_on": day(20)})
    learned = (await academy.get(f"/persons/{cat}/transcript"))["courses"]
    assert [(each["title"], each["completed_on"]) for each in learned] == [("Sepsis, in an hour", day(20))]
    moved = await academy.correct(learns, "learning-completed", occurred_on=day(19))
    assert (moved["status"], moved["since"]) == ("completed", day(19))
    assert (await academy.void(learns, "learning-completed"))["status"] == "enrolled"
    assert (await academy.get(f"/persons/{cat}/transcript"))["courses"] == []
    assert (await academy.restore(learns, "learning-completed"))["status"] == "completed"
    await hospice.do("POST", f"{leaves}/end", {"reason": "no-longer-needed"})
    assert (await hospice.get(leaves))["reason"] == "no-longer-needed"
    mine = (await hospice.get("/enrolments", course_id=id_))["rows"]
    assert {row["person_id"]: row["status"] for row in mine} == {cat: "completed", dev: "ended"}
    assert (await desks("partner", GPS).get("/enrolments", course_id=id_))["rows"] == []

    better = await academy.correct(path, "course-published", title="Sepsis, in half an hour", hours=0.5)
    assert (await hospice.get(path))["title"] == better["title"]
    await academy.do("POST", f"{path}/retire", {"reason": "replaced"})
    assert "course-retired" in await hospice.refusal("/enrolments", enrolling(id_, dev, HOSPICE))
    assert (await academy.void(path, "course-retired"))["status"] == "published"
    assert (await academy.restore(path, "course-retired"))["status"] == "retired"


async def test_a_carer_sees_what_she_is_to_learn_and_begins_another_course_alone(
    academy: Desk, desks: Desks, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    hospice = desks("partner", HOSPICE)
    (hoa,) = await known_at(HOSPICE, "hoa")
    first, second = [await course(academy, title, online=True) for title in ("Given to her", "Chosen by her")]
    await hospice.do("POST", "/enrolments", enrolling(first, hoa, HOSPICE))
    link = (await academy.do("POST", f"/persons/{hoa}/own-page"))["url"]
    await browser.post("/my/learning/start", data={"code": link.partition("?code=")[2]})
    assert "Given to her" in (await browser.get("/my/learning")).text
    form = (await browser.get("/my/learning/catalogue")).text
    chosen = {"course": second, "organisation": HOSPICE, **csrf_of(form)}
    assert (await browser.post("/my/learning/catalogue", data=chosen)).status_code == 303
    mine = (await hospice.get("/enrolments", person_id=hoa))["rows"]
    assert {row["course_id"] for row in mine} == {first, second}


async def test_a_learning_system_s_list_of_completions_comes_as_a_spreadsheet(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    practice = desks("partner", GPS)
    eli, flo = await known_at(GPS, "eli", "flo")
    id_ = await course(academy, "Receiving people well", category="short-course", online=True)
    first, second = await practice.table("/enrolments/rows", enrolling(id_, eli, GPS), enrolling(id_, flo, GPS))
    await practice.table("/enrolments/complete/rows", {"id": first, "occurred_on": day(30)})
    await practice.table("/enrolments/end/rows", {"id": second, "reason": "left-the-organisation"})
    mine = (await practice.get("/enrolments", course_id=id_))["rows"]
    assert {row["person_id"]: row["status"] for row in mine} == {eli: "completed", flo: "ended"}


async def test_what_starters_learn_first_is_the_employer_s_own_and_changes_with_its_next_version(
    academy: Desk, desks: Desks
) -> None:
    hospitals, council = desks("partner", HOSPITALS), desks("partner", COUNCIL)
    welcome, tour = [await course(academy, title, online=True, category="induction") for title in ("Hello", "The tour")]
    own = {"organisation": HOSPITALS, "sector": "nhs-trust", "soc2020": "2211", "occurred_on": day(300)}
    path = f"/inductions/{(await hospitals.do('POST', '/inductions', {**own, 'courses': [welcome]}))['id']}"
    assert "not-your-organisation" in await council.refusal("/inductions", {**own, "courses": [tour]})
    await hospitals.do("POST", f"{path}/change", {"courses": [welcome, tour], "occurred_on": day(100)})
    (seen,) = (await council.get("/inductions", organisation=HOSPITALS, soc2020="2211"))["rows"]
    assert (seen["courses"], seen["within_days"]) == ([welcome, tour], 28)
    await hospitals.do("POST", f"{path}/retire", {"reason": "merged", "occurred_on": day(10)})
    later = await academy.correct(path, "induction-retired", reason="replaced")
    assert (later["status"], later["reason"]) == ("retired", "replaced")
    assert (await academy.void(path, "induction-retired"))["status"] == "standing"
    assert (await academy.restore(path, "induction-retired"))["status"] == "retired"
    assert (await hospitals.get(path))["reason"] == "replaced"

    line = {**own, "soc2020": "2212", "courses": f"{welcome}|{tour}", "within_days": 14}
    (id_,) = await hospitals.table("/inductions/rows", line)
    await hospitals.table("/inductions/change/rows", {"id": id_, "courses": tour, "within_days": 7})
    assert (await hospitals.get(f"/inductions/{id_}"))["courses"] == [tour]
    await hospitals.table("/inductions/retire/rows", {"id": id_, "reason": "merged"})
    assert (await hospitals.get(f"/inductions/{id_}"))["status"] == "retired"


async def test_the_officer_answers_a_request_for_access_and_keeps_a_record_that_is_complained_about(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    officer, hospice = desks("data-protection-officer"), desks("partner", HOSPICE)
    (gil,) = await known_at(HOSPICE, "gil")
    id_ = await course(academy, "Ended long ago", online=True)
    made = await hospice.do("POST", "/enrolments", enrolling(id_, gil, HOSPICE, occurred_on=day(590)))
    await hospice.do("POST", f"/enrolments/{made['id']}/end", {"reason": "other", "occurred_on": day(580)})
    held = await officer.get(f"/persons/{gil}/held")
    assert [record["id"] for record in held["records"]] == [made["id"]]

    async def due() -> list[str]:
        found = await officer.get("/retention", until=day(-365), limit=200)
        return [row["aggregate_id"] for row in found["rows"]]

    assert made["id"] in await due()
    kept = {"until": day(-700), "reason": "complaint"}
    await officer.do("POST", f"/retention/{made['id']}/keep-longer", kept)

    async def put_off() -> bool:
        return made["id"] not in await due()

    await until(put_off, 30, "the deadline is set anew")
