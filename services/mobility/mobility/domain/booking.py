"""What may be booked of a person's time beside what is booked already, over all hosts and under every id of theirs."""

from collections.abc import Sequence
from datetime import date

from kit.errors import Refused
from kit.step import changed
from mobility.domain import limits, working_time
from mobility.domain.move import LIVE, Deployment
from mobility.domain.working_time import Spell
from schemas.mobility import WorkLimit


class DoubleBooked(Refused):
    """The person's time is booked already: two moves overlap."""


def refuse_hours(move: Deployment, others: Sequence[Deployment]) -> None:
    """Raises a refusal of `working_time`, or DoubleBooked, for a move beside these others."""
    spells = _spells(move, others)
    refuse_overlap(move, others)
    working_time.refuse(spells)
    working_time.refuse_average(spells)


def refuse_booked(move: Deployment, others: Sequence[Deployment]) -> None:
    """Raises what `refuse_hours` does, of all that is booked of a move: up to a later end as well that its person agreed to."""
    refuse_hours(changed(move, last_day=_booked_until(move)), others)


def books_more(move: Deployment, before: Deployment | None) -> bool:
    """Whether a live move books other time than it did: also of what was not live, or not booked."""
    if not _books(move):
        return False
    if before is None or not _books(before):
        return True
    longer = move.starts_on < before.starts_on or _booked_until(move) > _booked_until(before)
    return longer or move.home_hours > before.home_hours or not {*move.pattern} <= {*before.pattern}


def refuse_overlap(move: Deployment, others: Sequence[Deployment]) -> None:
    """Raises DoubleBooked for hours that are booked under another id of the person: that it is one, the database does not know."""
    refuse_taken(move, [other for other in others if other.person_id != move.person_id])


def refuse_taken(move: Deployment, others: Sequence[Deployment]) -> None:
    """Raises DoubleBooked for hours that are booked already: of what is not booked yet, the database does not know."""
    mine, *theirs = _spells(move, others)
    if any(working_time.overlap(mine, spell) for spell in theirs):
        raise DoubleBooked


def refuse_limits(
    within: Sequence[WorkLimit], move: Deployment, others: Sequence[Deployment], up_to: date = date.max
) -> None:
    """Raises a refusal of `limits` for a move that its person may not do, beside these others, up to a day."""
    limits.refuse(within, move.soc2020, move.host, _spells(move, others), up_to)


def _books(move: Deployment) -> bool:
    return move.booked and move.status in LIVE


def _booked_until(move: Deployment) -> date:
    return move.booked_until or move.last_day


def _spells(move: Deployment, others: Sequence[Deployment]) -> list[Spell]:
    """The move up to its last day, and of the others all that is booked."""
    ends = [move.last_day, *map(_booked_until, others)]
    moves = (move, *others)
    return [Spell(each.starts_on, last, each.pattern, each.home_hours) for each, last in zip(moves, ends, strict=True)]
