"""Builders for tests and drawings: one command of each kind, and each aggregate in each of its states."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit.aggregates import Machine
from kit.step import Command
from kit.testing.lives import Life, life
from kit.testing.lives import run as lived
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
    places,
    refresher,
    register,
    requirement,
)
from learning.domain.cohort import Cohort
from learning.domain.core_skills import Rule
from learning.domain.places import Learner
from schemas.learning import (
    CancellationReason,
    Category,
    EnrolmentEnd,
    Grade,
    Ground,
    RankedBy,
    Rejection,
    Setting,
    Share,
    Skill,
    Subject,
    TrainingSource,
    Weight,
)
from schemas.values import Sector

FIRST_DAY = date(2023, 3, 1)
NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
COURSE = UUID("00000000-0000-4000-8000-000000000001")
HOSPITALS, COUNCIL, HOSPICE = "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice"
COLLEGE = "leeds-city-college"
KINDS = {
    HOSPITALS: Sector.NHS_TRUST, COUNCIL: Sector.LOCAL_AUTHORITY, HOSPICE: Sector.THIRD_SECTOR,
}  # fmt: skip


def day(number: int) -> date:
    """The day so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def run(machine: Machine, *commands: Command, state: Any = None, now: datetime = NOW) -> Any:
    """The state after these commands."""
    return lived(machine, *commands, state=state, now=now)


# Values ----------------------------------------------------------------------------------------------------------------


def person(number: int) -> UUID:
    return UUID(int=0x7000 + number)


def place(number: int) -> UUID:
    """The booking of the person with this number."""
    return UUID(int=0xB000 + number)


def learner(number: int, **changes: Any) -> Learner:
    return Learner(**{"booking_id": place(number), "person_id": person(number), **changes})


# Courses ---------------------------------------------------------------------------------------------------------------

PUBLISH = course.Publish(
    occurred_on=day(0),
    title="Better Conversations",
    category=Category.BETTER_CONVERSATIONS,
    provider=COUNCIL,
    hours=7.0,
)
RETIRE = course.Retire(occurred_on=day(300), reason="replaced")


def a_course(**changes: Any) -> course.Course:
    made: course.Course = run(course, replace(PUBLISH, **changes))
    return made


# Cohorts ---------------------------------------------------------------------------------------------------------------

SESSIONS = (day(60), day(67))
SCHEDULE = cohort.Schedule(
    occurred_on=day(10), course_id=COURSE, course=a_course(), sessions=SESSIONS, places=2,
)  # fmt: skip
SHARED = replace(SCHEDULE, places=4, shares=(Share(organisation=COUNCIL, places=2),), release_on=day(40))
"""Four places, two of which are the council's until the fortieth day."""


def book(*numbers: int, organisation: str = HOSPITALS, on: int = 20, **changes: Any) -> places.Book:
    """Places for the people with these numbers."""
    return places.Book(
        occurred_on=day(on), organisation=organisation, sector=KINDS[organisation],
        learners=tuple(learner(number, **changes) for number in numbers),
    )  # fmt: skip


BOOK = book(1)
SWAP = places.Swap(occurred_on=day(30), booking_id=place(1), learner=learner(9))
TAKE = places.Take(occurred_on=day(31), booking_id=place(3))
CONFIRM = places.Confirm(occurred_on=day(32), booking_id=place(1))
CANCEL_BOOKING = places.CancelBooking(occurred_on=day(30), booking_id=place(1), reason=CancellationReason.WORK)
WALK_INS = register.WalkIns(session=SESSIONS[0], organisation=HOSPICE, sector=KINDS[HOSPICE], learners=(learner(8),))
REGISTER = register.Register(session=SESSIONS[0], attended=(place(1),))
REGISTER_SECOND = register.Register(session=SESSIONS[1], attended=(place(1),))
HOLD = register.Hold(occurred_on=SESSIONS[1])
CANCEL = cohort.Cancel(occurred_on=day(50), reason="no-facilitator")
RELEASE = places.Release()
LAPSE_OFFER = places.LapseOffer(booking_id=place(3))
OFFER_PLACES = places.OfferPlaces()
EVALUATE = register.Evaluate(
    occurred_on=day(68), booking_id=place(1), rating=5, confidence_before=4, confidence_after=8
)
REPORT_USE = register.ReportUse(occurred_on=day(160), booking_id=place(1), used=True)

