"""What talent-pipeline says, and what partners claim to it.

Read in this order: the words of the trade, the facts by aggregate (campaign, fair, vacancy, engagement, candidacy,
appointable), the corrections, the claims, the answer. A fact carries what reporting counts by, so that nobody asks back.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.corrections import ClaimPutRight, ClaimTakenBack, Corrected, Restored, Voided
from schemas.fact import Answer, Dated, Step
from schemas.values import (
    BusinessDate,
    Code,
    Id,
    Label,
    Lsoa,
    Part,
    PartnerId,
    Reference,
    Small,
    Soc2020,
    Ward,
    WeeklyHours,
)

SERVICE = "talent-pipeline"


# The words of the trade ------------------------------------------------------------------------------------------------


class EmploymentStatus(StrEnum):
    """What a person did for a living at first engagement. Unemployed looks for work, inactive does not."""

    UNEMPLOYED = "unemployed"
    INACTIVE = "inactive"
    EMPLOYED = "employed"
    SELF_EMPLOYED = "self-employed"
    IN_EDUCATION = "in-education"
    NOT_KNOWN = "not-known"


class PriorEmployment(StrEnum):
    """Where a starter came from. Recorded at the start, because it cannot be found out later."""

    LEEDS_HEALTH_CARE = "leeds-health-care"
    OTHER_HEALTH_CARE = "other-health-care"
    OTHER_SECTOR = "other-sector"
    UNEMPLOYED = "unemployed"
    EDUCATION = "education"
    UNKNOWN = "unknown"


class NewToSystem(StrEnum):
    """Whether a starter is new to the health and care system of Leeds."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """How a person came to the programme."""

    CAMPAIGN = "campaign"
    FAIR = "fair"
    SUPPLY_PARTNER = "supply-partner"
    DIRECT = "direct"
    PARTNER = "partner"


class Route(StrEnum):
    """The route that a start is counted under: by a campaign, or by the pipeline."""

    CONNECTING_COMMUNITIES = "connecting-communities"
    TALENT_PIPELINE = "talent-pipeline"


class SupportKind(StrEnum):
    TRAINING = "training"
    EMPLOYABILITY = "employability"
    ALTERNATIVE_CAREER = "alternative-career"
    CAREERS_ADVICE = "careers-advice"
    JOB_SEARCH = "job-search"
    VOLUNTEERING = "volunteering"
    WELFARE = "welfare"
    POST_START = "post-start"


class Destination(StrEnum):
    """Where support leads: to this city's sector, to the rest of the county, or to a sector beside ours."""

    LEEDS = "leeds"
    WIDER_WEST_YORKSHIRE = "wider-west-yorkshire"
    ASSOCIATED_SECTOR = "associated-sector"


class RedirectedTo(StrEnum):
    """Where a candidate may be, or was, redirected to."""

    EMPLOYER = "employer"
    PROGRAMME = "programme"
    ASSOCIATED_SECTOR = "associated-sector"
    WIDER_WEST_YORKSHIRE = "wider-west-yorkshire"


class Contract(StrEnum):
    PERMANENT = "permanent"
    FIXED_TERM = "fixed-term"
    APPRENTICESHIP = "apprenticeship"
    BANK = "bank"


class StaffGroup(StrEnum):
    """The staff groups of the NHS; other employers may leave it out."""

    ADDITIONAL_CLINICAL_SERVICES = "additional-clinical-services"
    ADDITIONAL_PROFESSIONAL_SCIENTIFIC_AND_TECHNICAL = "additional-professional-scientific-and-technical"
    ADMINISTRATIVE_AND_CLERICAL = "administrative-and-clerical"
    ALLIED_HEALTH_PROFESSIONALS = "allied-health-professionals"
    ESTATES_AND_ANCILLARY = "estates-and-ancillary"
    HEALTHCARE_SCIENTISTS = "healthcare-scientists"
    MEDICAL_AND_DENTAL = "medical-and-dental"
    NURSING_AND_MIDWIFERY_REGISTERED = "nursing-and-midwifery-registered"
    STUDENTS = "students"


class Regulator(StrEnum):
    """The body with which the holder of a regulated role is registered."""

    NMC = "nmc"
    HCPC = "hcpc"
    GMC = "gmc"
    GDC = "gdc"
    GPHC = "gphc"
    SOCIAL_WORK_ENGLAND = "social-work-england"


class SectorRules(StrEnum):
    """Whose rules say which checks an employer makes: they follow the employer as well as the role."""

    NHS_SIX_STANDARDS = "nhs-six-standards"
    CQC_SCHEDULE_3 = "cqc-schedule-3"
    EMPLOYER_POLICY = "employer-policy"


