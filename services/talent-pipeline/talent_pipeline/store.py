"""What is kept: each aggregate as a row, and what is found by other things than its id. Statements are constants.

The six aggregates have tables of one shape (tables.sql), so that their statements differ in the table's name alone.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from kit.database import EVERYONE, Connection
from schemas.values import Part
from talent_pipeline.domain import appointable, campaign, candidacy, engagement, fair, vacancy
from talent_pipeline.domain.candidacy import ValuesPass
from talent_pipeline.domain.step import Waiting

State = TypeVar("State", bound=Part)

STATES: Mapping[str, type[Part]] = MappingProxyType({
    campaign.AGGREGATE: campaign.Campaign,
    fair.AGGREGATE: fair.Fair,
    engagement.AGGREGATE: engagement.Engagement,
    vacancy.AGGREGATE: vacancy.Vacancy,
    candidacy.AGGREGATE: candidacy.Candidacy,
    appointable.AGGREGATE: appointable.Appointable,
})  # fmt: skip
"""In the order in which rows are locked: whoever locks several does it in this order, and by id within a table."""


def _each(statement: str) -> Mapping[str, str]:
    """The statement for each aggregate's table. Table names come from the list above, never from a caller."""
    return MappingProxyType({table: statement.replace("{table}", table) for table in STATES})


LOAD = _each("SELECT version, body FROM {table} WHERE id = $1 FOR UPDATE")
READ = _each("SELECT version, body FROM {table} WHERE id = $1")
INSERT = _each("INSERT INTO {table} (id, version, body) VALUES ($1, $2, $3)")
UPDATE = _each("UPDATE {table} SET version = $2, body = $3 WHERE id = $1")
LIST = _each("""
SELECT id, turn, version, body FROM {table} WHERE body @> $1 AND turn < $2 ORDER BY turn DESC LIMIT $3
""")


@dataclass(frozen=True, slots=True)
class Row(Generic[State]):
    """An aggregate as it is kept. No state: every fact of it was voided."""

    id: UUID
    version: int
    state: State | None
    turn: int = 0


async def load(tx: Connection, kind: type[State], id_: UUID) -> Row[State] | None:
    """The row, locked until the transaction ends. None: there is none, or it is another organisation's."""
    return _row(kind, id_, await tx.fetchrow(LOAD[table_of(kind)], id_))


async def read(tx: Connection, kind: type[State], id_: UUID) -> Row[State] | None:
    """The row, unlocked."""
    return _row(kind, id_, await tx.fetchrow(READ[table_of(kind)], id_))


async def save(tx: Connection, kind: type[State], id_: UUID, version: int, state: State | None, *, new: bool) -> None:
    statement = INSERT if new else UPDATE
    await tx.execute(statement[table_of(kind)], id_, version, None if state is None else state.model_dump_json())


async def listed(
    tx: Connection, kind: type[State], having: Mapping[str, Any], before: int, limit: int
) -> Sequence[Row[State]]:
    """The newest rows whose state has these fields, older than a turn. What was voided is not listed."""
    rows = await tx.fetch(LIST[table_of(kind)], json.dumps(having), before, limit)
    return [Row(row["id"], row["version"], kind.model_validate_json(row["body"]), row["turn"]) for row in rows]


def table_of(kind: type[Part]) -> str:
    return next(name for name, state in STATES.items() if state is kind)


def _row(kind: type[State], id_: UUID, row: Any) -> Row[State] | None:
    if row is None:
        return None
    return Row(id_, row["version"], None if row["body"] is None else kind.model_validate_json(row["body"]))


# People ----------------------------------------------------------------------------------------------------------------

ISSUE = "INSERT INTO person (id) VALUES ($1)"
IS_KNOWN = "SELECT EXISTS (SELECT FROM person WHERE id = $1)"
ENGAGEMENTS_OF = "SELECT id FROM engagement WHERE person_id = $1 AND status <> 'voided' ORDER BY turn DESC"
CANDIDACIES_OF = (
    "SELECT id, version, body FROM candidacy WHERE person_id = $1 AND status <> 'voided' ORDER BY turn DESC"
)


async def issue_person(tx: Connection, person_id: UUID) -> None:
    await tx.execute(ISSUE, person_id)


async def is_known(tx: Connection, person_id: UUID) -> bool:
    known: bool = await tx.fetchval(IS_KNOWN, person_id)
    return known


async def engagements_of(tx: Connection, person_id: UUID) -> list[UUID]:
    """A person's engagements, the latest first."""
    return [row["id"] for row in await tx.fetch(ENGAGEMENTS_OF, person_id)]


