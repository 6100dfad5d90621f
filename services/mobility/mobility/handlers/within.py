"""Within what is allowed: a live move is looked at again whenever what our own record says of it may have changed.

What stops a move by the record alone (`domain/stops`) is worked out here from the record as it is, and from nothing that happened:
what is said of its person, how far they may work, what is booked beside it, whether its home and host are in force. So it does not
matter what changed, nor by which way: a command, a correction, a link, another service's fact, or a day that has come. What a
person lifts though it is still so, of a passport's checks, is told to moves when it happens (`passports`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from kit.aggregates import Row
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import Refused
from kit.step import Command
from mobility import store
from mobility.domain import everywhere
from mobility.domain.booking import refuse_limits, refuse_overlap
from mobility.domain.deployment import Deployment, Status
from mobility.domain.everywhere import Stop
from mobility.domain.stops import (
    ENTERED_IN_ERROR,
    WITHIN_THE_LIMIT,
    WORK_LIMIT,
    LetGoOn,
    StopEverywhere,
    StopNow,
)
from mobility.handlers.cover import standstill
from mobility.store import aggregates
from schemas.mobility import WorkLimit
from schemas.values import business_date


async def look_again(
    tx: Connection, ids: Sequence[UUID], context: Context, why: str = ENTERED_IN_ERROR, day: date | None = None
) -> None:
    """Every live move of a person stops for what our record says, and goes on where it says so no more.

    `ids`: every id of a person whose time nobody books meanwhile. `why`: what was said of them is not any more; `day`: since when;
    default today.
    """
    async with seeing_everything(tx):
        live, today = await store.live_of(tx, ids), business_date(context.now)
        stands, limits = await _standing(tx, ids, live, context), await store.limits_of(tx, ids)
        for row in live:
            others = await store.booked_of(tx, ids, row.id, row.standing)
            commands = [
                *_of_the_person(row.standing, stands, why, day),
                *_of_limits(row.standing, limits, others, today),
                *await standstill(tx, row.standing, today),
            ]
            if commands:
                await aggregates.obey(tx, await aggregates.lock(tx, Deployment, row.id), commands, context)


def _of_the_person(move: Deployment, stands: Mapping[str, UUID], why: str, day: date | None) -> Iterator[Command]:
    """What is said of the person at every host."""
    for reason, stop_id in stands.items():
        if reason not in move.stopped_on_record:
            yield StopEverywhere(occurred_on=day, reason=reason, stop_id=stop_id)
    for reason in move.stopped_on_record:
        if reason not in stands:
            yield LetGoOn(occurred_on=day, reason=reason, why=why, everywhere=True)


def _of_limits(
    move: Deployment, limits: Sequence[WorkLimit], others: Sequence[Deployment], today: date
) -> Iterator[Command]:
    """What is beyond a limit, or booked under two ids at once."""
    beyond = move.booked and _beyond(limits, move, others, today)
    if beyond and WORK_LIMIT not in move.stops:
        yield StopNow(reason=WORK_LIMIT)
    if not beyond and WORK_LIMIT in move.stops:
        yield LetGoOn(reason=WORK_LIMIT, why=WITHIN_THE_LIMIT)


def _beyond(limits: Sequence[WorkLimit], move: Deployment, others: Sequence[Deployment], today: date) -> bool:
    """Whether a move is beyond a limit: one that is under way up to today, for who may not work next term works in this one."""
    try:
        refuse_limits(limits, move, others, today if move.status is Status.ACTIVE else date.max)
        refuse_overlap(move, others)
    except Refused:
        return True
    return False


async def _standing(
    tx: Connection, ids: Sequence[UUID], live: Sequence[Row[Deployment]], context: Context
) -> Mapping[str, UUID]:
    """Why a person is stopped at every host, and by which record.

    What was said before that was a record, and stands at a move alone, becomes one: it outlives the move as well.
    """
    stands = {row.standing.reason: row.id for row in await store.standing_stops(tx, ids)}
    for row in live:
        move = row.standing
        for reason in move.stopped_everywhere:
            if reason not in (*move.stopped_on_record, *stands):
                said = everywhere.Say(person_id=move.person_id, reason=reason, organisation=None, deployment_id=row.id)
                stands[reason] = (await aggregates.begin(tx, Stop, [said], context)).id
    return stands
