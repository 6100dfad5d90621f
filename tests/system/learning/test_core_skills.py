"""Core skills: rules that are data, records that a new employer is shown and judges, and who of a team must be trained again.

The city's rules are the coordinator's; an employer's stricter ones, its staff and what it asks of them are its own HR's.
"""

from typing import Any

from tests.desk import Desk, Desks, Json, Known, day

from .conftest import COUNCIL, GPS, HOSPICE, HOSPITALS, team
from .test_places import course, of

FRAMEWORK = "cstf-england-1-1"
CARER, OFFICE = "6135", "4159"


def skill(subject: str, level: int = 1, framework: str = FRAMEWORK) -> Json:
    return {"framework": framework, "subject": subject, "level": level}


def trained(person: str, organisation: str, what: Json, ago: int, **more: Any) -> Json:
    return {"person_id": person, "organisation": organisation, "skill": what, "occurred_on": day(ago), **more}


def flat(body: Json) -> Json:
    """The same as a line of a spreadsheet."""
    return {name: value for name, value in body.items() if name != "skill"} | {
        f"skill.{name}": value for name, value in body["skill"].items()
    }


async def stands(desk: Desk, **asked: Any) -> dict[tuple[str, str], str]:
    """How everybody stands whom this desk sees, by person and subject."""
    rows = (await desk.get("/compliance", limit=200, **asked))["rows"]
    return {(row["person_id"], row["subject"]): row["standing"] for row in rows}


