"""What a refusal says would be allowed is what the rules allow."""

import pytest

from kit.errors import slug
from mobility.testing import cells, lives, outcome

BY_ITSELF = {
    "expire", "ask-again", "lapse", "end", "withdraw", "release-in-time", "fill", "reopen", "run-out", "warn", "lose-cover",
    "hand-over", "end-cover", "complete", "record-training", "record-waiver", "withdraw-waiver", "record", "chase", "let-go-on",
    "take-back", "let-look-again", "raise-ending", "stop-everywhere", "look-again", "lapse-extension", "chase-training",
    "chase-check",
}  # fmt: skip
"""What a deadline, another aggregate, the person on their own page or a word about the person brings about, and nobody commands."""


@pytest.mark.parametrize("aggregate", list(lives()))
def test_allowed_names_what_somebody_may_command_and_nothing_else(aggregate: str) -> None:
    life = lives()[aggregate]
    for status, command in cells(aggregate):
        allowed, comes = life.machine.allowed(life.states[status]), outcome(aggregate, status, command)
        if slug(command) in allowed:
            assert comes not in ("NotInThisState", "NotFound"), (status, command)
        if comes[0].islower() and comes != status:
            assert slug(command) in {*allowed, *BY_ITSELF}, (status, command)
