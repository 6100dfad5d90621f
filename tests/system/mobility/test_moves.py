"""A move from its proposal to each of its ends: whose turn it is, what the mover sees, what stops it, and what it comes to."""

import httpx2
import pytest
from tests.desk import Desk, Desks, Known, csrf_of, day

from .conftest import (
    AIRE,
    COUNCIL,
    FORUM,
    GPS,
    HOSPITALS,
    STEPS,
    Away,
    a_passport,
    a_proposal,
    agreement,
    authorisation,
    pattern,
    signed,
    under_way,
    why,
    work,
)

HOME = "/my/passport"
PACK = {"contact": "the nurse in charge", "shift": "09:00", "access": "a badge at the desk", "parking": "none"}


async def test_home_host_and_the_person_each_take_their_turn_until_the_first_day_and_home_calls_back(
    academy: Desk, desks: Desks, known_at: Known, browser: httpx2.AsyncClient, learning_away: Away
) -> None:
    await signed(academy, await agreement(academy, "Of a move"), FORUM, COUNCIL)
    forum, council = desks("partner", FORUM), desks("partner", COUNCIL)
    (person,) = await known_at(FORUM, "moves")
    await a_passport(forum, person, FORUM)
    move = f"/deployments/{(await forum.do('POST', '/deployments', a_proposal(person, FORUM, **work(COUNCIL))))['id']}"
    assert await why(council, move) == {"take-up-or-cancel"}
    await council.do("POST", f"{move}/match", {"occurred_on": day(95)})

    link = (await academy.do("POST", f"/persons/{person}/own-page"))["url"]
    await browser.post(f"{HOME}/start", data={"code": link.partition("?code=")[2]})
    place = f"{HOME}/moves/{move.rpartition('/')[2]}"
    page = (await browser.get(place)).text
    assert "You say whether you agree." in page
    await browser.post(f"{place}/agree", data=csrf_of(page))
    assert (await forum.get(move))["status"] == "agreed"
    await browser.post(f"{place}/take-back", data=csrf_of(page))
    assert (await forum.get(move))["status"] == "matched"
    await forum.do("POST", f"{move}/agree")
    await forum.do("POST", f"{move}/withdraw-agreement")
    await forum.do("POST", f"{move}/agree")

    await forum.do("POST", f"{move}/verify-checks")
    assert await why(council, move, who="host") == {"authorise-host"}
    for desk, side in ((forum, "home"), (council, "host")):
        await desk.do("POST", f"{move}/authorise", {**authorisation(side), "occurred_on": day(0)})
    await council.do("POST", f"{move}/give-pack", PACK)
    assert await forum.get(f"{move}/first-day-pack") == PACK
    assert "the nurse in charge" in (await browser.get(place)).text
    await council.do("POST", f"{move}/induct")
    with learning_away():
        assert (await council.do("POST", f"{move}/start"))["status"] == "active"
        settled = await council.do("POST", f"{move}/settle-answer", {"answer": "local-induction", "reason": "by-us"})
    assert settled["local_induction"] == "by-us"

    await council.do("POST", f"{move}/propose-extension", {"ends_on": day(-80), "side": "host"})
    assert await why(forum, move, who="person") == {"agree-to-extension"}
    page = (await browser.get(place)).text
    assert "Council would like you to stay until" in page
    await browser.post(f"{place}/not-longer", data=csrf_of(page))
    assert "extension-declined" in await why(council, move)
    await council.do("POST", f"{move}/propose-extension", {"ends_on": day(-80), "side": "host"})
    await browser.post(f"{place}/longer/{day(-80)}", data=csrf_of(page))
    assert await why(forum, move, who="home") >= {"confirm-extension-home"}
    longer = await forum.do("POST", f"{move}/confirm-extension", {"ends_on": day(-80), "by": "home"})
    assert longer["last_day"] == day(-80)
    await academy.void(move, "deployment-extended")
    assert (await forum.get(move))["last_day"] == day(-60)
    await academy.restore(move, "deployment-extended")
    assert (await academy.correct(move, "deployment-extended", ends_on=day(-75)))["last_day"] == day(-75)

    await council.do("POST", f"{move}/propose-extension", {"ends_on": day(-90), "side": "host"})
    await forum.do("POST", f"{move}/decline-extension", {"by": "home", "reason": "short-at-home"})
    shorter = {"ends_on": day(-40), "side": "home", "reason": "short-at-home"}
    assert (await forum.do("POST", f"{move}/shorten", shorter))["last_day"] == day(-40)
    recalled = await forum.do("POST", f"{move}/recall", {"reason": "short-at-home"})
    assert (recalled["status"], recalled["last_day"]) == ("recalled", day(0))
    listed = (await council.get("/deployments", person_id=person))["rows"]
    assert [row["status"] for row in listed] == ["recalled"]
    kinds = [line["type"].split(".")[-2] for line in (await desks("auditor").get(f"{move}/history"))["lines"]]
    assert kinds[-1] == "deployment-recalled"


