"""What a machine's refusal tells whoever asked: the state that it met, and what that would allow."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kit.aggregates import Machine, decided
from kit.errors import Invalid, NotFound, Refused
from kit.step import Command, NotInThisState
from schemas.fact import Fact

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = SimpleNamespace(status="closed")


def refusing(refusal: Refused) -> Machine:
    """A machine that allows two commands, and refuses every one with this."""

    def decide(command: Command, state: Any, now: datetime) -> Sequence[Fact]:
        raise refusal

    return cast("Machine", SimpleNamespace(decide=decide, allowed=lambda _: ("open", "void")))


def met(refusal: Refused, state: Any = CLOSED) -> tuple[str | None, tuple[str, ...]]:
    with pytest.raises(type(refusal)):
        decided(refusing(refusal), Command(), state, NOW)
    return refusal.state, refusal.allowed


def test_a_refusal_says_the_state_and_what_it_would_allow() -> None:
    assert met(NotInThisState()) == ("closed", ("open", "void"))


def test_a_refusal_that_knows_better_is_left_to_say_so() -> None:
    assert met(Refused(state="full", allowed=("wait",))) == ("full", ("wait",))
    assert met(Refused(state="full")) == ("full", ())
    assert met(Refused(allowed=("void",))) == ("closed", ("void",))


@pytest.mark.parametrize("refusal", [Invalid(field="by"), NotFound()])
def test_what_no_state_is_to_blame_for_says_none(refusal: Refused) -> None:
    assert met(refusal) == (None, ())


def test_what_is_refused_before_it_began_says_no_state() -> None:
    assert met(Refused(), None) == (None, ())
