"""Needs for staff, by the partner's own references."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kit import claimed, references
from kit.claimed import Ids
from kit.claims import Claimed
from kit.database import Connection
from kit.errors import Invalid
from kit.step import Command
from mobility.domain import need
from mobility.domain.need import Need
from mobility.store import aggregates
from schemas.fact import Fact
from schemas.mobility import (
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


class ReasonNeeded(Invalid):
    """Who withdraws a need says why."""


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


STEP_FACTS: Mapping[str, type[Fact]] = MappingProxyType({
    NeedStep.RELEASED: NeedReleased,
    NeedStep.FILLED_WITH_OWN: NeedFilled,
    NeedStep.CLOSED: NeedClosed,
    NeedStep.WITHDRAWN: NeedWithdrawn,
})  # fmt: skip
"""The fact that a claimed step becomes."""
