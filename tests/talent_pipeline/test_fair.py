"""A fair: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace

import pytest

from kit.step import NotInThisState
from talent_pipeline.domain import fair
from talent_pipeline.testing import HOLD_FAIR, NOW, PLAN_FAIR, cells, outcome, run

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Plan": "planned"},
    "planned": {"Hold": "held", "Cancel": "cancelled"},
    "held": {"Hold": "held"},
    "cancelled": {"Cancel": "cancelled"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("fair")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("fair", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *fair.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in fair.COMMANDS}


def test_a_count_of_visitors_is_put_right_by_a_correction_and_not_by_saying_it_again() -> None:
    held = run(fair, PLAN_FAIR, HOLD_FAIR)
    with pytest.raises(NotInThisState):
        fair.decide(replace(HOLD_FAIR, attended=141), held, NOW)


def test_a_fair_that_is_planned_waits_for_somebody_to_say_whether_it_was_held() -> None:
    (waiting,) = fair.waiting(run(fair, PLAN_FAIR))
    assert (waiting.who, waiting.since) == ("coordinator", PLAN_FAIR.planned_for)
