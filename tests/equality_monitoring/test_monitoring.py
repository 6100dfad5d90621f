"""What may follow what: every status meets every command."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from equality_monitoring import testing
from equality_monitoring.domain.monitoring import (
    ALLOWED,
    COMMANDS,
    Change,
    NothingDeclared,
    Status,
    allowed,
    decide,
    evolve,
)
from equality_monitoring.testing import (
    AFRICAN,
    CARIBBEAN,
    CHANGE,
    DECLARE,
    FIRST,
    NOW,
    PERSON,
    SECOND,
    STATES,
    WITHDRAW,
    lived,
)
from kit.errors import NotFound, Refused, slug
from kit.step import BeforeTheStepItFollows, CannotFollow, Command, InTheFuture, NotInThisState
from schemas.equality_monitoring import Declaration, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact

declared = MonitoringDeclared(person_id=PERSON, occurred_on=FIRST, declaration=AFRICAN)
changed = MonitoringChanged(person_id=PERSON, occurred_on=SECOND, declaration=CARIBBEAN)
withdrawn = MonitoringWithdrawn(person_id=PERSON, occurred_on=SECOND)

TABLE: list[tuple[Status | None, Command, list[Fact] | type[Refused]]] = [
    (None, DECLARE, [declared]),
    (None, CHANGE, NotFound),
    (None, WITHDRAW, NotFound),
    (Status.DECLARED, DECLARE, NotInThisState),
    (Status.DECLARED, CHANGE, [changed]),
    (Status.DECLARED, replace(CHANGE, declaration=AFRICAN), []),
    (Status.DECLARED, WITHDRAW, [withdrawn]),
    (Status.WITHDRAWN, DECLARE, NotInThisState),
    (Status.WITHDRAWN, CHANGE, NotInThisState),
    (Status.WITHDRAWN, WITHDRAW, []),
]


@pytest.mark.parametrize(("status", "command", "follows"), TABLE)
def test_what_follows(status: Status | None, command: Command, follows: list[Fact] | type[Refused]) -> None:
    if isinstance(follows, list):
        assert decide(command, STATES[status], NOW) == follows
    else:
        with pytest.raises(follows):
            decide(command, STATES[status], NOW)


def test_every_status_meets_every_command() -> None:
    met = {(status, type(command)) for status, command, _ in TABLE}
    assert met == {(status, command) for status in [None, *Status] for command in COMMANDS}
    assert {type(command) for command in testing.COMMANDS} == set(COMMANDS)


@pytest.mark.parametrize("status", [None, *Status])
def test_what_is_said_to_be_allowed_is_what_is_answered_with_facts(status: Status | None) -> None:
    could = {type(command) for at, command, follows in TABLE if at is status and follows and isinstance(follows, list)}
    assert could == set(ALLOWED[status])
    assert allowed(STATES[status]) == tuple(slug(command.__name__) for command in ALLOWED[status])


def test_a_change_is_the_whole_declaration_and_a_withdrawal_leaves_nothing_of_it() -> None:
    after = lived(DECLARE, CHANGE)
    assert after is not None
    assert (after.declaration, after.since) == (CARIBBEAN, SECOND)
    gone = evolve(after, withdrawn)
    assert (gone.status, gone.declaration, gone.person_id) == (Status.WITHDRAWN, None, PERSON)


def test_a_declaration_answers_at_least_one_question() -> None:
    nothing = Declaration()
    for command, status in (
        (replace(DECLARE, declaration=nothing), None),
        (Change(declaration=nothing), Status.DECLARED),
    ):
        with pytest.raises(NothingDeclared):
            decide(command, STATES[status], NOW)


def test_nothing_is_dated_in_the_future_or_before_what_it_follows() -> None:
    with pytest.raises(InTheFuture):
        decide(replace(DECLARE, occurred_on=date(2022, 6, 2)), None, NOW)
    for command in (CHANGE, WITHDRAW):
        with pytest.raises(BeforeTheStepItFollows):
            decide(replace(command, occurred_on=date(2022, 3, 13)), STATES[Status.DECLARED], NOW)


def test_a_day_is_a_day_in_leeds() -> None:
    late = datetime(2022, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight of the second, in summer time
    (fact,) = decide(replace(DECLARE, occurred_on=None), None, late)
    assert fact.occurred_on == date(2022, 7, 2)


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (None, changed), (None, withdrawn), (Status.DECLARED, declared),
        (Status.WITHDRAWN, declared), (Status.WITHDRAWN, changed), (Status.WITHDRAWN, withdrawn),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_follow_is_a_defect(status: Status | None, fact: Fact) -> None:
    with pytest.raises(CannotFollow):
        evolve(STATES[status], fact)


def test_a_state_cannot_be_assigned_to() -> None:
    monitoring = STATES[Status.DECLARED]
    assert monitoring is not None
    with pytest.raises(ValidationError):
        monitoring.declaration = None  # type: ignore[misc]