async def candidacies_of(tx: Connection, person_id: UUID) -> list[Row[candidacy.Candidacy]]:
    """A person's candidacies, the latest first."""
    return [
        Row(row["id"], row["version"], candidacy.Candidacy.model_validate_json(row["body"]))
        for row in await tx.fetch(CANDIDACIES_OF, person_id)
    ]


# Values passes ---------------------------------------------------------------------------------------------------------

SHARE_PASS = """
INSERT INTO values_pass (passed_in, person_id, employer, passed_on, valid_until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (passed_in) DO UPDATE SET passed_on = excluded.passed_on, valid_until = excluded.valid_until
"""
UNSHARE_PASS = "DELETE FROM values_pass WHERE passed_in = $1"
PASS_OF = """
SELECT passed_in, person_id, employer, passed_on, valid_until FROM values_pass
WHERE person_id = $1 AND $2 BETWEEN passed_on AND valid_until ORDER BY valid_until DESC LIMIT 1
"""


async def share_pass(tx: Connection, passed: ValuesPass) -> None:
    await tx.execute(
        SHARE_PASS, passed.passed_in, passed.person_id, passed.employer, passed.passed_on, passed.valid_until
    )


async def unshare_pass(tx: Connection, candidacy_id: UUID) -> None:
    await tx.execute(UNSHARE_PASS, candidacy_id)


async def pass_of(tx: Connection, person_id: UUID, day: date) -> ValuesPass | None:
    """The values pass of a person that is in date on a day, the one that lasts longest."""
    row = await tx.fetchrow(PASS_OF, person_id, day)
    return None if row is None else ValuesPass(**dict(row))


# Waiting ---------------------------------------------------------------------------------------------------------------

FORGET_WAITING = "DELETE FROM waiting WHERE aggregate_id = $1"
KEEP_WAITING = """
INSERT INTO waiting (aggregate, aggregate_id, employer, who, why, since)
SELECT $1, $2, $3, * FROM unnest($4::text[], $5::text[], $6::date[])
"""
WAITING = """
SELECT aggregate, aggregate_id, employer, who, why, since FROM waiting
WHERE ($1::text IS NULL OR who = $1) AND ($2::text IS NULL OR employer = $2) AND ($3::text IS NULL OR aggregate = $3)
    AND (who, since, aggregate_id, why) > ($4, $5, $6, $7)
ORDER BY who, since, aggregate_id, why LIMIT $8
"""
HOW_MANY_WAIT = (
    "SELECT who, why, count(*) AS number, min(since) AS since FROM waiting GROUP BY who, why ORDER BY who, why"
)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One thing that somebody has to do."""

    aggregate: str
    aggregate_id: UUID
    employer: str | None
    who: str
    why: str
    since: date

    @property
    def key(self) -> tuple[str, date, UUID, str]:
        """Its place in the list."""
        return self.who, self.since, self.aggregate_id, self.why


FIRST_WAITING = ("", date.min, UUID(int=0), "")


async def keep_waiting(
    tx: Connection, aggregate: str, id_: UUID, employer: str | None, waiting: Sequence[Waiting]
) -> None:
    """Make these what waits for somebody about an aggregate, and nothing else."""
    await tx.execute(FORGET_WAITING, id_)
    if waiting:
        columns = [[each.who for each in waiting], [each.why for each in waiting], [each.since for each in waiting]]
        await tx.execute(KEEP_WAITING, aggregate, id_, employer, *columns)


async def waiting(
    tx: Connection,
    who: str | None,
    employer: str | None,
    aggregate: str | None,
    after: tuple[str, date, UUID, str],
    limit: int,
) -> list[WaitingRow]:
    """What waits, grouped by who has to act, the longest first."""
    return [WaitingRow(**dict(row)) for row in await tx.fetch(WAITING, who, employer, aggregate, *after, limit)]


async def how_many_wait(tx: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in await tx.fetch(HOW_MANY_WAIT)]


# Partners' references and claims ---------------------------------------------------------------------------------------

RESOLVE = "SELECT id FROM reference WHERE partner = $1 AND kind = $2 AND reference = $3"
NAME = (
    "INSERT INTO reference (partner, kind, reference, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id"
)
FORGET_NAME = "DELETE FROM reference WHERE id = $1"
LEFT = """
INSERT INTO claimed (partner, source, claim_id, turn, type, aggregate, aggregate_id, event_id)
SELECT $1, $2, $3, turn, $4, aggregate, aggregate_id, event_id
FROM unnest($5::text[], $6::uuid[], $7::uuid[]) WITH ORDINALITY AS said (aggregate, aggregate_id, event_id, turn)
"""
LEFT_BY = """
SELECT type, aggregate, aggregate_id, event_id FROM claimed
WHERE partner = $1 AND source = $2 AND claim_id = $3 ORDER BY turn
"""


@dataclass(frozen=True, slots=True)
class Left:
    """One fact that a claim left."""

    type: str
    aggregate: str
    aggregate_id: UUID
    event_id: UUID


async def resolve(tx: Connection, partner: str, kind: str, reference: str) -> UUID | None:
    """Our id of what a partner calls so."""
    id_: UUID | None = await tx.fetchval(RESOLVE, partner, kind, reference)
    return id_


async def name(tx: Connection, partner: str, kind: str, reference: str, id_: UUID) -> bool:
    """Keep what a partner calls it; False when it calls something else so already."""
    return await tx.fetchval(NAME, partner, kind, reference, id_) is not None


async def forget_name(tx: Connection, id_: UUID) -> None:
    """Nothing is called so any more: what it named was voided."""
    await tx.execute(FORGET_NAME, id_)


async def keep_left(
    tx: Connection, partner: str, source: str, claim_id: str, type_: str, said: Sequence[tuple[str, UUID, UUID]]
) -> None:
    """Keep which facts a claim left: aggregate, its id, the event's id."""
    columns = [list(column) for column in zip(*said, strict=True)] if said else [[], [], []]
    await tx.execute(LEFT, partner, source, claim_id, type_, *columns)


