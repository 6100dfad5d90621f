"""What live moves hear when what they rely on changes: what an employer checked, what was learned, what a host asks for."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, Row, because_of
from kit.context import Context
from kit.database import Connection, seeing_everything
from mobility import store
from mobility.domain import passport
from mobility.domain.clearance import CheckMissing, VerifyChecks
from mobility.domain.deployment import Deployment
from mobility.domain.passport import Passport, together
from mobility.domain.requirement import Requirement
from mobility.domain.stops import (
    CHECK_INDETERMINATE,
    CHECK_WITHDRAWN,
    ENTERED_IN_ERROR,
    PASSPORT_CLOSED,
    RENEWED,
    REOPENED,
    RIGHT_OVER,
    LetGoOn,
    StopNow,
    confirmed,
    for_checks,
)
from mobility.store import aggregates
from schemas.mobility import CheckSeen
from schemas.values import business_date


async def tell_of_requirement(tx: Connection, asked: Kept[Any], of: Requirement, context: Context) -> None:
    """A host asks for other training of some work than before: what is missing for live moves in it is seen anew."""
    if not asked.said:
        return
    async with seeing_everything(tx):
        for row in await store.relying_at(tx, of.organisation, of.soc2020):
            move = row.standing
            if (held := await held_by(tx, move.person_id, move.employer)) is not None:
                await _verify_again(tx, row, held, because_of(context, asked), max(of.since, move.since))


async def held_by(tx: Connection, person_id: UUID, employer: str) -> Passport | None:
    """All that an employer keeps of a person, under whichever id, which is locked: no check is withdrawn meanwhile."""
    ids = await store.open_passports(tx, await persons.one_with(tx, person_id), employer)
    return together([(await aggregates.lock(tx, Passport, id_)).standing for id_ in ids])


async def tell_of_checks(
    tx: Connection, written: Passport, kinds: Collection[str], context: Context, day: date | None = None
) -> None:
    """What was done of these kinds is another thing since a day, default today: the live moves that rely on it hear of it."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, written)
        for row in rows:
            await _go_by(tx, row, held, kinds, context, RENEWED, day)


async def tell_of_closing(tx: Connection, closed: Passport, context: Context) -> None:
    """A passport is closed: the live moves that rely on it stop."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, closed)
        for row in rows:
            await _go_by(tx, row, held, _kinds(row.standing), context, RENEWED)


async def tell_of_return(tx: Connection, reopened: Passport, context: Context) -> None:
    """The holder is back, and the passport is relied on again: what had stopped with it goes on, as its checks stand."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, reopened)
        for row in rows:
            go_on = LetGoOn(reason=PASSPORT_CLOSED, why=REOPENED)
            back = await aggregates.act(tx, Deployment, row.id, go_on, context)
            await _go_by(tx, back, held, _kinds(row.standing), context, RENEWED)


async def tell_of_correction(
    tx: Connection, corrected: Kept[Any], before: Passport, kinds: Collection[str], context: Context
) -> None:
    """What a passport should have been is known now: what stood on an entry in error goes on, what should have stopped stops.

    `before`: as it was; `kinds`: of which checks what was done is another thing.
    """
    was_closed = before.status is passport.Status.CLOSED
    async with seeing_everything(tx):
        rows, held = await _relying(tx, before)
        relied_on = {*before.relied_on, *await _relied_on_beside(tx, corrected.id, before)}
        for found in rows:
            row: Row[Deployment] = found
            for reason in _in_error(row.standing, relied_on, held, was_closed=was_closed):
                go_on = LetGoOn(reason=reason, why=ENTERED_IN_ERROR)
                row = await aggregates.act(tx, Deployment, row.id, go_on, context)
            looked_at = _kinds(row.standing) if was_closed else kinds
            await _go_by(tx, row, held, looked_at, context, ENTERED_IN_ERROR)


async def tell_of_training(tx: Connection, recorded: Kept[Passport], context: Context) -> None:
    """What was learned, or waived, changes until when live moves have what their hosts ask for."""
    if not recorded.said:
        return
    async with seeing_everything(tx):
        rows, held = await _relying(tx, recorded.standing)
        if held is None:
            return
        for row in rows:
            await _verify_again(tx, row, held, because_of(context, recorded))