class Duties(StrEnum):
    """What a role does with patients or people who need care: it decides which DBS level may be asked for."""

    NO_CONTACT = "no-contact"
    ACCESS_TO_PATIENTS = "access-to-patients"
    CARE_OR_SUPERVISION = "care-or-supervision"
    REGULATED_ACTIVITY = "regulated-activity"


class DbsLevel(StrEnum):
    NONE = "none"
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"
    ENHANCED_WITH_BARRED_LISTS = "enhanced-with-barred-lists"


class DbsWorkforce(StrEnum):
    ADULT = "adult"
    CHILD = "child"
    ADULT_AND_CHILD = "adult-and-child"
    OTHER = "other"


class CheckKind(StrEnum):
    """The employment checks: the six NHS standards, with standards 3 and 4 in their two parts."""

    IDENTITY = "identity"
    RIGHT_TO_WORK = "right-to-work"
    PROFESSIONAL_REGISTRATION = "professional-registration"
    QUALIFICATIONS = "qualifications"
    EMPLOYMENT_HISTORY = "employment-history"
    REFERENCE = "reference"
    WORK_HEALTH = "work-health"
    CRIMINAL_RECORD = "criminal-record"


class CheckStatus(StrEnum):
    """How far a check is. Complete does not say passed: the outcome does."""

    NOT_REQUESTED = "not-requested"
    REQUESTED = "requested"
    COMPLETE = "complete"
    EXPIRED = "expired"


class CheckOutcome(StrEnum):
    SATISFACTORY = "satisfactory"
    UNSATISFACTORY = "unsatisfactory"
    INDETERMINATE = "indeterminate"
    REFUSED = "refused"


class Awaiting(StrEnum):
    """Whose move it is."""

    CANDIDATE = "candidate"
    EMPLOYER = "employer"
    THIRD_PARTY = "third-party"
    NOBODY = "nobody"


class NhsValue(StrEnum):
    """The six values of the NHS Constitution; an employer's own wording is mapped to them."""

    WORKING_TOGETHER_FOR_PATIENTS = "working-together-for-patients"
    RESPECT_AND_DIGNITY = "respect-and-dignity"
    COMMITMENT_TO_QUALITY_OF_CARE = "commitment-to-quality-of-care"
    COMPASSION = "compassion"
    IMPROVING_LIVES = "improving-lives"
    EVERYONE_COUNTS = "everyone-counts"


class ValuesOutcome(StrEnum):
    PASSED = "passed"
    NOT_PASSED = "not-passed"


class VacancyOutcome(StrEnum):
    FILLED = "filled"
    PART_FILLED = "part-filled"
    UNFILLED = "unfilled"


class Stage(StrEnum):
    """How far a candidacy had come when it ended."""

    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    INTERVIEWED = "interviewed"
    OFFERED = "offered"
    CLEARED = "cleared"
    START_AGREED = "start-agreed"


class WithdrawalReason(StrEnum):
    """Why a candidate withdrew."""

    OTHER_JOB = "other-job"
    PAY_OR_HOURS = "pay-or-hours"
    TRANSPORT = "transport"
    CARING_RESPONSIBILITIES = "caring-responsibilities"
    HEALTH = "health"
    TOOK_TOO_LONG = "took-too-long"
    NO_CONTACT = "no-contact"
    OTHER = "other"
    NOT_SAID = "not-said"


class DeclineReason(StrEnum):
    """Why a candidate declined an offer."""

    OTHER_JOB = "other-job"
    PAY_OR_HOURS = "pay-or-hours"
    TRANSPORT = "transport"
    CARING_RESPONSIBILITIES = "caring-responsibilities"
    START_DATE = "start-date"
    OTHER = "other"
    NOT_SAID = "not-said"


class NotAppointedReason(StrEnum):
    """Why an employer did not appoint."""

    CRITERIA_NOT_MET = "criteria-not-met"
    VALUES_NOT_PASSED = "values-not-passed"
    APPOINTABLE_NO_POST = "appointable-no-post"
    DID_NOT_ATTEND = "did-not-attend"
    VACANCY_WITHDRAWN = "vacancy-withdrawn"
    OTHER = "other"


class OfferWithdrawnReason(StrEnum):
    """Why an employer took an offer back."""

    CHECKS_UNSATISFACTORY = "checks-unsatisfactory"
    CHECKS_NOT_COMPLETED = "checks-not-completed"
    FALSE_INFORMATION = "false-information"
    VACANCY_WITHDRAWN = "vacancy-withdrawn"
    OTHER = "other"


