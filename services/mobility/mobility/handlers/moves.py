"""Moves: somebody is put forward, and every step after that, each by whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, TypedDict
from uuid import UUID

from pydantic import Field

from kit import persons
from kit.aggregates import Does, Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import Connection, act_for, seeing_everything
from kit.deadlines import Due
from kit.errors import Invalid, NotFound
from kit.step import Command
from mobility import store
from mobility.domain import clearance, deployment, lasting
from mobility.domain.deployment import Deployment
from mobility.domain.move import BEFORE_THE_FIRST_DAY, LIVE
from mobility.domain.need import Need
from mobility.domain.signature import Signature
from mobility.handlers import relying
from mobility.handlers.answers import wait_for_entry
from mobility.handlers.cover import signed
from mobility.handlers.places import fill, free, places_of
from mobility.handlers.statements import dispute_outside
from mobility.handlers.whose import alone, one_person
from mobility.handlers.within import look_again
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import (
    Basis,
    FirstDayPackGiven,
    Own,
    Party,
    Recharge,
    Shift,
    Side,
    WorkLimit,
)
from schemas.values import BusinessDate, Code, Label, PartnerId, Soc2020


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
    """The home organisation puts somebody forward; what stops them at every host stops this as well. Raises UnknownPerson."""
    act_for(tx, asked.home, field="home")
    await persons.expect(tx, asked.person_id)
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
    async with alone(tx, asked.person_id) as ids:
        proposed = await aggregates.begin(tx, Deployment, [command], context)
        await look_again(tx, ids, because_of(context, proposed))
        row = await aggregates.lock(tx, Deployment, proposed.id)
    return replace(aggregates.kept(row), said=proposed.said)


async def match(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The host takes a proposal up: the need is locked, so that it is still open."""
    seen = await aggregates.look(tx, Deployment, id_)
    act_for(tx, seen.host, field="id")
    wanted = None if seen.need_id is None else (await aggregates.lock(tx, Need, seen.need_id)).standing
    command = deployment.Match(occurred_on=asked.occurred_on, need=wanted)
    return await _step(tx, id_, command, context, if_match)


