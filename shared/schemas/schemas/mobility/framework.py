"""Facts of the framework: its versions, and who has signed it, was suspended, gave notice or withdrew."""

from schemas.fact import Step
from schemas.mobility.words import SERVICE, NoticeDays, VersionNumber
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Sector

# The framework ---------------------------------------------------------------------------------------------------------


class FrameworkPublished(Step, service=SERVICE, aggregate="framework"):
    """The first version of an agreement to lend each other staff was opened for signature."""

    name: Label
    effective_from: BusinessDate
    notice_days: NoticeDays
    """How long before its last day an organisation that leaves has to say so."""
    expires_on: BusinessDate | None = None
    """The last day of the agreement, where it has one."""


class FrameworkVaried(Step, service=SERVICE, aggregate="framework"):
    """A further version of the agreement was published."""

    version: VersionNumber
    effective_from: BusinessDate
    notice_days: NoticeDays
    sign_by: BusinessDate | None = None
    """Where it binds nobody who has not signed it: the last day for that. Without it, who signed before is bound."""
    expires_on: BusinessDate | None = None
    reason: Code


class FrameworkTerminated(Step, service=SERVICE, aggregate="framework"):
    """The agreement was ended before its time."""

    last_day: BusinessDate
    reason: Code


class FrameworkExpired(Step, service=SERVICE, aggregate="framework"):
    """The last day of the agreement is over."""


# Signatures ------------------------------------------------------------------------------------------------------------


class Signatory(Step):
    """What signatures are counted by."""

    framework_id: Id
    organisation: PartnerId
    sector: Sector
    statutory: bool
    """Whether it is one of the city's statutory partners."""


class OrganisationInvited(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation was asked to sign the agreement."""


class OrganisationDeclined(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation said that it will not sign. It may sign later all the same."""

    reason: Code


class InvitationClosed(Signatory, service=SERVICE, aggregate="signature"):
    """The agreement ended before an organisation that was invited had signed it."""

    reason: Code


class OrganisationSigned(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation signed the agreement: from a day on it lends and borrows under it."""

    version: VersionNumber
    signed_by: Code
    """The role of who signed, never the person: `chief-executive`."""
    in_force_from: BusinessDate
    notice_days: NoticeDays
    """The notice that this version asks for."""


class OrganisationSignedAgain(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation that is bound signed a later version as well."""

    version: VersionNumber
    signed_by: Code
    notice_days: NoticeDays


class SigningAgainAsked(Signatory, service=SERVICE, aggregate="signature"):
    """A later version was published that binds an organisation only if it signs it in time."""

    version: VersionNumber
    sign_by: BusinessDate


class SignatureLapsed(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation did not sign a later version in time: from this day on it is not bound."""

    version: VersionNumber
    """The version that it did not sign."""


class OrganisationSuspended(Signatory, service=SERVICE, aggregate="signature"):
    """The programme suspended an organisation: for the time being it neither lends nor borrows."""

    reason: Code


class OrganisationResumed(Signatory, service=SERVICE, aggregate="signature"):
    """A suspension ended."""


class NoticeGiven(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation will leave the agreement, or the agreement ends: it is bound up to and on its last day."""

    last_day: BusinessDate
    reason: Code


class OrganisationWithdrew(Signatory, service=SERVICE, aggregate="signature"):
    """The notice is over: from this day on the organisation is not bound."""

    reason: Code
