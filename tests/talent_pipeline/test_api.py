"""The routes, on a real database: what can be done, what is refused and how, and who sees what."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from kit import deadlines
from kit.context import Context
from kit.database import Database
from kit.testing.databases import Clone
from kit.testing.lives import allowed_somewhere
from kit.testing.restoring import restored
from talent_pipeline.api.steps import ALL
from talent_pipeline.app import service
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import aggregates
from talent_pipeline.testing import APPLY, COUNCIL, HOSPITALS, OFFER, REACHED, day

from .acts import (
    PERSON,
    STEPS,
    a_campaign,
    a_draft,
    a_vacancy,
    an_application,
    an_engagement,
    an_interest,
    an_interview,
    brought_to,
    on,
    permitted,
)

As = Callable[..., Any]


async def placed(coordinator: Any, **changes: Any) -> str:
    """Somebody who started."""
    candidacy = await an_application(coordinator, await a_vacancy(coordinator, **changes))
    await brought_to(coordinator, candidacy, "start")
    return candidacy


async def types_of(client: Any, path: str) -> list[str]:
    history = (await client.get(f"{path}/history")).json()
    return [line["type"].split(".")[-2] for line in history["lines"]]


# A recruitment ---------------------------------------------------------------------------------------------------------


async def test_from_interest_to_a_start_and_the_post_is_filled(coordinator: Any) -> None:
    vacancy = await a_vacancy(coordinator)
    candidacy = await an_application(coordinator, vacancy)
    started = await brought_to(coordinator, candidacy, "start")
    assert (started["status"], started["allowed"]) == ("started", ["update-check", "leave"])
    filled = (await coordinator.get(f"/vacancies/{vacancy}")).json()
    assert (filled["status"], filled["filled_by"]) == ("filled", [candidacy])
    history = (await coordinator.get(f"/candidacies/{candidacy}/history")).json()["lines"]
    assert [line["version"] for line in history] == list(range(1, len(STEPS) + 2))
    assert history[-1]["said"]["new_to_system"] == "yes"
    posts = (await coordinator.get(f"/vacancies/{vacancy}/history")).json()["lines"]
    assert posts[-2]["causation_id"] == history[-1]["id"]


async def test_a_campaign_brings_people_under_its_own_route(coordinator: Any) -> None:
    campaign = await coordinator.made("/campaigns", a_campaign())
    await coordinator.made(f"/campaigns/{campaign['id']}/open", {"occurred_on": on(5)})
    came = an_interest(source="campaign", campaign_id=campaign["id"], channel="poster", qr_asset="armley-12")
    engagement = await coordinator.made("/engagements", came)
    assert engagement["route"] == "connecting-communities"
    await coordinator.made(
        f"/engagements/{engagement['id']}/triage", {"occurred_on": on(7), "spoke": "we-care-academy"}
    )
    support = {"occurred_on": on(8), "kind": "training", "destination": "associated-sector"}
    await coordinator.made(f"/engagements/{engagement['id']}/support", support)
    again = await coordinator.made("/engagements", an_interest(person_id=engagement["person_id"]))
    assert again["person_id"] == engagement["person_id"]
    assert (await coordinator.post("/engagements", an_interest(person_id=str(uuid4())))).json()["errors"] == [
        {"field": "person_id", "rule": "people has registered nobody under this id."}
    ]


async def test_a_fair_is_planned_and_held(coordinator: Any) -> None:
    plan = {"occurred_on": on(0), "name": "Spring fair", "employers": [HOSPITALS, COUNCIL], "planned_for": on(20)}
    fair = await coordinator.made("/fairs", plan)
    held = await coordinator.made(f"/fairs/{fair['id']}/hold", {"occurred_on": on(20), "attended": 140})
    assert held["status"] == "held"
    engagement = await an_engagement(coordinator, source="fair", fair_id=fair["id"], occurred_on=on(20))
    assert engagement["fair_id"] == fair["id"]


async def test_a_redirection_begins_a_candidacy_with_another_employer(coordinator: Any) -> None:
    engagement = await an_engagement(coordinator)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    target = await a_vacancy(coordinator, employer=COUNCIL)
    asked = {"occurred_on": on(30), "to": "employer", "vacancy_id": str(target)}
    refused = await coordinator.post(f"/candidacies/{candidacy}/redirect", asked)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-permitted")
    await permitted(coordinator, engagement["id"])
    await coordinator.made(f"/candidacies/{candidacy}/redirect", asked)
    there = (await coordinator.get("/candidacies", employer=COUNCIL)).json()["rows"]
    assert [(row["redirected_from"], row["status"]) for row in there] == [(candidacy, "applied")]


async def test_the_pool_offers_a_new_vacancy_in_one_act_and_takes_back_who_declines(coordinator: Any) -> None:
    engagement = await an_engagement(coordinator)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await brought_to(coordinator, candidacy, "record-values-interview")
    no_post = {"occurred_on": on(25), "reason": "appointable-no-post"}
    await coordinator.made(f"/candidacies/{candidacy}/not-appoint", no_post)
    await permitted(coordinator, engagement["id"])
    pooling = {"occurred_on": on(26), "candidacy_id": candidacy, "available_from": on(30)}
    member = await coordinator.made("/appointables", pooling)
    target = await a_vacancy(coordinator, employer=COUNCIL)
    offered = {"occurred_on": on(31), "vacancy_id": str(target)}
    made = await coordinator.made(f"/appointables/{member['id']}/offer", offered)
    new = made["offered_as"]
    assert await types_of(coordinator, f"/candidacies/{new}") == [
        "application-submitted", "application-shortlisted", "values-pass-accepted", "offer-made",
    ]  # fmt: skip
    await coordinator.made(f"/candidacies/{new}/decline-offer", {"occurred_on": on(33), "reason": "transport"})
    assert (await coordinator.get(f"/appointables/{member['id']}")).json()["status"] == "available"


async def test_somebody_who_left_earlier_was_not_sustained_later(coordinator: Any, database: Database) -> None:
    candidacy = await placed(coordinator)
    while await deadlines.fire_next(database, aggregates.fall_due):
        pass
    assert (await coordinator.get(f"/candidacies/{candidacy}")).json()["sustained"] == [4, 13, 26, 52]
    left = {"occurred_on": on(60 + 100), "reason": "other-job-outside"}
    answer = await coordinator.made(f"/candidacies/{candidacy}/leave", left)
    assert (answer["status"], answer["sustained"]) == ("left", [4, 13])
    assert (await types_of(coordinator, f"/candidacies/{candidacy}"))[-3:] == [
        "fact-voided",
        "fact-voided",
        "placement-ended",
    ]


# Corrections -----------------------------------------------------------------------------------------------------------


async def fact_of(client: Any, path: str, name: str) -> dict[str, Any]:
    lines = (await client.get(f"{path}/history")).json()["lines"]
    return next(line for line in lines if line["type"].split(".")[-2] == name)


async def test_a_voided_start_frees_its_post_and_a_restored_one_fills_it(coordinator: Any, database: Database) -> None:
    candidacy = await placed(coordinator)
    while await deadlines.fire_next(database, aggregates.fall_due):
        pass
    path = f"/candidacies/{candidacy}"
    start = (await fact_of(coordinator, path, "candidate-placed"))["id"]
    voided = await coordinator.made(f"{path}/facts/{start}/void", {"reason": "entered-twice"})
    assert voided["status"] == "start-agreed"
    vacancy = f"/vacancies/{voided['vacancy_id']}"
    assert (await coordinator.get(vacancy)).json()["status"] == "closed"
    restored = await coordinator.made(f"{path}/facts/{start}/restore", {"reason": "was-right"})
    assert (restored["status"], restored["sustained"]) == ("started", [4, 13, 26, 52])
    assert (await coordinator.get(vacancy)).json()["status"] == "filled"


async def test_a_fact_is_corrected_with_all_its_fields_and_both_are_shown(coordinator: Any) -> None:
    path = f"/candidacies/{await placed(coordinator)}"
    line = await fact_of(coordinator, path, "candidate-placed")
    better = {**line["said"], "prior_employment": "leeds-health-care", "new_to_system": "no"}
    asked = {"reason": "wrong", "replacement": better}
    await coordinator.made(f"{path}/facts/{line['id']}/correct", asked)
    now = await fact_of(coordinator, path, "candidate-placed")
    assert (now["said"], now["stands"]) == (line["said"], better)
    wrong = {"reason": "wrong", "replacement": {**better, "prior_employment": "on-the-moon"}}
    refused = await coordinator.post(f"{path}/facts/{line['id']}/correct", wrong)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "replacement.prior_employment")
    assert "moon" not in refused.text


async def test_what_a_correction_cannot_leave_is_refused_in_words(coordinator: Any) -> None:
    path = f"/campaigns/{(await coordinator.made('/campaigns', a_campaign()))['id']}"
    line = await fact_of(coordinator, path, "campaign-planned")
    asked = {"reason": "wrong", "replacement": {**line["said"], "closes_on": on(4)}}
    refused = await coordinator.post(f"{path}/facts/{line['id']}/correct", asked)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/closes-before-it-opens")


async def test_what_others_stand_on_is_not_voided(coordinator: Any) -> None:
    candidacy = await placed(coordinator)
    offer = (await fact_of(coordinator, f"/candidacies/{candidacy}", "offer-made"))["id"]
    refused = await coordinator.post(f"/candidacies/{candidacy}/facts/{offer}/void", {"reason": "wrong"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/fact-stands-in-the-way")
    engagement = (await coordinator.get("/engagements")).json()["rows"][0]["id"]
    first = (await fact_of(coordinator, f"/engagements/{engagement}", "interest-registered"))["id"]
    refused = await coordinator.post(f"/engagements/{engagement}/facts/{first}/void", {"reason": "wrong"})
    assert refused.json()["type"] == "/problems/something-hangs-on-it"


async def test_an_application_that_was_voided_can_be_made_again(coordinator: Any) -> None:
    vacancy, engagement = await a_vacancy(coordinator), (await an_engagement(coordinator))["id"]
    candidacy = await an_application(coordinator, vacancy, engagement)
    twice = {"occurred_on": on(11), "engagement_id": engagement, "vacancy_id": str(vacancy)}
    assert (await coordinator.post("/candidacies", twice)).json()["type"] == "/problems/already-applied"
    fact = (await fact_of(coordinator, f"/candidacies/{candidacy}", "application-submitted"))["id"]
    voided = await coordinator.made(f"/candidacies/{candidacy}/facts/{fact}/void", {"reason": "wrong-vacancy"})
    assert voided["status"] == "voided"
    await coordinator.made("/candidacies", twice)
    assert len((await coordinator.get("/candidacies")).json()["rows"]) == 1


# Refusals --------------------------------------------------------------------------------------------------------------


async def test_a_command_that_the_state_does_not_allow_says_the_state_and_what_it_allows(coordinator: Any) -> None:
    candidacy = await an_application(coordinator, await a_vacancy(coordinator))
    answer = await coordinator.post(f"/candidacies/{candidacy}/clear", {})
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["state"]) == ("/problems/not-in-this-state", "applied")
    assert problem["allowed"] == ["shortlist", "update-check", "withdraw", "not-appoint", "redirect"]


HOSTILE: tuple[tuple[str, bytes, str], ...] = (
    ("a NUL", b'{"employer":"leeds\\u0000","posts":1}', "employer"),
    ("a huge number", b'{"posts":' + b"9" * 400 + b"}", "posts"),
    ("a text for a number", b'{"posts":"1"}', "posts"),
    ("a number for a yes", b'{"accepts_values_pass":1}', "accepts_values_pass"),
    ("a number for a day", b'{"occurred_on":0}', "occurred_on"),
    ("a day that is none", b'{"occurred_on":"2023-02-30"}', "occurred_on"),
    ("a year out of range", b'{"occurred_on":"0001-01-01"}', "occurred_on"),
    ("a name twice", b'{"posts":1,"posts":2}', "body"),
    ("a name twice inside", b'{"role":{"grade":"2","grade":"3"}}', "body"),
    ("an unknown field", b'{"colour":"blue"}', "colour"),
    ("no JSON", b"{", "body"),
    ("not UTF-8", b'{"employer":"\xff"}', "body"),
    ("a list", b"[]", "body"),
    ("a lone surrogate", b'{"role":{"title":"\\ud800"}}', "body"),
    ("infinity", b'{"role":{"weekly_hours":1e999}}', "role.weekly_hours"),
    ("deep nesting", b"[" * 100_000, "body"),
)


@pytest.mark.parametrize(
    ("raw", "field"), [(raw, field) for _, raw, field in HOSTILE], ids=[name for name, _, _ in HOSTILE]
)
async def test_bad_input_is_refused_by_field_and_rule_and_never_repeated(asker: Any, raw: bytes, field: str) -> None:
    answer = await asker.http.post("/vacancies", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    fields = [error["field"] for error in answer.json()["errors"]]
    assert any(named == field or named.startswith(field) for named in fields), fields
    assert "9999" not in answer.text


@pytest.mark.parametrize("path", ["/vacancies/x", "/vacancies?status=lost", "/vacancies?colour=blue", "/waiting?after=zzz",
                                  "/candidacies?limit=0", "/candidacies?before=99999999999999999999"])  # fmt: skip
async def test_a_question_that_makes_no_sense_is_refused(asker: Any, path: str) -> None:
    assert (await asker.http.get(path)).status_code == 422


async def test_nothing_is_dated_in_the_future_or_before_the_step_it_follows(coordinator: Any) -> None:
    assert (await coordinator.post("/vacancies", a_draft(occurred_on="2099-01-01"))).status_code == 422
    made = await coordinator.made("/vacancies", a_draft())
    early = await coordinator.post(f"/vacancies/{made['id']}/authorise", {"occurred_on": day(-1).isoformat()})
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "occurred_on")


# Who may ---------------------------------------------------------------------------------------------------------------


async def test_every_route_names_its_role_and_takes_nobody_without(app: FastAPI, as_role: As) -> None:
    stranger, board = as_role(None), as_role("board")
    routes = [(method, path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(routes) > 100
    for method, pattern in routes:
        path = pattern.replace("{id}", str(uuid4())).replace("{fact_id}", str(uuid4()))
        assert (await stranger.http.request(method, path)).status_code == 401, path
        assert (await board.http.request(method, path)).status_code == 403, path


async def test_an_employer_sees_and_moves_its_own_applicants_only(coordinator: Any, as_role: As) -> None:
    hospitals, council = as_role("partner", HOSPITALS), as_role("partner", COUNCIL)
    vacancy = await a_vacancy(coordinator)
    candidacy = await an_application(coordinator, vacancy)
    assert (await council.get("/candidacies")).json()["rows"] == []
    for path in (f"/candidacies/{candidacy}", f"/candidacies/{candidacy}/history", f"/vacancies/{vacancy}"):
        assert (await council.get(path)).status_code == 404
    assert (await council.post(f"/candidacies/{candidacy}/shortlist", {})).status_code == 404
    assert (await hospitals.get(f"/candidacies/{candidacy}")).status_code == 200
    assert (await hospitals.get("/engagements")).status_code == 403
    started = await brought_to(hospitals, candidacy, "start")
    assert started["status"] == "started"
    assert {row["organisation"] for row in (await hospitals.get("/waiting")).json()["rows"]} <= {HOSPITALS}
    assert (await council.get("/waiting")).json() == {"groups": [], "rows": [], "next": None}


async def test_an_employer_drafts_its_own_vacancies_only(as_role: As) -> None:
    hospitals = as_role("partner", HOSPITALS)
    assert (await hospitals.post("/vacancies", a_draft())).status_code == 201
    refused = await hospitals.post("/vacancies", a_draft(employer=COUNCIL))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "employer")


async def test_a_pass_is_shared_with_every_employer_and_a_fail_with_none(coordinator: Any, as_role: As) -> None:
    council = as_role("partner", COUNCIL)
    for outcome, status in (("passed", 200), ("not-passed", 404)):
        engagement = await an_engagement(coordinator)
        candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
        await brought_to(coordinator, candidacy, "shortlist")
        await coordinator.made(f"/candidacies/{candidacy}/record-values-interview", an_interview(outcome=outcome))
        shared = await council.get(f"/persons/{engagement['person_id']}/values-pass", on=on(100))
        assert shared.status_code == status
        assert (await council.get(f"/persons/{engagement['person_id']}/values-pass", on=on(500))).status_code == 404


async def test_an_employers_step_puts_the_candidate_back_into_a_pool_that_it_does_not_see(
    coordinator: Any, as_role: As
) -> None:
    engagement = await an_engagement(coordinator)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await brought_to(coordinator, candidacy, "record-values-interview")
    await coordinator.made(
        f"/candidacies/{candidacy}/not-appoint", {"occurred_on": on(25), "reason": "appointable-no-post"}
    )
    await permitted(coordinator, engagement["id"])
    member = await coordinator.made(
        "/appointables", {"occurred_on": on(26), "candidacy_id": candidacy, "available_from": on(30)}
    )
    target = await a_vacancy(coordinator, employer=COUNCIL)
    offer = {"occurred_on": on(31), "vacancy_id": str(target)}
    new = (await coordinator.made(f"/appointables/{member['id']}/offer", offer))["offered_as"]
    council = as_role("partner", COUNCIL)
    await council.made(f"/candidacies/{new}/withdraw-offer", {"occurred_on": on(33), "reason": "vacancy-withdrawn"})
    assert (await council.get(f"/candidacies/{candidacy}")).status_code == 404
    assert (await coordinator.get(f"/appointables/{member['id']}")).json()["status"] == "available"


# Twice, late, at once --------------------------------------------------------------------------------------------------


async def test_the_same_key_and_body_get_the_same_answer_also_with_an_old_etag(coordinator: Any) -> None:
    made = await coordinator.made("/vacancies", a_draft())
    path = f"/vacancies/{made['id']}/authorise"
    sent = {"occurred_on": on(1)}
    first = await coordinator.post(path, sent, Idempotency_Key="k1", If_Match='"1"')
    again = await coordinator.post(path, sent, Idempotency_Key="k1", If_Match='"1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (again.status_code, again.content) == (200, first.content)
    other = await coordinator.post(path, {"occurred_on": on(2)}, Idempotency_Key="k1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    stale = await coordinator.post(path, sent, If_Match='"1"')
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")


async def test_what_is_so_already_changes_no_version(coordinator: Any) -> None:
    made = await coordinator.made("/vacancies", a_draft())
    for _ in range(2):
        answer = await coordinator.made(f"/vacancies/{made['id']}/authorise", {"occurred_on": on(1)})
        assert answer["version"] == 2


async def ready_to_start(database: Database, coordinator: Any, vacancy_id: UUID) -> UUID:
    """A candidate of this vacancy with a start agreed, in one act."""
    engagement_id = UUID((await an_engagement(coordinator))["id"])
    async with database.transaction() as tx:
        context = Context(actor="test")
        posts, came = (
            await aggregates.look(tx, Vacancy, vacancy_id),
            await aggregates.look(tx, Engagement, engagement_id),
        )
        applied = replace(APPLY, vacancy_id=vacancy_id, vacancy=posts, engagement_id=engagement_id, engagement=came)
        steps = [replace(OFFER, vacancy=posts) if step is OFFER else step for step in REACHED[1:-1]]
        return (await aggregates.begin(tx, Candidacy, [applied, *steps], context)).id


async def test_of_twenty_starts_for_the_last_post_one_is_filled(coordinator: Any, database: Database) -> None:
    vacancy = await a_vacancy(coordinator)
    candidacies = [await ready_to_start(database, coordinator, vacancy) for _ in range(20)]
    body = {"occurred_on": on(60), "prior_employment": "unknown"}
    answers = await asyncio.gather(*(coordinator.post(f"/candidacies/{each}/start", body) for each in candidacies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    assert {answer.json().get("type") for answer in answers} == {None, "/problems/no-post-left"}
    found = (await coordinator.get(f"/vacancies/{vacancy}")).json()
    assert (found["status"], len(found["filled_by"])) == ("filled", 1)
    assert len((await coordinator.get("/candidacies", status="started")).json()["rows"]) == 1


# Lists, rows, waiting --------------------------------------------------------------------------------------------------


async def test_a_list_is_filtered_and_goes_on_where_the_page_before_ended(coordinator: Any) -> None:
    for employer in (HOSPITALS, COUNCIL, HOSPITALS):
        await coordinator.made("/vacancies", a_draft(employer=employer))
    found = (await coordinator.get("/vacancies", employer=HOSPITALS, limit=1)).json()
    rest = (await coordinator.get("/vacancies", employer=HOSPITALS, limit=1, before=found["next"])).json()
    end = (await coordinator.get("/vacancies", employer=HOSPITALS, limit=1, before=rest["next"])).json()
    assert [len(page["rows"]) for page in (found, rest, end)] == [1, 1, 0]
    assert end["next"] is None
    assert found["rows"][0]["id"] != rest["rows"][0]["id"]


async def test_interest_is_found_by_channel_by_poster_and_by_who_sent_the_person(coordinator: Any) -> None:
    for came in (
        {"channel": "poster", "qr_asset": "armley-12"}, {"channel": "poster", "qr_asset": "armley-13"},
        {"source": "supply-partner", "supply_partner": "leeds-gate"},
    ):  # fmt: skip
        await an_engagement(coordinator, **came)
    for asked, many in (
        ({"channel": "poster"}, 2),
        ({"qr_asset": "armley-12"}, 1),
        ({"supply_partner": "leeds-gate"}, 1),
    ):
        assert len((await coordinator.found("/engagements", **asked))["rows"]) == many, asked


async def test_what_waits_says_why_since_when_and_whose_move_it_is(coordinator: Any) -> None:
    candidacy = await an_application(coordinator, await a_vacancy(coordinator))
    await brought_to(coordinator, candidacy, "make-offer")
    found = (await coordinator.get("/waiting")).json()
    own = [row for row in found["rows"] if row["aggregate_id"] == candidacy]
    assert {(row["who"], row["since"]) for row in own} == {("candidate", on(22))}
    assert "check-identity-1" in {row["why"] for row in own}
    assert {group["who"]: group["number"] for group in found["groups"] if group["why"] == "triage"} == {
        "coordinator": 1
    }
    page = (await coordinator.get("/waiting", who="candidate", limit=2)).json()
    rest = (await coordinator.get("/waiting", who="candidate", limit=200, after=page["next"])).json()
    assert [row["why"] for row in (*page["rows"], *rest["rows"])] == sorted(row["why"] for row in own)
    triage = (await coordinator.get("/waiting", why="triage")).json()["rows"]
    assert [(row["who"], row["why"]) for row in triage] == [("coordinator", "triage")]


async def csv_to(client: Any, path: str, text: str, encoding: str = "utf-8") -> dict[str, Any]:
    answer = await client.http.post(path, content=text.encode(encoding), headers={"content-type": "text/csv"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_several_interests_by_csv_each_judged_by_itself(coordinator: Any) -> None:
    text = (
        "occurred_on;source;channel;employment_status;person_id\n"
        f"{on(6)};direct;web;unemployed;{PERSON}\n{on(6)};direct;web;sleeping;{PERSON}\n\n"
        f"{on(6)};fair;stand;inactive;{PERSON}\n{on(6)};direct;web;inactive;{PERSON}\n"
    )
    rows = (await csv_to(coordinator, "/engagements/rows", text, "utf-8-sig"))["rows"]
    assert [(row["row"], row["outcome"]) for row in rows] == [(2, "done"), (3, "refused"), (5, "refused"), (6, "done")]
    assert [row["errors"][0]["field"] for row in rows if row["outcome"] == "refused"] == [
        "employment_status",
        "fair_id",
    ]
    assert len((await coordinator.get("/engagements")).json()["rows"]) == 2


async def test_a_vacancy_by_csv_with_dotted_columns_as_excel_writes_them(coordinator: Any) -> None:
    role = a_draft()["role"]
    names = [*(f"role.{name}" for name in role), "occurred_on", "employer", "posts", "accepts_values_pass"]
    cells = [
        *(str(value).lower() if isinstance(value, bool) else str(value) for value in role.values()),
        on(0),
        HOSPITALS,
        "3",
        "yes",
    ]
    cells[0] = "Pflegekr\u00e4fte \u2013 Ward 7"
    text = ",".join(names) + "\r\n" + ",".join(cells) + "\r\n"
    (row,) = (await csv_to(coordinator, "/vacancies/rows", text, "cp1252"))["rows"]
    made = (await coordinator.get(f"/vacancies/{row['id']}")).json()
    assert (made["posts"], made["role"]["title"], made["role"]["weekly_hours"]) == (
        3,
        "Pflegekr\u00e4fte \u2013 Ward 7",
        37.5,
    )


async def test_steps_by_csv_name_the_id_in_a_column(coordinator: Any) -> None:
    vacancy = await a_vacancy(coordinator, posts=3)
    ids = [await an_application(coordinator, vacancy) for _ in range(2)]
    text = f"id,occurred_on\n{ids[0]},{on(12)}\n{uuid4()},{on(12)}\nnonsense,{on(12)}\n{ids[1]},{on(9)}\n"
    rows = (await csv_to(coordinator, "/candidacies/shortlist/rows", text))["rows"]
    assert [row.get("code", row["outcome"]) for row in rows] == [
        "done", "not-found", "invalid", "before-the-step-it-follows",
    ]  # fmt: skip
    interview = (
        "id,occurred_on,framework,panel,outcome,scores\n"
        f"{ids[0]},{on(20)},nhs-values-2023,a|b,passed,"
        + "|".join(f"value={score['value']} score=4" for score in an_interview()["scores"])
    )
    (row,) = (await csv_to(coordinator, "/candidacies/record-values-interview/rows", interview))["rows"]
    assert row["status"] == "interviewed"


@pytest.mark.parametrize("text", ["", "a,a\n1,2\n", "a,\n1,2\n", "a\n1,2\n"])
async def test_what_is_no_table_is_refused_as_a_whole(asker: Any, text: str) -> None:
    answer = await asker.http.post("/engagements/rows", content=text.encode())
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-csv")


def test_every_command_that_a_state_allows_has_a_route_of_that_name() -> None:
    for things in ALL:
        assert allowed_somewhere(aggregates.machines[things.kind]) <= set(things.steps), things.name


# What the audit of a stranger found ------------------------------------------------------------------------------------


async def test_whoever_applied_already_is_told_what_the_candidacy_is_and_allows(coordinator: Any) -> None:
    vacancy, engagement = await a_vacancy(coordinator), await an_engagement(coordinator)
    candidacy = await an_application(coordinator, vacancy, engagement["id"])
    again = {"occurred_on": on(11), "engagement_id": engagement["id"], "vacancy_id": str(vacancy)}
    refused = (await coordinator.post("/candidacies", again)).json()
    assert (refused["type"], refused["state"]) == ("/problems/already-applied", "applied")
    assert "shortlist" in refused["allowed"]
    assert candidacy in refused["detail"]


async def test_what_begins_something_needs_a_key_so_that_a_second_click_begins_no_second(coordinator: Any) -> None:
    without = await coordinator.http.post("/engagements", json=an_interest())
    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    answers = await asyncio.gather(
        *(coordinator.post("/engagements", an_interest(), Idempotency_Key="click") for _ in range(5))
    )
    assert len({answer.json()["person_id"] for answer in answers}) == 1


async def test_what_was_done_before_a_restore_is_not_done_again_for_the_same_key(
    coordinator: Any, clone: Clone
) -> None:
    async with restored(clone, service, "engagement"):
        first = (await coordinator.post("/engagements", an_interest(), Idempotency_Key="one")).json()
    again = await coordinator.post("/engagements", an_interest(), Idempotency_Key="one")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/done-before")
    assert again.json()["said"] == [{"id": first["id"], "version": 1}]
    other = (await coordinator.made("/engagements", an_interest()))["id"]
    assert {row["id"] for row in (await coordinator.found("/engagements"))["rows"]} == {first["id"], other}


async def test_a_late_application_to_a_vacancy_that_was_withdrawn_since_is_taken(coordinator: Any) -> None:
    vacancy, engagement = await a_vacancy(coordinator), await an_engagement(coordinator)
    withdrawn = {"occurred_on": on(40), "reason": "funding-ended"}
    await coordinator.made(f"/vacancies/{vacancy}/withdraw", withdrawn)
    late = {"occurred_on": on(41), "engagement_id": engagement["id"], "vacancy_id": str(vacancy)}
    assert (await coordinator.post("/candidacies", late)).json()["type"] == "/problems/vacancy-not-open"
    await coordinator.made("/candidacies", {**late, "occurred_on": on(40)})


async def test_whoever_starts_out_of_the_pool_is_placed_until_the_start_is_taken_back(coordinator: Any) -> None:
    engagement = await an_engagement(coordinator)
    passed = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await brought_to(coordinator, passed, "record-values-interview")
    no_post = {"occurred_on": on(25), "reason": "appointable-no-post"}
    await coordinator.made(f"/candidacies/{passed}/not-appoint", no_post)
    await permitted(coordinator, engagement["id"])
    member = await coordinator.made(
        "/appointables", {"occurred_on": on(26), "candidacy_id": passed, "available_from": on(30)}
    )
    target = await a_vacancy(coordinator, employer=COUNCIL)
    made = await coordinator.made(
        f"/appointables/{member['id']}/offer", {"occurred_on": on(31), "vacancy_id": str(target)}
    )
    new = made["offered_as"]
    for name, body in STEPS[3:]:
        await coordinator.made(f"/candidacies/{new}/{name}", body)

    async def status() -> str:
        return str((await coordinator.get(f"/appointables/{member['id']}")).json()["status"])

    assert await status() == "placed"
    history = (await coordinator.get(f"/candidacies/{new}/history")).json()["lines"]
    start = next(line["id"] for line in history if line["type"].endswith("candidate-placed.v1"))
    await coordinator.made(f"/candidacies/{new}/facts/{start}/void", {"reason": "wrong-person"})
    assert await status() == "offered"
    await coordinator.made(f"/candidacies/{new}/facts/{start}/restore", {"reason": "right-after-all"})
    assert await status() == "placed"


async def rows(client: Any, table: bytes, kind: str = "text/csv") -> Any:
    headers = {"Content-Type": kind, "Idempotency-Key": uuid4().hex}
    return await client.http.post("/vacancies/rows", content=table, headers=headers)


@pytest.mark.parametrize(
    "cell", ["--5", "5-", "\u0663", "1e5", "nan", "NaN", "Infinity", "9" * 30, "", "five", "0x10", "5.0"]
)
async def test_a_cell_that_is_no_number_is_refused_by_its_field_and_nothing_else_is_lost(asker: Any, cell: str) -> None:
    answer = await rows(asker, f"employer,posts\n{HOSPITALS},{cell}\n{HOSPITALS},1\n".encode())
    assert answer.status_code == 200
    first, second = answer.json()["rows"]
    assert (first["outcome"], second["outcome"]) == ("refused", "refused")  # both lack the role
    assert "posts" in {error["field"] for error in first["errors"]}
    assert "posts" not in {error["field"] for error in second["errors"]}


@pytest.mark.parametrize(
    ("table", "kind", "says"),
    [
        (b"employer,posts\n", "text/csv", "no row"),
        (b"id;x", "text/csv", "no row"),
        (b'{"a": 1}', "application/json", "text/csv"),
        (b'employer\n"a,b\n', "text/csv", "quote"),
        (b"employer\n" + b"x" * 200_000, "text/csv", "too long"),
        ("employer\nx\n".encode("utf-16"), "text/csv", "UTF-16"),
    ],
)
async def test_what_is_no_table_is_no_success(asker: Any, table: bytes, kind: str, says: str) -> None:
    answer = await rows(asker, table, kind)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/not-a-csv")
    assert says in answer.json()["detail"]


async def test_a_stale_version_names_the_header(coordinator: Any) -> None:
    vacancy = await coordinator.made("/vacancies", a_draft())
    stale = await coordinator.post(f"/vacancies/{vacancy['id']}/authorise", {"occurred_on": on(1)}, If_Match='"7"')
    assert (stale.status_code, stale.json()["errors"]) == (
        412, [{"field": "If-Match", "rule": "it has version 1 now"}],
    )  # fmt: skip


@pytest.mark.parametrize("marker", ["qzx-secret", "§§§", "0x41"])
async def test_no_rule_repeats_a_piece_of_what_was_sent(asker: Any, marker: str) -> None:
    asked = [
        await asker.get(f"/vacancies/{marker}"),
        await asker.get("/candidacies", person_id=marker),
        await asker.get(f"/persons/{uuid4()}/values-pass", on=marker),
        await asker.post("/candidacies", {"engagement_id": marker, "vacancy_id": marker, "occurred_on": marker}),
    ]
    for answer in asked:
        assert answer.status_code == 422
        rules = "".join(error["rule"] for error in answer.json()["errors"])
        assert not any(piece in rules for piece in (marker, f"`{marker[0]}`"))
