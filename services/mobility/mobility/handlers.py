"""What becomes of a command that touches more than one aggregate: load, decide, evolve, save, say, in the caller's transaction.

A command to one alone is `aggregates.act`. Rows are locked in the order of `store.aggregates`. What follows from another fact names
it as its cause.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import Field

from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correction, Restore, Void
from kit.database import EVERYONE, Connection, seeing_everything, who_sees
from kit.deadlines import Due
from kit.errors import Invalid, NotFound
from kit.http import expect
from kit.routes.things import Does
from kit.step import Command
from mobility import store
from mobility.domain import deployment, framework, need, passport, ranking, requirement, signature, statement
from mobility.domain.deployment import Deployment
from mobility.domain.framework import Framework
from mobility.domain.need import Need
from mobility.domain.passport import Passport
from mobility.domain.ranking import Ranked
from mobility.domain.readiness import Readiness, ready
from mobility.domain.requirement import Requirement
from mobility.domain.signature import Signature
from mobility.domain.statement import Statement
from mobility.store import Heard, aggregates
from schemas.corrections import standing
from schemas.mobility import (
    Basis,
    CoverEnds,
    DeploymentProposed,
    Hours,
    Own,
    Pence,
    Recharge,
    Shift,
    Side,
    SigningAgainAsked,
    VersionNumber,
)
from schemas.values import BusinessDate, Code, Label, Part, PartnerId, Sector, Soc2020

State = TypeVar("State", bound=Part)


class NotYourOrganisation(Invalid):
    """You can say this of your own organisation only."""


# The framework and its signatures --------------------------------------------------------------------------------------


async def vary(
    tx: Connection, id_: UUID, command: framework.Vary, context: Context, if_match: int | None = None
) -> Kept[Framework]:
    """A further version; where it has to be signed again, everybody who is bound is asked to."""
    varied = await aggregates.act(tx, Framework, id_, command, context, if_match)
    await _ask_again(tx, varied, context)
    return varied


async def _ask_again(tx: Connection, varied: Kept[Framework], context: Context) -> None:
    if not varied.said or varied.state is None:
        return
    if (version := varied.state.to_sign_again) is not None and version.sign_by is not None:
        ask = signature.AskAgain(occurred_on=varied.state.since, version=version.number, sign_by=version.sign_by)
        await _tell_all(tx, varied, ask, context)


async def terminate(
    tx: Connection, id_: UUID, command: framework.Terminate, context: Context, if_match: int | None = None
) -> Kept[Framework]:
    """The agreement ends: so does everybody's part in it, on the same day."""
    ended = await aggregates.act(tx, Framework, id_, command, context, if_match)
    await _tell_all(
        tx,
        ended,
        signature.End(occurred_on=command.occurred_on, last_day=command.last_day, reason="framework-terminated"),
        context,
    )
    return ended


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline. With a framework that runs out ends everybody's part in it; who lapses leaves moves behind."""
    if due.aggregate == signature.AGGREGATE and due.name == "lapse":
        await _uncover(tx, await aggregates.act(tx, Signature, due.aggregate_id, signature.Lapse(), context), context)
        return
    if due.aggregate != framework.AGGREGATE:
        await aggregates.fall_due(tx, due, context)
        return
    expired = await aggregates.act(tx, Framework, due.aggregate_id, framework.Expire(), context)
    if expired.said and expired.standing.expires_on is not None:
        end = signature.End(last_day=expired.standing.expires_on, reason="framework-expired")
        await _tell_all(tx, expired, end, context)


