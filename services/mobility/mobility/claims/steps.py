"""What steps of several kinds share that a partner claims."""

from typing import TypeVar

from kit.errors import Invalid
from schemas.fact import Fact

Given = TypeVar("Given")


class NeededForTheStep(Invalid):
    """This step does not go without it."""


class AnotherStep(Invalid):
    """A correction is of the same step as the claim that it corrects."""


def needed(value: Given | None, field: str) -> Given:
    """What a step does not go without. Raises NeededForTheStep."""
    if value is None:
        raise NeededForTheStep(field=field)
    return value


def refuse_another_step(becomes: type[Fact] | tuple[type[Fact], ...], stands: Fact) -> None:
    """Raises AnotherStep where a step became another fact than the one, or one of those, that it becomes now."""
    if not isinstance(stands, becomes):
        raise AnotherStep(field="replacement.step", cure="Withdraw the earlier claim and make another.")
