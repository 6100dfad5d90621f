"""Needs and moves by the routes, on a real database: stories, who may, and a person in one place at a time (c22)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import now
from kit.database import Database
from kit.testing.persons import somebody
from mobility.testing import COUNCIL, HOSPICE, HOSPITALS, day
from schemas.values import business_date

from .acts import (
    STEPS,
    a_check,
    a_need,
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

As = Callable[..., Any]


async def released(client: Any, **changes: Any) -> str:
    """A need of which partners were asked."""
    made = await client.made("/needs", a_need(**changes))
    await client.made(f"/needs/{made['id']}/release", {"occurred_on": on(22)})
    return str(made["id"])


async def test_from_a_need_to_a_first_day_and_the_place_is_filled(coordinator: Any) -> None:
    await both_signed(coordinator)
    need = await released(coordinator)
    move = await coordinator.made("/deployments", a_proposal(str(somebody()), need))
    started = await brought_to(coordinator, move["id"], "start")
    assert (started["status"], started["allowed"]) == (
        "active",
        [
            "verify-checks",
            "give-pack",
            "shorten",
            "recall",
            "end-early",
            "propose-extension",
            "stop-now",
            "settle-answer",
        ],
    )
    filled = (await coordinator.get(f"/needs/{need}")).json()
    assert (filled["status"], filled["filled_by"]) == ("filled", [move["id"]])
    assert await types_of(coordinator, f"/deployments/{move['id']}") == [
        "deployment-proposed", "deployment-matched", "deployment-agreed", "checks-verified", "deployment-authorised",
        "deployment-authorised", "staff-inducted", "staff-seconded",
    ]  # fmt: skip
    cause = await fact_of(coordinator, f"/deployments/{move['id']}", "staff-seconded")
    assert (await fact_of(coordinator, f"/needs/{need}", "need-filled"))["causation_id"] == cause["id"]


async def test_a_secondment_needs_no_need_but_a_host_with_its_work(coordinator: Any) -> None:
    await both_signed(coordinator)
    asked = a_proposal(str(somebody()), None, basis="secondment-agreement", ends_on=on(400))
    move = await coordinator.made("/deployments", asked)
    assert (await brought_to(coordinator, move["id"], "start"))["status"] == "active"
    for changes in ({"host": None}, {"need_id": await released(coordinator)}):
        wrong = {name: value for name, value in {**asked, **changes}.items() if value is not None}
        refused = await coordinator.post("/deployments", wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "need_id")


async def test_own_staff_are_asked_first_and_partners_on_the_day_that_was_named(
    coordinator: Any, database: Database
) -> None:
    need = (await coordinator.made("/needs", a_need()))["id"]
    asked = a_proposal(str(somebody()), need)
    assert (await coordinator.post("/deployments", asked)).json()["type"] == "/problems/own-staff-first"
    await fire_all(database, None)
    assert (await coordinator.get(f"/needs/{need}")).json()["status"] == "closed"  # its last day lies in the past


async def test_a_need_takes_no_more_than_it_has_places(coordinator: Any) -> None:
    await both_signed(coordinator)
    need = await released(coordinator)
    moves = [(await coordinator.made("/deployments", a_proposal(str(somebody()), need)))["id"] for _ in range(5)]
    for move in moves:
        await brought_to(coordinator, move, "induct")
    name, body = STEPS[-1]
    answers = await asyncio.gather(*(coordinator.post(f"/deployments/{move}/{name}", body) for move in moves))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 4
    assert len((await coordinator.get("/deployments", status="active")).json()["rows"]) == 1


async def test_who_fits_best_is_ranked_with_the_reasons_for_who_raised_the_need(coordinator: Any, as_role: As) -> None:
    need = await released(coordinator)
    whole = {"starts_on": on(30), "ends_on": on(120)}
    best = (await coordinator.made("/deployments", a_proposal(str(somebody()), need, **whole)))["id"]
    short = a_proposal(str(somebody()), need, pattern=pattern(1), **whole)
    short = (await coordinator.made("/deployments", short))["id"]
    found = (await as_role("partner", HOSPITALS).get(f"/needs/{need}/proposals")).json()["proposals"]
    assert [(row["deployment_id"], row["points"]) for row in found] == [(best, 100), (short, 85)]
    assert found[1]["missing"][0]["sentence"].endswith(".")
    assert (await as_role("partner", COUNCIL).get(f"/needs/{need}/proposals")).status_code == 422


# A person in one place at a time ---------------------------------------------------------------------------------------


async def matched(client: Any, person: str, **changes: Any) -> str:
    """A move that only the person has still to agree to."""
    move = await client.made("/deployments", a_proposal(person, None, **changes))
    await client.made(f"/deployments/{move['id']}/match", {"occurred_on": on(25)})
    return str(move["id"])


async def agreed(client: Any, move: str) -> Any:
    """The answer to an agreement; asked again while the database is busy."""
    while (answer := await client.post(f"/deployments/{move}/agree", {"occurred_on": on(26)})).status_code == 503:
        pass
    return answer


async def test_of_fifty_agreements_at_once_for_the_same_hours_one_is_booked(coordinator: Any) -> None:
    person = str(somebody())
    moves = [await matched(coordinator, person, pattern=pattern(1)) for _ in range(50)]
    answers = await asyncio.gather(*(agreed(coordinator, move) for move in moves))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert {answer.json().get("type") for answer in answers} == {None, "/problems/double-booked"}


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"pattern": pattern(4)}, 200),
        ({"pattern": pattern(1, starts="16:30", ends="20:00")}, 200),
        ({"pattern": pattern(1, starts="16:29", ends="20:00")}, 409),
        ({"pattern": pattern(7, starts="21:00", ends="09:01")}, 409),
        ({"pattern": pattern(1), "starts_on": on(111), "ends_on": on(150)}, 200),
        ({"pattern": pattern(1), "starts_on": on(30), "ends_on": on(41)}, 409),
    ],
)
async def test_part_time_moves_lie_side_by_side_and_do_not_overlap(
    coordinator: Any, other: dict[str, Any], status: int
) -> None:
    person = str(somebody())
    assert day(41).isoweekday() == 2
    assert (await agreed(coordinator, await matched(coordinator, person, pattern=pattern(1, 2)))).status_code == 200
    assert (await agreed(coordinator, await matched(coordinator, person, **other))).status_code == status


async def test_two_moves_in_the_hour_that_comes_twice_overlap(coordinator: Any) -> None:
    """On 29 October 2023 the clocks in Leeds went back: a shift to 01:30 and one from 01:15 still meet."""
    person, nights = str(somebody()), {"starts_on": "2023-10-29", "ends_on": "2023-10-29"}
    first = await matched(coordinator, person, pattern=pattern(7, starts="00:00", ends="01:30"), **nights)
    assert (await agreed(coordinator, first)).status_code == 200
    second = await matched(coordinator, person, pattern=pattern(7, starts="01:15", ends="05:00"), **nights)
    assert (await agreed(coordinator, second)).json()["type"] == "/problems/double-booked"


@pytest.mark.parametrize(
    ("starts", "ends", "status"),
    [("01:30", "02:15", 409), ("01:30", "02:30", 409), ("00:30", "01:30", 409), ("01:15", "01:45", 200)],
)
async def test_a_shift_in_the_hour_that_the_clock_skips_takes_what_is_left_of_it(
    coordinator: Any, starts: str, ends: str, status: int
) -> None:
    """On 26 March 2023 the clocks in Leeds went from 01:00 to 02:00."""
    person, night = str(somebody()), {"starts_on": "2023-03-26", "ends_on": "2023-03-26", "occurred_on": on(20)}
    same = {"pattern": pattern(7, starts=starts, ends=ends), **night}
    first, second = [await matched(coordinator, person, **same) for _ in range(2)]
    assert (await agreed(coordinator, first)).status_code == 200
    assert (await agreed(coordinator, second)).status_code == status


async def test_who_no_longer_agrees_is_free_for_another_move(coordinator: Any) -> None:
    person = str(somebody())
    first, second = [await matched(coordinator, person, pattern=pattern(1, 2)) for _ in range(2)]
    await agreed(coordinator, first)
    assert (await agreed(coordinator, second)).json()["type"] == "/problems/double-booked"
    await coordinator.made(f"/deployments/{first}/withdraw-agreement", {"occurred_on": on(27)})
    assert (await agreed(coordinator, second)).status_code == 200


def longer(side: str, ends: int, number: int = 60, **changes: Any) -> dict[str, Any]:
    return {"occurred_on": on(number), "ends_on": on(ends), "side": side, **changes}


def yes(by: str, ends: int, number: int = 61) -> dict[str, Any]:
    return {"occurred_on": on(number), "ends_on": on(ends), "by": by}


async def test_home_host_and_person_agree_to_a_later_end_each_by_whose_it_is(coordinator: Any, as_role: As) -> None:
    move, _ = await active(coordinator)
    path = f"/deployments/{move}"
    home, host = as_role("partner", HOSPICE), as_role("partner", HOSPITALS)
    assert (await home.post(f"{path}/propose-extension", longer("host", 130))).status_code == 422
    asked = await host.made(f"{path}/propose-extension", longer("host", 130))
    assert (asked["last_day"], asked["extension"]["answer_by"]) == (on(110), on(74))
    assert {"confirm-extension", "decline-extension"} < set(asked["allowed"])
    rows = (await home.get("/waiting", aggregate="deployment")).json()["rows"]
    waits = {(row["who"], row["why"]) for row in rows if "extension" in row["why"]}
    assert waits == {("home", "confirm-extension-home"), ("person", "agree-to-extension")}
    for by in ("home", "person"):
        assert (await host.post(f"{path}/confirm-extension", yes(by, 130))).status_code == 422
        await home.made(f"{path}/confirm-extension", yes(by, 130))
    done = (await coordinator.get(path)).json()
    assert (done["last_day"], done["extension"]) == (on(130), None)
    assert (await types_of(coordinator, path))[-4:] == [
        "extension-proposed", "extension-confirmed", "extension-confirmed", "deployment-extended",
    ]  # fmt: skip
    sooner = {"occurred_on": on(62), "ends_on": on(100), "side": "host", "reason": "ward-closes"}
    assert (await home.post(f"{path}/shorten", sooner)).status_code == 422
    assert (await host.made(f"{path}/shorten", sooner))["last_day"] == on(100)


async def test_who_agreed_to_stay_longer_is_booked_up_to_then_and_free_again_when_it_comes_to_nothing(
    coordinator: Any,
) -> None:
    await both_signed(coordinator)
    person = str(somebody())
    first = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    await brought_to(coordinator, first, "start")
    later = await matched(coordinator, person, starts_on=on(120), ends_on=on(150), pattern=pattern(3))
    path = f"/deployments/{first}"
    await coordinator.made(f"{path}/propose-extension", longer("home", 130))
    await coordinator.made(f"{path}/confirm-extension", yes("person", 130))
    assert (await agreed(coordinator, later)).json()["type"] == "/problems/double-booked"
    await coordinator.made(
        f"{path}/decline-extension", {"occurred_on": on(62), "by": "host", "reason": "no-longer-needed"}
    )
    assert (await agreed(coordinator, later)).status_code == 200
    refused = await coordinator.post(f"{path}/propose-extension", longer("home", 130, 63))
    assert refused.json()["type"] == "/problems/double-booked"
    await coordinator.made(f"{path}/propose-extension", longer("home", 119, 63))


async def test_a_later_end_lapses_in_time_though_not_while_it_is_being_entered_and_its_proposer_finds_it(
    coordinator: Any, as_role: As, database: Database
) -> None:
    begun, ends, until = ((business_date(now()) + timedelta(days=number)).isoformat() for number in (-20, 60, 90))
    move, _ = await active(coordinator, starts_on=begun, ends_on=ends, last="induct")
    path, host = f"/deployments/{move}", as_role("partner", HOSPITALS)
    await coordinator.made(f"{path}/start", {"occurred_on": begun})
    await host.made(f"{path}/propose-extension", {"ends_on": until, "side": "host", "occurred_on": begun})
    await fire_all(database)
    assert (await coordinator.get(path)).json()["extension"]["fell"] is None
    await fire_all(database, now() + timedelta(days=1))
    assert (await types_of(coordinator, path)).count("extension-lapsed") == 1
    assert "extension-lapsed" in {row["why"] for row in (await host.get("/waiting")).json()["rows"]}
    assert (await coordinator.get(path)).json()["last_day"] == ends


async def test_of_what_three_agreed_to_no_word_is_taken_back_alone_and_each_is_in_its_turn(coordinator: Any) -> None:
    move, _ = await active(coordinator)
    path = f"/deployments/{move}"
    await coordinator.made(f"{path}/propose-extension", longer("home", 130))
    for by in ("host", "person"):
        await coordinator.made(f"{path}/confirm-extension", yes(by, 130))
    wrong = {"reason": "entered-in-error"}

    async def undo(kind: str, how: str = "void") -> Any:
        lines = (await coordinator.get(f"{path}/history")).json()["lines"]
        fact = next(line for line in reversed(lines) if line["type"].split(".")[-2] == kind)
        return await coordinator.post(f"{path}/facts/{fact['id']}/{how}", wrong)

    assert (await undo("extension-confirmed")).json()["type"] == "/problems/fact-stands-in-the-way"
    assert (await undo("deployment-extended")).json()["last_day"] == on(110)
    held = (await coordinator.get(path)).json()
    assert (held["booked_until"], held["extension"]["agreed"]) == (on(130), ["home", "host", "person"])
    assert (await undo("extension-confirmed")).json()["booked_until"] is None
    for kind in ("extension-confirmed", "deployment-extended"):
        assert (await undo(kind, "restore")).status_code == 200
    assert (await coordinator.get(path)).json()["last_day"] == on(130)
    proposed = await fact_of(coordinator, path, "extension-proposed")
    better = {"replacement": {**proposed["said"], "ends_on": on(140)}, "reason": "entered-in-error"}
    refused = await coordinator.post(f"{path}/facts/{proposed['id']}/correct", better)
    assert refused.json()["type"] == "/problems/fact-stands-in-the-way"


async def test_more_than_full_time_is_refused_with_what_it_comes_to(coordinator: Any) -> None:
    person = str(somebody())
    await agreed(coordinator, await matched(coordinator, person, pattern=pattern(1, 2, 3)))
    refused = (await agreed(coordinator, await matched(coordinator, person, pattern=pattern(4, 5, 6)))).json()
    assert (refused["type"], "45 hours" in refused["detail"]) == ("/problems/more-than-full-time", True)


async def test_a_move_that_has_ended_counts_in_the_average_of_the_next(coordinator: Any) -> None:
    await both_signed(coordinator)
    person, week = str(somebody()), {"pattern": pattern(1, 2, 3, 4, 5), "home_hours": 15}
    ended = (await coordinator.made("/deployments", a_proposal(person, None, **week, ends_on=on(95))))["id"]
    await brought_to(coordinator, ended, "start")
    await coordinator.made(f"/deployments/{ended}/recall", {"occurred_on": on(93), "reason": "short-at-home"})
    again = await matched(coordinator, person, **week, starts_on=on(96), ends_on=on(152))
    assert (await agreed(coordinator, again)).json()["type"] == "/problems/more-than48-hours"


async def test_stop_now_reaches_every_host_of_a_person_at_once(coordinator: Any, as_role: As) -> None:
    await both_signed(coordinator)
    person = str(somebody())
    running = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    await brought_to(coordinator, running, "start")
    proposed = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    other = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    stop = {"reason": "registration-restricted"}
    assert (await as_role("partner", COUNCIL).post(f"/persons/{person}/stop-now", stop)).status_code == 404
    found = await coordinator.made(f"/persons/{person}/stop-now", stop)
    assert {row["id"] for row in found["deployments"]} == {running, proposed}
    states = [(await coordinator.get(f"/deployments/{each}")).json()["stopped"] for each in (running, proposed, other)]
    assert states == ["registration-restricted", "registration-restricted", None]
    host = as_role("partner", HOSPITALS)
    assert {row["aggregate_id"] for row in (await host.get("/waiting")).json()["rows"] if row["why"] == "keep-from-work"} == {
        running, proposed,
    }  # fmt: skip
    lift = f"/stops/{found['stop']['id']}/lift"
    assert (await host.post(lift, {"why": "x"})).status_code == 403
    assert (await coordinator.post(lift, {})).status_code == 422
    lifted = await coordinator.made(lift, {"why": "restriction-ended"})
    assert (lifted["status"], lifted["allowed"]) == ("lifted", [])
    moves = [await coordinator.found(f"/deployments/{each}") for each in (running, proposed)]
    assert [("stop-now" in move["allowed"], move["stopped"]) for move in moves] == [(True, None)] * 2


async def test_a_host_that_raises_a_concern_stops_the_person_at_every_other_host_and_does_not_learn_which(
    coordinator: Any, as_role: As
) -> None:
    signatures = await both_signed(coordinator)
    framework = (await coordinator.get(f"/signatures/{signatures[HOSPITALS]}")).json()["framework_id"]
    await signed(coordinator, framework, COUNCIL)
    person = str(somebody())
    here, there = [
        (await coordinator.made("/deployments", a_proposal(person, None, pattern=pattern(number), host=host)))["id"]
        for number, host in ((1, HOSPITALS), (3, COUNCIL))
    ]
    for move in (here, there):
        await brought_to(coordinator, move, "start")
    answer = await as_role("partner", HOSPITALS).made(f"/persons/{person}/stop-now", {"reason": "concern-raised"})
    assert [row["id"] for row in answer["deployments"]] == [here]
    waits = (await as_role("partner", COUNCIL).get("/waiting")).json()["rows"]
    assert [row["aggregate_id"] for row in waits if row["why"] == "keep-from-work"] == [there]
    own, told = [await fact_of(coordinator, f"/deployments/{move}", "move-stopped") for move in (here, there)]
    assert (told["actor"], told["said"]["reason"]) == (own["actor"], "concern-raised")


# Leaving ---------------------------------------------------------------------------------------------------------------


async def test_what_leaving_does_to_live_moves_is_seen_before_and_done_after(
    coordinator: Any, database: Database
) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None, ends_on=on(200))))["id"]
    await brought_to(coordinator, move, "start")
    leaving = f"/signatures/{signatures[HOSPICE]}"
    for last, outlived in ((on(199), [move]), (on(200), [])):
        found = (await coordinator.get(f"{leaving}/outlived", last_day=last)).json()["deployments"]
        assert [row["id"] for row in found] == outlived
    await coordinator.made(f"{leaving}/give-notice", {"occurred_on": on(50), "last_day": on(150), "reason": "merged"})
    assert (await coordinator.get("/waiting", aggregate="deployment")).json()["rows"][0]["why"] == "hand-over-or-end"
    await fire_all(database)
    ended = (await coordinator.get(f"/deployments/{move}")).json()
    assert (ended["status"], ended["last_day"], ended["reason"]) == ("ended-early", on(150), "not-in-force")


async def test_a_notice_that_is_voided_gives_live_moves_their_cover_back_and_a_restored_one_takes_it(
    coordinator: Any,
) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None, ends_on=on(200))))["id"]
    await brought_to(coordinator, move, "start")
    leaving = f"/signatures/{signatures[HOSPICE]}"
    await coordinator.made(f"{leaving}/give-notice", {"occurred_on": on(50), "last_day": on(150), "reason": "merged"})
    fact = (await fact_of(coordinator, leaving, "notice-given"))["id"]
    seen = []
    for correction in ("void", "restore"):
        await coordinator.made(f"{leaving}/facts/{fact}/{correction}", {"reason": "entered-in-error"})
        seen.append((await coordinator.get(f"/deployments/{move}")).json()["cover_ends"])
    assert seen == [None, on(150)]


async def test_a_signature_that_ends_too_early_authorises_nothing(coordinator: Any) -> None:
    signatures = await both_signed(coordinator)
    notice = {"occurred_on": on(12), "last_day": on(105), "reason": "merged"}
    await coordinator.made(f"/signatures/{signatures[HOSPICE]}/give-notice", notice)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "verify-checks")
    name, body = STEPS[3]
    assert (await coordinator.post(f"/deployments/{move}/{name}", body)).json()["type"] == "/problems/not-in-force"


# Places ----------------------------------------------------------------------------------------------------------------


async def in_a_place(client: Any, **changes: Any) -> tuple[str, str]:
    """A need of one place, and the move that fills it."""
    await both_signed(client)
    need = await released(client)
    move = (await client.made("/deployments", a_proposal(str(somebody()), need, **changes)))["id"]
    await brought_to(client, move, "start")
    return need, move


async def place_of(client: Any, need: str) -> tuple[str, list[str]]:
    found = (await client.get(f"/needs/{need}")).json()
    return found["status"], found["filled_by"]


async def undone(client: Any, path: str, kind: str, how: str = "void") -> Any:
    """The answer to taking back, or bringing back, the last fact of a kind."""
    lines = (await client.get(f"{path}/history")).json()["lines"]
    fact = next(line for line in reversed(lines) if line["type"].split(".")[-2] == kind)
    return await client.post(f"{path}/facts/{fact['id']}/{how}", {"reason": "entered-in-error"})


async def test_a_start_that_was_voided_frees_its_place_and_a_restored_one_fills_it(coordinator: Any) -> None:
    need, move = await in_a_place(coordinator)
    path = f"/deployments/{move}"
    assert (await undone(coordinator, path, "staff-seconded")).status_code == 200
    assert await place_of(coordinator, need) == ("released", [])
    assert (await undone(coordinator, path, "staff-seconded", "restore")).status_code == 200
    assert await place_of(coordinator, need) == ("filled", [move])
    said = ["need-raised", "need-released", "need-filled", "fact-voided", "fact-restored"]
    assert await types_of(coordinator, f"/needs/{need}") == said
    fact = await fact_of(coordinator, path, "staff-seconded")
    better = {"reason": "wrong-day", "replacement": {**fact["said"], "occurred_on": on(43)}}
    await coordinator.made(f"{path}/facts/{fact['id']}/correct", better)
    assert (await coordinator.get(f"/needs/{need}")).json()["since"] == on(43)


RECALL = {"occurred_on": on(80), "reason": "short-at-home"}
EARLY = {"occurred_on": on(80), "reason": "ward-closed", "ended_by": "host"}


@pytest.mark.parametrize(("who", "name", "body"), [(HOSPICE, "recall", RECALL), (HOSPITALS, "end-early", EARLY)])
async def test_a_place_that_is_left_is_a_gap_that_silver_sees_and_another_fills(
    coordinator: Any, as_role: As, who: str, name: str, body: dict[str, Any]
) -> None:
    need, move = await in_a_place(coordinator)
    assert (await coordinator.get("/city-silver", on=on(81))).json()["short"] == []
    await as_role("partner", who).made(f"/deployments/{move}/{name}", body)
    assert await place_of(coordinator, need) == ("released", [])
    (short,) = (await coordinator.get("/city-silver", on=on(81))).json()["short"]
    assert (short["need_id"], short["free"]) == (need, 1)
    left = (await fact_of(coordinator, f"/needs/{need}", "need-reopened"))["said"]
    assert (left["left"], left["occurred_on"]) == ("recalled" if name == "recall" else "ended-early", on(80))
    dated = {"occurred_on": on(81), "starts_on": on(81)}
    other = (await coordinator.made("/deployments", a_proposal(str(somebody()), need, **dated)))["id"]
    await a_passport(coordinator, other)
    for step, given in STEPS:
        await coordinator.made(f"/deployments/{other}/{step}", {**given, "occurred_on": on(81)})
    assert await place_of(coordinator, need) == ("filled", [other])
    refused = await undone(
        coordinator, f"/deployments/{move}", "deployment-recalled" if name == "recall" else "deployment-ended-early"
    )
    assert refused.json()["type"] == "/problems/no-place-left"


async def test_a_recall_that_was_an_error_leaves_no_gap_and_one_that_was_another_day_another(coordinator: Any) -> None:
    today = business_date(now())
    days = [(today + timedelta(days=number)).isoformat() for number in (-30, -20, 30, 60)]
    await both_signed(coordinator)
    need = await released(coordinator, ends_on=days[3])
    proposal = a_proposal(str(somebody()), need, starts_on=days[0], ends_on=days[2])
    path = f"/deployments/{(move := (await coordinator.made('/deployments', proposal))['id'])}"
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"{path}/start", {"occurred_on": days[0]})
    recalled = await coordinator.made(f"{path}/recall", {"reason": "short-at-home", "occurred_on": days[1]})
    assert recalled["last_day"] == days[1]
    fact = await fact_of(coordinator, path, "deployment-recalled")
    better = {"reason": "wrong-day", "replacement": {**fact["said"], "occurred_on": today.isoformat()}}
    await coordinator.made(f"{path}/facts/{fact['id']}/correct", better)
    assert (await coordinator.get(f"/needs/{need}")).json()["since"] == today.isoformat()
    for how, place in (("void", ("filled", [move])), ("restore", ("released", [])), ("void", ("filled", [move]))):
        assert (await undone(coordinator, path, "deployment-recalled", how)).status_code == 200
        assert await place_of(coordinator, need) == place


@pytest.mark.parametrize(("need_ends", "free"), [(120, 1), (110, 0)])
async def test_a_move_that_is_over_before_its_need_leaves_a_gap_for_the_rest(
    coordinator: Any, database: Database, need_ends: int, free: int
) -> None:
    today = business_date(now())
    days = {number: (today + timedelta(days=number - 110)).isoformat() for number in (40, 110, 120)}
    await both_signed(coordinator)
    need = await released(coordinator, ends_on=days[need_ends])
    moved = a_proposal(str(somebody()), need, starts_on=days[40], ends_on=days[110])
    move = (await coordinator.made("/deployments", moved))["id"]
    await brought_to(coordinator, move, "induct")
    await coordinator.made(f"/deployments/{move}/start", {"occurred_on": days[40]})
    await fire_all(database, now() + timedelta(days=1))
    assert (await coordinator.get(f"/deployments/{move}")).json()["status"] == "completed"
    found = (await coordinator.get(f"/needs/{need}")).json()
    assert found["people"] - len(found["filled_by"]) == free
    assert (await types_of(coordinator, f"/needs/{need}")).count("need-reopened") == free


async def test_a_need_that_lasts_longer_or_is_closed_no_more_has_the_places_free_that_were_left_meanwhile(
    coordinator: Any,
) -> None:
    need, move = await in_a_place(coordinator)
    closed = await coordinator.made(f"/needs/{need}/close", {"occurred_on": on(60)})
    await coordinator.made(f"/deployments/{move}/recall", {**RECALL, "occurred_on": on(100)})
    assert closed["status"] == "closed"
    assert (await undone(coordinator, f"/needs/{need}", "need-closed")).status_code == 200
    assert await place_of(coordinator, need) == ("released", [])
    assert (await fact_of(coordinator, f"/needs/{need}", "need-reopened"))["said"]["occurred_on"] == on(100)

    other = await released(coordinator, ends_on=on(110))
    stays = (await coordinator.made("/deployments", a_proposal(str(somebody()), other)))["id"]
    await brought_to(coordinator, stays, "start")
    await coordinator.made(f"/deployments/{stays}/recall", {**RECALL, "occurred_on": on(110)})
    assert await place_of(coordinator, other) == ("filled", [stays])
    fact = await fact_of(coordinator, f"/needs/{other}", "need-raised")
    longer = {"reason": "longer", "replacement": {**fact["said"], "ends_on": on(150)}}
    await coordinator.made(f"/needs/{other}/facts/{fact['id']}/correct", longer)
    assert await place_of(coordinator, other) == ("released", [])


async def test_places_are_filled_and_left_on_the_days_of_their_moves_in_whatever_order_that_is_entered(
    coordinator: Any,
) -> None:
    await both_signed(coordinator)
    need = await released(coordinator, people=2)
    moves = [(await coordinator.made("/deployments", a_proposal(str(somebody()), need)))["id"] for _ in range(2)]
    for move, number in zip(moves, (60, 45), strict=True):
        await brought_to(coordinator, move, "induct")
        await coordinator.made(f"/deployments/{move}/start", {"occurred_on": on(number)})
    await coordinator.made(f"/deployments/{moves[1]}/recall", {**RECALL, "occurred_on": on(50)})
    lines = (await coordinator.get(f"/needs/{need}/history")).json()["lines"]
    assert [line["said"]["occurred_on"] for line in lines[2:]] == [on(60), on(45), on(50)]
    found = (await coordinator.get(f"/needs/{need}")).json()
    assert (found["since"], found["filled_by"]) == (on(60), [moves[0]])


async def test_a_need_is_not_put_right_to_what_nobody_could_have_raised_nor_to_strike_cover_beside_other_moves(
    coordinator: Any,
) -> None:
    """Bank and agency staff who were put forward for other work would be doing that of people on strike."""
    await both_signed(coordinator)
    need = await released(coordinator, reason="industrial-action", ends_on=on(190))
    fact = await fact_of(coordinator, f"/needs/{need}", "need-raised")

    async def put_right(**better: Any) -> tuple[int, str]:
        asked = {"reason": "entered-in-error", "replacement": {**fact["said"], **better}}
        answer = await coordinator.post(f"/needs/{need}/facts/{fact['id']}/correct", asked)
        return answer.status_code, answer.json().get("type", "").removeprefix("/problems/")

    assert await put_right(reason="other", covers_strike=True) == (422, "strike-is-the-reason")
    assert await put_right(release_on=on(191)) == (422, "released-too-late")
    assert await put_right(ends_on=on(29)) == (422, "ends-before-it-starts")
    of_bank = a_proposal(str(somebody()), need, basis="bank", starts_on=on(165), ends_on=on(180))
    move = (await coordinator.made("/deployments", of_bank))["id"]
    assert await put_right(covers_strike=True) == (409, "strike-cover-under-way")
    await coordinator.made(f"/deployments/{move}/cancel", {"occurred_on": on(26), "reason": "strike-cover"})
    assert await put_right(covers_strike=True) == (200, "")


async def test_a_move_ends_by_itself_and_warns_of_a_check_before(coordinator: Any, database: Database) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await a_passport(coordinator, move, {"identity": None, "right-to-work": None, "criminal-record": on(90)})
    await brought_to(coordinator, move, "agree")
    for name, body in STEPS[2:]:
        await coordinator.made(f"/deployments/{move}/{name}", body)
    await fire_all(database)
    assert (await types_of(coordinator, f"/deployments/{move}"))[-2:] == ["check-expiring", "deployment-completed"]


# Who may ---------------------------------------------------------------------------------------------------------------


async def test_each_side_says_what_is_its_own_and_others_see_nothing(coordinator: Any, as_role: As) -> None:
    await both_signed(coordinator)
    host, home, council = as_role("partner", HOSPITALS), as_role("partner", HOSPICE), as_role("partner", COUNCIL)
    assert (await council.post("/needs", a_need())).status_code == 422
    need = (await host.made("/needs", a_need()))["id"]
    assert (await home.get(f"/needs/{need}")).status_code == 404
    await host.made(f"/needs/{need}/release", {"occurred_on": on(22)})
    assert (await home.get(f"/needs/{need}")).status_code == 200
    assert (await council.post("/deployments", a_proposal(str(somebody()), need))).status_code == 422
    move = (await home.made("/deployments", a_proposal(str(somebody()), need)))["id"]
    await a_passport(home, move)
    own = {"match": host, "agree": home, "verify-checks": home, "induct": host, "start": host}
    for name, body in STEPS:
        mine = own.get(name) or (home if body["side"] == "home" else host)
        other = host if mine is home else home
        assert (await council.post(f"/deployments/{move}/{name}", body)).status_code == 404
        assert (await other.post(f"/deployments/{move}/{name}", body)).status_code == 422, name
        await mine.made(f"/deployments/{move}/{name}", body)
    assert (await home.made(f"/deployments/{move}/recall", {"occurred_on": on(60), "reason": "short"}))[
        "status"
    ] == "recalled"
    assert (await council.get("/deployments")).json()["rows"] == []


async def test_an_invited_organisation_is_not_in_force(coordinator: Any) -> None:
    framework = (await coordinator.get("/frameworks")).json()["rows"]
    assert framework == []
    signatures = await both_signed(coordinator)
    made = (await coordinator.get(f"/signatures/{signatures[HOSPITALS]}")).json()
    invited = await coordinator.made("/signatures", an_invitation(made["framework_id"], COUNCIL))
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None, home=COUNCIL)))["id"]
    await brought_to(coordinator, move, "verify-checks")
    name, body = STEPS[3]
    assert (await coordinator.post(f"/deployments/{move}/{name}", body)).status_code == 409
    await coordinator.made(f"/signatures/{invited['id']}/sign", a_signing())
    assert (await coordinator.post(f"/deployments/{move}/{name}", body)).status_code == 200


# Checks that the move relies on, and organisations that are suspended --------------------------------------------------


async def active(client: Any, last: str = "start", **changes: Any) -> tuple[str, str]:
    """A move that is under way, or as far as a step, and the passport on which it relies."""
    await both_signed(client)
    move = (await client.made("/deployments", a_proposal(str(somebody()), None, **changes)))["id"]
    await brought_to(client, move, last)
    return move, f"/passports/{await a_passport(client, move)}"


async def test_checks_are_read_from_the_passport_and_never_typed_again(coordinator: Any) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    passport = await a_passport(coordinator, move, {"identity": None})
    await brought_to(coordinator, move, "agree")
    verify = (f"/deployments/{move}/verify-checks", {"occurred_on": on(28)})
    assert (await coordinator.post(*verify)).json()["detail"] == "right-to-work"
    await coordinator.made(f"/passports/{passport}/record-check", a_check("right-to-work"))
    typed = await coordinator.post(verify[0], {**verify[1], "checks": [{"kind": "identity"}]})
    assert typed.status_code == 422
    verified = await coordinator.made(*verify)
    assert [check["kind"] for check in verified["checks"]] == ["identity", "right-to-work"]


async def test_without_a_passport_of_the_employer_nothing_is_verified(coordinator: Any) -> None:
    person = str(somebody())
    move = await matched(coordinator, person, basis="bank")
    await a_passport(coordinator, move)
    await agreed(coordinator, move)
    refused = await coordinator.post(f"/deployments/{move}/verify-checks", {"occurred_on": on(28)})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/no-passport")


async def test_what_the_host_asks_for_is_verified_like_for_like(coordinator: Any) -> None:
    await both_signed(coordinator)
    needed = [{"kind": "criminal-record", "level": "enhanced", "workforce": "adult"}]
    asked = {"occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "checks": needed, "training": []}
    await coordinator.made("/requirements", asked)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "agree")
    verify = (f"/deployments/{move}/verify-checks", {"occurred_on": on(28)})
    assert (await coordinator.post(*verify)).json()["type"] == "/problems/check-missing"
    better = a_check("criminal-record", on(500), level="enhanced", workforce="adult", occurred_on=on(4))
    await coordinator.made(f"/passports/{await a_passport(coordinator, move)}/record-check", better)
    assert (await coordinator.made(*verify))["status"] == "verified"


async def test_a_check_that_is_renewed_in_the_passport_is_renewed_in_every_live_move(coordinator: Any) -> None:
    move, passport = await active(coordinator, ends_on=on(220))
    renewed = a_check("criminal-record", on(600), occurred_on=on(60))
    written = await coordinator.made(f"{passport}/record-check", renewed)
    assert written["checks"][-1]["valid_until"] == on(600)
    found = (await coordinator.get(f"/deployments/{move}")).json()["checks"]
    assert {check["kind"]: check.get("valid_until") for check in found}["criminal-record"] == on(600)
    told, heard = [
        (await coordinator.get(f"{path}/history")).json()["lines"][-1] for path in (passport, f"/deployments/{move}")
    ]
    assert heard["causation_id"] == told["id"]


async def test_a_check_that_was_not_satisfactory_or_was_taken_back_stops_every_live_move(coordinator: Any) -> None:
    move, passport = await active(coordinator)
    await coordinator.made(f"{passport}/record-check", a_check("identity", occurred_on=on(60), satisfactory=False))
    assert (await coordinator.get(f"/deployments/{move}")).json()["stopped"] == "check-withdrawn"
    await coordinator.made(f"/deployments/{move}/lift-stop", {"why": "seen-by-occupational-health"})
    fact = await fact_of(coordinator, passport, "check-recorded")
    await coordinator.made(f"{passport}/facts/{fact['id']}/void", {"reason": "entered-in-error"})
    assert (await coordinator.get(f"/deployments/{move}")).json()["stopped"] == "check-withdrawn"


async def test_a_passport_that_is_closed_stops_the_moves_that_rely_on_it_and_no_others(coordinator: Any) -> None:
    move, passport = await active(coordinator)
    other = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, other, "start")
    await coordinator.made(f"{passport}/close", {"occurred_on": on(60), "reason": "left"})
    states = [(await coordinator.get(f"/deployments/{each}")).json()["stopped"] for each in (move, other)]
    assert states == ["passport-closed", None]


async def test_a_check_is_not_withdrawn_while_a_move_is_verified_by_it(coordinator: Any) -> None:
    await both_signed(coordinator)
    for _ in range(8):
        move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
        await brought_to(coordinator, move, "agree")
        passport = await a_passport(coordinator, move)
        await asyncio.gather(
            coordinator.post(f"/deployments/{move}/verify-checks", {"occurred_on": on(28)}),
            coordinator.post(f"/passports/{passport}/record-check", a_check("identity", satisfactory=False)),
        )
        found = (await coordinator.get(f"/deployments/{move}")).json()
        assert (found["status"], found["stopped"]) in (("agreed", None), ("verified", "check-withdrawn"))


async def test_moves_of_an_organisation_that_is_suspended_stand_still_and_go_on_when_it_is_back(
    coordinator: Any,
) -> None:
    signatures = await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "start")
    home, host = (f"/signatures/{signatures[organisation]}" for organisation in (HOSPICE, HOSPITALS))
    seen = []
    suspend = {"occurred_on": on(60), "reason": "insurance-ended"}
    resume: dict[str, str] = {}
    for path, name, body in (
        (home, "suspend", suspend),
        (host, "suspend", suspend),
        (home, "resume", resume),
        (host, "resume", resume),
    ):
        await coordinator.made(f"{path}/{name}", body)
        seen.append((await coordinator.get(f"/deployments/{move}")).json()["stopped"])
    assert seen == ["organisation-suspended"] * 3 + [None]


async def test_a_suspension_that_is_voided_lets_moves_go_on_and_leaves_what_another_thing_stopped(
    coordinator: Any,
) -> None:
    signatures = await both_signed(coordinator)
    moves = [(await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"] for _ in range(2)]
    for move in moves:
        await brought_to(coordinator, move, "start")
    await coordinator.made(f"/deployments/{moves[0]}/stop-now", {"reason": "concern-raised"})
    home = f"/signatures/{signatures[HOSPICE]}"
    await coordinator.made(f"{home}/suspend", {"occurred_on": on(60), "reason": "insurance-ended"})
    fact = (await fact_of(coordinator, home, "organisation-suspended"))["id"]
    await coordinator.made(f"{home}/facts/{fact}/void", {"reason": "entered-in-error"})
    stopped = [(await coordinator.get(f"/deployments/{move}")).json()["stopped"] for move in moves]
    assert stopped == ["concern-raised", None]


# The first day ---------------------------------------------------------------------------------------------------------

PACK = {"contact": "Ms Okafor, ward 12", "shift": "Monday 09:00", "access": "badge at the main desk", "parking": "none"}


async def test_a_mover_is_told_about_the_first_day_and_the_text_goes_nowhere_else(
    coordinator: Any, as_role: As, database: Database
) -> None:
    await both_signed(coordinator)
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), None)))["id"]
    await brought_to(coordinator, move, "authorise")
    host, home, path = as_role("partner", HOSPITALS), as_role("partner", HOSPICE), f"/deployments/{move}"
    waits = (await coordinator.get("/waiting", who="host")).json()["rows"]
    assert {row["why"] for row in waits} == {"induct", "give-first-day-pack"}
    assert (await home.get(f"{path}/first-day-pack")).status_code == 404
    given = {"occurred_on": on(31), **PACK}
    assert (await home.post(f"{path}/give-pack", given)).status_code == 422
    await host.made(f"{path}/give-pack", given)
    await host.made(f"{path}/give-pack", {**given, "contact": "Mr Shah, ward 12"})
    assert (await home.get(f"{path}/first-day-pack")).json() == {**PACK, "contact": "Mr Shah, ward 12"}
    assert (await as_role("partner", COUNCIL).get(f"{path}/first-day-pack")).status_code == 404
    assert (await types_of(coordinator, path)).count("first-day-pack-given") == 1
    async with database.transaction() as tx:
        said = await tx.fetchval("SELECT string_agg(journal::text, '') FROM kit.journal AS journal")
    assert move in said
    assert "ward 12" not in said


@pytest.mark.parametrize("by_itself", [True, False])
async def test_what_a_mover_was_told_is_forgotten_when_the_move_ends(
    coordinator: Any, database: Database, *, by_itself: bool
) -> None:
    move, _ = await active(coordinator)
    pack = f"/deployments/{move}/first-day-pack"
    await coordinator.made(f"/deployments/{move}/give-pack", {"occurred_on": on(45), **PACK})
    assert (await coordinator.get(pack)).json() == PACK
    if by_itself:
        await fire_all(database)
    else:
        await coordinator.made(f"/deployments/{move}/recall", {"occurred_on": on(60), "reason": "short-at-home"})
    assert (await coordinator.get(pack)).status_code == 404
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM first_day_pack") == 0
