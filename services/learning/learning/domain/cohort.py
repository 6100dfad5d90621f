"""A cohort: a course that is held. It is scheduled, its places are given (places), its register is kept and closed (register).

This is its machine: which command follows in which status. What it is, and what facts make of it, is `roll`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import Command, NotInThisState, Waiting, day_of, end_of, start_of
from learning.domain import booking as bookings
from learning.domain import places, register
from learning.domain.booking import LIVE
from learning.domain.course import Course
from learning.domain.course import Status as CourseStatus
from learning.domain.places import Book, CancelBooking, Confirm, LapseOffer, OfferPlaces, Release, Swap, Take
from learning.domain.register import Evaluate, Hold, Register, ReportUse, WalkIns
from learning.domain.roll import Cohort, CohortFact, Status, evolve, of, of_cohort
from schemas.learning import (
    BookingCancelled,
    CancellationReason,
    CohortCancelled,
    CohortScheduled,
    Share,
)
from schemas.values import BusinessDate, Code

__all__ = ["AGGREGATE", "COMMANDS", "Cohort", "Status", "allowed", "deadlines", "decide", "due", "evolve", "waiting"]

AGGREGATE = "cohort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Command):
    course_id: UUID
    course: Course
    sessions: Annotated[tuple[BusinessDate, ...], Field(min_length=1, max_length=100)]
    places: Annotated[int, Field(ge=1, le=500)]
    shares: tuple[Share, ...] = ()
    release_on: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    reason: Code


COMMANDS = (
    Schedule, Book, Swap, Take, Confirm, CancelBooking, WalkIns, Register, Hold, Cancel, Release, LapseOffer, OfferPlaces,
    Evaluate, ReportUse,
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.SCHEDULED: (Book, Swap, Take, Confirm, CancelBooking, WalkIns, Register, Hold, Cancel),
    Status.HELD: (Evaluate, ReportUse),
    Status.CANCELLED: (),
})  # fmt: skip


# Refusals ---------------------------------------------------------------------------------------------------------------


class CourseNotOpen(Refused):
    """The course has left the catalogue."""


class SessionsOutOfOrder(Invalid):
    """The days of the sessions follow each other, and none stands twice."""


class SharedOutTwice(Invalid):
    """A partner's share is said once."""


class MoreSharesThanPlaces(Invalid):
    """No more places can be kept than there are."""


class ScheduledAfterItMet(Invalid):
    """A cohort was scheduled by the day of its first session: of one that has met, say when."""


class ReleaseMissing(Invalid):
    """Places that are kept for partners are released by the day of the first session."""


# The machine ------------------------------------------------------------------------------------------------------------


