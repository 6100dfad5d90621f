"""How much and how closely somebody works, over all hosts together: full time, 48 hours a week on average, 11 hours of rest.

All is asked of the days on which it is worked, by the clock in Leeds: side by side is what falls into one week, and a night shift
at the end of one move may leave no rest before another. The 48 hours are an average over any 17 weeks (Working Time Regulations
1998, regulation 4). That two bookings of one id overlap is not asked here: the database does not take them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple

from kit.errors import Invalid, Refused
from schemas.mobility import Shift

FULL_TIME = 37.5
MOST = 48.0
REST = 11 * 60
LONGEST_DUTY = 24 * 60 - REST
DAY, WEEK = 24 * 60, 7 * 24 * 60
NEAR = timedelta(days=7)
"""How far before and after a move others are looked at for rest between them."""
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


def worked_until(last: date, pattern: Iterable[Shift]) -> date:
    """The day on which what is worked up to a last day is over: a night that begins on it goes on into the next."""
    into_the_next = any(shift.day == last.isoweekday() and "00:00" < shift.ends <= shift.starts for shift in pattern)
    return last + timedelta(days=1) if into_the_next else last


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


def refuse(spells: Sequence[Spell]) -> None:
    """Raises MoreThanFullTime or RestTooShort for a move, the first of its person's `spells`."""
    if (most := most_in_a_week(spells)) > FULL_TIME:
        raise MoreThanFullTime(f"{most:g} hours a week, of {FULL_TIME:g} at most")
    if (longest := longest_duty(spells)) > LONGEST_DUTY:
        raise RestTooShort(f"a duty of {longest / 60:g} hours without 11 hours of rest")


def most_in_a_week(spells: Sequence[Spell]) -> float:
    """The most hours that are lent in a week, from Monday to Sunday, of the first of these spells."""
    return max(
        sum(_hours_lent(monday + timedelta(days=number), spells) for number in range(7))
        for monday in mondays(spells[0])
    )


def mondays(spell: Spell) -> Iterator[date]:
    """The Mondays of the weeks of which a spell has a day."""
    monday = monday_of(spell.first)
    while monday <= spell.last:
        yield monday
        monday += timedelta(days=7)


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


def longest_duty(spells: Sequence[Spell]) -> int:
    """The longest time, in minutes, that begins and ends with work and holds no rest of 11 hours, of those with a part in the first
    spell."""
    first = spells[0]
    longest, began, until, of_it = 0, -WEEK, -WEEK, False
    for start, end, spell in _worked(spells, first.first - NEAR, first.last + NEAR):
        if start - until >= REST:
            began, of_it = start, False
        until, of_it = max(until, end), of_it or spell is first
        longest = max(longest, until - began) if of_it else longest
    return longest


def overlap(one: Spell, other: Spell) -> bool:
    """Whether there is a minute in which both are worked."""
    first, last = max(one.first, other.first) - NEAR, min(one.last, other.last) + NEAR
    worked = list(_worked((one, other), first, last))
    return any(before[2] is not after[2] and before[1] > after[0] for before, after in pairwise(worked))


def _worked(spells: Sequence[Spell], first: date, last: date) -> Iterator[tuple[int, int, Spell]]:
    """The shifts on the days between two, by when they start: from one minute since the first midnight to another, and whose."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        monday = (number - day.weekday()) * DAY
        shifts = [
            (monday + start, monday + end, spell)
            for spell in spells
            if spell.first <= day <= spell.last
            for start, end in spans(shift for shift in spell.pattern if shift.day == day.isoweekday())
        ]
        yield from sorted(shifts, key=lambda each: each[:2])


def _minute(written: str) -> int:
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)
