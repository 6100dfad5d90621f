"""The words of the trade: who comes from where, roles and rules, checks, values, stages, and the reasons in code."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.values import Code, Label, Lsoa, Part, Soc2020, Ward, WeeklyHours

SERVICE = "talent-pipeline"


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
