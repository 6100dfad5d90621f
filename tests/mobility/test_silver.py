"""City Silver: who is short and who can lend on a day, as a rule and by its route."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from kit.database import Database
from kit.testing.persons import somebody
from mobility.domain import passport
from mobility.domain.move import Deployment
from mobility.domain.passport import Passport
from mobility.domain.silver import Balance, Picture, out, picture
from mobility.testing import (
    AGREE,
    CHANGE,
    COUNCIL,
    FILL,
    HOSPICE,
    HOSPITALS,
    MATCH,
    NEED,
    OPEN,
    PROPOSE,
    RECORD_IDENTITY,
    RECORD_RIGHT,
    a_move,
    a_need,
    a_requirement,
    day,
    run,
)
from schemas.mobility import Basis, NeedReason

from .acts import a_check, a_proposal, both_signed, brought_to, on
from .acts import a_need as need_body

IN_FORCE = (HOSPITALS, HOSPICE, COUNCIL)
ASKED = a_requirement(CHANGE)
"""The hospitals ask for an identity check."""


def holder(number: int, home: str = HOSPICE, *, checked: bool = True) -> tuple[UUID, Passport]:
    """Somebody's open passport."""
    made: Passport = run(
        passport,
        replace(OPEN, person_id=UUID(int=number), home=home),
        RECORD_RIGHT,
        *([RECORD_IDENTITY] if checked else []),
    )
    return UUID(int=number + 1000), made


def seen(
    number: int = 60, moves: tuple[Deployment, ...] = (), passports: tuple[tuple[UUID, Passport], ...] = (), **need: Any
) -> Picture:
    out_then = {move.person_id for move in moves if out(move, day(number))}
    return picture(day(number), [(NEED, a_need(**need))], moves, passports, [ASKED], out_then, IN_FORCE)


def test_free_places_stand_against_who_could_be_lent() -> None:
    found = seen(passports=(holder(1), holder(2), holder(3, COUNCIL), holder(4, checked=False), holder(5, HOSPITALS)))
    (short,) = found.short
    assert (short.free, short.hours_a_week, short.can_lend) == (2, 45.0, {COUNCIL: 1, HOSPICE: 2})
    assert found.organisations == (Balance(HOSPITALS, lent=0, borrowed=0, free_places=2),)


def test_who_is_out_or_booked_on_that_day_cannot_be_lent() -> None:
    booked = a_move(replace(PROPOSE, person_id=UUID(int=1)), MATCH, AGREE)
    people = (holder(1), holder(2))
    assert [seen(number, (booked,), people).short[0].can_lend for number in (39, 40, 110, 111)] == [
        {HOSPICE: 2}, {HOSPICE: 1}, {HOSPICE: 1}, {HOSPICE: 2},
    ]  # fmt: skip


def test_where_the_host_never_said_what_it_asks_for_nobody_can_say_who_could_come() -> None:
    assert seen(soc2020="6131", passports=(holder(1),)).short[0].can_lend is None


def test_those_on_the_way_and_those_who_are_there_are_told_apart() -> None:
    there, coming = a_move(), a_move(PROPOSE, MATCH)
    found = seen(moves=(there, coming))
    assert found.short[0].on_the_way == 1
    assert found.organisations == (
        Balance(HOSPITALS, lent=0, borrowed=1, free_places=2), Balance(HOSPICE, lent=1, borrowed=0, free_places=0),
    )  # fmt: skip


def test_a_need_whose_days_are_over_is_not_in_it_and_a_filled_place_is_not_free() -> None:
    assert seen(121).short == ()
    need = a_need(replace(FILL, occurred_on=day(40)))
    assert picture(day(60), [(NEED, need)], (), (), (), (), IN_FORCE).short[0].free == 1


@pytest.mark.parametrize(("number", "action"), [(29, False), (30, True), (120, True), (121, False)])
def test_an_industrial_action_is_on_from_its_first_day_to_its_last(number: int, action: bool) -> None:
    found = seen(number, reason=NeedReason.INDUSTRIAL_ACTION, covers_strike=True)
    assert found.industrial_action is action


