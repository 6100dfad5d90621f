"""Facts of courses, of the cohorts that hold them, and of everybody's place in one: who booked, who came, who finished."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.learning.words import (
    SERVICE,
    CancellationReason,
    Category,
    Confidence,
    Eligibility,
    Hours,
    LearnerKind,
    Pence,
    Programme,
    Rating,
    Share,
    Skill,
)
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Sector, Small

# Courses ---------------------------------------------------------------------------------------------------------------


class OfCourse(Step):
    """Every fact that belongs to a course says what it is counted under."""

    category: Category
    programme: Programme


class CoursePublished(OfCourse, service=SERVICE, aggregate="course"):
    """A course is in the catalogue: quality-assured, free to any member of staff of any partner."""

    title: Label
    provider: PartnerId
    hours: Hours
    eligibility: Eligibility | None = None
    seat_pence: Pence | None = None
    """What a place costs whoever gives the course, in pence."""
    backfill_pence: Pence | None = None
    """What it costs a learner's organisation to do without them meanwhile, in pence."""
    teaches: Skill | None = None
    """Whoever completes it has this skill: it goes on their record."""
    online: bool | None = None
    """True: it is learned alone, whenever the learner likes, and there are no cohorts to wait for."""


class CourseRetired(OfCourse, service=SERVICE, aggregate="course"):
    """A course left the catalogue; cohorts that are scheduled are held all the same."""

    reason: Code


# Cohorts ---------------------------------------------------------------------------------------------------------------


class OfCohort(OfCourse):
    """Every fact of a cohort says of which course it is."""

    course_id: Id


class CohortScheduled(OfCohort, service=SERVICE, aggregate="cohort"):
    """A course is to be held: when, for how many, and with which places kept for whom."""

    title: Label
    hours: Hours
    sessions: Annotated[tuple[BusinessDate, ...], Field(min_length=1, max_length=100)]
    """The days on which it meets, in order."""
    places: Annotated[int, Field(ge=1, le=500)]
    shares: tuple[Share, ...]
    release_on: BusinessDate | None = None
    """The day on which places that are kept and unused go to everybody."""
    eligibility: Eligibility | None = None


class PlacesReleased(OfCohort, service=SERVICE, aggregate="cohort"):
    """Places that were kept for partners and not used went to everybody."""

    unused: Small


class CohortHeld(OfCohort, service=SERVICE, aggregate="cohort"):
    """The register is closed: whoever came to every session has completed the course."""


class CohortCancelled(OfCohort, service=SERVICE, aggregate="cohort"):
    """A cohort will not be held."""

    reason: Code


# Places of a cohort ----------------------------------------------------------------------------------------------------


class OfPlace(OfCohort):
    """Every fact of somebody's place says whose it is, and for which organisation they learn."""

    booking_id: Id
    person_id: Id
    organisation: PartnerId
    sector: Sector
    learner_kind: LearnerKind


class LearnerBooked(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner has a place."""


class LearnerWaitlisted(OfPlace, service=SERVICE, aggregate="cohort"):
    """There was no place: the learner waits for one, in the order in which learners asked."""


class PlaceOffered(OfPlace, service=SERVICE, aggregate="cohort"):
    """A place came free for a learner who waited: it is theirs if they take it in time."""

    until: BusinessDate
    """The last day on which it can be taken."""


class PlaceTaken(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner took the place that was offered."""


class PlaceLapsed(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner did not take the offered place in time."""


class AttendanceConfirmed(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner said that they will come."""


class BookingCancelled(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner gave the place, or the wait for one, up."""

    reason: CancellationReason
    late: bool
    """So shortly before the first session that the place may stay empty."""


class LearnerAttended(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner came to a session: they participated. The date is the session's."""

    walk_in: bool
    """Without having booked."""


class LearnerMissed(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner who had a place did not come to a session. The date is the session's."""


class CourseCompleted(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner came to every session."""

    title: Label
    hours: Hours


class CoursePartlyCompleted(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner came to some sessions and not to all: participated, and not completed."""

    attended: Small
    of: Small


class CourseNotAttended(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner who had a place came to no session."""


class CourseEvaluated(OfPlace, service=SERVICE, aggregate="cohort"):
    """A learner said after the course what it was worth, and how confident they were before and are now."""

    rating: Rating
    confidence_before: Confidence
    confidence_after: Confidence


class UseReported(OfPlace, service=SERVICE, aggregate="cohort"):
    """Three months later: whether the learner uses at work what they learned."""

    used: bool
