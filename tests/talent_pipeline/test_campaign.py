"""A campaign: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from talent_pipeline.domain import campaign
from talent_pipeline.testing import (
    CLOSE_CAMPAIGN,
    OPEN_CAMPAIGN,
    PLAN_CAMPAIGN,
    an_area,
    cells,
    day,
    outcome,
    run,
)

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Plan": "planned"},
    "planned": {"Open": "open", "Close": "closed"},
    "open": {"Open": "open", "Close": "closed"},
    "closed": {"Close": "closed"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("campaign")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("campaign", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *campaign.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in campaign.COMMANDS}


def test_it_opens_and_closes_by_itself_on_the_days_that_were_planned() -> None:
    planned = run(campaign, PLAN_CAMPAIGN)
    assert campaign.deadlines(planned) == {"open": datetime(2023, 3, 6, tzinfo=UTC)}
    opened = run(campaign, campaign.due("open", planned), state=planned)
    assert (opened.opened_on, campaign.due("close", opened).occurred_on) == (day(5), day(150))


def test_interest_may_be_entered_late_as_long_as_it_was_open_that_day() -> None:
    closed = run(campaign, PLAN_CAMPAIGN, OPEN_CAMPAIGN, CLOSE_CAMPAIGN)
    assert [closed.registered_interest_on(day(number)) for number in (4, 5, 150, 151)] == [False, True, True, False]


def test_a_neighbourhood_is_named_once() -> None:
    with pytest.raises(campaign.AreaNamedTwice):
        run(campaign, replace(PLAN_CAMPAIGN, areas=(an_area(), an_area(imd_rank=9))))


def test_it_cannot_close_before_it_opens() -> None:
    with pytest.raises(campaign.ClosesBeforeItOpens):
        run(campaign, replace(PLAN_CAMPAIGN, closes_on=day(4)))
