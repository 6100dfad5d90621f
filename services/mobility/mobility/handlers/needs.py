"""Needs: who raises them, and who is put forward."""

from datetime import date
from uuid import UUID

from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for
from mobility import store
from mobility.domain import need, ranking
from mobility.domain.need import Need
from mobility.domain.ranking import Ranked
from mobility.domain.silver import Picture, picture
from mobility.store import aggregates


async def raise_need(tx: Connection, command: need.Raise, context: Context) -> Kept[Need]:
    """An organisation says what it needs; a coordinator for anybody."""
    act_for(tx, command.organisation, field="organisation")
    return await aggregates.begin(tx, Need, [command], context)


async def silver(tx: Connection, day: date) -> Picture:
    """Who is short and who can lend on a day, over all organisations."""
    return picture(
        day,
        await store.open_needs(tx),
        await store.live_moves(tx),
        await store.all_open(tx),
        await store.standing_requirements(tx),
        await store.stopped_persons(tx),
    )


async def ranked(tx: Connection, need_id: UUID) -> list[Ranked]:
    """Who is put forward for a need, the best first, each with the reasons: for who raised it."""
    wanted = await aggregates.look(tx, Need, need_id)
    act_for(tx, wanted.organisation, field="id")
    return ranking.rank(wanted, await store.proposals_for(tx, need_id))
