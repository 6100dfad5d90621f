"""Facts of a need: raised inside, released to partners, filled or not."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.mobility.words import SERVICE, FilledBy, Level, NeedReason
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Small, Soc2020, WeeklyHours


class Wanted(Step):
    """What needs are counted by."""

    organisation: PartnerId
    soc2020: Soc2020
    reason: NeedReason


class NeedRaised(Wanted, service=SERVICE, aggregate="need"):
    """An organisation needs staff for a time. Its own are asked first, then those of its partners."""

    title: Label
    level: Level
    place: Code
    weekly_hours: WeeklyHours
    people: Annotated[int, Field(ge=1, le=200)]
    starts_on: BusinessDate
    ends_on: BusinessDate
    covers_strike: bool
    """Whether it is for the work of people who are on strike."""
    release_on: BusinessDate
    """The day on which partners are asked, unless it is released before."""


class NeedReleased(Wanted, service=SERVICE, aggregate="need"):
    """Partners were asked: its own staff do not suffice, or their time is over."""


class NeedFilled(Wanted, service=SERVICE, aggregate="need"):
    """Somebody took one of the places."""

    filled_by: FilledBy
    deployment_id: Id | None = None
    """The move that filled it, where it was somebody of a partner."""
    people: Small
    filled: Small
    """How many places are filled with this one."""


class NeedReopened(Wanted, service=SERVICE, aggregate="need"):
    """A place that was filled is free again: whoever came left before the need was over.

    Before that was told apart, without `left`: the start that was said to have filled it was taken back.
    """

    deployment_id: Id
    people: Small
    filled: Small
    """How many places are filled without this one."""
    left: Code | None = None
    """How the move ended: `recalled`, `ended-early`, `completed`. The place was filled all the same. None: it never was."""


class NeedClosed(Wanted, service=SERVICE, aggregate="need"):
    """The time for which staff were needed is over, or it was ended before."""

    people: Small
    filled: Small


class NeedWithdrawn(Wanted, service=SERVICE, aggregate="need"):
    """The organisation does not need the staff after all."""

    why: Code
