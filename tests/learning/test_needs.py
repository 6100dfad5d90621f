"""The Learning Needs Analysis: every status meets every command; ranks with their reasons; and a year of it on a real database."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from kit.clock import now
from kit.context import Context
from kit.database import Database
from kit.deadlines import Due
from kit.errors import Refused
from kit.testing.client import As, Client
from kit.testing.lives import NOTED
from learning.domain import cycle
from learning.domain.cycle import Cycle
from learning.domain.priorities import BeyondTheScale, Need, rank
from learning.store import aggregates
from learning.testing import (
    AGREE,
    CLOSE_SUBMISSIONS,
    COMMISSION,
    CONSOLIDATE,
    COUNCIL,
    HOSPICE,
    HOSPITALS,
    KINDS,
    NOW,
    OPEN,
    SUBMIT,
    cells,
    day,
    need_id,
    outcome,
    run,
    submit,
)
from schemas.learning import RankedBy, Weight
from schemas.values import business_date

from .test_api import a_course, put_right

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Open": "open"},
    "open": {"Submit": NOTED, "WithdrawNeed": NOTED, "CloseSubmissions": "submitted"},
    "submitted": {
        "Submit": NOTED, "WithdrawNeed": NOTED, "CloseSubmissions": "submitted", "Consolidate": "consolidated",
    },
    "consolidated": {"CloseSubmissions": "consolidated", "Agree": "agreed"},
    "agreed": {"CloseSubmissions": "agreed", "Agree": "agreed", "Commission": "commissioned"},
    "commissioned": {"CloseSubmissions": "commissioned", "Commission": NOTED},
}  # fmt: skip
"""As in test_cohort."""


@pytest.mark.parametrize(("status", "command"), [*cells("cycle")])
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("cycle", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *cycle.Status}
    assert {name for row in LIFE.values() for name in row} == {kind.__name__ for kind in cycle.COMMANDS}


# Ranks -----------------------------------------------------------------------------------------------------------------


def need(number: int, skill: str, people: int, organisation: str = HOSPICE, priority: int = 2) -> Need:
    asked = submit(number, skill, people, organisation, priority)
    return Need(
        id=asked.need_id, organisation=organisation, sector=asked.sector, role_group=asked.role_group, skill=skill,
        people=people, priority=priority, since=day(20),
    )  # fmt: skip


WEIGHTS = (Weight(by=RankedBy.PEOPLE, points=1), Weight(by=RankedBy.ORGANISATIONS, points=50))
DEMENTIA = need(1, "dementia-care", 40)
DIGITAL = need(2, "digital", 60)


def order(*needs: Need, weights: tuple[Weight, ...] = WEIGHTS) -> list[str]:
    return [priority.skill for priority in rank(needs, weights)]


def test_the_order_flips_when_one_more_organisation_needs_the_same() -> None:
    assert order(DEMENTIA, DIGITAL) == ["digital", "dementia-care"]
    assert order(DEMENTIA, DIGITAL, need(3, "dementia-care", 1, COUNCIL)) == ["dementia-care", "digital"]


def test_the_order_flips_when_one_weight_is_another() -> None:
    first = replace_priority(DEMENTIA, 1)
    by_priority = (WEIGHTS[0], Weight(by=RankedBy.PRIORITY, points=10))
    assert order(first, DIGITAL, weights=by_priority) == ["digital", "dementia-care"]
    heavier = (WEIGHTS[0], Weight(by=RankedBy.PRIORITY, points=30))
    assert order(first, DIGITAL, weights=heavier) == ["dementia-care", "digital"]


def replace_priority(asked: Need, priority: int) -> Need:
    return asked.model_copy(update={"priority": priority})


def test_each_rank_has_its_reasons_and_they_come_to_its_points() -> None:
    weights = tuple(Weight(by=by, points=turn) for turn, by in enumerate(RankedBy, 1))
    first, second = rank([DEMENTIA, need(3, "dementia-care", 5, COUNCIL, 1), DIGITAL], weights)
    assert (first.rank, first.skill, first.people) == (1, "digital", 60)
    assert [(why.by.value, why.measure, why.points) for why in second.reasons] == [
        ("people", 45, 45), ("organisations", 2, 4), ("sectors", 2, 6), ("priority", 3, 12),
    ]  # fmt: skip
    assert second.points == 67


def test_the_order_in_which_needs_came_does_not_matter_and_equals_are_told_apart() -> None:
    needs = [DEMENTIA, DIGITAL, need(3, "autism", 60), need(4, "dementia-care", 10, COUNCIL)]
    assert len({tuple(order(*some)) for some in permutations(needs)}) == 1
    assert order(DIGITAL, need(3, "autism", 60)) == ["autism", "digital"]


@pytest.mark.parametrize(
    ("needs", "points"),
    [
        ([need(1, "digital", 100_000), need(2, "digital", 1, COUNCIL)], 10),
        ([need(number, "digital", 100_000) for number in range(11)], 0),
        ([need(number, f"skill-{number}", 1) for number in range(1001)], 1),
    ],
)
def test_what_no_rank_can_say_is_refused_and_up_to_it_ranked(needs: list[Need], points: int) -> None:
    weights = (Weight(by=RankedBy.PEOPLE, points=points),)
    with pytest.raises(BeyondTheScale):
        rank(needs, weights)
    assert rank(needs[:-1], weights)[-1].rank == len({each.skill for each in needs[:-1]})


# The rules that a table does not show ----------------------------------------------------------------------------------


def refused(refusal: type[Refused], command: Any, state: Cycle | None) -> None:
    with pytest.raises(refusal):
        cycle.decide(command, state, NOW)


RANKED = run(cycle, OPEN, SUBMIT, submit(2, "digital", 60), CLOSE_SUBMISSIONS, CONSOLIDATE)


def test_whoever_agrees_on_other_than_the_first_says_why() -> None:
    refused(cycle.ReasonNeeded, AGREE, RANKED)
    assert cycle.decide(replace(AGREE, reason="inspection-finding"), RANKED, NOW)
    assert cycle.decide(replace(AGREE, skills=("digital",)), RANKED, NOW)
    refused(cycle.NotRanked, replace(AGREE, skills=("juggling",)), RANKED)
    refused(cycle.NotRanked, replace(AGREE, skills=("digital", "digital")), RANKED)


def test_only_what_was_agreed_is_commissioned_and_the_same_once() -> None:
    agreed = run(cycle, replace(AGREE, skills=("digital",)), state=RANKED)
    refused(cycle.NotAgreed, COMMISSION, agreed)
    made = run(cycle, replace(COMMISSION, skill="digital"), state=agreed)
    assert cycle.decide(replace(COMMISSION, skill="digital"), made, NOW) == []


def test_needs_are_said_once_and_in_time() -> None:
    state = run(cycle, OPEN, SUBMIT)
    refused(cycle.SaidAlready, replace(SUBMIT, need_id=need_id(9)), state)
    refused(cycle.TooLate, replace(submit(2, "digital", 1), occurred_on=day(61)), state)
    assert run(cycle, submit(2, "digital", 1), state=state).needs[1].skill == "digital"
    assert run(cycle, CLOSE_SUBMISSIONS, submit(2, "digital", 1), state=state).needs[1].skill == "digital"
    early = replace(OPEN, occurred_on=business_date(NOW), closes_on=business_date(NOW))
    assert cycle.decide(CLOSE_SUBMISSIONS, run(cycle, early), NOW) == []
    refused(cycle.NothingSubmitted, CONSOLIDATE, run(cycle, OPEN, CLOSE_SUBMISSIONS))


def test_a_cycle_that_makes_no_sense_is_refused() -> None:
    refused(cycle.ClosesBeforeItOpens, replace(OPEN, closes_on=day(-1)), None)
    refused(cycle.WeighedTwice, replace(OPEN, weights=(WEIGHTS[0], WEIGHTS[0])), None)


# On a real database ----------------------------------------------------------------------------------------------------


async def test_a_year_from_what_partners_need_to_what_was_commissioned(
    coordinator: Client, as_role: As, database: Database
) -> None:
    opened, closes = (business_date(now()) - timedelta(days=ago) for ago in (30, 10))
    weights = [{"by": "people", "points": 1}, {"by": "sectors", "points": 50}]
    asked = {"occurred_on": opened.isoformat(), "year": 2026, "closes_on": closes.isoformat(), "weights": weights}
    path = f"/cycles/{(await coordinator.made('/cycles', asked))['id']}"
    assert (await coordinator.post("/cycles", asked)).json()["type"] == "/problems/already-open"
    for better, field in (({"closes_on": "2020-01-01"}, "closes_on"), ({"weights": weights[:1] * 2}, "weights")):
        wrong = await put_right(coordinator, path, "cycle-opened", **better)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, f"replacement.{field}")

    def needs(organisation: str, skill: str, people: int) -> dict[str, Any]:
        return {
            "occurred_on": opened.isoformat(), "organisation": organisation, "sector": KINDS[organisation].value,
            "role_group": "nurses", "skill": skill, "people": people, "priority": 2,
        }  # fmt: skip

    council, hospice = as_role("partner", COUNCIL), as_role("partner", HOSPICE)
    await council.made(f"{path}/submit", needs(COUNCIL, "autism", 30))
    state = await hospice.made(f"{path}/submit", needs(HOSPICE, "autism", 20))
    await coordinator.made(f"{path}/submit", needs(HOSPITALS, "digital", 70))
    assert (await hospice.post(f"{path}/submit", needs(COUNCIL, "digital", 1))).status_code == 422
    theirs = {"need_id": state["needs"][0]["id"]}
    assert (await hospice.post(f"{path}/withdraw-need", theirs)).json()["type"] == "/problems/not-your-organisation"
    async with database.transaction() as tx:
        (row,) = await tx.fetch(
            "SELECT aggregate, aggregate_id, name, due_at FROM kit.deadline WHERE aggregate = 'cycle'"
        )
        await aggregates.fall_due(tx, Due(**dict(row)), Context(actor="deadlines"))
    ranked = await coordinator.made(f"{path}/consolidate", {})
    assert [(each["skill"], each["points"]) for each in ranked["priorities"]] == [("autism", 150), ("digital", 120)]
    await coordinator.made(f"{path}/agree", {"skills": ["autism"]})
    course = (await coordinator.made("/courses", a_course()))["id"]
    lost = await coordinator.post(f"{path}/commission", {"skill": "autism", "course_id": str(uuid4()), "places": 5})
    assert (lost.status_code, lost.json()["errors"][0]["field"]) == (404, "course_id")
    over = (await coordinator.made("/courses", a_course()))["id"]
    await coordinator.made(f"/courses/{over}/retire", {"reason": "replaced"})
    gone = await coordinator.post(f"{path}/commission", {"skill": "autism", "course_id": over, "places": 50})
    assert (gone.status_code, gone.json()["type"]) == (409, "/problems/course-retired")
    done = await coordinator.made(f"{path}/commission", {"skill": "autism", "course_id": course, "places": 50})
    assert (done["status"], done["commissions"]) == (
        "commissioned", [{"skill": "autism", "course_id": course, "places": 50}],
    )  # fmt: skip
    assert (await hospice.post(f"{path}/consolidate", {})).status_code == 403
