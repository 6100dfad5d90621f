"""A person's orders, and what follows from a period that is over or an erasure, each in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from uuid import UUID

from equality_monitoring import store
from equality_monitoring.domain.monitoring import (
    AGGREGATE,
    Change,
    Declare,
    Monitoring,
    Status,
    Withdraw,
    decide,
    evolve,
)  # fmt: skip
from equality_monitoring.retention import SCHEDULE
from equality_monitoring.store import Held
from kit import deadlines, outbox, persons, retention
from kit.clock import noon
from kit.context import Context
from kit.database import Clause, Connection, together
from kit.deadlines import Due
from kit.errors import NotFound, expect
from kit.ids import new_id
from kit.inbox import Received
from kit.retention import Kept, Line
from kit.step import Command
from schemas.equality_monitoring import TOPIC, Declaration
from schemas.people import PersonErased, PersonLinked
from schemas.values import business_date


async def give(
    tx: Connection,
    person_id: UUID,
    declaration: Declaration,
    context: Context,
    *,
    occurred_on: date | None = None,
    if_match: int | None = None,
) -> Held:
    """Declare, or change what stands. After a withdrawal another declaration begins, under an id of its own. Raises Refused."""
    if not await persons.may_hear_of(tx, person_id):
        raise NotFound
    await store.lock(tx, person_id)
    held = await store.of_person(tx, person_id)
    if held is None or held.monitoring.status is Status.WITHDRAWN:
        expect(0, if_match)
        declare = Declare(person_id=person_id, declaration=declaration, occurred_on=occurred_on)
        return await _obey(tx, new_id(), 0, None, declare, context)
    expect(held.version, if_match)
    change = Change(declaration=declaration, occurred_on=occurred_on)
    return await _obey(tx, held.monitoring_id, held.version, held.monitoring, change, context)


async def withdraw(
    tx: Connection,
    person_id: UUID,
    context: Context,
    *,
    occurred_on: date | None = None,
    if_match: int | None = None,
) -> Held:
    """Withdraw what stands: that is said, all that was declared is erased, and a tombstone follows. Raises Refused.

    Whoever withdraws under one id does not mean that id: what they declared under another would be counted in its place.
    """
    ids = sorted(await persons.one_with(tx, person_id))
    for each in ids:
        await store.lock(tx, each)
    held = await read(tx, person_id)
    for other in [await store.of_person(tx, each) for each in ids if each != person_id]:
        if other is not None and other.monitoring.status is Status.DECLARED:
            await _withdraw(tx, other, context)
    if held.monitoring.status is Status.WITHDRAWN:
        return held
    expect(held.version, if_match)
    return await _withdraw(tx, held, context, occurred_on)


async def hear(tx: Connection, received: Sequence[Received]) -> None:
    """What people says: which ids are one person's, and who was erased."""
    links: dict[UUID, UUID | None] = {}
    erased: dict[UUID, Received] = {}
    for event in received:
        match event.fact:
            case PersonErased():
                erased[event.envelope.subject] = event
            case PersonLinked(same_as=other):
                links[event.envelope.subject] = other
            case _:
                links[event.envelope.subject] = None
    await persons.know(tx, {id_: other for id_, other in links.items() if id_ not in erased})
    for _, event in sorted(erased.items()):
        await _forget(tx, event)


async def _forget(tx: Connection, event: Received) -> None:
    """Whoever was erased has declared nothing: what stands is withdrawn, and what is left of it is nobody's."""
    person_id = event.envelope.subject
    await persons.alone(tx, person_id)
    await store.lock(tx, person_id)
    held = await store.of_person(tx, person_id)
    if held is not None and held.monitoring.status is Status.DECLARED:
        context = Context(
            actor="consumer:people",
            correlation_id=event.envelope.correlationid,
            causation_id=event.envelope.id,
        )
        await _withdraw(tx, held, context)
    await store.PERSONS.forget(tx, [person_id])


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A period is over: what was declared is withdrawn; that there was a declaration is nobody's."""
    held = await _lock(tx, due.aggregate_id)
    line = _line(held.monitoring)
    if not await retention.is_over(tx, line, held.monitoring_id, held.monitoring.since, context.now):
        return
    if held.monitoring.status is Status.DECLARED:
        await _withdraw(tx, held, context)
    else:
        await store.let_go(tx, line, held, context.now)


@dataclass(frozen=True, slots=True)
class Keeps:
    """What is kept, and for how long (kit.routes.retention)."""

    schedule: Sequence[Line] = SCHEDULE

    async def keep_longer(self, tx: Connection, id_: UUID, until: date, reason: str, context: Context) -> None:
        """A declaration is kept until a day, as far as its person does not withdraw it. Raises NotFound."""
        if await retention.aggregate_of(tx, id_) is None:
            raise NotFound
        held = await _lock(tx, id_)
        await retention.keep_longer(tx, id_, until, reason, context.actor, context.now)
        await together(tx, await _period(tx, id_, held.monitoring, context.now))


async def read(tx: Connection, person_id: UUID) -> Held:
    """What stands of a person, or the last that was withdrawn. Raises NotFound."""
    held = await store.of_person(tx, person_id)
    if held is None:
        raise NotFound
    return held


async def _withdraw(tx: Connection, held: Held, context: Context, occurred_on: date | None = None) -> Held:
    """Withdraw this declaration, which stands."""
    order = Withdraw(occurred_on=occurred_on)
    after = await _obey(tx, held.monitoring_id, held.version, held.monitoring, order, context)
    await store.erase(tx, held.monitoring_id, held.monitoring.person_id)
    await outbox.send(tx, TOPIC, str(held.monitoring_id), None, {})
    return after


async def _obey(
    tx: Connection,
    monitoring_id: UUID,
    version: int,
    monitoring: Monitoring | None,
    command: Command,
    context: Context,
) -> Held:
    """Carry out a command on what stands at this version, and say what followed, if anything did."""
    facts = decide(command, monitoring, context.now)
    after = reduce(evolve, facts, monitoring)
    assert after is not None  # what begins, begins by a fact
    if facts:
        await store.save(tx, monitoring_id, version + len(facts), after)
        moment = _moment(after.since, context.now)
        _, said = outbox.said(AGGREGATE, monitoring_id, version, facts, context, occurred_at=moment, topic=TOPIC)
        await together(tx, said, await _period(tx, monitoring_id, after, context.now))
    return Held(monitoring_id, version + len(facts), after)


async def _lock(tx: Connection, monitoring_id: UUID) -> Held:
    """The declaration as it stands once nobody else writes its person's."""
    await store.lock(tx, (await store.at(tx, monitoring_id)).monitoring.person_id)
    return await store.at(tx, monitoring_id)


def _line(monitoring: Monitoring) -> Kept:
    """The line of the schedule that speaks of it."""
    line = retention.kept(SCHEDULE, AGGREGATE, monitoring)
    assert line is not None, "every status has a period"
    return line


async def _period(tx: Connection, monitoring_id: UUID, monitoring: Monitoring, now: datetime) -> Clause:
    """Each step begins the period anew."""
    at = await retention.due_at(tx, _line(monitoring), monitoring_id, monitoring.since, now)
    return deadlines.kept(AGGREGATE, monitoring_id, {retention.NAME: at})


def _moment(day: date, now: datetime) -> datetime:
    """Now for today; noon for a day of which no hour is known."""
    return now if day == business_date(now) else noon(day)
