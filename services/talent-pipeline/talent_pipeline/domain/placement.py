"""The job that a candidate keeps: from the first day, through breaks, to the day on which they leave."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from kit import step
from kit.errors import Invalid, Refused
from schemas.talent_pipeline import NewToSystem, PriorEmployment
from schemas.values import Part

CHECKPOINTS = (4, 13, 26, 52)
"""The weeks after which a placement is said to be sustained."""

LONGEST_BREAK = timedelta(days=28)
"""Back in the same post within so many days: a break, whose days don't count. Away for longer: an end."""


class NotACheckpoint(Invalid):
    """A placement is sustained at 4, 13, 26 and 52 weeks, not before they are over."""


class SustainedSince(Refused):
    """It is said to be sustained at a later day: take that back first."""


class BreakTooLong(Refused):
    """They were away for more than 28 days, or not at all: that is no break."""


class Break(Part):
    """Days away between leaving a post and coming back to it."""

    after: date
    """The last day in post before it."""
    days: int


class Employed(Part):
    """What a candidacy knows of the job itself; empty until the first day."""

    started_on: date | None = None
    sustained: tuple[int, ...] = ()
    breaks: tuple[Break, ...] = ()
    left_on: date | None = None

    def checkpoint(self, weeks: int) -> date | None:
        """The day on which the placement has lasted so many weeks, days of a break not counted."""
        if self.started_on is None:
            return None
        day = self.started_on + timedelta(weeks=weeks)
        for away in self.breaks:
            if away.after < day:
                day += timedelta(days=away.days)
        return day

    def lasts_until(self, day: date) -> bool:
        """Whether they had not left before that day, as far as is known."""
        return self.left_on is None or day <= self.left_on

    def ahead(self) -> Iterator[tuple[int, date]]:
        """The checkpoints, in weeks, that are not said yet and not cut off by an end, each with its day."""
        for weeks in CHECKPOINTS:
            day = self.checkpoint(weeks)
            if day is not None and weeks not in self.sustained and self.lasts_until(day):
                yield weeks, day

    def reached(self, weeks: int, now: datetime) -> date:
        """The day of a checkpoint that lies behind us. Raises NotACheckpoint."""
        day = self.checkpoint(weeks)
        if weeks not in CHECKPOINTS or day is None or now < step.start_of(day):
            raise NotACheckpoint(field="weeks")
        return day

    def said_after(self, day: date) -> int | None:
        """The weeks of a checkpoint that is said to be reached after that day."""
        for weeks in self.sustained:
            reached = self.checkpoint(weeks)
            if reached is not None and reached > day:
                return weeks
        return None

    def days_away(self, day: date) -> int | None:
        """How many days somebody was away who comes back on that day; None where that is no break."""
        if self.left_on is None:
            return None
        away = day - self.left_on - timedelta(days=1)
        return away.days if timedelta(days=1) <= away <= LONGEST_BREAK else None


def new_to_system(prior: PriorEmployment) -> NewToSystem:
    """Only who came from a health or care employer in Leeds is not new; where that is unknown, so is this."""
    match prior:
        case PriorEmployment.LEEDS_HEALTH_CARE:
            return NewToSystem.NO
        case PriorEmployment.UNKNOWN:
            return NewToSystem.UNKNOWN
        case _:
            return NewToSystem.YES
