"""What learning says, and what partners claim to it.

Read in this order: the words of the trade, the facts by aggregate (course, cohort, refresher, competence, requirement, employment,
induction, enrolment, cycle, pathway, apprenticeship), the corrections, the claims, the answer. A cohort's facts are also those of
its places: who booked, who came, who finished. A fact carries what reporting counts by, so that nobody asks back.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.corrections import ClaimPutRight, ClaimTakenBack, Corrected, Restored, Voided
from schemas.fact import Answer, Dated, Step
from schemas.values import BusinessDate, Code, Id, Label, Part, PartnerId, Reference, Sector, Small, Soc2020

SERVICE = "learning"


# The words of the trade ------------------------------------------------------------------------------------------------


class Category(StrEnum):
    """What a course is for. Better Conversations and Springboard are programmes of the city, counted by name."""

    BETTER_CONVERSATIONS = "better-conversations"
    SPRINGBOARD = "springboard"
    SHORT_COURSE = "short-course"
    FACILITATION = "facilitation"
    SYSTEMS_LEADERSHIP = "systems-leadership"
    DIGITAL = "digital"
    CORE_SKILLS = "core-skills"
    INDUCTION = "induction"


class Programme(StrEnum):
    """The kinds of learning that the Board's report tells apart."""

    SHORT_COURSE = "short-course"
    T_LEVEL = "t-level"
    APPRENTICESHIP = "apprenticeship"


class Eligibility(StrEnum):
    """Whom a course is for, where it is not for everybody. Asked for that purpose alone, and never taken from monitoring."""

    WOMEN = "women"


class LearnerKind(StrEnum):
    """Whether a learner is one of the workforce: students and volunteers learn beside it and are counted apart."""

    WORKFORCE = "workforce"
    STUDENT = "student"
    VOLUNTEER = "volunteer"


class CancellationReason(StrEnum):
    WORK = "work"
    ILLNESS = "illness"
    LEFT_THE_ORGANISATION = "left-the-organisation"
    NO_LONGER_NEEDED = "no-longer-needed"
    SWAPPED = "swapped"
    COHORT_CANCELLED = "cohort-cancelled"
    OTHER = "other"


Pence = Annotated[int, Field(ge=0, le=100_000_000)]
Hours = Annotated[float, Field(gt=0, le=2000, multiple_of=0.25)]
"""How long a course takes a learner, in quarters of an hour."""
Rating = Annotated[int, Field(ge=1, le=5)]
"""1 poor to 5 very good."""
Confidence = Annotated[int, Field(ge=1, le=10)]
"""1 not at all to 10 entirely."""


class EnrolledFor(StrEnum):
    """Why somebody is enrolled: they chose it themselves, or start with an employer whose induction it is part of."""

    OWN_CHOICE = "own-choice"
    INDUCTION = "induction"


class EnrolmentEnd(StrEnum):
    """Why an enrolment ended without the course having been completed by it."""

    COMPLETED_IN_COHORT = "completed-in-cohort"
    LEFT_THE_ORGANISATION = "left-the-organisation"
    NO_LONGER_NEEDED = "no-longer-needed"
    OTHER = "other"


class Setting(StrEnum):
    """Which side of the city's work an employer of a T Level student is on: a placement has one of each at most."""

    HEALTH = "health"
    CARE = "care"


class Grade(StrEnum):
    """The end-point assessment of an apprenticeship. Who fails may be assessed again."""

    FAIL = "fail"
    PASS = "pass"
    MERIT = "merit"
    DISTINCTION = "distinction"


Standard = Annotated[str, Field(pattern=r"^ST\d{4}$")]
"""An apprenticeship standard: ST0216 is healthcare support worker."""
StandardVersion = Annotated[str, Field(pattern=r"^\d{1,2}\.\d{1,2}$")]
PlacementHours = Annotated[float, Field(gt=0, le=12, multiple_of=0.25)]
"""Hours of one day."""


class RankedBy(StrEnum):
    """What learning needs can be ranked by."""

    PEOPLE = "people"
    """How many people need it."""
    ORGANISATIONS = "organisations"
    """How many organisations said so."""
    SECTORS = "sectors"
    """How many kinds of organisation said so: health and care together."""
    PRIORITY = "priority"
    """The highest priority that anybody gave it: 3 for the first, 1 for the third."""


class Weight(Part):
    """What one unit of a measure is worth when needs are ranked: a rule that is data."""

    by: RankedBy
    points: Annotated[int, Field(ge=0, le=1000)]


class Reason(Part):
    """One of the reasons of a rank: so much of a measure came to so many points."""

    by: RankedBy
    measure: Small
    points: Small


