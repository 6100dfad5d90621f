"""What is put right, and what followed from it elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
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
from mobility.domain.passport import Passport
from mobility.domain.requirement import Requirement
from mobility.domain.signature import Signature
from mobility.domain.statement import Statement
from mobility.handlers.agreement import ask_again, cover_anew, end_all
from mobility.handlers.answers import look_for_hours
from mobility.handlers.cover import cover_of_what_was_put_right, leave, put_right_cover, uncover
from mobility.handlers.cover import look_again as look_again_at_cover
from mobility.handlers.moves import tell_anew
from mobility.handlers.passports import look_at_checks, tell_of_correction, tell_of_requirement, tell_of_training
from mobility.handlers.places import places_of
from mobility.handlers.places import put_right as put_right_place
from mobility.handlers.whose import one_person
from mobility.handlers.within import look_again
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.fact import Fact
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


async def correct(
    tx: Connection, kind: type[State], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[State]:
    """Void, restore or correct one fact, and put right what followed elsewhere.

    Of a framework: who was asked to sign again, and whose part in it ends. Of a signature: which moves lose their cover, or stand
    still. Of a passport: which moves rely on its checks, and are within its limits. Of what a host asks for: what is missing for
    its moves. Of a stop: which moves it keeps from going on. Of a move: which place is filled, what our record says of it and of
    others of its person, and up to when it is covered. Of hours: whether those of a week are missing.
    """
    ids = await _whose(tx, kind, id_)
    places = await places_of(tx, id_) if kind is Deployment else None
    worked = await _worked(tx, kind, id_, asked)
    row = await aggregates.load(tx, kind, id_)
    if row is None:
        raise NotFound
    expect(row.version, if_match)
    stood = await _of_passport(tx, kind, id_)
    if kind is Deployment:
        _refuse_another_side(row.state, asked)
    corrected = await aggregates.put_right(tx, kind, row, asked, context)
    if isinstance(corrected.state, Deployment):
        await _refuse_hours(tx, ids, row.state, corrected)
    if isinstance(corrected.state, Framework) and corrected.said:
        await _put_right_who_was_asked(tx, corrected, because_of(context, corrected))  # type: ignore[arg-type]
        await cover_anew(tx, corrected, because_of(context, corrected))  # type: ignore[arg-type]
    if isinstance(row.state, Passport) and corrected.said:
        held = corrected.state if isinstance(corrected.state, Passport) else None
        otherwise = checks.otherwise(stood, await _of_passport(tx, kind, id_))
        await tell_of_correction(tx, corrected, row.state, otherwise, because_of(context, corrected))
        if held is not None and (held.training, held.waived) != (row.state.training, row.state.waived):
            await tell_of_training(tx, corrected, context)  # type: ignore[arg-type]
    of = corrected.state or row.state
    if isinstance(of, Requirement):
        await tell_of_requirement(tx, corrected, of, context)
    again = await aggregates.say_again(tx, kind, corrected, context)
    if (
        isinstance(again.state, Framework)
        and isinstance(row.state, Framework)
        and again.state.over_on != row.state.over_on
    ):
        await _put_right_who_leaves(tx, again, because_of(context, again))  # type: ignore[arg-type]
    if _is_live(again.state) and not _is_live(row.state):
        await look_at_checks(tx, id_, because_of(context, again))
    if ids and corrected.said:
        await look_again(tx, ids, because_of(context, corrected))
    if again.said and places is not None:
        await put_right_place(tx, places, again, because_of(context, again))  # type: ignore[arg-type]
    if isinstance(again.state, Signature) and again.said:
        await put_right_cover(tx, again.state.organisation, because_of(context, again))
        await uncover(tx, again, context)  # type: ignore[arg-type]
        await leave(tx, again, context)  # type: ignore[arg-type]
        await look_again_at_cover(tx, again, context)  # type: ignore[arg-type]
    if isinstance(again.state, Deployment) and again.said:
        await cover_of_what_was_put_right(tx, again, because_of(context, again))  # type: ignore[arg-type]
    if kind is Deployment and again.said:
        await tell_anew(tx, again, because_of(context, again))  # type: ignore[arg-type]
    if worked is not None and again.said:
        await look_for_hours(tx, worked, because_of(context, again))
    return await _as_it_is(tx, kind, again)


def _refuse_another_side(move: Part | None, asked: Correction) -> None:
    """Raises AboutAnother: who lends and who borrows is so of every fact of a move, once another has spoken of it."""
    if not isinstance(asked, Correct) or not isinstance(move, Deployment) or move.status is Status.PROPOSED:
        return
    for name in ("home", "host"):
        if asked.replacement.get(name) not in (None, getattr(move, name)):
            raise AboutAnother(field=f"replacement.{name}")


async def _refuse_hours(tx: Connection, ids: Sequence[UUID], before: Part | None, move: Kept[Any]) -> None:
    """Raises a refusal of `working_time`, or DoubleBooked: what is put right books nobody beyond what they could agree to."""
    if books_more(move.standing, before if isinstance(before, Deployment) else None):
        async with seeing_everything(tx):
            refuse_booked(move.standing, await store.booked_of(tx, ids, move.id, move.standing))


def _is_live(state: Part | None) -> bool:
    return isinstance(state, Deployment) and state.status in LIVE


async def _as_it_is(tx: Connection, kind: type[State], again: Kept[State]) -> Kept[State]:
    """With what followed for itself from what became of others."""
    row = await aggregates.read(tx, kind, again.id)
    return again if row is None else replace(aggregates.kept(row), said=again.said)


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


async def _whose(tx: Connection, kind: type[Part], id_: UUID) -> Sequence[UUID]:
    """Every id of the person of a passport, a stop or a move, whose time nobody books meanwhile; also of one that was voided."""
    begins = DeploymentProposed | PassportOpened | PersonStopped
    begun = (fact for _, fact in await history(tx, id_) if isinstance(fact, begins))
    person_id = next((fact.person_id for fact in begun), None) if kind in (Passport, Stop, Deployment) else None
    return () if person_id is None else await one_person(tx, person_id)


async def _of_passport(tx: Connection, kind: type[Part], id_: UUID) -> Mapping[UUID, Fact]:
    """The facts of a passport that stand, by the event that says so; of anything else none."""
    return dict(standing(await history(tx, id_))) if kind is Passport else {}


async def _worked(tx: Connection, kind: type[Part], id_: UUID, asked: Correction) -> UUID | None:
    """The move whose hours may be missing after it: itself, or, locked before the statement, that of a line."""
    if kind is Deployment:
        return id_
    said = dict(await history(tx, id_)).get(asked.fact_id) if kind is Statement else None
    if not isinstance(said, HoursRecorded):
        return None
    await aggregates.load(tx, Deployment, said.deployment_id)
    return said.deployment_id