async def test_an_employer_is_stricter_than_the_city_until_its_inspection_is_answered(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    council = desks("partner", COUNCIL)
    (wes,) = await known_at(COUNCIL, "wes")
    what = skill("preventing-radicalisation")
    everybody = {**what, "months": 36, "in_force_from": day(2000), "reason": "national", "occurred_on": day(2000)}
    city = f"/refreshers/{(await academy.do('POST', '/refreshers', everybody))['id']}"
    own = {**what, "organisation": COUNCIL, "months": 12, "in_force_from": day(900), "until": day(-100)}
    said = {"reason": "inspection-finding", "occurred_on": day(900)}
    assert "end-missing" in await council.refusal("/refreshers", {**own, **said, "until": None})
    stricter = f"/refreshers/{(await council.do('POST', '/refreshers', {**own, **said}))['id']}"
    assert "not-your-organisation" in await council.refusal(f"{city}/change", {**everybody_again(), **said})

    record = await council.do("POST", "/competences", trained(wes, COUNCIL, what, 400))
    assert (record["rule_id"], record["rule_version"]) == (stricter.rpartition("/")[2], 1)
    assert record["expires_on"] < day(0)
    (gone,) = (await council.get("/out-of-date", subject="preventing-radicalisation"))["rows"]
    assert gone["id"] == record["id"]

    longer = {"months": 24, "in_force_from": day(50), "until": day(-100), "reason": "answered", "occurred_on": day(50)}
    changed = await council.do("POST", f"{stricter}/change", longer)
    assert [each["months"] for each in changed["periods"]] == [12, 24]
    await council.do("POST", f"{stricter}/end", {"last_day": day(10), "reason": "answered", "occurred_on": day(20)})
    again = await council.do("POST", "/competences", trained(wes, COUNCIL, what, 5))
    assert again["rule_id"] == city.rpartition("/")[2]
    rules = (await council.get("/refreshers", subject="preventing-radicalisation"))["rows"]
    assert {row["organisation"]: row["status"] for row in rows_of(rules)} == {None: "standing", COUNCIL: "ended"}
    assert (await council.get(stricter))["last_day"] == day(10)
    moved = await academy.correct(stricter, "refresher-ended", last_day=day(15))
    assert moved["last_day"] == day(15)
    assert (await academy.void(stricter, "refresher-ended"))["status"] == "standing"
    assert (await academy.restore(stricter, "refresher-ended"))["status"] == "ended"
    assert (await council.get("/out-of-date", subject="preventing-radicalisation"))["rows"] == []


def everybody_again() -> Json:
    return {"months": 24, "in_force_from": day(100)}


def rows_of(rows: list[Json]) -> list[Json]:
    """Without those that other stories set."""
    return [row for row in rows if row["organisation"] in (None, COUNCIL)]


async def test_a_new_employer_is_shown_a_record_asks_for_a_part_and_counts_what_it_saved(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospitals, hospice = desks("partner", HOSPITALS), desks("partner", HOSPICE)
    (xia,) = await known_at(HOSPITALS, "xia")
    needed, held = skill("resuscitation", 2), skill("resuscitation", 3)
    price = {"teaches": needed, "category": "core-skills", "seat_pence": 4500, "backfill_pence": 9800}
    await course(academy, "Basic life support", **price)
    record = await hospitals.do("POST", "/competences", trained(xia, HOSPITALS, held, 200, aligned=True))
    path = f"/competences/{record['id']}"
    judged = {"host": HOSPICE, "skill": needed, "ground": "alignment"}
    assert "404" in await hospice.refusal(f"{path}/judge", judged)
    shown = await academy.do("POST", f"/persons/{xia}/transcript/code")
    asked = await hospice.do("POST", f"{path}/judge", {**judged, "code": shown["code"]})
    assert [(each["outcome"], each["top_up"]) for each in asked["judgements"]] == [("top-up", "local-practical")]
    before = await saved(hospice)
    met = await hospice.do("POST", f"{path}/meet-top-up", {"host": HOSPICE})
    assert [each["outcome"] for each in met["judgements"]] == ["waived"]
    assert await saved(hospice) == before + 14_300
    seen = (await hospitals.get("/competences", person_id=xia))["rows"]
    assert [each["host"] for each in seen[0]["judgements"]] == [HOSPICE]
    knows = {"host": HOSPICE, "required_level": 2, "reason": "identity-not-matched"}
    rejected = await hospice.do("POST", f"{path}/reject", knows)
    assert [each["reason"] for each in rejected["judgements"]] == ["identity-not-matched"]
    assert await saved(hospice) == before

    right = await academy.correct(path, "portability-rejected", reason="certificate-not-seen")
    assert [each["reason"] for each in right["judgements"]] == ["certificate-not-seen"]
    assert [each["outcome"] for each in (await academy.void(path, "portability-rejected"))["judgements"]] == ["waived"]
    again = await academy.restore(path, "portability-rejected")
    assert [each["outcome"] for each in again["judgements"]] == ["rejected"]
    assert (await hospice.get(path))["judgements"] == again["judgements"]


async def saved(desk: Desk) -> int:
    """Pence that a host saved in all by what it accepted."""
    return sum(row["saved_pence"] for row in (await desk.get("/savings", first=day(400), last=day(0)))["savings"])


async def test_hr_says_who_works_there_and_sees_who_must_be_trained_again(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    practice = desks("partner", GPS)
    yan, zoe = await known_at(GPS, "yan", "zoe")
    required = {"organisation": GPS, "subject": "safeguarding-adults", "level": 1, "occurred_on": day(500)}
    asked = f"/requirements/{(await practice.do('POST', '/requirements', required))['id']}"
    works = {}
    for person, soc2020 in ((yan, CARER), (zoe, OFFICE)):
        began = {"person_id": person, "organisation": GPS, "soc2020": soc2020, "occurred_on": day(400)}
        works[person] = f"/employments/{(await practice.do('POST', '/employments', began))['id']}"
    what = skill("safeguarding-adults")
    await practice.do("POST", "/competences", trained(yan, GPS, what, 300, said=day(10)))
    assert await stands(practice) == {
        (yan, "safeguarding-adults"): "out-of-date", (zoe, "safeguarding-adults"): "never-trained",
    }  # fmt: skip
    assert (await desks("partner", HOSPICE).get("/compliance", organisation=GPS))["rows"] == []
    await practice.do("POST", "/competences", trained(yan, GPS, what, 5))
    assert (await stands(practice))[yan, "safeguarding-adults"] == "in-date"

    await practice.do("POST", f"{works[zoe]}/end", {"occurred_on": day(1)})
    assert set(await stands(practice)) == {(yan, "safeguarding-adults")}
    gone = await academy.correct(works[zoe], "employment-ended", occurred_on=day(3))
    assert gone["since"] == day(3)
    assert (await academy.void(works[zoe], "employment-ended"))["status"] == "working"
    assert (await stands(practice))[zoe, "safeguarding-adults"] == "never-trained"
    assert (await academy.restore(works[zoe], "employment-ended"))["status"] == "left"
    assert [row["status"] for row in (await practice.get("/employments", person_id=zoe))["rows"]] == ["left"]
    assert (await practice.get(works[zoe]))["since"] == day(3)

    stricter = await academy.correct(asked, "training-required", within_days=7)
    assert stricter["within_days"] == 7
    await practice.do("POST", f"{asked}/drop", {"reason": "replaced"})
    assert await stands(practice) == {}
    assert (await academy.void(asked, "requirement-dropped"))["status"] == "standing"
    assert (await academy.restore(asked, "requirement-dropped"))["status"] == "dropped"
    assert (await practice.get(asked))["reason"] == "replaced"
    dropped = (await practice.get("/requirements", organisation=GPS))["rows"]
    assert [row["status"] for row in dropped] == ["dropped"]


async def test_hr_books_the_five_who_are_out_of_date_swaps_a_name_and_one_is_left(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospice, what = desks("partner", HOSPICE), skill("conflict-resolution")
    six = await known_at(HOSPICE, *(f"out-of-date-{number}" for number in range(6)))
    for person in six:
        await hospice.do("POST", "/competences", trained(person, HOSPICE, what, 500, said=day(60)))

    async def out_of_date() -> set[str]:
        rows = (await hospice.get("/out-of-date", subject="conflict-resolution", limit=200))["rows"]
        return {row["person_id"] for row in rows} & set(six)

    assert await out_of_date() == set(six)
    id_ = await course(academy, "When it gets loud", category="core-skills", teaches=what)
    plan = {"course_id": id_, "sessions": [day(2)], "places": 5, "occurred_on": day(40)}
    path = f"/cohorts/{(await academy.do('POST', '/cohorts', plan))['id']}"
    await hospice.do("POST", f"{path}/bookings", team(HOSPICE, *six[:5], occurred_on=day(30)))
    swap = {"booking_id": await of(hospice, path, six[0]), "learner": {"person_id": six[5]}, "occurred_on": day(9)}
    await hospice.do("POST", f"{path}/bookings/swap", swap)
    came = [await of(hospice, path, person) for person in six[1:]]
    await academy.do("POST", f"{path}/register", {"session": day(2), "attended": came})
    await academy.do("POST", f"{path}/hold", {"occurred_on": day(2)})
    assert await out_of_date() == {six[0]}


async def test_a_new_version_of_the_framework_is_announced_and_hr_sees_whose_training_it_ends_and_by_which_rule(
    academy: Desk, desks: Desks, known_at: Known
) -> None:
    hospice = desks("partner", HOSPICE)
    cas, dot = await known_at(HOSPICE, "cas", "dot")
    subject, new = "conflict-resolution", "cstf-england-1-2"
    older, newer = skill(subject), skill(subject, framework=new)
    periods = [
        {**each, "months": 36, "in_force_from": day(2000), "reason": "national", "occurred_on": day(2000)}
        for each in (older, newer)
    ]
    rules = {each["framework"]: (await academy.do("POST", "/refreshers", each))["id"] for each in periods}
    announced = {"organisation": HOSPICE, "subject": subject, "level": 1, "framework": new, "framework_from": day(-30)}
    await hospice.do("POST", "/requirements", {**announced, "occurred_on": day(100)})
    for person, what in ((cas, older), (dot, newer)):
        work = {"person_id": person, "organisation": HOSPICE, "soc2020": CARER, "occurred_on": day(500)}
        await hospice.do("POST", "/employments", work)
        await hospice.do("POST", "/competences", trained(person, HOSPICE, what, 200))
    seen = {row["person_id"]: row for row in (await hospice.get("/compliance", subject=subject))["rows"]}
    asked = ("standing", "expires_on", "ends_by", "trained_by", "rule_id")
    assert [seen[cas][name] for name in asked] == ["due", day(-29), "version", FRAMEWORK, rules[FRAMEWORK]]
    assert [seen[dot][name] for name in ("standing", "ends_by", "rule_id")] == ["in-date", "period", rules[new]]
    await hospice.do("POST", "/competences", trained(cas, HOSPICE, newer, 1))
    assert (await stands(hospice, subject=subject))[cas, subject] == "in-date"


async def test_all_of_it_fits_a_spreadsheet_that_hr_keeps_anyway(academy: Desk, desks: Desks, known_at: Known) -> None:
    council, hospice = desks("partner", COUNCIL), desks("partner", HOSPICE)
    amy, bob = await known_at(COUNCIL, "amy", "bob")
    subject, what = "moving-and-handling", skill("moving-and-handling", 2)
    period = {"framework": FRAMEWORK, "subject": subject, "level": 2, "organisation": COUNCIL, "reason": "own-rule"}
    (rule,) = await council.table(
        "/refreshers/rows",
        {**period, "months": 12, "in_force_from": day(900), "until": day(-90), "occurred_on": day(900)},
    )
    changed = {"id": rule, "months": 18, "in_force_from": day(100), "until": day(-90), "reason": "own-rule"}
    await council.table("/refreshers/change/rows", {**changed, "occurred_on": day(100)})
    (asked,) = await council.table(
        "/requirements/rows",
        {"organisation": COUNCIL, "soc2020": CARER, "subject": subject, "level": 2, "occurred_on": day(800)},
    )
    staff = [
        {"person_id": person, "organisation": COUNCIL, "soc2020": CARER, "occurred_on": day(700)}
        for person in (amy, bob)
    ]
    _, left = await council.table("/employments/rows", *staff)
    file = [flat(trained(person, COUNCIL, what, 50, aligned="yes", source="asc-wds")) for person in (amy, bob)]
    mine, theirs = await council.table("/competences/rows", *file)
    assert await stands(council, subject=subject) == {(amy, subject): "in-date", (bob, subject): "in-date"}
    await council.table("/employments/end/rows", {"id": left, "occurred_on": day(1)})
    assert await stands(council, subject=subject) == {(amy, subject): "in-date"}

    needed = {"host": HOSPICE, "ground": "certificate-seen"}
    lines = []
    for person, record in ((amy, mine), (bob, theirs)):
        code = (await academy.do("POST", f"/persons/{person}/transcript/code"))["code"]
        lines.append(flat({"id": record, "skill": what, "code": code, **needed}))
    await hospice.table("/competences/judge/rows", *lines)
    await hospice.table("/competences/meet-top-up/rows", {"id": mine, "host": HOSPICE})
    reason = {"id": theirs, "host": HOSPICE, "required_level": 2, "reason": "certificate-not-seen"}
    await hospice.table("/competences/reject/rows", reason)
    outcomes = {
        each: (await council.get(f"/competences/{each}"))["judgements"][0]["outcome"] for each in (mine, theirs)
    }
    assert outcomes == {mine: "waived", theirs: "rejected"}

    await council.table("/requirements/drop/rows", {"id": asked, "reason": "replaced"})
    assert await stands(council, subject=subject) == {}
    await council.table("/refreshers/end/rows", {"id": rule, "last_day": day(0), "reason": "answered"})
    assert (await council.get(f"/refreshers/{rule}"))["status"] == "ended"