async def look_at_checks(tx: Connection, id_: UUID, context: Context) -> None:
    """A move that is live again after all stops where what it relied on is nothing to rely on any more."""
    async with seeing_everything(tx):
        row = await aggregates.lock(tx, Deployment, id_)
        move = row.standing
        if not move.checks:
            return
        ids = await persons.one_with(tx, move.person_id)
        held = together([each for _, each in await store.open_of(tx, ids, move.employer)])
        if held is not None:
            await _rely_or_stop(tx, row, held, _kinds(move), context, None)
        else:
            await aggregates.obey(tx, row, [StopNow(reason=PASSPORT_CLOSED)], context)


async def _relying(tx: Connection, of: Passport) -> tuple[Sequence[Row[Deployment]], Passport | None]:
    """The live moves that rely on what an employer checked of a person, and all that it keeps of them now, if it does."""
    ids = await persons.one_with(tx, of.person_id)
    open_ = [held for _, held in await store.open_of(tx, ids, of.home)]
    return await store.relying_on(tx, ids, of.home), together(open_)


async def _relied_on_beside(tx: Connection, id_: UUID, of: Passport) -> Collection[str]:
    """The kinds of checks that may be relied on in another passport that the employer keeps of the same person."""
    ids = await persons.one_with(tx, of.person_id)
    beside = together([held for other, held in await store.open_of(tx, ids, of.home) if other != id_])
    return () if beside is None else beside.relied_on.keys()


def _kinds(move: Deployment) -> set[str]:
    return {seen.kind for seen in move.checks}


async def _go_by(
    tx: Connection,
    row: Row[Deployment],
    held: Passport | None,
    kinds: Collection[str],
    context: Context,
    why: str,
    day: date | None = None,
) -> None:
    """A live move goes by what stands of these kinds: verified anew, stopped, or let go on, and why."""
    move = row.standing
    if held is None:
        await aggregates.act(tx, Deployment, row.id, StopNow(reason=PASSPORT_CLOSED), context)
    elif PASSPORT_CLOSED not in move.stops:
        # else another passport is being filled: whoever lifts that stop looks at it
        await _rely_or_stop(tx, row, held, kinds, context, day)
        if confirmed(move, held):
            await aggregates.act(tx, Deployment, row.id, LetGoOn(reason=CHECK_INDETERMINATE, why=why), context)


async def _rely_or_stop(
    tx: Connection, row: Row[Deployment], held: Passport, kinds: Collection[str], context: Context, day: date | None
) -> None:
    """A move stops where a check of these kinds is nothing to rely on; else what lasts otherwise than was seen is read again."""
    move = row.standing
    reasons = tuple(for_checks(move, held, kinds))
    for reason in reasons:
        await aggregates.act(tx, Deployment, row.id, StopNow(reason=reason), context)
    if not reasons and any(_lasts_otherwise(seen, held) for seen in move.checks):
        await _verify_again(tx, row, held, context, None if day is None else max(day, move.since))


async def _verify_again(
    tx: Connection, row: Row[Deployment], held: Passport, context: Context, day: date | None = None
) -> None:
    """A live move reads again what it relies on; one that was stopped at the end of a right to work goes on when it is renewed."""
    asked = await store.requirement_of(tx, row.standing.host, row.standing.soc2020)
    verify = VerifyChecks(
        occurred_on=day,
        verified_by=held.home,
        passport=held,
        training=() if asked is None else asked.training,
        again=True,
    )
    with suppress(CheckMissing):
        read = await aggregates.act(tx, Deployment, row.id, verify, context)
        # what ends on a day that had ended before is said once more: its deadline has fired
        verified = await aggregates.say_again(tx, Deployment, read, context)
        right = verified.standing.right_to_work_ends
        if RIGHT_OVER in verified.standing.stops and (right is None or business_date(context.now) <= right):
            await aggregates.act(tx, Deployment, row.id, LetGoOn(reason=RIGHT_OVER, why=RENEWED), context)


def _lasts_otherwise(seen: CheckSeen, held: Passport) -> bool:
    check = held.relied_on.get(seen.kind)
    return check is not None and check.valid_until != seen.valid_until


def _in_error(
    move: Deployment, relied_on: Collection[str], held: Passport | None, *, was_closed: bool
) -> Iterator[str]:
    """The stops of a move that stood on an entry which no longer stands as it did. `relied_on`: the kinds that were, before."""
    if held is None:
        return
    if was_closed:
        yield PASSPORT_CLOSED
    kinds = _kinds(move)
    if kinds - set(relied_on) and kinds <= held.relied_on.keys():
        yield CHECK_WITHDRAWN
