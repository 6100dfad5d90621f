"""T Level placements and apprenticeships: every status meets every command; hours, settings and least durations; who sees what."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kit.database import Database
from kit.deadlines import fire_next
from kit.errors import Refused
from kit.testing.client import As, Client
from kit.testing.lives import NOTED
from kit.testing.persons import somebody
from learning.domain import apprenticeship, pathway, reference
from learning.store import aggregates
from learning.testing import (
    AGREE_APPRENTICESHIP,
    ASSESS,
    BEGIN,
    BEGIN_ASSESSMENT,
    CHANGE_EMPLOYER,
    COLLEGE,
    COUNCIL,
    HOSPICE,
    HOSPITALS,
    JOIN,
    LOG_OFF_THE_JOB,
    NOW,
    PAUSE,
    REACH_GATEWAY,
    RESUME,
    a_pathway,
    an_apprenticeship,
    cells,
    day,
    log_hours,
    outcome,
    run,
)
from schemas.learning import Grade, PlacementCompleted, PlacementHoursLogged, Setting

from .test_api import on, put_right

Json = dict[str, Any]

LIFE: dict[str, dict[str | None, dict[str, str]]] = {
    "pathway": {
        None: {"Begin": "placed"},
        "placed": {"Join": NOTED, "LogHours": NOTED, "Complete": "placed", "End": "ended"},
        "completed": {"Complete": "completed"},
        "ended": {"Complete": "ended", "End": "ended"},
    },
    "apprenticeship": {
        None: {"Agree": "waiting"},
        "waiting": {"Begin": "live", "ChangeEmployer": NOTED, "Stop": "stopped"},
        "live": {"Pause": "paused", "ChangeEmployer": NOTED, "LogOffTheJob": NOTED, "ReachGateway": "gateway", "Stop": "stopped"},
        "paused": {"Resume": "live", "ChangeEmployer": NOTED, "LogOffTheJob": NOTED, "Stop": "stopped"},
        "gateway": {"BeginAssessment": "assessment", "ChangeEmployer": NOTED, "Stop": "stopped"},
        "assessment": {"Assess": "completed", "ChangeEmployer": NOTED, "Stop": "stopped"},
        "completed": {"Assess": "completed"},
        "stopped": {"Stop": "stopped"},
    },
}  # fmt: skip
"""As in test_cohort."""


@pytest.mark.parametrize(("aggregate", "status", "command"), [(each, *cell) for each in LIFE for cell in cells(each)])
def test_every_status_meets_every_command(aggregate: str, status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome(aggregate, status, command) == LIFE[aggregate][status].get(command, unnamed)


@pytest.mark.parametrize(("aggregate", "machine"), [("pathway", pathway), ("apprenticeship", apprenticeship)])
def test_the_table_names_every_status_and_every_command(aggregate: str, machine: Any) -> None:
    assert set(LIFE[aggregate]) == {None, *machine.Status}
    assert {name for row in LIFE[aggregate].values() for name in row} == {kind.__name__ for kind in machine.COMMANDS}


def refused(machine: Any, refusal: type[Refused], command: Any, state: Any) -> str | None:
    """What the refusal says beyond its title."""
    with pytest.raises(refusal) as met:
        machine.decide(command, state, NOW)
    return met.value.detail


# T Levels --------------------------------------------------------------------------------------------------------------


def test_315_hours_complete_the_placement_and_a_quarter_less_does_not() -> None:
    state = a_pathway(*(log_hours(11 + number) for number in range(29)))
    assert state.hours() == 304.5
    (almost,) = pathway.decide(log_hours(60, 10.25), state, NOW)
    assert isinstance(almost, PlacementHoursLogged)
    _, done = pathway.decide(log_hours(60, 10.5), state, NOW)
    assert isinstance(done, PlacementCompleted)
    assert (done.hours, done.taster_hours, done.occurred_on) == (315.0, 0.0, day(60))


def test_days_that_are_entered_late_complete_it_on_the_last_day_that_was_worked() -> None:
    state = a_pathway(*(log_hours(12 + number) for number in range(29)))
    done = pathway.decide(log_hours(11), state, NOW)[-1]
    assert done.occurred_on == day(40)


def test_an_employer_of_health_and_one_of_care_share_it_and_others_are_tasters() -> None:
    state = a_pathway()
    refused(pathway, pathway.SettingTaken, replace(JOIN, employer=COUNCIL), state)
    refused(pathway, pathway.SettingTaken, replace(JOIN, setting=Setting.CARE), state)
    refused(pathway, pathway.NotAnEmployerOfIt, log_hours(20, employer=HOSPICE), state)
    both = run(pathway, replace(JOIN, employer=HOSPICE, setting=Setting.CARE), state=state)
    assert pathway.decide(log_hours(20, employer=HOSPICE), both, NOW)
    assert pathway.decide(log_hours(20, employer=COUNCIL, taster=True), both, NOW)
    assert [each.why for each in pathway.waiting(state)] == ["find-care-employer"]
    assert pathway.waiting(both) == ()


def test_at_most_35_hours_are_tasters() -> None:
    state = a_pathway(*(log_hours(20 + turn, 7.0, COUNCIL, taster=True) for turn in range(5)))
    assert state.hours(taster=True) == 35.0
    said = refused(pathway, pathway.TooManyTasterHours, log_hours(30, 0.25, COUNCIL, taster=True), state)
    assert said == "35 of the 315 hours may be tasters; 35 are"


def test_a_start_year_is_judged_by_its_own_version_of_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = reference.TLevelRules(from_year=2024, hours=280.0, taster_hours=14.0, source="tried")
    monkeypatch.setattr(reference, "T_LEVELS", (*reference.T_LEVELS, fewer))
    days = [log_hours(11 + number) for number in range(26)]
    before, after = a_pathway(*days), a_pathway(*days).model_copy(update={"start_year": 2025})
    assert len(pathway.decide(log_hours(60, 7.0), before, NOW)) == 1
    assert isinstance(pathway.decide(log_hours(60, 7.0), after, NOW)[-1], PlacementCompleted)
    tasters = [log_hours(50 + turn, 7.0, COUNCIL, taster=True) for turn in range(2)]
    both = run(pathway, *tasters, state=a_pathway().model_copy(update={"start_year": 2024}))
    said = refused(pathway, pathway.TooManyTasterHours, log_hours(60, 0.25, COUNCIL, taster=True), both)
    assert said == "14 of the 280 hours may be tasters; 14 are"


def test_a_day_is_said_once_and_is_no_longer_than_a_day() -> None:
    state = a_pathway(log_hours(20, 7.5))
    assert pathway.decide(log_hours(20, 7.5), state, NOW) == []
    refused(pathway, pathway.DayAlreadyLogged, log_hours(20, 4.0), state)
    refused(pathway, pathway.DayIsFull, log_hours(20, 5.0, taster=True), state)
    assert pathway.decide(log_hours(20, 4.0, taster=True), state, NOW)


# Apprenticeships -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "earliest"),
    [
        (date(2025, 7, 31), date(2026, 7, 31)),
        (date(2025, 8, 1), date(2026, 4, 1)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_the_day_on_which_it_began_decides_how_long_it_lasts_at_least(began: date, earliest: date) -> None:
    state = an_apprenticeship().model_copy(update={"began_on": began})
    assert state.earliest_gateway == earliest


def test_a_break_does_not_count_and_another_employer_is_no_stop() -> None:
    state = an_apprenticeship(BEGIN, PAUSE, RESUME, CHANGE_EMPLOYER)
    assert (state.status, state.employer, state.days_away) == ("live", COUNCIL, 30)
    first = state.earliest_gateway
    assert first == date(2024, 4, 10)
    early = replace(REACH_GATEWAY, occurred_on=date(2024, 4, 9))
    said = refused(apprenticeship, apprenticeship.TooShort, early, state)
    assert said == "12 months at least, breaks not counted: not before 2024-04-10"
    assert apprenticeship.decide(replace(REACH_GATEWAY, occurred_on=first), state, NOW)


def test_who_fails_is_at_the_gateway_again_and_may_be_assessed_again() -> None:
    state = an_apprenticeship(BEGIN, REACH_GATEWAY, BEGIN_ASSESSMENT, replace(ASSESS, grade=Grade.FAIL))
    assert (state.status, state.grade) == ("gateway", None)
    again = run(apprenticeship, replace(BEGIN_ASSESSMENT, occurred_on=day(440)), state=state)
    assert run(apprenticeship, replace(ASSESS, occurred_on=day(450)), state=again).grade is Grade.MERIT


def test_there_were_other_rules_before_there_were_standards() -> None:
    refused(
        apprenticeship, apprenticeship.BeforeThereWereStandards,
        replace(AGREE_APPRENTICESHIP, starts_on=date(2017, 4, 30)), None,
    )  # fmt: skip


def test_hours_off_the_job_lie_in_the_apprenticeship_and_in_no_break_of_it() -> None:
    log = LOG_OFF_THE_JOB
    state = an_apprenticeship(BEGIN, PAUSE, log)
    assert [(each.on, each.hours) for each in state.off_the_job] == [(day(40), 6.5)]
    refused(apprenticeship, apprenticeship.NotLearningThen, replace(log, occurred_on=day(60)), state)
    resumed = run(apprenticeship, RESUME, state=state)
    for number in (51, 79):
        refused(apprenticeship, apprenticeship.NotLearningThen, replace(log, occurred_on=day(number)), resumed)
    for number in (10, 50, 80):
        assert apprenticeship.decide(replace(log, occurred_on=day(number)), resumed, NOW)
    assert apprenticeship.decide(log, resumed, NOW) == []
    refused(apprenticeship, apprenticeship.DayAlreadyLogged, replace(log, hours=7.0), resumed)


def test_the_gateway_waits_for_the_hours_that_the_training_plan_asks_for() -> None:
    planned = replace(AGREE_APPRENTICESHIP, off_the_job_hours=13.0)
    state = run(apprenticeship, planned, BEGIN, LOG_OFF_THE_JOB)
    refused(apprenticeship, apprenticeship.TooFewHours, REACH_GATEWAY, state)
    done = run(apprenticeship, replace(LOG_OFF_THE_JOB, occurred_on=day(47)), state=state)
    assert run(apprenticeship, REACH_GATEWAY, state=done).status == "gateway"


# On a real database ----------------------------------------------------------------------------------------------------


async def test_a_placement_is_logged_by_each_employer_for_itself_and_seen_by_those_who_give_it(
    coordinator: Client, as_role: As
) -> None:
    begun: Json = {
        "occurred_on": on(0), "person_id": str(somebody()), "provider": COLLEGE, "start_year": 2023,
        "specialism": "adult-nursing",
    }  # fmt: skip
    path = f"/pathways/{(await coordinator.made('/pathways', begun))['id']}"
    assert (await coordinator.post("/pathways", begun)).json()["type"] == "/problems/already-begun"
    hospitals, hospice, college = (as_role("partner", name) for name in (HOSPITALS, HOSPICE, COLLEGE))
    worked = {"occurred_on": on(20), "employer": HOSPITALS, "hours": 7.5}
    assert (await hospitals.post(f"{path}/log-hours", worked)).status_code == 404
    for employer, setting in ((HOSPITALS, "health"), (HOSPICE, "care")):
        await coordinator.made(f"{path}/join", {"occurred_on": on(10), "employer": employer, "setting": setting})
    await hospitals.made(f"{path}/log-hours", worked)
    forged = await hospice.post(f"{path}/log-hours", worked | {"occurred_on": on(21)})
    assert (forged.status_code, forged.json()["errors"][0]["field"]) == (422, "employer")
    taster = {"occurred_on": on(22), "employer": COUNCIL, "hours": 7.0, "taster": True}
    state = await college.made(f"{path}/log-hours", taster)
    assert [row["hours"] for row in state["days"]] == [7.5, 7.0]
    assert (await as_role("partner", COUNCIL).get(path)).status_code == 404


async def test_hours_that_are_taken_back_take_the_completion_back_and_bring_it_with_them_again(
    coordinator: Client, database: Database
) -> None:
    begun = {
        "occurred_on": on(0),
        "person_id": str(somebody()),
        "provider": COLLEGE,
        "start_year": 2023,
        "specialism": "x",
    }
    path = f"/pathways/{(await coordinator.made('/pathways', begun))['id']}"
    await coordinator.made(f"{path}/join", {"occurred_on": on(10), "employer": HOSPITALS, "setting": "health"})
    states = [
        (
            await coordinator.made(
                f"{path}/log-hours", {"occurred_on": on(11 + number), "employer": HOSPITALS, "hours": 10.5}
            )
        )
        for number in range(30)
    ]
    assert [state["status"] for state in states[-2:]] == ["placed", "completed"]
    lines = (await coordinator.found(f"{path}/history"))["lines"]
    opened = await coordinator.made(f"{path}/facts/{lines[5]['id']}/void", {"reason": "was-ill"})
    assert (opened["status"], len(opened["days"])) == ("placed", 29)
    await coordinator.made(f"{path}/facts/{lines[5]['id']}/restore", {"reason": "was-there"})
    while await fire_next(database, aggregates.fall_due):
        pass
    complete = await coordinator.found(path)
    assert (complete["status"], complete["since"]) == ("completed", on(40))
    longer = {"replacement": {**lines[5]["said"], "hours": 11.0}, "reason": "entered-in-error"}
    corrected = await coordinator.made(f"{path}/facts/{lines[5]['id']}/correct", longer)
    assert (corrected["status"], corrected["since"]) == ("completed", on(40))
    shorter = {"replacement": {**lines[5]["said"], "hours": 10.0}, "reason": "entered-in-error"}
    corrected = await coordinator.made(f"{path}/facts/{lines[5]['id']}/correct", shorter)
    assert corrected["status"] == "placed"
    assert not await fire_next(database, aggregates.fall_due)
    again = {"occurred_on": on(60), "employer": HOSPITALS, "hours": 0.5}
    assert (await coordinator.made(f"{path}/log-hours", again))["status"] == "completed"


async def test_days_are_not_corrected_into_more_than_a_day_or_more_tasters_than_there_may_be(
    coordinator: Client,
) -> None:
    begun = {
        "occurred_on": on(0), "person_id": str(somebody()), "provider": COLLEGE, "start_year": 2023, "specialism": "nursing",
    }  # fmt: skip
    path = f"/pathways/{(await coordinator.made('/pathways', begun))['id']}"
    await coordinator.made(f"{path}/join", {"occurred_on": on(0), "employer": HOSPITALS, "setting": "health"})

    async def log(number: int, hours: float, **more: Any) -> None:
        worked = {"occurred_on": on(number), "employer": HOSPITALS, "hours": hours, **more}
        await coordinator.made(f"{path}/log-hours", worked)

    for turn in range(3):
        await log(30 + turn, 11.0, employer=COUNCIL, taster=True)
    await log(40, 6.0)
    await log(41, 7.0)
    for better, code in (
        ({"occurred_on": on(40)}, "day-already-logged"),
        ({"occurred_on": on(32)}, "day-is-full"),
        ({"taster": True}, "too-many-taster-hours"),
    ):
        refused = await put_right(coordinator, path, "placement-hours-logged", **better)
        assert (refused.status_code, refused.json()["type"]) == (409, f"/problems/{code}")


async def test_an_apprenticeship_goes_over_to_another_employer_and_is_seen_there(
    coordinator: Client, as_role: As
) -> None:
    hospice, council = as_role("partner", HOSPICE), as_role("partner", COUNCIL)
    agreed = {
        "occurred_on": on(0), "person_id": str(somebody()), "employer": HOSPICE, "provider": COLLEGE, "standard": "ST0216",
        "standard_version": "1.1", "starts_on": on(10),
    }  # fmt: skip
    assert (await council.post("/apprenticeships", agreed)).json()["type"] == "/problems/not-your-organisation"
    path = f"/apprenticeships/{(await hospice.made('/apprenticeships', agreed))['id']}"
    assert [row["why"] for row in (await hospice.found("/waiting"))["rows"]] == ["begin"]
    await hospice.made(f"{path}/begin", {"occurred_on": on(10)})
    assert (await council.get(path)).status_code == 404
    logged = await hospice.made(f"{path}/log-off-the-job", {"occurred_on": on(40), "hours": 6.5})
    assert logged["off_the_job"] == [{"on": on(40), "hours": 6.5}]
    in_vain = await hospice.post(f"{path}/log-off-the-job", {"occurred_on": on(5), "hours": 6.5})
    assert (in_vain.status_code, in_vain.json()["errors"][0]["field"]) == (422, "occurred_on")
    await hospice.made(f"{path}/change-employer", {"occurred_on": on(90), "employer": COUNCIL})
    assert (await hospice.get(path)).status_code == 404
    assert (await council.found(path))["status"] == "live"
    early = await council.post(f"{path}/reach-gateway", {"occurred_on": on(200)})
    assert (early.status_code, early.json()["type"]) == (409, "/problems/too-short")
    twice = await coordinator.post("/apprenticeships", {**agreed, "provider": COUNCIL})
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-agreed")
    await coordinator.made("/apprenticeships", {**agreed, "standard": "ST0005"})
    await council.made(f"{path}/stop", {"occurred_on": on(300), "reason": "changed-career"})
    await coordinator.made("/apprenticeships", {**agreed, "occurred_on": on(400), "starts_on": on(400)})
    wrong = await coordinator.post("/apprenticeships", {**agreed, "standard": "216"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "standard")
