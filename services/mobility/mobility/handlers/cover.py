"""The framework over a move: what its home and host have signed, and what becomes of it when one of them leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import Connection, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain import deployment, need, passport, signature
from mobility.domain.answers import DAY
from mobility.domain.clearance import covered_last, covered_up_to, paused
from mobility.domain.deployment import Deployment
from mobility.domain.move import AUTHORISED
from mobility.domain.need import Need
from mobility.domain.passport import Passport
from mobility.domain.signature import Signature
from mobility.domain.stops import IN_FORCE_AGAIN, SUSPENDED, LetGoOn, StopNow
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import CoverEnds, DeploymentHandedOver
from schemas.values import business_date


async def signed(tx: Connection, move: Deployment) -> tuple[tuple[Signature, ...], tuple[Signature, ...]]:
    """What home and host have signed."""
    async with seeing_everything(tx):
        return await store.signatures_by(tx, move.home), await store.signatures_by(tx, move.host)


@dataclass(frozen=True, slots=True)
class Outlived:
    """What would outlive an organisation's last day in the framework, as the caller sees it, and ends with it."""

    deployments: Sequence[Row[Deployment]]
    """Live moves."""
    needs: Sequence[UUID]
    """For which partners are asked."""
    passports: Sequence[UUID]
    """Into which it looks, or lets others look."""


async def outlived(tx: Connection, id_: UUID, last_day: date) -> Outlived:
    """To be seen before notice is given. What another framework covers, or lets go on, is not in it."""
    seen = await aggregates.look(tx, Signature, id_)
    moves = await store.moves_of(tx, seen.organisation, last_day)
    stays = any(each.in_force(last_day + DAY) for each in await _without(tx, seen, seen.organisation, last_day))
    return Outlived(
        deployments=[row for row in moves if await _ends_without(tx, row.standing, seen, last_day)],
        needs=[] if stays else await store.released_needs(tx, seen.organisation, last_day),
        passports=[] if stays else [id_ for id_, _ in await store.shares_of(tx, seen.organisation, last_day)],
    )


async def _ends_without(tx: Connection, move: Deployment, left: Signature, last_day: date) -> bool:
    """Whether a move would have to end sooner without a signature after a last day."""
    async with seeing_everything(tx):
        home, host = [await _without(tx, left, each, last_day) for each in (move.home, move.host)]
    up_to = covered_up_to(home, host, max(last_day + DAY, move.starts_on))
    return up_to is None or up_to < move.last_day


async def _without(tx: Connection, left: Signature, organisation: str, last_day: date) -> Sequence[Signature]:
    """What an organisation has signed, and up to which day, once who leaves a framework has left it."""
    return [
        each.bounded_by(last_day)
        if (each.organisation, each.framework_id) == (left.organisation, left.framework_id)
        else each
        for each in await store.signatures_by(tx, organisation)
    ]


async def uncover(tx: Connection, left: Kept[Signature], context: Context) -> None:
    """Tell the moves of an organisation whose signature ends that they lose their cover then."""
    if not left.said or left.state is None or (last := left.state.last_in_force) is None:
        return
    await lose_cover(tx, left.state.organisation, last, left.state.since, because_of(context, left))


async def lose_cover(tx: Connection, organisation: str, last: date, day: date, context: Context) -> None:
    """Moves of an organisation that would outlive a last day lose their cover then, or when another framework that gives it ends.

    `day`: on which that was said.
    """
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, last):
            lost = await _covered_up_to(tx, found.standing, last) or last
            lose = deployment.LoseCover(occurred_on=day, organisation=organisation, last_day=lost)
            await aggregates.act(tx, Deployment, found.id, lose, context)


async def _covered_up_to(tx: Connection, move: Deployment, last: date) -> date | None:
    """Up to which day a move is covered again after a day; None: it is not."""
    return covered_up_to(*await signed(tx, move), max(last + DAY, move.starts_on))


async def hand_over(tx: Connection, organisation: str, context: Context) -> None:
    """What an organisation signed covers moves that were to lose their cover: they go on, as long as it does."""
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, date.min):
            ends = found.standing.cover_ends
            if ends is not None and (again := await _covered_up_to(tx, found.standing, ends)) is not None:
                over = deployment.HandOver(organisation=organisation)
                lose = deployment.LoseCover(organisation=organisation, last_day=again)
                row = await aggregates.lock(tx, Deployment, found.id)
                await aggregates.obey(tx, row, [over, lose], context)


