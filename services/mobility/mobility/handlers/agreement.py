"""The framework and its signatures: a word on one reaches everybody whom it binds, and the moves that it covers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.aggregates import Kept, Row, because_of
from kit.context import Context
from kit.database import Connection, act_for, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain import framework, signature
from mobility.domain.framework import Framework
from mobility.domain.signature import Signature
from mobility.handlers.cover import look_again, lose_cover, put_right_cover, uncover
from mobility.store import aggregates
from schemas.mobility import (
    VersionNumber,
)
from schemas.values import BusinessDate, Code, PartnerId, Sector


async def vary(
    tx: Connection, id_: UUID, command: framework.Vary, context: Context, if_match: int | None = None
) -> Kept[Framework]:
    """A further version; where it has to be signed again, everybody who is bound is asked to. Moves know when it is over now."""
    varied = await aggregates.act(tx, Framework, id_, command, context, if_match)
    await ask_again(tx, varied, context)
    await cover_anew(tx, varied, context)
    return varied


async def cover_anew(tx: Connection, varied: Kept[Framework], context: Context) -> None:
    """The day on which the agreement is over may be another now: moves that outlive it lose their cover then, and no others."""
    if not varied.said or varied.state is None:
        return
    for found in await store.signatures_of(tx, varied.id):
        if found.standing.status not in signature.BOUND:
            continue
        organisation, because = found.standing.organisation, because_of(context, varied)
        await put_right_cover(tx, organisation, because)
        if varied.state.expires_on is not None:
            await lose_cover(tx, organisation, varied.state.expires_on, varied.state.since, because)


async def ask_again(tx: Connection, varied: Kept[Framework], context: Context) -> None:
    if not varied.said or varied.state is None:
        return
    if (version := varied.state.to_sign_again) is not None and version.sign_by is not None:
        ask = signature.AskAgain(occurred_on=varied.state.since, version=version.number, sign_by=version.sign_by)
        await tell_all(tx, varied, ask, context)


async def terminate(
    tx: Connection, id_: UUID, command: framework.Terminate, context: Context, if_match: int | None = None
) -> Kept[Framework]:
    """The agreement ends before its time."""
    ended = await aggregates.act(tx, Framework, id_, command, context, if_match)
    await end_all(tx, ended, context)
    return ended


async def end_all(tx: Connection, ended: Kept[Framework], context: Context) -> None:
    """With an agreement that ends ends everybody's part in it, on the same day."""
    state = ended.standing
    if state.over_on is not None:
        reason = f"framework-{state.status}"
        await tell_all(
            tx, ended, signature.End(occurred_on=state.since, last_day=state.over_on, reason=reason), context
        )


async def tell_all(tx: Connection, kept: Kept[Framework], command: Command, context: Context) -> None:
    """One command to every signature of a framework, because of what was said of it."""
    if not kept.said:
        return
    for found in await store.signatures_of(tx, kept.id):
        told = await aggregates.act(tx, Signature, found.id, command, because_of(context, kept))
        if told.standing.status in signature.BOUND:
            await uncover(tx, told, context)


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
    """An organisation signs: moves that were to lose their cover, or stood still without one, and have it by this, go on.

    The framework is locked: no version is published meanwhile that would have to be signed again. Who is suspended signs a further
    version, and stays suspended; who lapsed or left so comes back by the programme's word alone.
    """
    seen = await aggregates.look(tx, Signature, id_)
    if seen.left_suspended:
        act_for(tx, None, field="id")
    agreement = await aggregates.lock(tx, Framework, seen.framework_id)
    command = signature.Sign(
        occurred_on=asked.occurred_on,
        framework=agreement.standing,
        version=asked.version,
        signed_by=asked.signed_by,
        in_force_from=asked.in_force_from,
    )
    joined = await aggregates.act(tx, Signature, id_, command, context, if_match)
    if joined.said:
        await look_again(tx, joined, context)
    return joined


async def in_force(tx: Connection, framework_id: UUID, day: date) -> list[Row[Signature]]:
    """The signatures that were in force on a day: every organisation may know all of them."""
    over = (await aggregates.look(tx, Framework, framework_id)).expires_on
    async with seeing_everything(tx):
        found = [
            row for row in await store.signatures_of(tx, framework_id) if row.standing.bounded_by(over).in_force(day)
        ]
    return sorted(found, key=lambda row: row.standing.organisation)


async def suspend_or_resume(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Signature]:
    """The programme suspends an organisation, or ends that: its live moves stand still for as long."""
    told = await aggregates.act(tx, Signature, id_, command, context, if_match)
    if told.said:
        await look_again(tx, told, context)
    return told


async def give_notice(
    tx: Connection, id_: UUID, command: signature.GiveNotice, context: Context, if_match: int | None = None
) -> Kept[Signature]:
    """An organisation leaves: moves that would outlive its last day are handed over, or end with it."""
    left = await aggregates.act(tx, Signature, id_, command, context, if_match)
    await uncover(tx, left, context)
    return left
