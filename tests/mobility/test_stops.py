"""What keeps somebody from work: each reason by itself, lifted by the record that it stood on, or by a person who says why."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from typing import Any

import asyncpg
import pytest

from kit.clock import today
from kit.database import Database
from kit.step import start_of
from kit.testing.databases import Clone
from kit.testing.persons import somebody
from mobility.domain import deployment, stops
from mobility.domain.clearance import Stopped
from mobility.domain.stops import OF_RECORD, LetGoOn, LiftStop, RecordSaysSo, StopNow, WhichStop
from mobility.testing import AUTHORISE_HOME, HOSPICE, HOSPITALS, NOW, VERIFIED, a_move, day, run
from schemas.mobility import StopLifted

from .acts import (
    a_check,
    a_framework,
    a_passport,
    a_proposal,
    a_signing,
    an_invitation,
    both_signed,
    brought_to,
    on,
    pattern,
    signed,
)
from .test_api import fact_of, fire_all, types_of
from .test_leaving import ahead, under_way
from .test_limits import STUDENT_BODY
from .test_moves import active, agreed, matched

As = Callable[..., Any]
CONCERN, LIMIT = (
    StopNow(occurred_on=day(46), reason="concern-raised"),
    StopNow(occurred_on=day(46), reason=stops.WORK_LIMIT),
)


# The rules -------------------------------------------------------------------------------------------------------------


def test_every_reason_stops_by_itself_and_the_move_goes_on_when_the_last_is_gone() -> None:
    move = run(deployment, CONCERN, LIMIT, CONCERN, state=a_move())
    assert move.stops == ("concern-raised", "work-limit")
    for command, left in (
        (LiftStop(reason="concern-raised", why="unfounded"), ("work-limit",)),
        (LetGoOn(reason=stops.WORK_LIMIT, why=stops.WITHIN_THE_LIMIT), ()),
    ):
        move = run(deployment, command, state=move)
        assert move.stops == left
    assert deployment.decide(LetGoOn(reason=stops.WORK_LIMIT, why="x"), move, NOW) == []


def test_who_lifts_one_of_several_stops_says_which() -> None:
    move = run(deployment, CONCERN, LIMIT, state=a_move())
    for reason in (None, "registration-restricted"):
        with pytest.raises(WhichStop, match="concern-raised, work-limit"):
            deployment.decide(LiftStop(reason=reason, why="x"), move, NOW)


@pytest.mark.parametrize("reason", OF_RECORD)
def test_nobody_lifts_what_our_own_record_says(reason: str) -> None:
    with pytest.raises(RecordSaysSo):
        deployment.decide(LiftStop(why="x"), run(deployment, StopNow(reason=reason), state=a_move()), NOW)


def test_the_host_keeps_the_person_from_work_and_each_reason_waits_for_who_can_settle_it() -> None:
    for commands, others in (
        ((CONCERN,), {("coordinator", "settle-what-stopped-it")}),
        ((LIMIT,), {("home", "keep-within-the-limit")}),
        ((LIMIT, CONCERN), {("coordinator", "settle-what-stopped-it"), ("home", "keep-within-the-limit")}),
        ((StopNow(reason=stops.SUSPENDED),), set()),
    ):
        found = {(waits.who, waits.why) for waits in deployment.waiting(run(deployment, *commands, state=a_move()))}
        assert found == {("host", "keep-from-work")} | others


def test_what_is_stopped_for_two_reasons_names_both_to_who_would_go_on() -> None:
    with pytest.raises(Stopped, match="concern-raised, work-limit"):
        deployment.decide(
            replace(AUTHORISE_HOME, occurred_on=day(47)), run(deployment, CONCERN, LIMIT, state=a_move(*VERIFIED)), NOW
        )


def test_a_lifting_that_was_said_before_reasons_had_names_lifts_every_one() -> None:
    move = run(deployment, CONCERN, LIMIT, state=a_move())
    old = StopLifted(
        occurred_on=NOW.date(),
        person_id=move.person_id,
        home=move.home,
        host=move.host,
        basis=move.basis,
        soc2020=move.soc2020,
    )
    assert deployment.evolve(move, old).stops == ()


async def test_whom_a_concern_stops_at_every_host_is_not_put_forward_past_it_and_each_stop_is_lifted_by_itself(
    coordinator: Any,
) -> None:
    first, _ = await active(coordinator)
    person = (await coordinator.get(f"/deployments/{first}")).json()["person_id"]
    await coordinator.made(f"/deployments/{first}/stop-now", {"reason": "ward-closed"})
    stop = (await coordinator.made(f"/persons/{person}/stop-now", {"reason": "concern-raised"}))["stop"]["id"]
    second = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    assert [await stopped(coordinator, each) for each in (first, second)] == [
        ["ward-closed", "concern-raised"], ["concern-raised"],
    ]  # fmt: skip
    why = {"reason": "concern-raised", "why": "unfounded"}
    refused = await coordinator.post(f"/deployments/{second}/lift-stop", why)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/said-of-the-person")
    assert "lift-stop" not in (await coordinator.get(f"/deployments/{second}")).json()["allowed"]
    await coordinator.made(f"/stops/{stop}/lift", {"why": "unfounded"})
    assert (await lifted(coordinator, second))[:2] == ("concern-raised", "unfounded")
    third = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    assert [await stopped(coordinator, each) for each in (first, second, third)] == [["ward-closed"], [], []]


# Limits ----------------------------------------------------------------------------------------------------------------


async def stopped(client: Any, move: str) -> list[str]:
    found = (await client.get(f"/deployments/{move}")).json()
    return [reason for reason in (found["stopped"], *found["stopped_too"]) if reason is not None]


async def lifted(client: Any, move: str) -> tuple[str, str, str]:
    """Of the last lifting: of which reason, why, and who did it."""
    line = (await client.get(f"/deployments/{move}/history")).json()["lines"][-1]
    assert "stop-lifted" in line["type"]
    return line["said"]["reason"], line["said"]["why"], line["actor"]


async def beyond(client: Any) -> tuple[str, str]:
    """A move that is stopped because its person is limited to less, and the passport that says so."""
    move, path = await active(client)
    await client.made(f"{path}/limit-work", STUDENT_BODY)
    assert await stopped(client, move) == ["work-limit"]
    return move, path


@pytest.mark.parametrize("how", ["lifted", "changed", "voided", "corrected"])
async def test_a_limit_that_no_longer_forbids_it_lets_a_move_go_on_and_says_because_of_what(
    coordinator: Any, how: str
) -> None:
    move, path = await beyond(coordinator)
    wider = {**STUDENT_BODY["limit"], "weekly_hours": 60.0}  # type: ignore[dict-item]
    fact = await fact_of(coordinator, path, "work-limited")
    correction = f"{path}/facts/{fact['id']}"
    match how:
        case "lifted":
            await coordinator.made(f"{path}/lift-limit", {"occurred_on": on(90), "ground": "student"})
        case "changed":
            await coordinator.made(f"{path}/limit-work", {"occurred_on": on(90), "limit": wider})
        case "voided":
            await coordinator.made(f"{correction}/void", {"reason": "another-person"})
        case "corrected":
            replacement = {**fact["said"], "limit": wider}
            await coordinator.made(f"{correction}/correct", {"reason": "typing-error", "replacement": replacement})
    assert await stopped(coordinator, move) == []
    reason, why, actor = await lifted(coordinator, move)
    assert (reason, why) == ("work-limit", "within-the-limit")
    cause = (await coordinator.get(f"/deployments/{move}/history")).json()["lines"][-1]["causation_id"]
    told = (await coordinator.get(f"{path}/history")).json()["lines"][-1]
    assert (cause, actor) == (told["id"], told["actor"])


async def test_a_limit_that_was_voided_in_error_stops_the_move_again(coordinator: Any) -> None:
    move, path = await beyond(coordinator)
    fact = await fact_of(coordinator, path, "work-limited")
    seen = []
    for correction in ("void", "restore"):
        await coordinator.made(f"{path}/facts/{fact['id']}/{correction}", {"reason": "another-person"})
        seen.append(await stopped(coordinator, move))
    assert seen == [[], ["work-limit"]]


async def test_a_limit_that_is_stricter_stops_what_was_within_the_one_before(coordinator: Any) -> None:
    move, path = await active(coordinator)
    wide = {**STUDENT_BODY["limit"], "weekly_hours": 60.0}  # type: ignore[dict-item]
    await coordinator.made(f"{path}/limit-work", {"occurred_on": on(5), "limit": wide})
    assert await stopped(coordinator, move) == []
    await coordinator.made(f"{path}/limit-work", STUDENT_BODY)
    assert await stopped(coordinator, move) == ["work-limit"]


@pytest.mark.parametrize(("step", "fields"), [("cancel", {"reason": "no-longer-needed"}), ("withdraw-agreement", {})])
async def test_a_move_that_ends_lets_another_that_was_beyond_the_limit_beside_it_go_on(
    coordinator: Any, step: str, fields: dict[str, Any]
) -> None:
    person = str(somebody())
    one, other = (
        await matched(coordinator, person, pattern=pattern(1, 2)),
        await matched(coordinator, person, pattern=pattern(3, 4)),
    )
    for move in (one, other):
        assert (await agreed(coordinator, move)).status_code == 200
    path = f"/passports/{await a_passport(coordinator, one)}"
    await coordinator.made(f"{path}/limit-work", STUDENT_BODY)
    assert [await stopped(coordinator, move) for move in (one, other)] == [["work-limit"]] * 2
    await coordinator.made(f"/deployments/{other}/{step}", fields)
    assert await stopped(coordinator, one) == []


async def test_a_concern_outlasts_the_limit_that_stopped_the_move_as_well(coordinator: Any) -> None:
    move, path = await beyond(coordinator)
    await coordinator.made(f"/deployments/{move}/stop-now", {"reason": "concern-raised"})
    await coordinator.made(f"{path}/lift-limit", {"occurred_on": on(90), "ground": "student"})
    assert await stopped(coordinator, move) == ["concern-raised"]
    (stop,) = (await coordinator.get("/stops")).json()["rows"]
    await coordinator.made(f"/stops/{stop['id']}/lift", {"why": "unfounded"})
    assert (await lifted(coordinator, move))[:2] == ("concern-raised", "unfounded")


async def test_limits_and_moves_that_change_at_once_end_in_one_truth(coordinator: Any) -> None:
    for _ in range(6):
        person = str(somebody())
        one = await matched(coordinator, person, pattern=pattern(1, 2))
        other = await matched(coordinator, person, pattern=pattern(3, 4))
        for move in (one, other):
            await agreed(coordinator, move)
        path = f"/passports/{await a_passport(coordinator, one)}"
        answers = await asyncio.gather(
            coordinator.post(f"{path}/limit-work", STUDENT_BODY),
            coordinator.post(f"/deployments/{other}/cancel", {"reason": "no-longer-needed"}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        assert await stopped(coordinator, one) == []


# Entries in error ------------------------------------------------------------------------------------------------------


async def test_a_check_that_was_entered_in_error_stops_nothing_once_it_is_voided(coordinator: Any) -> None:
    move, path = await active(coordinator)
    await coordinator.made(f"{path}/record-check", a_check("identity", occurred_on=on(60), satisfactory=False))
    lines = (await coordinator.get(f"{path}/history")).json()["lines"]
    await coordinator.made(f"{path}/facts/{lines[-1]['id']}/void", {"reason": "another-person"})
    assert await stopped(coordinator, move) == []
    assert (await lifted(coordinator, move))[:2] == ("check-withdrawn", "entered-in-error")


async def test_a_check_that_is_done_anew_lifts_nothing_until_a_person_says_why(coordinator: Any) -> None:
    move, path = await active(coordinator)
    for number, satisfactory in ((60, False), (70, True)):
        check = a_check("identity", occurred_on=on(number), satisfactory=satisfactory)
        await coordinator.made(f"{path}/record-check", check)
    identity = await fact_of(coordinator, path, "check-recorded")
    typed = {**identity["said"], "occurred_on": on(4)}
    await coordinator.made(f"{path}/facts/{identity['id']}/correct", {"reason": "typing-error", "replacement": typed})
    assert await stopped(coordinator, move) == ["check-withdrawn"]
    await coordinator.made(f"/deployments/{move}/lift-stop", {"why": "name-had-changed"})
    assert (await lifted(coordinator, move))[:2] == ("check-withdrawn", "name-had-changed")


async def test_a_check_that_shows_neither_way_stops_a_move_until_it_is_done_anew(coordinator: Any) -> None:
    move, path = await active(coordinator)
    asked_again = a_check("criminal-record", occurred_on=on(60), satisfactory=None, outcome="indeterminate")
    await coordinator.made(f"{path}/record-check", asked_again)
    assert await stopped(coordinator, move) == ["check-indeterminate"]
    await coordinator.made(f"{path}/record-check", a_check("criminal-record", on(900), occurred_on=on(70)))
    assert (await stopped(coordinator, move), (await lifted(coordinator, move))[:2]) == (
        [], ("check-indeterminate", "renewed"),
    )  # fmt: skip
    kinds = {seen["kind"]: seen["valid_until"] for seen in (await coordinator.found(f"/deployments/{move}"))["checks"]}
    assert kinds["criminal-record"] == on(900)


@pytest.mark.parametrize(
    ("outcome", "reasons"),
    [
        ("refused", ["check-indeterminate", "check-withdrawn"]),
        ("unsatisfactory", ["check-indeterminate", "check-withdrawn"]),
    ],
)
async def test_a_check_that_was_refused_waits_for_a_person_as_one_that_is_unsatisfactory(
    coordinator: Any, outcome: str, reasons: list[str]
) -> None:
    move, path = await active(coordinator)
    for number, came_to in ((60, "indeterminate"), (70, outcome), (80, "satisfactory")):
        check = a_check("identity", occurred_on=on(number), satisfactory=None, outcome=came_to)
        await coordinator.made(f"{path}/record-check", check)
    lines = (await coordinator.get(f"/deployments/{move}/history")).json()["lines"]
    assert [line["said"]["reason"] for line in lines if "move-stopped" in line["type"]] == reasons
    assert await stopped(coordinator, move) == ["check-withdrawn"]
    await coordinator.made(f"/deployments/{move}/lift-stop", {"why": "asked-the-wrong-body"})
    assert await stopped(coordinator, move) == []


async def test_a_check_that_was_entered_as_indeterminate_in_error_stops_nothing_once_it_is_put_right(
    coordinator: Any,
) -> None:
    move, path = await active(coordinator)
    check = a_check("identity", occurred_on=on(60), satisfactory=None, outcome="indeterminate")
    await coordinator.made(f"{path}/record-check", check)
    said = (await coordinator.found(f"{path}/history"))["lines"][-1]
    better = {**said["said"], "outcome": "satisfactory", "satisfactory": True}
    await coordinator.made(f"{path}/facts/{said['id']}/correct", {"reason": "typing-error", "replacement": better})
    assert (await lifted(coordinator, move))[:2] == ("check-indeterminate", "entered-in-error")
    half = {**better, "outcome": "refused"}
    refused = await coordinator.post(
        f"{path}/facts/{said['id']}/correct", {"reason": "typing-error", "replacement": half}
    )
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/outcome-contradicted")
    assert "replacement.outcome" in refused.text
    assert await stopped(coordinator, move) == []


async def test_what_a_person_has_settled_is_not_stopped_again_by_whatever_else_is_written_in_the_passport(
    coordinator: Any,
) -> None:
    move, path = await active(coordinator)
    await coordinator.made(f"{path}/record-check", a_check("criminal-record", occurred_on=on(60), satisfactory=False))
    await coordinator.made(f"/deployments/{move}/lift-stop", {"why": "never-alone-with-patients"})
    await coordinator.made(f"{path}/share-with", {"organisation": HOSPITALS, "until": ahead(30)})
    await coordinator.made(f"{path}/record-check", a_check("identity", ahead(300), occurred_on=on(70)))
    shared = await fact_of(coordinator, path, "passport-shared")
    await coordinator.made(f"{path}/facts/{shared['id']}/void", {"reason": "another-person"})
    assert await stopped(coordinator, move) == []
    await coordinator.made(f"{path}/record-check", a_check("criminal-record", occurred_on=on(80), satisfactory=False))
    assert await stopped(coordinator, move) == ["check-withdrawn"]


async def test_a_passport_that_was_closed_in_error_lets_its_moves_go_on(coordinator: Any) -> None:
    move, path = await active(coordinator)
    await coordinator.made(f"{path}/close", {"occurred_on": on(60), "reason": "left"})
    closed = await fact_of(coordinator, path, "passport-closed")
    await coordinator.made(f"{path}/facts/{closed['id']}/void", {"reason": "another-person"})
    assert (await lifted(coordinator, move))[:2] == ("passport-closed", "entered-in-error")


async def test_a_check_that_was_taken_back_while_a_passport_was_closed_stops_its_moves_when_it_is_open_again(
    coordinator: Any,
) -> None:
    move, path = await active(coordinator)
    await coordinator.made(f"{path}/close", {"occurred_on": on(60), "reason": "left"})
    for name in ("check-recorded", "passport-closed"):
        fact = await fact_of(coordinator, path, name)
        await coordinator.made(f"{path}/facts/{fact['id']}/void", {"reason": "another-person"})
    assert await stopped(coordinator, move) == ["check-withdrawn"]


async def test_another_passport_lifts_nothing(coordinator: Any) -> None:
    move, path = await active(coordinator)
    await coordinator.made(f"{path}/close", {"occurred_on": on(60), "reason": "left"})
    person = (await coordinator.get(f"/deployments/{move}")).json()["person_id"]
    opened = await coordinator.made("/passports", {"person_id": person, "home": HOSPICE, "occurred_on": on(61)})
    await coordinator.made(f"/passports/{opened['id']}/record-check", a_check("identity", occurred_on=on(62)))
    assert await stopped(coordinator, move) == ["passport-closed"]


async def test_a_right_to_work_that_runs_out_stops_a_move_until_it_is_renewed(
    coordinator: Any, database: Database
) -> None:
    await both_signed(coordinator)
    asked = a_proposal(str(somebody()), None, starts_on=ahead(-70), ends_on=ahead(80))
    move = (await coordinator.made("/deployments", asked))["id"]
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"/deployments/{move}/start", {"occurred_on": ahead(-70)})
    path = f"/passports/{await a_passport(coordinator, move)}"
    await coordinator.made(f"{path}/record-check", a_check("right-to-work", ahead(-1), occurred_on=ahead(-60)))
    assert await stopped(coordinator, move) == []
    await fire_all(database)
    assert await stopped(coordinator, move) == ["right-to-work-over"]
    waits = (await coordinator.get("/waiting", who="home")).json()["rows"]
    assert "renew-right-to-work" in {row["why"] for row in waits if row["aggregate_id"] == move}
    refused = await coordinator.post(f"/deployments/{move}/lift-stop", {"why": "x"})
    assert refused.json()["type"] == "/problems/record-says-so"
    await coordinator.made(f"{path}/record-check", a_check("right-to-work", ahead(300), occurred_on=ahead(0)))
    assert await stopped(coordinator, move) == []
    assert (await lifted(coordinator, move))[:2] == ("right-to-work-over", "renewed")


async def test_a_signature_that_was_never_made_stops_what_was_authorised_on_it_until_there_is_one(
    coordinator: Any,
) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    proposed = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    home = f"/signatures/{signatures[HOSPICE]}"
    signed = await fact_of(coordinator, home, "organisation-signed")
    seen = []
    for correction in ("void", "restore", "void"):
        await coordinator.made(f"{home}/facts/{signed['id']}/{correction}", {"reason": "another-organisation"})
        seen.append([await stopped(coordinator, each) for each in (move, proposed)])
    await coordinator.made(f"{home}/sign", a_signing())
    seen.append([await stopped(coordinator, each) for each in (move, proposed)])
    assert seen == [[["organisation-suspended"], []], [[], []], [["organisation-suspended"], []], [[], []]]


async def test_who_is_suspended_and_signs_another_framework_goes_on_under_that(coordinator: Any) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/suspend", {"reason": "insurance-ended"})
    assert await stopped(coordinator, move) == ["organisation-suspended"]
    await both_signed(coordinator)
    assert (await lifted(coordinator, move))[:2] == ("organisation-suspended", "in-force-again")


async def test_a_suspension_that_ends_lifts_its_own_stop_and_says_why(coordinator: Any) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    home = f"/signatures/{signatures[HOSPICE]}"
    await coordinator.made(f"{home}/suspend", {"occurred_on": on(60), "reason": "insurance-ended"})
    refused = await coordinator.post(f"/deployments/{move}/lift-stop", {"why": "x"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/record-says-so")
    await coordinator.made(f"{home}/resume", {})
    assert (await lifted(coordinator, move))[:2] == ("organisation-suspended", "in-force-again")
    assert (await types_of(coordinator, f"/deployments/{move}"))[-2:] == ["move-stopped", "stop-lifted"]


# Who is in force later -------------------------------------------------------------------------------------------------


async def suspended(coordinator: Any) -> tuple[dict[str, str], str]:
    """A move that is under way until long after today, of an organisation that was suspended: the signatures and the move."""
    signatures, move = await under_way(coordinator)
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/suspend", {"reason": "insurance-ended"})
    assert await stopped(coordinator, move) == ["organisation-suspended"]
    return signatures, move


async def test_a_framework_that_is_in_force_from_a_later_day_lets_a_move_go_on_when_that_day_comes(
    coordinator: Any, database: Database
) -> None:
    _, move = await suspended(coordinator)
    another = await a_framework(coordinator)
    for organisation, number in ((HOSPITALS, 10), (HOSPICE, 20)):
        invited = (await coordinator.made("/signatures", an_invitation(another, organisation)))["id"]
        signing = a_signing(occurred_on=ahead(0), in_force_from=ahead(number))
        await coordinator.made(f"/signatures/{invited}/sign", signing)
    seen = []
    for number in (11, 19, 20):
        await fire_all(database, start_of(today() + timedelta(days=number)))
        seen.append(await stopped(coordinator, move))
    assert seen == [["organisation-suspended"], ["organisation-suspended"], []]
    assert (await lifted(coordinator, move)) == ("organisation-suspended", "in-force-again", "deadline")


async def test_a_signature_that_is_put_right_to_a_later_day_stops_what_was_authorised_on_it_until_then(
    coordinator: Any, database: Database
) -> None:
    signatures, move = await under_way(coordinator)
    home = f"/signatures/{signatures[HOSPICE]}"
    signed = await fact_of(coordinator, home, "organisation-signed")
    better = {**signed["said"], "in_force_from": ahead(5)}
    await coordinator.made(f"{home}/facts/{signed['id']}/correct", {"reason": "typing-error", "replacement": better})
    seen = [await stopped(coordinator, move)]
    for number in (4, 5):
        await fire_all(database, start_of(today() + timedelta(days=number)))
        seen.append(await stopped(coordinator, move))
    assert seen == [["organisation-suspended"], ["organisation-suspended"], []]


async def test_who_is_back_in_one_framework_hands_over_what_was_to_end_with_another(coordinator: Any) -> None:
    signatures, move = await under_way(coordinator, ends_on=ahead(150))
    again = (await both_signed(coordinator))[HOSPICE]
    await coordinator.made(f"/signatures/{again}/suspend", {"reason": "insurance-ended"})
    await coordinator.made(
        f"/signatures/{signatures[HOSPICE]}/give-notice", {"last_day": ahead(95), "reason": "merged"}
    )
    assert (await coordinator.found(f"/deployments/{move}"))["cover_ends"] == ahead(95)
    await coordinator.made(f"/signatures/{again}/resume", {})
    assert (await coordinator.found(f"/deployments/{move}"))["cover_ends"] is None


async def test_who_is_suspended_signs_what_has_to_be_signed_again_and_is_bound_and_suspended(
    coordinator: Any, as_role: As, database: Database
) -> None:
    signatures, move = await suspended(coordinator)
    path, home = f"/signatures/{signatures[HOSPICE]}", as_role("partner", HOSPICE)
    framework = (await coordinator.found(path))["framework_id"]
    varied = {"effective_from": ahead(0), "notice_days": 60, "sign_by": ahead(30), "reason": "primary-care-joins"}
    await coordinator.made(f"/frameworks/{framework}/vary", varied)
    assert "sign-again" in {row["why"] for row in (await home.get("/waiting")).json()["rows"]}
    signing = a_signing(occurred_on=ahead(0), version=2, in_force_from=ahead(0))
    assert (await home.made(f"{path}/sign", signing))["status"] == "suspended"
    assert await stopped(coordinator, move) == ["organisation-suspended"]
    await coordinator.made(f"/signatures/{signatures[HOSPITALS]}/sign", signing)
    await fire_all(database, start_of(today() + timedelta(days=32)))
    assert (await coordinator.found(path))["status"] == "suspended"
    await coordinator.made(f"{path}/resume", {})
    assert await stopped(coordinator, move) == []


async def test_who_lapsed_while_suspended_comes_back_by_the_programmes_word_alone(
    coordinator: Any, as_role: As, database: Database
) -> None:
    signatures, _ = await suspended(coordinator)
    path, home = f"/signatures/{signatures[HOSPICE]}", as_role("partner", HOSPICE)
    framework = (await coordinator.found(path))["framework_id"]
    varied = {"effective_from": ahead(0), "notice_days": 60, "sign_by": ahead(0), "reason": "primary-care-joins"}
    await coordinator.made(f"/frameworks/{framework}/vary", varied)
    await fire_all(database, start_of(today() + timedelta(days=1)))
    assert (await coordinator.found(path))["status"] == "lapsed"
    signing = a_signing(version=2, in_force_from=ahead(1))
    signing.pop("occurred_on")
    refused = await home.post(f"{path}/sign", signing)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/not-your-organisation")


async def test_who_had_signed_from_a_later_day_before_that_was_looked_at_is_looked_at_too(
    coordinator: Any, clone: Clone
) -> None:
    framework = await a_framework(coordinator)
    await signed(coordinator, framework)
    later = (await coordinator.made("/signatures", an_invitation(framework, HOSPICE)))["id"]
    await coordinator.made(f"/signatures/{later}/sign", a_signing(occurred_on=ahead(0), in_force_from=ahead(20)))
    asked = "SELECT aggregate_id, due_at FROM kit.deadline WHERE name = 'in-force' AND due_at > now()"
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        (before,) = await admin.fetch(asked)
        await admin.execute("DELETE FROM kit.deadline WHERE name = 'in-force'")
        await admin.execute((resources.files("mobility") / "migrations" / "0014_in_force_later.sql").read_text())
        (after,) = await admin.fetch(asked)
    finally:
        await admin.close()
    assert (str(after["aggregate_id"]), after["due_at"]) == (later, before["due_at"])


# Looked at again, by whichever way ---------------------------------------------------------------------------------------


async def test_whoever_is_put_forward_while_an_organisation_is_suspended_waits_for_that_to_end(
    coordinator: Any,
) -> None:
    signatures, _ = await suspended(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    assert await stopped(coordinator, move) == ["organisation-suspended"]
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/resume", {})
    assert await stopped(coordinator, move) == []


@pytest.mark.parametrize("change", ["suspended", "passport-closed", "unsatisfactory"])
async def test_a_move_that_was_not_cancelled_after_all_is_stopped_for_what_has_happened_meanwhile(
    coordinator: Any, change: str
) -> None:
    signatures = await both_signed(coordinator)
    dates = {"starts_on": ahead(10), "ends_on": ahead(60)}
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None, **dates)))["id"]
    await brought_to(coordinator, move, "verify-checks")
    passport = f"/passports/{await a_passport(coordinator, move)}"
    path = f"/deployments/{move}"
    await coordinator.made(f"{path}/cancel", {"reason": "no-longer-needed"})
    match change:
        case "suspended":
            await coordinator.made(f"/signatures/{signatures[HOSPICE]}/suspend", {"reason": "insurance-ended"})
        case "passport-closed":
            await coordinator.made(f"{passport}/close", {"reason": "left"})
        case _:
            await coordinator.made(
                f"{passport}/record-check", a_check("identity", occurred_on=ahead(0), satisfactory=False)
            )
    cancelled = await fact_of(coordinator, path, "deployment-cancelled")
    back = await coordinator.made(f"{path}/facts/{cancelled['id']}/void", {"reason": "entered-in-error"})
    reason = {"suspended": "organisation-suspended", "unsatisfactory": "check-withdrawn"}.get(change, change)
    assert (back["status"], back["stopped"]) == ("verified", reason)
