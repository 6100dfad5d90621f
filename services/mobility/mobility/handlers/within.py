"""Within the limits: the booked moves of a person are looked at again whenever what limits them, or what is booked, changed."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import Refused
from kit.step import Command
from mobility import store
from mobility.domain.booking import refuse_limits, refuse_overlap
from mobility.domain.deployment import Deployment, Status
from mobility.domain.stops import WITHIN_THE_LIMIT, WORK_LIMIT, LetGoOn, StopNow
from mobility.store import aggregates
from schemas.mobility import WorkLimit
from schemas.values import business_date


async def look_again(tx: Connection, ids: Sequence[UUID], context: Context) -> None:
    """What is beyond a limit, or booked under two ids at once, is stopped; what is no longer goes on.

    `ids`: every id of a person whose time nobody books meanwhile.
    """
    async with seeing_everything(tx):
        limits, today = await store.limits_of(tx, ids), business_date(context.now)
        for id_ in await store.live_of(tx, ids):
            move = await aggregates.look(tx, Deployment, id_)
            beyond = move.booked and _beyond(limits, move, await store.booked_of(tx, ids, id_, move), today)
            stop, go_on = StopNow(reason=WORK_LIMIT), LetGoOn(reason=WORK_LIMIT, why=WITHIN_THE_LIMIT)
            command: Command = stop if beyond else go_on
            if beyond != (WORK_LIMIT in move.stops):
                await aggregates.act(tx, Deployment, id_, command, context)


def _beyond(limits: Sequence[WorkLimit], move: Deployment, others: Sequence[Deployment], today: date) -> bool:
    """Whether a move is beyond a limit: one that is under way up to today, for who may not work next term works in this one."""
    try:
        refuse_limits(limits, move, others, today if move.status is Status.ACTIVE else date.max)
        refuse_overlap(move, others)
    except Refused:
        return True
    return False
