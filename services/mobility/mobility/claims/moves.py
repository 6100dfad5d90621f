"""Moves: the partner's own staff put forward by its own reference; after that each side says by our id what is its to say."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from pydantic import JsonValue

from kit import claimed
from kit.aggregates import Does, Kept, history
from kit.claimed import MAKE_ANOTHER, AnotherStep, Ids
from kit.claims import Claimed
from kit.context import Context
from kit.corrections import Correct, Correction
from kit.database import Connection
from kit.errors import Invalid, NotFound
from kit.step import Command
from mobility.claims.steps import needed
from mobility.domain import deployment, lasting
from mobility.domain.clearance import PutOffTraining
from mobility.domain.deployment import Deployment
from mobility.domain.stops import refuse_records_own
from mobility.domain.working_time import weekly_hours
from mobility.handlers import corrections, moves, stops
from mobility.handlers.stops import Stopping
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.fact import Claim, Fact
from schemas.mobility import (
    AgreementWithdrawn,
    AuthorisationClaimed,
    ChecksVerified,
    DeploymentAgreed,
    DeploymentCancelled,
    DeploymentEndedEarly,
    DeploymentExtended,
    DeploymentMatched,
    DeploymentProposed,
    DeploymentRecalled,
    DeploymentShortened,
    EndedBy,
    ExtensionConfirmed,
    ExtensionDeclined,
    ExtensionProposed,
    MoveClaimed,
    MoveStep,
    MoveStepClaimed,
    MoveStopped,
    Party,
    PersonStopped,
    Side,
    StaffInducted,
    StaffSeconded,
    TrainingPutOff,
)
from schemas.values import Part


class NotYoursToSay(Invalid):
    """The other organisation of the move says this."""


class LongerByAgreement(Invalid):
    """A later end than the person agreed to is proposed, and agreed to by home, host and person."""


class OtherThanAgreed(Invalid):
    """The person agreed to these shifts, from this first day on: to others they agree anew."""


AGREE_ANEW: Final = "Claim `agreement-withdrawn` first, or, once they have started, `recalled` and another move."


async def move_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner puts a member of its staff forward."""
    assert isinstance(claim, MoveClaimed)
    proposal = moves.Proposal(
        occurred_on=claim.occurred_on, person_id=claim.person_id, home=by.partner, basis=claim.basis,
        starts_on=claim.starts_on, ends_on=claim.ends_on, pattern=claim.pattern, own=claim.own,
        home_hours=claim.home_hours, not_in_dispute=claim.not_in_dispute, need_id=claim.need_id, host=claim.host,
        title=claim.title, soc2020=claim.soc2020,
    )  # fmt: skip
    proposed = await moves.propose(tx, proposal, by.context)
    await claimed.name(tx, by, "move", claim.move, proposed.id)
    await claimed.leave(tx, by, aggregates, proposed)
    return {"deployment_id": proposed.id}


async def move_step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """A move from or to the partner went on, or ended."""
    assert isinstance(claim, MoveStepClaimed)
    move = await _move(tx, claim, by)
    if by.partner not in _who_says(claim.step, move):
        raise NotYoursToSay(
            field="step", cure="Leave this step to the other organisation: it says it by claim or by hand."
        )
    does, command = _step(claim, _side(by, move))
    left: Kept[Any]
    if isinstance(command, Stopping) and command.of_the_person:
        left = await stops.stop_of_move(tx, claim.deployment_id, command, by.context, by.partner)
    else:
        left = await does(tx, claim.deployment_id, command, by.context, None)
    await claimed.leave(tx, by, aggregates, left)
    return {"deployment_id": claim.deployment_id}


