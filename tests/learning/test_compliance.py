"""Who must be trained in what, and how they stand: every status meets every command; then on a real database."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kit.clock import today
from kit.database import Database
from kit.testing.client import As, Client
from kit.testing.persons import hear, somebody
from learning.domain import employment, requirement
from learning.domain.core_skills import levels_that_do
from learning.handlers import identities
from learning.testing import COUNCIL, HOSPICE, HOSPITALS, cells, outcome
from schemas import talent_pipeline as tp
from schemas.learning import Subject
from schemas.people import LinkReason, PersonLinked

from .test_api import put_right
from .test_reactions import Bus, placed
from .test_skills import SKILL, judging, training

Json = dict[str, Any]

LIFE: dict[str, dict[str | None, dict[str, str]]] = {
    "requirement": {
        None: {"Require": "standing"},
        "standing": {"Drop": "dropped"},
        "dropped": {"Drop": "dropped"},
    },
    "employment": {
        None: {"Begin": "working"},
        "working": {"End": "left"},
        "left": {"End": "left"},
    },
}  # fmt: skip
"""As in test_cohort."""


@pytest.mark.parametrize(("aggregate", "status", "command"), [(each, *cell) for each in LIFE for cell in cells(each)])
def test_every_status_meets_every_command(aggregate: str, status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome(aggregate, status, command) == LIFE[aggregate][status].get(command, unnamed)


@pytest.mark.parametrize(("aggregate", "machine"), [("requirement", requirement), ("employment", employment)])
def test_the_table_names_every_status_and_every_command(aggregate: str, machine: Any) -> None:
    assert set(LIFE[aggregate]) == {None, *machine.Status}
    assert {name for row in LIFE[aggregate].values() for name in row} == {kind.__name__ for kind in machine.COMMANDS}


@pytest.mark.parametrize(
    ("subject", "needed", "do"),
    [
        (Subject.FIRE_SAFETY, 1, (1, 2, 3, 4)),
        (Subject.SAFEGUARDING_ADULTS, 3, (3, 4)),
        (Subject.RESUSCITATION, 2, (2,)),
        (Subject.MOVING_AND_HANDLING, 2, (2,)),
        (Subject.MOVING_AND_HANDLING, 1, (1, 2)),
    ],
)
def test_what_level_does_where_one_is_needed(subject: Subject, needed: int, do: tuple[int, ...]) -> None:
    assert levels_that_do(subject, needed) == do


# On a real database ----------------------------------------------------------------------------------------------------


def ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


def required(**changes: Any) -> Json:
    return {"organisation": HOSPICE, "subject": "fire-safety", "level": 1, "occurred_on": ago(900), **changes}


def works(person: str | UUID, days: int = 400, **changes: Any) -> Json:
    return {"person_id": str(person), "organisation": HOSPICE, "soc2020": "6135", "occurred_on": ago(days), **changes}


def trained(person: str | UUID, days: int, lasts: int, **changes: Any) -> Json:
    said = (today() + timedelta(days=lasts - days)).isoformat()
    return training(str(person), occurred_on=ago(days), organisation=HOSPICE, said=said, **changes)


async def standings(client: Client, **asked: Any) -> dict[str, str]:
    """How everybody who is seen stands, by person."""
    rows = (await client.found("/compliance", **asked))["rows"]
    assert len({row["person_id"] for row in rows}) == len(rows)
    return {row["person_id"]: row["standing"] for row in rows}


async def test_each_stands_in_date_due_out_of_date_missing_or_has_still_time(coordinator: Client) -> None:
    in_date, due, out, missing, starting, elsewhere = (str(somebody()) for _ in range(6))
    await coordinator.made("/requirements", required())
    for person in (in_date, due, out, missing):
        await coordinator.made("/employments", works(person))
    await coordinator.made("/employments", works(starting, 28))
    await coordinator.made("/employments", works(elsewhere, organisation=COUNCIL))
    await coordinator.made("/competences", trained(in_date, 100, 160))
    await coordinator.made("/competences", trained(due, 100, 159))
    await coordinator.made("/competences", trained(due, 200, 250))
    await coordinator.made("/competences", trained(out, 100, 99))
    expected = {
        in_date: "in-date", due: "due", out: "out-of-date", missing: "never-trained", starting: "starting",
    }  # fmt: skip
    assert await standings(coordinator) == expected
    assert await standings(coordinator, standing="due") == {due: "due"}


async def test_an_older_version_of_the_framework_does_until_it_runs_out_or_the_new_one_is_asked_for(
    coordinator: Client, as_role: As
) -> None:
    rule = await coordinator.made(
        "/refreshers", {**SKILL, "months": 24, "in_force_from": ago(900), "reason": "national", "occurred_on": ago(900)}
    )
    soon, past = ago(-30), ago(30)
    new = "cstf-england-1-2"
    announced = await coordinator.made("/requirements", required(framework=new, framework_from=soon))
    older, newer = str(somebody()), str(somebody())
    for person in (older, newer):
        await coordinator.made("/employments", works(person))
    held = await coordinator.made("/competences", training(older, occurred_on=ago(100), organisation=HOSPICE))
    await coordinator.made("/competences", trained(newer, 50, 700, skill={**SKILL, "framework": new}))
    rows = {row["person_id"]: row for row in (await coordinator.found("/compliance"))["rows"]}
    last = {name: rows[older][name] for name in ("standing", "expires_on", "ends_by", "rule_id", "rule_version")}
    assert last == {
        "standing": "due", "expires_on": ago(-29), "ends_by": "version", "rule_id": rule["id"], "rule_version": 1,
    }  # fmt: skip
    assert (rows[older]["competence_id"], rows[older]["trained_by"]) == (held["id"], "cstf-england-1-1")
    assert rows[older]["requirement_id"] == announced["id"]
    assert (rows[newer]["standing"], rows[newer]["ends_by"]) == ("in-date", "period")
    await coordinator.made(f"/requirements/{announced['id']}/drop", {"reason": "replaced"})
    await coordinator.made("/requirements", required(framework=new, framework_from=past))
    assert await standings(coordinator) == {older: "out-of-date", newer: "in-date"}
    elsewhere, host = str(somebody()), as_role("partner", HOSPICE)
    await coordinator.made("/employments", works(elsewhere))
    record = await coordinator.made("/competences", training(elsewhere, occurred_on=ago(100)))
    await coordinator.made(f"/competences/{record['id']}/judge", judging(occurred_on=ago(50)))
    assert (await standings(host))[elsewhere] == "out-of-date"
    wrong = await coordinator.post("/requirements", required(subject="resuscitation", framework_from=soon))
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/version-missing")


async def test_a_version_is_asked_for_from_the_day_of_the_requirement_where_none_is_named(coordinator: Client) -> None:
    made = await coordinator.made("/requirements", required(framework="cstf-england-1-1"))
    assert made["framework_from"] == ago(900)


async def test_the_work_decides_and_of_two_levels_the_higher_is_asked(coordinator: Client) -> None:
    carer, cook = str(somebody()), str(somebody())
    await coordinator.made("/requirements", required(organisation=None, subject="safeguarding-adults"))
    higher = await coordinator.made("/requirements", required(soc2020="6135", subject="safeguarding-adults", level=2))
    await coordinator.made("/employments", works(carer))
    await coordinator.made("/employments", works(cook, soc2020="5434"))
    for person in (carer, cook):
        skill = {**SKILL, "subject": "safeguarding-adults"}
        await coordinator.made("/competences", trained(person, 10, 700, skill=skill))
    assert await standings(coordinator) == {carer: "never-trained", cook: "in-date"}
    await coordinator.made(f"/requirements/{higher['id']}/drop", {"reason": "replaced"})
    assert await standings(coordinator) == {carer: "in-date", cook: "in-date"}


async def test_training_elsewhere_does_once_the_organisation_has_accepted_it(coordinator: Client) -> None:
    person = str(somebody())
    await coordinator.made("/requirements", required())
    employed = await coordinator.made("/employments", works(person))
    record = training(person, occurred_on=ago(100), said=(today() + timedelta(days=100)).isoformat())
    made = await coordinator.made("/competences", record)
    assert await standings(coordinator) == {person: "never-trained"}
    await coordinator.made(f"/competences/{made['id']}/judge", judging(occurred_on=ago(50)))
    assert await standings(coordinator) == {person: "in-date"}
    await coordinator.made(f"/employments/{employed['id']}/end", {"occurred_on": ago(1)})
    assert await standings(coordinator) == {}


async def test_who_started_through_the_pipeline_is_there_until_they_leave(
    coordinator: Client, as_role: As, database: Database
) -> None:
    bus, person, candidacy = Bus(database), somebody(), uuid4()
    await coordinator.made("/requirements", required())
    started = today() - timedelta(days=90)
    await bus.say(placed(person, occurred_on=started), candidacy)
    assert await standings(as_role("partner", HOSPICE)) == {str(person): "never-trained"}
    assert await standings(as_role("partner", COUNCIL)) == {}
    ended = await bus.say(_left(person, today()), candidacy)
    assert await standings(coordinator) == {}
    for says, stand in ((tp.FactVoided, {str(person): "never-trained"}), (tp.FactRestored, {})):
        await bus.say(says(fact_id=ended, fact_type=tp.PlacementEnded.TYPE, reason="entered-in-error"), candidacy)
        assert await standings(coordinator) == stand


async def test_two_ids_of_one_person_are_one(coordinator: Client, database: Database) -> None:
    one, other, third = sorted(somebody() for _ in range(3))
    await coordinator.made("/requirements", required())
    await coordinator.made("/employments", works(other))
    await coordinator.made("/employments", works(other, soc2020="5434"))
    await coordinator.made("/competences", trained(third, 10, 300))
    assert await standings(coordinator) == {str(other): "never-trained"}
    for each, same_as in ((other, one), (third, other)):
        linked = PersonLinked(same_as=same_as, occurred_on=today(), reason=LinkReason.SAME_CONTACT)
        await hear(database, identities.hear, (each, 2, linked))
    assert await standings(coordinator) == {str(other): "in-date"}


async def test_a_partner_says_and_sees_its_own_and_the_city_what_is_asked_of_all(
    coordinator: Client, as_role: As
) -> None:
    hospice, hospitals, person = as_role("partner", HOSPICE), as_role("partner", HOSPITALS), str(somebody())
    made = await hospice.made("/requirements", required())
    again = await hospice.post("/requirements", required(level=2))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-required")
    await hospice.made("/employments", works(person))
    twice = await hospice.post("/employments", works(person))
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-works")
    for path, body in (
        ("/requirements", required(organisation=None)), ("/requirements", required()), ("/employments", works(somebody())),
        (f"/requirements/{made['id']}/drop", {"reason": "x"}),
    ):  # fmt: skip
        assert (await hospitals.post(path, body)).json()["type"] == "/problems/not-your-organisation", path
    assert await standings(hospitals) == {}
    assert await standings(hospice) == {person: "never-trained"}
    assert len((await hospitals.found("/requirements"))["rows"]) == 1


@pytest.mark.parametrize(
    "after", ["", "x", f"{'-' * 36}/a/fire-safety", f"{UUID(int=7)}/a", f"{UUID(int=7)}/A/fire-safety"]
)
async def test_what_is_no_place_in_it_is_refused(coordinator: Client, after: str) -> None:
    refused = await coordinator.get("/compliance", after=after)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after")


async def test_a_requirement_is_not_corrected_into_one_that_other_levels_meet(coordinator: Client) -> None:
    path = f"/requirements/{(await coordinator.made('/requirements', required()))['id']}"
    for better, field in (({"level": 3}, "met_by"), ({"framework_from": ago(1)}, "framework")):
        refused = await put_right(coordinator, path, "training-required", **better)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, f"replacement.{field}")


async def test_pages_of_it_follow_each_other(coordinator: Client) -> None:
    await coordinator.made("/requirements", required())
    await coordinator.made("/requirements", required(subject="resuscitation", level=2))
    for _ in range(3):
        await coordinator.made("/employments", works(somebody()))
    seen, after = [], None
    while True:
        page = await coordinator.found("/compliance", limit=2, **({"after": after} if after else {}))
        seen += [(row["person_id"], row["subject"]) for row in page["rows"]]
        if (after := page["next"]) is None:
            break
    assert len(seen) == len(set(seen)) == 6
    wrong = await coordinator.get("/compliance", after="x")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "after")


def _left(person: UUID, day: date) -> tp.PlacementEnded:
    return tp.PlacementEnded(
        occurred_on=day, person_id=person, vacancy_id=uuid4(), employer=HOSPICE, soc2020="6135",
        route=tp.Route.TALENT_PIPELINE, reason=next(iter(tp.LeavingReason)),
    )  # fmt: skip
