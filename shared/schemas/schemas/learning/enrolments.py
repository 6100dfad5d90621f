"""Facts of what starters learn first, and of who is to learn a course and did."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.learning.courses import OfCourse
from schemas.learning.words import SERVICE, EnrolledFor, EnrolmentEnd, Hours, LearnerKind
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Sector, Soc2020

# Inductions ------------------------------------------------------------------------------------------------------------


class InductionSet(Step, service=SERVICE, aggregate="induction"):
    """What whoever starts with an organisation learns first: its induction and priority training. Said again it takes the place of
    the last."""

    organisation: PartnerId
    sector: Sector
    soc2020: Soc2020 | None = None
    """For this kind of work alone; None: for everybody who starts."""
    movers: bool | None = None
    """For staff of another organisation who come to work here for a while: the local induction. Else for the employer's own."""
    courses: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    within_days: Annotated[int, Field(ge=0, le=366)]
    """How long after the first day it is to be done."""


class InductionRetired(Step, service=SERVICE, aggregate="induction"):
    """An employer's starters are no longer enrolled in it."""

    organisation: PartnerId
    reason: Code


# Enrolments ------------------------------------------------------------------------------------------------------------


class OfEnrolment(OfCourse):
    """Every fact of an enrolment says who learns what, and for which organisation."""

    course_id: Id
    person_id: Id
    organisation: PartnerId
    sector: Sector
    learner_kind: LearnerKind


class LearnerEnrolled(OfEnrolment, service=SERVICE, aggregate="enrolment"):
    """Somebody is to learn a course: alone, online, or as soon as a cohort of it has a place."""

    online: bool
    why: EnrolledFor
    due_on: BusinessDate | None = None
    """The day by which an employer wants it done."""


class LearningCompleted(OfEnrolment, service=SERVICE, aggregate="enrolment"):
    """A learner completed a course by themselves, outside any cohort."""

    title: Label
    hours: Hours


class EnrolmentEnded(OfEnrolment, service=SERVICE, aggregate="enrolment"):
    """An enrolment ended, and the course was not completed by it."""

    reason: EnrolmentEnd
