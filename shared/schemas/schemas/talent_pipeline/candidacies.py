"""Facts of a candidacy: from the application to a job that is kept, or to another end."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.talent_pipeline.words import (
    SERVICE,
    Awaiting,
    CheckKind,
    CheckOutcome,
    CheckRequired,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    DeclineReason,
    EmploymentStatus,
    LeavingReason,
    NewToSystem,
    NotAppointedReason,
    OfferWithdrawnReason,
    PriorEmployment,
    RedirectedTo,
    Route,
    Source,
    StaffGroup,
    Stage,
    ValueScore,
    ValuesOutcome,
    WithdrawalReason,
)
from schemas.values import BusinessDate, Code, Id, PartnerId, Soc2020, Ward, WeeklyHours


class Journey(Step):
    """What candidacies are counted by, at every stage the same."""

    person_id: Id
    vacancy_id: Id
    employer: PartnerId
    soc2020: Soc2020
    route: Route
    campaign_id: Id | None = None


class ApplicationSubmitted(Journey, service=SERVICE, aggregate="candidacy"):
    """A person applied for a vacancy."""

    engagement_id: Id
    source: Source
    ward: Ward | None = None
    employment_status: EmploymentStatus
    """As it was at first engagement."""
    staff_group: StaffGroup | None = None
    weekly_hours: WeeklyHours
    regulated: bool
    accepts_values_pass: bool
    checks: tuple[CheckRequired, ...]
    """What role and employer require before a start."""
    redirected_from: Id | None = None
    """The candidacy with another employer that was redirected here."""


class ApplicationShortlisted(Journey, service=SERVICE, aggregate="candidacy"):
    """The application met the criteria: the candidate is invited to interview."""


class ValuesInterviewCompleted(Journey, service=SERVICE, aggregate="candidacy"):
    """A panel interviewed the candidate on the six values."""

    framework: Code
    """The version of the scoring framework."""
    scores: Annotated[tuple[ValueScore, ...], Field(min_length=6, max_length=6)]
    panel: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=9)]
    """The organisation of each member."""
    outcome: ValuesOutcome
    valid_until: BusinessDate | None = None
    """A pass is shared with other employers until this day; a fail never."""


class ValuesPassAccepted(Journey, service=SERVICE, aggregate="candidacy"):
    """A values interview passed with another employer was accepted in place of a new one."""

    passed_in: Id
    """The candidacy in which it was passed."""
    valid_until: BusinessDate


class OfferMade(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer made a conditional offer: the employment checks begin."""


class EmploymentCheckUpdated(Journey, service=SERVICE, aggregate="candidacy"):
    """An employment check moved on, or ended with an outcome."""

    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)]
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    status: CheckStatus
    outcome: CheckOutcome | None = None
    awaiting: Awaiting
    valid_until: BusinessDate | None = None


class EmploymentCheckExpired(Journey, service=SERVICE, aggregate="candidacy"):
    """A check that was satisfactory ran out: it must be made again."""

    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)]


class CandidateCleared(Journey, service=SERVICE, aggregate="candidacy"):
    """Every check that is required is satisfactory, or a risk assessment covers the rest until a day."""

    risk_assessed: tuple[CheckRequired, ...]
    """The checks that the risk assessment covers; empty: none was needed."""
    risk_assessed_until: BusinessDate | None = None


class RiskAssessmentExpired(Journey, service=SERVICE, aggregate="candidacy"):
    """A risk-assessed start ran out before its checks were satisfactory."""


class StartDateAgreed(Journey, service=SERVICE, aggregate="candidacy"):
    """Candidate and employer agreed the first day at work, for the first time or anew."""

    start_on: BusinessDate


class CandidatePlaced(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate started work. An offer is not a placement; this is."""

    engagement_id: Id
    source: Source
    ward: Ward | None = None
    staff_group: StaffGroup | None = None
    weekly_hours: WeeklyHours
    employment_status: EmploymentStatus
    """As it was at first engagement."""
    prior_employment: PriorEmployment
    new_to_system: NewToSystem


class PlacementSustained(Journey, service=SERVICE, aggregate="candidacy"):
    """The starter was still in post after so many weeks, days of a break not counted."""

    weeks: Annotated[int, Field(ge=1, le=520)]


class PlacementEnded(Journey, service=SERVICE, aggregate="candidacy"):
    """A starter left the post; the date is the last day in it."""

    reason: LeavingReason


class PlacementResumed(Journey, service=SERVICE, aggregate="candidacy"):
    """Someone who had left came back to the same post within 28 days: a break, not an end."""

    days_away: Annotated[int, Field(ge=1, le=28)]


class CandidateWithdrew(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate no longer wants to be considered."""

    stage: Stage
    reason: WithdrawalReason


class OfferDeclined(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate turned the offer down."""

    stage: Stage
    reason: DeclineReason


class CandidateNotAppointed(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer decided not to appoint."""

    stage: Stage
    reason: NotAppointedReason


class OfferWithdrawn(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer took its offer back."""

    stage: Stage
    reason: OfferWithdrawnReason


class CandidateRedirected(Journey, service=SERVICE, aggregate="candidacy"):
    """With the candidate's permission, the candidacy was passed on to somewhere that suits better."""

    stage: Stage
    to: RedirectedTo
    to_candidacy_id: Id | None = None
    """The candidacy with the other employer that it became."""
    to_employer: PartnerId | None = None
    programme: Code | None = None
