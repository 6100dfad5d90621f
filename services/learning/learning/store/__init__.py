"""What is kept: each aggregate as a row (kit.aggregates), and what is found otherwise than by id. Statements are constants.

`places`, `skills`, `starts`, `compliance` and `consequences` are the statements by what they are about; here is what all of it
hangs together by.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

import asyncpg

from kit.aggregates import Aggregates
from kit.corrections import Corrections
from kit.database import Connection, seeing_everything
from kit.persons import Persons
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
from learning.domain.apprenticeship import Apprenticeship
from learning.domain.competence import Competence
from learning.domain.employment import Employment
from learning.domain.enrolment import Enrolment
from learning.domain.pathway import Pathway
from learning.domain.places import AlreadyHasAPlace
from learning.retention import SCHEDULE
from learning.store.consequences import Followed, follow, follow_again, follow_read_back, followed, hand_over
from learning.store.places import FIRST, BookingRow, bookings, bookings_named, keep_bookings, live_places, open_cohorts
from learning.store.skills import (
    CompletedCourse,
    Saving,
    codes_of,
    competences_of,
    completed_by,
    cost_of,
    drop_codes,
    everybodys,
    is_recorded,
    keep_code,
    needed_until,
    not_renewed,
    one_at_a_time,
    out_of_date,
    person_of_code,
    rules,
    savings,
)
from learning.store.starts import (
    LearnsFor,
    OnlineCourse,
    Starter,
    ToLearn,
    booked_in,
    cohorts_from,
    enrolled,
    forget_starters,
    inductions_of,
    keep_starter,
    learned,
    learns_for,
    mark_left,
    mark_voided,
    online,
    starters,
    still_there,
    to_learn,
)
from schemas.learning import (
    CohortScheduled,
    CompetenceExpiring,
    CompetenceRecorded,
    CompetenceRenewed,
    CourseCompleted,
    CourseNotAttended,
    CoursePartlyCompleted,
    CoursePublished,
    CycleOpened,
    FactCorrected,
    FactRestored,
    FactVoided,
    InductionSet,
    LearningWaived,
    PlaceLapsed,
    PlacementCompleted,
    PlaceOffered,
    PlacesReleased,
    PortabilityRejected,
    RecordLetGo,
    RefresherSet,
    SubmissionsClosed,
    TopUpAsked,
    TrainingRequired,
)
from schemas.values import Part

PERSONS = Persons(
    shared=(cohort.AGGREGATE,),
    own=(
        enrolment.AGGREGATE,
        competence.AGGREGATE,
        employment.AGGREGATE,
        pathway.AGGREGATE,
        apprenticeship.AGGREGATE,
    ),
    goes_with=MappingProxyType({"followed": "aggregate_id", "booking": "cohort_id"}),
    renamed=("booking",),
    dropped=("starter", "transcript_code"),
)


HANG_ON: Mapping[str, str] = MappingProxyType({
    course.AGGREGATE: """
SELECT EXISTS (
    SELECT FROM cohort WHERE course_id = $1 UNION ALL SELECT FROM enrolment WHERE course_id = $1
    UNION ALL SELECT FROM induction WHERE status = 'standing' AND body -> 'courses' @> to_jsonb($1::uuid)
    UNION ALL SELECT FROM cycle
    WHERE body -> 'commissions' @> jsonb_build_array(jsonb_build_object('course_id', $1::uuid))
)
""",
})  # fmt: skip


def _organisation(state: Part, _who: str) -> str | None:
    """Who sees what waits, beside the programme."""
    match state:
        case Competence(organisation=organisation) | Enrolment(organisation=organisation):
            return organisation
        case Apprenticeship(employer=employer):
            return employer
        case _:
            return None


async def _ended_on(tx: Connection, id_: UUID, state: Any) -> date | None:
    """From which day the period runs: of training that nobody renewed from when it is needed no more."""
    if isinstance(state, Competence) and state.status is not competence.Status.RENEWED:
        async with seeing_everything(tx):
            return await needed_until(tx, state)
    day: date = state.since
    return day


async def _follows(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """Places are drawn from their cohort; with work that begins or ends, training is needed, or needed no more."""
    work = state or before
    if isinstance(work, Employment):
        for each in await not_renewed(tx, work.person_id, work.organisation):
            await aggregates.look_again(tx, Competence, each)
    else:
        try:
            await keep_bookings(tx, id_, before, state)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "booking_once":
                raise
            raise AlreadyHasAPlace from error


aggregates = Aggregates(
    machines=MappingProxyType({
        course.Course: course,
        cohort.Cohort: cohort,
        refresher.Refresher: refresher,
        induction.Induction: induction,
        enrolment.Enrolment: enrolment,
        competence.Competence: competence,
        requirement.Requirement: requirement,
        employment.Employment: employment,
        cycle.Cycle: cycle,
        pathway.Pathway: pathway,
        apprenticeship.Apprenticeship: apprenticeship,
    }),
    says=Corrections(
        FactVoided, FactRestored, FactCorrected,
        by_itself=(
            PlacesReleased, PlaceOffered, PlaceLapsed, CourseCompleted, CoursePartlyCompleted, CourseNotAttended,
            CompetenceExpiring, CompetenceRenewed, LearningWaived, TopUpAsked, PortabilityRejected, SubmissionsClosed,
            PlacementCompleted,
        ),
        sound=MappingProxyType({
            CoursePublished: course.refuse_unsound,
            CohortScheduled: cohort.refuse_unsound,
            RefresherSet: refresher.refuse_unsound,
            InductionSet: induction.refuse_unsound,
            CompetenceRecorded: competence.refuse_unsound,
            TrainingRequired: requirement.refuse_unsound,
            CycleOpened: cycle.refuse_unsound,
            Pathway: pathway.refuse_unsound,
        }),
    ),
    organisation=_organisation,
    refusals=MappingProxyType({
        "course_body_check": course.EligibilityMissing,
        "cohort_body_check": cohort.ReleaseMissing,
        "competence_body_check": competence.SaidBeforeCompletion,
        "refresher_once": refresher.AlreadySet,
        "competence_once": competence.AlreadyRecorded,
        "requirement_once": requirement.AlreadyRequired,
        "employment_once": employment.AlreadyWorks,
        "induction_once": induction.AlreadySet,
        "cycle_once": cycle.AlreadyOpen,
        "pathway_once": pathway.AlreadyBegun,
        "apprenticeship_once": apprenticeship.AlreadyAgreed,
        "enrolment_once": enrolment.AlreadyEnrolled,
        "enrolment_completed_once": enrolment.AlreadyCompleted,
    }),
    hang_on=HANG_ON,
    persons=PERSONS,
    schedule=SCHEDULE,
    ended_on=_ended_on,
    lets_go=RecordLetGo,
    follows=_follows,
)  # fmt: skip
"""Rows are locked in this order, and by id within a table."""