HELD: tuple[Command, ...] = (SCHEDULE, BOOK, REGISTER, REGISTER_SECOND, HOLD)


def a_cohort(*commands: Command) -> Cohort:
    """A cohort of two places, after these commands."""
    made: Cohort = run(cohort, SCHEDULE, *commands)
    return made


# Core skills -----------------------------------------------------------------------------------------------------------

FRAMEWORK = "cstf-england-1-1"
FIRE = Skill(framework=FRAMEWORK, subject=Subject.FIRE_SAFETY, level=1)
RULE = Rule(id=UUID(int=0x4000), version=1, months=24)
SET = refresher.Set(
    occurred_on=day(0), framework=FRAMEWORK, subject=Subject.FIRE_SAFETY, level=1, months=24, in_force_from=day(0),
    reason="national",
)  # fmt: skip
CHANGE = refresher.Change(occurred_on=day(100), months=12, in_force_from=day(120), reason="inspection-finding")
END = refresher.End(occurred_on=day(200), last_day=day(210), reason="framework-retired")

RECORD = competence.Record(
    occurred_on=day(20), person_id=person(1), organisation=HOSPITALS, skill=FIRE, source=TrainingSource.COHORT,
    aligned=True, rules=(RULE,),
)  # fmt: skip
JUDGE = competence.Judge(
    occurred_on=day(40), host=HOSPICE, skill=FIRE, ground=Ground.ALIGNMENT, rules=(RULE,), saved_pence=14_300
)
MEET_TOP_UP = competence.MeetTopUp(occurred_on=day(50), host=HOSPICE, rules=(RULE,), saved_pence=14_300)
REJECT = competence.Reject(
    occurred_on=day(45), host=COUNCIL, required_level=1, reason=Rejection.IDENTITY_NOT_MATCHED
)  # fmt: skip
RENEW = competence.Renew(occurred_on=day(300), by_id=UUID(int=0xC002))
RAISE_EXPIRY = competence.RaiseExpiry()


def a_refresher(*commands: Command) -> refresher.Refresher:
    made: refresher.Refresher = run(refresher, SET, *commands)
    return made


def a_competence(*commands: Command, **changes: Any) -> competence.Competence:
    made: competence.Competence = run(competence, replace(RECORD, **changes), *commands)
    return made


# Who must be trained ---------------------------------------------------------------------------------------------------

REQUIRE = requirement.Require(
    occurred_on=day(5), organisation=HOSPICE, soc2020="6135", subject=Subject.FIRE_SAFETY, level=1
)
DROP = requirement.Drop(occurred_on=day(100), reason="replaced")
EMPLOY = employment.Begin(occurred_on=day(20), person_id=person(1), organisation=HOSPICE, soc2020="6135")
LEAVE = employment.End(occurred_on=day(200))


# Inductions and enrolments ---------------------------------------------------------------------------------------------

SET_INDUCTION = induction.Set(
    occurred_on=day(5), organisation=HOSPICE, sector=KINDS[HOSPICE], soc2020="6135", courses=(COURSE,), within_days=28
)  # fmt: skip
CHANGE_INDUCTION = induction.Change(occurred_on=day(50), courses=(COURSE, UUID(int=2)), within_days=14)
RETIRE_INDUCTION = induction.Retire(occurred_on=day(100), reason="replaced")

ENROL = enrolment.Enrol(
    occurred_on=day(20), course_id=COURSE, course=a_course(online=True), person_id=person(1), organisation=HOSPICE,
    sector=KINDS[HOSPICE],
)  # fmt: skip
COMPLETE = enrolment.Complete(occurred_on=day(30), course=ENROL.course)
END_ENROLMENT = enrolment.End(occurred_on=day(31), reason=EnrolmentEnd.NO_LONGER_NEEDED)


