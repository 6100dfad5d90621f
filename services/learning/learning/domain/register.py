"""The register of a cohort: who came, its closing, which says who completed, and what learners say afterwards.

Participated is not completed: whoever came to one session took part; whoever came to every session completed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit.errors import Invalid, Refused
from kit.step import Command, InTheFuture, day_of
from learning.domain import booking as bookings
from learning.domain.booking import COMES, Booking
from learning.domain.places import Asking, BookingOver, asked, each_once, refuse_not_eligible
from learning.domain.roll import Cohort, CohortFact, of, of_cohort
from schemas.learning import (
    BookingCancelled,
    CancellationReason,
    CohortHeld,
    Confidence,
    CourseCompleted,
    CourseEvaluated,
    CourseNotAttended,
    CoursePartlyCompleted,
    LearnerAttended,
    LearnerMissed,
    OfPlace,
    Rating,
    UseReported,
)
from schemas.values import BusinessDate, business_date

USE_AFTER = timedelta(days=90)
"""When a learner is asked whether they use what they learned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkIns(Asking):
    """Learners of one organisation who came without having booked."""

    session: BusinessDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    """Who came to a session: of everybody who had a place, those who are not named did not come."""

    session: BusinessDate
    attended: Annotated[tuple[UUID, ...], Field(max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    """The register is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate(Command):
    booking_id: UUID
    rating: Rating
    confidence_before: Confidence
    confidence_after: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUse(Command):
    booking_id: UUID
    used: bool


# Refusals ---------------------------------------------------------------------------------------------------------------


class RegisterOpen(Refused):
    """Somebody's attendance has not been said for every session."""


class NotASession(Invalid):
    """The cohort does not meet on that day."""


class TooEarly(Invalid):
    """It is asked three months after the last session."""


class DidNotParticipate(Refused):
    """Only those who came can say what it was worth."""


# The register -----------------------------------------------------------------------------------------------------------


def walk_ins(command: WalkIns, cohort: Cohort, now: datetime) -> list[CohortFact]:
    """Whoever waited, or is not known to the cohort, and came."""
    day = _session(command.session, cohort, now)
    said: list[CohortFact] = []
    for learner in each_once(command.learners):
        known = cohort.live(learner.person_id)
        if known is not None and known.status in COMES:
            continue
        refuse_not_eligible(cohort, learner)
        own = asked(cohort, command, learner) if known is None else of(cohort, known)
        said.append(LearnerAttended(**own, occurred_on=day, walk_in=True))
    return said


def register(command: Register, cohort: Cohort, now: datetime) -> list[CohortFact]:
    """What is new, or other than what the register said before."""
    day = _session(command.session, cohort, now)
    came = {cohort.booking(id_, "attended").id for id_ in command.attended}
    said: list[CohortFact] = []
    for booking in cohort.bookings:
        if booking.status not in COMES:
            if booking.id in came:
                raise BookingOver(state=booking.status, field="attended")
            continue
        if booking.id in came and day not in booking.attended:
            said.append(LearnerAttended(**of(cohort, booking), occurred_on=day, walk_in=False))
        if booking.id not in came and day not in booking.missed:
            said.append(LearnerMissed(**of(cohort, booking), occurred_on=day))
    return said


def hold(cohort: Cohort, day: date) -> list[CohortFact]:
    """The closing of the register, and what it means for each who had a place."""
    own = [booking for booking in cohort.bookings if booking.status in COMES]
    if any(set(booking.attended) | set(booking.missed) != set(cohort.sessions) for booking in own):
        raise RegisterOpen
    said: list[CohortFact] = [CohortHeld(**of_cohort(cohort), occurred_on=day)]
    said += [_outcome(cohort, booking, day) for booking in own]
    for booking in cohort.bookings:
        if booking.status in (bookings.Status.WAITING, bookings.Status.OFFERED):
            reason = CancellationReason.NO_LONGER_NEEDED
            said.insert(0, BookingCancelled(**of(cohort, booking), occurred_on=day, reason=reason, late=False))
    return said


def _outcome(cohort: Cohort, booking: Booking, day: date) -> OfPlace:
    own = of(cohort, booking)
    if not booking.attended:
        return CourseNotAttended(**own, occurred_on=day)
    if len(booking.attended) == len(cohort.sessions):
        return CourseCompleted(**own, occurred_on=day, title=cohort.title, hours=cohort.hours)
    return CoursePartlyCompleted(**own, occurred_on=day, attended=len(booking.attended), of=len(cohort.sessions))


def _session(day: date, cohort: Cohort, now: datetime) -> date:
    if day not in cohort.sessions:
        raise NotASession(field="session")
    if day > business_date(now):
        raise InTheFuture(field="session")
    return day


# What it was worth ------------------------------------------------------------------------------------------------------


def evaluate(booking: Booking, cohort: Cohort, command: Evaluate, now: datetime) -> list[CohortFact]:
    if not booking.participated:
        raise DidNotParticipate(state=booking.status)
    if booking.evaluated:
        return []
    return [
        CourseEvaluated(
            **of(cohort, booking),
            occurred_on=day_of(command, now, after=cohort.sessions[-1]),
            rating=command.rating,
            confidence_before=command.confidence_before,
            confidence_after=command.confidence_after,
        )
    ]


def report_use(booking: Booking, cohort: Cohort, command: ReportUse, now: datetime) -> list[CohortFact]:
    if not booking.participated:
        raise DidNotParticipate(state=booking.status)
    if booking.use_reported:
        return []
    day = day_of(command, now, after=cohort.sessions[-1])
    if day < cohort.sessions[-1] + USE_AFTER:
        raise TooEarly(field="occurred_on")
    return [UseReported(**of(cohort, booking), occurred_on=day, used=command.used)]
