"""What becomes of a command: load, decide, evolve, save, say, in the caller's transaction.

`act` is that for one aggregate; the acts below it that touch several spell out what they do. Rows are locked in the order of
`store.STATES`. What follows from another fact names it as its cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from types import MappingProxyType, ModuleType
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import asyncpg

from kit import deadlines, outbox
from kit.clock import noon
from kit.context import Context
from kit.database import EVERYONE, Connection
from kit.deadlines import Due
from kit.errors import Invalid, NotFound, Refused
from kit.http import expect
from kit.ids import new_id
from kit.outbox import Said
from kit.reconcile import Found
from schemas.corrections import standing
from schemas.envelope import Envelope
from schemas.fact import Fact
from schemas.talent_pipeline import (
    EmploymentStatus,
    PlacementSustained,
    RedirectedTo,
    Source,
    Step,
    ValuesOutcome,
)
from schemas.values import BusinessDate, Code, Part, PartnerId, Ward, business_date
from talent_pipeline import store
from talent_pipeline.domain import (
    appointable,
    campaign,
    candidacy,
    correction,
    engagement,
    fair,
    vacancy,
)
from talent_pipeline.domain.appointable import Appointable
from talent_pipeline.domain.campaign import Campaign
from talent_pipeline.domain.candidacy import Candidacy, ValuesPass
from talent_pipeline.domain.correction import Correction, CorrectionFact, Void
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.domain.fair import Fair
from talent_pipeline.domain.step import Command
from talent_pipeline.domain.vacancy import Vacancy
from talent_pipeline.store import Row

State = TypeVar("State", bound=Part)

MACHINES: Mapping[type[Part], ModuleType] = MappingProxyType({
    Campaign: campaign,
    Fair: fair,
    Engagement: engagement,
    Vacancy: vacancy,
    Candidacy: candidacy,
    Appointable: appointable,
})  # fmt: skip


class AlreadyApplied(Refused):
    """This person is a candidate for this vacancy already."""


class AlreadyPooled(Refused):
    """This candidacy has led into the pool already."""


class UnknownPerson(Invalid):
    """There is no person with this id."""


class NotYourOrganisation(Invalid):
    """You can say this of your own organisation only."""


class SomethingHangsOnIt(Refused):
    """Something else names it: void that first."""


@dataclass(frozen=True, slots=True)
class Kept(Generic[State]):
    """An aggregate after a command, and what was said."""

    id: UUID
    version: int
    state: State | None
    said: tuple[Envelope, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        """As a caller sees it: its state, its version, and what it would allow."""
        if self.state is None:
            return {"id": self.id, "version": self.version, "status": "voided", "allowed": ()}
        allowed = MACHINES[type(self.state)].allowed(self.state)
        return {"id": self.id, "version": self.version, **self.state.model_dump(mode="json"), "allowed": allowed}


# One aggregate ---------------------------------------------------------------------------------------------------------


async def act(
    tx: Connection, kind: type[State], id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[State]:
    """One command to one aggregate. Raises Refused."""
    return await obey(tx, await lock(tx, kind, id_, if_match), [command], context)


async def begin(
    tx: Connection, kind: type[State], commands: Sequence[Command], context: Context, id_: UUID | None = None
) -> Kept[State]:
    """A new aggregate, by its first command and those that follow it in the same act."""
    return await obey(tx, Row(id_ or new_id(), 0, None), commands, context, kind)


async def lock(tx: Connection, kind: type[State], id_: UUID, if_match: int | None = None) -> Row[State]:
    """The row, locked. Raises NotFound where there is none to see, Stale where the caller believed in another version."""
    row = await store.load(tx, kind, id_)
    if row is None or row.state is None:
        raise NotFound
    expect(row.version, if_match)
    return row


async def look(tx: Connection, kind: type[State], id_: UUID, field: str | None = None) -> State:
    """The state, unlocked. Raises NotFound, naming the field that named it."""
    row = await store.read(tx, kind, id_)
    if row is None or row.state is None:
        raise NotFound(field=field)
    return row.state


async def obey(
    tx: Connection, row: Row[State], commands: Sequence[Command], context: Context, kind: type[State] | None = None
) -> Kept[State]:
    """Decide on the commands one after the other, and keep what they leave."""
    which = kind or cast(type[State], type(row.state))
    machine, state = MACHINES[which], row.state
    said: list[Fact] = []
    for command in commands:
        for fact in machine.decide(command, state, context.now):
            state = machine.evolve(state, fact)
            said.append(fact)
    return await keep(tx, which, row, state, said, context)


async def keep(
    tx: Connection, kind: type[State], row: Row[State], state: State | None, said: Sequence[Fact], context: Context
) -> Kept[State]:
    """Save the state and what hangs on it, and say the facts; nothing, where nothing was said."""
    if not said:
        return Kept(row.id, row.version, state)
    machine, version = MACHINES[kind], row.version + len(said)
    try:
        await store.save(tx, kind, row.id, version, state, new=row.version == 0)
    except asyncpg.UniqueViolationError as error:
        raise {"candidacy_once": AlreadyApplied, "appointable_once": AlreadyPooled}[
            error.constraint_name or ""
        ] from error
    envelopes = await _say(tx, machine.AGGREGATE, row, said, context)
    await _keep_what_follows(tx, kind, row.id, state)
    return Kept(row.id, version, state, envelopes)


async def _keep_what_follows(tx: Connection, kind: type[State], id_: UUID, state: State | None) -> None:
    """What a state implies: its deadlines, what waits for whom, the values pass that is shared."""
    machine = MACHINES[kind]
    await deadlines.keep(tx, machine.AGGREGATE, id_, {} if state is None else machine.deadlines(state))
    waiting = () if state is None else machine.waiting(state)
    await store.keep_waiting(tx, machine.AGGREGATE, id_, getattr(state, "employer", None), waiting)
    if kind is Candidacy:
        await _share_pass(tx, id_, cast(Candidacy | None, state))


async def _say(
    tx: Connection, aggregate: str, row: Row[Any], said: Sequence[Fact], context: Context
) -> tuple[Envelope, ...]:
    """Each fact at its own time: facts of one act may be of different days."""
    envelopes: list[Envelope] = []
    for turn, fact in enumerate(said):
        moment = _moment(fact, context.now)
        envelopes += await outbox.record(tx, aggregate, row.id, row.version + turn, [fact], context, occurred_at=moment)
    return tuple(envelopes)


def _moment(fact: Fact, now: datetime) -> datetime:
    """The hour of a fact of which only the day is known: noon, or now, whichever is earlier."""
    return min(noon(fact.occurred_on), now) if isinstance(fact, Step) else now


async def _share_pass(tx: Connection, candidacy_id: UUID, state: Candidacy | None) -> None:
    """A pass is shared, a fail never; a pass that was taken back is shared no longer."""
    passed = state is not None and state.values_outcome is ValuesOutcome.PASSED
    if state is None or not passed or state.values_passed_on is None or state.values_valid_until is None:
        await store.unshare_pass(tx, candidacy_id)
        return
    shared = ValuesPass(
        passed_in=candidacy_id,
        person_id=state.person_id,
        employer=state.employer,
        passed_on=state.values_passed_on,
        valid_until=state.values_valid_until,
    )
    await store.share_pass(tx, shared)


def because_of(context: Context, kept: Kept[Any]) -> Context:
    """The circumstances of what follows from the last fact that was said."""
    return replace(context, causation_id=kept.said[-1].id) if kept.said else context


# A person's way --------------------------------------------------------------------------------------------------------


async def draft_vacancy(tx: Connection, draft: vacancy.Draft, context: Context) -> Kept[Vacancy]:
    """An employer drafts its own vacancies; a coordinator anybody's."""
    if await store.who_sees(tx) not in (EVERYONE, draft.employer):
        raise NotYourOrganisation(field="employer")
    return await begin(tx, Vacancy, [draft], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest(Command):
    """How a person came to the programme, as it is entered."""

    source: Source
    channel: Code
    employment_status: EmploymentStatus
    person_id: UUID | None = None
    """Our id of the person, where they are known to us already."""
    campaign_id: UUID | None = None
    fair_id: UUID | None = None
    supply_partner: PartnerId | None = None
    partner: PartnerId | None = None
    qr_asset: Code | None = None
    ward: Ward | None = None


async def register_interest(tx: Connection, interest: Interest, context: Context) -> Kept[Engagement]:
    """The first meeting with a person, or another with one that we know. Somebody new gets a random id."""
    person_id = interest.person_id or new_id()
    if interest.person_id is None:
        await store.issue_person(tx, person_id)
    elif not await store.is_known(tx, person_id):
        raise UnknownPerson(field="person_id")
    if interest.fair_id is not None:
        await look(tx, Fair, interest.fair_id, "fair_id")
    given = {each.name: getattr(interest, each.name) for each in fields(interest)}
    named = None if interest.campaign_id is None else await look(tx, Campaign, interest.campaign_id, "campaign_id")
    return await begin(
        tx, Engagement, [engagement.Register(**{**given, "person_id": person_id, "campaign": named})], context
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Application(Command):
    """Who applies for what, as it is entered."""

    engagement_id: UUID
    vacancy_id: UUID


async def apply(tx: Connection, asked: Application, context: Context) -> Kept[Candidacy]:
    """A person applies for a vacancy that was advertised on that day."""
    return await begin(
        tx,
        Candidacy,
        [
            candidacy.Apply(
                occurred_on=asked.occurred_on,
                vacancy_id=asked.vacancy_id,
                vacancy=await look(tx, Vacancy, asked.vacancy_id, "vacancy_id"),
                engagement_id=asked.engagement_id,
                engagement=await look(tx, Engagement, asked.engagement_id, "engagement_id"),
            )
        ],
        context,
    )


async def accept_values_pass(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Take the values interview that the person passed with another employer in place of a new one."""
    row = await lock(tx, Candidacy, id_, if_match)
    shared = await store.pass_of(tx, _of(row).person_id, asked.occurred_on or business_date(context.now))
    accept = candidacy.AcceptValuesPass(occurred_on=asked.occurred_on, values_pass=shared)
    return await obey(tx, row, [accept], context)


async def offer(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """A conditional offer of a post that is still to be filled."""
    seen = await look(tx, Candidacy, id_)
    offered = await lock(tx, Vacancy, seen.vacancy_id)
    row = await lock(tx, Candidacy, id_, if_match)
    return await obey(tx, row, [candidacy.MakeOffer(occurred_on=asked.occurred_on, vacancy=_of(offered))], context)


async def start(
    tx: Connection, id_: UUID, command: candidacy.Start, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """The first day at work: the candidate is placed, and one post of the vacancy is filled."""
    seen = await look(tx, Candidacy, id_)
    posts = await lock(tx, Vacancy, seen.vacancy_id)
    row = await lock(tx, Candidacy, id_, if_match)
    placed = await obey(tx, row, [command], context)
    if placed.said:
        filled = vacancy.FillPost(occurred_on=_of(placed).started_on, candidacy_id=id_)
        await obey(tx, posts, [filled], because_of(context, placed))
    return placed


async def end(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Withdrawn, declined, not appointed, offer withdrawn: whoever was offered out of the pool is available there again."""
    ended = await act(tx, Candidacy, id_, command, context, if_match)
    if ended.said:
        async with store.as_the_programme(tx):
            member = await store.offered_from_pool(tx, id_)
            if member is not None:
                back = appointable.EndOffer(occurred_on=_of(ended).since, candidacy_id=id_)
                await act(tx, Appointable, member, back, because_of(context, ended))
    return ended


async def leave(
    tx: Connection, id_: UUID, command: candidacy.Leave, context: Context, if_match: int | None = None
) -> Kept[Candidacy]:
    """Somebody leaves, perhaps entered late: what was said by itself of later days is taken back first."""
    row = await lock(tx, Candidacy, id_, if_match)
    last_day = command.occurred_on or business_date(context.now)
    for event_id, fact in standing(await _history(tx, id_)):
        if isinstance(fact, PlacementSustained) and fact.occurred_on > last_day:
            voided = await _correct(tx, Candidacy, row, Void(event_id, correction.FOLLOWED), context)
            row = Row(id_, voided.version, voided.state)
    return await obey(tx, row, [command], context)


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
    seen = await look(tx, Candidacy, id_)
    permits = await lock(tx, Engagement, seen.engagement_id)
    target = None if asked.vacancy_id is None else await lock(tx, Vacancy, asked.vacancy_id)
    row = await lock(tx, Candidacy, id_, if_match)
    to_id = None if target is None else new_id()
    command = candidacy.Redirect(
        occurred_on=asked.occurred_on,
        to=asked.to,
        permission=_of(permits).permission,
        to_candidacy_id=to_id,
        to_employer=None if target is None else _of(target).employer,
        programme=asked.programme,
    )
    redirected = await obey(tx, row, [command], context)
    if target is not None and redirected.said:
        application = candidacy.Apply(
            occurred_on=asked.occurred_on,
            vacancy_id=target.id,
            vacancy=_of(target),
            engagement_id=permits.id,
            engagement=_of(permits),
            redirected_from=id_,
            invited=True,
        )
        await begin(tx, Candidacy, [application], because_of(context, redirected), to_id)
    return redirected


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
    passed = await look(tx, Candidacy, asked.candidacy_id, "candidacy_id")
    permits = await lock(tx, Engagement, passed.engagement_id)
    command = appointable.Pool(
        occurred_on=asked.occurred_on,
        candidacy_id=asked.candidacy_id,
        candidacy=_of(await lock(tx, Candidacy, asked.candidacy_id)),
        permission=_of(permits).permission,
        available_from=asked.available_from,
        expires_on=asked.expires_on,
    )
    return await begin(tx, Appointable, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOffer(Command):
    """Which vacancy a member of the pool is to be offered."""

    vacancy_id: UUID


async def offer_from_pool(
    tx: Connection, id_: UUID, asked: PoolOffer, context: Context, if_match: int | None = None
) -> Kept[Appointable]:
    """A post of a new vacancy in one act: application, shortlist, the values pass, and the offer."""
    seen = await look(tx, Appointable, id_)
    permits = await lock(tx, Engagement, seen.engagement_id)
    posts = await lock(tx, Vacancy, asked.vacancy_id)
    row = await lock(tx, Appointable, id_, if_match)
    candidacy_id = new_id()
    made = appointable.Offer(
        occurred_on=asked.occurred_on,
        vacancy_id=asked.vacancy_id,
        vacancy=_of(posts),
        candidacy_id=candidacy_id,
        permission=_of(permits).permission,
    )
    member = await obey(tx, row, [made], context)
    day = asked.occurred_on or business_date(context.now)
    application = candidacy.Apply(
        occurred_on=day,
        vacancy_id=asked.vacancy_id,
        vacancy=_of(posts),
        engagement_id=permits.id,
        engagement=_of(permits),
        redirected_from=seen.candidacy_id,
        invited=True,
    )
    shared = await store.pass_of(tx, seen.person_id, day)
    commands = [
        application,
        candidacy.Shortlist(occurred_on=day),
        candidacy.AcceptValuesPass(occurred_on=day, values_pass=shared),
        candidacy.MakeOffer(occurred_on=day, vacancy=_of(posts)),
    ]
    await begin(tx, Candidacy, commands, because_of(context, member), candidacy_id)
    return member


# What falls due --------------------------------------------------------------------------------------------------------


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline: the command that its name stands for, to the aggregate as it is now."""
    kind = store.STATES[due.aggregate]
    row = await store.load(tx, kind, due.aggregate_id)
    if row is not None and row.state is not None:
        await obey(tx, row, [MACHINES[kind].due(due.name, row.state)], context)


# Corrections -----------------------------------------------------------------------------------------------------------


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed from it. Raises Refused."""
    posts = await _posts_of(tx, kind, id_)
    row = await store.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    corrected = await _correct(tx, kind, row, asked, context)
    if corrected.state is None and await store.something_hangs_on(tx, store.table_of(kind), id_):
        raise SomethingHangsOnIt(state=getattr(row.state, "status", None))
    if corrected.said and posts is not None:
        await _fill_or_release(tx, posts, corrected, because_of(context, corrected))
    if corrected.state is None:
        await store.forget_name(tx, id_)
        return corrected
    return await _say_again(tx, kind, corrected, context)


async def _correct(
    tx: Connection, kind: type[State], row: Row[State], asked: Correction, context: Context
) -> Kept[State]:
    history = await _history(tx, row.id)
    evolve = MACHINES[kind].evolve
    said: list[CorrectionFact] = correction.decide(asked, history, evolve, context.now)
    state = correction.fold([*history, *((UUID(int=0), fact) for fact in said)], evolve)
    return await keep(tx, kind, row, state, said, context)


async def _posts_of(tx: Connection, kind: type[Part], id_: UUID) -> Row[Vacancy] | None:
    """The vacancy of a candidacy, locked before it."""
    if kind is not Candidacy:
        return None
    row = await store.read(tx, Candidacy, id_)
    found = row and await _vacancy_of(tx, row)
    return None if not found else await store.load(tx, Vacancy, found)


async def _vacancy_of(tx: Connection, row: Row[Candidacy]) -> UUID | None:
    """Also of a candidacy that was voided: its history says which vacancy it was for."""
    if row.state is not None:
        return row.state.vacancy_id
    return next((fact.vacancy_id for _, fact in await _history(tx, row.id) if hasattr(fact, "vacancy_id")), None)


async def _fill_or_release(tx: Connection, posts: Row[Vacancy], corrected: Kept[Any], context: Context) -> None:
    """A start that was taken back frees its post; one that stands again fills it again. Raises NoPostLeft."""
    state, filled = corrected.state, posts.state is not None and corrected.id in posts.state.filled_by
    started = state is not None and state.started_on is not None
    if posts.state is None or started == filled:
        return
    command = vacancy.FillPost if started else vacancy.ReleasePost
    day = state.started_on if started and state is not None else None
    await obey(tx, posts, [command(occurred_on=day, candidacy_id=corrected.id)], context)


async def _say_again(tx: Connection, kind: type[State], corrected: Kept[State], context: Context) -> Kept[State]:
    """What the service had said by itself, was taken back, and holds all the same: a deadline fires once, so it is said here."""
    kept, machine = corrected, MACHINES[kind]
    fired = await store.fired(tx, corrected.id)
    for name, moment in sorted(machine.deadlines(corrected.state).items(), key=lambda due: due[1]):
        if (name, moment) in fired and corrected.said and kept.state is not None:
            command = machine.due(name, kept.state)
            after = await obey(tx, Row(kept.id, kept.version, kept.state), [command], because_of(context, kept))
            kept = replace(after, said=(*kept.said, *after.said))
    return kept


async def rebuild(tx: Connection, found: Found) -> None:
    """After a backup was restored: the state of what the journal had lacked, worked out anew from it."""
    behind = [(id_, await outbox.history(tx, id_)) for id_ in found.behind]
    for aggregate, kind in store.STATES.items():
        for id_, lines in behind:
            if aggregate == lines[0].fact.AGGREGATE:
                await _rebuild_one(tx, kind, id_, lines)


async def _rebuild_one(tx: Connection, kind: type[Part], id_: UUID, lines: Sequence[Said]) -> None:
    state = correction.fold([(line.event_id, line.fact) for line in lines], MACHINES[kind].evolve)
    if isinstance(state, Engagement) and not await store.is_known(tx, state.person_id):
        await store.issue_person(tx, state.person_id)
    new = await store.read(tx, kind, id_) is None
    await store.save(tx, kind, id_, lines[-1].version, state, new=new)
    await _keep_what_follows(tx, kind, id_, state)


async def _history(tx: Connection, id_: UUID) -> list[tuple[UUID, Fact]]:
    return [(line.event_id, line.fact) for line in await outbox.history(tx, id_)]


def _of(kept: Row[State] | Kept[State]) -> State:
    """The state of what was just locked or said: it has one."""
    if kept.state is None:
        raise NotFound
    return kept.state
