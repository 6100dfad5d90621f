"""A membership of the pool: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.step import end_of
from kit.testing.lives import NOTED
from talent_pipeline.domain import appointable, candidacy, engagement, interview
from talent_pipeline.domain.candidacy import EngagementClosed
from talent_pipeline.domain.redirection import NotPermitted
from talent_pipeline.testing import (
    APPLY,
    CHANGE_AVAILABILITY,
    CLOSE_ENGAGEMENT,
    END_OFFER,
    EXPIRE,
    NOT_APPOINT,
    OFFER_FROM_POOL,
    POOL,
    REGISTER,
    a_candidacy,
    an_engagement,
    cells,
    day,
    outcome,
    run,
)

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Pool": "available"},
    "available": {"ChangeAvailability": NOTED, "Offer": "offered", "Leave": "left", "Expire": "expired"},
    "offered": {"EndOffer": "available", "Place": "placed"},
    "placed": {"Place": "placed"},
    "left": {"Leave": "left"},
    "expired": {"Expire": "expired"},
}  # fmt: skip
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("appointable")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("appointable", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *appointable.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in appointable.COMMANDS}


def test_only_who_passed_and_found_no_post_is_kept() -> None:
    for other in (a_candidacy(interview.RecordValuesInterview), run(candidacy, APPLY, NOT_APPOINT)):
        with pytest.raises(appointable.NotAppointable):
            run(appointable, replace(POOL, candidacy=other))


def test_the_membership_ends_with_the_values_pass_or_the_permission() -> None:
    assert run(appointable, POOL).expires_on == day(300)
    assert run(appointable, replace(POOL, expires_on=day(200))).expires_on == day(200)
    with pytest.raises(appointable.ExpiryTooLate):
        run(appointable, replace(POOL, expires_on=day(301)))


def test_nobody_is_pooled_or_offered_from_the_pool_without_permission() -> None:
    with pytest.raises(NotPermitted):
        run(appointable, replace(POOL, engagement=run(engagement, REGISTER)))
    with pytest.raises(NotPermitted):
        run(appointable, POOL, replace(OFFER_FROM_POOL, permission=None))


def test_nobody_is_pooled_with_whom_the_work_has_ended_or_who_is_available_too_late() -> None:
    closed = run(engagement, replace(CLOSE_ENGAGEMENT, occurred_on=day(60)), state=an_engagement())
    with pytest.raises(EngagementClosed):
        run(appointable, replace(POOL, engagement=closed))
    for late in (
        (replace(POOL, available_from=day(301)),),
        (POOL, replace(CHANGE_AVAILABILITY, available_from=day(301))),
    ):
        with pytest.raises(appointable.NeverAvailable):
            run(appointable, *late)


def test_an_offer_that_came_to_nothing_makes_them_available_again() -> None:
    assert run(appointable, POOL, OFFER_FROM_POOL, END_OFFER).status == "available"


def test_a_membership_expires_when_its_last_day_is_over() -> None:
    member = run(appointable, POOL)
    assert appointable.deadlines(member) == {"expire": end_of(day(300))}
    assert appointable.decide(EXPIRE, member, end_of(day(300)) - timedelta(seconds=1)) == []


def test_an_offer_out_of_the_pool_is_made_while_the_membership_lasts() -> None:
    with pytest.raises(appointable.MembershipOver):
        run(appointable, POOL, replace(OFFER_FROM_POOL, occurred_on=day(301)))
