"""Core skills on a real database: records and their expiry, who accepts what, what it saves, and the transcript that is shown."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import today
from kit.context import Context
from kit.database import Database
from kit.deadlines import Due
from kit.step import months_later
from kit.testing.client import As, Client
from kit.testing.persons import hear, somebody
from learning.handlers import identities
from learning.store import aggregates
from learning.testing import COUNCIL, FIRE, HOSPICE, HOSPITALS, day
from schemas.people import LinkReason, PersonLinked, PersonUnlinked, UnlinkReason

from .test_api import a_course, on, put_right, scheduled, team

Json = dict[str, Any]
SKILL: Json = FIRE.model_dump(mode="json")


def a_refresher(**changes: Any) -> Json:
    return {"occurred_on": on(0), **SKILL, "months": 24, "in_force_from": on(0), "reason": "national", **changes}


def training(person: str, **changes: Any) -> Json:
    return {
        "occurred_on": on(20), "person_id": person, "organisation": HOSPITALS, "skill": SKILL, "aligned": True, **changes,
    }  # fmt: skip


def judging(**changes: Any) -> Json:
    return {"occurred_on": on(40), "host": HOSPICE, "skill": SKILL, "ground": "alignment", **changes}


async def test_a_record_has_the_expiry_and_the_rule_that_gave_it_and_a_change_does_not_touch_it(
    coordinator: Client,
) -> None:
    rule = await coordinator.made("/refreshers", a_refresher())
    one = await coordinator.made("/competences", training(str(somebody())))
    assert (one["expires_on"], one["rule_id"], one["rule_version"]) == (
        months_later(day(20), 24).isoformat(), rule["id"], 1,
    )  # fmt: skip
    change = {"occurred_on": on(100), "months": 12, "in_force_from": on(120), "reason": "inspection-finding"}
    await coordinator.made(f"/refreshers/{rule['id']}/change", change)
    later = await coordinator.made("/competences", training(str(somebody()), occurred_on=on(120)))
    assert (later["expires_on"], later["rule_version"]) == (months_later(day(120), 12).isoformat(), 2)
    assert (await coordinator.found(f"/competences/{one['id']}"))["expires_on"] == one["expires_on"]
    twice = await coordinator.post("/refreshers", a_refresher())
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-set")


async def test_an_employer_is_stricter_for_its_own_and_for_nobody_else(coordinator: Client, as_role: As) -> None:
    await coordinator.made("/refreshers", a_refresher())
    council = as_role("partner", COUNCIL)
    own = a_refresher(organisation=COUNCIL, months=12, until=on(300), reason="inspection-finding")
    await council.made("/refreshers", own)
    for wrong in (a_refresher(), {**own, "organisation": HOSPITALS}):
        assert (await council.post("/refreshers", wrong)).json()["type"] == "/problems/not-your-organisation"
    mine = await council.made("/competences", training(str(somebody()), organisation=COUNCIL))
    theirs = await coordinator.made("/competences", training(str(somebody())))
    assert mine["expires_on"] == months_later(day(20), 12).isoformat()
    assert theirs["expires_on"] == months_later(day(20), 24).isoformat()


async def test_the_latest_of_several_trainings_counts_in_whatever_order_they_are_entered(coordinator: Client) -> None:
    person = str(somebody())
    first = await coordinator.made("/competences", training(person, occurred_on=on(30)))
    third = await coordinator.made("/competences", training(person, occurred_on=on(90)))
    second = await coordinator.made("/competences", training(person, occurred_on=on(60)))
    rows = (await coordinator.found("/competences", person_id=person))["rows"]
    assert {row["id"]: row["status"] for row in rows} == {
        first["id"]: "renewed", second["id"]: "renewed", third["id"]: "current",
    }  # fmt: skip
    again = await coordinator.post("/competences", training(person, occurred_on=on(90)))
    assert (again.status_code, again.json()["type"]) == (409, "/problems/already-recorded")


async def test_a_record_that_is_voided_gives_the_earlier_one_its_place_back(coordinator: Client) -> None:
    person = str(somebody())
    first = await coordinator.made("/competences", training(person))
    second = await coordinator.made("/competences", training(person, occurred_on=on(90)))
    fact = (await coordinator.found(f"/competences/{second['id']}/history"))["lines"][0]["id"]
    await coordinator.made(f"/competences/{second['id']}/facts/{fact}/void", {"reason": "wrong-person"})
    assert (await coordinator.found(f"/competences/{first['id']}"))["status"] == "current"


async def statuses(client: Client, person: str) -> dict[str, str]:
    """How somebody's trainings stand, by their day."""
    rows = (await client.found("/competences", person_id=person))["rows"]
    return {row["since"]: row["status"] for row in rows}


