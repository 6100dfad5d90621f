"""What reporting hears, and which table keeps it. It says nothing itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from reporting.facts import Into
from schemas import equality_monitoring as em
from schemas import learning as le
from schemas import mobility as mob
from schemas import people as pe
from schemas import talent_pipeline as tp
from schemas.envelope import events_topic
from schemas.fact import Fact
from schemas.registry import others

TALENT_PIPELINE: Final = events_topic(tp.SERVICE)
EQUALITY_MONITORING: Final = em.TOPIC
MOBILITY: Final = events_topic(mob.SERVICE)
PEOPLE: Final = events_topic(pe.SERVICE)
LEARNING: Final = events_topic(le.SERVICE)
TOPICS: Final = (TALENT_PIPELINE, EQUALITY_MONITORING, LEARNING, MOBILITY, PEOPLE)

PROJECTION: Final = "figures"
"""What all of this is projected into; a version of it is built anew from the beginning, beside the one that is read."""

ENCOUNTER = ("person_id", "route", "campaign_id")
JOURNEY = (*ENCOUNTER, "employer", "soc2020")
STEP = (*JOURNEY, "vacancy_id")
SIGNATORY = ("framework_id", "organisation", "sector", "statutory")
PLACE = (
    "booking_id", "person_id", "organisation", "sector", "learner_kind", "course_id", "category", "programme",
)  # fmt: skip
LEARNS = ("person_id", "organisation", "sector", "learner_kind", "course_id", "category", "programme")
JUDGED = ("person_id", "organisation", "host", "subject", "framework")
REQUIRED = ("organisation", "soc2020", "subject", "level")
STUDENT = ("person_id", "provider", "start_year")
APPRENTICE = ("person_id", "employer", "provider", "standard")

RECORDS: Final[Mapping[type[Fact], Into]] = {
    tp.CampaignPlanned: Into("campaign", "name"),
    tp.VacancyDrafted: Into("vacancy", "employer", "soc2020", title=lambda fact: fact.role.title),
    tp.InterestRegistered: Into(
        "interest", *ENCOUNTER, "source", "channel", "ward", "employment_status", "partner", "supply_partner"
    ),
    tp.CandidateTriaged: Into("triage", *ENCOUNTER, "spoke"),
    tp.CandidateSupported: Into("support", *ENCOUNTER, "kind", "destination", "provider"),
    tp.ApplicationSubmitted: Into("step", *STEP, stage="applied"),
    tp.ApplicationShortlisted: Into("step", *STEP, stage="shortlisted"),
    tp.ValuesInterviewCompleted: Into("step", *STEP, stage="interviewed"),
    tp.ValuesPassAccepted: Into("step", *STEP, stage="interviewed"),
    tp.OfferMade: Into("step", *STEP, stage="offered"),
    tp.CandidateCleared: Into("step", *STEP, stage="cleared"),
    tp.StartDateAgreed: Into("step", *STEP, stage="start-agreed"),
    tp.PlacementSustained: Into("step", *STEP, "weeks", stage="sustained"),
    tp.CandidatePlaced: Into(
        "placement", *STEP, "engagement_id", "ward", "weekly_hours", "employment_status", "prior_employment",
        "new_to_system",
    ),
    tp.CandidateWithdrew: Into("ending", *JOURNEY, "stage", "reason", kind="withdrew"),
    tp.OfferDeclined: Into("ending", *JOURNEY, "stage", "reason", kind="offer-declined"),
    tp.CandidateNotAppointed: Into("ending", *JOURNEY, "stage", "reason", kind="not-appointed"),
    tp.OfferWithdrawn: Into("ending", *JOURNEY, "stage", "reason", kind="offer-withdrawn"),
    tp.CandidateRedirected: Into("ending", *JOURNEY, "stage", kind="redirected", reason=lambda fact: fact.to),
    tp.PlacementResumed: Into("resumption", "person_id", "employer"),
    tp.PlacementEnded: Into("ending", *JOURNEY, "reason", kind="left"),
    mob.StaffSeconded: Into("move", "person_id", "home", "host", "basis", "need_id", "weekly_hours"),
    mob.ChecksVerified: Into(
        "checks_seen", "person_id", "home", "host", "verified_by", kinds=lambda fact: [seen.kind for seen in fact.checks]
    ),
    mob.HoursRecorded: Into("worked", "deployment_id", "person_id", "home", "host", "worked_on", "hours"),
    mob.LineSettled: Into("settled", "deployment_id", "home", "host", "worked_on", "hours"),
    mob.LineWithdrawn: Into("settled", "deployment_id", "home", "host", "worked_on", hours=lambda fact: 0.0),
    mob.NeedRaised: Into("need", "organisation", "reason", "people"),
    mob.NeedFilled: Into("need_change", "organisation", kind="filled"),
    mob.NeedReopened: Into(
        "need_change", "organisation", kind=lambda fact: "reopened" if fact.left is None else "left"
    ),
    mob.NeedWithdrawn: Into("need_change", "organisation", kind="withdrawn"),
    mob.OrganisationInvited: Into("signatory", *SIGNATORY, effective_on=lambda fact: fact.occurred_on, in_force=False),
    mob.OrganisationSigned: Into("signatory", *SIGNATORY, effective_on=lambda fact: fact.in_force_from, in_force=True),
    mob.OrganisationSuspended: Into("signatory", *SIGNATORY, effective_on=lambda fact: fact.occurred_on, in_force=False),
    mob.OrganisationResumed: Into("signatory", *SIGNATORY, effective_on=lambda fact: fact.occurred_on, in_force=True),
    mob.SignatureLapsed: Into("signatory", *SIGNATORY, effective_on=lambda fact: fact.occurred_on, in_force=False),
    mob.NoticeGiven: Into(
        "signatory", *SIGNATORY, effective_on=lambda fact: fact.last_day + timedelta(days=1), in_force=False
    ),
    le.CoursePublished: Into("course", "title", "category", "programme", "provider", "seat_pence", "backfill_pence"),
    le.CourseRetired: Into("course_retired"),
    le.LearnerEnrolled: Into("enrolment", *LEARNS, stage="enrolled"),
    le.LearningCompleted: Into("enrolment", *LEARNS, stage="completed"),
    le.LearnerBooked: Into("asked_place", *PLACE, got="booked"),
    le.LearnerWaitlisted: Into("asked_place", *PLACE, got="waiting"),
    le.LearnerAttended: Into("attendance", *PLACE),
    le.CourseCompleted: Into("course_outcome", *PLACE, outcome="completed"),
    le.CoursePartlyCompleted: Into("course_outcome", *PLACE, outcome="partly-completed"),
    le.CourseNotAttended: Into("course_outcome", *PLACE, outcome="not-attended"),
    le.PlaceTaken: Into("waited", *PLACE, how="taken"),
    le.PlaceLapsed: Into("waited", *PLACE, how="lapsed"),
    le.BookingCancelled: Into("given_up", *PLACE, "reason", "late"),
    le.CourseEvaluated: Into("evaluation", *PLACE, "rating", "confidence_before", "confidence_after"),
    le.UseReported: Into("use_report", *PLACE, "used"),
    le.CompetenceRecorded: Into("training", "person_id", "organisation", "subject", "level", "framework", "expires_on"),
    le.LearningWaived: Into("portability", *JUDGED, "ground", "saved_pence", "required_level", "valid_until", outcome="waived"),
    le.TopUpAsked: Into("portability", *JUDGED, "ground", outcome="top-up"),
    le.PortabilityRejected: Into("portability", *JUDGED, "reason", outcome="rejected"),
    le.TrainingRequired: Into(
        "requirement", *REQUIRED, "within_days", "framework", "framework_from", stage="required",
        met_by=lambda fact: list(fact.met_by),
    ),
    le.RequirementDropped: Into("requirement", *REQUIRED, stage="dropped"),
    le.EmploymentBegun: Into("employment", "person_id", "organisation", "soc2020", stage="begun"),
    le.EmploymentEnded: Into("employment", "person_id", "organisation", "soc2020", stage="ended"),
    le.PathwayBegun: Into("placement_step", *STUDENT, stage="on-placement"),
    le.PlacementCompleted: Into("placement_step", *STUDENT, stage="completed"),
    le.PathwayEnded: Into("placement_step", *STUDENT, "reason", stage="stopped"),
    le.PlacementHoursLogged: Into("placement_hours", "person_id", "provider", "employer", "hours", "taster"),
    le.ApprenticeshipAgreed: Into("apprentice_step", *APPRENTICE, stage="waiting"),
    le.ApprenticeshipBegun: Into("apprentice_step", *APPRENTICE, stage="live"),
    le.ApprenticeshipPaused: Into("apprentice_step", *APPRENTICE, "reason", stage="paused"),
    le.ApprenticeshipResumed: Into("apprentice_step", *APPRENTICE, stage="live"),
    le.ApprenticeEmployerChanged: Into("apprentice_step", *APPRENTICE),
    le.GatewayReached: Into("apprentice_step", *APPRENTICE, stage="gateway"),
    le.AssessmentBegun: Into("apprentice_step", *APPRENTICE, stage="assessment"),
    le.AssessmentFailed: Into("apprentice_step", *APPRENTICE, stage="gateway"),
    le.ApprenticeshipCompleted: Into("apprentice_step", *APPRENTICE, stage="completed"),
    le.ApprenticeshipStopped: Into("apprentice_step", *APPRENTICE, "reason", stage="stopped"),
    le.OffTheJobHoursLogged: Into("off_the_job", *APPRENTICE, "hours"),
}  # fmt: skip
"""Facts that figures count, each with the table that keeps it."""

CORRECTIONS: Final = (
    tp.FactCorrected, tp.FactVoided, tp.FactRestored, le.FactCorrected, le.FactVoided, le.FactRestored,
    mob.FactCorrected, mob.FactVoided, mob.FactRestored,
)  # fmt: skip
DECLARATIONS: Final = (em.MonitoringDeclared, em.MonitoringChanged, em.MonitoringWithdrawn)
LINKS: Final = (pe.PersonLinked, pe.PersonUnlinked)

HEARD: Final = (
    tp.VacancyAuthorised, tp.VacancyAdvertised, tp.VacancyClosed, tp.VacancyConcluded, tp.VacancyWithdrawn,
    tp.PostFilled, tp.PostReleased, tp.EmploymentCheckUpdated, tp.EmploymentCheckExpired, tp.RiskAssessmentExpired,
    le.LearningNeedSubmitted, le.LearningNeedWithdrawn,
    le.AttendanceConfirmed,
    le.PlacementEmployerJoined,
    mob.OrganisationDeclined, mob.OrganisationSignedAgain, mob.OrganisationWithdrew,
    mob.NeedReleased, mob.NeedClosed,
    mob.DeploymentProposed, mob.DeploymentMatched, mob.DeploymentAgreed, mob.AgreementWithdrawn,
    mob.DeploymentAuthorised, mob.StaffInducted,
    mob.FirstDayPackGiven, mob.MoveStopped, mob.StopLifted, mob.AnswerOverdue, mob.AnswerSettled, mob.CheckExpiring,
    mob.TrainingExpiring, mob.TrainingPutOff, mob.TrainingOverdue,
    mob.ExtensionProposed, mob.ExtensionConfirmed, mob.ExtensionDeclined, mob.ExtensionLapsed,
    mob.DeploymentExtended, mob.DeploymentShortened,
    mob.CoverEnds, mob.DeploymentHandedOver, mob.LineDisputed, mob.StatementIssued, mob.StatementAgreed, mob.StatementOverdue,
    mob.DeploymentCompleted, mob.DeploymentRecalled, mob.DeploymentEndedEarly, mob.DeploymentCancelled,
)  # fmt: skip
"""Facts of which only this is kept: that their partner was heard."""

ACCEPTS: Final[tuple[type[Fact], ...]] = (*RECORDS, *CORRECTIONS, *DECLARATIONS, *LINKS, *HEARD)

IGNORES: Final[tuple[type[Fact], ...]] = others((tp.SERVICE, em.SERVICE, le.SERVICE, mob.SERVICE, pe.SERVICE), ACCEPTS)
"""Facts that no figure counts; the README names them."""

EMITS: Final = ()
