"""One act of a move beside another: what is entered late, put right after something else, said by both sides, said twice."""

from typing import Any

import pytest

from kit.database import Database
from kit.step import changed
from kit.testing.partner import Partner
from kit.testing.persons import somebody
from mobility.domain import deployment
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS, NOW, SHORTEN, STOP_NOW, a_move, day
from schemas.mobility import ClaimCorrected, MoveClaimed, MoveStepClaimed

from .acts import CHECKS, STEPS, a_check, a_passport, a_proposal, both_signed, brought_to, on, pattern
from .test_api import fact_of, fire_all, types_of
from .test_leaving import ahead
from .test_moves import PACK, active, agreed, longer, matched, released, undone, yes
from .test_partners import READER, a_step
from .test_partners import a_move as a_claim


async def noted(client: Any, passport: str, number: int) -> None:
    """What stands in the passport is read again by the moves that rely on it, on a day."""
    renewed = a_check("criminal-record", on(800 + number), occurred_on=on(number))
    await client.made(f"{passport}/record-check", renewed)


async def put_right(client: Any, path: str, kind: str, **changes: Any) -> Any:
    """The answer to the first fact of a kind with these fields instead."""
    fact = await fact_of(client, path, kind)
    better = {"reason": "wrong", "replacement": {**fact["said"], **changes}}
    return await client.post(f"{path}/facts/{fact['id']}/correct", better)


# Late ------------------------------------------------------------------------------------------------------------------


async def test_a_first_day_and_an_early_end_are_entered_late_though_something_was_noted_meanwhile(
    coordinator: Any,
) -> None:
    move, passport = await active(coordinator, "authorise")
    path = f"/deployments/{move}"
    await noted(coordinator, passport, 45)
    await coordinator.made(f"{path}/induct", {"occurred_on": on(39)})
    assert (await coordinator.made(f"{path}/start", {"occurred_on": on(40)}))["started_on"] == on(40)
    await noted(coordinator, passport, 85)
    await coordinator.made(f"{path}/stop-now", {"reason": "ward-closed"})
    early = {"occurred_on": on(39), "reason": "left", "ended_by": "host"}
    refused = await coordinator.post(f"{path}/end-early", early)
    assert (refused.json()["type"], on(40) in refused.json()["detail"]) == (
        "/problems/before-the-step-it-follows",
        True,
    )
    ended = await coordinator.made(f"{path}/end-early", {**early, "occurred_on": on(80)})
    assert (ended["status"], ended["last_day"]) == ("ended-early", on(80))
    better = await put_right(coordinator, path, "deployment-ended-early", occurred_on=on(70))
    assert better.json()["last_day"] == on(70)
    first = await put_right(coordinator, path, "staff-seconded", occurred_on=on(71))
    assert first.json()["type"] == "/problems/fact-stands-in-the-way"


async def test_who_agreed_in_time_to_stay_longer_did_so_though_it_is_entered_late(coordinator: Any) -> None:
    move, passport = await active(coordinator)
    path = f"/deployments/{move}"
    await coordinator.made(f"{path}/propose-extension", longer("home", 130))
    await noted(coordinator, passport, 90)
    early = await coordinator.post(f"{path}/confirm-extension", yes("person", 130, 59))
    assert early.json()["type"] == "/problems/before-the-step-it-follows"
    for by in ("person", "host"):
        await coordinator.made(f"{path}/confirm-extension", yes(by, 130, 74))
    assert (await coordinator.found(path))["last_day"] == on(130)
    wrong = await put_right(coordinator, path, "extension-confirmed", occurred_on=on(59))
    assert wrong.json()["type"] == "/problems/fact-stands-in-the-way"


def test_a_move_of_before_late_entries_follows_its_last_word() -> None:
    before = changed(a_move(), stepped_on=None)
    assert before.last_step == day(40)
    stopped = deployment.evolve(before, deployment.decide(STOP_NOW, before, NOW)[0])
    assert (stopped.last_step, stopped.since) == (day(46), day(46))
    shorter = deployment.evolve(a_move(), deployment.decide(SHORTEN, a_move(), NOW)[0])
    assert (shorter.last_step, shorter.since) == (day(40), day(53))


# A need that is closed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "place"), [("close", ("closed", 1)), ("withdraw", ("withdrawn", 0))])
async def test_who_was_agreed_on_starts_though_nobody_more_is_asked_for(
    coordinator: Any, how: str, place: tuple[str, int]
) -> None:
    await both_signed(coordinator)
    need = await released(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), need)))["id"]
    await brought_to(coordinator, move, "induct")
    why = {"why": "ward-moved"} if how == "withdraw" else {}
    await coordinator.made(f"/needs/{need}/{how}", {"occurred_on": on(39), **why})
    assert (await coordinator.made(f"/deployments/{move}/start", {"occurred_on": on(40)}))["status"] == "active"
    found = await coordinator.found(f"/needs/{need}")
    assert (found["status"], len(found["filled_by"])) == place


