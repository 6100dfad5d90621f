"""The Academy's assistant works from spreadsheets: an agreement, needs, passports, moves and their hours, line by line."""

from tests.desk import Desk, Desks, Known, day

from .conftest import (
    COUNCIL,
    FORUM,
    HOSPITALS,
    LONG_AGO,
    Away,
    a_need,
    a_passport,
    a_proposal,
    agreement,
    authorisation,
    invitation,
    signed,
    signing,
    work,
)
from .test_moves import PACK

COURSE = "course_id=0b9f6d3a-52c7-4e18-8d41-7a6c2e9f1b50 title=Resuscitation within_days=365"
DAYS = "|".join(f"day={number} starts=09:00 ends=16:30" for number in (1, 2))


async def test_an_agreement_is_signed_varied_left_and_ended_from_spreadsheets(academy: Desk, desks: Desks) -> None:
    published = {
        "name": "By spreadsheet",
        "effective_from": day(LONG_AGO),
        "notice_days": 0,
        "occurred_on": day(LONG_AGO),
    }
    framework, spare = await academy.table("/frameworks/rows", published, {**published, "name": "Never signed"})
    asked = [invitation(framework, organisation) for organisation in (FORUM, COUNCIL)]
    forum, council = await academy.table("/signatures/rows", *asked)
    await academy.table("/signatures/sign/rows", {"id": forum, **signing()})
    await academy.table("/signatures/decline/rows", {"id": council, "reason": "not-this-year"})
    varied = {"effective_from": day(9), "notice_days": 0, "reason": "reviewed", "occurred_on": day(10)}
    await academy.table("/frameworks/vary/rows", {"id": framework, **varied})
    await academy.table(
        "/frameworks/terminate/rows", {"id": spare, "last_day": day(1), "reason": "unused", "occurred_on": day(2)}
    )
    seen = []
    for name, fields in (
        ("suspend", {"reason": "insurance-ended", "occurred_on": day(5)}),
        ("resume", {"occurred_on": day(4)}),
        ("give-notice", {"last_day": day(-30), "reason": "merged"}),
    ):
        await academy.table(f"/signatures/{name}/rows", {"id": forum, **fields})
        seen.append((await desks("partner", FORUM).get(f"/signatures/{forum}"))["status"])
    assert seen == ["suspended", "signed", "leaving"]


async def test_needs_and_what_is_asked_for_come_from_spreadsheets(academy: Desk, desks: Desks) -> None:
    wanted = {**a_need(HOSPITALS), "soc2020": "3213"}
    first, second, third = await academy.table("/needs/rows", wanted, wanted, wanted)
    await academy.table("/needs/release/rows", {"id": first, "occurred_on": day(110)})
    await academy.table("/needs/fill-with-own/rows", {"id": first, "occurred_on": day(109)})
    await academy.table("/needs/close/rows", {"id": second})
    await academy.table("/needs/withdraw/rows", {"id": third, "why": "ward-closed"})
    rows = (await desks("partner", HOSPITALS).get("/needs", soc2020="3213"))["rows"]
    assert {row["id"]: (row["status"], row["by_own_staff"]) for row in rows} == {
        first: ("released", 1), second: ("closed", 0), third: ("withdrawn", 0),
    }  # fmt: skip
    asked = {
        "organisation": COUNCIL,
        "soc2020": "3213",
        "checks": "kind=identity",
        "training": COURSE,
        "occurred_on": day(80),
    }
    (requirement,) = await academy.table("/requirements/rows", asked)
    both = "kind=identity|kind=criminal-record level=enhanced workforce=adult"
    await academy.table(
        "/requirements/change/rows", {"id": requirement, "checks": both, "training": COURSE, "occurred_on": day(79)}
    )
    assert len((await desks("partner", COUNCIL).get(f"/requirements/{requirement}"))["checks"]) == 2
    await academy.table("/requirements/retire/rows", {"id": requirement, "reason": "ward-closed"})


async def test_passports_are_kept_by_spreadsheet(academy: Desk, desks: Desks, known_at: Known) -> None:
    (person,) = await known_at(FORUM, "in-a-spreadsheet")
    opened = {"person_id": person, "home": FORUM, "occurred_on": day(300)}
    (id_,) = await academy.table("/passports/rows", opened)
    check = {"kind": "identity", "verified_by": FORUM, "satisfactory": "yes", "occurred_on": day(290)}
    await academy.table("/passports/record-check/rows", {"id": id_, **check})
    asked = {"id": id_, "kind": "criminal-record", "awaiting": "third-party", "occurred_on": day(280)}
    await academy.table("/passports/request-check/rows", asked)
    excused = {"id": id_, "kind": "qualifications", "reason": "none-for-this-role", "occurred_on": day(280)}
    await academy.table("/passports/record-not-required/rows", excused)
    refused = {"id": id_, "kind": "reference", "verified_by": FORUM, "outcome": "refused", "occurred_on": day(270)}
    await academy.table("/passports/record-check/rows", refused)
    await academy.table("/passports/share-with/rows", {"id": id_, "organisation": COUNCIL, "until": day(-30)})
    limit = {"limit.ground": "student", "limit.weekly_hours": 20, "limit.terms": f"first={day(90)} last={day(-10)}"}
    await academy.table("/passports/limit-work/rows", {"id": id_, **limit})
    seen = await desks("partner", COUNCIL).get(f"/passports/{id_}")
    assert {check["kind"]: check["outcome"] for check in seen["checks"]} == {
        "identity": "satisfactory", "reference": "refused",
    }  # fmt: skip
    assert (seen["requested"][0]["awaiting"], seen["not_required"][0]["kind"]) == ("third-party", "qualifications")
    assert seen["limits"][0]["weekly_hours"] == 20
    await academy.table("/passports/lift-limit/rows", {"id": id_, "ground": "student"})
    await academy.table("/passports/withdraw-sharing/rows", {"id": id_, "organisation": COUNCIL})
    await academy.table("/passports/close/rows", {"id": id_, "reason": "left"})
    closed = await desks("partner", FORUM).get(f"/passports/{id_}")
    assert (closed["status"], closed["limits"], closed["shares"]) == ("closed", [], [])


