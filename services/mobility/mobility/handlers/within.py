"""Within what is allowed: the moves of a person are looked at again whenever what stands of them, what limits them, or what is
booked, changed.
"""

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
from mobility.domain.stops import ENTERED_IN_ERROR, WITHIN_THE_LIMIT, WORK_LIMIT, LetGoOn, StopNow
from mobility.handlers.stops import keep_from_work
from mobility.store import aggregates
from schemas.mobility import WorkLimit
from schemas.values import business_date


async def look_again(tx: Connection, ids: Sequence[UUID], context: Context, why: str = ENTERED_IN_ERROR) -> None:
    """A move stops for what is said of its person at every host, beyond a limit, and booked under two ids at once; it goes on when
    that is no longer so.

    `ids`: every id of a person whose time nobody books meanwhile. `why`: what was said of them is not any more.
    """
    await keep_from_work(tx, ids, context, why)
    async with seeing_everything(tx):
        limits, today = await store.limits_of(tx, ids), business_date(context.now)
        for row in await store.live_of(tx, ids):
            move = row.standing
            beyond = move.booked and _beyond(limits, move, await store.booked_of(tx, ids, row.id, move), today)
            stop, go_on = StopNow(reason=WORK_LIMIT), LetGoOn(reason=WORK_LIMIT, why=WITHIN_THE_LIMIT)
            command: Command = stop if beyond else go_on
            if beyond != (WORK_LIMIT in move.stops):
                await aggregates.act(tx, Deployment, row.id, command, context)


def _beyond(limits: Sequence[WorkLimit], move: Deployment, others: Sequence[Deployment], today: date) -> bool:
    """Whether a move is beyond a limit: one that is under way up to today, for who may not work next term works in this one."""
    try:
        refuse_limits(limits, move, others, today if move.status is Status.ACTIVE else date.max)
        refuse_overlap(move, others)
    except Refused:
        return True
    return False
