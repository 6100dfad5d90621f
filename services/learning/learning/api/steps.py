"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from functools import partial

from kit.routes.things import Taken, Things, beginning, own
from learning import handlers
from learning.api import lists
from learning.domain import cohort, course, places, register
from learning.domain.cohort import Cohort
from learning.domain.course import Course
from learning.store import aggregates

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner's people see and do their own alone: the database and the handlers hide the rest."""

_things = partial(Things, aggregates=aggregates, correct=aggregates.correct, correctors=COORDINATOR)

BOOK = Taken(handlers.Team, handlers.book, COORDINATOR)
OF_BOOKING = {
    "swap": Taken(handlers.Swapping, handlers.swap, COORDINATOR),
    "take": Taken(places.Take, handlers.of_booking, COORDINATOR),
    "confirm": Taken(places.Confirm, handlers.of_booking, COORDINATOR),
    "cancel-booking": Taken(places.CancelBooking, handlers.of_booking, COORDINATOR),
}
"""Partners' people do the same to their own, by `places`."""

COURSES = _things(
    kind=Course,
    path="/courses",
    begun_by=course.Publish,
    begin=beginning(aggregates, Course),
    begin_roles=COORDINATOR,
    steps=own(aggregates, Course, COORDINATOR, course.Retire),
    asked_by=lists.Courses,
    readers=("coordinator", "partner", "auditor"),
)
COHORTS = _things(
    kind=Cohort,
    path="/cohorts",
    begun_by=handlers.Scheduling,
    begin=handlers.schedule,
    begin_roles=COORDINATOR,
    steps=own(
        aggregates,
        Cohort,
        COORDINATOR,
        register.Register,
        register.Hold,
        cohort.Cancel,
        register.Evaluate,
        register.ReportUse,
    )
    | OF_BOOKING
    | {
        "book": BOOK,
        "walk-ins": Taken(handlers.Walked, handlers.walk_ins, COORDINATOR),
        "reopen": Taken(handlers.Reopening, handlers.reopen, COORDINATOR),
    },
    asked_by=lists.Cohorts,
    readers=("coordinator", "auditor"),
)

ALL = (COURSES, COHORTS)
"""Every aggregate that has routes."""