class LeavingReason(StrEnum):
    """Why somebody who had started left."""

    OTHER_JOB_IN_SYSTEM = "other-job-in-system"
    OTHER_JOB_OUTSIDE = "other-job-outside"
    EDUCATION = "education"
    HEALTH = "health"
    CARING_RESPONSIBILITIES = "caring-responsibilities"
    PAY_OR_HOURS = "pay-or-hours"
    CONTRACT_ENDED = "contract-ended"
    DISMISSED = "dismissed"
    OTHER = "other"
    NOT_SAID = "not-said"


class Area(Part):
    """A neighbourhood that a campaign goes to, with the deprivation rank that it was chosen by."""

    lsoa: Lsoa
    ward: Ward
    imd_rank: Annotated[int, Field(ge=1, le=35_000)]
    """1 is the most deprived; ranks of two vintages are not compared."""
    imd_vintage: Annotated[int, Field(ge=2004, le=2100)]


class Role(Part):
    """What the vacancy is for, what it pays, and what decides its employment checks."""

    title: Label
    soc2020: Soc2020
    staff_group: StaffGroup | None = None
    pay_framework: Code
    grade: Label
    weekly_hours: WeeklyHours
    contract: Contract
    sector_rules: SectorRules
    regulator: Regulator | None = None
    """Where the role is regulated."""
    qualification_needed: bool
    duties: Duties
    dbs_level: DbsLevel
    dbs_workforce: DbsWorkforce | None = None


class CheckRequired(Part):
    """An employment check that role and employer need. References are numbered, other checks are number 1."""

    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)]
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None


class ValueScore(Part):
    """The score for one of the six values, and the employer's own value that stood for it."""

    value: NhsValue
    score: Annotated[int, Field(ge=0, le=5)]
    local_value: Code | None = None


# Campaigns and fairs ---------------------------------------------------------------------------------------------------


class CampaignPlanned(Step, service=SERVICE, aggregate="campaign"):
    """A Connecting Communities campaign was planned, with the neighbourhoods that it goes to."""

    name: Label
    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=200)]
    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=1, max_length=60)]
    opens_on: BusinessDate
    closes_on: BusinessDate


class CampaignOpened(Step, service=SERVICE, aggregate="campaign"):
    """A campaign began to register interest."""

    wards: tuple[Ward, ...]


class CampaignClosed(Step, service=SERVICE, aggregate="campaign"):
    """A campaign stopped registering interest."""


class FairPlanned(Step, service=SERVICE, aggregate="fair"):
    """Employers agreed to hold a recruitment fair together."""

    name: Label
    employers: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=60)]
    """Two or more: that is what makes it pooled."""
    campaign_id: Id | None = None
    planned_for: BusinessDate


class FairHeld(Step, service=SERVICE, aggregate="fair"):
    """A pooled recruitment fair took place."""

    employers: tuple[PartnerId, ...]
    attended: Small
    """Visitors counted at the door."""


class FairCancelled(Step, service=SERVICE, aggregate="fair"):
    """A planned fair will not take place."""

    reason: Code


# Vacancies -------------------------------------------------------------------------------------------------------------


class Opening(Step):
    """What vacancies are counted by."""

    employer: PartnerId
    soc2020: Soc2020


class VacancyDrafted(Opening, service=SERVICE, aggregate="vacancy"):
    """An employer described posts that it wants to fill."""

    role: Role
    posts: Annotated[int, Field(ge=1, le=500)]
    accepts_values_pass: bool
    """Whether a values interview passed with another employer counts here while it is in date."""


class VacancyAuthorised(Opening, service=SERVICE, aggregate="vacancy"):
    """The employer agreed to pay for the posts."""


class VacancyAdvertised(Opening, service=SERVICE, aggregate="vacancy"):
    """Posts were advertised, for the first time or again."""

    channels: Annotated[tuple[Code, ...], Field(min_length=1, max_length=30)]
    shared: bool
    """On a channel that the partners share, not on the employer's own alone."""
    closes_on: BusinessDate


class VacancyClosed(Opening, service=SERVICE, aggregate="vacancy"):
    """Applications are no longer taken."""


class VacancyConcluded(Opening, service=SERVICE, aggregate="vacancy"):
    """Recruitment to the vacancy ended, with or without its posts filled."""

    outcome: VacancyOutcome
    posts: Small
    filled: Small


class VacancyWithdrawn(Opening, service=SERVICE, aggregate="vacancy"):
    """The employer no longer wants to fill the posts."""

    reason: Code


