"""What partners claim, facts that are corrected or voided, and the answer to a claim."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.corrections import ClaimPutRight, ClaimTakenBack, Corrected, Restored, Voided
from schemas.fact import Answer, Dated
from schemas.letting_go import LetGo
from schemas.talent_pipeline.words import (
    SERVICE,
    Awaiting,
    CheckKind,
    CheckOutcome,
    CheckStatus,
    DbsLevel,
    DbsWorkforce,
    EmploymentStatus,
    LeavingReason,
    PriorEmployment,
    Role,
    ValueScore,
    ValuesOutcome,
)
from schemas.values import BusinessDate, Code, Id, PartnerId, Reference, Ward

# Corrections -----------------------------------------------------------------------------------------------------------


class FactVoided(Voided, service=SERVICE):
    """A fact of this service was taken back."""


class FactRestored(Restored, service=SERVICE):
    """A fact of this service that had been taken back stands again."""


class FactCorrected(Corrected, service=SERVICE):
    """A fact of this service was put right."""


# Retention ---------------------------------------------------------------------------------------------------------------


class RecordLetGo(LetGo, service=SERVICE):
    """A record of this service had its period: what is kept of it is that there was one."""


# Claims ----------------------------------------------------------------------------------------------------------------


class VacancyClaimed(Dated, service=SERVICE):
    """The partner advertises posts of its own. Its system has authorised them."""

    vacancy: Reference
    role: Role
    posts: Annotated[int, Field(ge=1, le=500)]
    accepts_values_pass: bool
    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    shared: bool
    closes_on: BusinessDate


class VacancyStep(StrEnum):
    CLOSED = "closed"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"


class VacancyStepClaimed(Dated, service=SERVICE):
    """The partner's vacancy closed to applications, came to its end, or was withdrawn."""

    vacancy: Reference
    step: VacancyStep
    reason: Code | None = None
    """Needed for a withdrawal."""


class InterestClaimed(Dated, service=SERVICE):
    """The partner met a person who is interested. The answer gives our id of the person."""

    interest: Reference
    person_id: Id | None = None
    """Our id, if an answer gave it before; without it the person is new to us."""
    campaign_id: Id | None = None
    """Our id of the campaign by which they came, if they came by one."""
    channel: Code
    qr_asset: Code | None = None
    ward: Ward | None = None
    employment_status: EmploymentStatus


class ApplicationClaimed(Dated, service=SERVICE):
    """A person whose interest was claimed before applied for a vacancy of the partner."""

    application: Reference
    vacancy: Reference
    person_id: Id
    interest: Reference | None = None
    """Which interest led to it, where the person has several; without it, the latest."""


class ValuesInterviewClaimed(Dated, service=SERVICE):
    """A panel of the partner interviewed a candidate on the six values."""

    application: Reference
    framework: Code
    scores: Annotated[tuple[ValueScore, ...], Field(min_length=6, max_length=6)]
    panel: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=9)]
    outcome: ValuesOutcome


class CandidacyStep(StrEnum):
    SHORTLISTED = "shortlisted"
    OFFERED = "offered"
    CLEARED = "cleared"
    START_AGREED = "start-agreed"
    WITHDREW = "withdrew"
    OFFER_DECLINED = "offer-declined"
    NOT_APPOINTED = "not-appointed"
    OFFER_WITHDRAWN = "offer-withdrawn"


class StepClaimed(Dated, service=SERVICE):
    """An application to the partner moved on, or came to an end."""

    application: Reference
    step: CandidacyStep
    reason: Code | None = None
    """Needed where it ends: a code of the list that belongs to that end."""
    start_on: BusinessDate | None = None
    """Needed where a start is agreed."""
    risk_assessed_until: BusinessDate | None = None
    """Where the candidate is cleared by a risk assessment."""


class CheckClaimed(Dated, service=SERVICE):
    """An employment check moved on, or ended."""

    application: Reference
    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)] = 1
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    status: CheckStatus
    outcome: CheckOutcome | None = None
    awaiting: Awaiting
    valid_until: BusinessDate | None = None


class StartClaimed(Dated, service=SERVICE):
    """A candidate started work at the partner; the date is the first day."""

    application: Reference
    prior_employment: PriorEmployment


class LeavingClaimed(Dated, service=SERVICE):
    """Someone who had started left; the date is the last day."""

    application: Reference
    reason: LeavingReason


class ClaimWithdrawn(ClaimTakenBack, service=SERVICE):
    """An earlier claim should not have been made: what became of it is taken back."""


class ClaimCorrected(ClaimPutRight, service=SERVICE):
    """An earlier claim should have been made otherwise: what became of it is put right."""


class ClaimAnswered(Answer, service=SERVICE):
    """What became of one claim to talent-pipeline."""