async def _tell_all(tx: Connection, kept: Kept[Framework], command: Command, context: Context) -> None:
    """One command to every signature of a framework, because of what was said of it."""
    if not kept.said:
        return
    for found in await store.signatures_of(tx, kept.id):
        told = await aggregates.act(tx, Signature, found.id, command, because_of(context, kept))
        if told.standing.status in signature.BOUND:
            await _uncover(tx, told, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation(Command):
    """Who is to be asked to sign which framework."""

    framework_id: UUID
    organisation: PartnerId
    sector: Sector
    statutory: bool


async def invite(tx: Connection, asked: Invitation, context: Context) -> Kept[Signature]:
    """An organisation is asked to sign: once for each framework."""
    command = signature.Invite(
        occurred_on=asked.occurred_on,
        framework_id=asked.framework_id,
        framework=await aggregates.look(tx, Framework, asked.framework_id, "framework_id"),
        organisation=asked.organisation,
        sector=asked.sector,
        statutory=asked.statutory,
    )
    return await aggregates.begin(tx, Signature, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing(Command):
    """Which version an organisation signs, by whom in its own house, and from when it is in force."""

    version: VersionNumber
    signed_by: Code
    in_force_from: BusinessDate


async def sign(
    tx: Connection, id_: UUID, asked: Signing, context: Context, if_match: int | None = None
) -> Kept[Signature]:
    """An organisation signs. The framework is locked: no version is published meanwhile that would have to be signed again."""
    seen = await aggregates.look(tx, Signature, id_)
    agreement = await aggregates.lock(tx, Framework, seen.framework_id)
    command = signature.Sign(
        occurred_on=asked.occurred_on,
        framework=agreement.standing,
        version=asked.version,
        signed_by=asked.signed_by,
        in_force_from=asked.in_force_from,
    )
    return await aggregates.act(tx, Signature, id_, command, context, if_match)


async def in_force(tx: Connection, framework_id: UUID, day: date) -> list[Row[Signature]]:
    """The signatures that were in force on a day: every organisation may know all of them."""
    await aggregates.look(tx, Framework, framework_id)
    async with seeing_everything(tx):
        found = await store.signatures_of(tx, framework_id)
    return sorted((row for row in found if row.standing.in_force(day)), key=lambda row: row.standing.organisation)


# Needs -----------------------------------------------------------------------------------------------------------------


async def raise_need(tx: Connection, command: need.Raise, context: Context) -> Kept[Need]:
    """An organisation says what it needs; a coordinator for anybody."""
    await _only(tx, command.organisation, "organisation")
    return await aggregates.begin(tx, Need, [command], context)


async def ranked(tx: Connection, need_id: UUID) -> list[Ranked]:
    """Who is put forward for a need, the best first, each with the reasons: for who raised it."""
    wanted = await aggregates.look(tx, Need, need_id)
    await _only(tx, wanted.organisation, "id")
    return ranking.rank(wanted, await store.proposals_for(tx, need_id))


# Moves -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal(Command):
    """Who is put forward: for a need, or, where there is none, for work that home and host agreed on."""

    person_id: UUID
    home: PartnerId
    basis: Basis
    starts_on: BusinessDate
    ends_on: BusinessDate
    pattern: Annotated[tuple[Shift, ...], Field(min_length=1, max_length=14)]
    own: Own
    home_hours: Annotated[float, Field(ge=0, le=60)] = 0.0
    not_in_dispute: bool = False
    """Needed for the work of people on strike: a volunteer who is not in dispute."""
    need_id: UUID | None = None
    host: PartnerId | None = None
    """Without a need: who borrows, for which work."""
    title: Label | None = None
    soc2020: Soc2020 | None = None


class NeedOrWork(Invalid):
    """It names a need, or a host with the work and its title; not both."""


async def propose(tx: Connection, asked: Proposal, context: Context) -> Kept[Deployment]:
    """The home organisation puts somebody forward."""
    await _only(tx, asked.home, "home")
    wanted = None if asked.need_id is None else await aggregates.look(tx, Need, asked.need_id, "need_id")
    given = (asked.host, asked.title, asked.soc2020)
    if wanted is not None and given == (None, None, None):
        given = (wanted.organisation, wanted.title, wanted.soc2020)
    elif wanted is not None or None in given:
        raise NeedOrWork(field="need_id")
    host, title, soc2020 = given
    assert host is not None
    assert title is not None
    assert soc2020 is not None
    command = deployment.Propose(
        occurred_on=asked.occurred_on, person_id=asked.person_id, home=asked.home, host=host, basis=asked.basis,
        soc2020=soc2020, title=title, starts_on=asked.starts_on, ends_on=asked.ends_on, pattern=asked.pattern,
        own=asked.own, home_hours=asked.home_hours, not_in_dispute=asked.not_in_dispute, need_id=asked.need_id,
        need=wanted,
    )  # fmt: skip
    async with seeing_everything(tx):
        return await aggregates.begin(tx, Deployment, [command], context)


async def match(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The host takes a proposal up: the need is locked, so that it is still open."""
    seen = await aggregates.look(tx, Deployment, id_)
    await _only(tx, seen.host, "id")
    wanted = None if seen.need_id is None else (await aggregates.lock(tx, Need, seen.need_id)).standing
    command = deployment.Match(occurred_on=asked.occurred_on, need=wanted)
    return await _step(tx, id_, command, context, if_match)


async def agree(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The person agrees, as their employer writes down: their time is booked, unless it is booked already."""
    seen = await aggregates.look(tx, Deployment, id_)
    await _only(tx, seen.home, "id")
    async with _alone(tx, seen.person_id):
        others = await store.booked_of(tx, seen.person_id, id_)
    command = deployment.Agree(occurred_on=asked.occurred_on, others=others)
    return await _step(tx, id_, command, context, if_match)


async def verify_checks(
    tx: Connection, id_: UUID, command: deployment.VerifyChecks, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The employer verifies: the home organisation, but with bank and agency who engages."""
    seen = await aggregates.look(tx, Deployment, id_)
    await _only(tx, seen.host if seen.basis in ENGAGER_EMPLOYS else seen.home, "id")
    return await _step(tx, id_, command, context, if_match)


ENGAGER_EMPLOYS = (Basis.BANK, Basis.AGENCY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation(Command):
    """On which side, by which role, and on which terms."""

    side: Side
    authorised_by: Code
    indemnity: Code
    data_basis: Code
    recharge: Recharge


async def authorise(
    tx: Connection, id_: UUID, asked: Authorisation, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One side authorises: both have to be in force for the whole time."""
    seen = await aggregates.look(tx, Deployment, id_)
    await _only(tx, seen.home if asked.side is Side.HOME else seen.host, "side")
    home, host = await _signed(tx, seen)
    command = deployment.Authorise(
        occurred_on=asked.occurred_on, side=asked.side, authorised_by=asked.authorised_by, indemnity=asked.indemnity,
        data_basis=asked.data_basis, recharge=asked.recharge, home=home, host=host,
    )  # fmt: skip
    return await _step(tx, id_, command, context, if_match)


async def start(
    tx: Connection, id_: UUID, command: deployment.Start, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The first day with the host: one place of the need is filled."""
    seen = await aggregates.look(tx, Deployment, id_)
    await _only(tx, seen.host, "id")
    places = None if seen.need_id is None else await aggregates.lock(tx, Need, seen.need_id)
    started = await _step(tx, id_, command, context, if_match)
    if started.said and places is not None:
        fill = need.Fill(occurred_on=started.standing.started_on, deployment_id=id_)
        await aggregates.obey(tx, places, [fill], because_of(context, started))
    return started


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Command):
    ends_on: BusinessDate


async def extend(
    tx: Connection, id_: UUID, asked: Extension, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """Another last day, by the same rules as the first."""
    seen = await aggregates.look(tx, Deployment, id_)
    async with _alone(tx, seen.person_id):
        others = await store.booked_of(tx, seen.person_id, id_)
    home, host = await _signed(tx, seen)
    command = deployment.Extend(
        occurred_on=asked.occurred_on, ends_on=asked.ends_on, others=others, home=home, host=host
    )
    return await _step(tx, id_, command, context, if_match)


def by(side: Side) -> Does:
    """A step that is one side's to say."""

    async def does(
        tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
    ) -> Kept[Deployment]:
        seen = await aggregates.look(tx, Deployment, id_)
        await _only(tx, seen.home if side is Side.HOME else seen.host, "id")
        return await _step(tx, id_, command, context, if_match)

    return does


async def stop_everywhere(
    tx: Connection, person_id: UUID, command: deployment.StopNow, context: Context
) -> list[Kept[Deployment]]:
    """Stop every live move of a person that the caller sees, at once: each host finds it among what waits."""
    await store.one_at_a_time(tx, person_id)
    return [await _step(tx, id_, command, context, None) for id_ in await store.live_of(tx, person_id)]


async def either(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """A step that either side may say."""
    await aggregates.look(tx, Deployment, id_)
    return await _step(tx, id_, command, context, if_match)


async def _step(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None
) -> Kept[Deployment]:
    """One command to a move, of whoever was found to be allowed: what waits is written for the side whose turn it is then."""
    async with seeing_everything(tx):
        return await aggregates.act(tx, Deployment, id_, command, context, if_match)


@asynccontextmanager
async def _alone(tx: Connection, person_id: UUID) -> AsyncIterator[None]:
    """Nobody else books this person's time meanwhile; what others have booked is seen, whoever they are."""
    await store.one_at_a_time(tx, person_id)
    async with seeing_everything(tx):
        yield


async def _signed(tx: Connection, move: Deployment) -> tuple[tuple[Signature, ...], tuple[Signature, ...]]:
    """What home and host have signed."""
    async with seeing_everything(tx):
        return await store.signatures_by(tx, move.home), await store.signatures_by(tx, move.host)


async def _only(tx: Connection, organisation: str, field: str) -> None:
    """Raises NotYourOrganisation for an organisation that speaks for another."""
    if await who_sees(tx) not in (EVERYONE, organisation):
        raise NotYourOrganisation(field=field)


# Requirements and passports --------------------------------------------------------------------------------------------


async def ask(tx: Connection, command: requirement.Ask, context: Context) -> Kept[Requirement]:
    """A host says what it asks for."""
    await _only(tx, command.organisation, "organisation")
    return await aggregates.begin(tx, Requirement, [command], context)


async def of_requirement(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Requirement]:
    """A host changes its own requirement; everybody may read it."""
    await _only(tx, (await aggregates.look(tx, Requirement, id_)).organisation, "id")
    return await aggregates.act(tx, Requirement, id_, command, context, if_match)


async def open_passport(tx: Connection, command: passport.Open, context: Context) -> Kept[Passport]:
    """An employer opens a passport: the courses that its holder completed before stand in it."""
    await _only(tx, command.home, "home")
    opened = await aggregates.begin(tx, Passport, [command], context)
    async with _alone(tx, command.person_id):
        for heard in await store.heard_of(tx, command.person_id):
            opened = await record_training(tx, opened.id, heard, context)
    return opened


async def record_training(tx: Connection, id_: UUID, heard: Heard, context: Context) -> Kept[Passport]:
    """A course into a passport, because of the event that says so."""
    record = passport.RecordTraining(occurred_on=heard.completed_on, course_id=heard.course_id, title=heard.title)
    recorded = await aggregates.act(tx, Passport, id_, record, replace(context, causation_id=heard.event_id))
    await store.follow(tx, heard.event_id, recorded)
    return recorded


async def of_passport(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Passport]:
    """The employer writes in its own passports; whom the holder lets look, looks."""
    await _only(tx, (await aggregates.look(tx, Passport, id_)).home, "id")
    return await aggregates.act(tx, Passport, id_, command, context, if_match)


async def readiness(tx: Connection, passport_id: UUID, requirement_id: UUID, day: date) -> Readiness:
    """What is missing in a passport that the caller sees, for a host's requirement on a day."""
    held = await aggregates.look(tx, Passport, passport_id)
    asked = await aggregates.look(tx, Requirement, requirement_id, "requirement_id")
    return ready(passport_id, held, asked, day)


async def everybodys_readiness(tx: Connection, requirement_id: UUID, day: date) -> list[Readiness]:
    """Everybody's whose passport the caller sees, those who are ready first."""
    asked = await aggregates.look(tx, Requirement, requirement_id)
    found = [ready(id_, held, asked, day) for id_, held in await store.all_open(tx)]
    return sorted(found, key=lambda each: (len(each.missing), each.passport_id))


# Statements ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedHours(Command):
    """The hours of a day that somebody worked for a host, and what they cost."""

    deployment_id: UUID
    worked_on: BusinessDate
    hours: Hours
    pence: Pence


async def record_hours(tx: Connection, asked: WorkedHours, context: Context) -> Kept[Statement]:
    """The home organisation writes down hours: in the statement of that month, which the first of them begins."""
    move = await aggregates.look(tx, Deployment, asked.deployment_id, "deployment_id")
    await _only(tx, move.home, "deployment_id")
    month = asked.worked_on.replace(day=1)
    await store.one_at_a_time(tx, f"{move.home} {move.host} {month}")
    id_ = await store.statement_of(tx, move.home, move.host, month)
    command = statement.Record(
        occurred_on=asked.occurred_on, deployment_id=asked.deployment_id, deployment=move, worked_on=asked.worked_on,
        hours=asked.hours, pence=asked.pence,
    )  # fmt: skip
    if id_ is None:
        return await aggregates.begin(tx, Statement, [command], context)
    return await aggregates.act(tx, Statement, id_, command, context)


def of_statement(*sides: Side) -> Does:
    """A step of a statement that these sides may say: what waits is written for the side whose turn it is then."""

    async def does(
        tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
    ) -> Kept[Statement]:
        seen = await aggregates.look(tx, Statement, id_)
        if await who_sees(tx) not in (EVERYONE, *(seen.home if side is Side.HOME else seen.host for side in sides)):
            raise NotYourOrganisation(field="id")
        async with seeing_everything(tx):
            return await aggregates.act(tx, Statement, id_, command, context, if_match)

    return does


# What leaving does to moves --------------------------------------------------------------------------------------------


async def give_notice(
    tx: Connection, id_: UUID, command: signature.GiveNotice, context: Context, if_match: int | None = None
) -> Kept[Signature]:
    """An organisation leaves: moves that would outlive its last day are handed over, or end with it."""
    left = await aggregates.act(tx, Signature, id_, command, context, if_match)
    await _uncover(tx, left, context)
    return left


async def outlived(tx: Connection, id_: UUID, last_day: date) -> list[Row[Deployment]]:
    """The live moves that would outlive an organisation's last day in the framework: to be seen before it gives notice."""
    seen = await aggregates.look(tx, Signature, id_)
    return await store.moves_of(tx, seen.organisation, last_day)


async def _uncover(tx: Connection, left: Kept[Signature], context: Context) -> None:
    """Tell the moves of an organisation whose signature ends that they lose their cover then."""
    if not left.said or left.state is None or not left.state.periods:
        return
    last = left.state.periods[-1].last
    if last is None:
        return
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, left.state.organisation, last):
            home, host = await _signed(tx, found.standing)
            if not deployment.in_force_together(home, host, found.standing.starts_on, found.standing.last_day):
                lose = deployment.LoseCover(
                    occurred_on=left.state.since, organisation=left.state.organisation, last_day=last
                )
                await aggregates.act(tx, Deployment, found.id, lose, because_of(context, left))


# Corrections -----------------------------------------------------------------------------------------------------------


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed elsewhere.

    Of a framework: who was asked to sign again. Of a signature: which moves lose their cover. Of a move: which place is filled.
    """
    places = await _places_of(tx, kind, id_)
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    corrected = await aggregates.put_right(tx, kind, row, asked, context)
    if corrected.said and places is not None:
        await _fill_or_reopen(tx, places, corrected, because_of(context, corrected))
    if isinstance(corrected.state, Framework) and corrected.said:
        await _put_right_who_was_asked(tx, corrected, because_of(context, corrected))  # type: ignore[arg-type]
    again = await aggregates.say_again(tx, kind, corrected, context)
    if isinstance(again.state, Signature) and again.said:
        await _put_right_cover(tx, again.state.organisation, because_of(context, again))
        await _uncover(tx, again, context)  # type: ignore[arg-type]
    return again


async def _put_right_cover(tx: Connection, organisation: str, context: Context) -> None:
    """A live move whose home and host are in force to its last day after all does not lose its cover."""
    async with seeing_everything(tx):
        for found in await store.moves_of(tx, organisation, date.min):
            move = found.standing
            home, host = await _signed(tx, move)
            if move.cover_ends is None or not deployment.in_force_together(home, host, move.starts_on, move.last_day):
                continue
            row: Row[Deployment] = await aggregates.lock(tx, Deployment, found.id)
            for event_id, fact in standing(await history(tx, row.id)):
                if isinstance(fact, CoverEnds):
                    row = await aggregates.put_right(tx, Deployment, row, Void(event_id, FOLLOWED), context)


async def _put_right_who_was_asked(tx: Connection, corrected: Kept[Framework], context: Context) -> None:
    """Nobody has to sign a version again that was taken back, or no longer asks for it; who has to is asked."""
    asks = {(version.number, version.sign_by) for version in corrected.standing.versions}
    for found in await store.signatures_of(tx, corrected.id):
        row: Row[Signature] = await aggregates.lock(tx, Signature, found.id)
        told = await history(tx, row.id)
        stands = dict(standing(told))
        for event_id, fact in told:
            if not isinstance(fact, SigningAgainAsked):
                continue
            asked = (fact.version, fact.sign_by) in asks
            if asked != (event_id in stands):
                kind = Restore if asked else Void
                freed = await aggregates.put_right(tx, Signature, row, kind(event_id, FOLLOWED), context)
                row = await aggregates.say_again(tx, Signature, freed, context)
    await _ask_again(tx, corrected, context)


async def _places_of(tx: Connection, kind: type[Part], id_: UUID) -> Row[Need] | None:
    """The need that a move answers, locked before it; also of a move that was voided."""
    if kind is not Deployment:
        return None
    need_id = next((fact.need_id for _, fact in await history(tx, id_) if isinstance(fact, DeploymentProposed)), None)
    return None if need_id is None else await aggregates.load(tx, Need, need_id)


async def _fill_or_reopen(tx: Connection, places: Row[Need], corrected: Kept[State], context: Context) -> None:
    """A start that was taken back frees its place; one that stands again fills it again."""
    state = corrected.state if isinstance(corrected.state, Deployment) else None
    filled = places.state is not None and corrected.id in places.state.filled_by
    started = None if state is None else state.started_on
    if places.state is not None and (started is not None) != filled:
        command = need.Fill if started is not None else need.Reopen
        await aggregates.obey(tx, places, [command(occurred_on=started, deployment_id=corrected.id)], context)