class Priority(Part):
    """A collective priority: a skill, its rank among all, and why."""

    rank: Annotated[int, Field(ge=1, le=1000)]
    skill: Code
    people: Small
    points: Small
    reasons: tuple[Reason, ...]


class Subject(StrEnum):
    """The eleven subjects of the Core Skills Training Framework."""

    EQUALITY_DIVERSITY_AND_HUMAN_RIGHTS = "equality-diversity-and-human-rights"
    HEALTH_SAFETY_AND_WELFARE = "health-safety-and-welfare"
    CONFLICT_RESOLUTION = "conflict-resolution"
    FIRE_SAFETY = "fire-safety"
    INFECTION_PREVENTION_AND_CONTROL = "infection-prevention-and-control"
    MOVING_AND_HANDLING = "moving-and-handling"
    SAFEGUARDING_ADULTS = "safeguarding-adults"
    PREVENTING_RADICALISATION = "preventing-radicalisation"
    SAFEGUARDING_CHILDREN = "safeguarding-children"
    RESUSCITATION = "resuscitation"
    INFORMATION_GOVERNANCE_AND_DATA_SECURITY = "information-governance-and-data-security"


class TrainingSource(StrEnum):
    """Where it is known from that somebody was trained."""

    COHORT = "cohort"
    LEARNING_SYSTEM = "learning-system"
    ESR = "esr"
    ASC_WDS = "asc-wds"
    CERTIFICATE = "certificate"


class Ground(StrEnum):
    """On what a host accepts training that it did not give."""

    MEMORANDUM = "memorandum"
    """Between bodies of the NHS."""
    ALIGNMENT = "alignment"
    """Who gave it had declared to be aligned to the framework for the subject."""
    LEEDS_FRAMEWORK = "leeds-framework"
    CERTIFICATE_SEEN = "certificate-seen"


class Rejection(StrEnum):
    """Why a host does not accept training that it did not give. The last two only the host can know."""

    OUT_OF_DATE = "out-of-date"
    ANOTHER_FRAMEWORK = "another-framework"
    LEVEL_NOT_EQUIVALENT = "level-not-equivalent"
    NOT_ALIGNED = "not-aligned"
    IDENTITY_NOT_MATCHED = "identity-not-matched"
    CERTIFICATE_NOT_SEEN = "certificate-not-seen"


Level = Annotated[int, Field(ge=1, le=4)]
"""Of a subject of the framework; 1 where it has no levels."""
Months = Annotated[int, Field(ge=1, le=120)]


class Skill(Part):
    """What a course of core skills teaches: a subject at a level, by a version of the framework."""

    framework: Code
    """The framework and its version: `cstf-england-1-1`."""
    subject: Subject
    level: Level


class Share(Part):
    """Places that a partner has to itself until they are released."""

    organisation: PartnerId
    places: Annotated[int, Field(ge=1, le=500)]


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


# Refresher periods -----------------------------------------------------------------------------------------------------


class OfRefresher(Step):
    """Every fact of a refresher period says of what: for everybody, or for one employer that is stricter."""

    framework: Code
    subject: Subject
    level: Level
    organisation: PartnerId | None = None


class RefresherSet(OfRefresher, service=SERVICE, aggregate="refresher"):
    """How long training counts, from a day on: the first version, or the next of the same subject and level."""

    version: Annotated[int, Field(ge=1, le=99)]
    months: Months | None = None
    """None: once is enough."""
    in_force_from: BusinessDate
    """Training that was completed on this day or later."""
    until: BusinessDate | None = None
    """The last day of an employer's own period: it has an end."""
    reason: Code


class RefresherEnded(OfRefresher, service=SERVICE, aggregate="refresher"):
    """A refresher period holds no longer for training that is completed after a day."""

    last_day: BusinessDate
    reason: Code


# Core skills -----------------------------------------------------------------------------------------------------------


class OfCompetence(Step):
    """Every fact of somebody's training in core skills says whose it is, in what, and for which organisation they trained."""

    person_id: Id
    organisation: PartnerId
    framework: Code
    subject: Subject
    level: Level


class CompetenceRecorded(OfCompetence, service=SERVICE, aggregate="competence"):
    """Somebody completed training in a core skill. The date is that of the training."""

    source: TrainingSource
    aligned: bool
    """Whether who gave it had declared to be aligned to the framework for the subject on that day."""
    course_id: Id | None = None
    expires_on: BusinessDate | None = None
    """The last day on which it counts; None: it does not run out."""
    rule_id: Id | None = None
    """The refresher period that gave the expiry, and its version; None: none is set, or who gave it said an earlier day."""
    rule_version: Annotated[int, Field(ge=1, le=99)] | None = None


class CompetenceExpiring(OfCompetence, service=SERVICE, aggregate="competence"):
    """Training in a core skill is about to run out: there is time to renew it."""

    expires_on: BusinessDate


