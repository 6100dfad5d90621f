"""A cohort as it stands, with everybody's place in it, and what facts make of it.

Places are in the cohort and not beside it, so that the last of them is given once however many ask for it at the same moment.
"""

from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from kit.errors import NotFound
from kit.step import CannotFollow, changed
from learning.domain import booking as bookings
from learning.domain.booking import COMES, LIVE, Booking
from schemas.fact import Fact
from schemas.learning import (
    AttendanceConfirmed,
    BookingCancelled,
    Category,
    CohortCancelled,
    CohortHeld,
    CohortScheduled,
    CourseCompleted,
    CourseEvaluated,
    CourseNotAttended,
    CoursePartlyCompleted,
    Eligibility,
    LearnerAttended,
    LearnerBooked,
    LearnerMissed,
    LearnerWaitlisted,
    OfPlace,
    PlaceLapsed,
    PlaceOffered,
    PlacesReleased,
    PlaceTaken,
    Programme,
    Share,
    UseReported,
)
from schemas.values import Part

CohortFact: TypeAlias = CohortScheduled | PlacesReleased | CohortHeld | CohortCancelled | OfPlace


class Status(StrEnum):
    SCHEDULED = "scheduled"
    HELD = "held"
    CANCELLED = "cancelled"


class Cohort(Part):
    """One cohort as it stands, with everybody's place in it."""

    status: Status
    since: date
    course_id: UUID
    title: str
    category: Category
    programme: Programme
    hours: float
    eligibility: Eligibility | None
    sessions: tuple[date, ...]
    places: int
    shares: tuple[Share, ...]
    """What is still kept for partners: nothing, once it is released."""
    release_on: date | None
    bookings: tuple[Booking, ...] = ()
    reason: str | None = None

    def booking(self, id_: UUID, field: str = "booking_id") -> Booking:
        """The booking with this id. Raises NotFound, naming the field that named it."""
        found = next((each for each in self.bookings if each.id == id_), None)
        if found is None:
            raise NotFound(field=field)
        return found

    def live(self, person_id: UUID) -> Booking | None:
        """The place that a person has, or waits for."""
        return next((each for each in self.bookings if each.person_id == person_id and each.status in LIVE), None)

    def left(self, organisation: str) -> int:
        """The places that an organisation could still book."""
        return bookings.left(
            self.places, {share.organisation: share.places for share in self.shares}, self.bookings, organisation
        )

    @property
    def organisations(self) -> frozenset[str]:
        """Whose learners came: those of two or more learned with each other."""
        return frozenset(each.organisation for each in self.bookings if each.participated)


def evolve(cohort: Cohort | None, fact: Fact) -> Cohort:
    """The cohort after a fact. Raises CannotFollow."""
    match cohort, fact:
        case None, CohortScheduled():
            return Cohort(
                status=Status.SCHEDULED,
                since=fact.occurred_on,
                course_id=fact.course_id,
                title=fact.title,
                category=fact.category,
                programme=fact.programme,
                hours=fact.hours,
                eligibility=fact.eligibility,
                sessions=fact.sessions,
                places=fact.places,
                shares=fact.shares,
                release_on=fact.release_on,
            )
        case Cohort(status=Status.SCHEDULED), PlacesReleased():
            return changed(cohort, shares=())
        case Cohort(status=Status.SCHEDULED), CohortHeld(occurred_on=day):
            return changed(cohort, status=Status.HELD, since=day)
        case Cohort(status=Status.SCHEDULED), CohortCancelled(occurred_on=day, reason=reason):
            return changed(cohort, status=Status.CANCELLED, since=day, reason=reason)
        case Cohort(), OfPlace():
            return changed(cohort, bookings=_with(cohort, _booking(cohort, fact)))
        case _:
            raise CannotFollow(fact, cohort)


