"""Facts of a year of the Learning Needs Analysis."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.learning.words import SERVICE, Priority, Weight
from schemas.values import BusinessDate, Code, Id, PartnerId, Sector


class CycleOpened(Step, service=SERVICE, aggregate="cycle"):
    """The city asks its organisations what their people need to learn, for a year, and says how it will rank the answers."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    closes_on: BusinessDate
    """The last day on which needs are submitted."""
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=4)]


class OfLearningNeed(Step):
    """Every fact of a need says whose it is."""

    need_id: Id
    organisation: PartnerId


class LearningNeedSubmitted(OfLearningNeed, service=SERVICE, aggregate="cycle"):
    """An organisation needs people of a role group to learn something."""

    sector: Sector
    role_group: Code
    skill: Code
    people: Annotated[int, Field(ge=1, le=100_000)]
    priority: Annotated[int, Field(ge=1, le=3)]
    """1 is the first."""


class LearningNeedWithdrawn(OfLearningNeed, service=SERVICE, aggregate="cycle"):
    """An organisation does not need it after all."""


class SubmissionsClosed(Step, service=SERVICE, aggregate="cycle"):
    """The last day for needs is over."""


class NeedsConsolidated(Step, service=SERVICE, aggregate="cycle"):
    """The needs of all organisations were brought together by skill, and ranked by the rules of the cycle."""

    priorities: tuple[Priority, ...]


class PrioritiesAgreed(Step, service=SERVICE, aggregate="cycle"):
    """The city agreed which of the ranked skills it will do something about, the first first."""

    skills: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]
    reason: Code | None = None
    """Why, where they are not the first of the ranks in their order."""


class LearningCommissioned(Step, service=SERVICE, aggregate="cycle"):
    """A course was commissioned against an agreed priority."""

    skill: Code
    course_id: Id
    places: Annotated[int, Field(ge=1, le=100_000)]
