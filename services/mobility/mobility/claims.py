"""What partners claim: their references resolved to ours, then the same commands that their own people give.

Each handler leaves facts, keeps which, and answers with our ids. The partner of the topic is the organisation: nobody claims for
another. A need is known by the partner's own reference; a move by our id, which its page and its list give.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit import claimed, references
from kit.claimed import Ids, Putting
from kit.claims import Claimed, Judge
from kit.database import Connection
from kit.errors import Invalid
from kit.step import Command
from mobility.domain import need
from mobility.domain.deployment import Deployment
from mobility.domain.need import Need
from mobility.handlers import corrections, statements
from mobility.handlers.statements import WorkedHours
from mobility.store import aggregates
from schemas.fact import Claim, Fact
from schemas.mobility import (
    ClaimCorrected,
    ClaimWithdrawn,
    HoursClaimed,
    HoursRecorded,
    NeedClaimed,
    NeedClosed,
    NeedFilled,
    NeedReleased,
    NeedStep,
    NeedStepClaimed,
    NeedWithdrawn,
)


class UnknownNeed(Invalid):
    """No need was claimed under this reference."""


class NotYourStaff(Invalid):
    """The home organisation claims the hours of its own staff, and nobody else."""


class ReasonNeeded(Invalid):
    """Who withdraws a need says why."""


class AnotherStep(Invalid):
    """A correction is of the same step as the claim that it corrects."""


class AnotherMonth(Invalid):
    """Hours stay in the statement of their month."""


async def need_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner needs staff."""
    assert isinstance(claim, NeedClaimed)
    id_ = await claimed.name(tx, by, "need", claim.need)
    command = need.Raise(
        occurred_on=claim.occurred_on, organisation=by.partner, title=claim.title, soc2020=claim.soc2020, level=claim.level,
        place=claim.place, weekly_hours=claim.weekly_hours, people=claim.people, starts_on=claim.starts_on,
        ends_on=claim.ends_on, reason=claim.reason, release_on=claim.release_on, covers_strike=claim.covers_strike,
    )  # fmt: skip
    kept = await aggregates.begin(tx, Need, [command], by.context, id_)
    await claimed.leave(tx, by, aggregates, kept)
    return {"need_id": id_}


async def need_step_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The partner's need moved on, or came to an end."""
    assert isinstance(claim, NeedStepClaimed)
    id_ = await _need(tx, by, claim.need)
    await claimed.leave(tx, by, aggregates, await aggregates.act(tx, Need, id_, _step(claim), by.context))
    return {"need_id": id_}


async def hours_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """A member of the partner's staff worked for a host."""
    assert isinstance(claim, HoursClaimed)
    move = await aggregates.look(tx, Deployment, claim.deployment_id, "deployment_id")
    if move.home != by.partner:
        raise NotYourStaff(
            field="deployment_id", cure="Name a move whose home you are: your list of moves gives its id."
        )
    worked = WorkedHours(
        occurred_on=claim.occurred_on, deployment_id=claim.deployment_id, worked_on=claim.worked_on, hours=claim.hours,
        pence=claim.pence,
    )  # fmt: skip
    kept = await statements.record_hours(tx, worked, by.context)
    await claimed.name(tx, by, "hours_id", claim.hours_id, kept.id)
    await claimed.leave(tx, by, aggregates, kept)
    return {"statement_id": kept.id}


async def claim_withdrawn(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The facts of an earlier claim are voided."""
    assert isinstance(claim, ClaimWithdrawn)
    return await claimed.take_back(tx, claim, by, aggregates, corrections.correct)


async def claim_corrected(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """The facts of an earlier claim get the fields that the claim should have had."""
    assert isinstance(claim, ClaimCorrected)
    return await PUTTING.put_right(tx, claim, by)


def _step(claim: NeedStepClaimed) -> Command:
    day = claim.occurred_on
    match claim.step:
        case NeedStep.RELEASED:
            return need.Release(occurred_on=day)
        case NeedStep.FILLED_WITH_OWN:
            return need.FillWithOwn(occurred_on=day)
        case NeedStep.CLOSED:
            return need.Close(occurred_on=day)
        case NeedStep.WITHDRAWN:
            if claim.why is None:
                raise ReasonNeeded(field="why")
            return need.Withdraw(occurred_on=day, why=claim.why)


async def _need(tx: Connection, by: Claimed, reference: str) -> UUID:
    id_ = await references.resolve(tx, by.partner, "need", reference)
    if id_ is None:
        raise UnknownNeed(field="need", cure="Send the need claim first, then this one again.")
    return id_


STEP_FACTS: Mapping[NeedStep, type[Fact]] = MappingProxyType({
    NeedStep.RELEASED: NeedReleased,
    NeedStep.FILLED_WITH_OWN: NeedFilled,
    NeedStep.CLOSED: NeedClosed,
    NeedStep.WITHDRAWN: NeedWithdrawn,
})  # fmt: skip
"""The fact that a claimed step becomes."""


def _refuse_another_step(better: Claim, stands: Fact) -> None:
    if (
        isinstance(stands, HoursRecorded)
        and isinstance(better, HoursClaimed)
        and (better.worked_on.replace(day=1) != stands.month)
    ):
        raise AnotherMonth(field="replacement.worked_on", cure="Withdraw the earlier claim and make another.")
    if isinstance(better, NeedStepClaimed) and not isinstance(stands, STEP_FACTS[better.step]):
        raise AnotherStep(field="replacement.step", cure="Withdraw the earlier claim and make another.")


def _about(better: Claim) -> str:
    """Which field names the record: the partner's own reference of a need, or of hours."""
    return "hours_id" if isinstance(better, HoursClaimed) else "need"


PUTTING = Putting(
    aggregates=aggregates,
    correct=corrections.correct,
    about=_about,
    fields=lambda better: better.model_dump(mode="json"),
    not_the_claims=("organisation", "home", "host", "person_id", "month"),
    refuse=_refuse_another_step,
)

ACCEPTS: Mapping[type[Claim], Judge] = MappingProxyType({
    NeedClaimed: need_claimed,
    NeedStepClaimed: need_step_claimed,
    HoursClaimed: hours_claimed,
    ClaimWithdrawn: claim_withdrawn,
    ClaimCorrected: claim_corrected,
})  # fmt: skip
