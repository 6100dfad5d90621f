"""Facts of what is asked of who comes, and of what a person brings: requirements and staff passports."""

from schemas.fact import Step
from schemas.mobility.words import (
    SERVICE,
    CheckAwaiting,
    CheckNeeded,
    CheckOutcome,
    CoreSkill,
    LimitGround,
    TrainingNeeded,
    WorkLimit,
)
from schemas.values import BusinessDate, Code, Id, Label, PartnerId, Soc2020

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


class CheckRequested(Holder, service=SERVICE, aggregate="passport"):
    """An employment check was asked for and has no outcome yet: whose move it is. Said again of its kind, it is somebody else's."""

    kind: Code
    level: Code | None = None
    workforce: Code | None = None
    awaiting: CheckAwaiting


class CheckOverdue(Holder, service=SERVICE, aggregate="passport"):
    """A check that was asked for has neither an outcome nor moved on in its time: whose move it has been since when."""

    kind: Code
    awaiting: CheckAwaiting
    since: BusinessDate


class CheckNotRequired(Holder, service=SERVICE, aggregate="passport"):
    """The employer's own work does not ask for an employment check, and why. What was done stays; a host may ask all the same."""

    kind: Code
    reason: Code


class CheckRecorded(Holder, service=SERVICE, aggregate="passport"):
    """An employment check was done: by whom, with which outcome, until when it is valid. Never the evidence."""

    kind: Code
    level: Code | None = None
    workforce: Code | None = None
    verified_by: PartnerId
    satisfactory: bool
    outcome: CheckOutcome | None = None
    """`satisfactory` says no other than this. Without it, as before there were four: satisfactory, or unsatisfactory."""
    valid_until: BusinessDate | None = None

    @property
    def came_to(self) -> CheckOutcome:
        """Its outcome, also where `satisfactory` alone says it."""
        return self.outcome or (CheckOutcome.SATISFACTORY if self.satisfactory else CheckOutcome.UNSATISFACTORY)


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


class LimitEnding(Holder, service=SERVICE, aggregate="passport"):
    """The last day up to which the holder may work comes near: somebody has to see whether it is put off."""

    ground: LimitGround
    until: BusinessDate


class LimitLifted(Holder, service=SERVICE, aggregate="passport"):
    """The holder is not limited on this ground any more."""

    ground: LimitGround


class PassportClosed(Holder, service=SERVICE, aggregate="passport"):
    """The holder no longer works for the employer that opened the passport: nobody may rely on it any more."""

    reason: Code


class PassportReopened(Holder, service=SERVICE, aggregate="passport"):
    """The holder is back in the same post within a break: what was closed when they left may be relied on again.

    Whom the holder lets look begins anew.
    """
