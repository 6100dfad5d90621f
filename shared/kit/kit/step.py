"""What the steps of every aggregate have in common: a command, its date, and how it is refused. Pure: a domain may use it."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, TypeVar

from pydantic import ConfigDict

from kit.errors import Invalid, Refused, slug
from schemas.fact import Fact
from schemas.values import LONDON, BusinessDate, Part, business_date

State = TypeVar("State", bound=Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An order to an aggregate. It may be entered late: it says on which day it happened.

    A command without states in it is what a caller sends, as JSON: its fields have the formats of the facts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    occurred_on: BusinessDate | None = None
    """Default: today, in Leeds."""


class NotInThisState(Refused):
    """Its state does not allow that."""


class InTheFuture(Invalid):
    """It is dated in the future."""


class BeforeTheStepItFollows(Invalid):
    """It is dated before the step that it follows."""


class CannotFollow(Exception):
    """A fact that cannot follow: the history would make no sense."""

    def __init__(self, fact: Fact, state: object) -> None:
        self.fact = fact
        super().__init__(f"{fact.TYPE} cannot follow {getattr(state, 'status', 'nothing')}")


def day_of(command: Command, now: datetime, *, after: date | None = None) -> date:
    """The business date of a command. Raises InTheFuture or BeforeTheStepItFollows."""
    today = business_date(now)
    day = command.occurred_on or today
    if day > today:
        raise InTheFuture(field="occurred_on")
    if after is not None and day < after:
        raise BeforeTheStepItFollows(f"the step before it is dated {after}", field="occurred_on")
    return day


def end_of(day: date) -> datetime:
    """The moment at which a day is over in Leeds, in UTC: 23 to 25 hours after it began."""
    return start_of(day + timedelta(days=1))


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Leeds, in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def years_later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of the month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def changed(state: State, **changes: object) -> State:
    """The state with these fields changed."""
    unknown = changes.keys() - type(state).model_fields.keys()
    if unknown:
        raise TypeError(f"{type(state).__name__} has no {', '.join(sorted(unknown))}")
    return state.model_copy(update=changes)


def names(commands: Iterable[type[Command]]) -> tuple[str, ...]:
    """Commands as a caller knows them: `MakeOffer` -> `make-offer`."""
    return tuple(slug(command.__name__) for command in commands)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody has to do next."""

    who: str
    """A kind of people or organisation, by the service's own list."""
    why: str
    """A code of what it is."""
    since: date
