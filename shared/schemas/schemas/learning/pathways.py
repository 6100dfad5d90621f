"""Facts of T Level placements and of apprenticeships."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.learning.words import SERVICE, Grade, PlacementHours, Setting, Standard, StandardVersion
from schemas.values import BusinessDate, Code, Id, PartnerId

# T Levels --------------------------------------------------------------------------------------------------------------


class OfPathway(Step):
    """Every fact of a T Level student's placement says whose it is. Students are no members of the workforce."""

    person_id: Id
    provider: PartnerId
    """The college."""
    start_year: Annotated[int, Field(ge=2020, le=2100)]


class PathwayBegun(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student of a T Level in health began, whose placement employers of health and care share."""

    specialism: Code


class PlacementEmployerJoined(OfPathway, service=SERVICE, aggregate="pathway"):
    """An employer gives part of the placement: one of health and one of care at most."""

    employer: PartnerId
    setting: Setting


class PlacementHoursLogged(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student worked a day of the placement, or tasted another employer's work. The date is the day's."""

    employer: PartnerId
    hours: PlacementHours
    taster: bool


class PlacementCompleted(OfPathway, service=SERVICE, aggregate="pathway"):
    """The hours that the student's start year asks for are done: the placement is complete, the T Level is not."""

    hours: Annotated[float, Field(gt=0)]
    taster_hours: Annotated[float, Field(ge=0)]


class PathwayEnded(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student left before the placement was complete."""

    reason: Code


# Apprenticeships -------------------------------------------------------------------------------------------------------


class OfApprenticeship(Step):
    """Every fact of an apprenticeship says who learns what, and with which employer."""

    person_id: Id
    employer: PartnerId
    provider: PartnerId
    standard: Standard


class ApprenticeshipAgreed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """Employer, provider and apprentice agreed: it is waiting to start."""

    standard_version: StandardVersion
    starts_on: BusinessDate
    off_the_job_hours: Annotated[float, Field(gt=0, le=10_000, multiple_of=0.25)] | None = None
    """The hours of learning away from the work itself that the training plan asks for; None: it asks for none by number."""


class ApprenticeshipBegun(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """It is live. The date decides how long it lasts at least."""


class ApprenticeshipPaused(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """A break in learning."""

    reason: Code


class ApprenticeshipResumed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The break is over: its days do not count towards the least duration."""


class ApprenticeEmployerChanged(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The apprentice goes on with another employer: no stop. The employer of this fact is the new one."""

    previous: PartnerId


class OffTheJobHoursLogged(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """An apprentice learned for some hours of a day away from the work itself. The date is the day's."""

    hours: PlacementHours


class GatewayReached(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """Employer, provider and apprentice agree that everything is learned: it can be assessed."""


class AssessmentBegun(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment began."""


class AssessmentFailed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment was not passed: back at the gateway."""


class ApprenticeshipCompleted(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment was passed."""

    grade: Grade


class ApprenticeshipStopped(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The apprentice will not complete it."""

    reason: Code
