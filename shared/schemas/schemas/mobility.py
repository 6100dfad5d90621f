"""What mobility says, and what partners claim to it.

Read in this order: the words of the trade, the facts by aggregate (framework, signature, need, deployment, requirement, passport,
statement), the corrections, the claims, the answer. A fact carries what reporting counts by, so that nobody asks back.
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
    Part,
    PartnerId,
    Reference,
    Sector,
    Small,
    Soc2020,
    WeeklyHours,
)

SERVICE = "mobility"


# The words of the trade ------------------------------------------------------------------------------------------------


class NeedReason(StrEnum):
    """Why staff are needed."""

    WINTER_PRESSURE = "winter-pressure"
    INDUSTRIAL_ACTION = "industrial-action"
    SICKNESS = "sickness"
    VACANCY = "vacancy"
    SKILLS = "skills"
    OTHER = "other"


class FilledBy(StrEnum):
    """Who took a place: somebody of the organisation itself, or of a partner."""

    OWN_STAFF = "own-staff"
    PARTNER = "partner"


class Basis(StrEnum):
    """The instrument under which somebody works for another organisation. With bank and agency the engager employs."""

    FRAMEWORK_LICENCE = "framework-licence"
    SECONDMENT_AGREEMENT = "secondment-agreement"
    HONORARY_CONTRACT = "honorary-contract"
    BANK = "bank"
    AGENCY = "agency"


class Side(StrEnum):
    HOME = "home"
    HOST = "host"


class EndedBy(StrEnum):
    """Who ended a move before its time."""

    HOST = "host"
    PERSON = "person"
    FRAMEWORK = "framework"


class Awaited(StrEnum):
    """What a move waits for, each from somebody else, and may never get."""

    TAKING_UP = "taking-up"
    AGREEMENT = "agreement"
    CHECKS = "checks"
    HOME_AUTHORISATION = "home-authorisation"
    HOST_AUTHORISATION = "host-authorisation"
    FIRST_DAY_PACK = "first-day-pack"
    INDUCTION = "induction"
    START = "start"
    LOCAL_INDUCTION = "local-induction"
    """The courses of the host's local induction, in which learning enrols who has started."""
    HOURS = "hours"
    """Those of a week that was worked."""


class StatementAwaited(StrEnum):
    """What a statement waits for: that home issues it, that the host agrees or disputes, that a dispute is settled."""

    ISSUE = "issue"
    AGREEMENT = "statement-agreement"
    SETTLEMENT = "settlement"


