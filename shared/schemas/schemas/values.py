"""The formats that more than one service's events use, each with its rule."""

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

LONDON = ZoneInfo("Europe/London")
Moment = TypeVar("Moment", date, datetime)
EARLIEST, LATEST = 1900, 2100  # years; PostgreSQL and Python agree on everything between them


def _printable(text: str) -> str:
    """Text that a page can show and PostgreSQL can keep: NFC, no control, bidirectional or surrogate character."""
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text):
        raise ValueError("must hold no control or invisible character")
    return unicodedata.normalize("NFC", text)


def _in_range(moment: Moment) -> Moment:
    if not EARLIEST <= moment.year < LATEST:
        raise ValueError(f"must lie between the years {EARLIEST} and {LATEST}")
    return moment


def business_date(moment: datetime) -> date:
    """The date that the calendar in Leeds shows at this moment."""
    return moment.astimezone(LONDON).date()


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""A word of a list that is data: `supply-partner`, `no-transport`. Lower case, digits, single hyphens."""

PartnerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""An organisation, as its topics spell it: `leeds-teaching-hospitals`. Many have no ODS code, so none is asked."""

Label = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), AfterValidator(_printable)
]
"""A short name of a thing, never of a person: a role's title, a campaign's name."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
"""A partner's own name for one of its records. Never on a topic that another partner or service reads."""

BusinessDate = Annotated[date, AfterValidator(_in_range)]
"""A day as people in Leeds write it (Europe/London)."""

Instant = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""A moment with its offset; stored and compared in UTC."""

Lsoa = Annotated[str, StringConstraints(pattern=r"^E01\d{6}$")]
Ward = Annotated[str, StringConstraints(pattern=r"^E05\d{6}$")]
Soc2020 = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Small = Annotated[int, Field(ge=0, le=1_000_000)]
"""A number of people, posts, hours or weeks."""

WeeklyHours = Annotated[float, Field(gt=0, le=60, multiple_of=0.25)]
"""Contracted hours a week in quarters, which a float holds exactly: 37.5."""

Id = UUID
"""A random id that we issued. It says nothing of what it names."""


class Sector(StrEnum):
    """The kind of organisation. Said by the programme: a code of the organisation does not give it away."""

    NHS_TRUST = "nhs-trust"
    LOCAL_AUTHORITY = "local-authority"
    INTEGRATED_CARE_BOARD = "integrated-care-board"
    PRIMARY_CARE = "primary-care"
    THIRD_SECTOR = "third-sector"
    INDEPENDENT_PROVIDER = "independent-provider"
    EDUCATION = "education"


class Part(BaseModel):
    """A group of fields inside a message, as frozen and exact as the message."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


__all__ = [
    "LONDON",
    "BusinessDate",
    "Code",
    "Id",
    "Instant",
    "Label",
    "Lsoa",
    "Part",
    "PartnerId",
    "Reference",
    "Sector",
    "Small",
    "Soc2020",
    "Ward",
    "WeeklyHours",
    "business_date",
]  # fmt: skip