class CompetenceRenewed(OfCompetence, service=SERVICE, aggregate="competence"):
    """The same person trained in the same skill again: the later record counts."""

    by_id: Id


class OfJudgement(OfCompetence):
    """A host judged training that it did not give."""

    host: PartnerId
    required_level: Level


class LearningWaived(OfJudgement, service=SERVICE, aggregate="competence"):
    """A host accepts training that it did not give: nobody repeats it, and nothing was completed."""

    ground: Ground
    valid_until: BusinessDate | None = None
    """The last day for the host: the earlier of the record's own and the host's refresher period."""
    rule_id: Id | None = None
    rule_version: Annotated[int, Field(ge=1, le=99)] | None = None
    top_up: Code | None = None
    """What of it was done with the host all the same."""
    saved_pence: Pence | None = None
    """What repeating it would have cost: the seat and the backfill of a course that teaches it."""


class TopUpAsked(OfJudgement, service=SERVICE, aggregate="competence"):
    """A host accepts training that it did not give, once a part of it has been done with the host."""

    ground: Ground
    top_up: Code


class PortabilityRejected(OfJudgement, service=SERVICE, aggregate="competence"):
    """A host does not accept training that it did not give: it is repeated."""

    reason: Rejection


# Who must be trained ---------------------------------------------------------------------------------------------------


class OfRequirement(Step):
    """Every fact of a requirement says who must be trained in what: of one organisation or of all, in one kind of work or any."""

    organisation: PartnerId | None = None
    soc2020: Soc2020 | None = None
    subject: Subject
    level: Level


class TrainingRequired(OfRequirement, service=SERVICE, aggregate="requirement"):
    """From a day on, whoever does this work must be trained in a core skill."""

    met_by: Annotated[tuple[Level, ...], Field(min_length=1, max_length=4)]
    """The levels of training that do for it: more is not everywhere the lesser."""
    within_days: Annotated[int, Field(ge=0, le=366)]
    """How long after the first day of work it is to be done."""
    framework: Code | None = None
    """The version of the framework by which people are to be trained; none: whichever their training followed."""
    framework_from: BusinessDate | None = None
    """From this day on training by another version no longer does; until then it does as long as it counts."""


class RequirementDropped(OfRequirement, service=SERVICE, aggregate="requirement"):
    """Nobody must be trained by this requirement any more."""

    reason: Code


class OfEmployment(Step):
    """Every fact of somebody's work says whose it is, for which organisation, and what it is."""

    person_id: Id
    organisation: PartnerId
    soc2020: Soc2020


class EmploymentBegun(OfEmployment, service=SERVICE, aggregate="employment"):
    """Somebody works for an organisation, as it says itself: so that it is known who must be trained."""


class EmploymentEnded(OfEmployment, service=SERVICE, aggregate="employment"):
    """Somebody works for an organisation no longer. The date is the last day."""


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


# The Learning Needs Analysis -------------------------------------------------------------------------------------------


class CycleOpened(Step, service=SERVICE, aggregate="cycle"):
    """The city asks its organisations what their people need to learn, for a year, and says how it will rank the answers."""

    year: Annotated[int, Field(ge=2000, le=2100)]
    closes_on: BusinessDate
    """The last day on which needs are submitted."""
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=4)]


class OfLearningNeed(Step):
    """Every fact of a need says whose it is."""

    need_id: Id
    organisation: PartnerId


class LearningNeedSubmitted(OfLearningNeed, service=SERVICE, aggregate="cycle"):
    """An organisation needs people of a role group to learn something."""

    sector: Sector
    role_group: Code
    skill: Code
    people: Annotated[int, Field(ge=1, le=100_000)]
    priority: Annotated[int, Field(ge=1, le=3)]
    """1 is the first."""


class LearningNeedWithdrawn(OfLearningNeed, service=SERVICE, aggregate="cycle"):
    """An organisation does not need it after all."""


class SubmissionsClosed(Step, service=SERVICE, aggregate="cycle"):
    """The last day for needs is over."""


class NeedsConsolidated(Step, service=SERVICE, aggregate="cycle"):
    """The needs of all organisations were brought together by skill, and ranked by the rules of the cycle."""

    priorities: tuple[Priority, ...]


class PrioritiesAgreed(Step, service=SERVICE, aggregate="cycle"):
    """The city agreed which of the ranked skills it will do something about, the first first."""

    skills: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]
    reason: Code | None = None
    """Why, where they are not the first of the ranks in their order."""


class LearningCommissioned(Step, service=SERVICE, aggregate="cycle"):
    """A course was commissioned against an agreed priority."""

    skill: Code
    course_id: Id
    places: Annotated[int, Field(ge=1, le=100_000)]


# T Levels --------------------------------------------------------------------------------------------------------------


