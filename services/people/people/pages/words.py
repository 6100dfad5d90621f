"""What the codes of the vault are called on a person's own page."""

from collections.abc import Mapping
from typing import Final

from people.domain.details import Kind, LookReason
from people.domain.erasure import Erasure, Status
from people.domain.messages import MessageState
from people.domain.request import Request
from people.domain.request import Status as Asked
from schemas.people import Processing

DETAIL: Final[Mapping[str, str]] = {
    Kind.NAME: "Name",
    Kind.EMAIL: "E-mail address",
    Kind.PHONE: "Telephone number",
    Kind.POST: "Postal address",
}
REASON: Final[Mapping[str, str]] = {
    LookReason.ARRANGE_INTERVIEW: "To arrange an interview",
    LookReason.MAKE_OFFER: "To offer you a job or a place",
    LookReason.CHECK_IDENTITY: "To check that it is you",
    LookReason.ANSWER_THE_PERSON: "To answer you",
    LookReason.CORRECT_RECORD: "To put something right",
    LookReason.COMPARE_RECORDS: "To see whether two records are the same person",
    LookReason.WORK_A_LIST: "To see your name on a list that they work through",
    LookReason.READ_A_RECORD: "To see your name on your record, which they read",
    LookReason.ACT_ON_A_RECORD: "To see your name on your record, where they decide or note something",
    LookReason.SAFEGUARDING: "To keep somebody safe",
    LookReason.SUBJECT_ACCESS: "To give you a link to this page, or what we hold",
}
MESSAGE: Final[Mapping[str, str]] = {
    MessageState.QUEUED: "not sent yet",
    MessageState.SENT: "sent",
    MessageState.BOUNCED: "your address did not take it",
    MessageState.HELD: "not sent",
    MessageState.FAILED: "we could not send it",
}
REQUEST: Final[Mapping[str, str]] = {
    Status.REQUESTED: "Waits for a decision",
    Status.HELD: "On hold: the law does not let us erase it for now",
    Status.REFUSED: "Refused",
    Status.APPROVED: "Approved",
    Asked.MADE: "Waits for a decision",
    Asked.GRANTED: "Done",
    Asked.CLOSED: "Closed",
}
UNREADABLE: Final[Mapping[str, str]] = {
    Kind.EMAIL: "Write an e-mail address, like name@example.org",
    Kind.PHONE: "Write a telephone number, like 0113 496 0000",
    Kind.POST: "Write the postal address in one line",
}
OBJECTION: Final[Mapping[str, str]] = {
    Processing.BEING_WRITTEN_TO: "being written to",
    Processing.BEING_COMPARED: "records being compared, to see whether two are one person",
    Processing.SOMETHING_ELSE: "something else (the data protection officer will ask what)",
}
GROUND: Final[Mapping[str, str]] = {
    "legal-obligation": "a law says that we keep it",
    "legal-claims": "it is needed for a legal claim",
    "public-task": "it is needed for a task in the public interest",
    "public-health": "it is needed for public health",
    "not-the-person": "we could not tell that it was you who asked",
    "right-as-it-is": "what we hold is right as it is",
    "overriding-grounds": "there are compelling grounds to go on",
}


def asked(what: Erasure | Request) -> str:
    """What a person asked, as a phrase."""
    if isinstance(what, Erasure):
        return "To be erased"
    return (
        "That we put right how we reach you" if what.about is None else f"That you object to: {OBJECTION[what.about]}"
    )


def organisation(code: str | None) -> str:
    """An organisation's code as a name to read."""
    return "The programme" if code is None else code.replace("-", " ").title()
