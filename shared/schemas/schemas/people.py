"""What people says: that somebody has an id, that something held of them changed, and which ids are one person.

No fact here says who somebody is. Names, contacts and partners' references never leave the vault; on the bus there is the id, the
organisation on whose behalf it was issued, and codes.
"""

from enum import StrEnum

from schemas.fact import Step
from schemas.values import Id, PartnerId

SERVICE = "people"


class LinkReason(StrEnum):
    """Why two records are taken for one person."""

    SAME_CONTACT = "same-contact"
    SAME_NAME_NEAR_DATE = "same-name-near-date"
    SAID_BY_THE_PERSON = "said-by-the-person"
    DOCUMENTS_SEEN = "documents-seen"
    CONFIRMED_BY_PARTNER = "confirmed-by-partner"


class UnlinkReason(StrEnum):
    """Why they are two people after all."""

    MISTAKEN = "mistaken"
    SAID_BY_THE_PERSON = "said-by-the-person"
    DOCUMENTS_SEEN = "documents-seen"


class PersonRegistered(Step, service=SERVICE, aggregate="person"):
    """Somebody has an id, random and for ever: who it is stands in the vault, and only there."""

    organisation: PartnerId | None = None
    """On whose behalf, and who may look; none: the programme itself."""


class NameChanged(Step, service=SERVICE, aggregate="person"):
    """The name that the vault holds of a person is another than before."""


class ContactsChanged(Step, service=SERVICE, aggregate="person"):
    """The ways to reach a person are others than before."""


class PersonLinked(Step, service=SERVICE, aggregate="person"):
    """This id and another are one person: whoever counts people counts them once, whoever shows one shows both."""

    same_as: Id
    """The other id. It may itself be linked to a third."""
    reason: LinkReason


class PersonUnlinked(Step, service=SERVICE, aggregate="person"):
    """This id and the other are two people after all: the link no longer counts, from the first day on."""

    same_as: Id
    reason: UnlinkReason


# Erasure ---------------------------------------------------------------------------------------------------------------


class RefusalGround(StrEnum):
    """Why what is held is kept, though the person asked for it to be erased (UK GDPR Article 17 (1) and (3))."""

    LEGAL_OBLIGATION = "legal-obligation"
    LEGAL_CLAIMS = "legal-claims"
    PUBLIC_TASK = "public-task"
    PUBLIC_HEALTH = "public-health"
    NOT_THE_PERSON = "not-the-person"


class HoldReason(StrEnum):
    """Why nothing is erased for the time being."""

    LEGAL_CLAIM = "legal-claim"
    INVESTIGATION = "investigation"
    IDENTITY_IN_DOUBT = "identity-in-doubt"


class ErasureRequested(Step, service=SERVICE, aggregate="erasure"):
    """A person asked that what is held of them be erased: somebody has to decide within one month."""

    person_id: Id


class ErasureHeld(Step, service=SERVICE, aggregate="erasure"):
    """Nothing of this person may be erased for the time being: a legal hold. The month runs on."""

    person_id: Id
    reason: HoldReason


class ErasureReleased(Step, service=SERVICE, aggregate="erasure"):
    """The hold is over: the request can be decided."""

    person_id: Id


class ErasureOverdue(Step, service=SERVICE, aggregate="erasure"):
    """One month is over, and nobody has decided."""

    person_id: Id


class ErasureRefused(Step, service=SERVICE, aggregate="erasure"):
    """What is held is kept, and why."""

    person_id: Id
    ground: RefusalGround


class ErasureApproved(Step, service=SERVICE, aggregate="erasure"):
    """All that is held of the person is erased: every service that hears PersonErased forgets."""

    person_id: Id


# Requests ---------------------------------------------------------------------------------------------------------------


class Right(StrEnum):
    """What a person asks for (UK GDPR Articles 16 and 21)."""

    RECTIFICATION = "rectification"
    OBJECTION = "objection"


class Processing(StrEnum):
    """What a person objects to."""

    BEING_WRITTEN_TO = "being-written-to"
    BEING_COMPARED = "being-compared"
    """With other records, to see whether they are one person."""
    SOMETHING_ELSE = "something-else"


class RequestGround(StrEnum):
    """Why a person's request was refused."""

    NOT_THE_PERSON = "not-the-person"
    RIGHT_AS_IT_IS = "right-as-it-is"
    LEGAL_CLAIMS = "legal-claims"
    OVERRIDING_GROUNDS = "overriding-grounds"


class OfRequest(Step):
    """What a person's requests are told by."""

    person_id: Id
    right: Right


class RequestMade(OfRequest, service=SERVICE, aggregate="request"):
    """A person asked that what is held of them be put right, or objected to something: somebody has to decide within one month."""

    about: Processing | None = None
    """What they object to; what is to be put right stands in the vault alone."""


class RequestOverdue(OfRequest, service=SERVICE, aggregate="request"):
    """One month is over, and nobody has decided on what a person asked."""


class RequestGranted(OfRequest, service=SERVICE, aggregate="request"):
    """What a person asked is done."""

    about: Processing | None = None


class RequestRefused(OfRequest, service=SERVICE, aggregate="request"):
    """What a person asked is not done, and why."""

    ground: RequestGround


class RequestClosed(OfRequest, service=SERVICE, aggregate="request"):
    """The person was erased before it was decided: there is nobody left whom it is about."""


class PersonErased(Step, service=SERVICE, aggregate="person"):
    """Nobody knows any more whose id this was. Whoever keeps something of the person forgets it now."""
