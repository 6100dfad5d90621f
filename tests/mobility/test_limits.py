"""How far somebody may work, as a student or by a permission: hours over all organisations, terms, work, organisations, days."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import today
from kit.database import Database
from kit.step import end_of, start_of
from kit.testing.persons import somebody
from mobility.domain import deployment
from mobility.domain.limits import MayNotWorkThen, MoreThanMayBeWorked, NotThisHost, NotThisWork, refuse
from mobility.domain.working_time import Spell, monday_of
from mobility.testing import (
    AGREE,
    COUNCIL,
    HOSPICE,
    HOSPITALS,
    MATCH,
    NOW,
    PROPOSE,
    PROPOSE_EXTENSION,
    STARTED,
    STUDENT,
    a_move,
    day,
    shifts,
)
from schemas.mobility import LimitGround, Term, WorkLimit

from .acts import a_passport, a_proposal, both_signed, brought_to, on, pattern
from .test_api import fire_all
from .test_leaving import ahead
from .test_moves import agreed, matched

THREE_DAYS = Spell(day(40), day(110), shifts(1, 2, 3), 0.0)
"""22.5 hours a week, from a Monday on."""


def limit(**fields: Any) -> WorkLimit:
    return WorkLimit(ground=LimitGround.PERMISSION_TO_WORK, **fields)


@pytest.mark.parametrize(
    ("within", "refusal"),
    [
        (limit(), None),
        (limit(weekly_hours=22.5), None),
        (limit(weekly_hours=22.25), MoreThanMayBeWorked),
        (limit(soc2020=("2237", "6131")), None),
        (limit(soc2020=("6131",)), NotThisWork),
        (limit(hosts=(HOSPITALS,)), None),
        (limit(hosts=(COUNCIL,)), NotThisHost),
        (limit(until=day(110)), None),
        (limit(until=day(109)), MayNotWorkThen),
    ],
)
def test_a_limit_allows_what_it_names_and_no_more(within: WorkLimit, refusal: type[Exception] | None) -> None:
    if refusal is None:
        refuse([within], "2237", HOSPITALS, [THREE_DAYS])
    else:
        with pytest.raises(refusal, match="permission-to-work"):
            refuse([within], "2237", HOSPITALS, [THREE_DAYS])


@pytest.mark.parametrize(
    ("term", "refused"),
    [((0, 33), False), ((0, 40), True), ((50, 60), True), ((109, 150), True), ((110, 150), False)],
)
def test_hours_are_limited_in_weeks_of_which_any_day_lies_in_a_term(term: tuple[int, int], refused: bool) -> None:
    within = limit(weekly_hours=20, terms=(Term(first=day(term[0]), last=day(term[1])),))
    if refused:
        with pytest.raises(MoreThanMayBeWorked):
            refuse([within], "2237", HOSPITALS, [THREE_DAYS])
    else:
        refuse([within], "2237", HOSPITALS, [THREE_DAYS])


def test_hours_at_home_and_in_other_moves_count_with_those_of_the_move() -> None:
    short = Spell(day(40), day(110), shifts(1), 0.0)
    beside = Spell(day(61), day(67), shifts(4, 5), 0.0)
    refuse([STUDENT], "2237", HOSPITALS, [short, Spell(day(61), day(67), shifts(5), 0.0)])
    with pytest.raises(MoreThanMayBeWorked, match=r"22\.5 hours in the week"):
        refuse([STUDENT], "2237", HOSPITALS, [short, beside])
    with pytest.raises(MoreThanMayBeWorked):
        refuse([STUDENT], "2237", HOSPITALS, [short._replace(home_hours=13.0)])


def test_an_agreement_and_an_extension_keep_within_the_limits() -> None:
    with pytest.raises(MoreThanMayBeWorked):
        deployment.decide(replace(AGREE, limits=(STUDENT,)), a_move(PROPOSE, MATCH), NOW)
    with pytest.raises(MayNotWorkThen):
        deployment.decide(replace(PROPOSE_EXTENSION, limits=(limit(until=day(112)),)), a_move(*STARTED), NOW)


STUDENT_BODY = {
    "occurred_on": on(5),
    "limit": {"ground": "student", "weekly_hours": 20, "terms": [{"first": on(50), "last": on(100)}]},
}


async def test_a_student_agrees_to_what_may_be_worked_over_all_hosts_and_to_no_more(coordinator: Any) -> None:
    person = str(somebody())
    first = await matched(coordinator, person, pattern=pattern(1))
    path = f"/passports/{await a_passport(coordinator, first)}"
    await coordinator.made(f"{path}/limit-work", STUDENT_BODY)
    assert (await agreed(coordinator, first)).status_code == 200
    second = await matched(coordinator, person, pattern=pattern(2, 3))
    assert (await agreed(coordinator, second)).json()["type"] == "/problems/more-than-may-be-worked"
    await coordinator.made(f"{path}/lift-limit", {"occurred_on": on(6), "ground": "student"})
    assert (await agreed(coordinator, second)).status_code == 200


async def test_the_hours_of_a_week_in_which_a_move_ended_count_with_those_of_the_next(coordinator: Any) -> None:
    await both_signed(coordinator)
    person = str(somebody())
    ended = (await coordinator.made("/deployments", a_proposal(person, None, pattern=pattern(1, 2, ends="16:00"))))[
        "id"
    ]
    path = f"/passports/{await a_passport(coordinator, ended)}"
    await coordinator.made(f"{path}/limit-work", STUDENT_BODY)
    await brought_to(coordinator, ended, "start")
    assert day(55).isoweekday() == 2
    await coordinator.made(f"/deployments/{ended}/recall", {"occurred_on": on(55), "reason": "short-at-home"})
    refused, kept = [
        await matched(coordinator, person, pattern=pattern(4), starts_on=on(first), ends_on=on(90))
        for first in (57, 58)
    ]
    answer = (await agreed(coordinator, refused)).json()
    assert (answer["type"], answer["detail"].split(",")[0]) == (
        "/problems/more-than-may-be-worked", f"21.5 hours in the week from {on(54)}",
    )  # fmt: skip
    assert (await agreed(coordinator, kept)).status_code == 200


async def test_a_limit_that_is_learned_of_later_stops_the_moves_that_are_beyond_it(coordinator: Any) -> None:
    await both_signed(coordinator)
    person = str(somebody())
    beyond = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    await brought_to(coordinator, beyond, "start")
    unbooked = (await coordinator.made("/deployments", a_proposal(person, None)))["id"]
    path = f"/passports/{await a_passport(coordinator, beyond)}"
    await coordinator.made(f"{path}/limit-work", STUDENT_BODY)
    stopped = [(await coordinator.get(f"/deployments/{each}")).json()["stopped"] for each in (beyond, unbooked)]
    assert stopped == ["work-limit", None]


async def running(client: Any, **limit: Any) -> tuple[str, str]:
    """A move that is under way until far ahead, of somebody who is limited from today on; and their passport."""
    await both_signed(client)
    asked = a_proposal(str(somebody()), None, starts_on=ahead(-60), ends_on=ahead(90))
    move = (await client.made("/deployments", asked))["id"]
    await brought_to(client, move, "induct")
    await client.made(f"/deployments/{move}/start", {"occurred_on": ahead(-60)})
    path = f"/passports/{await a_passport(client, move)}"
    await client.made(f"{path}/limit-work", {"limit": limit})
    return f"/deployments/{move}", path


async def test_a_term_that_is_still_to_come_stops_a_move_when_it_begins_and_not_before(
    coordinator: Any, database: Database
) -> None:
    term = {"first": ahead(40), "last": ahead(80)}
    move, _ = await running(coordinator, ground="student", weekly_hours=20, terms=[term])
    monday = monday_of(today() + timedelta(days=40))
    for moment, stopped in ((monday - timedelta(days=1), None), (monday, "work-limit")):
        await fire_all(database, start_of(moment) + timedelta(hours=9))
        assert (await coordinator.get(move)).json()["stopped"] == stopped


async def test_a_permission_that_ends_in_the_middle_is_told_four_weeks_before_and_stops_the_move_when_it_is_over(
    coordinator: Any, as_role: Any, database: Database
) -> None:
    move, path = await running(coordinator, ground="permission-to-work", until=ahead(20))
    home = as_role("partner", HOSPICE)
    await fire_all(database)
    assert (await coordinator.get(move)).json()["stopped"] is None
    (waits,) = (await home.get("/waiting", aggregate="passport")).json()["rows"]
    assert (waits["why"], waits["since"]) == ("renew-permission-to-work", ahead(-8))
    await fire_all(database, end_of(today() + timedelta(days=20)))
    assert (await coordinator.get(move)).json()["stopped"] == "work-limit"
    later = {"limit": {"ground": "permission-to-work", "until": ahead(400)}}
    await home.made(f"{path}/limit-work", later)
    assert (await home.get("/waiting", aggregate="passport")).json()["rows"] == []


async def test_whom_the_holder_lets_look_limits_nothing(coordinator: Any, as_role: Any) -> None:
    move = await matched(coordinator, str(somebody()))
    path = f"/passports/{await a_passport(coordinator, move)}"
    await coordinator.made(
        f"{path}/share-with", {"occurred_on": on(8), "organisation": HOSPITALS, "until": "2099-12-31"}
    )
    host, home = as_role("partner", HOSPITALS), as_role("partner", HOSPICE)
    assert (await host.get(path)).status_code == 200
    assert (await host.post(f"{path}/limit-work", STUDENT_BODY)).status_code == 422
    assert (await home.made(f"{path}/limit-work", STUDENT_BODY))["limits"][0]["ground"] == "student"
