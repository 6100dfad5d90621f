"""What is kept: each id as a row (kit.aggregates), and beside it what only the vault's keys open. Statements are constants."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from kit.aggregates import Aggregates
from kit.database import Connection, columns
from kit.errors import Refused
from people.domain import duplicates, erasure, person, request
from people.domain.details import Kind
from people.domain.duplicates import Rule
from people.domain.erasure import Erasure
from people.domain.person import Person
from people.domain.request import Request
from people.elsewhere import nothing_since
from people.messages import store as messages
from people.retention import SCHEDULE
from people.tree import one_with
from schemas.values import Part

# Names and contacts ----------------------------------------------------------------------------------------------------

KEEP_DETAILS = """
INSERT INTO detail (person_id, kind, key_id, digest, sealed)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[])
ON CONFLICT (person_id, kind) DO UPDATE SET key_id = excluded.key_id, digest = excluded.digest, sealed = excluded.sealed
"""
FORGET_DETAILS = "DELETE FROM detail WHERE person_id = $1 AND kind = ANY($2::text[])"
DETAILS_OF = (
    "SELECT person_id, kind, key_id, sealed FROM detail WHERE person_id = ANY($1::uuid[]) ORDER BY person_id, kind"
)
NAMES_OF = """
SELECT id, key_id, sealed FROM person LEFT JOIN detail ON person_id = id AND kind = 'name'
WHERE id = ANY($1::uuid[]) AND status <> 'erased' ORDER BY id
"""
FOUND = """
SELECT person_id FROM detail JOIN unnest($1::text[], $2::bytea[]) AS asked (kind, digest) USING (kind, digest)
GROUP BY person_id HAVING count(DISTINCT kind) = $3 ORDER BY person_id LIMIT 50
"""
UNDER_OTHERS = """
SELECT person_id, kind, key_id, sealed FROM detail WHERE key_id <> $1 ORDER BY person_id, kind LIMIT $2 FOR UPDATE
"""

DetailRow = tuple[UUID, str, str, bytes, bytes]
"""Whose, which kind, under which key, found by, sealed."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A name or a way to be reached, sealed."""

    person_id: UUID
    kind: str
    key_id: str
    sealed: bytes = field(repr=False)


async def keep_details(tx: Connection, rows: Sequence[DetailRow]) -> None:
    await tx.execute(KEEP_DETAILS, *columns(rows, 5))


async def forget_details(tx: Connection, person_id: UUID, kinds: Sequence[str]) -> None:
    await tx.execute(FORGET_DETAILS, person_id, list(kinds))


async def details_of(tx: Connection, ids: Sequence[UUID]) -> list[Detail]:
    return [Detail(**dict(row)) for row in await tx.fetch(DETAILS_OF, list(ids))]


async def names_of(tx: Connection, ids: Sequence[UUID]) -> list[tuple[UUID, Detail | None]]:
    """Of these ids those that the transaction may see and that are somebody's, each with its name, where one is held."""
    return [
        (row["id"], None if row["key_id"] is None else Detail(row["id"], Kind.NAME, row["key_id"], row["sealed"]))
        for row in await tx.fetch(NAMES_OF, list(ids))
    ]


async def found(tx: Connection, digests: Sequence[tuple[str, bytes]], kinds: int) -> list[UUID]:
    """Whoever has one of these digests for each of so many kinds."""
    return [row["person_id"] for row in await tx.fetch(FOUND, *columns(digests, 2), kinds)]


async def details_under_others(tx: Connection, key_id: str, limit: int) -> list[Detail]:
    """What is sealed under another key than this one."""
    return [Detail(**dict(row)) for row in await tx.fetch(UNDER_OTHERS, key_id, limit)]


# Who looked ------------------------------------------------------------------------------------------------------------

KEEP_LOOKS = """
INSERT INTO look (person_id, looked_at, actor, organisation, reason)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
"""
LOOKS_OF = """
SELECT id, person_id, looked_at, actor, organisation, reason FROM look
WHERE person_id = ANY($1::uuid[]) AND id < $2 ORDER BY id DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at who a person is."""

    person_id: UUID
    looked_at: datetime
    actor: str
    organisation: str | None
    """Whose staff; none: the programme's."""
    reason: str


