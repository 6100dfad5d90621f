"""A winter's needs: own staff first, then partners; who fits, who is short over the city, and what a host asks for."""

from typing import Any

from tests.desk import Desk, Desks, Known, day

from .conftest import COUNCIL, FORUM, GPS, HOSPITALS, a_need, a_passport, a_proposal, agreement, pattern, signed, why

NURSE = {"soc2020": "2239"}
"""A kind of work of this story alone."""


async def test_own_staff_are_asked_first_then_partners_and_who_fits_best_is_seen_with_the_reasons(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, forum = desks("partner", HOSPITALS), desks("partner", FORUM)
    need = f"/needs/{(await hospitals.do('POST', '/needs', a_need(HOSPITALS, **NURSE)))['id']}"
    assert await why(hospitals, need) == {"ask-own-staff"}
    await hospitals.do("POST", f"{need}/fill-with-own", {"occurred_on": day(118)})
    await academy.void(need, "need-filled")
    assert (await hospitals.get(need))["by_own_staff"] == 0
    await academy.restore(need, "need-filled")
    await academy.correct(need, "need-filled", occurred_on=day(117))
    assert "404" in await forum.refusal(need)
    await hospitals.do("POST", f"{need}/release", {"occurred_on": day(116)})
    listed = (await forum.get("/needs", status="released", soc2020=NURSE["soc2020"]))["rows"]
    assert [row["id"] for row in listed] == [need.rpartition("/")[2]]
    assert await why(academy, need) == {"find-staff"}

    best, short = await known_at(FORUM, "fits-best", "fits-for-a-day")
    for person, days in ((best, (1, 2)), (short, (1,))):
        asked = a_proposal(person, FORUM, need_id=need.rpartition("/")[2], pattern=pattern(*days))
        await forum.do("POST", "/deployments", asked)
    ranked = (await hospitals.get(f"{need}/proposals"))["proposals"]
    assert [row["person_id"] for row in ranked] == [best, short]
    assert [reason["code"] for reason in ranked[1]["missing"]] == [
        "same-role",
        "near-level",
        "all-hours",
        "all-the-time",
    ]
    await hospitals.do("POST", f"{need}/close", {})
    assert "404" in await forum.refusal("/deployments", a_proposal(best, FORUM, need_id=need.rpartition("/")[2]))
    kinds = [line["type"].split(".")[-2] for line in (await desks("auditor").get(f"{need}/history"))["lines"]]
    assert kinds == [
        "need-raised",
        "need-filled",
        "fact-voided",
        "fact-restored",
        "fact-corrected",
        "need-released",
        "need-closed",
    ]


async def test_silver_sees_who_is_short_while_an_action_is_on_against_who_could_be_lent(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    council = desks("partner", COUNCIL)
    await signed(academy, await agreement(academy, "Of a strike"), COUNCIL, GPS)
    strike = {"soc2020": "6138", "reason": "industrial-action", "covers_strike": True, "starts_on": day(0)}
    need = await council.do("POST", "/needs", a_need(COUNCIL, **strike))
    asked = {"organisation": COUNCIL, "soc2020": "6138", "checks": [{"kind": "identity"}], "training": []}
    await council.do("POST", "/requirements", {**asked, "occurred_on": day(110)})
    (person,) = await known_at(GPS, "could-be-lent")

    async def short() -> dict[str, Any]:
        picture = await academy.get("/city-silver")
        assert picture["industrial_action"] is True
        return next(each for each in picture["short"] if each["need_id"] == need["id"])

    before = await short()
    assert (before["free"], before["blocked"]) == (2, ["bank", "agency"])
    await a_passport(academy, person, GPS)
    assert (await short())["can_lend"] == {**before["can_lend"], GPS: before["can_lend"].get(GPS, 0) + 1}
    await council.do("POST", f"/needs/{need['id']}/withdraw", {"why": "called-off"})
    picture = await academy.get("/city-silver")
    assert need["id"] not in {each["need_id"] for each in picture["short"]}


async def test_a_host_says_what_it_asks_for_changes_it_and_asks_no_longer(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, forum = desks("partner", HOSPITALS), desks("partner", FORUM)
    (person,) = await known_at(FORUM, "not-ready-yet")
    passport = await a_passport(forum, person, FORUM)
    asked = {"organisation": HOSPITALS, "soc2020": "6132", "checks": [{"kind": "work-health"}], "training": []}
    requirement = (
        f"/requirements/{(await hospitals.do('POST', '/requirements', {**asked, 'occurred_on': day(50)}))['id']}"
    )

    async def missing() -> list[str]:
        found = await forum.get(f"{passport}/readiness", requirement_id=requirement.rpartition("/")[2])
        return [each["name"] for each in found["missing"]]

    assert await missing() == [HOSPITALS, "work-health"]
    both = [{"kind": "work-health"}, {"kind": "identity"}]
    await hospitals.do("POST", f"{requirement}/change", {"checks": both, "training": [], "occurred_on": day(40)})
    await forum.do(
        "POST", f"{passport}/share-with", {"organisation": HOSPITALS, "until": day(-30), "occurred_on": day(30)}
    )
    everybody = await hospitals.get(f"{requirement}/readiness")
    assert (everybody["ready"], everybody["best_cure"]["missing"]["name"]) == (0, "work-health")
    assert person in {each["person_id"] for each in everybody["people"]}

    await academy.void(requirement, "requirement-set")
    assert (await forum.get(requirement))["checks"] == [{"kind": "work-health", "level": None, "workforce": None}]
    await academy.restore(requirement, "requirement-set")
    await academy.correct(requirement, "requirement-set", checks=[{"kind": "identity"}])
    assert await missing() == []
    await hospitals.do("POST", f"{requirement}/retire", {"reason": "ward-closed"})
    listed = (await forum.get("/requirements", organisation=HOSPITALS, soc2020="6132"))["rows"]
    assert [row["status"] for row in listed] == ["retired"]
    assert len((await academy.get(f"{requirement}/history"))["lines"]) == 6