class Recharge(StrEnum):
    """What the home organisation charges the host for the hours."""

    NONE = "none"
    AT_COST = "at-cost"
    AGREED_RATE = "agreed-rate"


ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the day in Leeds: 07:30."""
Level = Annotated[int, Field(ge=1, le=9)]
"""How experienced a role is, by the bands of Agenda for Change or what comes near; 1 is the least."""


class Shift(Part):
    """Hours of work that come back every week. One that ends no later than it starts ends on the next day."""

    day: Annotated[int, Field(ge=1, le=7)]
    """Monday is 1."""
    starts: ClockTime
    ends: ClockTime


class Own(Part):
    """What somebody who is put forward does at home, as far as a need is answered by it."""

    soc2020: Soc2020
    level: Level
    place: Code
    available_from: BusinessDate
    available_until: BusinessDate


class CheckSeen(Part):
    """An employment check that was satisfactory, and the last day on which it can be relied on, where it has one."""

    kind: Code
    valid_until: BusinessDate | None = None


class CheckNeeded(Part):
    """An employment check that a host asks for. It is taken like for like: the level and workforce that are named, no others."""

    kind: Code
    level: Code | None = None
    workforce: Code | None = None


class CoreSkill(Part):
    """A core skill, as learning names it: a subject at a level, by a version of the framework."""

    framework: Code
    subject: Code
    level: Annotated[int, Field(ge=1, le=4)]


class TrainingNeeded(Part):
    """A course that a host asks for, and how many days ago it may have been completed at most, where that matters."""

    course_id: Id
    title: Label
    within_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    skill: CoreSkill | None = None
    """What it teaches: whoever has a waiver of the host for just this need not complete the course."""


class LimitGround(StrEnum):
    """Why somebody may work only so far."""

    STUDENT = "student"
    PERMISSION_TO_WORK = "permission-to-work"


class Term(Part):
    """Days on which a course is taught."""

    first: BusinessDate
    last: BusinessDate


class WorkLimit(Part):
    """How far somebody may work. What is empty is not limited."""

    ground: LimitGround
    weekly_hours: Annotated[float, Field(ge=0, le=60)] | None = None
    """The most hours a week, over all organisations together, those without pay included."""
    terms: Annotated[tuple[Term, ...], Field(max_length=12)] = ()
    """When the hours are limited; without any always."""
    soc2020: Annotated[tuple[Soc2020, ...], Field(max_length=40)] = ()
    """The only kinds of work."""
    hosts: Annotated[tuple[PartnerId, ...], Field(max_length=40)] = ()
    """The only organisations."""
    until: BusinessDate | None = None
    """The last day on which they may work."""


class Vat(StrEnum):
    """Whether the supply of staff is subject to VAT here."""

    STANDARD = "standard"
    EXEMPT = "exempt"
    OUTSIDE_SCOPE = "outside-scope"


Hours = Annotated[float, Field(gt=0, le=24, multiple_of=0.25)]
"""Hours of one day, in quarters, which a float holds exactly."""
Pence = Annotated[int, Field(ge=0, le=1_000_000)]
"""What is charged for the hours of one day, without VAT."""
VersionNumber = Annotated[int, Field(ge=1, le=99)]
NoticeDays = Annotated[int, Field(ge=0, le=366)]


# The framework ---------------------------------------------------------------------------------------------------------


class FrameworkPublished(Step, service=SERVICE, aggregate="framework"):
    """The first version of an agreement to lend each other staff was opened for signature."""

    name: Label
    effective_from: BusinessDate
    notice_days: NoticeDays
    """How long before its last day an organisation that leaves has to say so."""
    expires_on: BusinessDate | None = None
    """The last day of the agreement, where it has one."""


class FrameworkVaried(Step, service=SERVICE, aggregate="framework"):
    """A further version of the agreement was published."""

    version: VersionNumber
    effective_from: BusinessDate
    notice_days: NoticeDays
    sign_by: BusinessDate | None = None
    """Where it binds nobody who has not signed it: the last day for that. Without it, who signed before is bound."""
    expires_on: BusinessDate | None = None
    reason: Code


class FrameworkTerminated(Step, service=SERVICE, aggregate="framework"):
    """The agreement was ended before its time."""

    last_day: BusinessDate
    reason: Code


class FrameworkExpired(Step, service=SERVICE, aggregate="framework"):
    """The last day of the agreement is over."""


# Signatures ------------------------------------------------------------------------------------------------------------


class Signatory(Step):
    """What signatures are counted by."""

    framework_id: Id
    organisation: PartnerId
    sector: Sector
    statutory: bool
    """Whether it is one of the city's statutory partners."""