# The Learning Needs Analysis -------------------------------------------------------------------------------------------

OPEN = cycle.Open(
    occurred_on=day(0), year=2023, closes_on=day(60),
    weights=(Weight(by=RankedBy.PEOPLE, points=1), Weight(by=RankedBy.ORGANISATIONS, points=50)),
)  # fmt: skip


def need_id(number: int) -> UUID:
    return UUID(int=0xE000 + number)


def submit(number: int, skill: str, people: int, organisation: str = HOSPICE, priority: int = 2) -> cycle.Submit:
    return cycle.Submit(
        occurred_on=day(20), need_id=need_id(number), organisation=organisation, sector=KINDS[organisation],
        role_group="care-assistants", skill=skill, people=people, priority=priority,
    )  # fmt: skip


SUBMIT = submit(1, "dementia-care", 40)
WITHDRAW_NEED = cycle.WithdrawNeed(occurred_on=day(30), need_id=need_id(1))
CLOSE_SUBMISSIONS = cycle.CloseSubmissions()
CONSOLIDATE = cycle.Consolidate(occurred_on=day(70))
AGREE = cycle.Agree(occurred_on=day(80), skills=("dementia-care",))
COMMISSION = cycle.Commission(occurred_on=day(90), skill="dementia-care", course_id=COURSE, places=60)


# T Levels and apprenticeships ------------------------------------------------------------------------------------------

BEGIN_PATHWAY = pathway.Begin(
    occurred_on=day(0), person_id=person(1), provider=COLLEGE, start_year=2023, specialism="adult-nursing"
)
JOIN = pathway.Join(occurred_on=day(10), employer=HOSPITALS, setting=Setting.HEALTH)
COMPLETE_PATHWAY = pathway.Complete()
END_PATHWAY = pathway.End(occurred_on=day(100), reason="left-the-course")


def log_hours(number: int, hours: float = 10.5, employer: str = HOSPITALS, *, taster: bool = False) -> pathway.LogHours:
    return pathway.LogHours(occurred_on=day(number), employer=employer, hours=hours, taster=taster)


def a_pathway(*commands: Command) -> pathway.Pathway:
    made: pathway.Pathway = run(pathway, BEGIN_PATHWAY, JOIN, *commands)
    return made


AGREE_APPRENTICESHIP = apprenticeship.Agree(
    occurred_on=day(0), person_id=person(1), employer=HOSPICE, provider=COLLEGE, standard="ST0216",
    standard_version="1.1", starts_on=day(10),
)  # fmt: skip
BEGIN = apprenticeship.Begin(occurred_on=day(10))
PAUSE = apprenticeship.Pause(occurred_on=day(50), reason="illness")
RESUME = apprenticeship.Resume(occurred_on=day(80))
CHANGE_EMPLOYER = apprenticeship.ChangeEmployer(occurred_on=day(90), employer=COUNCIL)
LOG_OFF_THE_JOB = apprenticeship.LogOffTheJob(occurred_on=day(40), hours=6.5)
REACH_GATEWAY = apprenticeship.ReachGateway(occurred_on=day(400))
BEGIN_ASSESSMENT = apprenticeship.BeginAssessment(occurred_on=day(410))
ASSESS = apprenticeship.Assess(occurred_on=day(430), grade=Grade.MERIT)
STOP = apprenticeship.Stop(occurred_on=day(440), reason="left-employment")


def an_apprenticeship(*commands: Command) -> apprenticeship.Apprenticeship:
    made: apprenticeship.Apprenticeship = run(apprenticeship, AGREE_APPRENTICESHIP, *commands)
    return made


# Every life ------------------------------------------------------------------------------------------------------------


