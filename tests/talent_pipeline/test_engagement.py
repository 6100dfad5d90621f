"""An engagement: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace

import pytest

from kit.step import BeforeTheStepItFollows
from kit.testing.lives import NOTED
from schemas.talent_pipeline import EmploymentStatus, RedirectedTo, Route, Source
from talent_pipeline.domain import engagement
from talent_pipeline.testing import (
    CLOSE_ENGAGEMENT,
    COUNCIL,
    EXPIRE_PERMISSION,
    HOSPITALS,
    PERMIT,
    REGISTER,
    WITHDRAW_PERMISSION,
    cells,
    day,
    outcome,
    run,
)

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Register": "registered"},
    "registered": {
        "Triage": "triaged", "Support": NOTED, "PermitRedirection": NOTED, "WithdrawPermission": "registered",
        "ExpirePermission": "registered", "Close": "closed",
    },
    "triaged": {
        "Triage": "triaged", "Support": NOTED, "PermitRedirection": NOTED, "WithdrawPermission": "triaged",
        "ExpirePermission": "triaged", "Close": "closed",
    },
    "closed": {"WithdrawPermission": "closed", "ExpirePermission": "closed", "Close": "closed"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("engagement")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("engagement", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *engagement.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in engagement.COMMANDS}


def test_whoever_came_by_a_campaign_is_counted_under_connecting_communities() -> None:
    assert run(engagement, REGISTER).route is Route.CONNECTING_COMMUNITIES
    direct = replace(REGISTER, source=Source.DIRECT, campaign_id=None, campaign=None)
    assert run(engagement, direct).route is Route.TALENT_PIPELINE


@pytest.mark.parametrize("source", [Source.CAMPAIGN, Source.FAIR, Source.SUPPLY_PARTNER, Source.PARTNER])
def test_a_source_has_to_be_named(source: Source) -> None:
    with pytest.raises(engagement.SourceNotNamed):
        run(engagement, replace(REGISTER, source=source, campaign_id=None, campaign=None))


def test_interest_cannot_come_by_a_campaign_that_was_not_open_that_day() -> None:
    with pytest.raises(engagement.CampaignNotOpen):
        run(engagement, replace(REGISTER, occurred_on=day(4)))


def test_the_ward_has_to_be_one_that_the_campaign_goes_to() -> None:
    with pytest.raises(engagement.WardNotInCampaign):
        run(engagement, replace(REGISTER, ward="E05099999"))


def test_unemployed_is_not_inactive() -> None:
    said = [
        run(engagement, replace(REGISTER, employment_status=status)).employment_status
        for status in (EmploymentStatus.UNEMPLOYED, EmploymentStatus.INACTIVE)
    ]
    assert said == ["unemployed", "inactive"]


def test_a_permission_holds_for_whom_it_names_and_until_its_day() -> None:
    named = run(engagement, REGISTER, replace(PERMIT, employers=(COUNCIL,))).permission
    assert named.covers(RedirectedTo.EMPLOYER, COUNCIL, day(300))
    assert not named.covers(RedirectedTo.EMPLOYER, COUNCIL, day(301))
    assert not named.covers(RedirectedTo.EMPLOYER, HOSPITALS, day(20))
    assert not named.covers(RedirectedTo.WIDER_WEST_YORKSHIRE, None, day(20))


def test_a_permission_expires_when_its_last_day_is_over_and_what_it_covered_stays_covered() -> None:
    permitted = run(engagement, REGISTER, PERMIT)
    expired = run(engagement, EXPIRE_PERMISSION, state=permitted)
    assert (permitted.permission.expired, expired.permission.expired) == (False, True)
    assert expired.permission.covers(RedirectedTo.EMPLOYER, None, day(20))
    assert engagement.deadlines(expired) == {}


def test_a_permission_can_be_withdrawn_after_the_engagement_ended() -> None:
    closed = run(engagement, REGISTER, PERMIT, CLOSE_ENGAGEMENT)
    assert run(engagement, replace(WITHDRAW_PERMISSION, occurred_on=day(250)), state=closed).permission is None


def test_a_permission_ends_after_the_day_on_which_it_is_given() -> None:
    with pytest.raises(engagement.PermissionOver):
        run(engagement, REGISTER, replace(PERMIT, until=day(8)))


def test_what_somebody_permitted_before_they_took_it_back_is_not_permitted_anew_by_being_entered_late() -> None:
    taken_back = run(
        engagement, REGISTER, replace(PERMIT, occurred_on=day(9)), replace(WITHDRAW_PERMISSION, occurred_on=day(20))
    )
    with pytest.raises(BeforeTheStepItFollows):
        run(engagement, replace(PERMIT, occurred_on=day(15)), state=taken_back)
    assert run(engagement, replace(PERMIT, occurred_on=day(20)), state=taken_back).permission is not None
    longer = run(engagement, REGISTER, replace(PERMIT, occurred_on=day(9)))
    with pytest.raises(BeforeTheStepItFollows):
        run(engagement, replace(PERMIT, occurred_on=day(8), to=(RedirectedTo.EMPLOYER,)), state=longer)


def test_a_permission_that_ran_out_is_not_given_again_by_its_old_day() -> None:
    expired = run(engagement, REGISTER, PERMIT, EXPIRE_PERMISSION)
    with pytest.raises(engagement.PermissionOver):
        run(engagement, replace(PERMIT, occurred_on=day(301)), state=expired)
