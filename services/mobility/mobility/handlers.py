"""What becomes of a command that touches more than one aggregate: load, decide, evolve, save, say, in the caller's transaction.

A command to one alone is `aggregates.act`. Rows are locked in the order of `store.aggregates`. What follows from another fact names
it as its cause.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correction, Restore, Void
from kit.database import Connection, seeing_everything
from kit.deadlines import Due
from kit.errors import NotFound
from kit.http import expect
from kit.step import Command
from mobility import store
from mobility.domain import framework, signature
from mobility.domain.framework import Framework
from mobility.domain.signature import Signature
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import SigningAgainAsked, VersionNumber
from schemas.values import BusinessDate, Code, Part, PartnerId, Sector

State = TypeVar("State", bound=Part)


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
    """A deadline. With a framework that runs out ends everybody's part in it."""
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
        await aggregates.act(tx, Signature, found.id, command, because_of(context, kept))


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


# Corrections -----------------------------------------------------------------------------------------------------------


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed from it: who was asked to sign again."""
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    corrected = await aggregates.put_right(tx, kind, row, asked, context)
    if isinstance(corrected.state, Framework) and corrected.said:
        await _put_right_who_was_asked(tx, corrected, because_of(context, corrected))  # type: ignore[arg-type]
    return await aggregates.say_again(tx, kind, corrected, context)


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
