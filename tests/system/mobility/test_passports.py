"""A passport: what an employer writes in it, who looks, what its holder stops, and how long it is kept."""

import httpx2
from tests.desk import Desk, Desks, Known, csrf_of, day

from .conftest import AIRE, COUNCIL, FORUM, GPS, HOSPITALS, a_passport, agreement, signed, under_way, why

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


async def test_a_check_is_renewed_while_its_holder_works_elsewhere_and_everybody_sees_whose_move_it_is(
    desks: Desks, academy: Desk, known_at: Known, browser: httpx2.AsyncClient
) -> None:
    await signed(academy, await agreement(academy, "Of a check that is renewed"), AIRE, COUNCIL)
    aire, council = desks("partner", AIRE), desks("partner", COUNCIL)
    (person,) = await known_at(AIRE, "renewed-by-aire")
    passport = await a_passport(aire, person, AIRE)
    dbs = {"kind": "criminal-record", "level": "enhanced", "workforce": "adult"}
    first = {**dbs, "verified_by": AIRE, "outcome": "satisfactory", "occurred_on": day(280), "valid_until": day(-20)}
    await aire.do("POST", f"{passport}/record-check", first)
    await aire.do("POST", f"{passport}/share-with", {"organisation": COUNCIL, "until": day(-60)})
    asked = {"organisation": COUNCIL, "soc2020": "6135", "checks": [dbs], "training": [], "occurred_on": day(270)}
    requirement = (await council.do("POST", "/requirements", asked))["id"]
    move = await under_way(academy, person, AIRE, COUNCIL)

    async def stands(on: str) -> list[tuple[str, str | None]]:
        found = (await council.get(f"{passport}/checks", on=on))["checks"]
        return [(each["status"], each["outcome"]) for each in found if each["kind"] == "criminal-record"]

    async def missing(on: str) -> list[str]:
        return [
            each["why"]
            for each in (await council.get(f"{passport}/readiness", requirement_id=requirement, on=on))["missing"]
        ]

    await aire.do("POST", f"{passport}/request-check", {**dbs, "awaiting": "holder", "occurred_on": day(30)})
    link = (await academy.do("POST", f"/persons/{person}/own-page"))["url"]
    await browser.post(f"{HOME}/start", data={"code": link.partition("?code=")[2]})
    assert "It has waited for you since" in (await browser.get(HOME)).text
    await aire.do("POST", f"{passport}/request-check", {**dbs, "awaiting": "third-party", "occurred_on": day(20)})
    assert await why(aire, passport, who="third-party") == {"check-criminal-record"}
    assert await stands(day(0)) == [("requested", None), ("complete", "satisfactory")]
    assert (await missing(day(0)), await missing(day(-21))) == ([], ["check-awaits-third-party"])
    assert (await council.get(move))["stopped"] is None

    came = {**dbs, "verified_by": AIRE, "occurred_on": day(9)}
    await aire.do("POST", f"{passport}/record-check", {**came, "outcome": "indeterminate"})
    assert ((await council.get(move))["stopped"], await missing(day(0))) == (
        "check-indeterminate",
        ["check-indeterminate"],
    )
    assert "keep-from-work" in await why(council, move)
    await aire.do(
        "POST",
        f"{passport}/record-check",
        {**came, "outcome": "satisfactory", "valid_until": day(-1000), "occurred_on": day(2)},
    )
    assert (await council.get(move))["stopped"] is None
    assert await stands(day(0)) == [
        ("complete", "satisfactory"),
        ("superseded", "indeterminate"),
        ("superseded", "satisfactory"),
    ]
    excused = {"kind": "professional-registration", "reason": "role-not-regulated"}
    left_out = await aire.do("POST", f"{passport}/record-not-required", excused)
    assert [each["reason"] for each in left_out["not_required"]] == ["role-not-regulated"]
    identity = {"kind": "identity", "reason": "known-for-years"}
    assert "422" in await aire.refusal(f"{passport}/record-not-required", identity)


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
