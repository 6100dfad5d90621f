"""What becomes of a command that touches more than one aggregate: load, decide, evolve, save, say, in the caller's transaction.

A command to one alone is `aggregates.act`. Rows are locked in the order of `store.aggregates`. What follows from another fact names
it as its cause.
"""

from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correction, Void
from kit.database import Connection, act_for, seeing_everything
from kit.errors import NotFound, expect
from kit.ids import new_id
from kit.reconcile import Found
from kit.step import Command
from schemas.corrections import standing
from schemas.talent_pipeline import (
    EmploymentStatus,
    InterestRegistered,
    PlacementSustained,
    PoolMembershipPlaced,
    RedirectedTo,
    Source,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Ward, business_date
from talent_pipeline import store
from talent_pipeline.domain import appointable, candidacy, engagement, vacancy
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.candidacy import Candidacy
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import aggregates

State = TypeVar("State", bound=Part)


# A person's way --------------------------------------------------------------------------------------------------------


async def draft_vacancy(tx: Connection, draft: vacancy.Draft, context: Context) -> Kept[Vacancy]:
    """An employer drafts its own vacancies; a coordinator anybody's."""
    act_for(tx, draft.employer, field="employer")
    return await aggregates.begin(tx, Vacancy, [draft], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest(Command):
    """How a person came to the programme, as it is entered."""

    source: Source
    channel: Code
    employment_status: EmploymentStatus
    person_id: UUID
    """As people gave it."""
    campaign_id: UUID | None = None
    fair_id: UUID | None = None
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    qr_asset: Code | None = None
    ward: Ward | None = None


async def register_interest(tx: Connection, interest: Interest, context: Context) -> Kept[Engagement]:
    """The first meeting with a person, or another. Raises UnknownPerson."""
    await persons.expect(tx, interest.person_id)
    if interest.fair_id is not None:
        await aggregates.look(tx, Fair, interest.fair_id, "fair_id")
    given = {each.name: getattr(interest, each.name) for each in fields(interest)}
    named = (
        None
        if interest.campaign_id is None
        else await aggregates.look(tx, Campaign, interest.campaign_id, "campaign_id")
    )
    return await aggregates.begin(tx, Engagement, [engagement.Register(**{**given, "campaign": named})], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Command):
    """Who applies for what, as it is entered."""

    engagement_id: UUID
    vacancy_id: UUID


async def apply(tx: Connection, asked: Application, context: Context) -> Kept[Candidacy]:
    """A person applies for a vacancy that was advertised on that day."""
    command = candidacy.Apply(
        occurred_on=asked.occurred_on,
        vacancy_id=asked.vacancy_id,
        vacancy=await aggregates.look(tx, Vacancy, asked.vacancy_id, "vacancy_id"),
        engagement_id=asked.engagement_id,
        engagement=await aggregates.look(tx, Engagement, asked.engagement_id, "engagement_id"),
    )
    await _refuse_second(tx, command.engagement.person_id, asked.vacancy_id)
    return await aggregates.begin(tx, Candidacy, [command], context)


async def _refuse_second(tx: Connection, person_id: UUID, vacancy_id: UUID) -> None:
    """Raises AlreadyApplied, also where the person applied under another id.

    Two at the same moment meet the table's constraint, which knows no more than that.
    """
    before = await store.candidacy_for(tx, person_id, vacancy_id)
    if before is not None:
        state = before.standing
        raise candidacy.AlreadyApplied(f"its id is {before.id}", state=state.status, allowed=candidacy.allowed(state))


async def accept_values_pass(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Take the values interview that the person passed with another employer in place of a new one."""
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    shared = await store.pass_of(tx, row.standing.person_id, asked.occurred_on or business_date(context.now))
    accept = candidacy.AcceptValuesPass(occurred_on=asked.occurred_on, values_pass=shared)
    return await aggregates.obey(tx, row, [accept], context)


async def offer(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """A conditional offer of a post that is still to be filled."""
    seen = await aggregates.look(tx, Candidacy, id_)
    offered = await aggregates.lock(tx, Vacancy, seen.vacancy_id)
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    return await aggregates.obey(
        tx, row, [candidacy.MakeOffer(occurred_on=asked.occurred_on, vacancy=offered.standing)], context
    )


async def start(
    tx: Connection, id_: UUID, command: candidacy.Start, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """The first day at work: the candidate is placed, and one post of the vacancy is filled."""
    seen = await aggregates.look(tx, Candidacy, id_)
    posts = await aggregates.lock(tx, Vacancy, seen.vacancy_id)
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    placed = await aggregates.obey(tx, row, [command], context)
    if placed.said:
        filled = vacancy.FillPost(occurred_on=placed.standing.started_on, candidacy_id=id_)
        await aggregates.obey(tx, posts, [filled], because_of(context, placed))
        await _follow_in_pool(tx, placed, because_of(context, placed))
    return placed


async def end(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Withdrawn, declined, not appointed, offer withdrawn: whoever was offered out of the pool is available there again."""
    ended = await aggregates.act(tx, Candidacy, id_, command, context, if_match)
    if ended.said:
        async with seeing_everything(tx):
            member = await store.in_pool(tx, id_)
            if member is not None:
                back = appointable.EndOffer(occurred_on=ended.standing.since, candidacy_id=id_)
                await aggregates.act(tx, Appointable, member, back, because_of(context, ended))
    return ended


async def leave(
    tx: Connection, id_: UUID, command: candidacy.Leave, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Somebody leaves, perhaps entered late: what was said by itself of later days is taken back first."""
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    last_day = command.occurred_on or business_date(context.now)
    for event_id, fact in standing(await history(tx, id_)):
        if isinstance(fact, PlacementSustained) and fact.occurred_on > last_day:
            row = await aggregates.put_right(tx, Candidacy, row, Void(event_id, FOLLOWED), context)
    return await aggregates.obey(tx, row, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirection(Command):
    """Where a candidacy is to be redirected."""

    to: RedirectedTo
    vacancy_id: UUID | None = None
    """The other employer's vacancy, where it leads to an employer."""
    programme: Code | None = None


async def redirect(
    tx: Connection, id_: UUID, asked: Redirection, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Pass a candidacy on, with the candidate's permission; to another employer, a new candidacy begins there."""
    seen = await aggregates.look(tx, Candidacy, id_)
    permits = await aggregates.lock(tx, Engagement, seen.engagement_id)
    target = None if asked.vacancy_id is None else await _vacancy_named(tx, asked.vacancy_id)
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    to_id = None if target is None else new_id()
    command = candidacy.Redirect(
        occurred_on=asked.occurred_on,
        to=asked.to,
        permission=permits.standing.permission,
        to_candidacy_id=to_id,
        to_employer=None if target is None else target.standing.employer,
        programme=asked.programme,
    )
    redirected = await aggregates.obey(tx, row, [command], context)
    if target is not None and redirected.said:
        await _refuse_second(tx, seen.person_id, target.id)
        application = candidacy.Apply(
            occurred_on=asked.occurred_on,
            vacancy_id=target.id,
            vacancy=target.standing,
            engagement_id=permits.id,
            engagement=permits.standing,
            redirected_from=id_,
            invited=True,
        )
        await aggregates.begin(tx, Candidacy, [application], because_of(context, redirected), to_id)
    return redirected


async def _vacancy_named(tx: Connection, vacancy_id: UUID) -> Row[Vacancy]:
    """The vacancy that a command names, locked. Raises NotFound, naming the field."""
    await aggregates.look(tx, Vacancy, vacancy_id, "vacancy_id")
    return await aggregates.lock(tx, Vacancy, vacancy_id)


# The pool --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooling(Command):
    """Who is to be kept in the pool, and for how long."""

    candidacy_id: UUID
    available_from: BusinessDate
    expires_on: BusinessDate | None = None
    """Default, and latest: when the values pass or the permission ends."""


async def pool(tx: Connection, asked: Pooling, context: Context) -> Kept[Appointable]:
    """Keep somebody who passed and found no post, with their permission."""
    passed = await aggregates.look(tx, Candidacy, asked.candidacy_id, "candidacy_id")
    permits = await aggregates.lock(tx, Engagement, passed.engagement_id)
    command = appointable.Pool(
        occurred_on=asked.occurred_on,
        candidacy_id=asked.candidacy_id,
        candidacy=(await aggregates.lock(tx, Candidacy, asked.candidacy_id)).standing,
        permission=permits.standing.permission,
        available_from=asked.available_from,
        expires_on=asked.expires_on,
    )
    return await aggregates.begin(tx, Appointable, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOffer(Command):
    """Which vacancy a member of the pool is to be offered."""

    vacancy_id: UUID


async def offer_from_pool(
    tx: Connection, id_: UUID, asked: PoolOffer, context: Context, if_match: int | None = None
) -> Kept[Appointable]:
    """A post of a new vacancy in one act: application, shortlist, the values pass, and the offer."""
    seen = await aggregates.look(tx, Appointable, id_)
    permits = await aggregates.lock(tx, Engagement, seen.engagement_id)
    posts = await _vacancy_named(tx, asked.vacancy_id)
    row = await aggregates.lock(tx, Appointable, id_, if_match)
    candidacy_id = new_id()
    made = appointable.Offer(
        occurred_on=asked.occurred_on,
        vacancy_id=asked.vacancy_id,
        vacancy=posts.standing,
        candidacy_id=candidacy_id,
        permission=permits.standing.permission,
    )
    member = await aggregates.obey(tx, row, [made], context)
    await _refuse_second(tx, seen.person_id, asked.vacancy_id)
    day = asked.occurred_on or business_date(context.now)
    application = candidacy.Apply(
        occurred_on=day,
        vacancy_id=asked.vacancy_id,
        vacancy=posts.standing,
        engagement_id=permits.id,
        engagement=permits.standing,
        redirected_from=seen.candidacy_id,
        invited=True,
    )
    shared = await store.pass_of(tx, seen.person_id, day)
    commands = [
        application,
        candidacy.Shortlist(occurred_on=day),
        candidacy.AcceptValuesPass(occurred_on=day, values_pass=shared),
        candidacy.MakeOffer(occurred_on=day, vacancy=posts.standing),
    ]
    await aggregates.begin(tx, Candidacy, commands, because_of(context, member), candidacy_id)
    return member


# Corrections -----------------------------------------------------------------------------------------------------------


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed from it: a post is filled by a start that stands."""
    posts = await _posts_of(tx, kind, id_)
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    corrected = await aggregates.put_right(tx, kind, row, asked, context)
    if corrected.said and posts is not None:
        await _fill_or_release(tx, posts, corrected, because_of(context, corrected))
        await _follow_in_pool(tx, corrected, because_of(context, corrected))
    return await aggregates.say_again(tx, kind, corrected, context)


async def _posts_of(tx: Connection, kind: type[Part], id_: UUID) -> Row[Vacancy] | None:
    """The vacancy of a candidacy, locked before it."""
    if kind is not Candidacy:
        return None
    row = await aggregates.read(tx, Candidacy, id_)
    found = row and await _vacancy_of(tx, row)
    return None if not found else await aggregates.load(tx, Vacancy, found)


async def _vacancy_of(tx: Connection, row: Row[Candidacy]) -> UUID | None:
    """Also of a candidacy that was voided: its history says which vacancy it was for."""
    if row.state is not None:
        return row.state.vacancy_id
    return next((fact.vacancy_id for _, fact in await history(tx, row.id) if hasattr(fact, "vacancy_id")), None)


async def _fill_or_release(tx: Connection, posts: Row[Vacancy], corrected: Kept[Any], context: Context) -> None:
    """A start that was taken back frees its post; one that stands again fills it again. Raises NoPostLeft."""
    state, filled = corrected.state, posts.state is not None and corrected.id in posts.state.filled_by
    started = state is not None and state.started_on is not None
    if posts.state is None or started == filled:
        return
    command = vacancy.FillPost if started else vacancy.ReleasePost
    day = state.started_on if started and state is not None else None
    await aggregates.obey(tx, posts, [command(occurred_on=day, candidacy_id=corrected.id)], context)


async def _follow_in_pool(tx: Connection, candidate: Kept[Any], context: Context) -> None:
    """Whoever starts out of the pool is placed; a start that was taken back leaves the offer that it came from."""
    async with seeing_everything(tx):
        member = await store.in_pool(tx, candidate.id)
        if member is None:
            return
        row = await aggregates.lock(tx, Appointable, member)
        started = candidate.state is not None and candidate.state.started_on is not None
        if started and row.standing.status is appointable.Status.OFFERED:
            place = appointable.Place(occurred_on=candidate.standing.started_on, candidacy_id=candidate.id)
            await aggregates.obey(tx, row, [place], context)
        elif not started and row.standing.status is appointable.Status.PLACED:
            (said,) = (
                id_ for id_, fact in standing(await history(tx, member)) if isinstance(fact, PoolMembershipPlaced)
            )
            await aggregates.put_right(tx, Appointable, row, Void(said, FOLLOWED), context)


# After a backup --------------------------------------------------------------------------------------------------------


async def rebuild(tx: Connection, found: Found) -> None:
    """The people whom the journal had lacked, and then the state of everything, worked out anew."""
    for id_ in found.behind:
        for _, fact in await history(tx, id_):
            if isinstance(fact, InterestRegistered) and not await persons.is_known(tx, fact.person_id):
                await persons.know(tx, {fact.person_id: None})
    await aggregates.rebuild(tx, found)