async def agree(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The person agrees, by themselves or as their employer writes down: their time is booked, unless it is booked already."""
    seen = await aggregates.look(tx, Deployment, id_)
    act_for(tx, seen.home, field="id")
    async with alone(tx, seen.person_id) as ids:
        others = await store.booked_of(tx, ids, id_, seen)
        limits = await store.limits_of(tx, ids)
    command = deployment.Agree(occurred_on=asked.occurred_on, others=others, limits=limits)
    return await _step(tx, id_, command, context, if_match)


async def verify_checks(
    tx: Connection, id_: UUID, asked: Command, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The employer verifies what stands in its passport of the person."""
    seen = await aggregates.look(tx, Deployment, id_)
    act_for(tx, seen.employer, field="id")
    async with seeing_everything(tx):
        held = await relying.held_by(tx, seen.person_id, seen.employer)
        needed = await store.requirement_of(tx, seen.host, seen.soc2020)
    command = clearance.VerifyChecks(
        occurred_on=asked.occurred_on, verified_by=seen.employer, passport=held,
        needed=() if needed is None else needed.checks, training=() if needed is None else needed.training,
    )  # fmt: skip
    return await _step(tx, id_, command, context, if_match)


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
    act_for(tx, seen.home if asked.side is Side.HOME else seen.host, field="side")
    home, host = await signed(tx, seen)
    command = clearance.Authorise(
        occurred_on=asked.occurred_on, side=asked.side, authorised_by=asked.authorised_by, indemnity=asked.indemnity,
        data_basis=asked.data_basis, recharge=asked.recharge, home=home, host=host,
    )  # fmt: skip
    return await _step(tx, id_, command, context, if_match)


Told = Annotated[str, Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDayPack(Command):
    """Who meets the mover, when the first shift is, how to get in, where to park."""

    contact: Told
    shift: Told
    access: Told
    parking: Told


async def give_pack(
    tx: Connection, id_: UUID, asked: FirstDayPack, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The host tells the mover about the first day; told again, the last word holds. It leaves this service nowhere."""
    act_for(tx, (await aggregates.look(tx, Deployment, id_)).host, field="id")
    given = await _step(tx, id_, deployment.GivePack(occurred_on=asked.occurred_on), context, if_match)
    pack = {"contact": asked.contact, "shift": asked.shift, "access": asked.access, "parking": asked.parking}
    await store.keep_pack(tx, id_, pack)
    return given


async def pack_of(tx: Connection, id_: UUID) -> dict[str, str]:
    """What the mover was told. Raises NotFound where there is nothing, or the move has ended."""
    await aggregates.look(tx, Deployment, id_)
    pack = await store.pack_of(tx, id_)
    if pack is None:
        raise NotFound
    return pack


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline of a move. With its end goes what its mover was told about the first day; others may be within limits again.

    Raises TooEarly for what is only just being entered: a later end, training that is put off.
    """
    if due.name in (lasting.LAPSE, clearance.TRAINING_DUE):
        await wait_for_entry(tx, due, context)
    ids = await _whose(tx, due.aggregate_id)
    places = await places_of(tx, due.aggregate_id)
    fell = await aggregates.fall_due(tx, due, context)
    if fell is not None:
        await free(tx, places, fell, context)
        await dispute_outside(tx, fell, context)
    await _forget_pack(tx, due.aggregate_id, fell)
    await look_again(tx, ids, context)


async def start(
    tx: Connection, id_: UUID, command: deployment.Start, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """The first day with the host: one place of the need is filled."""
    act_for(tx, (await aggregates.look(tx, Deployment, id_)).host, field="id")
    places = await places_of(tx, id_)
    started = await _step(tx, id_, command, context, if_match)
    await fill(tx, places, started, context)
    return started


@dataclass(frozen=True, slots=True, kw_only=True)
class LongerStay(Command):
    """A later last day, by whose proposal, and up to when it may be agreed to."""

    ends_on: BusinessDate
    side: Side
    answer_by: BusinessDate | None = None
    """Default: two weeks, and at the latest the last day as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongerStayConfirmed(Command):
    """Who of the three agrees to which later last day."""

    ends_on: BusinessDate
    by: Party


async def propose_extension(
    tx: Connection, id_: UUID, asked: LongerStay, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """Home or host would have it last longer: the other and the person are asked, by the same rules as of the first end."""
    seen = await aggregates.look(tx, Deployment, id_)
    _act_as(tx, seen, Party(asked.side), "side")
    against = await _against(tx, id_, seen)
    command = lasting.ProposeExtension(
        occurred_on=asked.occurred_on, ends_on=asked.ends_on, side=asked.side, answer_by=asked.answer_by, **against
    )
    return await _step(tx, id_, command, context, if_match)


async def confirm_extension(
    tx: Connection, id_: UUID, asked: LongerStayConfirmed, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One of the three agrees; the person by themselves, or as their employer writes down. With the last it lasts longer."""
    seen = await aggregates.look(tx, Deployment, id_)
    _act_as(tx, seen, asked.by, "by")
    against = await _against(tx, id_, seen)
    command = lasting.ConfirmExtension(occurred_on=asked.occurred_on, ends_on=asked.ends_on, by=asked.by, **against)
    return await _step(tx, id_, command, context, if_match)


async def lengthen(
    tx: Connection, id_: UUID, asked: LongerStay, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One side says that it lasts longer: so it agrees to what the other proposed, or proposes it. Said again it is so already."""
    seen = await aggregates.look(tx, Deployment, id_)
    agreed_on = seen.last_day if seen.pending is None else seen.pending.ends_on
    if agreed_on != asked.ends_on or (seen.pending is not None and seen.pending.side is asked.side):
        return await propose_extension(tx, id_, asked, context, if_match)
    agreed = LongerStayConfirmed(occurred_on=asked.occurred_on, ends_on=asked.ends_on, by=Party(asked.side))
    return await confirm_extension(tx, id_, agreed, context, if_match)


async def decline_extension(
    tx: Connection, id_: UUID, command: lasting.DeclineExtension, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One of the three does not agree, or no longer."""
    _act_as(tx, await aggregates.look(tx, Deployment, id_), command.by, "by")
    return await _step(tx, id_, command, context, if_match)


async def shorten(
    tx: Connection, id_: UUID, command: lasting.Shorten, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One side says beforehand that it ends sooner."""
    _act_as(tx, await aggregates.look(tx, Deployment, id_), Party(command.side), "side")
    return await _step(tx, id_, command, context, if_match)


def _act_as(tx: Connection, move: Deployment, party: Party, field: str) -> None:
    """Raises a refusal for who speaks for another. The person's word is theirs, or written down by their employer."""
    act_for(tx, move.host if party is Party.HOST else move.home, field=field)


class Against(TypedDict):
    others: tuple[Deployment, ...]
    limits: tuple[WorkLimit, ...]
    home: tuple[Signature, ...]
    host: tuple[Signature, ...]


async def _against(tx: Connection, id_: UUID, seen: Deployment) -> Against:
    """What a later end is asked against. Nobody else books the person's time meanwhile."""
    async with alone(tx, seen.person_id) as ids:
        others = await store.booked_of(tx, ids, id_, seen)
        limits = await store.limits_of(tx, ids)
    home, host = await signed(tx, seen)
    return {"others": others, "limits": limits, "home": home, "host": host}


def by(side: Side) -> Does:
    """A step that is one side's to say."""

    async def does(
        tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
    ) -> Kept[Deployment]:
        seen = await aggregates.look(tx, Deployment, id_)
        act_for(tx, seen.home if side is Side.HOME else seen.host, field="id")
        return await _step(tx, id_, command, context, if_match)

    return does


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
        ids = await _whose(tx, id_) if isinstance(command, FREES_TIME) else ()
        places = await places_of(tx, id_) if isinstance(command, ENDS) else None
        taken = await aggregates.act(tx, Deployment, id_, command, context, if_match)
        await free(tx, places, taken, context)
        if isinstance(command, ENDS):
            await dispute_outside(tx, taken, context)
        await _forget_pack(tx, id_, taken)
        if ids and taken.said:
            await look_again(tx, ids, because_of(context, taken))
        return taken


FREES_TIME = (
    deployment.WithdrawAgreement, lasting.DeclineExtension, lasting.Shorten, deployment.Recall, deployment.EndEarly,
    deployment.Cancel,
)  # fmt: skip
"""The steps after which a person has less booked: another move may be within a limit again."""
ENDS = (deployment.Recall, deployment.EndEarly)
"""The steps by which somebody leaves."""


async def _whose(tx: Connection, id_: UUID) -> Sequence[UUID]:
    """Every id of a move's person, whose time nobody books meanwhile; asked before the move is locked, as everywhere."""
    row = await aggregates.read(tx, Deployment, id_)
    return () if row is None or row.state is None else await one_person(tx, row.state.person_id)


async def _forget_pack(tx: Connection, id_: UUID, move: Row[Deployment] | Kept[Deployment] | None) -> None:
    """It goes with the end of the move, and with the person's agreement."""
    if move is None or move.state is None or move.state.status not in LIVE or move.state.pack_given_on is None:
        await store.forget_pack(tx, id_)


async def tell_anew(tx: Connection, corrected: Kept[Deployment], context: Context) -> None:
    """Whoever does not move after all, or was told nothing, has no first-day pack; who moves after all is told anew: it is gone."""
    await _forget_pack(tx, corrected.id, corrected)
    state = corrected.state
    if state is None or state.pack_given_on is None or state.status not in BEFORE_THE_FIRST_DAY:
        return
    async with seeing_everything(tx):
        if await store.pack_of(tx, corrected.id) is not None:
            return
        row: Row[Deployment] = await aggregates.lock(tx, Deployment, corrected.id)
        for event_id, fact in standing(await history(tx, corrected.id)):
            if isinstance(fact, FirstDayPackGiven):
                told = await aggregates.put_right(tx, Deployment, row, Void(event_id, FOLLOWED), context)
                row = await aggregates.say_again(tx, Deployment, told, context)
