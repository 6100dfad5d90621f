"""A passport: what an employer writes in it, who looks, what its holder stops, and how long it is kept."""

import httpx2
from tests.desk import Desk, Desks, Known, day

from .conftest import AIRE, COUNCIL, FORUM, GPS, HOSPITALS, a_passport
from .desks import csrf_of

HOME = "/my/passport"


async def test_an_employer_writes_in_a_passport_lets_a_host_look_and_closes_it(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    aire, hospitals = desks("partner", AIRE), desks("partner", HOSPITALS)
    (person,) = await known_at(AIRE, "checked-by-aire")
    passport = await a_passport(aire, person, AIRE)
    assert "404" in await hospitals.refusal(passport)
    await aire.do("POST", f"{passport}/share-with", {"organisation": HOSPITALS, "until": day(-60)})
    assert [row["id"] for row in (await hospitals.get("/passports", person_id=person))["rows"]] == [
        passport.rpartition("/")[2]
    ]

    dbs = {
        "kind": "criminal-record",
        "level": "enhanced",
        "workforce": "adult",
        "verified_by": AIRE,
        "satisfactory": True,
    }
    await aire.do("POST", f"{passport}/record-check", {**dbs, "occurred_on": day(20), "valid_until": day(-700)})
    await academy.correct(passport, "check-recorded", valid_until=day(-900))
    assert (await hospitals.get(passport))["checks"][-1]["valid_until"] == day(-900)
    for undo, kinds in ((academy.void, 2), (academy.restore, 3)):
        await undo(passport, "check-recorded")
        assert len((await hospitals.get(passport))["checks"]) == kinds
    limit = {"ground": "student", "weekly_hours": 20, "terms": [{"first": day(100), "last": day(-30)}]}
    limited = await aire.do("POST", f"{passport}/limit-work", {"limit": limit})
    assert limited["limits"][0]["weekly_hours"] == 20
    assert (await aire.do("POST", f"{passport}/lift-limit", {"ground": "student"}))["limits"] == []

    await aire.do("POST", f"{passport}/withdraw-sharing", {"organisation": HOSPITALS})
    assert "404" in await hospitals.refusal(passport)
    closed = await aire.do("POST", f"{passport}/close", {"reason": "left"})
    assert (closed["status"], closed["allowed"]) == ("closed", [])
    lines = (await aire.get(f"{passport}/history"))["lines"]
    assert lines[-1]["type"].split(".")[-2] == "passport-closed"


async def test_a_holder_sees_who_looks_stops_one_lets_it_look_again_and_leaves(
    desks: Desks, academy: Desk, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    gps, council = desks("partner", GPS), desks("partner", COUNCIL)
    (person,) = await known_at(GPS, "holder")
    passport = await a_passport(gps, person, GPS)
    await gps.do("POST", f"{passport}/share-with", {"organisation": COUNCIL, "until": day(-60)})
    link = (await academy.do("POST", f"/persons/{person}/own-page"))["url"]
    code = link.partition("?code=")[2]
    assert "Identity" not in (await browser.get(f"{HOME}/start", params={"code": code})).text
    await browser.post(f"{HOME}/start", data={"code": code})
    page = (await browser.get(HOME)).text
    place = f"{HOME}{passport}/sharing/{COUNCIL}"
    assert ("Identity" in page, f'href="{place}"' in page) == (True, True)
    asks = (await browser.get(place)).text
    await browser.post(place, data=csrf_of(asks))
    assert "404" in await council.refusal(passport)
    assert "409" in await gps.refusal(f"{passport}/share-with", {"organisation": COUNCIL, "until": day(-60)})
    await browser.post(f"{place}/again", data=csrf_of(asks))
    assert (await council.get(passport))["person_id"] == person
    left = await browser.post(f"{HOME}/leave", data=csrf_of(page))
    assert "This page is closed" in left.text


async def test_the_data_protection_officer_answers_a_request_and_keeps_a_passport_longer(
    desks: Desks, academy: Desk, known_at: Known
) -> None:
    officer, auditor = desks("data-protection-officer"), desks("auditor")
    (person,) = await known_at(FORUM, "asks-what-is-held")
    passport = await a_passport(academy, person, FORUM)
    held = await officer.get(f"/persons/{person}/held")
    assert passport.rpartition("/")[2] in {record["id"] for record in held["records"]}
    await academy.do("POST", f"{passport}/close", {"reason": "left", "occurred_on": day(200)})

    async def due() -> dict[str, str]:
        rows = (await auditor.get("/retention", until=day(-3000), limit=200))["rows"]
        return {row["aggregate_id"]: row["due_at"] for row in rows}

    id_, until = passport.rpartition("/")[2], day(-2900)
    before = (await due())[id_]
    await officer.do("POST", f"/retention/{id_}/keep-longer", {"until": until, "reason": "legal-claim"})
    assert before < until <= (await due())[id_][:10]
