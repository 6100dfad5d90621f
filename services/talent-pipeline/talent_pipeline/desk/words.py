"""What things are called to those who work with them."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.personal import in_full
from schemas.talent_pipeline import CheckKind, NhsValue, PriorEmployment, RedirectedTo, Regulator
from schemas.values import LONDON
from talent_pipeline.domain import appointable, candidacy, engagement, fair, vacancy
from talent_pipeline.pages.words import CHECK, check_name

PLACES: Mapping[str, str] = MappingProxyType({
    candidacy.AGGREGATE: "candidacies",
    vacancy.AGGREGATE: "vacancies",
    engagement.AGGREGATE: "engagements",
    appointable.AGGREGATE: "appointables",
    fair.AGGREGATE: "fairs",
})  # fmt: skip
"""Where a record of each kind is, as in the API."""

KINDS: Mapping[str, str] = MappingProxyType({
    candidacy.AGGREGATE: "Application",
    vacancy.AGGREGATE: "Vacancy",
    engagement.AGGREGATE: "Interest",
    appointable.AGGREGATE: "Place in the pool",
    fair.AGGREGATE: "Recruitment fair",
})  # fmt: skip

WHO: Mapping[str, str] = MappingProxyType({
    "candidate": "The candidate",
    "coordinator": "The coordinator",
    "employer": "The employer",
    "third-party": "Somebody else, such as a referee",
})  # fmt: skip
"""Whose move it is."""

WHY: Mapping[str, str] = MappingProxyType({
    "shortlist": "Read the application",
    "interview": "Interview on the values",
    "offer-or-not-appoint": "Make an offer, or say no",
    "no-post-left": "Say no: no post is left",
    "not-appoint": "Say no: the values interview was not passed",
    "clear": "Clear the candidate: every check is done",
    "agree-start": "Agree the first day",
    "say-whether-started": "Say whether they started",
    "risk-assessment-over": "Decide: the risk assessment has run out, and not every check is done",
    "redirect-or-pool": "Find another post: appointable, and none was left",
    "authorise": "Authorise the vacancy",
    "advertise": "Advertise the vacancy",
    "conclude": "Conclude the recruitment",
    "triage": "Triage to a spoke",
    "find-a-vacancy": "Find a vacancy for a member of the pool",
    "say-whether-held": "Say whether the fair was held",
})  # fmt: skip

COLOURS: Mapping[str, str] = MappingProxyType({
    "applied": "blue", "shortlisted": "blue", "interviewed": "blue", "advertised": "blue", "registered": "blue",
    "offered": "aqua-green", "cleared": "aqua-green", "authorised": "aqua-green", "available": "aqua-green",
    "start-agreed": "green", "started": "green", "filled": "green", "part-filled": "green", "held": "green", "placed": "green",
    "draft": "yellow", "planned": "yellow",
})  # fmt: skip
"""Of a status; an end without a start is grey."""

LABELS: Mapping[str, str] = MappingProxyType({
    "employer": "Employer", "title": "Role", "grade": "Grade", "pay_framework": "Pay", "weekly_hours": "Hours a week",
    "contract": "Contract", "soc2020": "Occupation (SOC 2020)", "posts": "Posts", "filled": "Filled", "name": "Name",
    "vacancy_id": "Vacancy", "engagement_id": "Interest", "route": "Route", "source": "How they came", "spoke": "Spoke",
    "employment_status": "At first meeting", "applied_on": "Applied", "registered_on": "Registered", "channel": "Channel",
    "qr_asset": "Poster or leaflet", "supply_partner": "Sent by", "partner": "Met by",
    "drafted_on": "Drafted", "advertised_on": "Advertised", "closes_on": "Closes", "channels": "Channels",
    "planned_for": "Planned for",
    "shared": "On a shared channel", "accepts_values_pass": "Takes another employer's values pass",
    "values_outcome": "Values interview", "values_valid_until": "Values pass until", "start_on": "First day",
    "started_on": "Started", "risk_assessed_until": "Risk assessment until", "redirected_to": "Passed on to",
    "reason": "Reason", "stage": "How far it had come", "kind": "What", "number": "Number", "level": "Level",
    "status": "How far", "outcome": "Outcome", "awaiting": "Whose move", "valid_until": "Valid until",
    "framework": "Scored by", "panel": "Panel", "weeks": "Weeks", "days_away": "Days away", "until": "Until", "to": "To",
    "prior_employment": "Came from", "new_to_system": "New to health and care in Leeds", "destination": "Towards",
    "provider": "Provider", "programme": "Programme", "to_employer": "To the employer", "passed_with": "Passed with",
    "available_from": "Available from", "expires_on": "Kept until", "offered_as": "Offered as", "candidacy_id": "Application",
    "employers": "Employers", "attended": "Visitors", "supports": "Times helped", "regulator": "Regulator",
    "to_candidacy_id": "Became", "passed_in": "Passed in",
})  # fmt: skip
"""Fields of states and facts that say something to a reader; the others are passed over."""

LINKS: Mapping[str, str] = MappingProxyType({
    "vacancy_id": vacancy.AGGREGATE, "engagement_id": engagement.AGGREGATE, "candidacy_id": candidacy.AGGREGATE,
    "offered_as": candidacy.AGGREGATE, "to_candidacy_id": candidacy.AGGREGATE,
})  # fmt: skip
"""Fields that name another record, with its kind."""

VACANCY: tuple[str, ...] = tuple(vacancy.Status)

ORGANISATIONS = frozenset({
    "employer", "employers", "panel", "partner", "passed_with", "provider", "supply_partner", "to_employer",
})  # fmt: skip

ABBREVIATED = frozenset({"DBS", "NHS", "ICB", *(each.upper() for each in Regulator)})

VALUES: Mapping[NhsValue, str] = MappingProxyType({
    NhsValue.WORKING_TOGETHER_FOR_PATIENTS: "Working together for patients",
    NhsValue.RESPECT_AND_DIGNITY: "Respect and dignity",
    NhsValue.COMMITMENT_TO_QUALITY_OF_CARE: "Commitment to quality of care",
    NhsValue.COMPASSION: "Compassion",
    NhsValue.IMPROVING_LIVES: "Improving lives",
    NhsValue.EVERYONE_COUNTS: "Everyone counts",
})  # fmt: skip

CAME_FROM: Mapping[PriorEmployment, str] = MappingProxyType({
    PriorEmployment.LEEDS_HEALTH_CARE: "Health or care in Leeds",
    PriorEmployment.OTHER_HEALTH_CARE: "Health or care elsewhere",
    PriorEmployment.OTHER_SECTOR: "Other work",
    PriorEmployment.UNEMPLOYED: "No work",
    PriorEmployment.EDUCATION: "Education",
    PriorEmployment.UNKNOWN: "Not known",
})  # fmt: skip


REDIRECTED: Mapping[RedirectedTo, str] = MappingProxyType({
    RedirectedTo.EMPLOYER: "Another employer",
    RedirectedTo.PROGRAMME: "A programme",
    RedirectedTo.ASSOCIATED_SECTOR: "An associated sector",
    RedirectedTo.WIDER_WEST_YORKSHIRE: "Wider West Yorkshire",
})  # fmt: skip


def why(code: str) -> str:
    """What there is to do, in words: `check-reference-2` -> `Reference 2`."""
    if code.startswith("check-"):
        kind, _, number = code.removeprefix("check-").rpartition("-")
        return f"Check: {check_name(CheckKind(kind), int(number))}"
    return WHY.get(code, plain(code))


def actor(subject: str, me: str) -> str:
    """Who said something, to somebody who reads it."""
    kind, _, name = subject.partition(":")
    if subject == me:
        return "you"
    if kind == "partner":
        return f"{called(name)}, by their system"
    return {"candidate": "the candidate", "deadline": "by itself, on its day"}.get(subject, subject)


def called(organisation: str) -> str:
    """An organisation, as it is written: `leeds-city-council` -> `Leeds City Council`."""
    words = (word.upper() if word.upper() in ABBREVIATED else word.capitalize() for word in organisation.split("-"))
    return " ".join(words)


def plain(code: str) -> str:
    """A code in words: `start-agreed` -> `Start agreed`."""
    text = " ".join(word.upper() if word.upper() in ABBREVIATED else word for word in code.split("-"))
    return text[:1].upper() + text[1:]


def text_of(field: str, value: Any) -> str:
    """A field's value as a reader sees it."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case CheckKind():
            return CHECK[value]
        case PriorEmployment():
            return CAME_FROM[value]
        case Enum():
            return plain(str(value))
        case datetime():
            return moment(value)
        case date():
            return in_full(value)
        case UUID():
            return short(value)
        case tuple() | list():
            return ", ".join(text_of(field, each) for each in value)
        case float():
            return f"{value:g}"
        case str() if field in ORGANISATIONS:
            return called(value)
        case str() if field in ("reason", "spoke", "programme", "channel", "channels", "pay_framework", "framework"):
            return plain(value)
        case _:
            return str(value)


def ago(days: int) -> str:
    """How long something waits, or when it will: a first day may be agreed, and a fair planned, weeks ahead."""
    if days < 0:
        return "from tomorrow" if days == -1 else f"in {-days} days"
    return "since today" if days == 0 else "1 day" if days == 1 else f"{days} days"


def moment(value: datetime) -> str:
    """An instant as the clock in Leeds showed it."""
    local = value.astimezone(LONDON)
    return f"{in_full(local.date())}, {local:%H:%M}"


def short(id_: UUID) -> str:
    """Enough of an id to tell two rows of a list apart: its random end."""
    return str(id_)[-8:]