class PostFilled(Opening, service=SERVICE, aggregate="vacancy"):
    """A starter took one of the posts."""

    candidacy_id: Id
    posts: Small
    filled: Small
    """How many are filled with this one."""


class PostReleased(Opening, service=SERVICE, aggregate="vacancy"):
    """A post that was said to be filled is free: the start that filled it was taken back."""

    candidacy_id: Id
    posts: Small
    filled: Small
    """How many are filled without this one."""


# Engagements -----------------------------------------------------------------------------------------------------------


class Encounter(Step):
    """What engagements are counted by."""

    person_id: Id
    route: Route
    campaign_id: Id | None = None


class InterestRegistered(Encounter, service=SERVICE, aggregate="engagement"):
    """A person told the programme of their interest: its first engagement with them."""

    source: Source
    fair_id: Id | None = None
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    """The partner whose system registered it."""
    channel: Code
    qr_asset: Code | None = None
    """The poster or leaflet whose QR code was scanned."""
    ward: Ward | None = None
    """The neighbourhood in which the campaign met them."""
    employment_status: EmploymentStatus


class CandidateTriaged(Encounter, service=SERVICE, aggregate="engagement"):
    """The hub passed a person to the spoke that suits them best."""

    spoke: Code


class CandidateSupported(Encounter, service=SERVICE, aggregate="engagement"):
    """A person was helped towards training, employability or a career."""

    kind: SupportKind
    destination: Destination
    provider: PartnerId | None = None


class RedirectionPermitted(Encounter, service=SERVICE, aggregate="engagement"):
    """A person permitted the programme to pass their candidacy on: to whom, and until when."""

    to: Annotated[tuple[RedirectedTo, ...], Field(min_length=1, max_length=4)]
    employers: tuple[PartnerId, ...] | None = None
    """The employers that it may be passed to; none named: any partner."""
    until: BusinessDate


class RedirectionPermissionWithdrawn(Encounter, service=SERVICE, aggregate="engagement"):
    """A person took the permission back."""


class RedirectionPermissionExpired(Encounter, service=SERVICE, aggregate="engagement"):
    """The permission ran out."""


class EngagementClosed(Encounter, service=SERVICE, aggregate="engagement"):
    """The programme's work with a person ended."""

    reason: Code


# Candidacies -----------------------------------------------------------------------------------------------------------


class Journey(Step):
    """What candidacies are counted by, at every stage the same."""

    person_id: Id
    vacancy_id: Id
    employer: PartnerId
    soc2020: Soc2020
    route: Route
    campaign_id: Id | None = None


class ApplicationSubmitted(Journey, service=SERVICE, aggregate="candidacy"):
    """A person applied for a vacancy."""

    engagement_id: Id
    source: Source
    ward: Ward | None = None
    employment_status: EmploymentStatus
    """As it was at first engagement."""
    staff_group: StaffGroup | None = None
    weekly_hours: WeeklyHours
    regulated: bool
    accepts_values_pass: bool
    checks: tuple[CheckRequired, ...]
    """What role and employer require before a start."""
    redirected_from: Id | None = None
    """The candidacy with another employer that was redirected here."""


class ApplicationShortlisted(Journey, service=SERVICE, aggregate="candidacy"):
    """The application met the criteria: the candidate is invited to interview."""


class ValuesInterviewCompleted(Journey, service=SERVICE, aggregate="candidacy"):
    """A panel interviewed the candidate on the six values."""

    framework: Code
    """The version of the scoring framework."""
    scores: Annotated[tuple[ValueScore, ...], Field(min_length=6, max_length=6)]
    panel: Annotated[tuple[PartnerId, ...], Field(min_length=2, max_length=9)]
    """The organisation of each member."""
    outcome: ValuesOutcome
    valid_until: BusinessDate | None = None
    """A pass is shared with other employers until this day; a fail never."""


class ValuesPassAccepted(Journey, service=SERVICE, aggregate="candidacy"):
    """A values interview passed with another employer was accepted in place of a new one."""

    passed_in: Id
    """The candidacy in which it was passed."""
    valid_until: BusinessDate


