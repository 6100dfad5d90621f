"""Places of a cohort that is to come: who has one, who waits, and who is offered what comes free.

What partners keep for themselves is theirs until it is released. Whoever finds no place waits; a place that comes free is offered
to the first who waits and may have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from kit.errors import Invalid, Refused
from kit.step import Command, day_of
from learning.domain import booking as bookings
from learning.domain.booking import COMES, LIVE, Booking
from learning.domain.roll import Cohort, CohortFact, evolve, of, of_cohort
from schemas.learning import (
    AttendanceConfirmed,
    BookingCancelled,
    CancellationReason,
    LearnerBooked,
    LearnerKind,
    LearnerWaitlisted,
    PlaceLapsed,
    PlaceOffered,
    PlacesReleased,
    PlaceTaken,
)
from schemas.values import Part, PartnerId, Sector

OFFER_LASTS = timedelta(days=3)
"""How long a place that came free is kept for a learner who waited."""
LATE_FROM = timedelta(days=7)
"""A booking that is cancelled so shortly before the first session is cancelled late: the place may stay empty."""


class Learner(Part):
    """Somebody for whom a place is asked."""

    booking_id: UUID
    person_id: UUID
    kind: LearnerKind = LearnerKind.WORKFORCE
    eligible: bool = False
    """That the course is for them, as they said themselves: asked only where a course is not for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(Command):
    """Learners of one organisation, for whom places are asked."""

    organisation: PartnerId
    sector: Sector
    learners: tuple[Learner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Asking):
    """Places for learners of one organisation; who finds none waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap(Command):
    """Another learner of the same organisation comes instead."""

    booking_id: UUID
    learner: Learner


@dataclass(frozen=True, slots=True, kw_only=True)
class Take(Command):
    """The learner takes the place that came free."""

    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Command):
    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBooking(Command):
    booking_id: UUID
    reason: CancellationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    """What partners kept and did not use goes to everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseOffer(Command):
    booking_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPlaces(Command):
    """A place that a correction left free goes to who waits."""


# Refusals ---------------------------------------------------------------------------------------------------------------


class EligibilityNotConfirmed(Refused):
    """This course is for those who say that they are eligible."""


class LearnerNamedTwice(Invalid):
    """A learner is named once."""


class AlreadyHasAPlace(Refused):
    """The learner has another place in this cohort, or waits for one: that is given up first."""


class NoPlaceOffered(Refused):
    """No place is offered in this booking, or the offer has lapsed."""


class BookingOver(Refused):
    """This booking is over."""


# What follows from a command --------------------------------------------------------------------------------------------


def book(command: Book, cohort: Cohort, day: date) -> list[CohortFact]:
    """A place for each who finds one, in the order in which they are named; the others wait."""
    said: list[CohortFact] = []
    for learner in each_once(command.learners):
        if cohort.live(learner.person_id) is not None:
            continue
        refuse_not_eligible(cohort, learner)
        kind = LearnerBooked if cohort.left(command.organisation) > 0 else LearnerWaitlisted
        fact = kind(**asked(cohort, command, learner), occurred_on=day)
        cohort = evolve(cohort, fact)
        said.append(fact)
    return said


def swap(command: Swap, cohort: Cohort, now: datetime) -> list[CohortFact]:
    booking, learner = cohort.booking(command.booking_id), command.learner
    if booking.status not in COMES or booking.attended or booking.missed:
        raise BookingOver(state=booking.status)
    if cohort.live(learner.person_id) is not None:
        raise LearnerNamedTwice(field="learner.person_id")
    refuse_not_eligible(cohort, learner)
    day = day_of(command, now, after=booking.since)
    gone = BookingCancelled(**of(cohort, booking), occurred_on=day, reason=CancellationReason.SWAPPED, late=False)
    own = {**of(cohort, booking), "booking_id": learner.booking_id, "person_id": learner.person_id}
    return [gone, LearnerBooked(**{**own, "learner_kind": learner.kind}, occurred_on=day)]


def take(booking: Booking, cohort: Cohort, command: Take, now: datetime) -> list[CohortFact]:
    if booking.status in COMES:
        return []
    day = day_of(command, now, after=booking.since)
    if booking.status is not bookings.Status.OFFERED or day > (booking.offered_until or day):
        raise NoPlaceOffered(state=booking.status)
    return [PlaceTaken(**of(cohort, booking), occurred_on=day)]


def confirm(booking: Booking, cohort: Cohort, command: Confirm, now: datetime) -> list[CohortFact]:
    if booking.status is bookings.Status.CONFIRMED:
        return []
    if booking.status is not bookings.Status.BOOKED:
        raise NoPlaceOffered(state=booking.status)
    return [AttendanceConfirmed(**of(cohort, booking), occurred_on=day_of(command, now, after=booking.since))]


def cancel_booking(booking: Booking, cohort: Cohort, command: CancelBooking, now: datetime) -> list[CohortFact]:
    if booking.status is bookings.Status.CANCELLED:
        return []
    if booking.status not in LIVE or booking.attended or booking.missed:
        raise BookingOver(state=booking.status)
    day = day_of(command, now, after=booking.since)
    late = booking.status in COMES and day > cohort.sessions[0] - LATE_FROM
    gone = BookingCancelled(**of(cohort, booking), occurred_on=day, reason=command.reason, late=late)
    return [gone, *offers(evolve(cohort, gone), day)]


def lapse(booking: Booking, cohort: Cohort) -> list[CohortFact]:
    if booking.status is not bookings.Status.OFFERED or booking.offered_until is None:
        return []
    gone = PlaceLapsed(**of(cohort, booking), occurred_on=booking.offered_until)
    return [gone, *offers(evolve(cohort, gone), booking.offered_until + timedelta(days=1))]


def release(cohort: Cohort) -> list[CohortFact]:
    if not cohort.shares or cohort.release_on is None:
        return []
    freed = PlacesReleased(
        **of_cohort(cohort), occurred_on=cohort.release_on, unused=bookings.unused(cohort.shares, cohort.bookings)
    )
    return [freed, *offers(evolve(cohort, freed), cohort.release_on)]


def offers(cohort: Cohort, day: date) -> Iterator[PlaceOffered]:
    """An offer for each place that is free, to the first who waits and may have it; none on the day before the course or later."""
    until = min(day + OFFER_LASTS, cohort.sessions[0] - timedelta(days=1))
    if until < day:
        return
    for booking in cohort.bookings:
        if booking.status is bookings.Status.WAITING and cohort.left(booking.organisation) > 0:
            fact = PlaceOffered(**of(cohort, booking), occurred_on=max(day, booking.since), until=until)
            cohort = evolve(cohort, fact)
            yield fact


# What facts say of a booking that begins --------------------------------------------------------------------------------


def asked(cohort: Cohort, command: Asking, learner: Learner) -> dict[str, Any]:
    """The same of a booking that begins."""
    return {
        **of_cohort(cohort), "booking_id": learner.booking_id, "person_id": learner.person_id,
        "organisation": command.organisation, "sector": command.sector, "learner_kind": learner.kind,
    }  # fmt: skip


def each_once(learners: Sequence[Learner]) -> Sequence[Learner]:
    if len({learner.person_id for learner in learners}) < len(learners):
        raise LearnerNamedTwice(field="learners")
    return learners


def refuse_not_eligible(cohort: Cohort, learner: Learner) -> None:
    if cohort.eligibility is not None and not learner.eligible:
        raise EligibilityNotConfirmed(field="eligible")
