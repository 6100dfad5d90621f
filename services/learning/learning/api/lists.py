"""How each list is filtered: by fields of the state."""

from uuid import UUID

from kit.routes.things import Listed
from learning.domain import (
    apprenticeship,
    cohort,
    competence,
    course,
    cycle,
    employment,
    enrolment,
    induction,
    pathway,
    refresher,
    requirement,
)
from schemas.learning import Category, EnrolledFor, Programme, Standard, Subject, TrainingSource
from schemas.values import Code, PartnerId, Soc2020


class Courses(Listed):
    status: course.Status | None = None
    category: Category | None = None
    programme: Programme | None = None
    provider: PartnerId | None = None
    online: bool | None = None


class Cohorts(Listed):
    status: cohort.Status | None = None
    course_id: UUID | None = None
    category: Category | None = None
    programme: Programme | None = None


class Refreshers(Listed):
    status: refresher.Status | None = None
    framework: Code | None = None
    subject: Subject | None = None
    organisation: PartnerId | None = None


class Competences(Listed):
    status: competence.Status | None = None
    person_id: UUID | None = None
    organisation: PartnerId | None = None
    subject: Subject | None = None
    source: TrainingSource | None = None


class Inductions(Listed):
    status: induction.Status | None = None
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None


class Enrolments(Listed):
    status: enrolment.Status | None = None
    course_id: UUID | None = None
    person_id: UUID | None = None
    organisation: PartnerId | None = None
    why: EnrolledFor | None = None
    online: bool | None = None


class Requirements(Listed):
    status: requirement.Status | None = None
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None
    subject: Subject | None = None


class Employments(Listed):
    status: employment.Status | None = None
    person_id: UUID | None = None
    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None


class Cycles(Listed):
    status: cycle.Status | None = None
    year: int | None = None


class Pathways(Listed):
    status: pathway.Status | None = None
    person_id: UUID | None = None
    provider: PartnerId | None = None
    start_year: int | None = None


class Apprenticeships(Listed):
    status: apprenticeship.Status | None = None
    person_id: UUID | None = None
    employer: PartnerId | None = None
    provider: PartnerId | None = None
    standard: Standard | None = None
