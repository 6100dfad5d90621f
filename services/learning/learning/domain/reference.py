"""Which version of the core skills framework held when, and what is asked of a placement and of an apprenticeship by when it began:
reference data, of which each version holds from a date.

A new version is a line here. What began, or was completed, before it is judged by the one that held then, and says so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from schemas.values import Code, Part


class FrameworkVersion(Part):
    """A version of the core skills framework."""

    from_day: date
    """The first day on which training was completed by it. Of most the month is known, of the last the year."""
    framework: Code
    source: str


GUIDE: Final = "Skills for Health, Core Skills Training Framework (England) v1.0, version control summary"
FRAMEWORKS: Final[Sequence[FrameworkVersion]] = (
    FrameworkVersion(from_day=date(2013, 3, 1), framework="cstf-uk-1-0", source=GUIDE),
    FrameworkVersion(from_day=date(2014, 4, 1), framework="cstf-uk-1-1", source=GUIDE),
    FrameworkVersion(from_day=date(2014, 9, 1), framework="cstf-uk-1-2", source=GUIDE),
    FrameworkVersion(from_day=date(2016, 3, 1), framework="cstf-uk-1-3", source=GUIDE),
    FrameworkVersion(from_day=date(2017, 10, 1), framework="cstf-uk-1-4", source=GUIDE),
    FrameworkVersion(from_day=date(2018, 10, 1), framework="cstf-uk-1-5", source=GUIDE),
    FrameworkVersion(from_day=date(2020, 1, 1), framework="cstf-england-1-0", source=GUIDE),
    FrameworkVersion(
        from_day=date(2021, 1, 1), framework="cstf-england-1-1",
        source="Skills for Health, review of the framework, 21 August 2023: the last update was in 2021",
    ),
)  # fmt: skip
"""The earliest first."""


def framework(completed_on: date) -> str | None:
    """The version by which training was completed on a day; None before there was a framework."""
    held = [each for each in FRAMEWORKS if each.from_day <= completed_on]
    return max(held, key=lambda each: each.from_day).framework if held else None


def is_as_new(version: str, other: str) -> bool:
    """Whether a version of the framework is another one, or came after it. Of other frameworks each is only itself."""
    order = [each.framework for each in FRAMEWORKS]
    return version == other or (version in order and other in order[: order.index(version)])


class TLevelRules(Part):
    """What the industry placement of a T Level asks for."""

    from_year: int
    """The first start year for which it holds."""
    hours: float
    """They complete the placement."""
    taster_hours: float
    """So many of them at most may be of another employer's work."""
    source: str


T_LEVELS: Final[Sequence[TLevelRules]] = (
    TLevelRules(
        from_year=2020, hours=315.0, taster_hours=35.0,
        source="Department for Education, T Level industry placements: delivery guidance",
    ),
)  # fmt: skip
"""The earliest first. T Levels began in 2020."""


def t_level(start_year: int) -> TLevelRules:
    """The rules of a start year: those of the last year before it, or of it, for which some were made."""
    return max((each for each in T_LEVELS if each.from_year <= start_year), key=lambda each: each.from_year)


class LeastDuration(Part):
    """How long an apprenticeship lasts at least, breaks not counted."""

    from_day: date
    """The first start date for which it holds."""
    months: int
    source: str


LEAST_DURATIONS: Final[Sequence[LeastDuration]] = (
    LeastDuration(from_day=date(2017, 5, 1), months=12, source="Apprenticeship funding rules, May 2017"),
    LeastDuration(from_day=date(2025, 8, 1), months=8, source="Apprenticeship funding rules, 2025 to 2026"),
)
"""The earliest first. Before it there were no standards."""


def least_months(began_on: date) -> int:
    """How many months an apprenticeship lasts at least that began on a day. Raises ValueError for one before the first rule."""
    return max((each for each in LEAST_DURATIONS if each.from_day <= began_on), key=lambda each: each.from_day).months
