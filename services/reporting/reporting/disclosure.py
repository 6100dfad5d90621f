"""The one door: no number leaves the service but as a `Cell`, and only here is a cell made.

`published_hes5`, the default everywhere, is the rule of NHS Hospital Episode Statistics since 2018: counts of people from 1 to
7 are hidden, others rounded to the nearest 5, none stays 0; percentages come from the rounded parts, whole, and are hidden with
either part or where the rounded denominator is below 25; sums and medians are hidden where 1 to 7 people stand behind them, and
sums are rounded like counts, money after the count of people. No mean is shown below eight answers, whoever asks. A share of
people that is shown as 0% or 100% is marked, however many they are: whoever knows that somebody is among them knows it of them.
Counts of organisations are exempt. Moments are given to the day, so that nobody can watch one event arrive; and it is counted
as at today or the last day of a month, so that nobody who asks for one day after another learns on which a count went up.
`internal_exact` hides nothing else, is for named roles only, and every use of it is logged.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from reporting.metrics.metric import Subject
from schemas.values import LONDON, business_date

HIDDEN: Final = "*"
FEWEST: Final = 8
"""The smallest count of people that is published, and of answers whose mean is shown."""
BASE: Final = 5
FEWEST_FOR_SHARE: Final = 25
"""The smallest rounded denominator under which a percentage is published."""
EXACT_ROLES: Final = ("board", "programme-manager", "auditor")


class Profile(StrEnum):
    """By which rule numbers leave."""

    PUBLISHED = "published_hes5"
    EXACT = "internal_exact"


WORDS: Final = {
    Profile.PUBLISHED: "Published: counts of people from 1 to 7, and what is a sum, a middle value or a mean of so few, are hidden "
    "(*); others are rounded to the nearest 5; percentages are worked out from the rounded counts.",
    Profile.EXACT: "Exact, not for publication: small numbers may identify people. This use has been logged.",
}


class Cell(BaseModel):
    """A number as it may be seen."""

    model_config = ConfigDict(frozen=True)

    number: float | int | None = Field(description="null where it is hidden, or where there is none")
    text: str = Field(description="as it is to be shown: 120, 95%, * where it is hidden")
    hidden: bool = Field(description="whether the disclosure rule hides it")
    everybody: bool = Field(False, description="a share of 0% or 100%: it says the same of everybody who is counted")

    def __str__(self) -> str:
        return self.text


class Moment(BaseModel):
    """A time as it may be seen."""

    model_config = ConfigDict(frozen=True)

    at: datetime | date | None
    text: str

    def __str__(self) -> str:
        return self.text


_NONE: Final = Cell(number=None, text="none", hidden=False)
_HIDDEN: Final = Cell(number=None, text=HIDDEN, hidden=True)


@dataclass(frozen=True, slots=True)
class Door:
    """The disclosure rule in force for one answer, and what is counted in it."""

    profile: Profile
    subject: Subject = Subject.PEOPLE

    @property
    def exact(self) -> bool:
        return self.profile is Profile.EXACT or self.subject is not Subject.PEOPLE

    def count(self, n: int, people: int | None = None) -> Cell:
        """How many, as it may be seen; `people`: whose they are, where one person may have several."""
        if self.exact or n == 0:
            return _whole(n)
        return _HIDDEN if _fewest(n, people) < FEWEST else _whole(_rounded(n))

    def share(self, numerator: int, denominator: int, holders: int | None = None, people: int | None = None) -> Cell:
        """The one as a whole percentage of the other, as it may be seen; `holders` and `people`: whose these are, where one person
        may have several."""
        if denominator == 0:
            return _NONE
        if self.exact:
            return self._percent(numerator, denominator)
        if (
            0 < _fewest(numerator, holders) < FEWEST
            or _fewest(denominator, people) < FEWEST
            or _rounded(denominator) < FEWEST_FOR_SHARE
        ):
            return _HIDDEN
        return self._percent(_rounded(numerator), _rounded(denominator))

    def _percent(self, numerator: int, denominator: int) -> Cell:
        share = round(100 * numerator / denominator)
        everybody = self.subject is Subject.PEOPLE and share in (0, 100)
        return Cell(number=share, text=f"{share}%", hidden=False, everybody=everybody)

    def sum(self, value: float | None, n: int) -> Cell:
        """What n people's amounts come to, as it may be seen."""
        if value is None or n == 0:
            return _whole(0)
        if not self.exact and n < FEWEST:
            return _HIDDEN
        return _hundredths(value) if self.exact else _whole(_rounded(value))

    def median(self, value: float | None, n: int) -> Cell:
        """The middle of n values, as it may be seen."""
        if value is None or n == 0:
            return _NONE
        if not self.exact and n < FEWEST:
            return _HIDDEN
        return Cell(number=value, text=f"{value:g}", hidden=False)

    def pounds(self, value: float | None, n: int) -> Cell:
        """The money that n people's amounts come to, as it may be seen. Published it is worked out from the rounded count: where
        all have one price, the sum would tell how many they are."""
        if value is None or n == 0:
            return _pounds(0)
        if self.exact:
            return _pounds(value)
        return _HIDDEN if n < FEWEST else _pounds(_rounded(value * _rounded(n) / n))

    def mean(self, value: float | None, n: int) -> Cell:
        """The mean of what n people answered, to a tenth. Below eight none is shown, by any rule: it would say more of those who
        answered than of what they were asked."""
        if value is None or n == 0:
            return _NONE
        return _HIDDEN if n < FEWEST else Cell(number=round(value, 1), text=f"{value:.1f}", hidden=False)

    def moment(self, moment: datetime | None) -> Moment:
        """When, as it may be seen: to the day, unless the answer is exact."""
        if moment is None:
            return Moment(at=None, text="never")
        day = business_date(moment)
        if self.profile is Profile.EXACT:
            return Moment(at=moment, text=f"{in_words(day)}, {moment.astimezone(LONDON):%H:%M:%S}")
        return Moment(at=day, text=in_words(day))


def is_published(as_at: date, today: date) -> bool:
    """Whether figures are published as at a day: today, or the last day of a month."""
    return as_at == today or (as_at + timedelta(days=1)).day == 1


def in_words(day: date) -> str:
    """`24 November 2026`."""
    return f"{day.day} {day:%B %Y}"


def _fewest(n: int, people: int | None) -> int:
    return n if people is None else min(n, people)


def _rounded(n: float) -> int:
    return BASE * round(n / BASE)


def _whole(n: int) -> Cell:
    return Cell(number=n, text=f"{n:,}", hidden=False)


def _hundredths(value: float) -> Cell:
    return Cell(number=value, text=f"{value:,.2f}".rstrip("0").rstrip("."), hidden=False)


def _pounds(value: float) -> Cell:
    return Cell(number=value, text=f"£{value:,.2f}".removesuffix(".00"), hidden=False)
