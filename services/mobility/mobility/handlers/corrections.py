"""What is put right, and what followed from it elsewhere: a function for each kind of record."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from kit import outbox
from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, AboutAnother, Correct, Correction, Restore, Void
from kit.database import Connection, seeing_everything
from kit.errors import NotFound, expect
from mobility import store
from mobility.domain import checks
from mobility.domain.booking import books_more, refuse_booked
from mobility.domain.deployment import Deployment, Status
from mobility.domain.everywhere import Stop
from mobility.domain.framework import Framework
from mobility.domain.move import LIVE
from mobility.domain.need import Need
from mobility.domain.passport import Passport
from mobility.domain.requirement import Requirement
from mobility.domain.signature import Signature
from mobility.domain.statement import Statement
from mobility.handlers.agreement import ask_again, cover_anew, end_all
from mobility.handlers.answers import look_for_hours
from mobility.handlers.cover import cover_of_what_was_put_right, leave, put_right_cover, uncover
from mobility.handlers.cover import look_again as look_again_at_cover
from mobility.handlers.moves import tell_anew
from mobility.handlers.places import left_meanwhile, places_of, refuse_strike
from mobility.handlers.places import put_right as put_right_place
from mobility.handlers.relying import look_at_checks, tell_of_correction, tell_of_requirement, tell_of_training
from mobility.handlers.statements import dispute_outside, issued_anew, refuse_line
from mobility.handlers.whose import one_person
from mobility.handlers.within import look_again
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.mobility import (
    DeploymentProposed,
    HoursRecorded,
    InvitationClosed,
    NoticeGiven,
    PassportOpened,
    PersonStopped,
    SigningAgainAsked,
)
from schemas.values import Part

State = TypeVar("State", bound=Part)
Corrects: TypeAlias = Callable[[Connection, UUID, Correction, Context, int | None], Awaitable[Kept[Any]]]


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed elsewhere (`BY_KIND`)."""
    again = await BY_KIND[kind](tx, id_, asked, context, if_match)
    # what became of others may have followed for itself
    row = await aggregates.read(tx, kind, id_)
    return again if row is None else replace(aggregates.kept(row), said=again.said)


async def _framework(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Framework]:
    """Who was asked to sign again, whose part in it ends, and when moves lose their cover by it."""
    row = await _row(tx, Framework, id_, if_match)
    corrected = await aggregates.put_right(tx, Framework, row, asked, context)
    if corrected.said and corrected.state is not None:
        because = because_of(context, corrected)
        await _put_right_who_was_asked(tx, corrected, because)
        await cover_anew(tx, corrected, because)
    again = await aggregates.say_again(tx, Framework, corrected, context)
    if again.state is not None and row.state is not None and again.state.over_on != row.state.over_on:
        await _put_right_who_leaves(tx, again, because_of(context, again))
    return again


async def _signature(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Signature]:
    """Which moves lose their cover, or stand still."""
    again = await aggregates.correct(tx, Signature, id_, asked, context, if_match)
    if again.said and again.state is not None:
        await put_right_cover(tx, again.state.organisation, because_of(context, again))
        await uncover(tx, again, context)
        await leave(tx, again, context)
        await look_again_at_cover(tx, again, context)
    return again


async def _requirement(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Requirement]:
    """What is missing for moves to the host."""
    row = await _row(tx, Requirement, id_, if_match)
    corrected = await aggregates.put_right(tx, Requirement, row, asked, context)
    if (of := corrected.state or row.state) is not None:
        await tell_of_requirement(tx, corrected, of, context)
    return await aggregates.say_again(tx, Requirement, corrected, context)


async def _passport(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Passport]:
    """Which moves rely on its checks, and are within its limits."""
    ids = await _whose(tx, id_)
    row = await _row(tx, Passport, id_, if_match)
    stood = dict(standing(await history(tx, id_)))
    corrected = await aggregates.put_right(tx, Passport, row, asked, context)
    before, held = row.state, corrected.state
    if corrected.said and before is not None:
        otherwise = checks.otherwise(stood, dict(standing(await history(tx, id_))))
        await tell_of_correction(tx, corrected, before, otherwise, because_of(context, corrected))
        if held is not None and (held.training, held.waived) != (before.training, before.waived):
            await tell_of_training(tx, corrected, context)
    again = await aggregates.say_again(tx, Passport, corrected, context)
    if corrected.said:
        await look_again(tx, ids, because_of(context, corrected))
    return again


