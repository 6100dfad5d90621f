"""The place of a need that a move fills: from its first day on, until whoever came leaves it.

A place that is left was filled all the same, and is free again as long as the need lasts: that is a fact of its own. A start that
was taken back filled none: the fact that it did goes with it, and comes back with it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from pydantic import JsonValue

from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correct, Correction, FactStandsInTheWay, Restore, Void
from kit.database import Connection, seeing_everything
from mobility import store
from mobility.domain import need
from mobility.domain.move import LEFT, Deployment
from mobility.domain.need import Need
from mobility.store import aggregates
from schemas.corrections import standing
from schemas.fact import Fact
from schemas.mobility import DeploymentProposed, NeedFilled, NeedRaised, NeedReopened


async def places_of(tx: Connection, id_: UUID) -> Row[Need] | None:
    """The need that a move answers, locked before it as everywhere; also of a move that was voided."""
    async with seeing_everything(tx):
        row = await aggregates.read(tx, Deployment, id_)
        if row is not None and row.state is not None:
            need_id = row.state.need_id
        else:
            begun = (fact for _, fact in await history(tx, id_) if isinstance(fact, DeploymentProposed))
            need_id = next((fact.need_id for fact in begun), None)
        return None if need_id is None else await aggregates.load(tx, Need, need_id)


async def fill(tx: Connection, places: Row[Need] | None, started: Kept[Deployment], context: Context) -> None:
    """Somebody came: one place is filled."""
    if places is not None and started.said:
        taken = need.Fill(occurred_on=started.standing.started_on, deployment_id=started.id)
        await aggregates.obey(tx, places, [taken], because_of(context, started))


async def free(tx: Connection, places: Row[Need] | None, ended: Kept[Deployment], context: Context) -> None:
    """Whoever came left: their place is a gap again, as long as the need lasts."""
    if places is not None and places.state is not None and ended.said and ended.standing.status in LEFT:
        async with seeing_everything(tx):
            await aggregates.obey(tx, places, [_left(ended)], because_of(context, ended))


def _left(ended: Row[Deployment]) -> need.Reopen:
    move = ended.standing
    return need.Reopen(occurred_on=move.last_day, deployment_id=ended.id, left=move.status.value)


async def put_right(tx: Connection, places: Row[Need], corrected: Kept[Deployment], context: Context) -> None:
    """Whether a place is filled by a move is as it stands now, and from which day to which. Raises NoPlaceLeft."""
    if places.state is None:
        return
    move = corrected.state
    if move is None or move.started_on is None:
        await _not_filled(tx, places, corrected.id, context)
        return
    left = _left(corrected) if move.status in LEFT and move.last_day < places.state.ends_on else None
    if left is None:
        places = await _filled(tx, places, corrected.id, move.started_on, context)
    else:
        places = await aggregates.obey(tx, places, [left], context)
        ended = {"occurred_on": move.last_day.isoformat(), "left": left.left}
        places = await _as_it_was(tx, places, corrected.id, NeedReopened, ended, context)
    began = {"occurred_on": move.started_on.isoformat()}
    await _as_it_was(tx, places, corrected.id, NeedFilled, began, context)


async def left_meanwhile(tx: Connection, places: Kept[Need], context: Context) -> None:
    """A need that was put right lasts longer, or is closed no more: whoever left a place before its last day left a gap."""
    if not places.said or places.state is None:
        return
    async with seeing_everything(tx):
        row: Row[Need] = places
        for id_ in places.state.filled_by:
            move = await aggregates.read(tx, Deployment, id_)
            if move is not None and move.state is not None and move.state.status in LEFT:
                row = await aggregates.obey(tx, row, [_left(move)], because_of(context, places))


async def refuse_strike(tx: Connection, id_: UUID, asked: Correction) -> None:
    """Raises StrikeCoverUnderWay where a need is to be for the work of people on strike, and moves for it are not."""
    stands = dict(standing(await history(tx, id_))).get(asked.fact_id)
    if not isinstance(stands, NeedRaised) or not isinstance(asked, Correct) or stands.covers_strike:
        return
    async with seeing_everything(tx):
        if asked.replacement.get("covers_strike") and await store.moves_for(tx, id_):
            raise need.StrikeCoverUnderWay(field="replacement.covers_strike")


async def _not_filled(tx: Connection, places: Row[Need], id_: UUID, context: Context) -> None:
    """Nobody came: that the place was filled goes."""
    if id_ in places.standing.filled_by:
        event_id, _ = (await _standing(tx, places, id_, NeedFilled))[-1]
        await _followed(tx, places, Void(event_id, FOLLOWED), context)


async def _filled(tx: Connection, places: Row[Need], id_: UUID, came: date, context: Context) -> Row[Need]:
    """Whoever came is there: that the place is free again goes, or that it was filled comes back."""
    state = places.standing
    if id_ in state.filled_by:
        return places
    if state.filled == state.people:
        raise need.NoPlaceLeft(state=state.status)
    if reopened := await _standing(tx, places, id_, NeedReopened):
        return await _followed(tx, places, Void(reopened[-1][0], FOLLOWED), context)
    if filled := [each for each, fact in await history(tx, places.id) if _of(fact, id_, NeedFilled)]:
        return await _followed(tx, places, Restore(filled[-1], FOLLOWED), context)
    return await aggregates.obey(tx, places, [need.Fill(occurred_on=came, deployment_id=id_)], context)


async def _as_it_was(
    tx: Connection, places: Row[Need], id_: UUID, kind: type[Fact], better: Mapping[str, JsonValue], context: Context
) -> Row[Need]:
    """What is said of the place says of the move what is so now, unless what became of the need since stands in the way."""
    said = await _standing(tx, places, id_, kind)
    if not said:
        return places
    event_id, fact = said[-1]
    replacement = {**fact.model_dump(mode="json", exclude_none=True), **better}
    with suppress(FactStandsInTheWay):
        return await _followed(tx, places, Correct(event_id, replacement, FOLLOWED), context)
    return places


async def _followed(tx: Connection, places: Row[Need], asked: Correction, context: Context) -> Row[Need]:
    return await aggregates.put_right(tx, Need, places, asked, context)


async def _standing(tx: Connection, places: Row[Need], id_: UUID, kind: type[Fact]) -> Sequence[tuple[UUID, Fact]]:
    return [(each, fact) for each, fact in standing(await history(tx, places.id)) if _of(fact, id_, kind)]


def _of(fact: Fact, id_: UUID, kind: type[Fact]) -> bool:
    return isinstance(fact, kind) and getattr(fact, "deployment_id", None) == id_
