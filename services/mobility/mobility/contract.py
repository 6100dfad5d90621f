"""What this service hears, who answers, and what it says: the table of contents."""

from typing import Final

from schemas.fact import Fact, Message
from schemas.mobility import (
    AgreementWithdrawn,
    CheckExpiring,
    ChecksVerified,
    CoverEnds,
    DeploymentAgreed,
    DeploymentAuthorised,
    DeploymentCancelled,
    DeploymentCompleted,
    DeploymentEndedEarly,
    DeploymentExtended,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    FactCorrected,
    FactRestored,
    FactVoided,
    FrameworkExpired,
    FrameworkPublished,
    FrameworkTerminated,
    FrameworkVaried,
    InvitationClosed,
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
    SignatureLapsed,
    SigningAgainAsked,
    StaffInducted,
    StaffSeconded,
)

ACCEPTS: Final[tuple[type[Message], ...]] = ()
"""Neither claims of partners nor facts of other services."""

IGNORES: Final[tuple[type[Message], ...]] = ()

EMITS: Final[tuple[type[Fact], ...]] = (
    FrameworkPublished, FrameworkVaried, FrameworkTerminated, FrameworkExpired,
    OrganisationInvited, OrganisationDeclined, InvitationClosed, OrganisationSigned, OrganisationSignedAgain,
    SigningAgainAsked, SignatureLapsed, OrganisationSuspended, OrganisationResumed, NoticeGiven, OrganisationWithdrew,
    NeedRaised, NeedReleased, NeedFilled, NeedReopened, NeedClosed, NeedWithdrawn,
    DeploymentProposed, DeploymentMatched, DeploymentAgreed, AgreementWithdrawn, ChecksVerified, DeploymentAuthorised,
    StaffInducted, StaffSeconded, CheckExpiring, DeploymentExtended, CoverEnds, DeploymentCompleted, DeploymentRecalled,
    DeploymentEndedEarly, DeploymentCancelled,
    FactVoided, FactRestored, FactCorrected,
)  # fmt: skip
