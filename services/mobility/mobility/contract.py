"""What this service hears, who answers, and what it says: the table of contents."""

from typing import Final

from schemas.fact import Fact, Message
from schemas.mobility import (
    FactCorrected,
    FactRestored,
    FactVoided,
    FrameworkExpired,
    FrameworkPublished,
    FrameworkTerminated,
    FrameworkVaried,
    InvitationClosed,
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
)

ACCEPTS: Final[tuple[type[Message], ...]] = ()
"""Neither claims of partners nor facts of other services."""

IGNORES: Final[tuple[type[Message], ...]] = ()

EMITS: Final[tuple[type[Fact], ...]] = (
    FrameworkPublished, FrameworkVaried, FrameworkTerminated, FrameworkExpired,
    OrganisationInvited, OrganisationDeclined, InvitationClosed, OrganisationSigned, OrganisationSignedAgain,
    SigningAgainAsked, SignatureLapsed, OrganisationSuspended, OrganisationResumed, NoticeGiven, OrganisationWithdrew,
    FactVoided, FactRestored, FactCorrected,
)  # fmt: skip
