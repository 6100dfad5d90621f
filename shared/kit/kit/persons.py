"""Of whom a service may speak, as people says it: who is registered, who is one person with whom, and who was erased.

A service says once where it keeps persons (`Persons`). By that it forgets whoever was erased, in all that it holds and in all that
the plumbing keeps for it; by that a test finds the table that nobody named. What happened stays, and is nobody's: `kit.nobody(id)`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kit.database import Connection, seeing_everything
from kit.errors import Invalid
from kit.inbox import Received
from schemas.fact import Fact
from schemas.people import PersonErased, PersonLinked, PersonRegistered, PersonUnlinked

NOBODY: Final = 8
"""The version of a UUID that stands for nobody: no person is given one."""
HEARD: Final[tuple[type[Fact], ...]] = (PersonRegistered, PersonLinked, PersonUnlinked, PersonErased)
"""What people says that a service hears: by `Persons.hear`."""
EXCHANGE: Final = (
    "Ask people for the person's id: POST /references/exchange with your own reference, or POST /persons. An id that was given "
    "a moment ago may be on its way: send the same again."
)


class UnknownPerson(Invalid):
    """people has registered nobody under this id."""


# Who is known ----------------------------------------------------------------------------------------------------------

# Whoever speaks of a person, and whoever forgets them, wait for each other. Before any row is locked, and in the order of ids.
SPEAK_OF = "SELECT * FROM kit.speak_of($1)"
FORGET_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('person ' || $1::uuid, 0))"
KNOW = """
INSERT INTO kit.person (id, same_as) SELECT * FROM unnest($1::uuid[], $2::uuid[])
ON CONFLICT (id) DO UPDATE SET same_as = excluded.same_as
"""
KNOWN = "SELECT id FROM kit.person WHERE id = ANY($1::uuid[])"
IS_ERASED = "SELECT EXISTS (SELECT FROM kit.erased WHERE nobody = kit.nobody($1))"
ONE_WITH = """
WITH RECURSIVE up AS (
    SELECT id, same_as FROM kit.person WHERE id = ANY($1::uuid[])
    UNION SELECT person.id, person.same_as FROM kit.person JOIN up ON person.id = up.same_as
), every AS (
    SELECT id FROM up UNION SELECT person.id FROM kit.person JOIN every ON person.same_as = every.id
)
SELECT id FROM every UNION SELECT unnest($1::uuid[])
"""


async def know(tx: Connection, persons: Mapping[UUID, UUID | None]) -> None:
    """Keep whom people has registered, each with the id that it is one person with."""
    await tx.execute(KNOW, list(persons), list(persons.values()))


async def is_known(tx: Connection, person_id: UUID) -> bool:
    return bool(await tx.fetch(KNOWN, [person_id]))


async def expect(tx: Connection, *person_ids: UUID, field: str = "person_id") -> None:
    """Somebody at a door speaks of these: all are registered, and nobody forgets them before the transaction ends.

    Raises UnknownPerson. Called before a row is locked.
    """
    asked = sorted(set(person_ids))
    if len(await tx.fetch(SPEAK_OF, asked)) < len(asked):
        raise UnknownPerson(field=field, cure=EXCHANGE)


def is_nobody(person_id: object) -> bool:
    """Whether an id stands for nobody, as `kit.nobody` marks it."""
    return isinstance(person_id, UUID) and person_id.version == NOBODY


async def may_hear_of(tx: Connection, person_id: UUID) -> bool:
    """Whether another service's word of somebody has an effect here: not of whom was erased. Who is not registered yet soon is."""
    await tx.execute(SPEAK_OF, [person_id])
    return not await is_erased(tx, person_id)


async def is_erased(tx: Connection, person_id: UUID) -> bool:
    """Whether somebody was erased, or is nobody already."""
    erased: bool = await tx.fetchval(IS_ERASED, person_id)
    return erased


async def alone(tx: Connection, person_id: UUID) -> None:
    """Wait for whoever speaks of somebody, and keep others waiting until the transaction ends."""
    await tx.execute(FORGET_ALONE, person_id)


async def one_with(tx: Connection, person_id: UUID) -> list[UUID]:
    """Every id of the person, this one among them."""
    return await all_with(tx, [person_id])