async def test_a_host_takes_somebody_on_whose_course_is_still_to_come_and_the_mover_sees_by_when(
    academy: Desk, desks: Desks, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    await signed(academy, await agreement(academy, "Of a course to come"), AIRE, COUNCIL)
    aire, council = desks("partner", AIRE), desks("partner", COUNCIL)
    (person,) = await known_at(AIRE, "untrained")
    await a_passport(aire, person, AIRE)
    course = {"course_id": "5b0d1a52-52c7-4e18-8d41-7a6c2e9f1b50", "title": "Moving and handling"}
    asked = {"organisation": COUNCIL, "soc2020": "6145", "checks": [], "training": [course], "occurred_on": day(200)}
    await council.do("POST", "/requirements", asked)
    wanted = a_proposal(person, AIRE, **{**work(COUNCIL), "soc2020": "6145"})
    move = f"/deployments/{(await aire.do('POST', '/deployments', wanted))['id']}"
    for name, body in STEPS[:-1]:
        await academy.do("POST", f"{move}/{name}", body)
    assert "training-missing" in await why(council, move)
    assert "Moving and handling" in await council.refusal(f"{move}/start", {})
    put_off = {"ground": "supervised-until-then", "done_by": day(-14)}
    await council.do("POST", f"{move}/put-off-training", put_off)
    assert (await council.do("POST", f"{move}/start"))["status"] == "active"
    assert await why(aire, move, who="home") == {"complete-training"}
    link = (await academy.do("POST", f"/persons/{person}/own-page"))["url"]
    await browser.post(f"{HOME}/start", data={"code": link.partition("?code=")[2]})
    page = (await browser.get(f"{HOME}/moves/{move.rpartition('/')[2]}")).text
    assert "Moving and handling, by" in page


async def test_a_concern_stops_a_person_at_every_host_until_a_coordinator_settles_it(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    await signed(academy, await agreement(academy, "Of a concern"), FORUM, HOSPITALS, GPS)
    hospitals, gps = desks("partner", HOSPITALS), desks("partner", GPS)
    (person,) = await known_at(FORUM, "stopped")
    await a_passport(academy, person, FORUM)
    here, there = [
        await under_way(academy, person, FORUM, host, pattern=pattern(number))
        for host, number in ((HOSPITALS, 1), (GPS, 3))
    ]
    answered = await hospitals.do("POST", f"/persons/{person}/stop-now", {"reason": "concern-raised"})
    assert [row["id"] for row in answered["deployments"]] == [here.rpartition("/")[2]]
    assert "keep-from-work" in await why(gps, there)
    stop = f"/stops/{answered['stop']['id']}"
    assert await why(academy, stop, who="coordinator") == {"settle-what-stopped-it"}
    assert (await hospitals.get(stop))["organisation"] == HOSPITALS
    await academy.do("POST", f"{stop}/lift", {"why": "unfounded"})
    assert "keep-from-work" not in await why(gps, there)
    await gps.do("POST", f"{there}/stop-now", {"reason": "ward-closed"})
    assert "settle-what-stopped-it" in await why(academy, there, who="coordinator")
    await academy.do("POST", f"{there}/lift-stop", {"why": "ward-open"})
    assert await why(academy, there, who="coordinator") == set()
    ended = await gps.do("POST", f"{there}/end-early", {"ended_by": "host", "reason": "ward-closed"})
    assert ended["status"] == "ended-early"
    assert (await desks("partner", FORUM).get(here))["stopped"] is None


async def test_whoever_is_stopped_while_no_move_of_theirs_is_live_is_stopped_in_the_next(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    (person,) = await known_at(AIRE, "stopped-at-home")
    await a_passport(academy, person, AIRE)
    aire = desks("partner", AIRE)
    stop = f"/stops/{(await aire.do('POST', '/stops', {'person_id': person, 'reason': 'registration-lapsed'}))['id']}"
    corrected = await academy.correct(stop, "person-stopped", reason="registration-restricted")
    assert [row["reason"] for row in (await aire.get("/stops", person_id=person))["rows"]] == [corrected["reason"]]
    move = f"/deployments/{(await aire.do('POST', '/deployments', a_proposal(person, AIRE, **work(GPS))))['id']}"
    assert "keep-from-work" in await why(desks("partner", GPS), move)
    await academy.void(stop, "person-stopped")
    assert (await aire.get(move))["stopped"] is None
    await academy.restore(stop, "person-stopped")
    assert (await aire.get(move))["stopped"] == "registration-restricted"
    await academy.do("POST", f"{stop}/lift", {"why": "registration-restored"})
    assert (await aire.get(move))["stopped"] is None
    kinds = [line["type"].split(".")[-2] for line in (await desks("auditor").get(f"{stop}/history"))["lines"]]
    assert kinds == ["person-stopped", "fact-corrected", "fact-voided", "fact-restored", "person-stop-lifted"]


@pytest.mark.parametrize("whose", [AIRE, HOSPITALS])
async def test_either_side_cancels_what_has_not_begun_and_the_person_is_free(
    academy: Desk, desks: Desks, known_at: Known, whose: str
) -> None:
    (person,) = await known_at(AIRE, f"not-needed-by-{whose}")
    first, second = [
        f"/deployments/{(await academy.do('POST', '/deployments', a_proposal(person, AIRE, **work(HOSPITALS))))['id']}"
        for _ in range(2)
    ]
    for name, body in STEPS[:2]:
        await academy.do("POST", f"{first}/{name}", body)
    await academy.do("POST", f"{second}/match", STEPS[0][1])
    assert "double-booked" in await academy.refusal(f"{second}/agree", STEPS[1][1])
    cancelled = await desks("partner", whose).do("POST", f"{first}/cancel", {"reason": "no-longer-needed"})
    assert (cancelled["status"], cancelled["booked"]) == ("cancelled", False)
    assert (await academy.do("POST", f"{second}/agree", STEPS[1][1]))["status"] == "agreed"