def decide(command: Command, cohort: Cohort | None, now: datetime) -> list[CohortFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, cohort:
        case Schedule(), None:
            return [_scheduled(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Book(), Cohort(status=Status.SCHEDULED):
            return places.book(command, cohort, day_of(command, now, after=cohort.since))
        case Swap(), Cohort(status=Status.SCHEDULED):
            return places.swap(command, cohort, now)
        case Take(), Cohort(status=Status.SCHEDULED):
            return places.take(cohort.booking(command.booking_id), cohort, command, now)
        case Confirm(), Cohort(status=Status.SCHEDULED):
            return places.confirm(cohort.booking(command.booking_id), cohort, command, now)
        case CancelBooking(), Cohort(status=Status.SCHEDULED):
            return places.cancel_booking(cohort.booking(command.booking_id), cohort, command, now)
        case LapseOffer(), Cohort(status=Status.SCHEDULED):
            return places.lapse(cohort.booking(command.booking_id), cohort)
        case Release(), Cohort(status=Status.SCHEDULED):
            return places.release(cohort)
        case OfferPlaces(), Cohort(status=Status.SCHEDULED):
            return list(places.offers(cohort, day_of(command, now)))
        case WalkIns(), Cohort(status=Status.SCHEDULED):
            return register.walk_ins(command, cohort, now)
        case Register(), Cohort(status=Status.SCHEDULED):
            return register.register(command, cohort, now)
        case Hold(), Cohort(status=Status.SCHEDULED):
            return register.hold(cohort, day_of(command, now, after=cohort.sessions[-1]))
        case Cancel(), Cohort(status=Status.SCHEDULED):
            return _cancel(command, cohort, day_of(command, now, after=cohort.since))
        case Evaluate(), Cohort(status=Status.HELD):
            return register.evaluate(cohort.booking(command.booking_id), cohort, command, now)
        case ReportUse(), Cohort(status=Status.HELD):
            return register.report_use(cohort.booking(command.booking_id), cohort, command, now)

        case Hold(), Cohort(status=Status.HELD):
            return []
        case Cancel(reason=reason), Cohort(status=Status.CANCELLED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState


# Scheduling -------------------------------------------------------------------------------------------------------------


def _scheduled(command: Schedule, day: date) -> CohortScheduled:
    course = command.course
    if course.status is not CourseStatus.PUBLISHED:
        raise CourseNotOpen(state=course.status)
    fact = CohortScheduled(
        occurred_on=day,
        course_id=command.course_id,
        category=course.category,
        programme=course.programme,
        title=course.title,
        hours=course.hours,
        eligibility=course.eligibility,
        sessions=command.sessions,
        places=command.places,
        shares=command.shares,
        release_on=command.release_on,
    )
    refuse_unsound(fact)
    return fact


def refuse_unsound(fact: CohortScheduled) -> None:
    """Raises Invalid where it makes no sense, whether it is said or corrected."""
    first, owners = fact.sessions[0], [share.organisation for share in fact.shares]
    if list(fact.sessions) != sorted(set(fact.sessions)):
        raise SessionsOutOfOrder(field="sessions")
    if len(set(owners)) < len(owners):
        raise SharedOutTwice(field="shares")
    if sum(share.places for share in fact.shares) > fact.places:
        raise MoreSharesThanPlaces(field="shares")
    if fact.occurred_on > first:
        raise ScheduledAfterItMet(field="occurred_on")
    if bool(owners) != (fact.release_on is not None) or (fact.release_on or first) > first:
        raise ReleaseMissing(field="release_on")


def _cancel(command: Cancel, cohort: Cohort, day: date) -> list[CohortFact]:
    said: list[CohortFact] = [CohortCancelled(**of_cohort(cohort), occurred_on=day, reason=command.reason)]
    for booking in cohort.bookings:
        if booking.status in LIVE:
            gone = max(day, booking.since)
            reason = CancellationReason.COHORT_CANCELLED
            said.append(BookingCancelled(**of(cohort, booking), occurred_on=gone, reason=reason, late=False))
    return said


# What the state implies -------------------------------------------------------------------------------------------------


def allowed(cohort: Cohort | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Schedule,) if cohort is None else ALLOWED[cohort.status])


def deadlines(cohort: Cohort) -> Mapping[str, datetime]:
    """Places are released, offers lapse; where a correction left a place free for who waits, it is offered at once."""
    if cohort.status is not Status.SCHEDULED:
        return {}
    found = {
        f"lapse-offer:{booking.id}": end_of(booking.offered_until)
        for booking in cohort.bookings
        if booking.status is bookings.Status.OFFERED and booking.offered_until is not None
    }
    if cohort.shares and cohort.release_on is not None:
        found["release"] = start_of(cohort.release_on)
    wait = {booking.organisation for booking in cohort.bookings if booking.status is bookings.Status.WAITING}
    if any(cohort.left(organisation) > 0 for organisation in wait):
        found["offer"] = start_of(cohort.since)
    return found


def due(name: str, cohort: Cohort) -> Command:
    """The command that a deadline stands for."""
    if name == "release":
        return Release()
    if name == "offer":
        return OfferPlaces()
    return LapseOffer(booking_id=UUID(name.removeprefix("lapse-offer:")))


def waiting(cohort: Cohort) -> tuple[Waiting, ...]:
    """Whoever was offered a place has to take it; after the last session somebody closes the register."""
    if cohort.status is not Status.SCHEDULED:
        return ()
    offers = (
        Waiting("learner", f"take-place-{booking.id}", booking.since)
        for booking in cohort.bookings
        if booking.status is bookings.Status.OFFERED
    )
    return (*offers, Waiting("coordinator", "close-register", cohort.sessions[-1]))
