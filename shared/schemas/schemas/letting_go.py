"""That a record's period is over: what its service says last of it, so that whoever holds something for its sake knows.

Each service says it of its own aggregates: `class RecordLetGo(LetGo, service="learning")`. Nothing follows it.
"""

from schemas.fact import Step
from schemas.values import BusinessDate, Label


class LetGo(Step, aggregate="any"):
    """A record's period is over: its service keeps that there was one, and nothing of whose it was or what stood in it."""

    record: Label
    """The kind of record, as the service's schedule names it."""
    ended_on: BusinessDate
    """From which day its period ran."""