# What is put right -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes", "refusal", "field"),
    [
        ("staff-seconded", {"occurred_on": on(39)}, "not-yet", "replacement.occurred_on"),
        ("deployment-proposed", {"starts_on": on(41)}, "not-yet", None),
        ("deployment-proposed", {"host": COUNCIL}, "about-another", "replacement.host"),
        ("staff-seconded", {"home": COUNCIL}, "about-another", "replacement.home"),
        ("deployment-proposed", {"weekly_hours": 15.0}, "not-the-patterns-hours", "replacement.weekly_hours"),
        ("deployment-proposed", {"pattern": [*pattern(1), *pattern(1, starts="10:00")]}, "overlapping-shifts", None),
        (
            "deployment-proposed",
            {"pattern": pattern(1, 2, 3, 4, 5, 6), "weekly_hours": 45.0},
            "more-than-full-time",
            None,
        ),
        ("deployment-proposed", {"home_hours": 45.0}, "more-than48-hours", None),
    ],
)
async def test_nobody_puts_a_move_right_to_what_could_not_have_been(
    coordinator: Any, kind: str, changes: dict[str, Any], refusal: str, field: str | None
) -> None:
    move, _ = await active(coordinator)
    answer = await put_right(coordinator, f"/deployments/{move}", kind, **changes)
    assert answer.json().get("type") == f"/problems/{refusal}"
    if field is not None:
        assert answer.json()["errors"][0]["field"] == field


async def test_of_a_proposal_the_host_is_put_right_as_long_as_nobody_took_it_up_and_is_never_who_lends(
    coordinator: Any,
) -> None:
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    path = f"/deployments/{move}"
    assert (await put_right(coordinator, path, "deployment-proposed", host=COUNCIL)).json()["host"] == COUNCIL
    own = await put_right(coordinator, path, "deployment-proposed", host=HOSPICE)
    assert (own.status_code, own.json()["type"]) == (422, "/problems/home-is-host")


async def test_who_is_booked_elsewhere_meanwhile_is_not_brought_back_beyond_full_time(coordinator: Any) -> None:
    await both_signed(coordinator)
    person = str(somebody())
    move = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    path = f"/deployments/{move}"
    await brought_to(coordinator, move, "start")
    await coordinator.made(f"{path}/recall", {"occurred_on": on(80), "reason": "short-at-home"})
    other = await matched(coordinator, person, starts_on=on(90), ends_on=on(120), pattern=pattern(4, 5, 6))
    assert (await agreed(coordinator, other)).status_code == 200
    refused = await undone(coordinator, path, "deployment-recalled")
    assert refused.json()["type"] == "/problems/more-than-full-time"
    await coordinator.made(f"/deployments/{other}/cancel", {"occurred_on": on(85), "reason": "back-there"})
    assert (await undone(coordinator, path, "deployment-recalled")).json()["status"] == "active"


async def test_a_move_that_is_brought_back_after_one_of_its_two_has_left_ended_when_it_left(
    coordinator: Any, database: Database
) -> None:
    signatures = await both_signed(coordinator)
    proposal = a_proposal(str(somebody()), None, starts_on=ahead(-40), ends_on=ahead(60))
    path = f"/deployments/{(move := (await coordinator.made('/deployments', proposal))['id'])}"
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"{path}/start", {"occurred_on": ahead(-40)})
    await coordinator.made(f"{path}/recall", {"occurred_on": ahead(-20), "reason": "short-at-home"})
    notice = {"occurred_on": on(12), "last_day": ahead(-10), "reason": "merged"}
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/give-notice", notice)
    await fire_all(database)
    back = (await undone(coordinator, path, "deployment-recalled")).json()
    assert (back["status"], back["cover_ends"]) == ("active", ahead(-10))
    await fire_all(database)
    ended = await coordinator.found(path)
    assert (ended["status"], ended["reason"], ended["last_day"]) == ("ended-early", "not-in-force", ahead(-10))


