"""A T Level student's year with a hospital and a care provider, and an apprentice who changes employer and is assessed twice."""

from typing import Any

from tests.desk import Desk, Desks, Json, Known, day

from kit.testing.waiting import until

from .conftest import COLLEGE, COUNCIL, HOSPICE, HOSPITALS


def begun(person: str, **more: Any) -> Json:
    return {
        "person_id": person, "provider": COLLEGE, "start_year": 2025, "specialism": "adult-nursing",
        "occurred_on": day(300), **more,
    }  # fmt: skip


def joined(employer: str, setting: str) -> Json:
    return {"employer": employer, "setting": setting, "occurred_on": day(299)}


def worked(employer: str, ago: int, hours: float = 10.5, **more: Any) -> Json:
    return {"employer": employer, "hours": hours, "occurred_on": day(ago), **more}


async def test_a_student_s_year_is_shared_by_a_hospital_and_a_care_provider_and_tasted_elsewhere(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, hospice, council, college = (desks("partner", each) for each in (HOSPITALS, HOSPICE, COUNCIL, COLLEGE))
    (hana,) = await known_at(HOSPITALS, "hana")
    path = f"/pathways/{(await academy.do('POST', '/pathways', begun(hana)))['id']}"
    waits = [row["why"] for row in (await academy.get("/waiting", aggregate="pathway"))["rows"] if _is(row, path)]
    assert waits == ["find-care-employer", "find-health-employer"]
    for employer, setting in ((HOSPITALS, "health"), (HOSPICE, "care")):
        await academy.do("POST", f"{path}/join", joined(employer, setting))
    assert "setting-taken" in await academy.refusal(f"{path}/join", joined(COUNCIL, "care"))

    for number in range(15):
        await hospitals.do("POST", f"{path}/log-hours", worked(HOSPITALS, 280 - number))
    assert "not-your-organisation" in await hospitals.refusal(f"{path}/log-hours", worked(HOSPICE, 200))
    await hospice.table(
        "/pathways/log-hours/rows",
        *({"id": path.rpartition("/")[2], **worked(HOSPICE, 200 - number)} for number in range(11)),
    )
    await college.do("POST", f"{path}/log-hours", worked(COUNCIL, 150, 7.0, taster=True))
    more = worked(COUNCIL, 149, 12.0, taster=True)
    await college.do("POST", f"{path}/log-hours", more)
    await college.do("POST", f"{path}/log-hours", worked(COUNCIL, 148, 12.0, taster=True))
    said = await college.refusal(f"{path}/log-hours", worked(COUNCIL, 147, 5.0, taster=True))
    assert "35 of the 315 hours may be tasters; 31 are" in said
    assert "404" in await council.refusal(path)

    done = await hospice.do("POST", f"{path}/log-hours", worked(HOSPICE, 140, 11.0))
    assert (done["status"], done["since"]) == ("completed", day(140))
    assert [row["status"] for row in (await college.get("/pathways", person_id=hana))["rows"]] == ["completed"]
    was_ill = await academy.void(path, "placement-hours-logged")
    assert was_ill["status"] == "placed"
    assert (await college.get(path))["status"] == "placed"

    async def complete() -> bool:
        return bool((await college.get(path))["status"] == "completed")

    await academy.restore(path, "placement-hours-logged")
    await until(complete, 60, "the hours are done after all")
    longer = await academy.correct(path, "placement-hours-logged", hours=12.0)
    assert longer["days"][-1]["hours"] == 12.0
    await until(complete, 60, "the hours are done after all")


def _is(row: Json, path: str) -> bool:
    return bool(row["aggregate_id"] == path.rpartition("/")[2])


async def test_a_college_s_new_year_comes_as_a_spreadsheet_and_one_student_leaves(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    ian, jay, kim = await known_at(COUNCIL, "ian", "jay", "kim")
    first, second = await academy.table("/pathways/rows", begun(ian), begun(jay))
    lines = ({"id": each, **joined(HOSPITALS, "health")} for each in (first, second))
    await academy.table("/pathways/join/rows", *lines)
    await academy.table("/pathways/end/rows", {"id": second, "reason": "left-the-course", "occurred_on": day(100)})
    seen = {row["id"]: row["status"] for row in (await desks("partner", HOSPITALS).get("/pathways"))["rows"]}
    assert (seen[first], seen[second]) == ("placed", "ended")
    third = f"/pathways/{(await academy.do('POST', '/pathways', begun(kim)))['id']}"
    ended = await academy.do("POST", f"{third}/end", {"reason": "left-the-course"})
    assert ended["status"] == "ended"


def agreed(person: str, **more: Any) -> Json:
    return {
        "person_id": person, "employer": HOSPICE, "provider": COLLEGE, "standard": "ST0216", "standard_version": "1.1",
        "starts_on": day(500), "off_the_job_hours": 13.0, "occurred_on": day(520), **more,
    }  # fmt: skip


async def test_an_apprentice_goes_on_with_another_employer_after_a_break_and_passes_the_second_time(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospice, council, college = (desks("partner", each) for each in (HOSPICE, COUNCIL, COLLEGE))
    (lou,) = await known_at(HOSPICE, "lou")
    path = f"/apprenticeships/{(await hospice.do('POST', '/apprenticeships', agreed(lou)))['id']}"
    waits = [
        row["why"] for row in (await hospice.get("/waiting", aggregate="apprenticeship"))["rows"] if _is(row, path)
    ]
    assert waits == ["begin"]

    async def step(desk: Desk, name: str, ago: int, **said: Any) -> Json:
        return dict(await desk.do("POST", f"{path}/{name}", {**said, "occurred_on": day(ago)}))

    await step(hospice, "begin", 500)
    await step(college, "log-off-the-job", 490, hours=6.5)
    await step(hospice, "pause", 400, reason="illness")
    assert "not-learning-then" in await college.refusal(
        f"{path}/log-off-the-job", {"hours": 6.5, "occurred_on": day(390)}
    )
    await step(hospice, "resume", 380)
    await step(hospice, "change-employer", 300, employer=COUNCIL)
    assert "404" in await hospice.refusal(path)
    assert (await council.get(path))["employer"] == COUNCIL
    early = await council.refusal(f"{path}/reach-gateway", {"occurred_on": day(299)})
    assert "too-short" in early
    few = await council.refusal(f"{path}/reach-gateway", {"occurred_on": day(100)})
    assert "6.5 are missing" in few
    await step(college, "log-off-the-job", 200, hours=6.5)
    await step(council, "reach-gateway", 100)
    waits = [
        row["why"] for row in (await council.get("/waiting", aggregate="apprenticeship"))["rows"] if _is(row, path)
    ]
    assert waits == ["begin-assessment"]
    await step(council, "begin-assessment", 90)
    assert (await step(college, "assess", 80, grade="fail"))["status"] == "gateway"
    await step(council, "begin-assessment", 60)
    assert (await step(college, "assess", 40, grade="merit"))["grade"] == "merit"
    seen = (await council.get("/apprenticeships", person_id=lou))["rows"]
    assert [(row["status"], row["grade"]) for row in seen] == [("completed", "merit")]

    right = await academy.correct(path, "apprenticeship-completed", grade="distinction")
    assert right["grade"] == "distinction"
    assert (await academy.void(path, "apprenticeship-completed"))["status"] == "assessment"
    assert (await academy.restore(path, "apprenticeship-completed"))["grade"] == "distinction"
    lines = (await council.get(f"{path}/history"))["lines"]
    assert [line["type"].split(".")[-2] for line in lines][-3:] == ["fact-corrected", "fact-voided", "fact-restored"]


async def test_a_training_provider_keeps_its_apprentices_in_a_spreadsheet_and_one_stops(
    desks: Desks, known_at: Known
) -> None:
    college, hospice = desks("partner", COLLEGE), desks("partner", HOSPICE)
    max_, nia = await known_at(HOSPICE, "max", "nia")
    first, second = await college.table("/apprenticeships/rows", agreed(max_), agreed(nia))

    async def line(name: str, ago: int, id_: str = first, **said: Any) -> None:
        await college.table(f"/apprenticeships/{name}/rows", {"id": id_, **said, "occurred_on": day(ago)})

    await line("begin", 500)
    await line("log-off-the-job", 480, hours=6.5)
    await line("log-off-the-job", 473, hours=6.5)
    await line("pause", 300, reason="illness")
    await line("resume", 290)
    await line("change-employer", 280, employer=COUNCIL)
    await line("reach-gateway", 100)
    await line("begin-assessment", 90)
    await line("assess", 80, grade="pass")
    await line("stop", 90, second, reason="left-employment")
    rows = (await college.get("/apprenticeships", provider=COLLEGE, limit=200))["rows"]
    seen = {row["id"]: (row["status"], row["employer"]) for row in rows}
    assert (seen[first], seen[second]) == (("completed", COUNCIL), ("stopped", HOSPICE))
    third = f"/apprenticeships/{(await hospice.do('POST', '/apprenticeships', agreed(nia)))['id']}"
    await hospice.do("POST", f"{third}/stop", {"reason": "changed-career"})
    assert (await college.get(third))["status"] == "stopped"
