"""Facts of core skills: how long training counts, who was trained, who accepts it, who must be, and who works where."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.learning.words import SERVICE, Ground, Level, Months, Pence, Rejection, Subject, TrainingSource
from schemas.values import BusinessDate, Code, Id, PartnerId, Soc2020

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
