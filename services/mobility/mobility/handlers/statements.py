"""Statements: the hours of a month between two organisations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from kit.aggregates import Does, Kept
from kit.context import Context
from kit.database import Connection, act_for, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain import statement
from mobility.domain.deployment import Deployment
from mobility.domain.statement import Statement
from mobility.handlers.answers import hours_came
from mobility.store import aggregates
from schemas.mobility import (
    Hours,
    Pence,
    Side,
)
from schemas.values import BusinessDate, Part

State = TypeVar("State", bound=Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedHours(Command):
    """The hours of a day that somebody worked for a host, and what they cost."""

    deployment_id: UUID
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


async def record_hours(tx: Connection, asked: WorkedHours, context: Context) -> Kept[Statement]:
    """The home organisation writes down hours: in the open statement of that month, which the first of them begins.

    Hours that come after it was issued begin a further one. The line of a day stands in one of them.
    """
    act_for(
        tx, (await aggregates.look(tx, Deployment, asked.deployment_id, "deployment_id")).home, field="deployment_id"
    )
    # locked: whoever looks whether hours of a week are missing waits for these, or is seen
    move = (await aggregates.lock(tx, Deployment, asked.deployment_id)).standing
    month = asked.worked_on.replace(day=1)
    await store.one_at_a_time(tx, f"{move.home} {move.host} {month}")
    id_ = _theirs(await store.statements_of(tx, move.home, move.host, month), asked)
    command = statement.Record(
        occurred_on=asked.occurred_on, deployment_id=asked.deployment_id, deployment=move, worked_on=asked.worked_on,
        hours=asked.hours, pence=asked.pence,
    )  # fmt: skip
    if id_ is None:
        recorded = await aggregates.begin(tx, Statement, [command], context)
    else:
        recorded = await aggregates.act(tx, Statement, id_, command, context)
    await hours_came(tx, asked.deployment_id, asked.worked_on, recorded, context)
    return recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement(Command):
    """What a disputed line comes to after all."""

    deployment_id: UUID
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


async def settle(
    tx: Connection, id_: UUID, asked: Settlement, context: Context, if_match: int | None = None
) -> Kept[Statement]:
    """Home, whose bill it is, says what a line comes to; a host that thinks otherwise disputes it again, and does not settle it."""
    async with seeing_everything(tx):
        move = await aggregates.read(tx, Deployment, asked.deployment_id)
    command = statement.Settle(
        occurred_on=asked.occurred_on, deployment_id=asked.deployment_id, worked_on=asked.worked_on, hours=asked.hours,
        pence=asked.pence, recharge=None if move is None or move.state is None else move.state.recharge,
    )  # fmt: skip
    return await of_statement(Side.HOME)(tx, id_, command, context, if_match)


def _theirs(found: Sequence[tuple[UUID, Statement]], asked: WorkedHours) -> UUID | None:
    """The statement that has the line already, or else the one that is open."""
    has = (id_ for id_, each in found if each.line(asked.deployment_id, asked.worked_on))
    open_ = (id_ for id_, each in found if each.status is statement.Status.OPEN)
    return next(has, None) or next(open_, None)


def of_statement(side: Side) -> Does:
    """A step of a statement that one side may say: what waits is written for the side whose turn it is then."""

    async def does(
        tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
    ) -> Kept[Statement]:
        seen = await aggregates.look(tx, Statement, id_)
        act_for(tx, seen.home if side is Side.HOME else seen.host, field="id")
        async with seeing_everything(tx):
            return await aggregates.act(tx, Statement, id_, command, context, if_match)

    return does
