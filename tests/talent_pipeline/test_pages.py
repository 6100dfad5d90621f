"""A candidate's own page: opened by a link, without an account."""

import re
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from kit import persons
from kit.database import Database
from kit.ids import new_id
from talent_pipeline.testing import COUNCIL, day

from .acts import FAR, a_vacancy, an_application, an_engagement, brought_to, on

HOME = "/my/applications"


@pytest.fixture
def browser(app: FastAPI) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="https://service.test")


async def opened(coordinator: Any, browser: httpx2.AsyncClient, person_id: str) -> None:
    link = await coordinator.made(f"/persons/{person_id}/link")
    answer = await browser.get(str(link["url"]))
    assert answer.status_code == 200
    assert "HttpOnly" in answer.headers["set-cookie"]


async def csrf_of(browser: httpx2.AsyncClient, path: str) -> str:
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found
    return found[1]


async def test_it_says_where_i_am_and_whose_move_it_is(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    engagement = await an_engagement(coordinator)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await brought_to(coordinator, candidacy, "make-offer")
    await opened(coordinator, browser, engagement["person_id"])
    page = (await browser.get(HOME)).text
    for words in ("Healthcare assistant", "Offer, with checks", "You: Identity", "Reference 1", "DBS check"):
        assert words in page
    assert re.search(r"https://equality\.test/my/monitoring/start\?token=", page)


async def test_who_applied_for_a_post_that_another_took_is_told_that_none_is_left(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    vacancy, engagement = await a_vacancy(coordinator), await an_engagement(coordinator)
    mine, other = [
        await an_application(coordinator, vacancy, id_)
        for id_ in (engagement["id"], (await an_engagement(coordinator))["id"])
    ]

    async def waits() -> list[tuple[str, str]]:
        rows = (await coordinator.found("/waiting", who="employer"))["rows"]
        return [(row["aggregate_id"], row["why"]) for row in rows if row["aggregate_id"] == mine]

    assert await waits() == [(mine, "shortlist")]
    await brought_to(coordinator, other, "start")
    assert await waits() == [(mine, "no-post-left")]
    await opened(coordinator, browser, engagement["person_id"])
    assert "There is no post left" in (await browser.get(HOME)).text
    lines = (await coordinator.found(f"/candidacies/{other}/history"))["lines"]
    start = next(line["id"] for line in lines if line["type"].endswith("candidate-placed.v1"))
    await coordinator.made(f"/candidacies/{other}/facts/{start}/void", {"reason": "wrong-person"})
    assert await waits() == [(mine, "shortlist")]
    assert "There is no post left" not in (await browser.get(HOME)).text


async def test_a_check_that_ended_without_success_is_the_employers_to_decide_about(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    engagement = await an_engagement(coordinator)
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await brought_to(coordinator, candidacy, "make-offer")
    refused = {
        "occurred_on": on(30),
        "kind": "reference",
        "status": "complete",
        "outcome": "refused",
        "awaiting": "nobody",
    }
    waits = {"occurred_on": on(30), "kind": "criminal-record", "status": "requested", "awaiting": "third-party"}
    for check in (refused, waits):
        await coordinator.made(f"/candidacies/{candidacy}/update-check", check)
    await opened(coordinator, browser, engagement["person_id"])
    page = (await browser.get(HOME)).text
    assert "The employer: Reference 1" in page
    assert "Somebody else, such as a referee: DBS check" in page
    row = r'<th scope="row">Reference 1</th><td>Done</td><td>The employer</td>'
    assert re.search(row, page)


async def test_i_withdraw_and_nobody_elses_application(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    vacancy = await a_vacancy(coordinator, posts=2)
    mine, other = await an_engagement(coordinator), await an_engagement(coordinator)
    own = await an_application(coordinator, vacancy, mine["id"])
    others = await an_application(coordinator, vacancy, other["id"])
    await opened(coordinator, browser, mine["person_id"])
    token = await csrf_of(browser, f"{HOME}/{own}/withdraw")
    form = {"csrf": token, "reason": "transport"}
    assert (await browser.post(f"{HOME}/{others}/withdraw", data=form)).status_code == 404
    assert (await browser.get(f"{HOME}/{others}/withdraw")).status_code == 404
    assert (await browser.post(f"{HOME}/{own}/withdraw", data=form)).status_code == 303
    found = (await coordinator.get(f"/candidacies/{own}")).json()
    assert (found["status"], found["reason"]) == ("withdrawn", "transport")
    assert (await coordinator.get(f"/candidacies/{others}")).json()["status"] == "applied"


async def test_i_permit_and_take_it_back(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    token = await csrf_of(browser, f"{HOME}/permission")
    given = {"csrf": token, "to": ["employer", "programme"], "until": FAR.isoformat()}
    assert (await browser.post(f"{HOME}/permission", data=given)).status_code == 303
    held = (await coordinator.get(f"/engagements/{engagement['id']}")).json()["permission"]
    assert (held["to"], held["until"]) == (["employer", "programme"], FAR.isoformat())
    assert "Training and employment programmes" in (await browser.get(HOME)).text
    await browser.post(f"{HOME}/permission", data={"csrf": token})
    assert (await coordinator.get(f"/engagements/{engagement['id']}")).json()["permission"] is None


async def test_a_longer_permission_is_no_wider_one(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    engagement = await an_engagement(coordinator)
    path = f"/engagements/{engagement['id']}"
    named = {"occurred_on": on(8), "to": ["employer"], "employers": [COUNCIL], "until": day(800).isoformat()}
    await coordinator.made(f"{path}/permit-redirection", named)
    await opened(coordinator, browser, engagement["person_id"])
    for page in (HOME, f"{HOME}/permission"):
        assert "and no other than Leeds City Council" in (await browser.get(page)).text
    longer = {"csrf": await csrf_of(browser, f"{HOME}/permission"), "to": ["employer"], "until": FAR.isoformat()}
    assert (await browser.post(f"{HOME}/permission", data=longer)).status_code == 303
    held = (await coordinator.found(path))["permission"]
    assert (held["employers"], held["until"]) == ([COUNCIL], FAR.isoformat())


async def test_who_permits_what_nobody_can_do_any_more_is_told_so(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    engagement = await an_engagement(coordinator)
    await coordinator.made(f"/engagements/{engagement['id']}/close", {"occurred_on": on(9), "reason": "goal-reached"})
    await opened(coordinator, browser, engagement["person_id"])
    given = {"csrf": await csrf_of(browser, f"{HOME}/permission"), "to": ["employer"], "until": FAR.isoformat()}
    answer = await browser.post(f"{HOME}/permission", data=given)
    assert (answer.status_code, "Talk to the Academy" in answer.text) == (409, True)


async def test_what_is_mine_under_another_id_is_mine(
    coordinator: Any, browser: httpx2.AsyncClient, database: Database
) -> None:
    one, other = new_id(), new_id()
    async with database.transaction() as tx:
        await persons.know(tx, {one: None, other: one})
    engagement = await an_engagement(coordinator, person_id=str(one))
    candidacy = await an_application(coordinator, await a_vacancy(coordinator), engagement["id"])
    await opened(coordinator, browser, str(other))
    assert f"{HOME}/{candidacy}/withdraw" in (await browser.get(HOME)).text
    form = {"csrf": await csrf_of(browser, f"{HOME}/{candidacy}/withdraw"), "reason": "transport"}
    assert (await browser.post(f"{HOME}/{candidacy}/withdraw", data=form)).status_code == 303
    assert (await coordinator.found(f"/candidacies/{candidacy}"))["status"] == "withdrawn"


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01"])
async def test_a_permission_needs_a_day_that_lies_ahead(
    coordinator: Any, browser: httpx2.AsyncClient, until: str
) -> None:
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    token = await csrf_of(browser, f"{HOME}/permission")
    answer = await browser.post(f"{HOME}/permission", data={"csrf": token, "to": "employer", "until": until})
    assert answer.status_code == 422
    assert "That was not possible" in answer.text


async def test_no_link_no_page_and_no_write_without_the_pages_token(
    coordinator: Any, browser: httpx2.AsyncClient
) -> None:
    for path in (HOME, f"{HOME}/permission", f"{HOME}/start", f"{HOME}/start?token=x"):
        answer = await browser.get(path)
        assert (answer.status_code, "does not work" in answer.text) == (401, True)
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    for csrf in ("", "0" * 64, "é"):
        answer = await browser.post(
            f"{HOME}/permission", data={"csrf": csrf, "to": "employer", "until": FAR.isoformat()}
        )
        assert answer.status_code == 401


async def test_a_link_to_monitoring_opens_nothing_here(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    page = (await browser.get(HOME)).text
    token = re.search(r"monitoring/start\?token=([^\"]+)", page)
    assert token
    assert (await browser.get(f"{HOME}/start", params={"token": token[1]})).status_code == 401


async def test_the_door_is_closed_on_this_device(coordinator: Any, browser: httpx2.AsyncClient) -> None:
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    await browser.post(f"{HOME}/leave", data={"csrf": await csrf_of(browser, HOME)})
    assert (await browser.get(HOME)).status_code == 401


async def test_a_page_asks_for_a_name_under_its_own_host_alone_and_only_where_people_is_there(
    coordinator: Any, browser: httpx2.AsyncClient, app: FastAPI
) -> None:
    engagement = await an_engagement(coordinator)
    await opened(coordinator, browser, engagement["person_id"])
    assert "/my/person/name" not in (await browser.get(HOME)).text
    app.state.people_here = True
    page = await browser.get(HOME)
    asked = f'fetch("/my/person/name", {{headers: {{"expected-reader": "{engagement["person_id"]}"}}}})'
    assert asked in page.text, "and says for whom it was drawn"
    assert "connect-src 'self';" in page.headers["content-security-policy"]