@pytest.mark.parametrize("entered", [(30, 60, 90), (90, 60, 30), (30, 90, 60), (60, 90, 30)])
async def test_what_a_training_renewed_is_renewed_by_the_next_one_while_it_is_taken_back(
    coordinator: Client, entered: tuple[int, ...]
) -> None:
    person = str(somebody())
    made = {
        number: await coordinator.made("/competences", training(person, occurred_on=on(number))) for number in entered
    }
    all_three = {on(30): "renewed", on(60): "renewed", on(90): "current"}
    assert await statuses(coordinator, person) == all_three
    path = f"/competences/{made[90]['id']}"
    fact = (await coordinator.found(f"{path}/history"))["lines"][0]["id"]
    for _ in range(2):
        await coordinator.made(f"{path}/facts/{fact}/void", {"reason": "wrong-person"})
        assert await statuses(coordinator, person) == {on(30): "renewed", on(60): "current"}
        await coordinator.made(f"{path}/facts/{fact}/restore", {"reason": "right-person"})
        assert await statuses(coordinator, person) == all_three


async def test_a_training_that_was_on_another_day_renews_what_came_before_that_day(coordinator: Client) -> None:
    person = str(somebody())
    await coordinator.made("/competences", training(person, occurred_on=on(60)))
    later = await coordinator.made("/competences", training(person, occurred_on=on(90)))
    assert await statuses(coordinator, person) == {on(60): "renewed", on(90): "current"}
    path = f"/competences/{later['id']}"
    said = (await coordinator.found(f"{path}/history"))["lines"][0]
    for number, stands in (
        (30, {on(60): "current", on(30): "renewed"}),
        (120, {on(60): "renewed", on(120): "current"}),
    ):
        better = {"replacement": {**said["said"], "occurred_on": on(number)}, "reason": "wrong-day"}
        await coordinator.made(f"{path}/facts/{said['id']}/correct", better)
        assert await statuses(coordinator, person) == stands


async def test_training_under_another_id_of_the_same_person_renews_until_they_are_told_apart(
    coordinator: Client, database: Database
) -> None:
    one, other = somebody(), somebody()
    await coordinator.made("/competences", training(str(one), said=on(60)))
    await coordinator.made("/competences", training(str(other), occurred_on=on(40)))
    linked = PersonLinked(same_as=one, occurred_on=today(), reason=LinkReason.SAME_CONTACT)
    apart = PersonUnlinked(same_as=one, occurred_on=today(), reason=UnlinkReason.MISTAKEN)
    for turn, (fact, missing) in enumerate(((linked, []), (apart, [str(one)]), (linked, [])), 2):
        await hear(database, identities.hear, (other, turn, fact))
        out = (await coordinator.found("/out-of-date"))["rows"]
        assert [row["person_id"] for row in out] == missing