class OfferMade(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer made a conditional offer: the employment checks begin."""


class EmploymentCheckUpdated(Journey, service=SERVICE, aggregate="candidacy"):
    """An employment check moved on, or ended with an outcome."""

    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)]
    level: DbsLevel | None = None
    workforce: DbsWorkforce | None = None
    status: CheckStatus
    outcome: CheckOutcome | None = None
    awaiting: Awaiting
    valid_until: BusinessDate | None = None


class EmploymentCheckExpired(Journey, service=SERVICE, aggregate="candidacy"):
    """A check that was satisfactory ran out: it must be made again."""

    kind: CheckKind
    number: Annotated[int, Field(ge=1, le=9)]


class CandidateCleared(Journey, service=SERVICE, aggregate="candidacy"):
    """Every check that is required is satisfactory, or a risk assessment covers the rest until a day."""

    risk_assessed: tuple[CheckRequired, ...]
    """The checks that the risk assessment covers; empty: none was needed."""
    risk_assessed_until: BusinessDate | None = None


class RiskAssessmentExpired(Journey, service=SERVICE, aggregate="candidacy"):
    """A risk-assessed start ran out before its checks were satisfactory."""


class StartDateAgreed(Journey, service=SERVICE, aggregate="candidacy"):
    """Candidate and employer agreed the first day at work, for the first time or anew."""

    start_on: BusinessDate


class CandidatePlaced(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate started work. An offer is not a placement; this is."""

    engagement_id: Id
    source: Source
    ward: Ward | None = None
    staff_group: StaffGroup | None = None
    weekly_hours: WeeklyHours
    employment_status: EmploymentStatus
    """As it was at first engagement."""
    prior_employment: PriorEmployment
    new_to_system: NewToSystem


class PlacementSustained(Journey, service=SERVICE, aggregate="candidacy"):
    """The starter was still in post after so many weeks, days of a break not counted."""

    weeks: Annotated[int, Field(ge=1, le=520)]


class PlacementEnded(Journey, service=SERVICE, aggregate="candidacy"):
    """A starter left the post; the date is the last day in it."""

    reason: LeavingReason


class PlacementResumed(Journey, service=SERVICE, aggregate="candidacy"):
    """Someone who had left came back to the same post within 28 days: a break, not an end."""

    days_away: Annotated[int, Field(ge=1, le=28)]


class CandidateWithdrew(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate no longer wants to be considered."""

    stage: Stage
    reason: WithdrawalReason


class OfferDeclined(Journey, service=SERVICE, aggregate="candidacy"):
    """The candidate turned the offer down."""

    stage: Stage
    reason: DeclineReason


class CandidateNotAppointed(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer decided not to appoint."""

    stage: Stage
    reason: NotAppointedReason


class OfferWithdrawn(Journey, service=SERVICE, aggregate="candidacy"):
    """The employer took its offer back."""

    stage: Stage
    reason: OfferWithdrawnReason


class CandidateRedirected(Journey, service=SERVICE, aggregate="candidacy"):
    """With the candidate's permission, the candidacy was passed on to somewhere that suits better."""

    stage: Stage
    to: RedirectedTo
    to_candidacy_id: Id | None = None
    """The candidacy with the other employer that it became."""
    to_employer: PartnerId | None = None
    programme: Code | None = None


# The pool --------------------------------------------------------------------------------------------------------------


class Membership(Step):
    """What the pool is counted by."""

    person_id: Id
    soc2020: Soc2020


class AppointablePooled(Membership, service=SERVICE, aggregate="appointable"):
    """Someone who passed and found no post was kept in the pool for the next vacancy."""

    engagement_id: Id
    candidacy_id: Id
    """The candidacy in which they passed."""
    employer: PartnerId
    available_from: BusinessDate
    expires_on: BusinessDate


class AvailabilityChanged(Membership, service=SERVICE, aggregate="appointable"):
    """A member of the pool said from when they could start."""

    available_from: BusinessDate


class PoolOfferMade(Membership, service=SERVICE, aggregate="appointable"):
    """A member of the pool was offered a post of a new vacancy."""

    vacancy_id: Id
    candidacy_id: Id
    employer: PartnerId


class PoolOfferEnded(Membership, service=SERVICE, aggregate="appointable"):
    """An offer out of the pool came to nothing: the member is available again."""

    candidacy_id: Id


class PoolMembershipPlaced(Membership, service=SERVICE, aggregate="appointable"):
    """A member started in the post that they were offered out of the pool."""

    candidacy_id: Id


class PoolMembershipLeft(Membership, service=SERVICE, aggregate="appointable"):
    """A member left the pool."""

    reason: Code


class PoolMembershipExpired(Membership, service=SERVICE, aggregate="appointable"):
    """A membership of the pool ran out."""


# Corrections -----------------------------------------------------------------------------------------------------------


class FactVoided(Voided, service=SERVICE):
    """A fact of this service was taken back."""


class FactRestored(Restored, service=SERVICE):
    """A fact of this service that had been taken back stands again."""


class FactCorrected(Corrected, service=SERVICE):
    """A fact of this service was put right."""


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
