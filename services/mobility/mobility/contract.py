"""What this service hears, who answers, and what it says: the table of contents."""

from collections.abc import Mapping
from typing import Final

from kit import persons
from kit.claims import Judge
from kit.inbox import Apply, Handler
from mobility import claims, reactions
from mobility.handlers import identities
from schemas import learning, people
from schemas import talent_pipeline as tp
from schemas.fact import Claim, Fact, Message
from schemas.mobility import (
    AgreementWithdrawn,
    AnswerOverdue,
    AnswerSettled,
    CheckExpiring,
    CheckNotRequired,
    CheckOverdue,
    CheckRecorded,
    CheckRequested,
    ChecksVerified,
    CoverEnds,
    DeploymentAgreed,
    DeploymentAuthorised,
    DeploymentCancelled,
    DeploymentCompleted,
    DeploymentEndedEarly,
    DeploymentExtended,
    DeploymentHandedOver,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    DeploymentShortened,
    ExtensionConfirmed,
    ExtensionDeclined,
    ExtensionLapsed,
    ExtensionProposed,
    FactCorrected,
    FactRestored,
    FactVoided,
    FirstDayPackGiven,
    FrameworkExpired,
    FrameworkPublished,
    FrameworkTerminated,
    FrameworkVaried,
    HoursRecorded,
    InvitationClosed,
    LimitEnding,
    LimitLifted,
    LineDisputed,
    LineSettled,
    LineWithdrawn,
    MoveStopped,
    NeedClosed,
    NeedFilled,
    NeedRaised,
    NeedReleased,
    NeedReopened,
    NeedWithdrawn,
    NoticeGiven,
    OrganisationDeclined,
    OrganisationInvited,
    OrganisationResumed,
    OrganisationSigned,
    OrganisationSignedAgain,
    OrganisationSuspended,
    OrganisationWithdrew,
    PassportClosed,
    PassportOpened,
    PassportReopened,
    PassportShared,
    PersonStopLifted,
    PersonStopped,
    RecordLetGo,
    RequirementRetired,
    RequirementSet,
    SharingWithdrawn,
    SignatureLapsed,
    SigningAgainAsked,
    StaffInducted,
    StaffSeconded,
    StatementAgreed,
    StatementIssued,
    StatementOverdue,
    StopLifted,
    TrainingExpiring,
    TrainingOverdue,
    TrainingPutOff,
    TrainingRecorded,
    TrainingWaived,
    WaiverWithdrawn,
    WorkLimited,
)
from schemas.registry import others

HEARD: Final = (learning.SERVICE, tp.SERVICE)
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
    FrameworkPublished, FrameworkVaried, FrameworkTerminated, FrameworkExpired,
    OrganisationInvited, OrganisationDeclined, InvitationClosed, OrganisationSigned, OrganisationSignedAgain,
    SigningAgainAsked, SignatureLapsed, OrganisationSuspended, OrganisationResumed, NoticeGiven, OrganisationWithdrew,
    RequirementSet, RequirementRetired,
    PassportOpened, CheckRequested, CheckOverdue, CheckNotRequired, CheckRecorded, TrainingRecorded, TrainingWaived,
    WaiverWithdrawn, WorkLimited, LimitEnding, LimitLifted, PassportShared, SharingWithdrawn, PassportClosed,
    PassportReopened,
    NeedRaised, NeedReleased, NeedFilled, NeedReopened, NeedClosed, NeedWithdrawn,
    PersonStopped, PersonStopLifted,
    DeploymentProposed, DeploymentMatched, DeploymentAgreed, AgreementWithdrawn, ChecksVerified, DeploymentAuthorised,
    FirstDayPackGiven, AnswerOverdue, AnswerSettled,
    StaffInducted, TrainingPutOff, StaffSeconded, CheckExpiring, TrainingExpiring, TrainingOverdue,
    ExtensionProposed, ExtensionConfirmed, ExtensionDeclined, ExtensionLapsed, DeploymentExtended, DeploymentShortened,
    CoverEnds, DeploymentHandedOver, DeploymentCompleted, DeploymentRecalled,
    DeploymentEndedEarly, DeploymentCancelled, MoveStopped, StopLifted,
    HoursRecorded, LineDisputed, LineSettled, LineWithdrawn, StatementIssued, StatementAgreed, StatementOverdue,
    FactVoided, FactRestored, FactCorrected, RecordLetGo,
)  # fmt: skip