@pytest.mark.parametrize("taken_back", ["cancelled", "agreement"])
async def test_a_first_day_pack_goes_with_what_it_was_of_and_is_given_anew(coordinator: Any, taken_back: str) -> None:
    move, _ = await active(coordinator, "authorise")
    path, given = f"/deployments/{move}", {"occurred_on": on(31), **PACK}
    await coordinator.made(f"{path}/give-pack", given)
    if taken_back == "cancelled":
        await coordinator.made(f"{path}/cancel", {"occurred_on": on(32), "reason": "wrong-move"})
        person = (await coordinator.found(path))["person_id"]
        await coordinator.made(f"/persons/{person}/stop-now", {"reason": "concern-raised"})
        assert (await undone(coordinator, path, "deployment-cancelled")).status_code == 200
    else:
        await coordinator.made(f"{path}/withdraw-agreement", {"occurred_on": on(32)})
        assert (await coordinator.get(f"{path}/first-day-pack")).status_code == 404
        assert (await undone(coordinator, path, "agreement-withdrawn")).status_code == 200
    found = await coordinator.found(path)
    assert (found["status"], found["pack_given_on"]) == ("authorised", None)
    assert "first-day-pack" in {asked["answer"] for asked in found["awaits"]}
    lines = [line["version"] for line in (await coordinator.get(f"{path}/history")).json()["lines"]]
    assert lines == [*range(1, found["version"] + 1)]
    await coordinator.made(f"{path}/give-pack", {**given, "occurred_on": on(33)})
    assert (await coordinator.get(f"{path}/first-day-pack")).json() == PACK
    assert (await undone(coordinator, path, "first-day-pack-given")).status_code == 200
    assert (await coordinator.get(f"{path}/first-day-pack")).status_code == 404


# By claim --------------------------------------------------------------------------------------------------------------


async def test_what_the_person_agreed_to_is_not_put_right_to_other_shifts_without_them(
    coordinator: Any, database: Database
) -> None:
    home = Partner(database, READER, HOSPICE)
    await both_signed(coordinator)
    claim = a_claim(somebody())
    move = (await home.accepted(MoveClaimed, claim, "m"))["deployment_id"]

    def better(**changes: Any) -> dict[str, Any]:
        return {"claim_id": "m", "reason": "wrong", "replacement": {**claim, **changes}}

    nights = pattern(1, 2, 3, starts="20:00", ends="03:30")
    assert await home.refused(ClaimCorrected, better(host=COUNCIL)) == ("about-another", "replacement.host")
    await home.accepted(ClaimCorrected, better(pattern=nights, starts_on=on(39)))
    await home.accepted(ClaimCorrected, better())
    await brought_to(coordinator, str(move), "induct")
    for changes in ({"pattern": nights}, {"starts_on": on(39)}):
        (name,) = changes
        assert await home.refused(ClaimCorrected, better(**changes)) == ("other-than-agreed", f"replacement.{name}")
    await home.accepted(ClaimCorrected, better(pattern=pattern(1, 2), starts_on=on(40)))
    assert (await coordinator.found(f"/deployments/{move}"))["weekly_hours"] == 15.0


async def test_a_later_end_that_was_agreed_on_is_so_already_whoever_says_it_again(
    coordinator: Any, database: Database
) -> None:
    home, host = Partner(database, READER, HOSPICE), Partner(database, READER, HOSPITALS)
    await both_signed(coordinator)
    move = (await home.accepted(MoveClaimed, a_claim(somebody())))["deployment_id"]
    await brought_to(coordinator, str(move), "start")
    for number in (50, 51):
        for who, name in ((home, "extended"), (home, "extension-agreed"), (host, "extended")):
            await who.accepted(MoveStepClaimed, a_step(move, name, number, ends_on=on(115)))
    assert (await types_of(coordinator, f"/deployments/{move}")).count("extension-proposed") == 1
    sooner = a_step(move, "extended", 52, ends_on=on(114))
    assert await host.refused(MoveStepClaimed, sooner) == ("not-longer", "ends_on")


# The edges of days -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ends", "until", "answer"), [("07:00", 111, 200), ("07:00", 110, 409), ("00:00", 110, 200)])
async def test_a_night_that_begins_on_the_last_day_is_worked_with_a_right_to_work(
    coordinator: Any, ends: str, until: int, answer: int
) -> None:
    await both_signed(coordinator)
    nights = pattern(day(110).isoweekday(), starts="21:00", ends=ends)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None, pattern=nights)))["id"]
    await a_passport(coordinator, move, {**CHECKS, "right-to-work": on(until)})
    for name, body in STEPS[:2]:
        await coordinator.made(f"/deployments/{move}/{name}", body)
    verified = await coordinator.post(f"/deployments/{move}/verify-checks", {"occurred_on": on(28)})
    assert verified.status_code == answer
    if answer == 409:
        assert verified.json()["detail"] == f"right-to-work ends on {on(110)}, needed until {on(111)}"


