"""A person's way: interest, application, offer, first day, last day, and on to another employer."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import Connection, act_for
from kit.ids import new_id
from kit.step import Command
from schemas.corrections import standing
from schemas.talent_pipeline import EmploymentStatus, PlacementSustained, RedirectedTo, Source
from schemas.values import Code, PartnerId, Ward, business_date
from talent_pipeline import store
from talent_pipeline.domain import candidacy, engagement, fair, interview, redirection, vacancy
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.handlers.following import follow_in_pool, leave_pool
from talent_pipeline.store import aggregates


async def plan_fair(tx: Connection, plan: fair.Plan, context: Context) -> Kept[Fair]:
    """Employers hold a fair together, perhaps within a campaign."""
    if plan.campaign_id is not None:
        await aggregates.look(tx, Campaign, plan.campaign_id, "campaign_id")
    return await aggregates.begin(tx, Fair, [plan], context)


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
    given: dict[str, Any] = {each.name: getattr(interest, each.name) for each in fields(interest)}
    if interest.fair_id is not None:
        given["fair"] = await aggregates.look(tx, Fair, interest.fair_id, "fair_id")
    if interest.campaign_id is not None:
        given["campaign"] = await aggregates.look(tx, Campaign, interest.campaign_id, "campaign_id")
    return await aggregates.begin(tx, Engagement, [engagement.Register(**given)], context)


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
    await refuse_second(tx, command.engagement.person_id, asked.vacancy_id)
    return await aggregates.begin(tx, Candidacy, [command], context)


async def refuse_second(tx: Connection, person_id: UUID, vacancy_id: UUID) -> None:
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
    accept = interview.AcceptValuesPass(occurred_on=asked.occurred_on, values_pass=shared)
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
        await follow_in_pool(tx, placed, because_of(context, placed))
    return placed


async def end(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Withdrawn, declined, not appointed, offer withdrawn: whoever was offered out of the pool is available there again."""
    ended = await aggregates.act(tx, Candidacy, id_, command, context, if_match)
    if ended.said:
        await follow_in_pool(tx, ended, because_of(context, ended))
    return ended


async def leave(
    tx: Connection, id_: UUID, command: candidacy.Leave, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Somebody leaves, perhaps entered late: what was said by itself of later days is taken back first."""
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    if row.standing.status is candidacy.Status.STARTED:
        row = await unsay_after(tx, row, command.occurred_on or business_date(context.now), context)
    return await aggregates.obey(tx, row, [command], context)


async def unsay_after(tx: Connection, row: Row[Candidacy], last_day: date, context: Context) -> Row[Candidacy]:
    """Nobody was still in post on a day after their last."""
    for event_id, fact in standing(await history(tx, row.id)):
        if isinstance(fact, PlacementSustained) and fact.occurred_on > last_day:
            row = await aggregates.put_right(tx, Candidacy, row, Void(event_id, FOLLOWED), context)
    return row


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
    target = None if asked.vacancy_id is None else await vacancy_named(tx, asked.vacancy_id)
    row = await aggregates.lock(tx, Candidacy, id_, if_match)
    to_id = None if target is None else new_id()
    command = redirection.Redirect(
        occurred_on=asked.occurred_on,
        to=asked.to,
        permission=permits.standing.permission,
        to_candidacy_id=to_id,
        to_employer=None if target is None else target.standing.employer,
        programme=asked.programme,
    )
    redirected = await aggregates.obey(tx, row, [command], context)
    if redirected.said:
        await leave_pool(tx, redirected, because_of(context, redirected))
    if target is not None and redirected.said:
        await refuse_second(tx, seen.person_id, target.id)
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


async def vacancy_named(tx: Connection, vacancy_id: UUID) -> Row[Vacancy]:
    """The vacancy that a command names, locked. Raises NotFound, naming the field."""
    await aggregates.look(tx, Vacancy, vacancy_id, "vacancy_id")
    return await aggregates.lock(tx, Vacancy, vacancy_id)
