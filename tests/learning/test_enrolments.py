"""Inductions and enrolments: every status meets every command; then the catalogue and its learners on a real database."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kit.errors import Refused
from kit.step import BeforeTheStepItFollows
from kit.testing.client import As, Client
from kit.testing.lives import NOTED
from kit.testing.persons import somebody
from learning.domain import course as courses
from learning.domain import enrolment, induction
from learning.testing import (
    COMPLETE,
    COUNCIL,
    ENROL,
    HOSPICE,
    KINDS,
    NOW,
    RETIRE,
    SET_INDUCTION,
    a_course,
    cells,
    day,
    outcome,
    run,
)
from schemas.learning import EnrolledFor

from .test_api import a_course as asked_course
from .test_api import on, scheduled, team
from .test_skills import SKILL

Json = dict[str, Any]

LIFE: dict[str, dict[str | None, dict[str, str]]] = {
    "induction": {
        None: {"Set": "standing"},
        "standing": {"Change": NOTED, "Retire": "retired"},
        "retired": {"Retire": "retired"},
    },
    "enrolment": {
        None: {"Enrol": "enrolled"},
        "enrolled": {"Complete": "completed", "End": "ended"},
        "completed": {"Complete": "completed"},
        "ended": {"End": "ended"},
    },
}  # fmt: skip
"""As in test_cohort."""


@pytest.mark.parametrize(("aggregate", "status", "command"), [(each, *cell) for each in LIFE for cell in cells(each)])
def test_every_status_meets_every_command(aggregate: str, status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome(aggregate, status, command) == LIFE[aggregate][status].get(command, unnamed)


@pytest.mark.parametrize(("aggregate", "machine"), [("induction", induction), ("enrolment", enrolment)])
def test_the_table_names_every_status_and_every_command(aggregate: str, machine: Any) -> None:
    assert set(LIFE[aggregate]) == {None, *machine.Status}
    assert {name for row in LIFE[aggregate].values() for name in row} == {kind.__name__ for kind in machine.COMMANDS}


def refused(machine: Any, refusal: type[Refused], command: Any, state: Any) -> None:
    with pytest.raises(refusal):
        machine.decide(command, state, NOW)


def test_a_course_is_named_once_in_an_induction() -> None:
    twice = induction.Set(
        organisation=HOSPICE, sector=KINDS[HOSPICE], courses=(SET_INDUCTION.courses[0],) * 2, within_days=1
    )  # fmt: skip
    refused(induction, induction.CourseNamedTwice, twice, None)


def test_a_course_that_is_held_in_cohorts_is_completed_there() -> None:
    held = enrolment.Enrol(
        course_id=ENROL.course_id, course=a_course(), person_id=ENROL.person_id, organisation=HOSPICE,
        sector=KINDS[HOSPICE],
    )  # fmt: skip
    waits = run(enrolment, held)
    refused(enrolment, enrolment.HeldInCohorts, COMPLETE, waits)
    assert enrolment.allowed(waits) == ("end",)
    assert [each.why for each in enrolment.waiting(waits)] == ["book-a-place"]
    gone = enrolment.Enrol(
        course_id=ENROL.course_id, course=run(courses, RETIRE, state=a_course()), person_id=ENROL.person_id,
        organisation=HOSPICE, sector=KINDS[HOSPICE],
    )  # fmt: skip
    refused(enrolment, enrolment.CourseRetired, gone, None)


def test_whom_an_employer_enrols_may_have_learned_it_before_and_who_chose_it_may_not() -> None:
    early = enrolment.Complete(occurred_on=day(10), course=COMPLETE.course)
    chosen = run(enrolment, ENROL)
    refused(enrolment, BeforeTheStepItFollows, early, chosen)
    inducted = run(enrolment, replace(ENROL, why=EnrolledFor.INDUCTION))
    (fact,) = enrolment.decide(early, inducted, NOW)
    assert (fact.occurred_on, enrolment.evolve(inducted, fact).since) == (day(10), day(10))


# On a real database ----------------------------------------------------------------------------------------------------


def enrolling(course: str, person: str, organisation: str = HOSPICE, **changes: Any) -> Json:
    return {
        "occurred_on": on(20), "course_id": course, "person_id": person, "organisation": organisation,
        "sector": KINDS[organisation].value, **changes,
    }  # fmt: skip


async def test_staff_of_any_partner_enrol_online_and_what_they_learned_is_on_their_transcript(
    coordinator: Client, as_role: As
) -> None:
    published = asked_course(title="Fire safety", category="core-skills", teaches=SKILL, online=True)
    course, person = (await coordinator.made("/courses", published))["id"], str(somebody())
    hospice, council = as_role("partner", HOSPICE), as_role("partner", COUNCIL)
    assert [row["id"] for row in (await council.found("/courses", online="true"))["rows"]] == [course]
    made = await hospice.made("/enrolments", enrolling(course, person))
    twice = await hospice.post("/enrolments", enrolling(course, person))
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-enrolled")
    assert (await council.get(f"/enrolments/{made['id']}")).status_code == 404
    assert (await council.post("/enrolments", enrolling(course, person))).status_code == 422
    await hospice.made(f"/enrolments/{made['id']}/complete", {"occurred_on": on(22)})
    transcript = await coordinator.found(f"/persons/{person}/transcript")
    assert [each["completed_on"] for each in transcript["courses"]] == [on(22)]
    assert [each["source"] for each in transcript["core_skills"]] == ["learning-system"]
    history = (await coordinator.found(f"/enrolments/{made['id']}/history"))["lines"]
    await coordinator.made(f"/enrolments/{made['id']}/facts/{history[-1]['id']}/void", {"reason": "wrong-person"})
    transcript = await coordinator.found(f"/persons/{person}/transcript")
    assert (transcript["courses"], transcript["core_skills"]) == ([], [])


async def test_who_waits_for_a_place_and_completes_the_course_in_a_cohort_waits_no_longer(coordinator: Client) -> None:
    cohort = await scheduled(coordinator, sessions=[on(60)])
    course, person = (await coordinator.found(f"/cohorts/{cohort}"))["course_id"], str(somebody())
    made = await coordinator.made("/enrolments", enrolling(course, person))
    state = await coordinator.made(f"/cohorts/{cohort}/book", team(person))
    booking = state["bookings"][0]["id"]
    await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(60), "attended": [booking]})
    await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(60)})
    ended = await coordinator.found(f"/enrolments/{made['id']}")
    assert (ended["status"], ended["reason"]) == ("ended", "completed-in-cohort")
    await coordinator.made(f"/cohorts/{cohort}/reopen", {"reason": "list-found"})
    assert (await coordinator.found(f"/enrolments/{made['id']}"))["status"] == "enrolled"


async def test_an_induction_is_its_employers_and_of_courses_that_are_known(coordinator: Client, as_role: As) -> None:
    course = (await coordinator.made("/courses", asked_course(category="induction")))["id"]
    own: Json = {"organisation": HOSPICE, "sector": "third-sector", "courses": [course]}
    hospice, council = as_role("partner", HOSPICE), as_role("partner", COUNCIL)
    made = await hospice.made("/inductions", own)
    assert (await hospice.post("/inductions", own)).json()["type"] == "/problems/already-set"
    assert (await council.post("/inductions", own)).json()["type"] == "/problems/not-your-organisation"
    assert (await council.post(f"/inductions/{made['id']}/retire", {"reason": "x"})).status_code == 422
    unknown = await hospice.post(f"/inductions/{made['id']}/change", {"courses": [str(UUID(int=5))]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "courses")
    changed = await hospice.made(f"/inductions/{made['id']}/change", {"courses": [course], "within_days": 7})
    assert changed["within_days"] == 7
    await coordinator.made(f"/courses/{course}/retire", {"reason": "replaced"})
    for path in ("/inductions", f"/inductions/{made['id']}/change"):
        asked = {"courses": [course]} | ({**own, "soc2020": "6135"} if path == "/inductions" else {})
        gone = await hospice.post(path, asked)
        assert (gone.status_code, gone.json()["type"]) == (409, "/problems/course-retired")