async def test_an_end_on_a_day_to_come_is_said_by_shortening(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    for name, body in (("recall", {}), ("end-early", {"ended_by": "host"})):
        tomorrow = {"occurred_on": ahead(1), "reason": "short", **body}
        refused = (await coordinator.post(f"/deployments/{move}/{name}", tomorrow)).json()
        assert (refused["type"], refused["errors"][0]["field"]) == ("/problems/not-over-yet", "occurred_on")


# What fell due before --------------------------------------------------------------------------------------------------


async def test_a_right_to_work_that_was_not_renewed_after_all_stops_the_move_again_and_its_end_is_raised_again(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    asked = a_proposal(str(somebody()), None, starts_on=ahead(-70), ends_on=ahead(80))
    path = f"/deployments/{(move := (await coordinator.made('/deployments', asked))['id'])}"
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"{path}/start", {"occurred_on": ahead(-70)})
    passport = f"/passports/{await a_passport(coordinator, move)}"
    await coordinator.made(f"{passport}/record-check", a_check("right-to-work", ahead(-1), occurred_on=ahead(-60)))
    await fire_all(database)
    renewed = a_check("right-to-work", ahead(300), occurred_on=ahead(0))
    await coordinator.made(f"{passport}/record-check", renewed)
    assert (await coordinator.found(path))["stopped"] is None
    for how, stop in (("void", "right-to-work-over"), ("restore", None), ("void", "right-to-work-over")):
        assert (await undone(coordinator, passport, "check-recorded", how)).status_code == 200
        found = await coordinator.found(path)
        assert (found["stopped"], "right-to-work" in found["warned"]) == (stop, stop is not None)


async def test_a_word_that_was_not_taken_back_books_nobody_beyond_full_time(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    path = f"/deployments/{move}"
    person = (await coordinator.found(path))["person_id"]
    await coordinator.made(f"{path}/propose-extension", longer("home", 130))
    await coordinator.made(f"{path}/confirm-extension", yes("person", 130))
    no = {"occurred_on": on(62), "by": "host", "reason": "no-longer-needed"}
    await coordinator.made(f"{path}/decline-extension", no)
    other = await matched(coordinator, person, starts_on=on(112), ends_on=on(140), pattern=pattern(4, 5, 6))
    assert (await agreed(coordinator, other)).status_code == 200
    assert (await undone(coordinator, path, "extension-declined")).json()["type"] == "/problems/more-than-full-time"


async def test_nobody_said_beforehand_that_it_had_ended(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    path, sooner = f"/deployments/{move}", {"occurred_on": on(50), "side": "host", "reason": "ward-closes"}
    await coordinator.made(f"{path}/shorten", {**sooner, "ends_on": on(100)})
    refused = await put_right(coordinator, path, "deployment-shortened", ends_on=on(49))
    assert (refused.json()["type"], refused.json()["errors"][0]["field"]) == (
        "/problems/not-sooner", "replacement.ends_on",
    )  # fmt: skip
    assert (await put_right(coordinator, path, "deployment-shortened", ends_on=on(50))).json()["last_day"] == on(50)


@pytest.mark.parametrize(
    ("name", "body", "day"),
    [
        ("start", {}, 40),
        ("recall", {"reason": "short-at-home"}, 80),
        ("end-early", {"reason": "ward-closed", "ended_by": "host"}, 80),
    ],
)
async def test_what_is_said_again_of_another_day_is_not_done_and_does_not_seem_to_be(
    coordinator: Any, name: str, body: dict[str, Any], day: int
) -> None:
    move, _ = await active(coordinator)
    path = f"/deployments/{move}/{name}"
    if name != "start":
        await coordinator.made(path, {"occurred_on": on(day), **body})
    for again in (body, {"occurred_on": on(day), **body}):
        assert (await coordinator.post(path, again)).status_code == 200
    refused = (await coordinator.post(path, {"occurred_on": on(day + 1), **body})).json()
    assert (refused["type"], refused["detail"]) == ("/problems/another-day", f"it was {on(day)}")


async def test_an_ended_move_is_not_stopped_at_its_place_and_its_person_is_everywhere(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    path = f"/deployments/{move}"
    by_framework = {"occurred_on": on(80), "reason": "not-in-force", "ended_by": "framework"}
    refused = (await coordinator.post(f"{path}/end-early", by_framework)).json()
    assert (refused["type"], refused["errors"][0]["field"]) == ("/problems/ended-by-somebody", "ended_by")
    await coordinator.made(f"{path}/end-early", {**by_framework, "ended_by": "person"})
    nothing_to_stop = await coordinator.post(f"{path}/stop-now", {"reason": "ward-closed"})
    assert (nothing_to_stop.status_code, nothing_to_stop.json()["type"]) == (409, "/problems/not-in-this-state")
    await coordinator.made(f"{path}/stop-now", {"reason": "concern-raised"})
    assert [row["status"] for row in (await coordinator.get("/stops")).json()["rows"]] == ["standing"]