def _booking(cohort: Cohort, fact: OfPlace) -> Booking:
    """The booking after a fact of it. Raises CannotFollow."""
    held = next((each for each in cohort.bookings if each.id == fact.booking_id), None)
    match cohort.status, held, fact:
        case Status.SCHEDULED, None, LearnerBooked():
            return _begun(fact, bookings.Status.BOOKED)
        case Status.SCHEDULED, None, LearnerWaitlisted():
            return _begun(fact, bookings.Status.WAITING)
        case _, _, LearnerAttended(occurred_on=day) | LearnerMissed(occurred_on=day) if day not in cohort.sessions:
            raise CannotFollow(fact, cohort)
        case Status.SCHEDULED, None, LearnerAttended(walk_in=True):
            return changed(_begun(fact, bookings.Status.BOOKED), attended=(fact.occurred_on,))
        case Status.SCHEDULED, Booking(status=bookings.Status.WAITING | bookings.Status.OFFERED), LearnerAttended(
            walk_in=True
        ):
            return changed(held, status=bookings.Status.BOOKED, offered_until=None, attended=(fact.occurred_on,))
        case Status.SCHEDULED, Booking(status=bookings.Status.WAITING), PlaceOffered(until=until):
            return _moved(held, fact, bookings.Status.OFFERED, until)
        case Status.SCHEDULED, Booking(status=bookings.Status.OFFERED), PlaceTaken():
            return _moved(held, fact, bookings.Status.BOOKED)
        case Status.SCHEDULED, Booking(status=bookings.Status.OFFERED), PlaceLapsed():
            return _moved(held, fact, bookings.Status.LAPSED)
        case Status.SCHEDULED, Booking(status=bookings.Status.BOOKED), AttendanceConfirmed():
            return _moved(held, fact, bookings.Status.CONFIRMED)
        case ((Status.SCHEDULED | Status.CANCELLED), Booking(status=status), BookingCancelled()) if status in LIVE:
            return _moved(held, fact, bookings.Status.CANCELLED)
        case Status.SCHEDULED, Booking(status=status), LearnerAttended(occurred_on=day) if (
            status in COMES and day not in held.attended
        ):
            missed = tuple(each for each in held.missed if each != day)
            return changed(held, attended=tuple(sorted((*held.attended, day))), missed=missed)
        case Status.SCHEDULED, Booking(status=status), LearnerMissed(occurred_on=day) if (
            status in COMES and day not in held.missed
        ):
            attended = tuple(each for each in held.attended if each != day)
            return changed(held, missed=tuple(sorted((*held.missed, day))), attended=attended)
        case Status.HELD, Booking(status=status), CourseCompleted() if status in COMES:
            return _moved(held, fact, bookings.Status.COMPLETED)
        case Status.HELD, Booking(status=status), CoursePartlyCompleted() if status in COMES:
            return _moved(held, fact, bookings.Status.PARTLY_COMPLETED)
        case Status.HELD, Booking(status=status), CourseNotAttended() if status in COMES:
            return _moved(held, fact, bookings.Status.NOT_ATTENDED)
        # what learners said stands also while the register is open again
        case ((Status.HELD | Status.SCHEDULED), Booking(evaluated=False), CourseEvaluated()) if held.participated:
            return changed(held, evaluated=True)
        case ((Status.HELD | Status.SCHEDULED), Booking(use_reported=False), UseReported()) if held.participated:
            return changed(held, use_reported=True)
        case _:
            raise CannotFollow(fact, cohort)


def _begun(fact: OfPlace, status: bookings.Status) -> Booking:
    return Booking(
        id=fact.booking_id,
        person_id=fact.person_id,
        organisation=fact.organisation,
        sector=fact.sector,
        learner_kind=fact.learner_kind,
        status=status,
        since=fact.occurred_on,
    )


def _moved(held: Booking, fact: OfPlace, status: bookings.Status, offered_until: date | None = None) -> Booking:
    """What is no longer offered has no day until which it is."""
    return changed(held, status=status, since=fact.occurred_on, offered_until=offered_until)


def _with(cohort: Cohort, booking: Booking) -> tuple[Booking, ...]:
    known = any(each.id == booking.id for each in cohort.bookings)
    if not known:
        return (*cohort.bookings, booking)
    return tuple(booking if each.id == booking.id else each for each in cohort.bookings)


# What facts say ---------------------------------------------------------------------------------------------------------


def of_cohort(cohort: Cohort) -> dict[str, Any]:
    return {"course_id": cohort.course_id, "category": cohort.category, "programme": cohort.programme}


def of(cohort: Cohort, booking: Booking) -> dict[str, Any]:
    """What every fact of a booking says."""
    return {
        **of_cohort(cohort), "booking_id": booking.id, "person_id": booking.person_id, "organisation": booking.organisation,
        "sector": booking.sector, "learner_kind": booking.learner_kind,
    }  # fmt: skip
