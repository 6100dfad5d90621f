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
