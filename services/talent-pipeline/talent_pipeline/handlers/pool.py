"""The pool: who passed and found no post is kept, and offered a post of a new vacancy."""

from dataclasses import dataclass
from uuid import UUID

from kit.aggregates import Kept, because_of
from kit.context import Context
from kit.database import Connection
from kit.ids import new_id
from kit.step import Command
from schemas.values import BusinessDate, business_date
from talent_pipeline import store
from talent_pipeline.domain import appointable, candidacy, interview
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.journey import Candidacy
from talent_pipeline.handlers.journeys import refuse_second, vacancy_named
from talent_pipeline.store import aggregates


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
        engagement=permits.standing,
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
    posts = await vacancy_named(tx, asked.vacancy_id)
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
    await refuse_second(tx, seen.person_id, asked.vacancy_id)
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
        interview.AcceptValuesPass(occurred_on=day, values_pass=shared),
        candidacy.MakeOffer(occurred_on=day, vacancy=posts.standing),
    ]
    await aggregates.begin(tx, Candidacy, commands, because_of(context, member), candidacy_id)
    return member
