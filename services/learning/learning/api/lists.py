"""How each list is filtered: by fields of the state."""

from uuid import UUID

from kit.routes.things import Listed
from learning.domain import cohort, course
from schemas.learning import Category, Programme
from schemas.values import PartnerId


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