async def test_people_are_stopped_at_every_host_and_let_go_on_by_spreadsheet(academy: Desk, known_at: Known) -> None:
    people = await known_at(FORUM, "restricted", "restricted-too")
    ids = await academy.table(
        "/stops/rows", *({"person_id": each, "reason": "registration-restricted"} for each in people)
    )
    await academy.table("/stops/lift/rows", *({"id": id_, "why": "restriction-ended"} for id_ in ids))
    assert [(await academy.get(f"/stops/{id_}"))["status"] for id_ in ids] == ["lifted"] * 2


async def test_moves_and_their_hours_go_from_spreadsheets_to_what_is_charged(
    academy: Desk, desks: Desks, known_at: Known, learning_away: Away
) -> None:
    await signed(academy, await agreement(academy, "Of a spreadsheet of moves"), FORUM, COUNCIL)
    people = await known_at(FORUM, "called-back", "ended-early", "cancelled")
    needed = {
        "organisation": COUNCIL,
        "soc2020": "2237",
        "checks": "kind=identity",
        "training": COURSE,
        "occurred_on": day(200),
    }
    (requirement,) = await academy.table("/requirements/rows", needed)
    for person in people:
        await a_passport(academy, person, FORUM)
    asked = [a_proposal(person, FORUM, **work(COUNCIL)) for person in people]
    lines = [
        {**{name: value for name, value in each.items() if name != "own"}, "pattern": DAYS}
        | {f"own.{name}": value for name, value in each["own"].items()}
        for each in asked
    ]
    moves = await academy.table("/deployments/rows", *lines)
    recalled, early, cancelled = moves

    async def each(name: str, *ids: str, **fields: object) -> None:
        await academy.table(f"/deployments/{name}/rows", *({"id": id_, **fields} for id_ in ids))

    await each("match", *moves, occurred_on=day(95))
    await each("agree", *moves, occurred_on=day(92))
    await each("withdraw-agreement", cancelled, occurred_on=day(91))
    await each("cancel", cancelled, reason="no-longer-needed", occurred_on=day(90))
    await each("verify-checks", recalled, early, occurred_on=day(90))
    for side in ("home", "host"):
        await each("authorise", recalled, early, **authorisation(side))
    await each("give-pack", recalled, occurred_on=day(80), **PACK)
    await each("induct", recalled, early, occurred_on=day(62))
    put_off = {"ground": "supervised-until-then", "done_by": day(30), "occurred_on": day(61)}
    await each("put-off-training", recalled, early, **put_off)
    await academy.table(
        "/requirements/retire/rows", {"id": requirement, "reason": "ward-closed", "occurred_on": day(60)}
    )
    with learning_away():
        await each("start", recalled, early, occurred_on=day(60))
        await each("settle-answer", recalled, answer="local-induction", reason="by-us", occurred_on=day(59))
    await each("stop-now", early, reason="ward-closed", occurred_on=day(50))
    await each("lift-stop", early, why="ward-open", occurred_on=day(49))
    await each("propose-extension", recalled, ends_on=day(-70), side="home", occurred_on=day(48))
    await each("confirm-extension", recalled, ends_on=day(-70), by="host", occurred_on=day(48))
    await each("decline-extension", recalled, by="person", reason="persons-choice", occurred_on=day(47))
    await each("shorten", recalled, ends_on=day(-50), side="host", reason="ward-closes", occurred_on=day(46))
    await each("end-early", early, ended_by="host", reason="ward-closed", occurred_on=day(47))
    await each("recall", recalled, reason="short-at-home", occurred_on=day(40))
    council = desks("partner", COUNCIL)
    seen = {row["id"]: row["status"] for row in (await council.get("/deployments", home=FORUM, host=COUNCIL))["rows"]}
    assert [seen[id_] for id_ in moves] == ["recalled", "ended-early", "cancelled"]

    line = {"deployment_id": recalled, "worked_on": day(58)}
    (statement,) = await academy.table(
        "/statements/rows", {**line, "hours": 7.5, "pence": 18_000, "occurred_on": day(57)}
    )
    for name, fields in (
        ("dispute", {**line, "reason": "left-at-noon", "occurred_on": day(26)}),
        ("settle", {**line, "hours": 4, "pence": 9_600, "occurred_on": day(25)}),
        ("issue", {"vat": "exempt", "occurred_on": day(25)}),
        ("agree", {}),
    ):
        await academy.table(f"/statements/{name}/rows", {"id": statement, **fields})
    found = await council.get(f"/statements/{statement}")
    assert (found["status"], found["lines"][0]["hours"]) == ("agreed", 4.0)
