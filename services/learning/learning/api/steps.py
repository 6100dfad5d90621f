"""Every command, as a route: what it is called, what it takes, what it does, and who may."""

from functools import partial

from kit.routes.things import Taken, Things, beginning, name_of, own
from kit.step import Command
from learning.api import lists
from learning.domain import (
    apprenticeship,
    cohort,
    course,
    cycle,
    employment,
    enrolment,
    induction,
    pathway,
    places,
    refresher,
    register,
    requirement,
)
from learning.domain.apprenticeship import Apprenticeship
from learning.domain.cohort import Cohort
from learning.domain.competence import Competence
from learning.domain.course import Course
from learning.domain.cycle import Cycle
from learning.domain.employment import Employment
from learning.domain.enrolment import Enrolment
from learning.domain.induction import Induction
from learning.domain.pathway import Pathway
from learning.domain.refresher import Refresher
from learning.domain.requirement import Requirement
from learning.handlers import cohorts, compliance, corrections, enrolments, needs, pathways, skills
from learning.store import aggregates

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner's people see and do their own alone: the database and the handlers hide the rest."""

_things = partial(Things, aggregates=aggregates, correct=corrections.correct, correctors=COORDINATOR)

BOOK = Taken(cohorts.Team, cohorts.book, COORDINATOR)
OF_BOOKING = {
    "swap": Taken(cohorts.Swapping, cohorts.swap, COORDINATOR),
    "take": Taken(places.Take, cohorts.of_booking, COORDINATOR),
    "confirm": Taken(places.Confirm, cohorts.of_booking, COORDINATOR),
    "cancel-booking": Taken(places.CancelBooking, cohorts.of_booking, COORDINATOR),
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
    readers=EITHER,
)
COHORTS = _things(
    kind=Cohort,
    path="/cohorts",
    begun_by=cohorts.Scheduling,
    begin=cohorts.schedule,
    begin_roles=COORDINATOR,
    steps=own(
        aggregates,
        Cohort,
        COORDINATOR,
        register.Register,
        register.Evaluate,
        register.ReportUse,
    )
    | OF_BOOKING
    | {
        "book": BOOK,
        "hold": Taken(register.Hold, cohorts.hold, COORDINATOR),
        "cancel": Taken(cohort.Cancel, cohorts.cancel, COORDINATOR),
        "walk-ins": Taken(cohorts.Walked, cohorts.walk_ins, COORDINATOR),
        "reopen": Taken(cohorts.Reopening, cohorts.reopen, COORDINATOR),
    },
    asked_by=lists.Cohorts,
    readers=COORDINATOR,
)

REFRESHERS = _things(
    kind=Refresher,
    path="/refreshers",
    begun_by=skills.Setting,
    begin=skills.set_refresher,
    begin_roles=EITHER,
    steps={
        "change": Taken(skills.Changing, skills.change_refresher, EITHER),
        "end": Taken(refresher.End, skills.end_refresher, EITHER),
    },
    asked_by=lists.Refreshers,
    readers=EITHER,
)
COMPETENCES = _things(
    kind=Competence,
    path="/competences",
    begun_by=skills.Recording,
    begin=skills.record,
    begin_roles=EITHER,
    steps={
        "judge": Taken(skills.Judging, skills.judge, EITHER),
        "meet-top-up": Taken(skills.Meeting, skills.meet_top_up, EITHER),
        "reject": Taken(skills.Rejecting, skills.reject, EITHER),
    },
    asked_by=lists.Competences,
    readers=EITHER,
)

REQUIREMENTS = _things(
    kind=Requirement,
    path="/requirements",
    begun_by=requirement.Require,
    begin=compliance.require,
    begin_roles=EITHER,
    steps={"drop": Taken(requirement.Drop, compliance.drop, EITHER)},
    asked_by=lists.Requirements,
    readers=EITHER,
)
EMPLOYMENTS = _things(
    kind=Employment,
    path="/employments",
    begun_by=employment.Begin,
    begin=compliance.employ,
    begin_roles=EITHER,
    steps=own(aggregates, Employment, EITHER, employment.End),
    asked_by=lists.Employments,
    readers=EITHER,
)

INDUCTIONS = _things(
    kind=Induction,
    path="/inductions",
    begun_by=induction.Set,
    begin=enrolments.set_induction,
    begin_roles=EITHER,
    steps={
        name_of(kind): Taken(kind, enrolments.of_induction, EITHER) for kind in (induction.Change, induction.Retire)
    },
    asked_by=lists.Inductions,
    readers=EITHER,
)
ENROLMENTS = _things(
    kind=Enrolment,
    path="/enrolments",
    begun_by=enrolments.Enrolling,
    begin=enrolments.enrol,
    begin_roles=EITHER,
    steps={
        "complete": Taken(Command, enrolments.complete, EITHER),
        "end": Taken(enrolment.End, enrolments.end, EITHER),
    },
    asked_by=lists.Enrolments,
    readers=EITHER,
)

CYCLES = _things(
    kind=Cycle,
    path="/cycles",
    begun_by=cycle.Open,
    begin=beginning(aggregates, Cycle),
    begin_roles=COORDINATOR,
    steps={
        "submit": Taken(needs.Submitting, needs.submit, EITHER),
        "withdraw-need": Taken(cycle.WithdrawNeed, needs.withdraw, EITHER),
        "commission": Taken(cycle.Commission, needs.commission, COORDINATOR),
    }
    | own(aggregates, Cycle, COORDINATOR, cycle.Consolidate, cycle.Agree),
    asked_by=lists.Cycles,
    readers=(*EITHER, "board"),
)

PATHWAYS = _things(
    kind=Pathway,
    path="/pathways",
    begun_by=pathway.Begin,
    begin=pathways.begin,
    begin_roles=COORDINATOR,
    steps={"log-hours": Taken(pathway.LogHours, pathways.log_hours, EITHER)}
    | own(aggregates, Pathway, COORDINATOR, pathway.Join, pathway.End),
    asked_by=lists.Pathways,
    readers=EITHER,
)
APPRENTICESHIPS = _things(
    kind=Apprenticeship,
    path="/apprenticeships",
    begun_by=apprenticeship.Agree,
    begin=pathways.agree,
    begin_roles=EITHER,
    steps={
        name_of(kind): Taken(kind, pathways.of_apprenticeship, EITHER)
        for kind in apprenticeship.COMMANDS
        if kind is not apprenticeship.Agree
    },
    asked_by=lists.Apprenticeships,
    readers=EITHER,
)

ALL = (
    COURSES, COHORTS, REFRESHERS, COMPETENCES, REQUIREMENTS, EMPLOYMENTS, INDUCTIONS, ENROLMENTS, CYCLES, PATHWAYS, APPRENTICESHIPS,
)  # fmt: skip
"""Every aggregate that has routes."""