async def keep_looks(tx: Connection, looks: Sequence[Look]) -> None:
    rows = [(each.person_id, each.looked_at, each.actor, each.organisation, each.reason) for each in looks]
    await tx.execute(KEEP_LOOKS, *columns(rows, 5))


async def looks_of(tx: Connection, ids: Sequence[UUID], before: int, limit: int) -> dict[int, Look]:
    """Who looked at these, the last first, by number."""
    rows = [dict(row) for row in await tx.fetch(LOOKS_OF, list(ids), before, limit)]
    return {row.pop("id"): Look(**row) for row in rows}


# A person's own page ----------------------------------------------------------------------------------------------------

ERASURES_OF = "SELECT id, body FROM erasure WHERE person_id = $1 AND body IS NOT NULL ORDER BY turn DESC"
OPEN_ERASURES = (
    "SELECT id FROM erasure WHERE person_id = ANY($1::uuid[]) AND status IN ('requested', 'held') ORDER BY id"
)
REFERENCES_OF = """
SELECT partner, kind, key_id, digest, sealed, person_id FROM exchange WHERE person_id = $1 ORDER BY partner, kind, digest
"""


async def erasures_of(tx: Connection, person_id: UUID) -> list[tuple[UUID, Erasure]]:
    """Every request of a person to be erased, the last first."""
    return [(row["id"], Erasure.model_validate_json(row["body"])) for row in await tx.fetch(ERASURES_OF, person_id)]