async def authorisation_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner authorised a move, on its own side."""
    assert isinstance(claim, AuthorisationClaimed)
    move = await _move(tx, claim, by)
    asked = moves.Authorisation(
        occurred_on=claim.occurred_on, side=_side(by, move),
        authorised_by=claim.authorised_by, indemnity=claim.indemnity, data_basis=claim.data_basis,
        recharge=claim.recharge,
    )  # fmt: skip
    await claimed.leave(tx, by, aggregates, await moves.authorise(tx, claim.deployment_id, asked, by.context))
    return {"deployment_id": claim.deployment_id}


async def _move(tx: Connection, claim: MoveStepClaimed | AuthorisationClaimed, by: Claimed) -> Deployment:
    """The move that a claim names. Raises NotFound, also where it is neither from nor to the partner."""
    move = await aggregates.look(tx, Deployment, claim.deployment_id, "deployment_id")
    if by.partner not in (move.home, move.host):
        raise NotFound(field="deployment_id", cure="Name a move from or to you: your list of moves gives its id.")
    return move


def _side(by: Claimed, move: Deployment) -> Side:
    return Side.HOME if by.partner == move.home else Side.HOST


HOST_SAYS = (
    MoveStep.TAKEN_UP, MoveStep.INDUCTED, MoveStep.TRAINING_PUT_OFF, MoveStep.STARTED, MoveStep.ENDED_EARLY,
)  # fmt: skip
HOME_SAYS = (MoveStep.AGREED, MoveStep.EXTENSION_AGREED, MoveStep.AGREEMENT_WITHDRAWN, MoveStep.RECALLED)


def _who_says(step: MoveStep, move: Deployment) -> tuple[str, ...]:
    """The organisations whose word a step is."""
    if step is MoveStep.CHECKS_VERIFIED:
        return (move.employer,)
    if step in HOST_SAYS:
        return (move.host,)
    return (move.home,) if step in HOME_SAYS else (move.home, move.host)


def _step(claim: MoveStepClaimed, side: Side, within: str = "") -> tuple[Does, Command]:
    """What becomes of a step that a side says; `within`: what a field's name begins with in a refusal. Raises NeededForTheStep."""
    day = claim.occurred_on
    match claim.step:
        case MoveStep.TAKEN_UP:
            return moves.match, Command(occurred_on=day)
        case MoveStep.AGREED:
            return moves.agree, Command(occurred_on=day)
        case MoveStep.AGREEMENT_WITHDRAWN:
            return moves.either, deployment.WithdrawAgreement(occurred_on=day)
        case MoveStep.CHECKS_VERIFIED:
            return moves.verify_checks, Command(occurred_on=day)
        case MoveStep.INDUCTED:
            return moves.either, deployment.Induct(occurred_on=day)
        case MoveStep.STARTED:
            return moves.start, deployment.Start(occurred_on=day)
        case MoveStep.EXTENDED:
            ends_on = needed(claim.ends_on, f"{within}ends_on")
            return moves.lengthen, moves.LongerStay(occurred_on=day, ends_on=ends_on, side=side)
        case MoveStep.EXTENSION_AGREED:
            ends_on = needed(claim.ends_on, f"{within}ends_on")
            agreed = moves.LongerStayConfirmed(occurred_on=day, ends_on=ends_on, by=Party.PERSON)
            return moves.confirm_extension, agreed
    reason = needed(claim.reason, f"{within}reason")
    match claim.step:
        case MoveStep.TRAINING_PUT_OFF:
            done_by = needed(claim.done_by, f"{within}done_by")
            return moves.by(Side.HOST), PutOffTraining(occurred_on=day, ground=reason, done_by=done_by)
        case MoveStep.EXTENSION_DECLINED:
            declined = lasting.DeclineExtension(occurred_on=day, by=Party(side), reason=reason)
            return moves.decline_extension, declined
        case MoveStep.SHORTENED:
            ends_on = needed(claim.ends_on, f"{within}ends_on")
            return moves.shorten, lasting.Shorten(occurred_on=day, ends_on=ends_on, side=side, reason=reason)
        case MoveStep.STOPPED:
            refuse_records_own(reason, f"{within}reason")
            return stops.stop_here, Stopping(occurred_on=day, reason=reason, everywhere=bool(claim.everywhere))
        case MoveStep.RECALLED:
            return moves.either, deployment.Recall(occurred_on=day, reason=reason)
        case MoveStep.ENDED_EARLY:
            return moves.either, deployment.EndEarly(occurred_on=day, ended_by=EndedBy.HOST, reason=reason)
        case MoveStep.CANCELLED:
            return moves.either, deployment.Cancel(occurred_on=day, reason=reason)


