"""What somebody may do only so far: a student in term, or a permission to work that names hours, work or employer.

The hours of a week are counted from Monday to Sunday over all organisations together, those at home and without pay included. A
week of which any day lies in a term is a week of that term.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from kit.errors import Refused
from mobility.domain.working_time import Spell, hours_of_week, mondays, worked_until
from schemas.mobility import WorkLimit


class NotThisWork(Refused):
    """This kind of work is not among those that the person may do."""


class NotThisHost(Refused):
    """The person may not work for this organisation."""


class MayNotWorkThen(Refused):
    """The person may work up to a day only, and the move goes on after it."""


class MoreThanMayBeWorked(Refused):
    """With all that the person does elsewhere it would be more hours in a week than they may work."""


def refuse(
    limits: Iterable[WorkLimit], soc2020: str, host: str, spells: Sequence[Spell], up_to: date = date.max
) -> None:
    """Raises a refusal for a move, the first of its person's `spells`, that one of the limits does not allow.

    `up_to`: what is worked later is not asked about yet.
    """
    move = spells[0]
    last = min(worked_until(move.last, move.pattern), up_to)
    for limit in limits:
        if limit.soc2020 and soc2020 not in limit.soc2020:
            raise NotThisWork(limit.ground)
        if limit.hosts and host not in limit.hosts:
            raise NotThisHost(limit.ground)
        if limit.until is not None and limit.until < last:
            raise MayNotWorkThen(f"{limit.ground}: up to {limit.until}")
        if limit.weekly_hours is not None:
            for monday in _weeks(limit, move):
                if monday <= up_to and (hours := hours_of_week(monday, spells)) > limit.weekly_hours:
                    raise MoreThanMayBeWorked(
                        f"{hours:g} hours in the week from {monday}, of {limit.weekly_hours:g} at most ({limit.ground})"
                    )


def _weeks(limit: WorkLimit, move: Spell) -> Iterator[date]:
    """The Mondays of the weeks of a move in which its hours are limited."""
    for monday in mondays(move):
        sunday = monday + timedelta(days=6)
        if not limit.terms or any(term.first <= sunday and monday <= term.last for term in limit.terms):
            yield monday
