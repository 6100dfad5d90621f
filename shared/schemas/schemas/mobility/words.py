"""The words of the trade: why staff are needed, what they work under, checks, training, limits, shifts and money."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.values import BusinessDate, Code, Id, Label, Part, PartnerId, Soc2020

SERVICE = "mobility"


class NeedReason(StrEnum):
    """Why staff are needed."""

    WINTER_PRESSURE = "winter-pressure"
    INDUSTRIAL_ACTION = "industrial-action"
    SICKNESS = "sickness"
    VACANCY = "vacancy"
    SKILLS = "skills"
    OTHER = "other"


class FilledBy(StrEnum):
    """Who took a place: somebody of the organisation itself, or of a partner."""

    OWN_STAFF = "own-staff"
    PARTNER = "partner"


class Basis(StrEnum):
    """The instrument under which somebody works for another organisation. With bank and agency the engager employs."""

    FRAMEWORK_LICENCE = "framework-licence"
    SECONDMENT_AGREEMENT = "secondment-agreement"
    HONORARY_CONTRACT = "honorary-contract"
    BANK = "bank"
    AGENCY = "agency"


class Side(StrEnum):
    HOME = "home"
    HOST = "host"


class Party(StrEnum):
    """The three without whose word a move does not last longer."""

    HOME = "home"
    HOST = "host"
    PERSON = "person"


class EndedBy(StrEnum):
    """Who ended a move before its time."""

    HOST = "host"
    PERSON = "person"
    FRAMEWORK = "framework"


class Awaited(StrEnum):
    """What a move waits for, each from somebody else, and may never get."""

    TAKING_UP = "taking-up"
    AGREEMENT = "agreement"
    CHECKS = "checks"
    HOME_AUTHORISATION = "home-authorisation"
    HOST_AUTHORISATION = "host-authorisation"
    FIRST_DAY_PACK = "first-day-pack"
    INDUCTION = "induction"
    START = "start"
    LOCAL_INDUCTION = "local-induction"
    """The courses of the host's local induction, in which learning enrols who has started."""
    HOURS = "hours"
    """Those of a week that was worked."""


class StatementAwaited(StrEnum):
    """What a statement waits for: that home issues it, that the host agrees or disputes, that a dispute is settled."""

    ISSUE = "issue"
    AGREEMENT = "statement-agreement"
    SETTLEMENT = "settlement"


class Recharge(StrEnum):
    """What the home organisation charges the host for the hours."""

    NONE = "none"
    AT_COST = "at-cost"
    AGREED_RATE = "agreed-rate"


ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day in Leeds: 07:30."""
Level = Annotated[int, Field(ge=1, le=9)]
"""How experienced a role is, by the bands of Agenda for Change or what comes near; 1 is the least."""


class Shift(Part):
    """Hours of work that come back every week. One that ends no later than it starts ends on the next day."""

    day: Annotated[int, Field(ge=1, le=7)]
    """Monday is 1."""
    starts: ClockTime
    ends: ClockTime


class Own(Part):
    """What somebody who is put forward does at home, as far as a need is answered by it."""

    soc2020: Soc2020
    level: Level
    place: Code
    available_from: BusinessDate
    available_until: BusinessDate


class CheckStatus(StrEnum):
    """How far an employment check is. Complete does not say passed: the outcome does."""

    REQUESTED = "requested"
    COMPLETE = "complete"
    NOT_REQUIRED = "not-required"


class CheckAwaiting(StrEnum):
    """Whose move it is while an employment check has no outcome yet."""

    HOLDER = "holder"
    EMPLOYER = "employer"
    THIRD_PARTY = "third-party"


class CheckOutcome(StrEnum):
    """What an employment check came to. One that is satisfactory may be relied on, and no other."""

    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"
    INDETERMINATE = "indeterminate"
    """It was done and shows neither way."""
    REFUSED = "refused"
    """Somebody would not have it done, or would not answer."""


class CheckSeen(Part):
    """An employment check that was satisfactory, and the last day on which it can be relied on, where it has one."""

    kind: Code
    valid_until: BusinessDate | None = None


class CheckNeeded(Part):
    """An employment check that a host asks for. It is taken like for like: the level and workforce that are named, no others."""

    kind: Code
    level: Code | None = None
    workforce: Code | None = None


class CoreSkill(Part):
    """A core skill, as learning names it: a subject at a level, by a version of the framework."""

    framework: Code
    subject: Code
    level: Annotated[int, Field(ge=1, le=4)]


class TrainingNeeded(Part):
    """A course that a host asks for, and how many days ago it may have been completed at most, where that matters."""

    course_id: Id
    title: Label
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    skill: CoreSkill | None = None
    """What it teaches: whoever has a waiver of the host for just this need not complete the course."""


class TrainingSeen(Part):
    """A course that the host asks for, and the last day on which it, or the host's waiver of it, is held."""

    course_id: Id
    title: Label
    valid_until: BusinessDate


class LimitGround(StrEnum):
    """Why somebody may work only so far."""

    STUDENT = "student"
    PERMISSION_TO_WORK = "permission-to-work"


class Term(Part):
    """Days on which a course is taught."""

    first: BusinessDate
    last: BusinessDate


class WorkLimit(Part):
    """How far somebody may work. What is empty is not limited."""

    ground: LimitGround
    weekly_hours: Annotated[float, Field(ge=0, le=60)] | None = None
    """The most hours a week, over all organisations together, those without pay included."""
    terms: Annotated[tuple[Term, ...], Field(max_length=12)] = ()
    """When the hours are limited; without any always."""
    soc2020: Annotated[tuple[Soc2020, ...], Field(max_length=40)] = ()
    """The only kinds of work."""
    hosts: Annotated[tuple[PartnerId, ...], Field(max_length=40)] = ()
    """The only organisations."""
    until: BusinessDate | None = None
    """The last day on which they may work."""


class Vat(StrEnum):
    """Whether the supply of staff is subject to VAT here."""

    STANDARD = "standard"
    EXEMPT = "exempt"
    OUTSIDE_SCOPE = "outside-scope"


Hours = Annotated[float, Field(gt=0, le=24, multiple_of=0.25)]
"""Hours of one day, in quarters, which a float holds exactly."""
Pence = Annotated[int, Field(ge=0, le=1_000_000)]
"""What is charged for the hours of one day, without VAT."""
VersionNumber = Annotated[int, Field(ge=1, le=99)]
NoticeDays = Annotated[int, Field(ge=0, le=366)]
