"""How each list is filtered: by fields of the state."""

from uuid import UUID

from kit.routes.things import Listed
from learning.domain import cohort, competence, course, refresher
from schemas.learning import Category, Programme, Subject, TrainingSource
from schemas.values import Code, PartnerId


class Courses(Listed):
    status: course.Status | None = None
    category: Category | None = None
    programme: Programme | None = None
    provider: PartnerId | None = None


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
