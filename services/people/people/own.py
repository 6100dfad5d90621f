"""What a person sees of themselves: by a link that is used once, what the vault holds under their id, and who looked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from kit import one_use, outbox
from kit.context import Context
from kit.database import Connection
from kit.errors import NotFound
from people import store
from people.domain import person
from people.domain.details import LookReason
from people.domain.erasure import Erasure, decide_by
from people.domain.person import Person
from people.domain.request import Request
from people.handlers import People
from people.messages import store as messages
from people.messages.store import Message
from people.store import aggregates
from people.tree import one_with
from schemas.fact import kebab

EVERY = 2**63 - 1
"""Of all that is held nothing is left out: a look's number, and how many, are below it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a partner calls the person."""

    partner: str
    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody looked. Who of their staff it was is not said: that is a person too. It is kept, and an officer can say it."""

    at: datetime
    organisation: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked, and by when it is to be answered."""

    request: Erasure | Request
    answer_by: date

    @property
    def open(self) -> bool:
        """Whether it waits to be decided."""
        return self.request.status in ("requested", "held", "made")


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact about the id, as every other service hears it."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What the vault holds under one id, as its person sees it."""

    person_id: UUID
    person: Person
    details: Mapping[str, str] = field(repr=False)
    references: Sequence[Reference] = field(repr=False)
    looks: Sequence[Seen]
    requests: Sequence[Asked]
    messages: Sequence[Message]
    """What they were to be told, the last first."""
    stopped: Sequence[str]
    """The kinds of message that they do not want."""
    happened: Sequence[Happened]


async def give_link(tx: Connection, person_id: UUID, context: Context) -> str:
    """The code of a new link. Whoever has it can see the person: so that it was given counts as a look. Raises NotFound."""
    if (await aggregates.look(tx, Person, person_id)).status is person.Status.ERASED:
        raise NotFound
    code = await one_use.give(tx, person_id, context.now)
    await People.keep_looks(tx, [person_id], LookReason.SUBJECT_ACCESS, context)
    return code


async def held_of(people: People, tx: Connection, person_id: UUID) -> Held:
    """All under this id alone, but for what they do not want to be told. What stands under a linked one is not shown: a link is an
    opinion of staff, which may be mistaken, and would show one person the address of another. Raises NotFound."""
    state = await aggregates.look(tx, Person, person_id)
    return Held(
        person_id=person_id,
        person=state,
        details=await people.details_of(tx, person_id),
        references=[Reference(*each) for each in await people.references_of(tx, person_id)],
        looks=[
            Seen(each.looked_at, each.organisation, each.reason)
            for each in (await store.looks_of(tx, [person_id], EVERY, EVERY)).values()
        ],
        requests=[
            *(Asked(each, decide_by(each.requested_on)) for _, each in await store.erasures_of(tx, person_id)),
            *(Asked(each, decide_by(each.made_on)) for _, each in await store.requests_of(tx, person_id)),
        ],
        messages=await messages.listed(tx, [person_id], None, None, EVERY, EVERY),
        stopped=sorted(await messages.opted_out(tx, await one_with(tx, person_id))),
        happened=[
            Happened(kebab(type(line.fact).__name__), line.occurred_at) for line in await outbox.history(tx, person_id)
        ],
    )


async def held_under_every_id(people: People, tx: Connection, person_id: UUID, context: Context) -> list[Held]:
    """All under every id that is linked to this one: for the officer, whose look at each is kept. Raises NotFound."""
    ids = await people.one_with(tx, person_id)
    found = [await held_of(people, tx, each) for each in ids]
    if found[0].person.status is person.Status.ERASED:
        raise NotFound
    await people.keep_looks(tx, ids, LookReason.SUBJECT_ACCESS, context)
    return found


def as_data(held: Held) -> dict[str, Any]:
    """What is held, for another system to read."""
    data: dict[str, Any] = to_jsonable_python(asdict(held) | {"person": held.person})
    return data
