"""What a person is told by a message: the kinds, as data, and what becomes of one that is to be sent. It knows no address.

A text holds the person's name and, where the matter has one, a day; nothing else that is theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from schemas.values import business_date


class MessageKind(StrEnum):
    """What a message is about."""

    OFFER_MADE = "offer-made"
    CHECK_WAITS = "check-waits"
    PLACE_BOOKED = "place-booked"
    PLACE_OFFERED = "place-offered"
    TRAINING_RUNS_OUT = "training-runs-out"
    PASSPORT_CHECK_WAITS = "passport-check-waits"
    MOVE_TO_AGREE = "move-to-agree"
    FIRST_DAY_PACK = "first-day-pack"
    LONGER_STAY = "longer-stay"
    MOVE_CHANGED = "move-changed"
    REQUEST_DECIDED = "request-decided"


class Page(StrEnum):
    """A page of the person's own at another service, by that service's name: a message may let them in there."""

    LEARNING = "learning"
    PASSPORT = "mobility"


CALLED: Final[Mapping[Page, str]] = MappingProxyType({
    Page.LEARNING: "Your learning page", Page.PASSPORT: "Your passport's page",
})  # fmt: skip
"""As a message names it."""


class MessageState(StrEnum):
    """How far a message is."""

    QUEUED = "queued"
    SENT = "sent"
    """A mail server took it: that is not to say that it was read."""
    BOUNCED = "bounced"
    """A mail server refused the address, at once or later."""
    HELD = "held"
    """Something stands against sending it."""
    FAILED = "failed"
    """No mail server took it for as long as it was tried."""


class Held(StrEnum):
    """What stands against sending a message, the first first."""

    UNKNOWN_PERSON = "unknown-person"
    TAKEN_BACK = "taken-back"
    """The fact that it tells of was voided."""
    TOO_LATE = "too-late"
    OPTED_OUT = "opted-out"
    NO_ADDRESS = "no-address"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of message: what the person knows it by, and its text. `{day}` is written as people in Leeds write it."""

    called: str
    subject: str
    body: str
    lasts: timedelta
    """Later than this after it was said, nobody is helped by hearing it."""
    must_be_told: str | None = None
    """The law by which it is told though somebody wants no messages; none: they may stop it."""
    page: Page | None = None
    """Where its matter is shown."""