async def leave(tx: Connection, left: Kept[Signature], context: Context) -> None:
    """An organisation is in force no longer: what rests on its being so ends with its last day.

    Partners are asked no longer for its needs, and nobody looks into passports under an agreement that does not bind both. Moves
    that were put forward since the notice lose their cover too. Its statements stay: what was worked is charged. What has ended
    stays so when the leaving is taken back: holders let others look again, and a need is raised again.
    """
    state = left.state
    if not left.said or state is None or state.status not in (signature.Status.WITHDRAWN, signature.Status.LAPSED):
        return
    because, today = because_of(context, left), business_date(context.now)
    async with seeing_everything(tx):
        if not any(each.in_force(today) for each in await store.signatures_by(tx, state.organisation)):
            for need_id in await store.released_needs(tx, state.organisation):
                await aggregates.act(tx, Need, need_id, need.Close(), because)
            for passport_id, organisations in await store.shares_of(tx, state.organisation):
                for organisation in organisations:
                    withdraw = passport.WithdrawSharing(organisation=organisation)
                    await aggregates.act(tx, Passport, passport_id, withdraw, because)
    await uncover(tx, left, context)


async def look_again(tx: Connection, told: Kept[Signature], context: Context) -> None:
    """What an organisation has signed, or the programme has said of it, is another thing now, or from today on: its live moves are
    handed over that have cover by it, stand still as long as it is suspended, and go on when both are in force.
    """
    if told.state is None:
        return
    because = because_of(context, told)
    await hand_over(tx, told.state.organisation, because)
    await pause(tx, told.state.organisation, because)


async def pause(tx: Connection, organisation: str, context: Context) -> None:
    """Live moves of an organisation that is suspended are stopped for the time being, and go on when both are in force again.

    So are those that were authorised on a signature that was taken back, or holds from a later day after all.
    """
    today = business_date(context.now)
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, date.min):
            for command in await standstill(tx, found.standing, today):
                await aggregates.act(tx, Deployment, found.id, command, context)


async def standstill(tx: Connection, move: Deployment, today: date) -> Sequence[Command]:
    """What stops a move, or lets it go on, because of what its home and host have signed."""
    match paused(move, *await signed(tx, move), today), SUSPENDED in move.stops:
        case True, False:
            return [StopNow(reason=SUSPENDED)]
        case False, True:
            return [LetGoOn(reason=SUSPENDED, why=IN_FORCE_AGAIN)]
        case _:
            return []


async def put_right_cover(tx: Connection, organisation: str, context: Context) -> None:
    """A live move whose home and host are in force after all on the day after its cover was to end loses it later, or never."""
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, date.min):
            ends = found.standing.cover_ends
            if ends is None or (again := await _covered_up_to(tx, found.standing, ends)) is None:
                continue
            row: Row[Deployment] = await aggregates.lock(tx, Deployment, found.id)
            for event_id in await _cover_ends(tx, row.id):
                row = await aggregates.put_right(tx, Deployment, row, Void(event_id, FOLLOWED), context)
            lose = deployment.LoseCover(organisation=await _who_leaves(tx, row.standing, again), last_day=again)
            await aggregates.obey(tx, row, [lose], context)


async def cover_of_what_was_put_right(tx: Connection, move: Kept[Deployment], context: Context) -> None:
    """A move that goes on longer after all loses its cover when that ends; where one of its two has left meanwhile, it did then."""
    state = move.state
    if state is None or state.status not in AUTHORISED or state.cover_ends is not None:
        return
    async with seeing_everything(tx):
        both, today = await signed(tx, state), business_date(context.now)
        up_to = covered_up_to(*both, max(today, state.starts_on))
        if up_to is None and paused(state, *both, today) is None:
            up_to = covered_last(*both, today)
        if up_to is not None:
            lose = deployment.LoseCover(organisation=await _who_leaves(tx, state, up_to), last_day=up_to)
            await aggregates.act(tx, Deployment, move.id, lose, context)


async def _cover_ends(tx: Connection, id_: UUID) -> Sequence[UUID]:
    """The facts by which a move loses its cover, since it was handed over."""
    ends: list[UUID] = []
    for event_id, fact in standing(await history(tx, id_)):
        if isinstance(fact, DeploymentHandedOver):
            ends = []
        elif isinstance(fact, CoverEnds):
            ends.append(event_id)
    return ends


async def _who_leaves(tx: Connection, move: Deployment, last: date) -> str:
    """Whose cover of a move it is that ends with a day."""
    home, _ = await signed(tx, move)
    stays = last == date.max or any(each.in_force(last + DAY) for each in home)
    return move.host if stays else move.home