class OrganisationInvited(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation was asked to sign the agreement."""


class OrganisationDeclined(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation said that it will not sign. It may sign later all the same."""

    reason: Code


class InvitationClosed(Signatory, service=SERVICE, aggregate="signature"):
    """The agreement ended before an organisation that was invited had signed it."""

    reason: Code


class OrganisationSigned(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation signed the agreement: from a day on it lends and borrows under it."""

    version: VersionNumber
    signed_by: Code
    """The role of who signed, never the person: `chief-executive`."""
    in_force_from: BusinessDate
    notice_days: NoticeDays
    """The notice that this version asks for."""


class OrganisationSignedAgain(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation that is bound signed a later version as well."""

    version: VersionNumber
    signed_by: Code
    notice_days: NoticeDays


class SigningAgainAsked(Signatory, service=SERVICE, aggregate="signature"):
    """A later version was published that binds an organisation only if it signs it in time."""

    version: VersionNumber
    sign_by: BusinessDate


class SignatureLapsed(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation did not sign a later version in time: from this day on it is not bound."""

    version: VersionNumber
    """The version that it did not sign."""


class OrganisationSuspended(Signatory, service=SERVICE, aggregate="signature"):
    """The programme suspended an organisation: for the time being it neither lends nor borrows."""

    reason: Code


class OrganisationResumed(Signatory, service=SERVICE, aggregate="signature"):
    """A suspension ended."""


class NoticeGiven(Signatory, service=SERVICE, aggregate="signature"):
    """An organisation will leave the agreement, or the agreement ends: it is bound up to and on its last day."""

    last_day: BusinessDate
    reason: Code


class OrganisationWithdrew(Signatory, service=SERVICE, aggregate="signature"):
    """The notice is over: from this day on the organisation is not bound."""

    reason: Code


# Needs -----------------------------------------------------------------------------------------------------------------


class Wanted(Step):
    """What needs are counted by."""

    organisation: PartnerId
    soc2020: Soc2020
    reason: NeedReason


class NeedRaised(Wanted, service=SERVICE, aggregate="need"):
    """An organisation needs staff for a time. Its own are asked first, then those of its partners."""

    title: Label
    level: Level
    place: Code
    weekly_hours: WeeklyHours
    people: Annotated[int, Field(ge=1, le=200)]
    starts_on: BusinessDate
    ends_on: BusinessDate
    covers_strike: bool
    """Whether it is for the work of people who are on strike."""
    release_on: BusinessDate
    """The day on which partners are asked, unless it is released before."""


class NeedReleased(Wanted, service=SERVICE, aggregate="need"):
    """Partners were asked: its own staff do not suffice, or their time is over."""


class NeedFilled(Wanted, service=SERVICE, aggregate="need"):
    """Somebody took one of the places."""

    filled_by: FilledBy
    deployment_id: Id | None = None
    """The move that filled it, where it was somebody of a partner."""
    people: Small
    filled: Small
    """How many places are filled with this one."""


class NeedReopened(Wanted, service=SERVICE, aggregate="need"):
    """A place that was said to be filled is free: the start that filled it was taken back."""

    deployment_id: Id
    people: Small
    filled: Small
    """How many places are filled without this one."""


class NeedClosed(Wanted, service=SERVICE, aggregate="need"):
    """The time for which staff were needed is over, or it was ended before."""

    people: Small
    filled: Small


class NeedWithdrawn(Wanted, service=SERVICE, aggregate="need"):
    """The organisation does not need the staff after all."""

    why: Code


# Deployments -----------------------------------------------------------------------------------------------------------


class Move(Step):
    """What moves are counted by."""

    person_id: Id
    home: PartnerId
    """The organisation that lends; it stays the employer, but with bank and agency."""
    host: PartnerId
    """The organisation that borrows."""
    basis: Basis
    soc2020: Soc2020
    need_id: Id | None = None


class DeploymentProposed(Move, service=SERVICE, aggregate="deployment"):
    """Somebody was put forward to work at another organisation: for a need, or by agreement of the two."""

    title: Label
    starts_on: BusinessDate
    ends_on: BusinessDate
    pattern: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=14)]
    weekly_hours: Annotated[float, Field(gt=0, le=168)]
    """What the pattern comes to."""
    home_hours: Annotated[float, Field(ge=0, le=60)]
    """The hours a week that the person goes on working at home."""
    covers_strike: bool
    own: Own


class DeploymentMatched(Move, service=SERVICE, aggregate="deployment"):
    """The host took the proposal up."""


class DeploymentAgreed(Move, service=SERVICE, aggregate="deployment"):
    """The person agreed to the move: their time is booked from now on. The basis for their data is another thing."""


class AgreementWithdrawn(Move, service=SERVICE, aggregate="deployment"):
    """The person no longer agrees, before the first day: nothing that was authorised holds any more."""


class ChecksVerified(Move, service=SERVICE, aggregate="deployment"):
    """The employment checks were verified for this move: which, and until when each is valid. Never the evidence."""

    verified_by: PartnerId
    checks: Annotated[tuple[CheckSeen, ...], Field(min_length=1, max_length=40)]


class DeploymentAuthorised(Move, service=SERVICE, aggregate="deployment"):
    """One of the two organisations authorised the move: who indemnifies, on which basis data are shared, who pays what."""

    side: Side
    authorised_by: Code
    """The role of who authorised it, never the person."""
    indemnity: Code
    data_basis: Code
    recharge: Recharge


class StaffInducted(Move, service=SERVICE, aggregate="deployment"):
    """The host gave the local induction."""


class FirstDayPackGiven(Move, service=SERVICE, aggregate="deployment"):
    """The host told the mover where to come, when, to whom, and how to get in. What it told them stays with mobility."""


class StaffSeconded(Move, service=SERVICE, aggregate="deployment"):
    """The first day at work with the host. An authorisation is not a move; this is."""

    ends_on: BusinessDate
    weekly_hours: Annotated[float, Field(gt=0, le=168)]


class AnswerOverdue(Move, service=SERVICE, aggregate="deployment"):
    """What the move waits for did not come in its time: somebody is told. It may still come."""

    answer: Awaited
    since: BusinessDate
    """When it was asked for; of hours the Monday of their week."""


class AnswerSettled(Move, service=SERVICE, aggregate="deployment"):
    """What the move waited for came from elsewhere, or somebody said why it does not come."""

    answer: Awaited
    since: BusinessDate
    how: Code


class CheckExpiring(Move, service=SERVICE, aggregate="deployment"):
    """A check ends before the move does: somebody has to renew it."""

    kind: Code
    valid_until: BusinessDate


class DeploymentExtended(Move, service=SERVICE, aggregate="deployment"):
    """The move has another last day."""

    ends_on: BusinessDate


class CoverEnds(Move, service=SERVICE, aggregate="deployment"):
    """One of the two organisations leaves the framework before the move ends: it is handed over, or ends with it."""

    organisation: PartnerId
    last_day: BusinessDate


class MoveStopped(Move, service=SERVICE, aggregate="deployment"):
    """Stop now: until it is lifted the person does not work for the host, and does not start."""

    reason: Code


class StopLifted(Move, service=SERVICE, aggregate="deployment"):
    """A reason for which the move was stopped is gone: it goes on when none is left."""

    reason: Code | None = None
    """Which; None: every one, as it was said before there could be several."""
    why: Code | None = None
    """Why it is gone. Who lifted it is in the journal, or which event did."""


class DeploymentHandedOver(Move, service=SERVICE, aggregate="deployment"):
    """The move outlives the cover that ends: from the day after, both are in force under another agreement, or again under it."""

    organisation: PartnerId
    """Who signed."""


class DeploymentCompleted(Move, service=SERVICE, aggregate="deployment"):
    """The last day of the move is over."""


class DeploymentRecalled(Move, service=SERVICE, aggregate="deployment"):
    """The home organisation called its member of staff back; the date is the last day."""

    reason: Code


class DeploymentEndedEarly(Move, service=SERVICE, aggregate="deployment"):
    """The move ended before its time; the date is the last day."""

    ended_by: EndedBy
    reason: Code


class DeploymentCancelled(Move, service=SERVICE, aggregate="deployment"):
    """The move ended before its first day."""

    reason: Code


# Requirements ----------------------------------------------------------------------------------------------------------


class RequirementSet(Step, service=SERVICE, aggregate="requirement"):
    """A host said what somebody has to have before they do this work there. Said again, the whole of it counts."""

    organisation: PartnerId
    soc2020: Soc2020
    checks: tuple[CheckNeeded, ...]
    training: tuple[TrainingNeeded, ...]


class RequirementRetired(Step, service=SERVICE, aggregate="requirement"):
    """A host no longer asks for this."""

    organisation: PartnerId
    soc2020: Soc2020
    reason: Code


# Passports -------------------------------------------------------------------------------------------------------------


class Holder(Step):
    """What passports are counted by."""

    person_id: Id
    home: PartnerId


class PassportOpened(Holder, service=SERVICE, aggregate="passport"):
    """An employer opened a staff passport for a member of its staff: what others may rely on."""


class CheckRecorded(Holder, service=SERVICE, aggregate="passport"):
    """An employment check was done: by whom, with which outcome, until when it is valid. Never the evidence."""

    kind: Code
    level: Code | None = None
    workforce: Code | None = None
    verified_by: PartnerId
    satisfactory: bool
    valid_until: BusinessDate | None = None


class TrainingRecorded(Holder, service=SERVICE, aggregate="passport"):
    """Learning that was completed stands in the passport; the date is the day of its completion."""

    course_id: Id
    title: Label


class TrainingWaived(Holder, service=SERVICE, aggregate="passport"):
    """A host accepts training that it did not give: the holder need not repeat it there, and nothing was completed.

    The date is the day of the judgement; what was accepted is known by learning's record of the training and the host.
    """

    competence_id: Id
    host: PartnerId
    skill: CoreSkill
    ground: Code
    """As learning names it: `memorandum`, `alignment`."""
    valid_until: BusinessDate | None = None
    """The last day for the host; None: it does not run out."""


class WaiverWithdrawn(Holder, service=SERVICE, aggregate="passport"):
    """The host judged the same training anew, and does not accept it as it stands."""

    competence_id: Id
    host: PartnerId


class PassportShared(Holder, service=SERVICE, aggregate="passport"):
    """The holder let another organisation look into the passport, up to and on a day."""

    organisation: PartnerId
    until: BusinessDate


class SharingWithdrawn(Holder, service=SERVICE, aggregate="passport"):
    """An organisation is let look no longer. Records of work that was done stay where they are."""

    organisation: PartnerId
    by_holder: bool = False
    """By the holder's own hand: nobody but they lets it look again."""


class WorkLimited(Holder, service=SERVICE, aggregate="passport"):
    """The holder may work only so far. Said again of the same ground, the whole of it counts."""

    limit: WorkLimit


class LimitLifted(Holder, service=SERVICE, aggregate="passport"):
    """The holder is not limited on this ground any more."""

    ground: LimitGround


class PassportClosed(Holder, service=SERVICE, aggregate="passport"):
    """The holder no longer works for the employer that opened the passport: nobody may rely on it any more."""

    reason: Code


# Statements ------------------------------------------------------------------------------------------------------------


class Billed(Step):
    """What statements are counted by: who lent, who borrowed, in which month."""

    home: PartnerId
    host: PartnerId
    month: BusinessDate
    """The first day of the month."""


class HoursRecorded(Billed, service=SERVICE, aggregate="statement"):
    """Hours that somebody worked for the host on a day, and what the home organisation charges for them."""

    deployment_id: Id
    person_id: Id
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


class LineDisputed(Billed, service=SERVICE, aggregate="statement"):
    """The host does not accept a line of the statement."""

    deployment_id: Id
    worked_on: BusinessDate
    reason: Code


class LineSettled(Billed, service=SERVICE, aggregate="statement"):
    """The two agreed what a disputed line comes to."""

    deployment_id: Id
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


class StatementIssued(Billed, service=SERVICE, aggregate="statement"):
    """The home organisation issued the statement of a month that is over."""

    hours: Annotated[float, Field(ge=0)]
    pence: Annotated[int, Field(ge=0)]
    vat: Vat
    vat_pence: Annotated[int, Field(ge=0)]


class StatementAgreed(Billed, service=SERVICE, aggregate="statement"):
    """The host agreed to a statement without a disputed line: this is what it pays."""

    hours: Annotated[float, Field(ge=0)]
    pence: Annotated[int, Field(ge=0)]
    vat_pence: Annotated[int, Field(ge=0)]


class StatementOverdue(Billed, service=SERVICE, aggregate="statement"):
    """What the statement waits for did not come in its time: somebody is told. It may still come."""

    answer: StatementAwaited
    since: BusinessDate


# Corrections -----------------------------------------------------------------------------------------------------------


class FactVoided(Voided, service=SERVICE):
    """A fact of this service was taken back."""


class FactRestored(Restored, service=SERVICE):
    """A fact of this service that had been taken back stands again."""


class FactCorrected(Corrected, service=SERVICE):
    """A fact of this service was put right."""


# Claims ----------------------------------------------------------------------------------------------------------------


class NeedClaimed(Dated, service=SERVICE):
    """The partner needs staff for a time. Its own are asked first, then those of its partners."""

    need: Reference
    title: Label
    soc2020: Soc2020
    level: Level
    place: Code
    weekly_hours: WeeklyHours
    people: Annotated[int, Field(ge=1, le=200)]
    starts_on: BusinessDate
    ends_on: BusinessDate
    reason: NeedReason
    release_on: BusinessDate
    covers_strike: bool = False


class NeedStep(StrEnum):
    RELEASED = "released"
    FILLED_WITH_OWN = "filled-with-own"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class NeedStepClaimed(Dated, service=SERVICE):
    """The partner's need moved on, or came to an end."""

    need: Reference
    step: NeedStep
    why: Code | None = None
    """Needed where it is withdrawn."""


class HoursClaimed(Dated, service=SERVICE):
    """A member of the partner's staff worked for a host: the hours of a day, and what they cost."""

    hours_id: Reference
    """The partner's own reference of these hours."""
    deployment_id: Id
    """Our id of the move."""
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


class PassportClaimed(Dated, service=SERVICE):
    """The partner keeps a staff passport of a member of its staff: opened on the day, or open already."""

    passport: Reference
    """The partner's own reference of it."""
    person_id: Id


class EmploymentCheckClaimed(Dated, service=SERVICE):
    """An employment check of a member of the partner's staff was done, on the day; never the evidence."""

    check: Reference
    """The partner's own reference of it."""
    person_id: Id
    kind: Code
    level: Code | None = None
    workforce: Code | None = None
    verified_by: PartnerId
    """The organisation that did the check."""
    satisfactory: bool
    valid_until: BusinessDate | None = None
    """The last day on which it may be relied on; of a satisfactory one alone."""


class PassportStep(StrEnum):
    SHARED = "shared"
    SHARING_WITHDRAWN = "sharing-withdrawn"
    CLOSED = "closed"


class PassportStepClaimed(Dated, service=SERVICE):
    """The holder of the partner's passport lets an organisation look, or no longer; or the passport was closed."""

    passport: Reference
    step: PassportStep
    organisation: PartnerId | None = None
    """Who may look, or no longer: needed, unless it was closed."""
    until: BusinessDate | None = None
    """The last day of looking: needed where it was shared."""
    reason: Code | None = None
    """Needed where it was closed."""


class MoveClaimed(Dated, service=SERVICE):
    """The partner puts a member of its staff forward: for a need, or for work that it and a host agreed on."""

    move: Reference
    """The partner's own reference of it."""
    person_id: Id
    basis: Basis
    starts_on: BusinessDate
    ends_on: BusinessDate
    pattern: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=14)]
    home_hours: Annotated[float, Field(ge=0, le=60)] = 0.0
    own: Own
    not_in_dispute: bool = False
    """Needed for the work of people on strike: a volunteer who is not in dispute."""
    need_id: Id | None = None
    """Our id of the need: its list gives it. Without one, who borrows, for which work."""
    host: PartnerId | None = None
    title: Label | None = None
    soc2020: Soc2020 | None = None


class MoveStep(StrEnum):
    """What happens to a move. The host says that it was taken up, the induction given, the work begun or ended early; home that the
    person agreed, no longer does, or was called back; the employer that checks were verified; either side the rest.
    """

    TAKEN_UP = "taken-up"
    AGREED = "agreed"
    AGREEMENT_WITHDRAWN = "agreement-withdrawn"
    CHECKS_VERIFIED = "checks-verified"
    INDUCTED = "inducted"
    STARTED = "started"
    EXTENDED = "extended"
    STOPPED = "stopped"
    RECALLED = "recalled"
    ENDED_EARLY = "ended-early"
    CANCELLED = "cancelled"


class MoveStepClaimed(Dated, service=SERVICE):
    """A move from or to the partner went on, or came to an end."""

    deployment_id: Id
    """Our id of the move."""
    step: MoveStep
    ends_on: BusinessDate | None = None
    """The other last day: needed where it was extended."""
    reason: Code | None = None
    """Needed where it was stopped, recalled, ended early or cancelled."""


class AuthorisationClaimed(Dated, service=SERVICE):
    """The partner authorised a move from or to it, on its own side."""

    deployment_id: Id
    authorised_by: Code
    """A role, never a person."""
    indemnity: Code
    data_basis: Code
    recharge: Recharge


class ClaimWithdrawn(ClaimTakenBack, service=SERVICE):
    """An earlier claim should not have been made: what became of it is taken back."""


class ClaimCorrected(ClaimPutRight, service=SERVICE):
    """An earlier claim should have been made otherwise: what became of it is put right."""


class ClaimAnswered(Answer, service=SERVICE):
    """What became of one claim to mobility."""