async def open_erasures(tx: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Requests of these people to be erased that nobody has decided, in the order in which rows are locked."""
    return [row["id"] for row in await tx.fetch(OPEN_ERASURES, list(ids))]


async def references_of(tx: Connection, person_id: UUID) -> list["Exchanged"]:
    """What partners call a person, sealed."""
    return [Exchanged(**dict(row)) for row in await tx.fetch(REFERENCES_OF, person_id)]


# Partners' references --------------------------------------------------------------------------------------------------

ONE_EXCHANGE = "SELECT pg_advisory_xact_lock(hashtextextended('exchange ' || $1::text, 0))"
EXCHANGED = "SELECT digest, person_id FROM exchange WHERE partner = $1 AND digest = ANY($2::bytea[])"
KEEP_REFERENCE = """
INSERT INTO exchange (partner, kind, key_id, digest, sealed, person_id) VALUES ($1, $2, $3, $4, $5, $6)
"""
REFERENCES_UNDER_OTHERS = """
SELECT partner, kind, key_id, digest, sealed, person_id FROM exchange WHERE key_id <> $1
ORDER BY partner, digest LIMIT $2 FOR UPDATE
"""
MOVE_REFERENCE = "UPDATE exchange SET key_id = $3, digest = $4, sealed = $5 WHERE partner = $1 AND digest = $2"
IS_USED = """
SELECT EXISTS (SELECT FROM detail WHERE key_id = $1) OR EXISTS (SELECT FROM exchange WHERE key_id = $1)
    OR EXISTS (SELECT FROM proposed WHERE key_id = $1) OR EXISTS (SELECT FROM access WHERE key_id = $1)
"""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A partner's reference, sealed, and whose it is."""

    partner: str
    kind: str
    key_id: str
    digest: bytes
    sealed: bytes = field(repr=False)
    person_id: UUID


async def one_exchange(tx: Connection, partner: str) -> None:
    """Wait until no other exchange of this partner makes ids, and keep others waiting until this transaction ends."""
    await tx.execute(ONE_EXCHANGE, partner)


async def exchanged(tx: Connection, partner: str, digests: Sequence[bytes]) -> list[tuple[bytes, UUID]]:
    return [(row["digest"], row["person_id"]) for row in await tx.fetch(EXCHANGED, partner, list(digests))]


async def keep_reference(
    tx: Connection, partner: str, kind: str, key_id: str, digest: bytes, sealed: bytes, person_id: UUID
) -> None:
    await tx.execute(KEEP_REFERENCE, partner, kind, key_id, digest, sealed, person_id)


async def references_under_others(tx: Connection, key_id: str, limit: int) -> list[Exchanged]:
    return [Exchanged(**dict(row)) for row in await tx.fetch(REFERENCES_UNDER_OTHERS, key_id, limit)]


async def move_reference(tx: Connection, held: Exchanged, key_id: str, digest: bytes, sealed: bytes) -> None:
    await tx.execute(MOVE_REFERENCE, held.partner, held.digest, key_id, digest, sealed)


async def is_used(tx: Connection, key_id: str) -> bool:
    """Whether anything is kept under a key."""
    used: bool = await tx.fetchval(IS_USED, key_id)
    return used


# One person twice ------------------------------------------------------------------------------------------------------

# What too many have in common tells nothing, and would make pairs by the square of it.
LIKELY = """
WITH telling AS MATERIALIZED (
    SELECT kind, digest FROM detail GROUP BY kind, digest HAVING count(*) BETWEEN 2 AND $1
), linked AS MATERIALIZED (
    SELECT person_id, root FROM one_person
), apart AS MATERIALIZED (
    SELECT coalesce(first.root, one) AS one, coalesce(second.root, other) AS other
    FROM different LEFT JOIN linked AS first ON first.person_id = one LEFT JOIN linked AS second ON second.person_id = other
), alone AS MATERIALIZED (
    SELECT coalesce(root, request.person_id) AS root FROM request LEFT JOIN linked USING (person_id)
    WHERE request.status = 'granted' AND about = 'being-compared'
), pair AS MATERIALIZED (
    SELECT a.person_id AS one, b.person_id AS other, array_agg(kind) AS shared
    FROM telling JOIN detail AS a USING (kind, digest) JOIN detail AS b USING (kind, digest)
    WHERE a.person_id < b.person_id GROUP BY 1, 2
)
SELECT one, other, array_agg(rule.code ORDER BY rule.turn) AS rules
FROM pair
JOIN person AS p ON p.id = one JOIN person AS q ON q.id = other
JOIN jsonb_to_recordset($2) AS rule (turn int, code text, shared text[], within_days int)
    ON rule.shared <@ pair.shared AND abs(p.registered_on - q.registered_on) <= coalesce(rule.within_days, 1000000)
LEFT JOIN linked AS first ON first.person_id = one LEFT JOIN linked AS second ON second.person_id = other
WHERE coalesce(first.root, one) <> coalesce(second.root, other) AND (one, other) > ($3::uuid, $4::uuid)
    AND (coalesce(first.root, one), coalesce(second.root, other)) NOT IN (
        SELECT one, other FROM apart UNION ALL SELECT other, one FROM apart
    )
    AND coalesce(first.root, one) NOT IN (SELECT root FROM alone) AND coalesce(second.root, other) NOT IN (SELECT root FROM alone)
GROUP BY one, other ORDER BY one, other LIMIT $5
"""
KEEP_DIFFERENT = """
INSERT INTO different (one, other, reason, actor, decided_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
ARE_APART = """
SELECT EXISTS (
    SELECT FROM different WHERE one = ANY($1::uuid[]) AND other = ANY($2::uuid[]) OR one = ANY($2) AND other = ANY($1)
)
"""
FORGET_DIFFERENT = (
    "DELETE FROM different WHERE one = least($1::uuid, $2::uuid) AND other = greatest($1::uuid, $2::uuid)"
)

FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Likely:
    """Two ids that are likely one person, and the rules that say so, the most telling first."""

    one: UUID
    other: UUID
    rules: tuple[str, ...]


async def likely(tx: Connection, rules: Sequence[Rule], after: tuple[UUID, UUID] | None, limit: int) -> list[Likely]:
    """Pairs of which a rule speaks, that are not linked and were not told apart, under whichever of their ids."""
    as_data = [
        {"turn": turn, "code": rule.code, "shared": rule.shared, "within_days": rule.within_days}
        for turn, rule in enumerate(rules)
    ]
    rows = await tx.fetch(LIKELY, duplicates.TELLING, json.dumps(as_data), *(after or (FIRST, FIRST)), limit)
    return [Likely(row["one"], row["other"], tuple(row["rules"])) for row in rows]


async def keep_different(tx: Connection, one: UUID, other: UUID, reason: str, actor: str, moment: datetime) -> None:
    await tx.execute(KEEP_DIFFERENT, one, other, reason, actor, moment)


async def are_apart(tx: Connection, ids: Sequence[UUID], others: Sequence[UUID]) -> bool:
    """Whether somebody told one of these apart from one of the others."""
    apart: bool = await tx.fetchval(ARE_APART, list(ids), list(others))
    return apart


async def forget_different(tx: Connection, first: UUID, second: UUID) -> None:
    await tx.execute(FORGET_DIFFERENT, first, second)


# What a person asks ----------------------------------------------------------------------------------------------------

PROPOSE = "INSERT INTO proposed (request_id, kind, key_id, sealed) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bytea[])"
PROPOSED = """
SELECT person_id, kind, key_id, sealed FROM proposed JOIN request ON id = request_id WHERE request_id = $1 ORDER BY kind
"""
FORGET_PROPOSED = "DELETE FROM proposed WHERE request_id = $1"
PROPOSED_UNDER_OTHERS = """
SELECT request_id, person_id, kind, key_id, sealed FROM proposed JOIN request ON id = request_id WHERE key_id <> $1
ORDER BY request_id, kind LIMIT $2 FOR UPDATE OF proposed
"""
MOVE_PROPOSED = "UPDATE proposed SET key_id = $3, sealed = $4 WHERE request_id = $1 AND kind = $2"
REQUESTS_OF = "SELECT id, body FROM request WHERE person_id = $1 AND body IS NOT NULL ORDER BY turn DESC"
OPEN_REQUESTS = "SELECT id FROM request WHERE person_id = ANY($1::uuid[]) AND status = 'made' ORDER BY id"


async def propose(tx: Connection, request_id: UUID, rows: Sequence[tuple[str, str, bytes]]) -> None:
    """Keep what is to stand in place of what is held: which kind, under which key, sealed."""
    await tx.execute(PROPOSE, request_id, *columns(rows, 3))


async def proposed(tx: Connection, request_id: UUID) -> list[Detail]:
    return [Detail(**dict(row)) for row in await tx.fetch(PROPOSED, request_id)]


async def forget_proposed(tx: Connection, request_id: UUID) -> None:
    await tx.execute(FORGET_PROPOSED, request_id)


async def proposed_under_others(tx: Connection, key_id: str, limit: int) -> list[tuple[UUID, Detail]]:
    """What is proposed and sealed under another key than this one, by its request."""
    rows = await tx.fetch(PROPOSED_UNDER_OTHERS, key_id, limit)
    return [(row["request_id"], Detail(row["person_id"], row["kind"], row["key_id"], row["sealed"])) for row in rows]


async def move_proposed(tx: Connection, request_id: UUID, kind: str, key_id: str, sealed: bytes) -> None:
    await tx.execute(MOVE_PROPOSED, request_id, kind, key_id, sealed)


async def requests_of(tx: Connection, person_id: UUID) -> list[tuple[UUID, Request]]:
    """All that a person asked beside being erased, the last first."""
    return [(row["id"], Request.model_validate_json(row["body"])) for row in await tx.fetch(REQUESTS_OF, person_id)]


async def open_requests(tx: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """What these people asked, and nobody has decided, in the order in which rows are locked."""
    return [row["id"] for row in await tx.fetch(OPEN_REQUESTS, list(ids))]


# What was gathered for a person -----------------------------------------------------------------------------------------

GATHERED_UNDER_OTHERS = """
SELECT person_id, 'gathered' AS kind, key_id, sealed FROM access WHERE key_id <> $1 ORDER BY person_id LIMIT $2 FOR UPDATE
"""
MOVE_GATHERED = "UPDATE access SET key_id = $2, sealed = $3 WHERE person_id = $1"


async def gathered_under_others(tx: Connection, key_id: str, limit: int) -> list[Detail]:
    """What waits for a person to fetch it, and is sealed under another key than this one."""
    return [Detail(**dict(row)) for row in await tx.fetch(GATHERED_UNDER_OTHERS, key_id, limit)]


async def move_gathered(tx: Connection, person_id: UUID, key_id: str, sealed: bytes) -> None:
    await tx.execute(MOVE_GATHERED, person_id, key_id, sealed)


# Erasure ---------------------------------------------------------------------------------------------------------------

FORGET_ALL = "DELETE FROM detail WHERE person_id = ANY($1::uuid[])"
FORGET_REFERENCES = "DELETE FROM exchange WHERE person_id = ANY($1::uuid[])"
FORGET_APART = "DELETE FROM different WHERE one = ANY($1::uuid[]) OR other = ANY($1::uuid[])"
FORGET_WISHES = "DELETE FROM proposed USING request WHERE id = request_id AND person_id = ANY($1::uuid[])"
FORGET_RESTING = "DELETE FROM resting WHERE person_id = ANY($1::uuid[])"
FORGET_LINKS = "DELETE FROM kit.own_link WHERE person_id = ANY($1::uuid[])"
END_SESSIONS = "DELETE FROM kit.session WHERE subject = ANY($1::uuid[]::text[])"
FORGET_ACCESS = "DELETE FROM access WHERE person_id = ANY($1::uuid[]) RETURNING id"
FORGET_WAITING = "DELETE FROM kit.waiting WHERE aggregate_id = ANY($1::uuid[])"
# A request is known again by a digest of its body, and its answer holds the id: emptied, it is known with another body.
EMPTY_ANSWERS = """
UPDATE kit.answered_request SET body_sha256 = '', body = ''
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS id WHERE position(convert_to(id, 'UTF8') IN body) > 0)
"""


async def erase(tx: Connection, ids: Sequence[UUID]) -> None:
    """Forget who these ids are: names, contacts, references, pairs, links, sessions, messages, and answers that hold them."""
    for statement in (
        FORGET_ALL,
        FORGET_REFERENCES,
        FORGET_APART,
        FORGET_WISHES,
        FORGET_RESTING,
        FORGET_LINKS,
        END_SESSIONS,
    ):
        await tx.execute(statement, list(ids))
    asked = [row["id"] for row in await tx.fetch(FORGET_ACCESS, list(ids))]
    await tx.execute(FORGET_WAITING, asked)
    await tx.execute(EMPTY_ANSWERS, [str(id_) for id_ in ids])
    await messages.forget(tx, ids)


class AskedAlready(Refused):
    """The person has asked already, and it is not decided."""


# The aggregates --------------------------------------------------------------------------------------------------------


async def _ended_on(tx: Connection, id_: UUID, state: Person | Erasure | Request) -> date | None:
    """From which day the period runs: of what somebody asked from its decision, of who they are from when nothing else is kept."""
    return await nothing_since(tx, await one_with(tx, id_)) if isinstance(state, Person) else state.since


async def _follows(tx: Connection, id_: UUID, before: Part | None, state: Part | None) -> None:
    """Whoever is erased is erased where the state is saved: also when it is worked out anew after a backup was restored.

    What somebody asked is kept, and they for its sake.
    """
    if isinstance(state, Person) and state.status is person.Status.ERASED:
        await erase(tx, [id_])
    elif isinstance(state, Erasure | Request):
        await aggregates.look_again(tx, Person, state.person_id)


aggregates = Aggregates(
    machines=MappingProxyType({Person: person, Erasure: erasure, Request: request}),
    organisation=lambda state, who: getattr(state, "organisation", None),
    refusals=MappingProxyType({"erasure_open": AskedAlready, "request_open": AskedAlready}),
    follows=_follows,
    one_with=one_with,
    ended_on=_ended_on,
    schedule=SCHEDULE,
)
"""Rows are locked in this order, and by id within a table."""
