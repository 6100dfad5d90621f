"""A cohort: a course that is held, its places, and who has them.

Places are in the cohort and not beside it, so that the last of them is given once however many ask for it at the same moment. What
partners keep for themselves is theirs until it is released; whoever finds no place waits; a place that comes free is offered to the
first who waits and may have it. The closing of the register says who completed: whoever came to every session.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from pydantic import Field

from kit import step
from kit.errors import Invalid, NotFound, Refused
from kit.step import CannotFollow, Command, InTheFuture, NotInThisState, Waiting, changed, day_of, end_of, start_of
from learning.domain import booking as bookings
from learning.domain.booking import COMES, LIVE, Booking
from learning.domain.course import Course
from learning.domain.course import Status as CourseStatus
from schemas.fact import Fact
from schemas.learning import (
    AttendanceConfirmed,
    BookingCancelled,
    CancellationReason,
    Category,
    CohortCancelled,
    CohortHeld,
    CohortScheduled,
    Confidence,
    CourseCompleted,
    CourseEvaluated,
    CourseNotAttended,
    CoursePartlyCompleted,
    Eligibility,
    LearnerAttended,
    LearnerBooked,
    LearnerKind,
    LearnerMissed,
    LearnerWaitlisted,
    OfPlace,
    PlaceLapsed,
    PlaceOffered,
    PlacesReleased,
    PlaceTaken,
    Programme,
    Rating,
    Share,
    UseReported,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Sector, business_date

AGGREGATE = "cohort"

OFFER_LASTS = timedelta(days=3)
"""How long a place that came free is kept for a learner who waited."""
LATE_FROM = timedelta(days=7)
"""A booking that is cancelled so shortly before the first session is cancelled late: the place may stay empty."""
USE_AFTER = timedelta(days=90)
"""When a learner is asked whether they use what they learned."""


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

    def booking(self, id_: UUID) -> Booking:
        """The booking with this id. Raises NotFound."""
        found = next((each for each in self.bookings if each.id == id_), None)
        if found is None:
            raise NotFound(field="booking_id")
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


class Learner(Part):
    """Somebody for whom a place is asked."""

    booking_id: UUID
    person_id: UUID
    kind: LearnerKind = LearnerKind.WORKFORCE
    eligible: bool = False
    """That the course is for them, as they said themselves: asked only where a course is not for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Command):
    course_id: UUID
    course: Course
    sessions: Annotated[tuple[BusinessDate, ...], Field(min_length=1, max_length=100)]
    places: Annotated[int, Field(ge=1, le=500)]
    shares: tuple[Share, ...] = ()
    release_on: BusinessDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book(Command):
    """Places for learners of one organisation; who finds none waits."""

    organisation: PartnerId
    sector: Sector
    learners: tuple[Learner, ...]


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
class WalkIns(Command):
    """Learners of one organisation who came without having booked."""

    session: BusinessDate
    organisation: PartnerId
    sector: Sector
    learners: tuple[Learner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Command):
    """Who came to a session: of everybody who had a place, those who are not named did not come."""

    session: BusinessDate
    attended: Annotated[tuple[UUID, ...], Field(max_length=1000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Command):
    """The register is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Command):
    """What partners kept and did not use goes to everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseOffer(Command):
    booking_id: UUID


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


COMMANDS = (
    Schedule, Book, Swap, Take, Confirm, CancelBooking, WalkIns, Register, Hold, Cancel, Release, LapseOffer, Evaluate,
    ReportUse,
)  # fmt: skip

ALLOWED: Mapping[Status, tuple[type[Command], ...]] = MappingProxyType({
    Status.SCHEDULED: (Book, Swap, Take, Confirm, CancelBooking, WalkIns, Register, Hold, Cancel),
    Status.HELD: (Evaluate, ReportUse),
    Status.CANCELLED: (),
})  # fmt: skip

CohortFact: TypeAlias = CohortScheduled | PlacesReleased | CohortHeld | CohortCancelled | OfPlace


# Refusals --------------------------------------------------------------------------------------------------------------


class CourseNotOpen(Refused):
    """The course has left the catalogue."""


class SessionsOutOfOrder(Invalid):
    """The days of the sessions follow each other, and none stands twice."""


class SharedOutTwice(Invalid):
    """A partner's share is said once."""


class MoreSharesThanPlaces(Invalid):
    """No more places can be kept than there are."""


class ReleaseMissing(Invalid):
    """Places that are kept for partners are released on a day before the first session."""


class EligibilityNotConfirmed(Refused):
    """This course is for those who say that they are eligible."""


class LearnerNamedTwice(Invalid):
    """A learner is named once."""


class RegisterOpen(Refused):
    """Somebody's attendance has not been said for every session."""


class NotASession(Invalid):
    """The cohort does not meet on that day."""


class NoPlaceOffered(Refused):
    """No place is offered in this booking, or the offer has lapsed."""


class BookingOver(Refused):
    """This booking is over."""


class AnotherOrganisation(Refused):
    """A place is passed on within an organisation."""


class TooEarly(Invalid):
    """It is asked three months after the last session."""


class DidNotParticipate(Refused):
    """Only those who came can say what it was worth."""


# The machine -----------------------------------------------------------------------------------------------------------


def decide(command: Command, cohort: Cohort | None, now: datetime) -> list[CohortFact]:
    """The facts that follow from a command. An empty list means: already so."""
    match command, cohort:
        case Schedule(), None:
            return [_scheduled(command, day_of(command, now))]
        case _, None:
            raise NotFound

        case Book(), Cohort(status=Status.SCHEDULED):
            return _book(command, cohort, day_of(command, now, after=cohort.since))
        case Swap(), Cohort(status=Status.SCHEDULED):
            return _swap(command, cohort, now)
        case Take(), Cohort(status=Status.SCHEDULED):
            return _take(cohort.booking(command.booking_id), cohort, command, now)
        case Confirm(), Cohort(status=Status.SCHEDULED):
            return _confirm(cohort.booking(command.booking_id), cohort, command, now)
        case CancelBooking(), Cohort(status=Status.SCHEDULED):
            return _cancel_booking(cohort.booking(command.booking_id), cohort, command, now)
        case LapseOffer(), Cohort(status=Status.SCHEDULED):
            return _lapse(cohort.booking(command.booking_id), cohort)
        case Release(), Cohort(status=Status.SCHEDULED):
            return _release(cohort)
        case WalkIns(), Cohort(status=Status.SCHEDULED):
            return _walk_ins(command, cohort, now)
        case Register(), Cohort(status=Status.SCHEDULED):
            return _register(command, cohort, now)
        case Hold(), Cohort(status=Status.SCHEDULED):
            return _hold(cohort, day_of(command, now, after=cohort.sessions[-1]))
        case Cancel(), Cohort(status=Status.SCHEDULED):
            return _cancel(command, cohort, day_of(command, now, after=cohort.since))
        case Evaluate(), Cohort(status=Status.HELD):
            return _evaluate(cohort.booking(command.booking_id), cohort, command, now)
        case ReportUse(), Cohort(status=Status.HELD):
            return _report_use(cohort.booking(command.booking_id), cohort, command, now)

        case Hold(), Cohort(status=Status.HELD):
            return []
        case Cancel(reason=reason), Cohort(status=Status.CANCELLED, reason=said) if reason == said:
            return []
        case _:
            raise NotInThisState(state=cohort.status, allowed=allowed(cohort))


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
            return changed(cohort, bookings=_with(cohort, _place(cohort, fact)))
        case _:
            raise CannotFollow(fact, cohort)


def _place(cohort: Cohort, fact: OfPlace) -> Booking:
    """The booking after a fact of it. Raises CannotFollow."""
    held = next((each for each in cohort.bookings if each.id == fact.booking_id), None)
    match cohort.status, held, fact:
        case Status.SCHEDULED, None, LearnerBooked():
            return _begun(fact, bookings.Status.BOOKED)
        case Status.SCHEDULED, None, LearnerWaitlisted():
            return _begun(fact, bookings.Status.WAITING)
        case Status.SCHEDULED, None, LearnerAttended(walk_in=True):
            return changed(_begun(fact, bookings.Status.BOOKED), attended=(fact.occurred_on,))
        case Status.SCHEDULED, Booking(status=bookings.Status.WAITING | bookings.Status.OFFERED), LearnerAttended(
            walk_in=True
        ):
            return changed(held, status=bookings.Status.BOOKED, offered_until=None, attended=(fact.occurred_on,))
        case Status.SCHEDULED, Booking(status=bookings.Status.WAITING), PlaceOffered(until=until):
            return _moved(held, fact, bookings.Status.OFFERED, offered_until=until)
        case Status.SCHEDULED, Booking(status=bookings.Status.OFFERED), PlaceTaken():
            return _moved(held, fact, bookings.Status.BOOKED, offered_until=None)
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
        case Status.HELD, Booking(evaluated=False), CourseEvaluated() if held.participated:
            return changed(held, evaluated=True)
        case Status.HELD, Booking(use_reported=False), UseReported() if held.participated:
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


def _moved(held: Booking, fact: OfPlace, status: bookings.Status, **more: Any) -> Booking:
    return changed(held, status=status, since=fact.occurred_on, **more)


def _with(cohort: Cohort, booking: Booking) -> tuple[Booking, ...]:
    known = any(each.id == booking.id for each in cohort.bookings)
    if not known:
        return (*cohort.bookings, booking)
    return tuple(booking if each.id == booking.id else each for each in cohort.bookings)


# Scheduling ------------------------------------------------------------------------------------------------------------


def _scheduled(command: Schedule, day: date) -> CohortScheduled:
    course, sessions = command.course, command.sessions
    if course.status is not CourseStatus.PUBLISHED:
        raise CourseNotOpen(state=course.status)
    if list(sessions) != sorted(set(sessions)):
        raise SessionsOutOfOrder(field="sessions")
    owners = [share.organisation for share in command.shares]
    if len(set(owners)) < len(owners):
        raise SharedOutTwice(field="shares")
    if sum(share.places for share in command.shares) > command.places:
        raise MoreSharesThanPlaces(field="shares")
    if bool(owners) != (command.release_on is not None) or (command.release_on or day) > sessions[0]:
        raise ReleaseMissing(field="release_on")
    return CohortScheduled(
        occurred_on=day,
        course_id=command.course_id,
        category=course.category,
        programme=course.programme,
        title=course.title,
        hours=course.hours,
        eligibility=course.eligibility,
        sessions=sessions,
        places=command.places,
        shares=command.shares,
        release_on=command.release_on,
    )


def _cancel(command: Cancel, cohort: Cohort, day: date) -> list[CohortFact]:
    said: list[CohortFact] = [CohortCancelled(**_of_cohort(cohort), occurred_on=day, reason=command.reason)]
    for booking in cohort.bookings:
        if booking.status in LIVE:
            gone = max(day, booking.since)
            reason = CancellationReason.COHORT_CANCELLED
            said.append(BookingCancelled(**_of(cohort, booking), occurred_on=gone, reason=reason, late=False))
    return said


# Places ----------------------------------------------------------------------------------------------------------------


def _book(command: Book, cohort: Cohort, day: date) -> list[CohortFact]:
    """A place for each who finds one, in the order in which they are named; the others wait."""
    said: list[CohortFact] = []
    for learner in _each_once(command.learners):
        if cohort.live(learner.person_id) is not None:
            continue
        _refuse_not_eligible(cohort, learner)
        kind = LearnerBooked if cohort.left(command.organisation) > 0 else LearnerWaitlisted
        fact = kind(**_asked(cohort, command, learner), occurred_on=day)
        cohort = evolve(cohort, fact)
        said.append(fact)
    return said


def _swap(command: Swap, cohort: Cohort, now: datetime) -> list[CohortFact]:
    booking, learner = cohort.booking(command.booking_id), command.learner
    if booking.status not in COMES or booking.attended or booking.missed:
        raise BookingOver(state=booking.status)
    if cohort.live(learner.person_id) is not None:
        raise LearnerNamedTwice(field="learner.person_id")
    _refuse_not_eligible(cohort, learner)
    day = day_of(command, now, after=booking.since)
    gone = BookingCancelled(**_of(cohort, booking), occurred_on=day, reason=CancellationReason.SWAPPED, late=False)
    own = {**_of(cohort, booking), "booking_id": learner.booking_id, "person_id": learner.person_id}
    return [gone, LearnerBooked(**{**own, "learner_kind": learner.kind}, occurred_on=day)]


def _take(booking: Booking, cohort: Cohort, command: Take, now: datetime) -> list[CohortFact]:
    if booking.status in COMES:
        return []
    day = day_of(command, now, after=booking.since)
    if booking.status is not bookings.Status.OFFERED or day > (booking.offered_until or day):
        raise NoPlaceOffered(state=booking.status)
    return [PlaceTaken(**_of(cohort, booking), occurred_on=day)]


def _confirm(booking: Booking, cohort: Cohort, command: Confirm, now: datetime) -> list[CohortFact]:
    if booking.status is bookings.Status.CONFIRMED:
        return []
    if booking.status is not bookings.Status.BOOKED:
        raise NoPlaceOffered(state=booking.status)
    return [AttendanceConfirmed(**_of(cohort, booking), occurred_on=day_of(command, now, after=booking.since))]


def _cancel_booking(booking: Booking, cohort: Cohort, command: CancelBooking, now: datetime) -> list[CohortFact]:
    if booking.status is bookings.Status.CANCELLED:
        return []
    if booking.status not in LIVE or booking.attended or booking.missed:
        raise BookingOver(state=booking.status)
    day = day_of(command, now, after=booking.since)
    late = booking.status in COMES and day > cohort.sessions[0] - LATE_FROM
    gone = BookingCancelled(**_of(cohort, booking), occurred_on=day, reason=command.reason, late=late)
    return [gone, *_offers(evolve(cohort, gone), day)]


def _lapse(booking: Booking, cohort: Cohort) -> list[CohortFact]:
    if booking.status is not bookings.Status.OFFERED or booking.offered_until is None:
        return []
    gone = PlaceLapsed(**_of(cohort, booking), occurred_on=booking.offered_until)
    return [gone, *_offers(evolve(cohort, gone), booking.offered_until + timedelta(days=1))]


def _release(cohort: Cohort) -> list[CohortFact]:
    if not cohort.shares or cohort.release_on is None:
        return []
    freed = PlacesReleased(
        **_of_cohort(cohort), occurred_on=cohort.release_on, unused=bookings.unused(cohort.shares, cohort.bookings)
    )
    return [freed, *_offers(evolve(cohort, freed), cohort.release_on)]


def _offers(cohort: Cohort, day: date) -> Iterator[PlaceOffered]:
    """An offer for each place that is free, to the first who waits and may have it; none on the day before the course or later."""
    until = min(day + OFFER_LASTS, cohort.sessions[0] - timedelta(days=1))
    if until < day:
        return
    for booking in cohort.bookings:
        if booking.status is bookings.Status.WAITING and cohort.left(booking.organisation) > 0:
            fact = PlaceOffered(**_of(cohort, booking), occurred_on=max(day, booking.since), until=until)
            cohort = evolve(cohort, fact)
            yield fact


# The register ----------------------------------------------------------------------------------------------------------


def _walk_ins(command: WalkIns, cohort: Cohort, now: datetime) -> list[CohortFact]:
    """Whoever waited, or is not known to the cohort, and came."""
    day = _session(command.session, cohort, now)
    said: list[CohortFact] = []
    for learner in _each_once(command.learners):
        known = cohort.live(learner.person_id)
        if known is not None and known.status in COMES:
            continue
        _refuse_not_eligible(cohort, learner)
        own = _asked(cohort, command, learner) if known is None else _of(cohort, known)
        said.append(LearnerAttended(**own, occurred_on=day, walk_in=True))
    return said


def _register(command: Register, cohort: Cohort, now: datetime) -> list[CohortFact]:
    """What is new, or other than what the register said before."""
    day = _session(command.session, cohort, now)
    came = {cohort.booking(id_).id for id_ in command.attended}
    said: list[CohortFact] = []
    for booking in cohort.bookings:
        if booking.status not in COMES:
            if booking.id in came:
                raise BookingOver(state=booking.status, field="attended")
            continue
        if booking.id in came and day not in booking.attended:
            said.append(LearnerAttended(**_of(cohort, booking), occurred_on=day, walk_in=False))
        if booking.id not in came and day not in booking.missed:
            said.append(LearnerMissed(**_of(cohort, booking), occurred_on=day))
    return said


def _hold(cohort: Cohort, day: date) -> list[CohortFact]:
    """The closing of the register, and what it means for each who had a place."""
    own = [booking for booking in cohort.bookings if booking.status in COMES]
    if any(set(booking.attended) | set(booking.missed) != set(cohort.sessions) for booking in own):
        raise RegisterOpen(state=cohort.status)
    said: list[CohortFact] = [CohortHeld(**_of_cohort(cohort), occurred_on=day)]
    said += [_outcome(cohort, booking, day) for booking in own]
    for booking in cohort.bookings:
        if booking.status in (bookings.Status.WAITING, bookings.Status.OFFERED):
            reason = CancellationReason.NO_LONGER_NEEDED
            said.insert(0, BookingCancelled(**_of(cohort, booking), occurred_on=day, reason=reason, late=False))
    return said


def _outcome(cohort: Cohort, booking: Booking, day: date) -> OfPlace:
    own = _of(cohort, booking)
    if not booking.attended:
        return CourseNotAttended(**own, occurred_on=day)
    if len(booking.attended) == len(cohort.sessions):
        return CourseCompleted(**own, occurred_on=day, title=cohort.title, hours=cohort.hours)
    return CoursePartlyCompleted(**own, occurred_on=day, attended=len(booking.attended), of=len(cohort.sessions))


# What it was worth -----------------------------------------------------------------------------------------------------


def _evaluate(booking: Booking, cohort: Cohort, command: Evaluate, now: datetime) -> list[CohortFact]:
    if not booking.participated:
        raise DidNotParticipate(state=booking.status)
    if booking.evaluated:
        return []
    return [
        CourseEvaluated(
            **_of(cohort, booking),
            occurred_on=day_of(command, now, after=cohort.sessions[-1]),
            rating=command.rating,
            confidence_before=command.confidence_before,
            confidence_after=command.confidence_after,
        )
    ]


def _report_use(booking: Booking, cohort: Cohort, command: ReportUse, now: datetime) -> list[CohortFact]:
    if not booking.participated:
        raise DidNotParticipate(state=booking.status)
    if booking.use_reported:
        return []
    day = day_of(command, now, after=cohort.sessions[-1])
    if day < cohort.sessions[-1] + USE_AFTER:
        raise TooEarly(field="occurred_on")
    return [UseReported(**_of(cohort, booking), occurred_on=day, used=command.used)]


# What facts say --------------------------------------------------------------------------------------------------------


def _of_cohort(cohort: Cohort) -> dict[str, Any]:
    return {"course_id": cohort.course_id, "category": cohort.category, "programme": cohort.programme}


def _of(cohort: Cohort, booking: Booking) -> dict[str, Any]:
    """What every fact of a booking says."""
    return {
        **_of_cohort(cohort), "booking_id": booking.id, "person_id": booking.person_id, "organisation": booking.organisation,
        "sector": booking.sector, "learner_kind": booking.learner_kind,
    }  # fmt: skip


def _asked(cohort: Cohort, command: Book | WalkIns, learner: Learner) -> dict[str, Any]:
    """The same of a booking that begins."""
    return {
        **_of_cohort(cohort), "booking_id": learner.booking_id, "person_id": learner.person_id,
        "organisation": command.organisation, "sector": command.sector, "learner_kind": learner.kind,
    }  # fmt: skip


def _each_once(learners: Sequence[Learner]) -> Sequence[Learner]:
    if len({learner.person_id for learner in learners}) < len(learners):
        raise LearnerNamedTwice(field="learners")
    return learners


def _refuse_not_eligible(cohort: Cohort, learner: Learner) -> None:
    if cohort.eligibility is not None and not learner.eligible:
        raise EligibilityNotConfirmed(field="eligible")


def _session(day: date, cohort: Cohort, now: datetime) -> date:
    if day not in cohort.sessions:
        raise NotASession(field="session")
    if day > business_date(now):
        raise InTheFuture(field="session")
    return day


# What the state implies ------------------------------------------------------------------------------------------------


def allowed(cohort: Cohort | None) -> tuple[str, ...]:
    """The commands that would change it."""
    return step.names((Schedule,) if cohort is None else ALLOWED[cohort.status])


def deadlines(cohort: Cohort) -> Mapping[str, datetime]:
    """Places are released, offers lapse."""
    if cohort.status is not Status.SCHEDULED:
        return {}
    found = {
        f"lapse-offer:{booking.id}": end_of(booking.offered_until)
        for booking in cohort.bookings
        if booking.status is bookings.Status.OFFERED and booking.offered_until is not None
    }
    if cohort.shares and cohort.release_on is not None:
        found["release"] = start_of(cohort.release_on)
    return found


def due(name: str, cohort: Cohort) -> Command:
    """The command that a deadline stands for."""
    if name == "release":
        return Release()
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
