"""What is put right keeps the rules by which it was said, and takes along what followed from it elsewhere."""

from typing import Any

import pytest

from kit import deadlines
from kit.database import Database
from talent_pipeline.store import aggregates
from talent_pipeline.testing import COUNCIL, an_area

from .acts import a_campaign, a_draft, a_vacancy, an_application, an_engagement, brought_to, on, permitted
from .test_api import fact_of, placed


async def put_right(client: Any, path: str, name: str, **changes: Any) -> Any:
    """What is answered to a correction of a fact in these fields; None: it is to have none."""
    line = await fact_of(client, path, name)
    better = {name: given for name, given in {**line["said"], **changes}.items() if given is not None}
    return await client.post(f"{path}/facts/{line['id']}/correct", {"reason": "wrong", "replacement": better})


# By the same rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changes", "code", "field"),
    [
        ("values-interview-completed", {"valid_until": on(3000)}, "pass-for-a-year", "valid_until"),
        ("values-interview-completed", {"valid_until": None}, "pass-for-a-year", "valid_until"),
        ("values-interview-completed", {"occurred_on": on(21)}, "pass-for-a-year", "valid_until"),
        ("employment-check-updated", {"outcome": None}, "outcome-missing", "outcome"),
        ("candidate-cleared", {"risk_assessed_until": on(90)}, "risk-assessment-over", "risk_assessed_until"),
        (
            "candidate-cleared", {"risk_assessed": [{"kind": "identity", "number": 1}], "risk_assessed_until": on(90)},
            "never-covered", "risk_assessed",
        ),
        ("start-date-agreed", {"start_on": on(45)}, "start-before-agreement", "start_on"),
        ("candidate-placed", {"new_to_system": "no"}, "new-to-system-follows", "new_to_system"),
        ("candidate-placed", {"employer": COUNCIL}, "about-another", "employer"),
    ],
)  # fmt: skip
async def test_a_fact_of_an_application_is_put_right_by_its_rules(
    coordinator: Any, name: str, changes: dict[str, Any], code: str, field: str
) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    refused = await put_right(coordinator, path, name, **changes)
    assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{code}"), refused.text
    assert refused.json()["errors"][0]["field"] == f"replacement.{field}"


async def test_every_other_fact_is_put_right_by_its_rules(coordinator: Any) -> None:
    campaign = f"/campaigns/{(await coordinator.made('/campaigns', a_campaign()))['id']}"
    vacancy = f"/vacancies/{await a_vacancy(coordinator)}"
    engagement = f"/engagements/{(await an_engagement(coordinator))['id']}"
    plan = {"name": "Fair", "employers": [COUNCIL, "leeds-gate"], "planned_for": on(20)}
    fair = f"/fairs/{(await coordinator.made('/fairs', plan))['id']}"
    await permitted(coordinator, engagement.rpartition("/")[2])
    area = an_area().model_dump(mode="json")
    role = {**a_draft()["role"], "duties": "no-contact"}
    for path, name, changes, code in (
        (campaign, "campaign-planned", {"closes_on": on(4)}, "closes-before-it-opens"),
        (campaign, "campaign-planned", {"areas": [area, area]}, "area-named-twice"),
        (fair, "fair-planned", {"employers": [COUNCIL, COUNCIL]}, "employer-named-twice"),
        (vacancy, "vacancy-drafted", {"role": role}, "dbs-not-eligible"),
        (vacancy, "vacancy-drafted", {"soc2020": "6135"}, "not-the-roles"),
        (vacancy, "vacancy-advertised", {"closes_on": on(1)}, "closes-before-it-opens"),
        (engagement, "interest-registered", {"route": "connecting-communities"}, "not-the-route"),
        (engagement, "interest-registered", {"source": "supply-partner"}, "source-not-named"),
        (engagement, "redirection-permitted", {"until": on(8)}, "permission-over"),
    ):
        refused = await put_right(coordinator, path, name, **changes)
        assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{code}"), refused.text