async def left_by(tx: Connection, partner: str, source: str, claim_id: str) -> list[Left]:
    return [Left(**dict(row)) for row in await tx.fetch(LEFT_BY, partner, source, claim_id)]


# What hangs on what ----------------------------------------------------------------------------------------------------

FIRED = "SELECT name, due_at FROM kit.deadline WHERE aggregate_id = $1 AND fired_at IS NOT NULL"
OFFERED_FROM_POOL = "SELECT id FROM appointable WHERE offered_as = $1 AND status = 'offered'"
HANG_ON: Mapping[str, str] = MappingProxyType({
    campaign.AGGREGATE: "SELECT EXISTS (SELECT FROM engagement WHERE campaign_id = $1)",
    fair.AGGREGATE: "SELECT EXISTS (SELECT FROM engagement WHERE body @> jsonb_build_object('fair_id', $1::uuid))",
    engagement.AGGREGATE: "SELECT EXISTS (SELECT FROM candidacy WHERE engagement_id = $1)",
    vacancy.AGGREGATE: "SELECT EXISTS (SELECT FROM candidacy WHERE vacancy_id = $1)",
    candidacy.AGGREGATE: "SELECT EXISTS (SELECT FROM appointable WHERE candidacy_id = $1 OR offered_as = $1)",
    appointable.AGGREGATE: "SELECT $1::uuid IS NULL",
})  # fmt: skip
SEE_ALL = "SELECT set_config('app.organisation', $1, true)"
WHO_SEES = "SELECT current_setting('app.organisation', true)"


async def fired(tx: Connection, id_: UUID) -> set[tuple[str, datetime]]:
    """The deadlines of an aggregate that have fired: they fire no more."""
    return {(row["name"], row["due_at"]) for row in await tx.fetch(FIRED, id_)}


async def offered_from_pool(tx: Connection, candidacy_id: UUID) -> UUID | None:
    """The membership of the pool out of which a candidacy was offered."""
    id_: UUID | None = await tx.fetchval(OFFERED_FROM_POOL, candidacy_id)
    return id_


async def something_hangs_on(tx: Connection, aggregate: str, id_: UUID) -> bool:
    """Whether another aggregate that was not voided names this one."""
    hangs: bool = await tx.fetchval(HANG_ON[aggregate], id_)
    return hangs


async def who_sees(tx: Connection) -> str:
    """The organisation whose rows this transaction sees; `*`: all."""
    organisation: str = await tx.fetchval(WHO_SEES)
    return organisation


@asynccontextmanager
async def as_the_programme(tx: Connection) -> AsyncIterator[None]:
    """See every row for a while: where an employer's step has a consequence that is not the employer's to see."""
    before = await who_sees(tx)
    await tx.execute(SEE_ALL, EVERYONE)
    yield
    await tx.execute(SEE_ALL, before)
