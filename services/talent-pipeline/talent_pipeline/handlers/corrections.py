"""What is put right: by the rules by which it was said, and with what followed from it elsewhere."""

import json
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from kit.aggregates import Kept, Row, SomethingHangsOnIt, because_of, history
from kit.context import Context
from kit.corrections import AboutAnother, Correct, Correction
from kit.database import Connection
from kit.errors import NotFound, Refused, expect
from schemas.fact import Fact
from schemas.talent_pipeline import (
    CandidateRedirected,
    PlacementEnded,
    PoolMembershipPlaced,
    PoolOfferEnded,
    PoolOfferMade,
    PostFilled,
    PostReleased,
)
from schemas.values import Part, business_date
from talent_pipeline import store
from talent_pipeline.domain.appointable import Appointable, NotAppointable
from talent_pipeline.domain.checks import required_checks
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers.following import follow_in_pool, follow_in_vacancy, follow_permission
from talent_pipeline.handlers.journeys import unsay_after
from talent_pipeline.store import aggregates

State = TypeVar("State", bound=Part)

FOLLOWERS = (PostFilled, PostReleased, PoolOfferMade, PoolOfferEnded, PoolMembershipPlaced)


class FollowsFromAnother(Refused):
    """It follows from what became of a candidacy: put that right, and this goes with it."""


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed from it.

    A post is filled by a start that stands, on its day; a place in the pool goes with what was offered out of it; nobody was in
    post after their last day. What others stand on is refused, and named.
    """
    posts = await _locked_before(tx, kind, id_)
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    said = dict(await history(tx, id_)).get(asked.fact_id)
    better = _better(said, asked)
    if isinstance(said, FOLLOWERS):
        raise FollowsFromAnother(state=getattr(row.state, "status", None))
    if kind is Candidacy:
        _refuse_another_employer(said, better)
    await _refuse_while_it_became(tx, said, better)
    if isinstance(better, PlacementEnded):
        row = await unsay_after(tx, row, better.occurred_on, context)  # type: ignore[assignment, arg-type]
    corrected = await aggregates.put_right(tx, kind, row, asked, context)
    if corrected.said:
        await _follow(tx, row, corrected, posts, because_of(context, corrected))
    return await aggregates.say_again(tx, kind, corrected, context)


async def _locked_before(tx: Connection, kind: type[Part], id_: UUID) -> Row[Vacancy] | None:
    """What is locked before it: the vacancy of a candidacy, or the candidacy of a member of the pool."""
    if kind is Candidacy:
        row = await aggregates.read(tx, Candidacy, id_)
        found = row and await _vacancy_of(tx, row)
        return None if not found else await aggregates.load(tx, Vacancy, found)
    if kind is Appointable and (member := await aggregates.read(tx, Appointable, id_)) and member.state is not None:
        await aggregates.load(tx, Candidacy, member.state.candidacy_id)
    return None


async def _vacancy_of(tx: Connection, row: Row[Candidacy]) -> UUID | None:
    """Also of a candidacy that was voided: its history says which vacancy it was for."""
    if row.state is not None:
        return row.state.vacancy_id
    return next((fact.vacancy_id for _, fact in await history(tx, row.id) if hasattr(fact, "vacancy_id")), None)


def _better(said: Fact | None, asked: Correction) -> Fact | None:
    """The fact as it is to be; None where it is not corrected, or cannot be read, which the correction itself refuses."""
    if said is None or not isinstance(asked, Correct):
        return None
    try:
        return type(said).model_validate_json(json.dumps(dict(asked.replacement)))
    except ValidationError:
        return None


def _refuse_another_employer(said: Fact | None, better: Fact | None) -> None:
    """Raises AboutAnother: whose candidate somebody was follows from the vacancy."""
    if better is not None and getattr(better, "employer", None) != getattr(said, "employer", None):
        raise AboutAnother(field="replacement.employer")


async def _refuse_while_it_became(tx: Connection, said: Fact | None, better: Fact | None) -> None:
    """A redirection is not taken back while the candidacy that it became is there."""
    if better is None and isinstance(said, CandidateRedirected) and said.to_candidacy_id is not None:
        became = await aggregates.read(tx, Candidacy, said.to_candidacy_id)
        if became is not None and became.state is not None:
            raise SomethingHangsOnIt(f"the candidacy that it became: {became.id}", state=became.state.status)


async def _follow(
    tx: Connection, before: Row[Any], corrected: Kept[Any], posts: Row[Vacancy] | None, context: Context
) -> None:
    """What is put right elsewhere."""
    if posts is not None:
        await follow_in_vacancy(tx, posts, corrected, context)
        await follow_in_pool(tx, corrected, context)
        await _refuse_pooled(tx, corrected)
        await _refuse_accepted(tx, corrected)
    if isinstance(before.state, Vacancy) and isinstance(corrected.state, Vacancy):
        await _refuse_other_checks(tx, corrected.id, before.state, corrected.state)
    if isinstance(before.state, Appointable) and corrected.state is None:
        await aggregates.look_again(tx, Candidacy, before.state.candidacy_id)
    if before.state is None and isinstance(corrected.state, Appointable):
        await _refuse_no_longer_appointable(tx, corrected.state)
    if isinstance(before.state, Engagement):
        for id_ in await store.found_no_post(tx, corrected.id):
            await aggregates.look_again(tx, Candidacy, id_)
    if isinstance(corrected.state, Engagement):
        await follow_permission(tx, corrected, business_date(context.now), context)


async def _refuse_pooled(tx: Connection, corrected: Kept[Candidacy]) -> None:
    """Nobody is in the pool by a candidacy in which they were not found appointable."""
    state = corrected.state
    if state is not None and not state.may_be_pooled:
        for member in await store.live_members_of(tx, corrected.id):
            raise SomethingHangsOnIt(f"a place in the pool: {member}", state=state.status)


async def _refuse_accepted(tx: Connection, corrected: Kept[Candidacy]) -> None:
    """A pass that was none is not taken back under a candidacy that rests on it: that one is interviewed first."""
    state = corrected.state
    if state is not None and state.values_passed_on is None and await store.rests_on_pass(tx, corrected.id):
        raise SomethingHangsOnIt("another employer accepted this values pass", state=state.status)


async def _refuse_other_checks(tx: Connection, id_: UUID, before: Vacancy, after: Vacancy) -> None:
    """Who has applied is checked as the role said then: a role that needs other checks is another vacancy."""
    if required_checks(before.role) != required_checks(after.role) and await store.under_way(tx, id_):
        raise SomethingHangsOnIt("applications, whose checks follow from the role", state=after.status)


async def _refuse_no_longer_appointable(tx: Connection, member: Appointable) -> None:
    """A place in the pool comes back while its candidacy stands as it did."""
    passed = await aggregates.look(tx, Candidacy, member.candidacy_id)
    if not passed.may_be_pooled:
        raise NotAppointable(state=passed.status)