async def test_nothing_about_health_was_before_the_offer_also_where_a_day_is_put_right(coordinator: Any) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    lines = (await coordinator.found(f"{path}/history"))["lines"]
    health = next(line for line in lines if line["said"].get("kind") == "work-health")
    earlier = {"reason": "wrong", "replacement": {**health["said"], "occurred_on": on(21)}}
    refused = await coordinator.post(f"{path}/facts/{health['id']}/correct", earlier)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/fact-stands-in-the-way")


# With what followed ----------------------------------------------------------------------------------------------------


async def test_a_first_day_that_is_put_right_is_the_day_on_which_the_post_was_filled(coordinator: Any) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    assert (await put_right(coordinator, path, "candidate-placed", occurred_on=on(62))).status_code == 200
    vacancy = f"/vacancies/{(await coordinator.found(path))['vacancy_id']}"
    for name in ("post-filled", "vacancy-concluded"):
        assert (await fact_of(coordinator, vacancy, name))["stands"]["occurred_on"] == on(62)


async def test_a_last_day_that_is_put_right_takes_back_what_was_said_of_the_days_after_it(
    coordinator: Any, database: Database
) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    while await deadlines.fire_next(database, aggregates.fall_due):
        pass
    await coordinator.made(f"{path}/leave", {"occurred_on": on(60 + 100), "reason": "other-job-outside"})
    assert (await coordinator.found(path))["sustained"] == [4, 13]
    assert (await put_right(coordinator, path, "placement-ended", occurred_on=on(60 + 50))).status_code == 200
    assert (await coordinator.found(path))["sustained"] == [4]
    assert (await put_right(coordinator, path, "placement-ended", occurred_on=on(60 + 200))).status_code == 200
    assert (await coordinator.found(path))["sustained"] == [4, 13, 26]


async def test_who_says_twice_that_somebody_left_takes_nothing_back(coordinator: Any, database: Database) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    while await deadlines.fire_next(database, aggregates.fall_due):
        pass
    leaving = {"occurred_on": on(60 + 100), "reason": "other-job-outside"}
    await coordinator.made(f"{path}/leave", leaving)
    await coordinator.made(f"{path}/leave", leaving)
    refused = await coordinator.post(f"{path}/leave", {**leaving, "occurred_on": on(60 + 10)})
    assert (refused.status_code, refused.json()["state"]) == (409, "left")
    found = await coordinator.found(path)
    assert (found["sustained"], found["left_on"]) == ([4, 13], on(60 + 100))


