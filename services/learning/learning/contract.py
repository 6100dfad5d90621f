"""What this service hears, who answers, and what it says: the table of contents."""

from collections.abc import Mapping
from typing import Final

from kit import persons
from kit.claims import Judge
from kit.inbox import Apply, Handler
from learning import claims, reactions
from learning.handlers import identities
from schemas import mobility, people
from schemas import talent_pipeline as tp
from schemas.fact import Claim, Fact, Message
from schemas.learning import (
    ApprenticeEmployerChanged,
    ApprenticeshipAgreed,
    ApprenticeshipBegun,
    ApprenticeshipCompleted,
    ApprenticeshipPaused,
    ApprenticeshipResumed,
    ApprenticeshipStopped,
    AssessmentBegun,
    AssessmentFailed,
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
    CycleOpened,
    EmploymentBegun,
    EmploymentEnded,
    EnrolmentEnded,
    FactCorrected,
    FactRestored,
    FactVoided,
    GatewayReached,
    InductionRetired,
    InductionSet,
    LearnerAttended,
    LearnerBooked,
    LearnerEnrolled,
    LearnerMissed,
    LearnerWaitlisted,
    LearningCommissioned,
    LearningCompleted,
    LearningNeedSubmitted,
    LearningNeedWithdrawn,
    LearningWaived,
    NeedsConsolidated,
    OffTheJobHoursLogged,
    PathwayBegun,
    PathwayEnded,
    PlaceLapsed,
    PlacementCompleted,
    PlacementEmployerJoined,
    PlacementHoursLogged,
    PlaceOffered,
    PlacesReleased,
    PlaceTaken,
    PortabilityRejected,
    PrioritiesAgreed,
    RecordLetGo,
    RefresherEnded,
    RefresherSet,
    RequirementDropped,
    SubmissionsClosed,
    TopUpAsked,
    TrainingRequired,
    UseReported,
)
from schemas.registry import others

HEARD: Final = (tp.SERVICE, mobility.SERVICE)
"""The services whose facts have an effect here, beside people."""
CLAIMS: Final[Mapping[type[Claim], Judge]] = claims.ACCEPTS
"""Claims of partners, each with its handler."""
FACTS: Final[Mapping[type[Fact], Handler]] = reactions.ACCEPTS
"""Facts of other services, each with what becomes of it here."""
PERSONS: Final[Mapping[type[Fact], Apply]] = dict.fromkeys(persons.HEARD, identities.hear)
"""Facts of people: whom we may speak of, who is one person, and who was erased."""
ACCEPTS: Final[tuple[type[Message], ...]] = (*CLAIMS, *FACTS, *PERSONS)
IGNORES: Final[tuple[type[Fact], ...]] = others((*HEARD, people.SERVICE), ACCEPTS)

EMITS: Final[tuple[type[Fact], ...]] = (
    CoursePublished, CourseRetired,
    CohortScheduled, PlacesReleased, CohortHeld, CohortCancelled,
    LearnerBooked, LearnerWaitlisted, PlaceOffered, PlaceTaken, PlaceLapsed, AttendanceConfirmed, BookingCancelled,
    LearnerAttended, LearnerMissed, CourseCompleted, CoursePartlyCompleted, CourseNotAttended, CourseEvaluated, UseReported,
    RefresherSet, RefresherEnded,
    CompetenceRecorded, CompetenceExpiring, CompetenceRenewed, LearningWaived, TopUpAsked, PortabilityRejected,
    TrainingRequired, RequirementDropped, EmploymentBegun, EmploymentEnded,
    InductionSet, InductionRetired, LearnerEnrolled, LearningCompleted, EnrolmentEnded,
    CycleOpened, LearningNeedSubmitted, LearningNeedWithdrawn, SubmissionsClosed, NeedsConsolidated, PrioritiesAgreed,
    LearningCommissioned,
    PathwayBegun, PlacementEmployerJoined, PlacementHoursLogged, PlacementCompleted, PathwayEnded,
    ApprenticeshipAgreed, ApprenticeshipBegun, ApprenticeshipPaused, ApprenticeshipResumed, ApprenticeEmployerChanged,
    OffTheJobHoursLogged, GatewayReached, AssessmentBegun, AssessmentFailed, ApprenticeshipCompleted, ApprenticeshipStopped,
    FactVoided, FactRestored, FactCorrected, RecordLetGo,
)  # fmt: skip
