"""What steps of several kinds share that a partner claims."""

from typing import TypeVar

from kit.errors import Invalid

Given = TypeVar("Given")


class NeededForTheStep(Invalid):
    """This step does not go without it."""


def needed(value: Given | None, field: str) -> Given:
    """What a step does not go without. Raises NeededForTheStep."""
    if value is None:
        raise NeededForTheStep(field=field)
    return value