async def test_a_post_is_freed_by_the_start_that_filled_it_and_not_beside_it(coordinator: Any) -> None:
    path = f"/candidacies/{await placed(coordinator, posts=2)}"
    vacancy = f"/vacancies/{(await coordinator.found(path))['vacancy_id']}"
    filled = (await fact_of(coordinator, vacancy, "post-filled"))["id"]
    refused = await coordinator.post(f"{vacancy}/facts/{filled}/void", {"reason": "wrong-person"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/follows-from-another")
    assert (await coordinator.found(vacancy))["filled_by"] == [path.rpartition("/")[2]]


async def test_a_redirection_is_taken_back_after_the_candidacy_that_it_became(coordinator: Any) -> None:
    engagement = (await an_engagement(coordinator))["id"]
    await permitted(coordinator, engagement)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement)
    target = str(await a_vacancy(coordinator, employer=COUNCIL))
    await coordinator.made(
        f"/candidacies/{candidacy}/redirect", {"occurred_on": on(30), "to": "employer", "vacancy_id": target}
    )
    redirected = await fact_of(coordinator, f"/candidacies/{candidacy}", "candidate-redirected")
    became, path = redirected["said"]["to_candidacy_id"], f"/candidacies/{candidacy}/facts/{redirected['id']}"
    refused = await coordinator.post(f"{path}/void", {"reason": "wrong-vacancy"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/something-hangs-on-it")
    assert became in refused.json()["detail"]
    applied = (await fact_of(coordinator, f"/candidacies/{became}", "application-submitted"))["id"]
    await coordinator.made(f"/candidacies/{became}/facts/{applied}/void", {"reason": "wrong-vacancy"})
    assert (await coordinator.made(f"{path}/void", {"reason": "wrong-vacancy"}))["status"] == "applied"


async def test_a_pass_is_not_taken_back_under_a_candidacy_that_rests_on_it(coordinator: Any) -> None:
    engagement = (await an_engagement(coordinator))["id"]
    first = await an_application(coordinator, await a_vacancy(coordinator), engagement)
    await brought_to(coordinator, first, "record-values-interview")
    second = await an_application(coordinator, await a_vacancy(coordinator, employer=COUNCIL), engagement)
    await brought_to(coordinator, second, "shortlist")
    await coordinator.made(f"/candidacies/{second}/accept-values-pass", {"occurred_on": on(21)})
    interview = "values-interview-completed"
    refused = await put_right(coordinator, f"/candidacies/{first}", interview, outcome="not-passed", valid_until=None)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/something-hangs-on-it")
    await coordinator.made(f"/candidacies/{second}/not-appoint", {"occurred_on": on(25), "reason": "values-not-passed"})
    again = await put_right(coordinator, f"/candidacies/{first}", interview, outcome="not-passed", valid_until=None)
    assert again.status_code == 200


async def test_a_role_that_needs_other_checks_is_not_put_right_under_who_has_applied(coordinator: Any) -> None:
    vacancy = await a_vacancy(coordinator)
    path, role = f"/vacancies/{vacancy}", a_draft()["role"]
    lower = {**role, "dbs_level": "enhanced"}
    assert (await put_right(coordinator, path, "vacancy-drafted", role=lower)).status_code == 200
    candidacy = await an_application(coordinator, vacancy)
    refused = await put_right(coordinator, path, "vacancy-drafted", role=role)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/something-hangs-on-it")
    assert (await put_right(coordinator, path, "vacancy-drafted", role={**lower, "grade": "3"})).status_code == 200
    await coordinator.made(f"/candidacies/{candidacy}/withdraw", {"occurred_on": on(20), "reason": "other"})
    assert (await put_right(coordinator, path, "vacancy-drafted", role=role)).status_code == 200


async def test_a_filled_vacancy_takes_no_application_but_those_from_before(coordinator: Any) -> None:
    vacancy = await a_vacancy(coordinator)
    first = await an_application(coordinator, vacancy)
    await brought_to(coordinator, first, "start")
    late = {
        "occurred_on": on(61),
        "engagement_id": (await an_engagement(coordinator))["id"],
        "vacancy_id": str(vacancy),
    }
    refused = await coordinator.post("/candidacies", late)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/vacancy-not-open")
    await coordinator.made("/candidacies", {**late, "occurred_on": on(59)})


async def test_a_fair_belongs_to_a_campaign_that_there_is_and_brings_nobody_once_it_is_cancelled(
    coordinator: Any,
) -> None:
    plan = {"occurred_on": on(0), "name": "Fair", "employers": [COUNCIL, "leeds-gate"], "planned_for": on(20)}
    stray = await coordinator.post("/fairs", {**plan, "campaign_id": "00000000-0000-4000-8000-00000000dead"})
    assert (stray.status_code, stray.json()["errors"][0]["field"]) == (404, "campaign_id")
    campaign = f"/campaigns/{(await coordinator.made('/campaigns', a_campaign()))['id']}"
    fair = (await coordinator.made("/fairs", {**plan, "campaign_id": campaign.rpartition("/")[2]}))["id"]
    planned = (await fact_of(coordinator, campaign, "campaign-planned"))["id"]
    named = await coordinator.post(f"{campaign}/facts/{planned}/void", {"reason": "wrong"})
    assert (named.status_code, named.json()["type"]) == (409, "/problems/something-hangs-on-it")
    await coordinator.made(f"/fairs/{fair}/cancel", {"occurred_on": on(10), "reason": "venue-lost"})
    came = {"occurred_on": on(20), "person_id": str(await coordinator.somebody()), "source": "fair", "fair_id": fair,
            "channel": "stand", "employment_status": "inactive"}  # fmt: skip
    refused = await coordinator.post("/engagements", came)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/fair-not-held")