async def test_training_by_the_next_version_of_the_framework_renews_and_by_another_framework_does_not(
    coordinator: Client,
) -> None:
    person, before = str(somebody()), {**SKILL, "framework": "cstf-england-1-0"}
    await coordinator.made("/competences", training(person, skill=before, said=on(50)))
    await coordinator.made(
        "/competences", training(person, skill={**SKILL, "framework": "care-certificate"}, said=on(60))
    )
    await coordinator.made("/competences", training(person, occurred_on=on(40)))
    assert [row["framework"] for row in (await coordinator.found("/out-of-date"))["rows"]] == ["care-certificate"]
    older = training(str(somebody()), occurred_on=on(40), skill=before)
    newer = await coordinator.made("/competences", {**older, "occurred_on": on(30), "skill": SKILL})
    await coordinator.made("/competences", older)
    assert (await coordinator.found(f"/competences/{newer['id']}"))["status"] == "current"


async def test_more_renews_less_only_where_it_holds_all_of_it(coordinator: Client) -> None:
    for subject, status in (("safeguarding-adults", "renewed"), ("resuscitation", "current")):
        person = str(somebody())
        skill = {**SKILL, "subject": subject}
        less = await coordinator.made("/competences", training(person, skill={**skill, "level": 2}))
        await coordinator.made("/competences", training(person, skill={**skill, "level": 3}, occurred_on=on(40)))
        assert (await coordinator.found(f"/competences/{less['id']}"))["status"] == status


