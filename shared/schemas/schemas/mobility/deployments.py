"""Facts of a move of one person: proposed, agreed, checked, authorised, inducted, at work, stopped, ended."""

from typing import Annotated

from pydantic import Field

from schemas.fact import Step
from schemas.mobility.words import (
    SERVICE,
    Awaited,
    Basis,
    CheckSeen,
    EndedBy,
    Own,
    Party,
    Recharge,
    Shift,
    Side,
    TrainingNeeded,
    TrainingSeen,
)
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Soc2020


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
    training: Annotated[tuple[TrainingSeen, ...], Field(min_length=1, max_length=40)] | None = None
    """Of the courses that the host asks for, those that have to be completed again some day; None: there are none."""
    missing: Annotated[tuple[TrainingNeeded, ...], Field(min_length=1, max_length=40)] | None = None
    """Of those courses, the ones that the person neither has nor need not have; None: there are none."""


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


class TrainingPutOff(Move, service=SERVICE, aggregate="deployment"):
    """The host takes somebody on though courses that it asks for are missing: on which ground, and by when they are completed."""

    courses: Annotated[tuple[Id, ...], Field(min_length=1, max_length=40)]
    ground: Code
    done_by: BusinessDate


class TrainingOverdue(Move, service=SERVICE, aggregate="deployment"):
    """The day by which courses were to be completed is over, and they are missing: home and host are told."""

    courses: Annotated[tuple[Id, ...], Field(min_length=1, max_length=40)]
    done_by: BusinessDate


class CheckExpiring(Move, service=SERVICE, aggregate="deployment"):
    """A check ends before the move does: somebody has to renew it."""

    kind: Code
    valid_until: BusinessDate


class TrainingExpiring(Move, service=SERVICE, aggregate="deployment"):
    """A course that the host asks for is out of date before the move is over: somebody has to complete it again."""

    course_id: Id
    valid_until: BusinessDate


class ExtensionProposed(Move, service=SERVICE, aggregate="deployment"):
    """Home or host would have the move last longer: the other organisation and the person are asked."""

    ends_on: BusinessDate
    side: Side
    """Whose proposal it is."""
    answer_by: BusinessDate
    """The last day on which all three may have agreed; the move ends as it was to when they have not."""


class ExtensionConfirmed(Move, service=SERVICE, aggregate="deployment"):
    """One of the three agreed to the later end; with the person's word their time is booked up to it.

    With the last of them the move lasts longer: `DeploymentExtended` follows.
    """

    ends_on: BusinessDate
    by: Party


class ExtensionDeclined(Move, service=SERVICE, aggregate="deployment"):
    """One of the three does not agree to the later end, or no longer: the move ends as it was to."""

    by: Party
    reason: Code


class ExtensionLapsed(Move, service=SERVICE, aggregate="deployment"):
    """Not all three had agreed to the later end in time: the move ends as it was to."""


class DeploymentExtended(Move, service=SERVICE, aggregate="deployment"):
    """The move has another last day: a later one that home, host and person agreed to. Before they were asked, any other."""

    ends_on: BusinessDate


class DeploymentShortened(Move, service=SERVICE, aggregate="deployment"):
    """Home or host said beforehand that the move ends sooner: neither needs the other's word for that."""

    ends_on: BusinessDate
    side: Side
    reason: Code


class CoverEnds(Move, service=SERVICE, aggregate="deployment"):
    """One of the two organisations leaves the framework before the move ends: it is handed over, or ends with it."""

    organisation: PartnerId
    last_day: BusinessDate


class MoveStopped(Move, service=SERVICE, aggregate="deployment"):
    """Stop now: until it is lifted the person does not work for the host, and does not start."""

    reason: Code
    everywhere: bool | None = None
    """Whether it is said of the person at every host: whatever they are put forward for meanwhile is stopped as well."""
    stop_id: Id | None = None
    """The stop of the person from which it follows; None: it is of this move alone, or was said before these were records."""


class StopLifted(Move, service=SERVICE, aggregate="deployment"):
    """A reason for which the move was stopped is gone: it goes on when none is left."""

    reason: Code | None = None
    """Which; None: every one, as it was said before there could be several."""
    why: Code | None = None
    """Why it is gone. Who lifted it is in the journal, or which event did."""
    everywhere: bool | None = None
    """Whether it goes with the stop of the person from which it followed."""


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
