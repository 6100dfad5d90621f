"""Who may not do the work of people on strike.

Regulation 7 of the Conduct of Employment Agencies and Employment Businesses Regulations 2003: an employment business may not supply
workers for it. In force since 6 April 2004, but not from 21 July 2022 to 9 August 2023.
"""

from datetime import date, timedelta

from kit.errors import Refused
from schemas.mobility import Basis

REGULATION_7 = date(2004, 4, 6)
GAP = (date(2022, 7, 21), date(2023, 8, 9))
SUPPLIED = (Basis.BANK, Basis.AGENCY)
"""The bases under which somebody is supplied by an employment business."""


class StrikeCoverBlocked(Refused):
    """The law does not allow bank or agency staff to do the work of people on strike on that day."""


class InDispute(Refused):
    """Only volunteers who are not in dispute themselves do the work of people on strike."""


def blocked(basis: Basis, day: date) -> bool:
    """Whether the law forbids cover under this basis on a day."""
    return basis in SUPPLIED and day >= REGULATION_7 and not GAP[0] <= day <= GAP[1]


def first_blocked(basis: Basis, first: date, last: date) -> date | None:
    """The first day between two on which cover is forbidden."""
    candidates = (first, REGULATION_7, GAP[1] + timedelta(days=1))
    return next((day for day in sorted(candidates) if first <= day <= last and blocked(basis, day)), None)


def refuse(basis: Basis, first: date, last: date, *, volunteers: bool) -> None:
    """Raises StrikeCoverBlocked or InDispute."""
    if (day := first_blocked(basis, first, last)) is not None:
        raise StrikeCoverBlocked(f"forbidden on {day}", field="basis")
    if not volunteers:
        raise InDispute(field="not_in_dispute")
