"""Time: instants in UTC; the business dates that people in Leeds write are in schemas.values."""

from datetime import UTC, date, datetime, time

from schemas.values import LONDON, business_date


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date in Leeds."""
    return business_date(now())


def noon(day: date) -> datetime:
    """The moment that stands for a day of which no hour is known: noon in London is that date in UTC too."""
    return datetime.combine(day, time(12), LONDON).astimezone(UTC)