@cache
def lives() -> Mapping[str, Life]:
    """Every aggregate."""
    found = (
        _course(),
        _cohort(),
        _refresher(),
        _competence(),
        _life(requirement, (REQUIRE, DROP), (REQUIRE,), (REQUIRE, DROP)),
        _life(employment, (EMPLOY, LEAVE), (EMPLOY,), (EMPLOY, LEAVE)),
        _induction(),
        _enrolment(),
        _cycle(),
        _pathway(),
        _apprenticeship(),
    )
    return MappingProxyType({each.machine.AGGREGATE: each for each in found})


def _life(
    machine: Machine, commands: Sequence[Command], *paths: Sequence[Command], others: Sequence[Sequence[Command]] = ()
) -> Life:
    return life(machine, NOW, commands, *paths, others=others)


def _course() -> Life:
    return _life(course, (PUBLISH, RETIRE), (PUBLISH,), (PUBLISH, RETIRE))


def _cohort() -> Life:
    commands = (
        SCHEDULE, book(4), SWAP, CONFIRM, CANCEL_BOOKING, TAKE, WALK_INS, REGISTER, HOLD, CANCEL, RELEASE, LAPSE_OFFER,
        OFFER_PLACES, EVALUATE, REPORT_USE,
    )  # fmt: skip
    return _life(cohort, commands, (SCHEDULE, BOOK, book(2, 3)), HELD, (SCHEDULE, BOOK, CANCEL), others=[HELD[:-1]])


def _refresher() -> Life:
    return _life(refresher, (SET, CHANGE, END), (SET,), (SET, CHANGE, END))


def _competence() -> Life:
    commands = (RECORD, JUDGE, MEET_TOP_UP, REJECT, RENEW, RAISE_EXPIRY)
    return _life(competence, commands, (RECORD,), (RECORD, RAISE_EXPIRY), (RECORD, RENEW))


def _induction() -> Life:
    commands = (SET_INDUCTION, CHANGE_INDUCTION, RETIRE_INDUCTION)
    return _life(induction, commands, (SET_INDUCTION,), (SET_INDUCTION, RETIRE_INDUCTION))


def _enrolment() -> Life:
    commands = (ENROL, COMPLETE, END_ENROLMENT)
    return _life(enrolment, commands, (ENROL,), (ENROL, COMPLETE), (ENROL, END_ENROLMENT))


def _cycle() -> Life:
    path = (OPEN, SUBMIT, CLOSE_SUBMISSIONS, CONSOLIDATE, AGREE, COMMISSION)
    commands = (
        OPEN, submit(2, "digital", 10), WITHDRAW_NEED, CLOSE_SUBMISSIONS, CONSOLIDATE, AGREE,
        replace(COMMISSION, places=20),
    )  # fmt: skip
    return _life(cycle, commands, *(path[:length] for length in (2, 3, 4, 5, 6)))


def _pathway() -> Life:
    whole = tuple(log_hours(11 + number) for number in range(30))
    commands = (
        BEGIN_PATHWAY,
        replace(JOIN, employer=COUNCIL, setting=Setting.CARE),
        log_hours(99),
        COMPLETE_PATHWAY,
        END_PATHWAY,
    )
    begun = (BEGIN_PATHWAY, JOIN)
    return _life(pathway, commands, begun, (*begun, *whole), (*begun, END_PATHWAY), others=[(*begun, *whole[:-1])])


def _apprenticeship() -> Life:
    path = (AGREE_APPRENTICESHIP, BEGIN, REACH_GATEWAY, BEGIN_ASSESSMENT, ASSESS)
    commands = (
        AGREE_APPRENTICESHIP, BEGIN, PAUSE, RESUME, CHANGE_EMPLOYER, LOG_OFF_THE_JOB, REACH_GATEWAY, BEGIN_ASSESSMENT, ASSESS, STOP,
    )  # fmt: skip
    return _life(
        apprenticeship, commands, *(path[:length] for length in range(1, 6)), (*path[:2], PAUSE), (*path[:1], STOP)
    )


def cells(aggregate: str) -> Iterator[tuple[str | None, str]]:
    """Every status with every command."""
    return lives()[aggregate].cells()


def outcome(aggregate: str, status: str | None, name: str) -> str:
    """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
    return lives()[aggregate].outcome(status, name)
