"""What partners claim, facts that are corrected or voided, and the answer to a claim."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.corrections import ClaimPutRight, ClaimTakenBack, Corrected, Restored, Voided
from schemas.fact import Answer, Dated
from schemas.letting_go import LetGo
from schemas.mobility.words import (
    SERVICE,
    Basis,
    CheckAwaiting,
    CheckOutcome,
    CheckStatus,
    Hours,
    Level,
    NeedReason,
    Own,
    Pence,
    Recharge,
    Shift,
)
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Reference, Soc2020, WeeklyHours

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
    """An employment check of a member of the partner's staff was asked for, moved on or was done that day; never the evidence."""

    check: Reference
    """The partner's own reference of it: it goes on under the same, until it is complete."""
    person_id: Id
    kind: Code
    level: Code | None = None
    workforce: Code | None = None
    status: CheckStatus | None = None
    """Without one it is complete."""
    awaiting: CheckAwaiting | None = None
    """Needed where it was requested."""
    reason: Code | None = None
    """Needed where it is not required."""
    verified_by: PartnerId | None = None
    """The organisation that did the check: needed where it is complete."""
    satisfactory: bool | None = None
    """Enough where it is no other than satisfactory or unsatisfactory."""
    outcome: CheckOutcome | None = None
    """Needed where it is complete, without `satisfactory`; with it, the two say the same."""
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
    """What happens to a move. The host says that it was taken up, the induction given, missing training put off, the work begun or
    ended early; home that the person agreed, to the move or to a later end of it, no longer does, or was called back; the employer
    that checks were verified; either side the rest.
    """

    TAKEN_UP = "taken-up"
    AGREED = "agreed"
    AGREEMENT_WITHDRAWN = "agreement-withdrawn"
    CHECKS_VERIFIED = "checks-verified"
    INDUCTED = "inducted"
    TRAINING_PUT_OFF = "training-put-off"
    STARTED = "started"
    EXTENDED = "extended"
    """The side would have it last longer, or agrees to what the other proposed: it does once all three agree."""
    EXTENSION_AGREED = "extension-agreed"
    """The person agrees to a later end."""
    EXTENSION_DECLINED = "extension-declined"
    SHORTENED = "shortened"
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
    """The other last day: needed where it was extended, a later one was agreed to, or it was shortened."""
    reason: Code | None = None
    """Needed where a later end was declined, training put off, and where it was shortened, stopped, recalled, ended early or
    cancelled."""
    done_by: BusinessDate | None = None
    """By when training that was put off is completed: needed there."""
    everywhere: bool | None = None
    """Where it was stopped: for a reason that is the person's at every host, as one of a registration or a concern always is."""


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
