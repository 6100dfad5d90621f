"""Whom the vault keeps by name: those of whom some service keeps a record, and for a period whoever is registered.

Services are strangers here, so what they keep is known by what they say. Whatever a fact that names somebody happened to is a
record that rests on them, until its service says that it let go of it (`LetGo`). When nothing rests on any id of a person any more,
and no partner calls them by a reference, their period runs (`retention.py`), and is shown before it is over. Then they are erased,
as they are where they ask: everybody hears it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from kit import deadlines, retention
from kit.context import Context
from kit.database import Connection
from kit.deadlines import Due
from kit.inbox import Received
from people import elsewhere, tree
from people.domain import person
from people.domain.person import Person
from people.reactions import HEARD
from people.retention import SCHEDULE
from people.store import aggregates
from schemas.fact import Fact
from schemas.letting_go import LetGo
from schemas.registry import facts
from schemas.values import business_date

CONSUMER: Final = "people.resting"
ACCEPTS: Final[tuple[type[Fact], ...]] = tuple(
    fact for fact in facts() if fact.SERVICE in HEARD and (issubclass(fact, LetGo) or "person_id" in fact.model_fields)
)
LATE: Final = timedelta(hours=1)
"""A deadline that is met so late was due while no worker ran, or before a backup: what was said meanwhile is heard first."""
AGAIN: Final = timedelta(days=1)
PAUSE: Final = 0.5
"""Seconds. Everything that anybody says is heard here, and what it means runs for months."""


async def hear(tx: Connection, received: Sequence[Received]) -> None:
    """What other services keep of somebody, and of what they let go. Nothing is said of a record after that."""
    named: dict[Any, None] = {}
    gone = {}
    for event in received:
        record = event.envelope.subject
        if isinstance(event.fact, LetGo):
            gone[record] = event.fact.occurred_on
        else:
            named[record, event.fact.person_id] = None  # type: ignore[attr-defined]  # ACCEPTS has no other
    await elsewhere.rest(tx, named)
    for id_ in await elsewhere.let_go(tx, gone) if gone else ():
        await aggregates.look_again(tx, Person, id_)


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline of a person, or of what they asked: with that goes what they are kept for."""
    if due.aggregate == person.AGGREGATE:
        await _end(tx, due, context)
        return
    asked = await aggregates.read(tx, aggregates.kind(due.aggregate), due.aggregate_id)
    whose: UUID | None = getattr(asked and asked.state, "person_id", None)
    if whose is not None:
        await aggregates.lock(tx, Person, whose)
    await aggregates.fall_due(tx, due, context)
    if whose is not None:
        await aggregates.look_again(tx, Person, whose)


async def _end(tx: Connection, due: Due, context: Context) -> None:
    """A period is over: every id of the person is erased, unless something stands against it, which is looked at again."""
    await tree.one_link(tx)
    ids = sorted(await tree.one_with(tx, due.aggregate_id))
    locked = [await aggregates.lock(tx, Person, each) for each in ids]
    line = retention.kept(SCHEDULE, person.AGGREGATE, locked[0].standing)
    since = await elsewhere.nothing_since(tx, ids)
    if line is None or since is None:
        return
    if not all([await retention.is_over(tx, line, each, since, context.now) for each in ids]):
        await aggregates.look_again(tx, Person, due.aggregate_id)
    elif context.now - due.due_at > LATE or await elsewhere.not_now(tx, ids, CONSUMER):
        await deadlines.keep(tx, person.AGGREGATE, due.aggregate_id, {retention.NAME: context.now + AGAIN})
    else:
        for row in locked:
            erase = person.Erase(occurred_on=business_date(context.now))
            await aggregates.obey(tx, row, [erase], context)
