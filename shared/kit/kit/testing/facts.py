"""Facts and a claim that belong to no trade, for tests of the plumbing."""

from schemas.fact import Answer, Claim, Fact


class Counted(Fact, service="testing", aggregate="counter"):
    """A counter went up."""

    by: int


class Renamed(Fact, service="testing", aggregate="counter"):
    """A counter has another label. Some readers of the tests do not know this type."""

    label: str


class CountClaimed(Claim, service="testing"):
    """A partner says that a counter went up."""

    by: int


class ClaimAnswered(Answer, service="testing"):
    """What became of a partner's claim."""
