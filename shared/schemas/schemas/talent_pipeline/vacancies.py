"""Facts of a vacancy: drafted, authorised, advertised, its posts filled one by one."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.talent_pipeline.words import SERVICE, Role, VacancyOutcome
from schemas.values import BusinessDate, Code, Id, PartnerId, Small, Soc2020


class Opening(Step):
    """What vacancies are counted by."""

    employer: PartnerId
    soc2020: Soc2020


class VacancyDrafted(Opening, service=SERVICE, aggregate="vacancy"):
    """An employer described posts that it wants to fill."""

    role: Role
    posts: Annotated[int, Field(ge=1, le=500)]
    accepts_values_pass: bool
    """Whether a values interview passed with another employer counts here while it is in date."""


class VacancyAuthorised(Opening, service=SERVICE, aggregate="vacancy"):
    """The employer agreed to pay for the posts."""


class VacancyAdvertised(Opening, service=SERVICE, aggregate="vacancy"):
    """Posts were advertised, for the first time or again."""

    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    shared: bool
    """On a channel that the partners share, not on the employer's own alone."""
    closes_on: BusinessDate


class VacancyClosed(Opening, service=SERVICE, aggregate="vacancy"):
    """Applications are no longer taken."""


class VacancyConcluded(Opening, service=SERVICE, aggregate="vacancy"):
    """Recruitment to the vacancy ended, with or without its posts filled."""

    outcome: VacancyOutcome
    posts: Small
    filled: Small


class VacancyWithdrawn(Opening, service=SERVICE, aggregate="vacancy"):
    """The employer no longer wants to fill the posts."""

    reason: Code


class PostFilled(Opening, service=SERVICE, aggregate="vacancy"):
    """A starter took one of the posts."""

    candidacy_id: Id
    posts: Small
    filled: Small
    """How many are filled with this one."""


class PostReleased(Opening, service=SERVICE, aggregate="vacancy"):
    """A post that was said to be filled is free: the start that filled it was taken back."""

    candidacy_id: Id
    posts: Small
    filled: Small
    """How many are filled without this one."""
