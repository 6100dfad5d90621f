"""Who is kept for the next vacancy: by what they permit, until they are placed, and nobody looks for a post for them elsewhere."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from kit.aggregates import history
from kit.context import Context
from kit.database import Database
from kit.deadlines import Due
from schemas.values import business_date
from talent_pipeline.handlers import falling_due
from talent_pipeline.testing import COUNCIL

from .acts import FAR, a_vacancy, an_engagement, an_interview, permitted
from .test_api import fact_of


def ago(days: int) -> str:
    """The day so many days ago: whoever is kept in the pool is kept today."""
    return (business_date(datetime.now(UTC)) - timedelta(days=days)).isoformat()


async def found_appointable(coordinator: Any) -> tuple[str, str]:
    """Somebody who passed, found no post, and permits to be passed on; the candidacy, and the engagement."""
    engagement: str = (await an_engagement(coordinator))["id"]
    await permitted(coordinator, engagement, FAR)
    asked = {"occurred_on": ago(60), "engagement_id": engagement, "vacancy_id": str(await a_vacancy(coordinator))}
    candidacy = (await coordinator.made("/candidacies", asked))["id"]
    for name, body in (
        ("shortlist", {"occurred_on": ago(50)}),
        ("record-values-interview", an_interview(occurred_on=ago(40))),
        ("not-appoint", {"occurred_on": ago(30), "reason": "appointable-no-post"}),
    ):
        await coordinator.made(f"/candidacies/{candidacy}/{name}", body)
    return candidacy, engagement


async def pooled(coordinator: Any, candidacy: str) -> str:
    asked = {"occurred_on": ago(20), "candidacy_id": candidacy, "available_from": ago(0)}
    member: str = (await coordinator.made("/appointables", asked))["id"]
    return member


async def offered(coordinator: Any, member: str) -> str:
    """The candidacy that an offer out of the pool became."""
    asked = {"occurred_on": ago(10), "vacancy_id": str(await a_vacancy(coordinator, employer=COUNCIL))}
    became: str = (await coordinator.made(f"/appointables/{member}/offer", asked))["offered_as"]
    return became


async def how(coordinator: Any, member: str) -> tuple[str, str | None]:
    found = await coordinator.found(f"/appointables/{member}")
    return found["status"], found["reason"]


async def waits(coordinator: Any) -> set[str]:
    return {row["why"] for row in (await coordinator.found("/waiting", who="coordinator"))["rows"]} - {"triage"}


async def test_whoever_was_pooled_waits_for_a_vacancy_and_for_nothing_else(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    assert await waits(coordinator) == {"redirect-or-pool"}
    member = await pooled(coordinator, candidacy)
    assert await waits(coordinator) == {"find-a-vacancy"}
    await coordinator.made(f"/appointables/{member}/leave", {"occurred_on": ago(5), "reason": "found-other-work"})
    assert await waits(coordinator) == set()
    for fact in ("pool-membership-left", "appointable-pooled"):
        id_ = (await fact_of(coordinator, f"/appointables/{member}", fact))["id"]
        await coordinator.made(f"/appointables/{member}/facts/{id_}/void", {"reason": "wrong-person"})
    assert await waits(coordinator) == {"redirect-or-pool"}


async def test_whose_work_with_the_programme_has_ended_waits_for_no_post_until_it_has_not(coordinator: Any) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    ending = {"occurred_on": ago(5), "reason": "moved-away"}
    await coordinator.made(f"/engagements/{engagement}/close", ending)
    assert await waits(coordinator) == set()
    asked = {"occurred_on": ago(1), "candidacy_id": candidacy, "available_from": ago(0)}
    assert (await coordinator.post("/appointables", asked)).json()["type"] == "/problems/engagement-closed"
    closed = (await fact_of(coordinator, f"/engagements/{engagement}", "engagement-closed"))["id"]
    await coordinator.made(f"/engagements/{engagement}/facts/{closed}/void", {"reason": "wrong-person"})
    assert await waits(coordinator) == {"redirect-or-pool"}


@pytest.mark.parametrize(
    ("name", "asked", "reason"),
    [
        ("withdraw-permission", {}, "permission-ended"),
        ("permit-redirection", {"to": ["programme"], "until": FAR.isoformat()}, "permission-ended"),
        ("close", {"reason": "moved-away"}, "engagement-closed"),
    ],
)
async def test_nobody_is_kept_who_does_not_permit_it_any_more(
    coordinator: Any, name: str, asked: dict[str, Any], reason: str
) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    await coordinator.made(f"/engagements/{engagement}/{name}", {"occurred_on": ago(3), **asked})
    assert await how(coordinator, member) == ("left", reason)
    assert await waits(coordinator) == set()


async def test_a_permission_that_was_somebody_elses_keeps_nobody_in_the_pool(coordinator: Any) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    path = f"/engagements/{engagement}"
    given = (await fact_of(coordinator, path, "redirection-permitted"))["id"]
    await coordinator.made(f"{path}/facts/{given}/void", {"reason": "wrong-person"})
    assert await how(coordinator, member) == ("left", "permission-ended")


async def test_what_i_take_back_on_my_own_page_ends_my_place_in_the_pool(coordinator: Any, app: FastAPI) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    person = (await coordinator.found(f"/engagements/{engagement}"))["person_id"]
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="https://service.test") as browser:
        await browser.get(str((await coordinator.made(f"/persons/{person}/link"))["url"]))
        form = (await browser.get("/my/applications/permission")).text
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', form)
        assert token
        assert "We keep you for the next vacancy" in (await browser.get("/my/applications")).text
        assert (await browser.post("/my/applications/permission", data={"csrf": token[1]})).status_code == 303
    assert await how(coordinator, member) == ("left", "permission-ended")


async def test_a_permission_that_ends_earlier_than_the_place_ends_the_place(
    coordinator: Any, database: Database
) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    sooner = {
        "occurred_on": ago(3),
        "to": ["employer"],
        "until": (business_date(datetime.now(UTC)) + timedelta(days=9)).isoformat(),
    }
    await coordinator.made(f"/engagements/{engagement}/permit-redirection", sooner)
    assert await how(coordinator, member) == ("available", None)
    later = datetime.now(UTC) + timedelta(days=12)
    async with database.transaction() as tx:
        due = Due("engagement", UUID(engagement), "expire-permission", later)
        await falling_due.fall_due(tx, due, Context(actor="deadline", now=later))
    assert await how(coordinator, member) == ("left", "permission-ended")


async def test_who_takes_the_permission_back_while_an_offer_is_out_is_not_kept_when_it_came_to_nothing(
    coordinator: Any,
) -> None:
    candidacy, engagement = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    became = await offered(coordinator, member)
    await coordinator.made(f"/engagements/{engagement}/withdraw-permission", {"occurred_on": ago(5)})
    assert await how(coordinator, member) == ("offered", None)
    await coordinator.made(f"/candidacies/{became}/decline-offer", {"occurred_on": ago(2), "reason": "transport"})
    assert await how(coordinator, member) == ("left", "permission-ended")


async def test_an_end_that_is_taken_back_takes_the_member_out_of_the_pools_reach_again(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    became = await offered(coordinator, member)
    await coordinator.made(f"/candidacies/{became}/decline-offer", {"occurred_on": ago(2), "reason": "transport"})
    assert await how(coordinator, member) == ("available", None)
    declined = (await fact_of(coordinator, f"/candidacies/{became}", "offer-declined"))["id"]
    path = f"/candidacies/{became}/facts/{declined}"
    await coordinator.made(f"{path}/void", {"reason": "wrong-person"})
    assert await how(coordinator, member) == ("offered", None)
    await coordinator.made(f"{path}/restore", {"reason": "right-after-all"})
    assert await how(coordinator, member) == ("available", None)


async def test_an_end_is_not_taken_back_once_the_member_was_offered_another_post(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    became = await offered(coordinator, member)
    await coordinator.made(f"/candidacies/{became}/decline-offer", {"occurred_on": ago(10), "reason": "transport"})
    await offered(coordinator, member)
    declined = (await fact_of(coordinator, f"/candidacies/{became}", "offer-declined"))["id"]
    refused = await coordinator.post(f"/candidacies/{became}/facts/{declined}/void", {"reason": "wrong-person"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/fact-stands-in-the-way")
    assert (await coordinator.found(f"/candidacies/{became}"))["status"] == "offer-declined"


async def test_who_is_in_the_pool_by_a_candidacy_stays_appointable_in_it(coordinator: Any, database: Database) -> None:
    candidacy, _ = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    path = f"/candidacies/{candidacy}"
    ended = await fact_of(coordinator, path, "candidate-not-appointed")
    interview = await fact_of(coordinator, path, "values-interview-completed")
    failed = {name: given for name, given in interview["said"].items() if name != "valid_until"} | {
        "outcome": "not-passed"
    }
    for fact, how_, body in (
        (ended["id"], "void", {"reason": "wrong"}),
        (ended["id"], "correct", {"reason": "wrong", "replacement": {**ended["said"], "reason": "criteria-not-met"}}),
        (interview["id"], "correct", {"reason": "wrong", "replacement": failed}),
    ):
        refused = await coordinator.post(f"{path}/facts/{fact}/{how_}", body)
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/something-hangs-on-it"), refused.text
        assert member in refused.json()["detail"]
    async with database.transaction() as tx:
        assert len(await history(tx, UUID(candidacy))) == 4
    await coordinator.made(f"/appointables/{member}/leave", {"occurred_on": ago(5), "reason": "found-other-work"})
    await coordinator.made(f"{path}/facts/{ended['id']}/void", {"reason": "wrong"})


async def test_a_place_in_the_pool_does_not_come_back_to_who_is_no_longer_appointable(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    path = f"/appointables/{await pooled(coordinator, candidacy)}"
    kept = f"{path}/facts/{(await fact_of(coordinator, path, 'appointable-pooled'))['id']}"
    await coordinator.made(f"{kept}/void", {"reason": "wrong-person"})
    ended = (await fact_of(coordinator, f"/candidacies/{candidacy}", "candidate-not-appointed"))["id"]
    await coordinator.made(f"/candidacies/{candidacy}/facts/{ended}/void", {"reason": "wrong-person"})
    refused = await coordinator.post(f"{kept}/restore", {"reason": "right-after-all"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-appointable")
    await coordinator.made(f"/candidacies/{candidacy}/facts/{ended}/restore", {"reason": "right-after-all"})
    assert (await coordinator.made(f"{kept}/restore", {"reason": "right-after-all"}))["status"] == "available"


async def test_what_follows_in_the_pool_is_put_right_by_what_it_follows_from(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    await offered(coordinator, member)
    made = (await fact_of(coordinator, f"/appointables/{member}", "pool-offer-made"))["id"]
    refused = await coordinator.post(f"/appointables/{member}/facts/{made}/void", {"reason": "wrong-person"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/follows-from-another")


async def test_who_is_redirected_elsewhere_is_not_kept_as_well(coordinator: Any) -> None:
    candidacy, _ = await found_appointable(coordinator)
    member = await pooled(coordinator, candidacy)
    asked = {
        "occurred_on": ago(10),
        "to": "employer",
        "vacancy_id": str(await a_vacancy(coordinator, employer=COUNCIL)),
    }
    await coordinator.made(f"/candidacies/{candidacy}/redirect", asked)
    assert await how(coordinator, member) == ("left", "redirected")