async def _deployment(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Deployment]:
    """What our record says of it and of others of its person, which place is filled, up to when it is covered, what its mover was
    told, which hours lie outside of it, whether those of a week are missing.
    """
    ids, places = await _whose(tx, id_), await places_of(tx, id_)
    row = await _row(tx, Deployment, id_, if_match)
    _refuse_another_side(row.state, asked)
    corrected = await aggregates.put_right(tx, Deployment, row, asked, context)
    await _refuse_hours(tx, ids, row.state, corrected)
    again = await aggregates.say_again(tx, Deployment, corrected, context)
    if not again.said:
        return again
    because = because_of(context, again)
    if _is_live(again.state) and not _is_live(row.state):
        await look_at_checks(tx, id_, because)
    await look_again(tx, ids, because_of(context, corrected))
    if places is not None:
        await put_right_place(tx, places, again, because)
    await cover_of_what_was_put_right(tx, again, because)
    await tell_anew(tx, again, because)
    await dispute_outside(tx, again, because, row.state)
    await look_for_hours(tx, id_, because)
    return again


async def _stop(tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None) -> Kept[Stop]:
    """Which moves it keeps from going on."""
    ids = await _whose(tx, id_)
    again = await aggregates.correct(tx, Stop, id_, asked, context, if_match)
    if again.said:
        await look_again(tx, ids, because_of(context, again))
    return again


async def _need(tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None) -> Kept[Need]:
    """Which of its places were left meanwhile."""
    row = await _row(tx, Need, id_, if_match)
    await refuse_strike(tx, id_, asked)
    corrected = await aggregates.put_right(tx, Need, row, asked, context)
    again = await aggregates.say_again(tx, Need, corrected, context)
    await left_meanwhile(tx, again, context)
    return again


async def _statement(
    tx: Connection, id_: UUID, asked: Correction, context: Context, if_match: int | None
) -> Kept[Statement]:
    """What it came to when it was issued, and whether hours of a week are missing. Their move is locked before the statement, as
    everywhere.
    """
    said = dict(await history(tx, id_)).get(asked.fact_id)
    if isinstance(said, HoursRecorded):
        await aggregates.load(tx, Deployment, said.deployment_id)
    row = await _row(tx, Statement, id_, if_match)
    await refuse_line(tx, row, asked)
    corrected = await aggregates.put_right(tx, Statement, row, asked, context)
    again = await issued_anew(tx, await aggregates.say_again(tx, Statement, corrected, context), context)
    if isinstance(said, HoursRecorded) and again.said:
        await look_for_hours(tx, said.deployment_id, because_of(context, again))
    return again


BY_KIND: Mapping[type[Part], Corrects] = MappingProxyType({
    Framework: _framework,
    Signature: _signature,
    Need: _need,
    Requirement: _requirement,
    Passport: _passport,
    Deployment: _deployment,
    Stop: _stop,
    Statement: _statement,
})  # fmt: skip
"""What a correction puts right elsewhere."""


async def _row(tx: Connection, kind: type[State], id_: UUID, if_match: int | None) -> Row[State]:
    """The row, locked, also of what was voided. Raises NotFound, Stale."""
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    return row


async def _whose(tx: Connection, id_: UUID) -> Sequence[UUID]:
    """Every id of the person of a passport, a stop or a move, whose time nobody books meanwhile; also of one that was voided."""
    begins = DeploymentProposed | PassportOpened | PersonStopped
    person_id = next((fact.person_id for _, fact in await history(tx, id_) if isinstance(fact, begins)), None)
    return () if person_id is None else await one_person(tx, person_id)


def _refuse_another_side(move: Deployment | None, asked: Correction) -> None:
    """Raises AboutAnother: who lends and who borrows is so of every fact of a move, once another has spoken of it."""
    if move is None or move.status is Status.PROPOSED or not isinstance(asked, Correct):
        return
    for name in ("home", "host"):
        if asked.replacement.get(name) not in (None, getattr(move, name)):
            raise AboutAnother(field=f"replacement.{name}")


async def _refuse_hours(tx: Connection, ids: Sequence[UUID], before: Deployment | None, move: Kept[Deployment]) -> None:
    """Raises a refusal of `working_time`, or DoubleBooked: what is put right books nobody beyond what they could agree to."""
    if move.state is not None and books_more(move.state, before):
        async with seeing_everything(tx):
            refuse_booked(move.state, await store.booked_of(tx, ids, move.id, move.state))


def _is_live(state: Deployment | None) -> bool:
    return state is not None and state.status in LIVE


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
    await ask_again(tx, corrected, context)


async def _put_right_who_leaves(tx: Connection, corrected: Kept[Framework], context: Context) -> None:
    """Whose part was to end with an agreement that does not end after all is bound as before; where it does, it ends on its day."""
    said = {event_id for event_id, _ in await history(tx, corrected.id)}
    for found in await store.signatures_of(tx, corrected.id):
        lines = await outbox.history(tx, found.id)
        stands = dict(standing([(line.event_id, line.fact) for line in lines]))
        for line in lines:
            fact = stands.get(line.event_id)
            if isinstance(fact, NoticeGiven | InvitationClosed) and line.causation_id in said:
                await correct(tx, Signature, found.id, Void(line.event_id, FOLLOWED), context)
    await end_all(tx, corrected, context)
