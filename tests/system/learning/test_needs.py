"""A year of the Learning Needs Analysis: partners say what they need, the city ranks it, agrees, and commissions a course."""

from typing import Any

from tests.desk import Desk, Desks, Json, day

from city.client import Caller
from kit.testing.waiting import until

from .conftest import COUNCIL, HOSPICE, HOSPITALS, SECTORS
from .test_places import course

WEIGHTS = [{"by": "people", "points": 1}, {"by": "organisations", "points": 50}]


def need(organisation: str, skill: str, people: int, **more: Any) -> Json:
    return {
        "organisation": organisation, "sector": SECTORS[organisation], "role_group": "care-assistants", "skill": skill,
        "people": people, "priority": 2, "occurred_on": day(130), **more,
    }  # fmt: skip


async def closed(desk: Caller, path: str) -> None:
    """Return when the cycle takes needs no more: its last day is over."""

    async def submitted() -> bool:
        return bool((await desk.get(path))["status"] == "submitted")

    await until(submitted, 60, "the last day for needs is over")


async def test_what_two_small_organisations_need_comes_before_what_one_large_one_needs_and_is_commissioned(
    academy: Desk, desks: Desks
) -> None:
    hospitals, council, hospice = (desks("partner", each) for each in (HOSPITALS, COUNCIL, HOSPICE))
    year = {"year": 2031, "closes_on": day(100), "weights": WEIGHTS, "occurred_on": day(160)}
    path = f"/cycles/{(await academy.do('POST', '/cycles', year))['id']}"
    await hospitals.do("POST", f"{path}/submit", need(HOSPITALS, "digital", 80))
    await council.do("POST", f"{path}/submit", need(COUNCIL, "dementia-care", 20))
    await hospice.do("POST", f"{path}/submit", need(HOSPICE, "dementia-care", 20))
    seen = await hospice.do("POST", f"{path}/submit", need(HOSPICE, "digital", 400))
    mistaken = seen["needs"][-1]["id"]
    assert "not-your-organisation" in await council.refusal(f"{path}/withdraw-need", {"need_id": mistaken})
    await hospice.do("POST", f"{path}/withdraw-need", {"need_id": mistaken, "occurred_on": day(120)})
    await closed(academy, path)

    ranked = await academy.do("POST", f"{path}/consolidate", {"occurred_on": day(90)})
    first, second = ranked["priorities"]
    assert (first["skill"], first["points"], second["skill"], second["points"]) == (
        "dementia-care", 140, "digital", 130,
    )  # fmt: skip
    assert {each["by"]: each["points"] for each in first["reasons"]} == {"people": 40, "organisations": 100}
    assert "reason-needed" in await academy.refusal(f"{path}/agree", {"skills": ["digital"]})
    await academy.do("POST", f"{path}/agree", {"skills": ["dementia-care"], "occurred_on": day(80)})
    teaches = await course(academy, "Dementia care, commissioned", category="short-course")
    done = {"skill": "dementia-care", "course_id": teaches, "places": 60, "occurred_on": day(60)}
    await academy.do("POST", f"{path}/commission", done)

    board = await desks("board").get("/cycles", year=2031)
    assert [(row["status"], row["agreed"]) for row in board["rows"]] == [("commissioned", ["dementia-care"])]
    better = await academy.correct(path, "learning-commissioned", places=45)
    assert [each["places"] for each in better["commissions"]] == [45]
    assert (await academy.void(path, "learning-commissioned"))["status"] == "agreed"
    again = await academy.restore(path, "learning-commissioned")
    assert (again["status"], [each["places"] for each in again["commissions"]]) == ("commissioned", [45])
    lines = (await desks("auditor").get(f"{path}/history"))["lines"]
    assert len([line for line in lines if ".fact-" in line["type"]]) == 3


async def test_a_year_is_kept_in_spreadsheets_as_well(academy: Desk, desks: Desks) -> None:
    council = desks("partner", COUNCIL)
    weights = "|".join(f"by={each['by']} points={each['points']}" for each in WEIGHTS)
    year = {"year": 2032, "closes_on": day(100), "weights": weights, "occurred_on": day(160)}
    (id_,) = await academy.table("/cycles/rows", year)
    path = f"/cycles/{id_}"
    asked = [need(COUNCIL, skill, 30) for skill in ("digital", "dementia-care", "first-aid")]
    await council.table("/cycles/submit/rows", *({"id": id_, **each} for each in asked))
    first_aid = (await council.get(path))["needs"][-1]["id"]
    await council.table("/cycles/withdraw-need/rows", {"id": id_, "need_id": first_aid, "occurred_on": day(110)})
    await closed(academy, path)
    await academy.table("/cycles/consolidate/rows", {"id": id_, "occurred_on": day(90)})
    skills = [each["skill"] for each in (await council.get(path))["priorities"]]
    assert sorted(skills) == ["dementia-care", "digital"]
    await academy.table("/cycles/agree/rows", {"id": id_, "skills": "|".join(skills), "occurred_on": day(80)})
    teaches = await course(academy, "Agreed in a spreadsheet")
    line = {"id": id_, "course_id": teaches, "places": 20, "occurred_on": day(70)}
    await academy.table("/cycles/commission/rows", *({**line, "skill": skill} for skill in skills))
    seen = await council.get(path)
    assert (seen["status"], len(seen["commissions"])) == ("commissioned", 2)