WEEK: Final = timedelta(days=7)
TEMPLATES: Final[Mapping[MessageKind, Template]] = MappingProxyType({
    MessageKind.OFFER_MADE: Template(
        called="Offers of a job",
        subject="You have been offered a job",
        body=(
            "An employer has made you a conditional offer. The employment checks begin now, and some of them wait for you.\n\n"
            "Your applications page shows what to do next."
        ),
        lasts=WEEK,
    ),
    MessageKind.CHECK_WAITS: Template(
        called="Employment checks that wait for you",
        subject="An employment check waits for you",
        body="One of your employment checks cannot go on without you.\n\nYour applications page shows which, and what is missing.",
        lasts=WEEK,
    ),
    MessageKind.PLACE_BOOKED: Template(
        called="Training that was booked for you",
        subject="You have a place on a course",
        body=(
            "A place on a course has been booked for you. Your learning page shows which, and when; whoever arranges training "
            "where you work knows where.\n\n"
            "If you cannot come, say so there or tell them: somebody else may be waiting for the place."
        ),
        lasts=WEEK,
        page=Page.LEARNING,
    ),
    MessageKind.PLACE_OFFERED: Template(
        called="Training places that came free",
        subject="A place on a course is free for you",
        body=(
            "You waited for a place on a course, and one is free. It is kept for you until {day}.\n\n"
            "Take it on your learning page, or tell whoever arranges training where you work. After that day somebody else has it."
        ),
        lasts=WEEK,
        page=Page.LEARNING,
    ),
    MessageKind.TRAINING_RUNS_OUT: Template(
        called="Training that runs out",
        subject="Some of your training is about to run out",
        body=(
            "Training of yours in a core skill counts until {day}.\n\n"
            "Ask whoever arranges training where you work to book it again before then."
        ),
        lasts=timedelta(days=30),
        page=Page.LEARNING,
    ),
    MessageKind.PASSPORT_CHECK_WAITS: Template(
        called="Checks for your staff passport that wait for you",
        subject="A check for your staff passport waits for you",
        body=(
            "Your employer has asked for a check for your staff passport, and it cannot go on without you.\n\n"
            "Your passport's page shows which. Your employer tells you what is missing."
        ),
        lasts=WEEK,
        page=Page.PASSPORT,
    ),
    MessageKind.MOVE_TO_AGREE: Template(
        called="Moves to another organisation",
        subject="Do you agree to a move?",
        body=(
            "Another organisation would like you to work there for a time. Nothing happens unless you agree.\n\n"
            "Your passport's page shows what is planned, and takes your answer; so does your manager."
        ),
        lasts=WEEK,
        page=Page.PASSPORT,
    ),
    MessageKind.FIRST_DAY_PACK: Template(
        called="First days with another organisation",
        subject="Your first day: where to come, and to whom",
        body=(
            "The organisation that you are going to has written down where you come, when, to whom, and how you get in.\n\n"
            "Your passport's page shows it. Whoever arranges your move gives you another link, and before the day what is missing."
        ),
        lasts=WEEK,
        page=Page.PASSPORT,
    ),
    MessageKind.LONGER_STAY: Template(
        called="Staying longer with another organisation",
        subject="Would you stay longer?",
        body=(
            "Your employer, or the organisation where you work for a time, would like you to stay there longer. You do so only if "
            "you agree.\n\n"
            "Your passport's page shows up to when, and takes your answer until {day}; so does your manager. If you say nothing, "
            "your last day stays as it is."
        ),
        lasts=timedelta(days=14),
        page=Page.PASSPORT,
    ),
    MessageKind.MOVE_CHANGED: Template(
        called="Moves that are off, or end sooner",
        subject="Your move to another organisation has changed",
        body=(
            "A move of yours to another organisation is off, or ends sooner than it was to.\n\n"
            "Your passport's page shows which, and your last day there. Ask your manager where you are expected after it."
        ),
        lasts=WEEK,
        page=Page.PASSPORT,
    ),
    MessageKind.REQUEST_DECIDED: Template(
        called="Answers to what you asked of your data",
        subject="We have decided on what you asked",
        body=(
            "You asked something of what we hold about you: to see, erase or correct it, or to stop something. We have decided.\n\n"
            "Your own page says how, and on which ground if we refused; ask the person you talk to at the Academy for a link.\n\n"
            "If you think that we are wrong, you can complain to the Information Commissioner's Office, or go to court."
        ),
        lasts=timedelta(days=90),
        must_be_told="UK GDPR Article 12",
    ),
})  # fmt: skip
OPTIONAL: Final = tuple(kind for kind, template in TEMPLATES.items() if template.must_be_told is None)
"""What a person may stop."""

RETRY_AFTER: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 2 * 60, 4 * 60, 8 * 60, 16 * 60, 24 * 60)
)
"""How long after each try that came to nothing the next one is made: two days in all."""


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When it is tried again after so many tries; None: no more."""
    return now + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a message, and of its person, when it is to be sent."""

    kind: MessageKind
    said_at: datetime
    day: date | None
    opted_out: bool
    reachable: bool


def held_because(message: Standing, now: datetime) -> Held | None:
    """What stands against sending it now; None: it goes out."""
    template = TEMPLATES[message.kind]
    over = message.day is not None and message.day < business_date(now)
    if over or message.said_at + template.lasts < now:
        return Held.TOO_LATE
    if message.opted_out and template.must_be_told is None:
        return Held.OPTED_OUT
    return None if message.reachable else Held.NO_ADDRESS