async def test_of_many_who_enter_the_same_training_at_once_one_does(coordinator: Client) -> None:
    asked = training(str(somebody()))
    answers = await asyncio.gather(*(coordinator.post("/competences", asked) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 19]


async def test_that_training_runs_out_is_raised_before_and_waits_with_the_organisation_alone(
    coordinator: Client, as_role: As, database: Database
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    made = await coordinator.made("/competences", training(str(somebody())))
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT aggregate, aggregate_id, name, due_at FROM kit.deadline WHERE name <> 'retention'"
        )
        assert [row["due_at"].date() for row in rows] == [months_later(day(20), 24) - timedelta(days=60)]
        due = Due(**dict(rows[0]))
        await aggregates.fall_due(tx, due, Context(actor="deadlines"))
    mine = (await as_role("partner", HOSPITALS).found("/waiting"))["rows"]
    assert [(row["aggregate_id"], row["why"]) for row in mine] == [(made["id"], "refresh")]
    assert (await as_role("partner", COUNCIL).found("/waiting"))["rows"] == []
    gone = await as_role("partner", HOSPITALS).found("/out-of-date", on="2099-01-01", subject="fire-safety")
    assert [row["id"] for row in gone["rows"]] == [made["id"]]
    assert (await as_role("partner", COUNCIL).found("/out-of-date", on="2099-01-01"))["rows"] == []


async def test_a_host_accepts_what_it_is_shown_and_what_it_saves_is_counted(coordinator: Client, as_role: As) -> None:
    price = a_course(title="Fire safety", category="core-skills", teaches=SKILL, seat_pence=4500, backfill_pence=9800)
    await coordinator.made("/courses", price)
    person, host = str(somebody()), as_role("partner", HOSPICE)
    made = await coordinator.made("/competences", training(person))
    path = f"/competences/{made['id']}/judge"
    assert (await host.post(path, judging())).status_code == 404
    shown = await coordinator.made(f"/persons/{person}/transcript/code", {})
    (seen,) = (await host.found(shown["path"]))["core_skills"]
    assert (seen["id"], seen["counts"]) == (made["id"], True)
    assert (await host.post(path, judging(code="x" * 32))).status_code == 404
    today = {key: value for key, value in judging(code=shown["code"]).items() if key != "occurred_on"}
    state = await host.made(path, today)
    assert [(each["host"], each["outcome"]) for each in state["judgements"]] == [(HOSPICE, "waived")]
    for who in (host, coordinator):
        (saved,) = (await who.found("/savings", first="2020-01-01", last="2099-01-01"))["savings"]
        assert (saved["host"], saved["waived"], saved["saved_pence"]) == (HOSPICE, 1, 14_300)
    nobody = await as_role("partner", HOSPITALS).found("/savings", first="2020-01-01", last="2099-01-01")
    assert nobody["savings"] == []
    assert (await host.post(path, {**today, "host": HOSPITALS})).json()["type"] == "/problems/not-your-organisation"


async def test_a_host_rejects_what_it_is_shown_and_never_accepted(coordinator: Client, as_role: As) -> None:
    person, host = str(somebody()), as_role("partner", HOSPICE)
    made = await coordinator.made("/competences", training(person))
    path, knows = f"/competences/{made['id']}", {"host": HOSPICE, "required_level": 1, "reason": "identity-not-matched"}
    assert (await host.post(f"{path}/reject", knows)).status_code == 404
    shown = await coordinator.made(f"/persons/{person}/transcript/code", {})
    state = await host.made(f"{path}/reject", {**knows, "code": shown["code"]})
    assert [(each["host"], each["outcome"]) for each in state["judgements"]] == [(HOSPICE, "rejected")]
    types = [line["type"] for line in (await coordinator.found(f"{path}/history"))["lines"]]
    assert not any(".learning-waived." in each for each in types)


async def test_who_is_shown_a_transcript_sees_what_it_made_of_it_and_not_what_others_did(
    coordinator: Client, as_role: As
) -> None:
    person = str(somebody())
    made = await coordinator.made("/competences", training(person))
    knows = {"host": COUNCIL, "required_level": 1, "reason": "identity-not-matched"}
    await coordinator.made(f"/competences/{made['id']}/reject", knows)
    await coordinator.made(f"/competences/{made['id']}/judge", judging())
    shown = await coordinator.made(f"/persons/{person}/transcript/code", {})
    for who, hosts in ((as_role("partner", HOSPICE), [HOSPICE]), (as_role("partner", HOSPITALS), [])):
        (seen,) = (await who.found(shown["path"]))["core_skills"]
        assert [each["host"] for each in seen["judgements"]] == hosts
    (every,) = (await coordinator.found(f"/persons/{person}/transcript"))["core_skills"]
    assert {each["host"] for each in every["judgements"]} == {COUNCIL, HOSPICE}


async def test_a_code_that_is_over_opens_no_record_on_an_earlier_day(
    coordinator: Client, as_role: As, database: Database
) -> None:
    person, host = str(somebody()), as_role("partner", HOSPICE)
    made = await coordinator.made("/competences", training(person))
    shown = await coordinator.made(f"/persons/{person}/transcript/code", {})
    async with database.transaction() as tx:
        await tx.execute("UPDATE transcript_code SET until = until - 31")
    late = await host.post(f"/competences/{made['id']}/judge", judging(code=shown["code"]))
    assert late.status_code == 404


async def test_a_host_that_asked_for_a_part_accepts_the_rest_once_it_is_done(coordinator: Client, as_role: As) -> None:
    held = {**SKILL, "subject": "resuscitation", "level": 3}
    made = await coordinator.made("/competences", training(str(somebody()), skill=held))
    path = f"/competences/{made['id']}"
    asked = await coordinator.made(f"{path}/judge", judging(skill={**held, "level": 2}))
    assert [each["outcome"] for each in asked["judgements"]] == ["top-up"]
    host = as_role("partner", HOSPICE)
    met = await host.made(f"{path}/meet-top-up", {"occurred_on": on(50), "host": HOSPICE})
    assert [(each["outcome"], each["top_up"]) for each in met["judgements"]] == [("waived", "local-practical")]
    knows = {"occurred_on": on(60), "host": HOSPICE, "required_level": 2, "reason": "identity-not-matched"}
    rejected = await host.made(f"{path}/reject", knows)
    assert [each["reason"] for each in rejected["judgements"]] == ["identity-not-matched"]


async def test_whoever_completes_a_course_that_teaches_a_skill_has_it_until_the_register_is_opened_again(
    coordinator: Client,
) -> None:
    await coordinator.made("/refreshers", a_refresher())
    cohort = await scheduled(
        coordinator, a_course(title="Fire safety", category="core-skills", teaches=SKILL), sessions=[on(60)]
    )
    came, stayed = str(somebody()), str(somebody())
    state = await coordinator.made(f"/cohorts/{cohort}/book", team(came, stayed))
    ids = {each["person_id"]: each["id"] for each in state["bookings"]}
    await coordinator.made(f"/cohorts/{cohort}/register", {"session": on(60), "attended": [ids[came]]})
    await coordinator.made(f"/cohorts/{cohort}/hold", {"occurred_on": on(60)})
    (record,) = (await coordinator.found("/competences"))["rows"]
    assert (record["person_id"], record["source"], record["since"]) == (came, "cohort", on(60))
    transcript = await coordinator.found(f"/persons/{came}/transcript")
    assert [course["title"] for course in transcript["courses"]] == ["Fire safety"]
    line = (await coordinator.found(f"/cohorts/{cohort}/history"))["lines"]
    completed = next(each for each in line if ".course-completed." in each["type"])
    replacement = {**completed["said"], "occurred_on": on(62)}
    path = f"/cohorts/{cohort}/facts/{completed['id']}/correct"
    await coordinator.made(path, {"replacement": replacement, "reason": "wrong-day"})
    (record,) = (await coordinator.found("/competences"))["rows"]
    assert (record["since"], record["expires_on"]) == (on(62), months_later(day(62), 24).isoformat())
    await coordinator.made(f"/cohorts/{cohort}/reopen", {"reason": "list-found"})
    assert (await coordinator.found("/competences"))["rows"] == []


async def test_a_coordinator_who_acts_for_one_organisation_gives_codes_too(as_role: As) -> None:
    theirs = as_role("coordinator", COUNCIL)
    person = str(somebody())
    shown = await theirs.made(f"/persons/{person}/transcript/code", {})
    assert (await as_role("partner", HOSPICE).found(shown["path"]))["person_id"] == person


async def test_a_code_shows_a_transcript_for_thirty_days_and_is_kept_nowhere(
    coordinator: Client, database: Database
) -> None:
    shown = await coordinator.made(f"/persons/{somebody()}/transcript/code", {})
    async with database.transaction() as tx:
        kept = str(await tx.fetch("SELECT * FROM transcript_code")) + str(
            await tx.fetch("SELECT * FROM kit.answered_request")
        )
        assert shown["code"] not in kept
        await tx.execute("UPDATE transcript_code SET until = until - 31")
    assert (await coordinator.get(shown["path"])).status_code == 404


async def test_nothing_is_corrected_into_what_makes_no_sense(coordinator: Client) -> None:
    record = await coordinator.made("/competences", training(str(somebody())))
    rule = await coordinator.made("/refreshers", a_refresher())
    for path, kind, better, field in (
        (f"/competences/{record['id']}", "competence-recorded", {"expires_on": on(20)}, "expires_on"),
        (f"/refreshers/{rule['id']}", "refresher-set", {"until": on(9)}, "until"),
    ):
        refused = await put_right(coordinator, path, kind, **better)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, f"replacement.{field}")


@pytest.mark.parametrize("path", ["/refreshers", "/competences", "/out-of-date"])
async def test_nobody_comes_in_without_a_token_or_with_another_role(as_role: As, path: str) -> None:
    assert (await as_role(None).get(path)).status_code == 401
    assert (await as_role("board").get(path)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"skill": {**SKILL, "level": 5}}, "skill.level"),
        ({"skill": {**SKILL, "subject": "juggling"}}, "skill.subject"),
        ({"said": on(20)}, "said"),
        ({"occurred_on": "2099-01-01"}, "occurred_on"),
        ({"colour": "blue"}, "colour"),
    ],
)
async def test_a_record_that_makes_no_sense_is_refused_by_field(coordinator: Client, changes: Json, field: str) -> None:
    refused = await coordinator.post("/competences", training(str(somebody()), **changes))
    assert refused.status_code == 422
    assert field in {error["field"] for error in refused.json()["errors"]}
