"""Needs: who raises them, and who is put forward."""

from datetime import date
from uuid import UUID

from kit import persons
from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for
from mobility import store
from mobility.domain import need, ranking
from mobility.domain.need import Need
from mobility.domain.ranking import Ranked
from mobility.domain.silver import Picture, out, picture
from mobility.store import aggregates


async def raise_need(tx: Connection, command: need.Raise, context: Context) -> Kept[Need]:
    """An organisation says what it needs; a coordinator for anybody."""
    act_for(tx, command.organisation, field="organisation")
    return await aggregates.begin(tx, Need, [command], context)


async def silver(tx: Connection, day: date) -> Picture:
    """Who is short and who can lend on a day, over all organisations."""
    moves = await store.live_moves(tx)
    away = set(await persons.all_with(tx, {each.person_id for each in moves if out(each, day)}))
    return picture(
        day,
        await store.needs_under_way(tx),
        moves,
        await store.all_open(tx),
        await store.standing_requirements(tx),
        away | await store.stopped_persons(tx),
        await store.in_force_on(tx, day),
    )


async def ranked(tx: Connection, need_id: UUID) -> list[Ranked]:
    """Who is put forward for a need, the best first, each with the reasons: for who raised it."""
    wanted = await aggregates.look(tx, Need, need_id)
    act_for(tx, wanted.organisation, field="id")
    return ranking.rank(wanted, await store.proposals_for(tx, need_id))
