"""A framework: every status meets every command, and the rules that a table does not show."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kit.step import end_of
from mobility.domain import framework
from mobility.domain.framework import EffectiveBeforePublished, OverBeforeItBegins, SignedTooLate
from mobility.testing import NOW, PUBLISH, PUBLISH_UNTIL, TERMINATE, VARY, a_framework, cells, day, outcome, run

LIFE: dict[str | None, dict[str, str]] = {
    None: {"Publish": "published"},
    "published": {"Vary": "noted", "Terminate": "terminated", "Expire": "expired"},
    "terminated": {"Expire": "terminated"},
    "expired": {"Expire": "expired"},
}
"""What comes of each command by status; what is not named is refused: NotInThisState, or NotFound before there is one.
A cell that keeps its status says nothing; NOTED: the status stays, and something is said.
"""


@pytest.mark.parametrize(("status", "command"), list(cells("framework")))
def test_every_status_meets_every_command(status: str | None, command: str) -> None:
    unnamed = "NotFound" if status is None else "NotInThisState"
    assert outcome("framework", status, command) == LIFE[status].get(command, unnamed)


def test_the_table_names_every_status_and_every_command() -> None:
    assert set(LIFE) == {None, *framework.Status}
    assert {command for row in LIFE.values() for command in row} == {kind.__name__ for kind in framework.COMMANDS}


def test_versions_are_numbered_and_the_newest_is_the_one_to_sign() -> None:
    varied = a_framework(VARY, replace(VARY, sign_by=None))
    assert [version.number for version in varied.versions] == [1, 2, 3]
    assert (varied.newest.number, varied.to_sign_again and varied.to_sign_again.number) == (3, 2)


def test_a_framework_that_was_terminated_twice_alike_says_nothing_the_second_time() -> None:
    assert framework.decide(TERMINATE, a_framework(TERMINATE), NOW) == []


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(PUBLISH, effective_from=day(-1)), EffectiveBeforePublished),
        (replace(PUBLISH, expires_on=day(9)), OverBeforeItBegins),
    ],
)
def test_an_agreement_has_effect_after_it_is_published_and_before_it_ends(
    command: framework.Publish, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        framework.decide(command, None, NOW)


def test_what_has_to_be_signed_again_leaves_time_for_it() -> None:
    with pytest.raises(SignedTooLate):
        framework.decide(replace(VARY, sign_by=day(99)), a_framework(), NOW)


def test_an_agreement_is_not_over_before_its_last_day_is() -> None:
    published = run(framework, PUBLISH_UNTIL)
    over = end_of(day(300))
    assert dict(framework.deadlines(published)) == {"expire": over}
    assert framework.decide(framework.due("expire", published), published, over - timedelta(seconds=1)) == []
    (expired,) = framework.decide(framework.due("expire", published), published, over)
    assert expired.occurred_on == day(301)


def test_it_is_not_terminated_for_a_day_that_is_over() -> None:
    with pytest.raises(OverBeforeItBegins):
        framework.decide(replace(TERMINATE, last_day=day(199)), a_framework(), NOW)