async def all_with(tx: Connection, person_ids: Collection[UUID]) -> list[UUID]:
    """Every id of each of these persons, these among them."""
    return [row["id"] for row in await tx.fetch(ONE_WITH, list(person_ids))]


# Who is forgotten ------------------------------------------------------------------------------------------------------

KEEP_ERASED = "INSERT INTO kit.erased (nobody) VALUES (kit.nobody($1)) ON CONFLICT DO NOTHING"
FORGET_PERSON = "DELETE FROM kit.person WHERE id = $1"
UNLINK = "UPDATE kit.person SET same_as = NULL WHERE same_as = $1"
SAY_OF_NOBODY = "SELECT kit.say_of_nobody($1)"

# The service's own, by how it keeps persons. The table comes from the service's declaration, never from a caller.
IDS_OF = "SELECT id FROM {table} WHERE person_id = $1"
EMPTY_OWN = "UPDATE {table} SET body = NULL WHERE person_id = $1"
SHARED_OF_NOBODY = """
UPDATE {table} SET body = replace(body::text, $1::uuid::text, kit.nobody($1)::text)::jsonb
WHERE position($1::uuid::text IN body::text) > 0
"""
ROW_OF_NOBODY = "UPDATE {table} SET person_id = kit.nobody(person_id) WHERE person_id = $1"
DELETE_ROW = "DELETE FROM {table} WHERE person_id = $1"
GOES_WITH = "DELETE FROM {table} WHERE {column} = ANY($1::uuid[])"

