"""One act of a move beside another: what is entered late, put right after something else, said by both sides, said twice."""

from typing import Any

from kit.step import changed
from mobility.domain import deployment
from mobility.testing import NOW, SHORTEN, STOP_NOW, a_move, day

from .acts import a_check, on
from .test_api import fact_of
from .test_moves import active, longer, yes


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
