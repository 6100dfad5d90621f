"""Answers that a move waits for and no step of it gives: they come from learning, and from the statements of hours."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from kit import deadlines, outbox, persons
from kit.aggregates import Kept, because_of
from kit.context import Context
from kit.database import Connection, act_for, seeing_everything
from kit.deadlines import Due, TooEarly
from mobility import store
from mobility.domain import deployment
from mobility.domain.answers import ENTERED_LATE, SIDE_OF, WEEK, Chase, SettleAnswer, awaited, due
from mobility.domain.deployment import Deployment
from mobility.domain.statement import Statement
from mobility.domain.working_time import monday_of
from mobility.store import aggregates
from schemas.mobility import Awaited, Side


async def settle(
    tx: Connection, id_: UUID, command: SettleAnswer, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """Who was told says why an answer does not come: the host of its induction, home of hours."""
    seen = await aggregates.look(tx, Deployment, id_)
    if (side := SIDE_OF.get(command.answer)) is not None:
        act_for(tx, seen.home if side is Side.HOME else seen.host, field="id")
    async with seeing_everything(tx):
        return await aggregates.act(tx, Deployment, id_, command, context, if_match)


async def fall_due(tx: Connection, overdue: Due, context: Context) -> None:
    """The time of an answer is over. Raises TooEarly for what somebody is only just entering."""
    await wait_for_entry(tx, overdue, context)
    if overdue.aggregate != deployment.AGGREGATE:
        await aggregates.fall_due(tx, overdue, context)
        return
    row = await aggregates.load(tx, Deployment, overdue.aggregate_id)
    if row is None or row.state is None:
        return
    chase = due(overdue.name, row.state)
    if chase.week is not None:
        chase = replace(chase, missing=not await _has_hours(tx, row.id, chase.week))
    await aggregates.obey(tx, row, [chase], context)


async def wait_for_entry(tx: Connection, due: Due, context: Context) -> None:
    """Raises TooEarly where somebody said something of it so lately that they may be entering one step after the other."""
    entered = await outbox.last_said(tx, due.aggregate_id)
    if entered is not None and context.now < entered + ENTERED_LATE:
        raise TooEarly(entered + ENTERED_LATE)


async def _has_hours(tx: Connection, id_: UUID, monday: date) -> bool:
    """Whether hours of a week are in a statement. The move is locked: who writes them down waits, or has."""
    return await store.has_hours(tx, id_, monday, monday + WEEK - timedelta(days=1))


async def look_for_hours(tx: Connection, id_: UUID, context: Context) -> None:
    """Hours of a move, or the move itself, were put right: of each week whose time is over they are missing now, or are not."""
    row = await aggregates.load(tx, Deployment, id_)
    if row is None or row.state is None:
        return
    fired = await deadlines.fired(tx, id_)
    for name, moment in deployment.deadlines(row.state).items():
        if (name, moment) not in fired or not name.startswith(f"overdue-{Awaited.HOURS}-"):
            continue
        week = due(name, row.standing).week
        assert week is not None, "hours are of a week"
        if not await _has_hours(tx, id_, week):
            row = await aggregates.obey(tx, row, [Chase(answer=Awaited.HOURS, week=week)], context)
        elif awaited(row.standing, Awaited.HOURS, week) is not None:
            answer = SettleAnswer(answer=Awaited.HOURS, week=week, reason="recorded")
            row = await aggregates.obey(tx, row, [answer], context)


async def enrolled(
    tx: Connection, person_id: UUID, host: str, event_id: UUID, causation_id: UUID | None, context: Context
) -> None:
    """Learning did something for somebody and an organisation: it answers the start that it followed from.

    Where that answer is overdue any enrolment does, by whoever: somebody saw to it.
    """
    ids = await persons.one_with(tx, person_id)
    for id_, caused in await store.moves_to(tx, ids, host, causation_id):
        row = await aggregates.lock(tx, Deployment, id_)
        asked = awaited(row.standing, Awaited.LOCAL_INDUCTION)
        if asked is not None and (caused or asked.overdue):
            answer = SettleAnswer(answer=Awaited.LOCAL_INDUCTION, reason="enrolled")
            await store.follow(tx, event_id, await aggregates.obey(tx, row, [answer], context))


async def hours_came(tx: Connection, id_: UUID, worked_on: date, recorded: Kept[Statement], context: Context) -> None:
    """Hours were written down of a week in which they were missing."""
    row = await aggregates.lock(tx, Deployment, id_)
    monday = monday_of(worked_on)
    if recorded.said and awaited(row.standing, Awaited.HOURS, monday) is not None:
        answer = SettleAnswer(answer=Awaited.HOURS, week=monday, reason="recorded")
        await aggregates.obey(tx, row, [answer], because_of(context, recorded))