def test_bank_and_agency_are_blocked_as_strike_cover_but_not_in_the_gap() -> None:
    strike: dict[str, Any] = {"reason": NeedReason.INDUSTRIAL_ACTION, "covers_strike": True, "ends_on": day(190)}
    assert str(day(161)) == "2023-08-09"
    assert seen(161, **strike).short[0].blocked == ()
    assert seen(162, **strike).short[0].blocked == (Basis.BANK, Basis.AGENCY)
    assert seen(162, ends_on=day(190)).short[0].blocked == ()


def test_an_action_is_on_though_every_place_is_filled() -> None:
    strike = a_need(FILL, people=1, reason=NeedReason.INDUSTRIAL_ACTION, covers_strike=True)
    found = picture(day(60), [(NEED, strike)], (), (), (), (), IN_FORCE)
    assert (found.industrial_action, found.short) == (True, ())


def test_who_is_not_in_force_neither_lends_nor_borrows() -> None:
    people = (holder(1), holder(2, COUNCIL))
    lends = [
        picture(day(60), [(NEED, a_need())], (), people, [ASKED], (), in_force).short[0].can_lend
        for in_force in ((HOSPITALS, COUNCIL), (HOSPICE, COUNCIL))
    ]
    assert lends == [{COUNCIL: 1}, {}]


async def test_who_is_out_under_another_id_cannot_be_lent(coordinator: Any, database: Database) -> None:
    await both_signed(coordinator)
    one, other = str(somebody()), str(somebody())
    need = (await coordinator.made("/needs", need_body(people=2)))["id"]
    await coordinator.made(f"/needs/{need}/release", {"occurred_on": on(22)})
    move = (await coordinator.made("/deployments", a_proposal(one, need)))["id"]
    await brought_to(coordinator, move, "start")
    passport = await coordinator.made("/passports", {"occurred_on": on(2), "person_id": other, "home": HOSPICE})
    for kind in ("identity", "right-to-work"):
        await coordinator.made(f"/passports/{passport['id']}/record-check", a_check(kind))
    checks = {"occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "training": []}
    await coordinator.made("/requirements", {**checks, "checks": [{"kind": "identity"}]})
    assert (await coordinator.get("/city-silver", on=on(60))).json()["short"][0]["can_lend"] == {HOSPICE: 1}
    async with database.transaction() as tx:
        await tx.execute("UPDATE kit.person SET same_as = $1 WHERE id = $2", UUID(one), UUID(other))
    assert (await coordinator.get("/city-silver", on=on(60))).json()["short"][0]["can_lend"] == {}


async def test_a_coordinator_sees_the_whole_city_and_partners_do_not(coordinator: Any, as_role: Any) -> None:
    await both_signed(coordinator)
    need = (await coordinator.made("/needs", need_body(people=2)))["id"]
    await coordinator.made(f"/needs/{need}/release", {"occurred_on": on(22)})
    move = (await coordinator.made("/deployments", a_proposal(str(somebody()), need)))["id"]
    await brought_to(coordinator, move, "start")
    checks = {"occurred_on": on(5), "organisation": HOSPITALS, "soc2020": "2237", "training": []}
    await coordinator.made("/requirements", {**checks, "checks": [{"kind": "identity"}]})
    found = (await coordinator.get("/city-silver", on=on(60))).json()
    (short,) = found["short"]
    assert (short["free"], short["on_the_way"], short["can_lend"]) == (1, 0, {})
    later = (await coordinator.get("/city-silver", on=on(115))).json()["short"][0]
    assert later["can_lend"] == {HOSPICE: 1}
    person = (await coordinator.get(f"/deployments/{move}")).json()["person_id"]
    stop = (await coordinator.made(f"/persons/{person}/stop-now", {"reason": "concern-raised"}))["stop"]["id"]
    assert (await coordinator.get("/city-silver", on=on(115))).json()["short"][0]["can_lend"] == {}
    await coordinator.made(f"/stops/{stop}/lift", {"why": "unfounded"})
    assert (await coordinator.get("/city-silver", on=on(115))).json()["short"][0]["can_lend"] == {HOSPICE: 1}
    assert {row["organisation"]: row["borrowed"] for row in found["organisations"]} == {HOSPITALS: 1, HOSPICE: 0}
    assert (await as_role("partner", HOSPITALS).get("/city-silver")).status_code == 403
