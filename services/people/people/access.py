"""All that every service holds of a person, for that person: they ask, an officer gathers it, and it waits here.

Services know nothing of each other, and a person has no door at each; the vault has one that they come through. What was gathered
(`oneworkforce persons held`) is sealed like a name. It goes when the person has it, or when its period is over. No other service
need hear of it, so it is no fact.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, JsonValue

from kit import deadlines, operations, waiting
from kit.clock import now
from kit.context import Context
from kit.database import Connection
from kit.deadlines import Due
from kit.errors import Invalid, NotFound
from kit.ids import new_id
from kit.step import Command, Waiting, end_of
from people import resting
from people.domain import person
from people.domain.erasure import OFFICER, OVERDUE, decide_by
from people.domain.messages import MessageKind
from people.domain.person import Person
from people.handlers import People
from people.messages import store as messages
from people.retention import GATHERED_DAYS
from people.store import AskedAlready, aggregates
from schemas.registry import facts
from schemas.values import business_date

AGGREGATE: Final = "access"
SEALED_AS: Final = "gathered"
LASTS: Final = timedelta(days=GATHERED_DAYS)
SERVICES: Final = frozenset(fact.SERVICE for fact in facts())
"""Whoever says anything may hold somebody: each has a word in what is gathered."""

# What was gathered before goes: it is over in thirty days, and with it would go that they asked again.
ASK = """
INSERT INTO access (id, person_id, asked_on) VALUES ($1, $2, $3)
ON CONFLICT (person_id) DO UPDATE SET asked_on = excluded.asked_on, key_id = NULL, sealed = NULL, released_at = NULL
WHERE access.asked_on IS NULL
RETURNING id
"""
RELEASE = """
INSERT INTO access (id, person_id, key_id, sealed, released_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id) DO UPDATE
SET asked_on = NULL, key_id = excluded.key_id, sealed = excluded.sealed, released_at = excluded.released_at
RETURNING id
"""
OF_ID = "SELECT person_id, asked_on, released_at FROM access WHERE id = $1"
OF_PERSON = "SELECT asked_on, released_at FROM access WHERE person_id = $1"
GATHERED = "SELECT key_id, sealed FROM access WHERE person_id = $1 AND released_at > $2"
ASKED_ON = "SELECT asked_on FROM access WHERE id = $1"
REMOVE = "DELETE FROM access WHERE person_id = $1 AND sealed IS NOT NULL AND asked_on IS NULL"


class NotWhole(Invalid):
    """A service is missing: gather it again."""


class AnotherPersons(Invalid):
    """What was gathered is another person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfService:
    """What one service said."""

    service: str
    said: Literal["answered", "holds nothing", "gives it to the person alone"]
    """Anything else is no answer."""
    records: Sequence[JsonValue] = field(repr=False)
    parts: Sequence[JsonValue] = field(repr=False)
    rows: Sequence[JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Command):
    """What every service said, as the officer's command writes it."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    person_id: UUID
    ids: Sequence[UUID]
    gathered_at: datetime
    services: Sequence[OfService] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is."""

    asked_on: date | None
    released_at: datetime | None

    @property
    def answer_by(self) -> date | None:
        return None if self.asked_on is None else decide_by(self.asked_on)

    @property
    def until(self) -> datetime | None:
        """Until when it can be fetched; None: there is nothing to fetch."""
        over = self.released_at is None or self.released_at + LASTS <= now()
        return None if over or self.released_at is None else self.released_at + LASTS


async def ask(tx: Connection, person_id: UUID, context: Context) -> None:
    """A person asks for all that is held of them: the month begins. Raises NotFound, AskedAlready."""
    await _is_somebody(tx, person_id)
    day = business_date(context.now)
    id_ = await tx.fetchval(ASK, new_id(), person_id, day)
    if id_ is None:
        raise AskedAlready(state="asked")
    await waiting.keep(tx, AGGREGATE, id_, {Waiting(OFFICER, "gather-access", day): None})
    await deadlines.keep(tx, AGGREGATE, id_, {OVERDUE: end_of(decide_by(day))})


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A month is over: what nobody has gathered waits under another name. Other things have deadlines of their own."""
    if due.aggregate != AGGREGATE:
        await resting.fall_due(tx, due, context)
    elif (asked_on := await tx.fetchval(ASKED_ON, due.aggregate_id)) is not None:
        overdue = Waiting(OFFICER, "access-overdue", decide_by(asked_on))
        await waiting.keep(tx, AGGREGATE, due.aggregate_id, {overdue: None})


async def release(
    people: People, tx: Connection, person_id: UUID, gathered: Gathered, body: str, context: Context
) -> None:
    """Seal what an officer has read through, for the person to fetch; they are told.

    Raises NotFound, AnotherPersons, NotWhole.
    """
    await _is_somebody(tx, person_id)
    if person_id not in (gathered.person_id, *gathered.ids):
        raise AnotherPersons(field="person_id")
    if missing := sorted(SERVICES - {each.service for each in gathered.services}):
        raise NotWhole(field="services", cure=f"Gather it again, from {' and '.join(missing)} too.")
    key = people.keys.current
    sealed = key.seal(person_id, SEALED_AS, body)
    id_ = await tx.fetchval(RELEASE, new_id(), person_id, key.id, sealed, context.now)
    await waiting.keep(tx, AGGREGATE, id_, {})
    await deadlines.keep(tx, AGGREGATE, id_, {})
    await operations.note(
        tx, "access-released", {"person_id": person_id}, author=context.actor, reason="request for access"
    )
    await messages.tell(tx, new_id(), person_id, MessageKind.REQUEST_DECIDED, None, context.now)


async def standing(tx: Connection, person_id: UUID) -> Standing | None:
    """How far a person's request is; None: they have not asked, and nothing waits for them."""
    row = await tx.fetchrow(OF_PERSON, person_id)
    return None if row is None else Standing(**dict(row))


async def request_at(tx: Connection, id_: UUID) -> tuple[UUID, Standing]:
    """Whose request it is that waits under an id, and how far it is. Raises NotFound."""
    row = await tx.fetchrow(OF_ID, id_)
    if row is None:
        raise NotFound
    return row["person_id"], Standing(row["asked_on"], row["released_at"])


async def fetch(people: People, tx: Connection, person_id: UUID) -> dict[str, Any]:
    """What was gathered for a person. Raises NotFound where there is nothing, or it is over."""
    row = await tx.fetchrow(GATHERED, person_id, now() - LASTS)
    if row is None:
        raise NotFound
    document: dict[str, Any] = json.loads(people.keys.of(row["key_id"]).open(person_id, SEALED_AS, row["sealed"]))
    return document


async def remove(tx: Connection, person_id: UUID) -> None:
    """The person has it: nothing of it stays here."""
    await tx.execute(REMOVE, person_id)


async def _is_somebody(tx: Connection, person_id: UUID) -> None:
    """Raises NotFound."""
    if (await aggregates.look(tx, Person, person_id)).status is person.Status.ERASED:
        raise NotFound
