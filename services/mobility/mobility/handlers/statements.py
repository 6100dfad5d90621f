"""Statements: the hours of a month between two organisations."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from kit.aggregates import Does, Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correct, Correction
from kit.database import Connection, act_for, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain import statement
from mobility.domain.deployment import Deployment
from mobility.domain.statement import SettledHours, Statement
from mobility.handlers.answers import hours_came
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import (
    Hours,
    HoursRecorded,
    LineSettled,
    Pence,
    Side,
)
from schemas.values import BusinessDate, Part, business_date

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
    """What a disputed line comes to after all: nothing, where nothing was worked."""

    deployment_id: UUID
    worked_on: BusinessDate
    hours: SettledHours
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


async def dispute_outside(
    tx: Connection, move: Kept[Deployment], context: Context, before: Deployment | None = None
) -> None:
    """Hours of a move lie outside of its days, as they turn out to be: our record disputes those lines, until home settles them.

    `before`: as the move was put down; what lay outside of it then is settled, or disputed.
    """
    if not move.said:
        return
    said_on = business_date(context.now) if move.state is None else move.state.since
    async with seeing_everything(tx):
        for id_ in await store.statements_with(tx, move.id):
            row: Row[Statement] = await aggregates.lock(tx, Statement, id_)
            for line in row.standing.lines:
                known = line.deployment_id != move.id or line.disputed is not None or not line.hours
                within = move.state is not None and not statement.outside(move.state, line.worked_on)
                if known or within or (before is not None and statement.outside(before, line.worked_on)):
                    continue
                dispute = statement.Dispute(
                    occurred_on=max(row.standing.since, said_on), deployment_id=move.id, worked_on=line.worked_on,
                    reason=statement.NOT_UNDER_WAY,
                )  # fmt: skip
                row = await aggregates.obey(tx, row, [dispute], because_of(context, move))


async def refuse_line(tx: Connection, row: Row[Statement], asked: Correction) -> None:
    """Raises Refused where lines that were agreed to would change, or one is put right to what was not worked."""
    told = await history(tx, row.id)
    said = dict(told).get(asked.fact_id)
    if not isinstance(said, statement.LINES):
        return
    if row.state is not None and row.state.status is statement.Status.AGREED:
        raise statement.AgreedTo(state=row.state.status)
    stands = dict(standing(told)).get(asked.fact_id)
    if not isinstance(asked, Correct) or not isinstance(stands, HoursRecorded | LineSettled):
        return
    try:
        better = type(stands).model_validate_json(json.dumps(dict(asked.replacement)))
    except ValidationError:
        return  # what is wrong with it is said where it is read
    async with seeing_everything(tx):
        move = await aggregates.read(tx, Deployment, stands.deployment_id)
    statement.refuse_unworked(better, stands, None if move is None else move.state)


async def issued_anew(tx: Connection, corrected: Kept[Statement], context: Context) -> Kept[Statement]:
    """A statement says what it came to when it was issued, of lines as they were put right since."""
    if not corrected.said or corrected.state is None:
        return corrected
    stands = standing(await history(tx, corrected.id))
    found = statement.issued_as([fact for _, fact in stands])
    if found is None:
        return corrected
    fact, better = found
    event_id = next(each for each, said in stands if said is fact)
    asked = Correct(event_id, better.model_dump(mode="json"), FOLLOWED)
    after = await aggregates.put_right(tx, Statement, corrected, asked, because_of(context, corrected))
    return replace(after, said=(*corrected.said, *after.said))


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
