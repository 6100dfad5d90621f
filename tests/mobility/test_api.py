"""The routes, on a real database: what can be done, what is refused and how, and who sees what."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from kit import deadlines
from kit.database import Database
from kit.testing.lives import allowed_somewhere
from mobility.api.steps import ALL
from mobility.handlers import falling_due
from mobility.store import aggregates
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS

from .acts import a_framework, a_need, a_publication, a_signing, an_invitation, on, signed

As = Callable[..., Any]


async def fire_all(database: Database, at: datetime | None = None) -> None:
    """Fire everything that is due."""
    while await deadlines.fire_next(database, falling_due.fall_due, at):
        pass


async def types_of(client: Any, path: str) -> list[str]:
    history = (await client.get(f"{path}/history")).json()
    return [line["type"].split(".")[-2] for line in history["lines"]]


async def fact_of(client: Any, path: str, name: str) -> dict[str, Any]:
    lines = (await client.get(f"{path}/history")).json()["lines"]
    return next(line for line in lines if line["type"].split(".")[-2] == name)


async def test_what_a_correction_cannot_leave_is_refused_in_words(coordinator: Any) -> None:
    path = f"/needs/{(await coordinator.made('/needs', a_need()))['id']}"
    line = await fact_of(coordinator, path, "need-raised")
    asked = {"reason": "wrong", "replacement": {**line["said"], "ends_on": on(29)}}
    refused = await coordinator.post(f"{path}/facts/{line['id']}/correct", asked)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/ends-before-it-starts")


async def who_is_in_force(client: Any, framework: str, number: int) -> list[str]:
    found = (await client.get(f"/frameworks/{framework}/in-force", on=on(number))).json()
    return [row["organisation"] for row in found["organisations"]]


# The framework ---------------------------------------------------------------------------------------------------------


async def test_organisations_sign_and_who_is_in_force_is_asked_of_a_day(coordinator: Any, as_role: As) -> None:
    framework = await a_framework(coordinator)
    await signed(coordinator, framework)
    hospice = await signed(coordinator, framework, HOSPICE, sector="third-sector", statutory=False)
    await coordinator.made("/signatures", an_invitation(framework, COUNCIL, sector="local-authority"))
    await coordinator.made(f"/signatures/{hospice}/suspend", {"occurred_on": on(50), "reason": "insurance-ended"})
    assert await who_is_in_force(coordinator, framework, 9) == []
    assert await who_is_in_force(coordinator, framework, 49) == [HOSPITALS, HOSPICE]
    assert await who_is_in_force(as_role("partner", HOSPICE), framework, 50) == [HOSPITALS]


async def test_who_leaves_is_in_force_up_to_its_last_day_and_gone_by_itself(
    coordinator: Any, database: Database
) -> None:
    framework = await a_framework(coordinator)
    signature = await signed(coordinator, framework)
    path = f"/signatures/{signature}"
    notice = {"occurred_on": on(100), "last_day": on(190), "reason": "merged"}
    left = await coordinator.made(f"{path}/give-notice", notice)
    assert (left["status"], left["allowed"]) == ("leaving", ["suspend"])
    await fire_all(database)
    assert (await coordinator.get(path)).json()["status"] == "withdrawn"
    assert (await who_is_in_force(coordinator, framework, 190), await who_is_in_force(coordinator, framework, 191)) == (
        [HOSPITALS], [],
    )  # fmt: skip
    given = (await fact_of(coordinator, path, "notice-given"))["id"]
    stays = await coordinator.made(f"{path}/facts/{given}/void", {"reason": "entered-in-error"})
    assert stays["status"] == "signed"
    again = await coordinator.made(f"{path}/facts/{given}/restore", {"reason": "was-right"})
    assert again["status"] == "withdrawn"


async def test_a_variation_asks_who_is_bound_and_lapses_who_does_not_sign(coordinator: Any, database: Database) -> None:
    framework = await a_framework(coordinator)
    hospitals, hospice = await signed(coordinator, framework), await signed(coordinator, framework, HOSPICE)
    invited = (await coordinator.made("/signatures", an_invitation(framework, COUNCIL)))["id"]
    today = datetime.now(UTC).date()
    vary = {"effective_from": today.isoformat(), "notice_days": 60, "reason": "primary-care-joins",
            "sign_by": (today + timedelta(days=30)).isoformat()}  # fmt: skip
    await coordinator.made(f"/frameworks/{framework}/vary", vary)
    waits = (await coordinator.get("/waiting", who="organisation")).json()["rows"]
    assert {(row["aggregate_id"], row["why"]) for row in waits} == {
        (hospitals, "sign-again"), (hospice, "sign-again"), (invited, "sign"),
    }  # fmt: skip
    again = await coordinator.post(f"/signatures/{hospitals}/sign", a_signing(occurred_on=today.isoformat()))
    assert again.status_code == 200  # version 1 is what it signed already: nothing is said
    signing = a_signing(occurred_on=today.isoformat(), version=2, in_force_from=today.isoformat())
    await coordinator.made(f"/signatures/{hospitals}/sign", signing)
    await fire_all(database, datetime.now(UTC) + timedelta(days=40))
    states = [(await coordinator.get(f"/signatures/{each}")).json()["status"] for each in (hospitals, hospice, invited)]
    assert states == ["signed", "lapsed", "invited"]


async def test_a_variation_that_is_voided_asks_nobody_and_a_restored_one_asks_again(
    coordinator: Any, database: Database
) -> None:
    framework = await a_framework(coordinator)
    signature = await signed(coordinator, framework)
    vary = {"occurred_on": on(100), "effective_from": on(130), "notice_days": 60, "sign_by": on(160), "reason": "more"}
    await coordinator.made(f"/frameworks/{framework}/vary", vary)
    await fire_all(database)
    path, fact = f"/signatures/{signature}", await fact_of(coordinator, f"/frameworks/{framework}", "framework-varied")
    assert (await coordinator.get(path)).json()["status"] == "lapsed"
    correction = f"/frameworks/{framework}/facts/{fact['id']}"
    await coordinator.made(f"{correction}/void", {"reason": "entered-in-error"})
    assert (await coordinator.get(path)).json()["status"] == "signed"
    assert (await coordinator.get(path)).json()["to_sign"] is None
    await coordinator.made(f"{correction}/restore", {"reason": "was-right"})
    await fire_all(database, datetime.now(UTC) + timedelta(days=1))
    assert (await coordinator.get(path)).json()["status"] == "lapsed"


async def test_a_framework_that_runs_out_or_is_terminated_takes_everybody_with_it(
    coordinator: Any, database: Database
) -> None:
    for publication, ends in (
        ({"expires_on": on(300)}, None),
        ({}, {"occurred_on": on(200), "last_day": on(300), "reason": "x"}),
    ):
        framework = await a_framework(coordinator, **publication)
        bound = await signed(coordinator, framework)
        invited = (await coordinator.made("/signatures", an_invitation(framework, COUNCIL)))["id"]
        if ends:
            await coordinator.made(f"/frameworks/{framework}/terminate", ends)
        await fire_all(database)
        assert (await coordinator.get(f"/signatures/{bound}")).json()["status"] == "withdrawn"
        assert (await coordinator.get(f"/signatures/{invited}")).json()["status"] == "closed"
        assert await who_is_in_force(coordinator, framework, 300) == [HOSPITALS]
        assert await who_is_in_force(coordinator, framework, 301) == []


async def test_what_follows_names_its_cause(coordinator: Any) -> None:
    framework = await a_framework(coordinator)
    signature = await signed(coordinator, framework)
    ends = {"occurred_on": on(200), "last_day": on(300), "reason": "replaced"}
    await coordinator.made(f"/frameworks/{framework}/terminate", ends)
    cause = await fact_of(coordinator, f"/frameworks/{framework}", "framework-terminated")
    assert (await fact_of(coordinator, f"/signatures/{signature}", "notice-given"))["causation_id"] == cause["id"]


async def test_an_organisation_is_invited_once_to_each_framework(coordinator: Any) -> None:
    framework = await a_framework(coordinator)
    asked = an_invitation(framework)
    made = await coordinator.made("/signatures", asked)
    assert (await coordinator.post("/signatures", asked)).json()["type"] == "/problems/already-invited"
    first = (await fact_of(coordinator, f"/signatures/{made['id']}", "organisation-invited"))["id"]
    await coordinator.made(f"/signatures/{made['id']}/facts/{first}/void", {"reason": "wrong-organisation"})
    await coordinator.made("/signatures", asked)
    published = (await fact_of(coordinator, f"/frameworks/{framework}", "framework-published"))["id"]
    refused = await coordinator.post(f"/frameworks/{framework}/facts/{published}/void", {"reason": "wrong"})
    assert refused.json()["type"] == "/problems/something-hangs-on-it"


async def test_of_twenty_invitations_at_once_one_is_made(coordinator: Any) -> None:
    framework = await a_framework(coordinator)
    answers = await asyncio.gather(*(coordinator.post("/signatures", an_invitation(framework)) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


async def test_several_invitations_by_csv(coordinator: Any) -> None:
    framework = await a_framework(coordinator)
    text = "occurred_on,framework_id,organisation,sector,statutory\n" + "".join(
        f"{on(1)},{framework},{organisation},third-sector,no\n" for organisation in (HOSPICE, HOSPICE, COUNCIL)
    )
    answer = await coordinator.http.post("/signatures/rows", content=text, headers={"content-type": "text/csv"})
    assert [row.get("code", row["outcome"]) for row in answer.json()["rows"]] == ["done", "already-invited", "done"]


# Refusals --------------------------------------------------------------------------------------------------------------


async def test_a_command_that_the_state_does_not_allow_says_the_state_and_what_it_allows(coordinator: Any) -> None:
    made = await coordinator.made("/signatures", an_invitation(await a_framework(coordinator)))
    answer = await coordinator.post(f"/signatures/{made['id']}/resume", {})
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["state"]) == (409, "/problems/not-in-this-state", "invited")
    assert problem["allowed"] == ["sign", "decline"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "\u0000"}, "name"), ({"notice_days": 9999}, "notice_days"), ({"effective_from": "2023-02-30"}, "effective_from"),
        ({"effective_from": on(-1)}, "effective_from"), ({"colour": "blue"}, "colour"), ({"expires_on": on(2)}, "expires_on"),
    ],
)  # fmt: skip
async def test_bad_input_is_refused_by_field_and_rule(asker: Any, changes: dict[str, Any], field: str) -> None:
    answer = await asker.post("/frameworks", a_publication(**changes))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_signature_to_a_framework_that_there_is_not_is_refused_by_its_field(asker: Any) -> None:
    answer = await asker.post("/signatures", an_invitation(str(uuid4())))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (404, "framework_id")


# Who may ---------------------------------------------------------------------------------------------------------------


async def test_every_route_names_its_role_and_takes_nobody_without(app: FastAPI, as_role: As) -> None:
    stranger, board = as_role(None), as_role("board")
    routes = [(method, path) for path, methods in app.openapi()["paths"].items() for method in methods]
    assert len(routes) > 20
    for method, pattern in routes:
        path = pattern.replace("{id}", str(uuid4())).replace("{fact_id}", str(uuid4()))
        assert (await stranger.http.request(method, path)).status_code == 401, path
        assert (await board.http.request(method, path)).status_code == 403, path


async def test_an_organisation_signs_for_itself_and_sees_its_own_signature(coordinator: Any, as_role: As) -> None:
    framework = await a_framework(coordinator)
    made = await coordinator.made("/signatures", an_invitation(framework))
    path = f"/signatures/{made['id']}"
    hospitals, council = as_role("partner", HOSPITALS), as_role("partner", COUNCIL)
    assert (await council.post(f"{path}/sign", a_signing())).status_code == 404
    assert (await council.get("/signatures")).json()["rows"] == []
    assert (await hospitals.made(f"{path}/sign", a_signing()))["status"] == "signed"
    assert (await hospitals.post(f"{path}/suspend", {"reason": "x"})).status_code == 403
    assert (await hospitals.post("/signatures", an_invitation(framework, COUNCIL))).status_code == 403
    assert (await hospitals.get(f"/frameworks/{framework}")).status_code == 200


async def test_the_same_key_and_body_get_the_same_answer(coordinator: Any) -> None:
    first = await coordinator.post("/frameworks", a_publication(), Idempotency_Key="k1")
    again = await coordinator.post("/frameworks", a_publication(), Idempotency_Key="k1")
    assert (first.status_code, again.content) == (201, first.content)


def test_every_command_that_a_state_allows_has_a_route_of_that_name() -> None:
    for things in ALL:
        assert allowed_somewhere(aggregates.machines[things.kind]) <= set(things.steps), things.name
