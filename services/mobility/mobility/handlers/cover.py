"""The framework over a move: what its home and host have signed, and what becomes of it when one of them leaves."""

from datetime import date
from uuid import UUID

from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import Connection, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain import deployment, signature
from mobility.domain.clearance import in_force_together
from mobility.domain.deployment import Deployment
from mobility.domain.signature import Signature
from mobility.domain.stops import IN_FORCE_AGAIN, SUSPENDED, LetGoOn, StopNow
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import CoverEnds
from schemas.values import business_date


async def signed(tx: Connection, move: Deployment) -> tuple[tuple[Signature, ...], tuple[Signature, ...]]:
    """What home and host have signed."""
    async with seeing_everything(tx):
        return await store.signatures_by(tx, move.home), await store.signatures_by(tx, move.host)


async def outlived(tx: Connection, id_: UUID, last_day: date) -> list[Row[Deployment]]:
    """The live moves that would outlive an organisation's last day in the framework: to be seen before it gives notice."""
    seen = await aggregates.look(tx, Signature, id_)
    return await store.moves_of(tx, seen.organisation, last_day)


async def uncover(tx: Connection, left: Kept[Signature], context: Context) -> None:
    """Tell the moves of an organisation whose signature ends that they lose their cover then."""
    if not left.said or left.state is None or not left.state.periods:
        return
    last = left.state.periods[-1].last
    if last is None:
        return
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, left.state.organisation, last):
            home, host = await signed(tx, found.standing)
            if not in_force_together(home, host, found.standing.starts_on, found.standing.last_day):
                lose = deployment.LoseCover(
                    occurred_on=left.state.since, organisation=left.state.organisation, last_day=last
                )
                await aggregates.act(tx, Deployment, found.id, lose, because_of(context, left))


async def pause(tx: Connection, told: Kept[Signature], context: Context) -> None:
    """Live moves of an organisation that is suspended are stopped for the time being, and go on when both are in force again."""
    if not told.said or told.state is None:
        return
    today, suspended = business_date(context.now), told.state.status is signature.Status.SUSPENDED
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, told.state.organisation, date.min):
            covered = in_force_together(*await signed(tx, found.standing), today, today)
            command: Command
            if suspended and not covered:
                command = StopNow(reason=SUSPENDED)
            elif covered:
                command = LetGoOn(reason=SUSPENDED, why=IN_FORCE_AGAIN)
            else:
                continue
            await aggregates.act(tx, Deployment, found.id, command, because_of(context, told))


async def put_right_cover(tx: Connection, organisation: str, context: Context) -> None:
    """A live move whose home and host are in force to its last day after all does not lose its cover."""
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, date.min):
            move = found.standing
            home, host = await signed(tx, move)
            if move.cover_ends is None or not in_force_together(home, host, move.starts_on, move.last_day):
                continue
            row: Row[Deployment] = await aggregates.lock(tx, Deployment, found.id)
            for event_id, fact in standing(await history(tx, row.id)):
                if isinstance(fact, CoverEnds):
                    row = await aggregates.put_right(tx, Deployment, row, Void(event_id, FOLLOWED), context)
