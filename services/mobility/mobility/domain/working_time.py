"""How much and how closely somebody works, over all hosts together: full time, 48 hours a week on average, 11 hours of rest.

A pattern comes back every week, so for full time and rest a week that begins again is all there is to look at. The 48 hours are an
average over any 17 weeks (Working Time Regulations 1998, regulation 4). That two bookings overlap is not asked here: the database
does not take them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from kit.errors import Invalid, Refused
from schemas.mobility import Shift

FULL_TIME = 37.5
MOST = 48.0
REST = 11 * 60
LONGEST_DUTY = 24 * 60 - REST
DAY, WEEK = 24 * 60, 7 * 24 * 60
REFERENCE_WEEKS = 17
REFERENCE = 7 * REFERENCE_WEEKS
"""Days over which the hours of a week are averaged."""

Span = tuple[int, int]
"""From one minute of the week to another; the end may lie in the next week."""


class Spell(NamedTuple):
    """Days of work for a host, and the hours a week that go on at home meanwhile."""

    first: date
    last: date
    pattern: Sequence[Shift]
    home_hours: float


class OverlappingShifts(Invalid):
    """Two shifts of the pattern overlap."""


class MoreThanFullTime(Refused):
    """With the other moves at the same time it would be more than full time."""


class MoreThan48Hours(Refused):
    """With the hours at home and the other moves it would be more than 48 hours a week, on average over 17 weeks."""


class RestTooShort(Refused):
    """With the other moves there would not be 11 hours of rest in every 24."""


def monday_of(day: date) -> date:
    """The first day of the week of a day."""
    return day - timedelta(days=day.weekday())


def spans(pattern: Iterable[Shift]) -> list[Span]:
    """The shifts of a week, by when they start."""
    found = []
    for shift in pattern:
        starts, ends = _minute(shift.starts), _minute(shift.ends)
        first = (shift.day - 1) * DAY
        found.append((first + starts, first + ends + (DAY if ends <= starts else 0)))
    return sorted(found)


def weekly_hours(pattern: Sequence[Shift]) -> float:
    """What a pattern comes to, in hours. Raises OverlappingShifts."""
    week = spans(pattern)
    after = [*week[1:], (week[0][0] + WEEK, week[0][1] + WEEK)]
    if any(span[1] > following[0] for span, following in zip(week, after, strict=True)):
        raise OverlappingShifts(field="pattern")
    return sum(end - start for start, end in week) / 60


def refuse(patterns: Sequence[Sequence[Shift]]) -> None:
    """Raises MoreThanFullTime or RestTooShort for patterns that are worked side by side."""
    lent = sum(weekly_hours(pattern) for pattern in patterns)
    if lent > FULL_TIME:
        raise MoreThanFullTime(f"{lent:g} hours a week, of {FULL_TIME:g} at most")
    if (longest := longest_duty([shift for pattern in patterns for shift in pattern])) > LONGEST_DUTY:
        raise RestTooShort(f"a duty of {longest / 60:g} hours without 11 hours of rest")


def refuse_average(spells: Sequence[Spell]) -> None:
    """Raises MoreThan48Hours for spells of one person."""
    if (most := highest_average(spells)) > MOST:
        raise MoreThan48Hours(f"{most:.4g} hours a week over {REFERENCE_WEEKS} weeks")


def highest_average(spells: Sequence[Spell]) -> float:
    """The most hours a week that come together in any 17 weeks. Who is lent to nobody works full time at home.

    Of spells side by side the hours at home are the most that was said, worked from Monday to Friday. A shift counts on the day on
    which it starts.
    """
    first = min(spell.first for spell in spells) - timedelta(days=REFERENCE - 1)
    last = max(spell.last for spell in spells) + timedelta(days=REFERENCE - 1)
    days = [_hours_on(first + timedelta(days=number), spells) for number in range((last - first).days + 1)]
    sums = [0.0, *accumulate(days)]
    return max(after - before for before, after in zip(sums, sums[REFERENCE:], strict=False)) / REFERENCE_WEEKS


def hours_of_week(monday: date, spells: Sequence[Spell]) -> float:
    """The hours of one week of these spells, and at home beside them. A shift counts on the day on which it starts."""
    days = [monday + timedelta(days=number) for number in range(7)]
    at_home = [spell.home_hours for spell in spells if spell.first <= days[-1] and monday <= spell.last]
    return max(at_home, default=0) + sum(_hours_lent(day, spells) for day in days)


def _hours_on(day: date, spells: Sequence[Spell]) -> float:
    at_home = max((spell.home_hours for spell in spells if spell.first <= day <= spell.last), default=FULL_TIME)
    return (at_home / 5 if day.isoweekday() <= 5 else 0) + _hours_lent(day, spells)


def _hours_lent(day: date, spells: Sequence[Spell]) -> float:
    there = (spell for spell in spells if spell.first <= day <= spell.last)
    shifts = (shift for spell in there for shift in spell.pattern if shift.day == day.isoweekday())
    return sum(end - start for start, end in spans(shifts)) / 60


def longest_duty(shifts: Sequence[Shift]) -> int:
    """The longest time, in minutes, that begins and ends with work and holds no rest of 11 hours."""
    longest, week = 0, spans(shifts)
    began, until = week[0]
    for start, end in [*week[1:], *((start + WEEK, end + WEEK) for start, end in week)]:
        began = start if start - until >= REST else began
        until = max(until, end)
        longest = max(longest, until - began)
    return max(longest, week[0][1] - week[0][0])


def _minute(written: str) -> int:
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)
