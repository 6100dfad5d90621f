"""What goes with a candidacy: a post of its vacancy, and the place in the pool out of which it was offered."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from kit.aggregates import Kept, Row, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correct, Void
from kit.database import Connection, seeing_everything
from schemas.corrections import standing
from schemas.fact import Fact, Step
from schemas.talent_pipeline import PoolMembershipPlaced, PoolOfferEnded, PoolOfferMade, PostFilled, VacancyConcluded
from schemas.values import Part, business_date
from talent_pipeline import store
from talent_pipeline.domain import appointable, vacancy
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.journey import BEFORE_START, Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import aggregates

State = TypeVar("State", bound=Part)

# Its post --------------------------------------------------------------------------------------------------------------


async def follow_in_vacancy(tx: Connection, posts: Row[Vacancy], candidate: Kept[Any], context: Context) -> None:
    """A start that was taken back frees its post, one that stands again fills it again, on its own day. Raises NoPostLeft."""
    if posts.state is None:
        return
    started_on = None if candidate.state is None else candidate.state.started_on
    filled = candidate.id in posts.state.filled_by
    if started_on is None and filled:
        await aggregates.obey(tx, posts, [vacancy.ReleasePost(candidacy_id=candidate.id)], context)
    elif started_on is not None and not filled:
        filling = vacancy.FillPost(occurred_on=started_on, candidacy_id=candidate.id)
        await aggregates.obey(tx, posts, [filling], context)
    elif started_on is not None:
        await _date(tx, Vacancy, posts, started_on, lambda fact: _fills(fact, candidate.id), context)


def _fills(fact: Fact, candidacy_id: UUID) -> bool:
    return isinstance(fact, PostFilled) and fact.candidacy_id == candidacy_id


async def _date(
    tx: Connection, kind: type[State], row: Row[State], day: date, which: Callable[[Fact], bool], context: Context
) -> Row[State]:
    """What followed happened on the day of what it followed from, and what it concluded did so, too."""
    moved: date | None = None
    for event_id, fact in standing(await history(tx, row.id)):
        concluded = isinstance(fact, VacancyConcluded) and fact.occurred_on == moved
        if isinstance(fact, Step) and fact.occurred_on != day and (which(fact) or concluded):
            moved = fact.occurred_on
            payload = {**fact.model_dump(mode="json", exclude_none=True), "occurred_on": day.isoformat()}
            row = await aggregates.put_right(tx, kind, row, Correct(event_id, payload, FOLLOWED), context)
        else:
            moved = None
    return row


# Its place in the pool -------------------------------------------------------------------------------------------------


async def follow_in_pool(tx: Connection, candidate: Kept[Any], context: Context) -> None:
    """A member is offered a post while the candidacy is under way, placed once they started, available when it came to nothing.

    Also when a correction changes which of them it is: what no longer follows is taken back first.
    """
    state: Candidacy | None = candidate.state
    if state is None or state.redirected_from is None:
        return
    async with seeing_everything(tx):
        for member in await store.members_of(tx, state.redirected_from):
            row = await aggregates.load(tx, Appointable, member)
            if row is not None and row.state is not None:
                await _follow_in_pool(tx, row, candidate.id, state, context)


async def _follow_in_pool(
    tx: Connection, row: Row[Appointable], candidacy_id: UUID, state: Candidacy, context: Context
) -> None:
    stands = [
        (event_id, fact)
        for event_id, fact in standing(await history(tx, row.id))
        if isinstance(fact, PoolOfferMade | PoolOfferEnded | PoolMembershipPlaced) and fact.candidacy_id == candidacy_id
    ]
    if not stands:
        return
    event_id, last = stands[-1]
    started, under_way = state.started_on is not None, state.status in BEFORE_START
    wrong = (isinstance(last, PoolMembershipPlaced) and not started) or (
        isinstance(last, PoolOfferEnded) and (started or under_way)
    )
    if wrong:
        row = await aggregates.put_right(tx, Appointable, row, Void(event_id, FOLLOWED), context)
    if row.standing.status is not appointable.Status.OFFERED or row.standing.offered_as != candidacy_id:
        return
    if started:
        place = appointable.Place(occurred_on=state.started_on, candidacy_id=candidacy_id)
        await aggregates.obey(tx, row, [place], context)
    elif not under_way:
        back = appointable.EndOffer(occurred_on=state.since, candidacy_id=candidacy_id)
        available = await aggregates.obey(tx, row, [back], context)
        permits = await aggregates.look(tx, Engagement, available.standing.engagement_id)
        await _leave(tx, available, permits, state.since, context)


async def leave_pool(tx: Connection, redirected: Kept[Candidacy], context: Context) -> None:
    """Whoever was passed on waits for no other vacancy."""
    for member in await store.live_members_of(tx, redirected.id):
        row = await aggregates.lock(tx, Appointable, member)
        if row.standing.status is appointable.Status.AVAILABLE:
            day = max(redirected.standing.since, row.standing.since)
            await aggregates.obey(tx, row, [appointable.Leave(occurred_on=day, reason="redirected")], context)


async def follow_permission(tx: Connection, permits: Kept[Engagement], day: date, context: Context) -> None:
    """Nobody is kept for the next vacancy who no longer permits to be passed on, or with whom the work has ended."""
    for member in await store.available_of(tx, permits.id):
        row = await aggregates.lock(tx, Appointable, member)
        await _leave(tx, row, permits.standing, day, context)


async def _leave(tx: Connection, row: Row[Appointable], permits: Engagement, day: date, context: Context) -> None:
    """A membership whose own last day is over ends by itself."""
    reason = appointable.why_not_kept(permits, business_date(context.now))
    if reason is not None and business_date(context.now) <= row.standing.expires_on:
        leaving = appointable.Leave(occurred_on=max(day, row.standing.since), reason=reason)
        await aggregates.obey(tx, row, [leaving], context)
