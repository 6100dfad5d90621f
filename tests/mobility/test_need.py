"""A need: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.step import end_of, start_of
from mobility.domain import need
from mobility.domain.need import EndsBeforeItStarts, NoPlaceLeft, ReleasedTooLate, StrikeIsTheReason
from mobility.testing import (
    CLOSE_NEED,
    FILL,
    FILL_WITH_OWN,
    NEED,
    NOW,
    RAISE,
    RELEASE,
    REOPEN,
    a_need,
    cells,
    day,
    outcome,
    run,
)
from schemas.mobility import NeedReopened

STAYS = ("ReleaseInTime", "RunOut", "Reopen")
LIFE: dict[str | None, dict[str, str]] = {
    None: {"Raise": "raised"},
    "raised": {"Release": "released", "ReleaseInTime": "released", "FillWithOwn": "noted", "Close": "closed",
               "RunOut": "closed", "Withdraw": "withdrawn", "Reopen": "raised"},
    "released": {"Release": "released", "ReleaseInTime": "released", "FillWithOwn": "noted", "Fill": "noted",
                 "Reopen": "noted", "Close": "closed", "RunOut": "closed", "Withdraw": "withdrawn"},
    "filled": {"ReleaseInTime": "filled", "FillWithOwn": "NoPlaceLeft", "Fill": "NoPlaceLeft", "Reopen": "released",
               "Close": "closed", "RunOut": "closed"},
    "closed": {"Close": "closed", "Fill": "noted"} | dict.fromkeys(STAYS, "closed"),
    "withdrawn": {"Withdraw": "withdrawn", "Fill": "withdrawn"} | dict.fromkeys(STAYS, "withdrawn"),
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("need")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("need", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *need.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in need.COMMANDS}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ends_on": day(29)}, EndsBeforeItStarts),
        ({"release_on": day(19)}, ReleasedTooLate),
        ({"release_on": day(121)}, ReleasedTooLate),
        ({"covers_strike": True}, StrikeIsTheReason),
    ],
)
def test_a_need_makes_sense(changes: dict[str, object], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        need.decide(replace(RAISE, **changes), None, NOW)  # type: ignore[arg-type]


def test_partners_are_asked_on_the_day_that_was_named_and_not_before() -> None:
    raised = run(need, RAISE)
    due = start_of(day(25))
    assert dict(need.deadlines(raised)) == {"release": due, "run-out": end_of(day(120))}
    assert need.decide(need.due("release", raised), raised, due - timedelta(seconds=1)) == []
    (released,) = need.decide(need.due("release", raised), raised, due)
    assert released.occurred_on == day(25)


def test_own_staff_and_partners_fill_the_same_places() -> None:
    full = a_need(FILL_WITH_OWN, FILL)
    assert (full.status, full.filled, full.by_own_staff) == (need.Status.FILLED, 2, 1)
    with pytest.raises(NoPlaceLeft):
        need.decide(FILL_WITH_OWN, full, NOW)


def test_a_place_that_is_left_is_open_again_as_long_as_the_need_lasts() -> None:
    full = a_need(FILL_WITH_OWN, FILL)
    reopened = run(need, REOPEN, state=full)
    assert (reopened.status, reopened.filled, reopened.filled_by) == (need.Status.RELEASED, 1, ())
    (said,) = need.decide(replace(REOPEN, occurred_on=day(119)), full, NOW)
    assert (said.occurred_on, said.filled, said.left) == (day(119), 1, "recalled")  # type: ignore[union-attr]
    for left in (replace(REOPEN, occurred_on=day(120)), replace(REOPEN, deployment_id=NEED)):
        assert need.decide(left, full, NOW) == []
    assert need.decide(REOPEN, a_need(FILL, CLOSE_NEED), NOW) == []


def test_a_place_that_was_said_to_be_free_before_the_two_were_told_apart_is_so_still() -> None:
    of = a_need()
    taken_back = NeedReopened(
        occurred_on=day(50), organisation=of.organisation, soc2020=of.soc2020, reason=of.reason,
        deployment_id=FILL.deployment_id, people=2, filled=0,
    )  # fmt: skip
    assert need.evolve(a_need(FILL), taken_back).filled == 0


def test_a_move_fills_one_place_however_often_it_is_said() -> None:
    assert need.decide(FILL, a_need(FILL), NOW) == []


def test_a_closed_need_says_how_many_of_its_places_were_filled() -> None:
    (closed,) = need.decide(CLOSE_NEED, a_need(FILL), NOW)
    assert (closed.people, closed.filled) == (2, 1)  # type: ignore[union-attr]


def test_a_need_waits_for_its_own_organisation_and_then_for_the_programme() -> None:
    assert [need.waiting(run(need, *steps))[0].who for steps in ((RAISE,), (RAISE, RELEASE))] == [
        "organisation", "coordinator",
    ]  # fmt: skip
