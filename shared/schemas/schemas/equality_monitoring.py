"""What equality-monitoring says, to named readers only: on `equality-monitoring.restricted.v1`, never on an events topic.

Read the choices that a person has, then the declaration, then the three facts. The key and subject is the
monitoring id, random and not the person's. A declaration that was wrong is changed by the person: `MonitoringChanged` is the
correction here. The topic is compacted: the last fact under a key stands, and a tombstone follows a withdrawal.
"""

from enum import StrEnum
from typing import Self

from schemas.fact import Fact
from schemas.values import BusinessDate, Id, Part

SERVICE = "equality-monitoring"
TOPIC = f"{SERVICE}.restricted.v1"
"""Every fact below goes here. Compacted; read by what counts, never by what decides about a person."""


# The choices, each with its words for a page -----------------------------------------------------------------------------


class Choice(StrEnum):
    """An answer as it travels, and as a page says it. Who does not answer chooses nothing: the field is left out."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        choice = str.__new__(cls, code)
        choice._value_ = code
        choice.label = label
        return choice


class EthnicCategory(Choice):
    """The 16+1 categories as the NHS Data Dictionary codes them: I, O and Q are left out of the letters.

    `Z`: asked, and declined to say. `99`: not asked. A category that is missing is neither.
    """

    WHITE_BRITISH = "A", "White British"
    WHITE_IRISH = "B", "White Irish"
    WHITE_OTHER = "C", "Any other White background"
    MIXED_WHITE_AND_BLACK_CARIBBEAN = "D", "Mixed: White and Black Caribbean"
    MIXED_WHITE_AND_BLACK_AFRICAN = "E", "Mixed: White and Black African"
    MIXED_WHITE_AND_ASIAN = "F", "Mixed: White and Asian"
    MIXED_OTHER = "G", "Any other Mixed background"
    INDIAN = "H", "Indian"
    PAKISTANI = "J", "Pakistani"
    BANGLADESHI = "K", "Bangladeshi"
    ASIAN_OTHER = "L", "Any other Asian background"
    BLACK_CARIBBEAN = "M", "Black Caribbean"
    BLACK_AFRICAN = "N", "Black African"
    BLACK_OTHER = "P", "Any other Black background"
    CHINESE = "R", "Chinese"
    OTHER = "S", "Any other ethnic group"
    NOT_STATED = "Z", "Prefer not to say"
    NOT_KNOWN = "99", "Not asked"


ETHNIC_GROUPS: tuple[tuple[str, str], ...] = (
    ("White", "ABC"),
    ("Mixed", "DEFG"),
    ("Asian or Asian British", "HJKL"),
    ("Black or Black British", "MNP"),
    ("Other ethnic groups", "RS"),
)
"""The broad groups of the categories, by code; `Z` and `99` are in none."""


class Sex(Choice):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class AgeBand(Choice):
    """Whole years on the day of the declaration. The first band is the one that programmes for young people are open to."""

    FROM_16_TO_25 = "16-25", "16 to 25"
    FROM_26_TO_35 = "26-35", "26 to 35"
    FROM_36_TO_45 = "36-45", "36 to 45"
    FROM_46_TO_55 = "46-55", "46 to 55"
    FROM_56_TO_65 = "56-65", "56 to 65"
    FROM_66 = "66-or-over", "66 or over"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class Disability(Choice):
    """Whether a condition that lasts 12 months or more limits day-to-day activities."""

    LIMITED_A_LOT = "limited-a-lot", "Yes, a lot"
    LIMITED_A_LITTLE = "limited-a-little", "Yes, a little"
    NOT_LIMITED = "not-limited", "No"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class ReligionOrBelief(Choice):
    NONE = "none", "No religion"
    BUDDHIST = "buddhist", "Buddhist"
    CHRISTIAN = "christian", "Christian, of any denomination"
    HINDU = "hindu", "Hindu"
    JEWISH = "jewish", "Jewish"
    MUSLIM = "muslim", "Muslim"
    SIKH = "sikh", "Sikh"
    OTHER = "other", "Another religion or belief"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class SexualOrientation(Choice):
    HETEROSEXUAL = "heterosexual", "Heterosexual or straight"
    GAY_OR_LESBIAN = "gay-or-lesbian", "Gay or lesbian"
    BISEXUAL = "bisexual", "Bisexual"
    OTHER = "other", "Another orientation"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class GenderReassignment(Choice):
    """Whether the gender that a person identifies with is the sex that was registered at birth."""

    SAME_AS_AT_BIRTH = "same-as-at-birth", "Yes"
    DIFFERENT_FROM_AT_BIRTH = "different-from-at-birth", "No"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class Marriage(Choice):
    """The Equality Act protects these two states; what somebody was before is not asked."""

    MARRIED = "married", "Married"
    CIVIL_PARTNERSHIP = "civil-partnership", "In a civil partnership"
    NEITHER = "neither", "Neither"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class Pregnancy(Choice):
    """Pregnant, or gave birth within the last 26 weeks: the protected period."""

    YES = "yes", "Yes"
    NO = "no", "No"
    PREFER_NOT_TO_SAY = "prefer-not-to-say", "Prefer not to say"


class Declaration(Part):
    """What a person told us of themselves: the nine protected characteristics, each only if they chose to answer."""

    ethnic_category: EthnicCategory | None = None
    sex: Sex | None = None
    age_band: AgeBand | None = None
    disability: Disability | None = None
    religion_or_belief: ReligionOrBelief | None = None
    sexual_orientation: SexualOrientation | None = None
    gender_reassignment: GenderReassignment | None = None
    marriage: Marriage | None = None
    pregnancy: Pregnancy | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is answered. Only what an erasure leaves of a fact is empty."""
        return self == Declaration()


# The facts ---------------------------------------------------------------------------------------------------------------


class Monitored(Fact):
    """Every fact here says whose it is and on which day it was said, in Leeds."""

    person_id: Id
    occurred_on: BusinessDate


class MonitoringDeclared(Monitored, service=SERVICE, aggregate="monitoring"):
    """A person declared characteristics, for monitoring and for nothing else."""

    declaration: Declaration


class MonitoringChanged(Monitored, service=SERVICE, aggregate="monitoring"):
    """A person changed the declaration: this is the whole of it, and what was said before no longer counts."""

    declaration: Declaration


class MonitoringWithdrawn(Monitored, service=SERVICE, aggregate="monitoring"):
    """A person withdrew the declaration: nothing of it may be kept or counted. Declaring again has another monitoring id."""
