"""Errors, named by what happens next.

`Refused` is answered (409 to a caller, an answer to a partner, a task for a reaction) and acknowledged. `Unreadable` goes to
the dead letters. `Unavailable` is tried again, in order. Anything else stops the partition, loudly: it is a defect of ours.
The class's docstring is the message; no message holds a value that somebody sent.
"""

import inspect
import re
from collections.abc import Sequence
from uuid import UUID


def slug(name: str) -> str:
    """`NotASignatory` -> `not-a-signatory`: the error's name for machines."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


class Refused(Exception):
    """The rules do not allow this."""

    status = 409

    def __init__(
        self,
        detail: str | None = None,
        *,
        state: str | None = None,
        allowed: Sequence[str] = (),
        field: str | None = None,
        cure: str | None = None,
    ) -> None:
        self.code = slug(type(self).__name__)
        self.title = inspect.cleandoc(type(self).__doc__ or "").splitlines()[0]
        self.detail = detail
        """What stands against it, in words and codes of ours."""
        self.state = state
        """The state that it met: of a machine's refusal kit adds it, and what it would allow."""
        self.allowed = tuple(allowed)
        """What that state would allow, by command."""
        self.field = field
        """The field that is to blame, where it is one."""
        self.cure = cure
        """What would have it accepted, where one can say."""
        super().__init__(detail or self.title)

    def met(self, state: str, allowed: Sequence[str]) -> None:
        """Say so of a refusal that does not yet: a machine's, whose caller knows what was there."""
        if self.state is None:
            self.state, self.allowed = state, self.allowed or tuple(allowed)


class NotFound(Refused):
    """There is nothing with this id, or it is not yours to see."""

    status = 404


class Invalid(Refused):
    """A field breaks a rule."""

    status = 422


class Stale(Refused):
    """It has changed since you read it: read it again."""

    status = 412


def expect(version: int, if_match: int | None) -> None:
    """Raises Stale when the caller believed in another version."""
    if if_match is not None and if_match != version:
        raise Stale(f"it has version {version} now", field="If-Match")


class KeyMissing(Invalid):
    """What begins something comes with an Idempotency-Key, new for each thing: a second click must not begin a second."""


class KeyReused(Refused):
    """This Idempotency-Key came before with another body."""

    status = 422


class DoneBefore(Refused):
    """This was done before the service came back from a backup, which does not hold its answer: read what stands.

    `said`: the id and version of each record that it changed.
    """

    def __init__(self, said: Sequence[tuple[UUID, int]]) -> None:
        self.said = said
        super().__init__(", ".join(f"{id_} has version {version} by it" for id_, version in said))


class Unreadable(Exception):
    """A record that no retry will make readable. Names the field and the rule, never the value."""

    def __init__(self, code: str, *, field: str | None = None, rule: str | None = None) -> None:
        self.code, self.field, self.rule = code, field, rule
        super().__init__(": ".join(part for part in (code, field, rule) if part))


class Unavailable(Exception):
    """Something that we need is away: try again later, in the same order."""


class ConsumerDead(Exception):
    """A consumer could not be brought back to life: the process must end."""


class StopPartition(Exception):
    """Going on would lose or double something: this partition waits for a person."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}")
