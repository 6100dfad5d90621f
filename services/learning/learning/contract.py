"""What this service hears, who answers, and what it says: the table of contents."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.fact import Fact, Message
from schemas.learning import (
    AttendanceConfirmed,
    BookingCancelled,
    CohortCancelled,
    CohortHeld,
    CohortScheduled,
    CompetenceExpiring,
    CompetenceRecorded,
    CompetenceRenewed,
    CourseCompleted,
    CourseEvaluated,
    CourseNotAttended,
    CoursePartlyCompleted,
    CoursePublished,
    CourseRetired,
    FactCorrected,
    FactRestored,
    FactVoided,
    LearnerAttended,
    LearnerBooked,
    LearnerMissed,
    LearnerWaitlisted,
    LearningWaived,
    PlaceLapsed,
    PlaceOffered,
    PlacesReleased,
    PlaceTaken,
    PortabilityRejected,
    RefresherEnded,
    RefresherSet,
    TopUpAsked,
    UseReported,
)

ACCEPTS: Final[Mapping[type[Message], Any]] = {}
"""Nothing yet: facts of other services and claims of partners come with the training records."""

IGNORES: Final[tuple[type[Message], ...]] = ()

EMITS: Final[tuple[type[Fact], ...]] = (
    CoursePublished, CourseRetired,
    CohortScheduled, PlacesReleased, CohortHeld, CohortCancelled,
    LearnerBooked, LearnerWaitlisted, PlaceOffered, PlaceTaken, PlaceLapsed, AttendanceConfirmed, BookingCancelled,
    LearnerAttended, LearnerMissed, CourseCompleted, CoursePartlyCompleted, CourseNotAttended, CourseEvaluated, UseReported,
    RefresherSet, RefresherEnded,
    CompetenceRecorded, CompetenceExpiring, CompetenceRenewed, LearningWaived, TopUpAsked, PortabilityRejected,
    FactVoided, FactRestored, FactCorrected,
)  # fmt: skip
