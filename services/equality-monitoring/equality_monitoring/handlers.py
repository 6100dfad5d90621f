"""A person's orders, each in the caller's transaction: lock, load, decide, evolve, save, say."""

from collections.abc import Sequence
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
from equality_monitoring.store import Held
from kit import outbox, persons
from kit.clock import noon
from kit.context import Context
from kit.database import Connection
from kit.errors import NotFound
from kit.http import expect
from kit.ids import new_id
from kit.inbox import Received
from kit.step import Command
from schemas.equality_monitoring import TOPIC, Declaration
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
    """Withdraw what stands: that is said, all that was declared is erased, and a tombstone follows. Raises Refused."""
    await store.lock(tx, person_id)
    held = await read(tx, person_id)
    if held.monitoring.status is Status.WITHDRAWN:
        return held
    expect(held.version, if_match)
    order = Withdraw(occurred_on=occurred_on)
    after = await _obey(tx, held.monitoring_id, held.version, held.monitoring, order, context)
    await store.erase(tx, held.monitoring_id, person_id)
    await outbox.send(tx, TOPIC, str(held.monitoring_id), None, {})
    return after


async def forget(tx: Connection, received: Sequence[Received]) -> None:
    """Whoever was erased has declared nothing: what stands is withdrawn, and what is left of it is nobody's."""
    for event in sorted(received, key=lambda each: each.envelope.subject):
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
            await withdraw(tx, person_id, context)
        await store.PERSONS.forget(tx, [person_id])


async def read(tx: Connection, person_id: UUID) -> Held:
    """What stands of a person, or the last that was withdrawn. Raises NotFound."""
    held = await store.of_person(tx, person_id)
    if held is None:
        raise NotFound
    return held


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
        await outbox.record(tx, AGGREGATE, monitoring_id, version, facts, context, occurred_at=moment, topic=TOPIC)
    return Held(monitoring_id, version + len(facts), after)


def _moment(day: date, now: datetime) -> datetime:
    """Now for today; noon for a day of which no hour is known."""
    return now if day == business_date(now) else noon(day)