# The plumbing's: what was still to be sent, or set aside, or shown to somebody, is said of nobody.
OF_NOBODY: Mapping[str, str] = MappingProxyType({
    "shown": """
UPDATE kit.operation SET about = replace(about::text, $1::uuid::text, kit.nobody($1)::text)::jsonb
WHERE position($1::uuid::text IN about::text) > 0
""",
    "unsent": """
UPDATE kit.outbox SET value = kit.of_nobody(value, $1) WHERE position(convert_to($1::uuid::text, 'UTF8') IN value) > 0
""",
    "set aside": """
UPDATE kit.dead_letter SET value = kit.of_nobody(value, $1) WHERE position(convert_to($1::uuid::text, 'UTF8') IN value) > 0
""",
    "resolved": """
UPDATE kit.resolution SET value = kit.of_nobody(value, $1) WHERE position(convert_to($1::uuid::text, 'UTF8') IN value) > 0
""",
})  # fmt: skip
# What waits, falls due, or was named in an aggregate that is let go, or was theirs alone.
PLUMBING_WITH: Mapping[str, str] = MappingProxyType({
    "waiting": "DELETE FROM kit.waiting WHERE aggregate_id = ANY($1::uuid[])",
    "deadline": "DELETE FROM kit.deadline WHERE aggregate_id = ANY($1::uuid[]) AND fired_at IS NULL",
    "reference": "DELETE FROM kit.reference WHERE id = ANY($1::uuid[])",
})  # fmt: skip
# What partners sent and what was answered: emptied, the same request or claim is known and not made again.
EMPTY: Mapping[str, str] = MappingProxyType({
    "answered": "UPDATE kit.answered_request SET body_sha256 = '', body = '' WHERE body <> '' AND kit.names(body, $1::text[])",
    "refused": "UPDATE kit.refused SET value = NULL, headers = '{}' WHERE kit.names(value, $1::text[])",
    "claim": """
UPDATE kit.claim SET ids = '{}', body_sha256 = ''
WHERE EXISTS (SELECT FROM jsonb_each_text(ids) AS named WHERE named.value = ANY($1::text[]))
""",
})  # fmt: skip
FORGET_LINKS = "DELETE FROM kit.own_link WHERE person_id = $1"
END_SESSIONS = "DELETE FROM kit.session WHERE subject = $1"
ANSWERED = "DELETE FROM kit.answered_request WHERE principal = $1 OR position($1 IN route) > 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Where a service keeps persons, and what becomes of each place when one is erased.

    All tables are the service's own; the shared ones name persons in their bodies, the others in a column `person_id`. They are
    gone through in this order, which is that of locks: what follows from an aggregate of several is locked after it.
    """

    shared: Sequence[str] = ()
    """Tables of aggregates that name several: there they are nobody."""
    own: Sequence[str] = ()
    """Tables of aggregates that are one person's alone: the row loses its body, and what waits for it goes. In their order."""
    goes_with: Mapping[str, str] = field(default_factory=dict)
    """Other tables of which the rows go with an aggregate that goes, and the column that names it."""
    renamed: Sequence[str] = ()
    """Other tables in which what happened stays, and is nobody's."""
    dropped: Sequence[str] = ()
    """Other tables of which the row goes."""

    @property
    def tables(self) -> frozenset[str]:
        """Every table that keeps somebody."""
        return frozenset((*self.own, *self.shared, *self.renamed, *self.dropped))

    def statements(self) -> Mapping[str, str]:
        """Every statement that is said to the service's tables, for the test that prepares them."""
        said = (
            *((table, SHARED_OF_NOBODY) for table in self.shared), *((table, IDS_OF) for table in self.own),
            *((table, EMPTY_OWN) for table in self.own), *((table, ROW_OF_NOBODY) for table in self.renamed),
            *((table, DELETE_ROW) for table in self.dropped),
        )  # fmt: skip
        with_it = {f"{table} goes with": _with(table, column) for table, column in self.goes_with.items()}
        return with_it | {f"{table} {statement[:6]}": statement.replace("{table}", table) for table, statement in said}

    async def let_go_with(self, tx: Connection, ids: Sequence[UUID]) -> None:
        """What goes with aggregates of these ids: rows beside, what waits, what falls due, what partners call them."""
        for statement in (*(_with(*each) for each in self.goes_with.items()), *PLUMBING_WITH.values()):
            await tx.execute(statement, list(ids))

    async def hear(self, tx: Connection, received: Sequence[Received]) -> None:
        """What people said: the last word on each id. Whoever was erased is forgotten."""
        heard: dict[UUID, UUID | None] = {}
        erased: set[UUID] = set()
        for event in received:
            person_id = event.envelope.subject
            match event.fact:
                case PersonErased():
                    erased.add(person_id)
                case PersonLinked(same_as=other):
                    heard[person_id] = other
                case PersonRegistered() | PersonUnlinked():
                    heard[person_id] = None
                case _:
                    raise TypeError(f"{event.fact.TYPE} is not for us")
        await know(tx, {person_id: other for person_id, other in heard.items() if person_id not in erased})
        await self.forget(tx, erased)

    async def forget(self, tx: Connection, erased: Iterable[UUID]) -> None:
        """Forget these: what is held, what waits, what partners sent; what was said is said of nobody."""
        async with seeing_everything(tx):
            for person_id in sorted(erased):
                await alone(tx, person_id)
                await tx.execute(KEEP_ERASED, person_id)
                await self._forget_own(tx, person_id)
                await self._forget_kept(tx, person_id)

    async def _forget_own(self, tx: Connection, person_id: UUID) -> None:
        """What the service holds; its rows are locked before the journal is read."""
        ids: list[UUID] = []
        for table in self.shared:
            await tx.execute(SHARED_OF_NOBODY.replace("{table}", table), person_id)
        for table in self.dropped:
            await tx.execute(DELETE_ROW.replace("{table}", table), person_id)
        for table in self.own:
            ids += [row["id"] for row in await tx.fetch(IDS_OF.replace("{table}", table), person_id)]
            await tx.execute(EMPTY_OWN.replace("{table}", table), person_id)
        await self.let_go_with(tx, ids)
        for table in self.renamed:
            await tx.execute(ROW_OF_NOBODY.replace("{table}", table), person_id)
        for statement in EMPTY.values():
            await tx.execute(statement, [str(id_) for id_ in (person_id, *ids)])

    async def _forget_kept(self, tx: Connection, person_id: UUID) -> None:
        """What the plumbing keeps for it."""
        await tx.execute(SAY_OF_NOBODY, person_id)
        for statement in OF_NOBODY.values():
            await tx.execute(statement, person_id)
        await tx.execute(ANSWERED, str(person_id))
        await tx.execute(FORGET_LINKS, person_id)
        await tx.execute(END_SESSIONS, str(person_id))
        await tx.execute(UNLINK, person_id)
        await tx.execute(FORGET_PERSON, person_id)


def _with(table: str, column: str) -> str:
    return GOES_WITH.replace("{table}", table).replace("{column}", column)