class OfPathway(Step):
    """Every fact of a T Level student's placement says whose it is. Students are no members of the workforce."""

    person_id: Id
    provider: PartnerId
    """The college."""
    start_year: Annotated[int, Field(ge=2020, le=2100)]


class PathwayBegun(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student of a T Level in health began, whose placement employers of health and care share."""

    specialism: Code


class PlacementEmployerJoined(OfPathway, service=SERVICE, aggregate="pathway"):
    """An employer gives part of the placement: one of health and one of care at most."""

    employer: PartnerId
    setting: Setting


class PlacementHoursLogged(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student worked a day of the placement, or tasted another employer's work. The date is the day's."""

    employer: PartnerId
    hours: PlacementHours
    taster: bool


class PlacementCompleted(OfPathway, service=SERVICE, aggregate="pathway"):
    """The hours that the student's start year asks for are done: the placement is complete, the T Level is not."""

    hours: Annotated[float, Field(gt=0)]
    taster_hours: Annotated[float, Field(ge=0)]


class PathwayEnded(OfPathway, service=SERVICE, aggregate="pathway"):
    """A student left before the placement was complete."""

    reason: Code


# Apprenticeships -------------------------------------------------------------------------------------------------------


class OfApprenticeship(Step):
    """Every fact of an apprenticeship says who learns what, and with which employer."""

    person_id: Id
    employer: PartnerId
    provider: PartnerId
    standard: Standard


class ApprenticeshipAgreed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """Employer, provider and apprentice agreed: it is waiting to start."""

    standard_version: StandardVersion
    starts_on: BusinessDate
    off_the_job_hours: Annotated[float, Field(gt=0, le=10_000, multiple_of=0.25)] | None = None
    """The hours of learning away from the work itself that the training plan asks for; None: it asks for none by number."""


class ApprenticeshipBegun(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """It is live. The date decides how long it lasts at least."""


class ApprenticeshipPaused(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """A break in learning."""

    reason: Code


class ApprenticeshipResumed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The break is over: its days do not count towards the least duration."""


class ApprenticeEmployerChanged(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The apprentice goes on with another employer: no stop. The employer of this fact is the new one."""

    previous: PartnerId


class OffTheJobHoursLogged(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """An apprentice learned for some hours of a day away from the work itself. The date is the day's."""

    hours: PlacementHours


class GatewayReached(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """Employer, provider and apprentice agree that everything is learned: it can be assessed."""


class AssessmentBegun(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment began."""


class AssessmentFailed(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment was not passed: back at the gateway."""


class ApprenticeshipCompleted(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The end-point assessment was passed."""

    grade: Grade


class ApprenticeshipStopped(OfApprenticeship, service=SERVICE, aggregate="apprenticeship"):
    """The apprentice will not complete it."""

    reason: Code


# Corrections -----------------------------------------------------------------------------------------------------------


class FactVoided(Voided, service=SERVICE):
    """A fact of this service was taken back."""


class FactRestored(Restored, service=SERVICE):
    """A fact of this service that had been taken back stands again."""


class FactCorrected(Corrected, service=SERVICE):
    """A fact of this service was put right."""


# Claims ----------------------------------------------------------------------------------------------------------------


class TrainingClaimed(Dated, service=SERVICE):
    """Somebody was trained in a core skill for the partner, as its learning system, its training file or a certificate says."""

    training: Reference
    """The partner's own reference of it."""
    person_id: Id
    framework: Code
    subject: Subject
    level: Level
    source: TrainingSource
    aligned: bool = False
    """Whether who gave it had declared to be aligned to the framework for the subject on that day."""
    expires_on: BusinessDate | None = None
    """The last day on which it counts, where who gave it said one."""


class EsrCompetenceClaimed(Dated, service=SERVICE):
    """Somebody holds a competence in ESR. The date is that of its award; who updated the record is nobody's matter."""

    training: Reference
    person_id: Id
    competence: Reference
    """Its name as ESR writes it: `NHS|CSTF|Fire Safety - 2 Years|`."""
    aligned: bool = False
    expires_on: BusinessDate | None = None


class CompletionClaimed(Dated, service=SERVICE):
    """Somebody completed, in the partner's learning system, a course of the catalogue that is learned online."""

    completion: Reference
    person_id: Id
    course_id: Id
    """Our id of the course: the catalogue gives it."""
    sector: Sector


class ClaimWithdrawn(ClaimTakenBack, service=SERVICE):
    """An earlier claim should not have been made: what became of it is taken back."""


class ClaimCorrected(ClaimPutRight, service=SERVICE):
    """An earlier claim should have been made otherwise: what became of it is put right."""


class ClaimAnswered(Answer, service=SERVICE):
    """What became of one claim to learning."""
