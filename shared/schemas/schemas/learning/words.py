"""The words of the trade: what courses are for, who learns, core skills, grounds and reasons, and the small values."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.values import Code, Part, PartnerId, Small

SERVICE = "learning"


class Category(StrEnum):
    """What a course is for. Better Conversations and Springboard are programmes of the city, counted by name."""

    BETTER_CONVERSATIONS = "better-conversations"
    SPRINGBOARD = "springboard"
    SHORT_COURSE = "short-course"
    FACILITATION = "facilitation"
    SYSTEMS_LEADERSHIP = "systems-leadership"
    DIGITAL = "digital"
    CORE_SKILLS = "core-skills"
    INDUCTION = "induction"


class Programme(StrEnum):
    """The kinds of learning that the Board's report tells apart."""

    SHORT_COURSE = "short-course"
    T_LEVEL = "t-level"
    APPRENTICESHIP = "apprenticeship"


class Eligibility(StrEnum):
    """Whom a course is for, where it is not for everybody. Asked for that purpose alone, and never taken from monitoring."""

    WOMEN = "women"


class LearnerKind(StrEnum):
    """Whether a learner is one of the workforce: students and volunteers learn beside it and are counted apart."""

    WORKFORCE = "workforce"
    STUDENT = "student"
    VOLUNTEER = "volunteer"


class CancellationReason(StrEnum):
    WORK = "work"
    ILLNESS = "illness"
    LEFT_THE_ORGANISATION = "left-the-organisation"
    NO_LONGER_NEEDED = "no-longer-needed"
    SWAPPED = "swapped"
    COHORT_CANCELLED = "cohort-cancelled"
    OTHER = "other"


Pence = Annotated[int, Field(ge=0, le=100_000_000)]
Hours = Annotated[float, Field(gt=0, le=2000, multiple_of=0.25)]
"""How long a course takes a learner, in quarters of an hour."""
Rating = Annotated[int, Field(ge=1, le=5)]
"""1 poor to 5 very good."""
Confidence = Annotated[int, Field(ge=1, le=10)]
"""1 not at all to 10 entirely."""


class EnrolledFor(StrEnum):
    """Why somebody is enrolled: they chose it themselves, or start with an employer whose induction it is part of."""

    OWN_CHOICE = "own-choice"
    INDUCTION = "induction"


class EnrolmentEnd(StrEnum):
    """Why an enrolment ended without the course having been completed by it."""

    COMPLETED_IN_COHORT = "completed-in-cohort"
    LEFT_THE_ORGANISATION = "left-the-organisation"
    NO_LONGER_NEEDED = "no-longer-needed"
    OTHER = "other"


class Setting(StrEnum):
    """Which side of the city's work an employer of a T Level student is on: a placement has one of each at most."""

    HEALTH = "health"
    CARE = "care"


class Grade(StrEnum):
    """The end-point assessment of an apprenticeship. Who fails may be assessed again."""

    FAIL = "fail"
    PASS = "pass"
    MERIT = "merit"
    DISTINCTION = "distinction"


Standard = Annotated[str, Field(pattern=r"^ST\d{4}$")]
"""An apprenticeship standard: ST0216 is healthcare support worker."""
StandardVersion = Annotated[str, Field(pattern=r"^\d{1,2}\.\d{1,2}$")]
PlacementHours = Annotated[float, Field(gt=0, le=12, multiple_of=0.25)]
"""Hours of one day."""


class RankedBy(StrEnum):
    """What learning needs can be ranked by."""

    PEOPLE = "people"
    """How many people need it."""
    ORGANISATIONS = "organisations"
    """How many organisations said so."""
    SECTORS = "sectors"
    """How many kinds of organisation said so: health and care together."""
    PRIORITY = "priority"
    """The highest priority that anybody gave it: 3 for the first, 1 for the third."""


class Weight(Part):
    """What one unit of a measure is worth when needs are ranked: a rule that is data."""

    by: RankedBy
    points: Annotated[int, Field(ge=0, le=1000)]


class Reason(Part):
    """One of the reasons of a rank: so much of a measure came to so many points."""

    by: RankedBy
    measure: Small
    points: Small


class Priority(Part):
    """A collective priority: a skill, its rank among all, and why."""

    rank: Annotated[int, Field(ge=1, le=1000)]
    skill: Code
    people: Small
    points: Small
    reasons: tuple[Reason, ...]


class Subject(StrEnum):
    """The eleven subjects of the Core Skills Training Framework."""

    EQUALITY_DIVERSITY_AND_HUMAN_RIGHTS = "equality-diversity-and-human-rights"
    HEALTH_SAFETY_AND_WELFARE = "health-safety-and-welfare"
    CONFLICT_RESOLUTION = "conflict-resolution"
    FIRE_SAFETY = "fire-safety"
    INFECTION_PREVENTION_AND_CONTROL = "infection-prevention-and-control"
    MOVING_AND_HANDLING = "moving-and-handling"
    SAFEGUARDING_ADULTS = "safeguarding-adults"
    PREVENTING_RADICALISATION = "preventing-radicalisation"
    SAFEGUARDING_CHILDREN = "safeguarding-children"
    RESUSCITATION = "resuscitation"
    INFORMATION_GOVERNANCE_AND_DATA_SECURITY = "information-governance-and-data-security"


class TrainingSource(StrEnum):
    """Where it is known from that somebody was trained."""

    COHORT = "cohort"
    LEARNING_SYSTEM = "learning-system"
    ESR = "esr"
    ASC_WDS = "asc-wds"
    CERTIFICATE = "certificate"


class Ground(StrEnum):
    """On what a host accepts training that it did not give."""

    MEMORANDUM = "memorandum"
    """Between bodies of the NHS."""
    ALIGNMENT = "alignment"
    """Who gave it had declared to be aligned to the framework for the subject."""
    LEEDS_FRAMEWORK = "leeds-framework"
    CERTIFICATE_SEEN = "certificate-seen"


class Rejection(StrEnum):
    """Why a host does not accept training that it did not give. The last two only the host can know."""

    OUT_OF_DATE = "out-of-date"
    ANOTHER_FRAMEWORK = "another-framework"
    LEVEL_NOT_EQUIVALENT = "level-not-equivalent"
    NOT_ALIGNED = "not-aligned"
    IDENTITY_NOT_MATCHED = "identity-not-matched"
    CERTIFICATE_NOT_SEEN = "certificate-not-seen"


Level = Annotated[int, Field(ge=1, le=4)]
"""Of a subject of the framework; 1 where it has no levels."""
Months = Annotated[int, Field(ge=1, le=120)]


class Skill(Part):
    """What a course of core skills teaches: a subject at a level, by a version of the framework."""

    framework: Code
    """The framework and its version: `cstf-england-1-1`."""
    subject: Subject
    level: Level


class Share(Part):
    """Places that a partner has to itself until they are released."""

    organisation: PartnerId
    places: Annotated[int, Field(ge=1, le=500)]