STEP_FACTS: Mapping[str, type[Fact] | tuple[type[Fact], ...]] = MappingProxyType({
    MoveStep.TAKEN_UP: DeploymentMatched,
    MoveStep.AGREED: DeploymentAgreed,
    MoveStep.AGREEMENT_WITHDRAWN: AgreementWithdrawn,
    MoveStep.CHECKS_VERIFIED: ChecksVerified,
    MoveStep.INDUCTED: StaffInducted,
    MoveStep.TRAINING_PUT_OFF: TrainingPutOff,
    MoveStep.STARTED: StaffSeconded,
    MoveStep.EXTENDED: (ExtensionProposed, ExtensionConfirmed, DeploymentExtended),
    MoveStep.EXTENSION_AGREED: (ExtensionConfirmed, DeploymentExtended),
    MoveStep.EXTENSION_DECLINED: ExtensionDeclined,
    MoveStep.SHORTENED: DeploymentShortened,
    MoveStep.STOPPED: (MoveStopped, PersonStopped),
    MoveStep.RECALLED: DeploymentRecalled,
    MoveStep.ENDED_EARLY: DeploymentEndedEarly,
    MoveStep.CANCELLED: DeploymentCancelled,
})  # fmt: skip
"""The fact that a claimed step becomes, or those of which it becomes one or more."""


def fields(better: Claim) -> Mapping[str, JsonValue]:
    """The fields of the facts that a claim leaves, by the facts' own names.

    What a move's claim leaves out its fact knows: from the need, or from the move itself.
    """
    found: dict[str, JsonValue] = better.model_dump(mode="json")
    if isinstance(better, MoveClaimed):
        found["weekly_hours"] = weekly_hours(better.pattern)
    if isinstance(better, MoveClaimed | MoveStepClaimed):
        return {name: value for name, value in found.items() if value is not None}
    return found


def _refuse_other_than_agreed(stands: Fact, better: Mapping[str, JsonValue]) -> None:
    said = stands.model_dump(mode="json")
    of_its_days = isinstance(stands, DeploymentProposed | DeploymentExtended)
    if of_its_days and str(better["ends_on"]) > said["ends_on"]:
        raise LongerByAgreement(field="replacement.ends_on", cure="Claim the step `extended`.")
    if isinstance(stands, DeploymentProposed):
        shifts = better["pattern"]
        if not isinstance(shifts, list) or any(shift not in said["pattern"] for shift in shifts):
            raise OtherThanAgreed(field="replacement.pattern", cure=AGREE_ANEW)
        if str(better["starts_on"]) < said["starts_on"]:
            raise OtherThanAgreed(field="replacement.starts_on", cure=AGREE_ANEW)


async def correct(tx: Connection, kind: type[Part], id_: UUID, asked: Correction, context: Context) -> Kept[Any]:
    """What a claim left is taken back or put right.

    Raises LongerByAgreement, or OtherThanAgreed, for a later end, other shifts or an earlier first day than the person agreed to.
    """
    if kind is Deployment and isinstance(asked, Correct):
        stands = dict(standing(await history(tx, id_))).get(asked.fact_id)
        if stands is not None and (await aggregates.look(tx, Deployment, id_)).booked:
            _refuse_other_than_agreed(stands, asked.replacement)
    return await corrections.correct(tx, kind, id_, asked, context)


def refuse(better: Claim, stands: Fact) -> None:
    """What the commands refuse, of a claim that is put right. Raises Refused."""
    if isinstance(better, MoveStepClaimed):
        _, command = _step(better, Side.HOME, "replacement.")
        if isinstance(command, Stopping) and command.of_the_person != isinstance(stands, PersonStopped):
            raise AnotherStep(field="replacement.reason", cure=MAKE_ANOTHER)
