"""Rows into tables: a batch at a time, in the transaction that moves the position.

New tellings are only ever appended; what a correction or a voiding changes is worked out anew from all tellings of the fact
and all that was said about it, so one batch or many, alone or beside others, they leave the same tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kit.cloudevents import Record
from kit.database import Connection, columns
from kit.dead_letters import Batch
from kit.inbox import FactReader, Received
from kit.positions import Place
from kit.settings import Settings
from reporting import contract, facts

TABLES: Final = tuple(sorted({into.table for into in contract.RECORDS.values()}))
COMPARED: Final = dict.fromkeys((*TABLES, "retraction"), "fact_id") | {
    "declaration": "monitoring_id",
    "link": "person_id",
}
"""The tables by which two versions are compared, and what their rows tell of."""

RETELL: Final[Mapping[str, str]] = {
    table: f"""
UPDATE {table} AS told SET superseded_by = now.superseded_by, voided_by = now.voided_by
FROM (
    SELECT event_id, lead(event_id) OVER (PARTITION BY fact_id ORDER BY version) AS superseded_by, (
        SELECT CASE WHEN kind = 'voided' THEN last.event_id END FROM retraction AS last
        WHERE last.fact_id = each.fact_id ORDER BY last.version DESC LIMIT 1
    ) AS voided_by
    FROM {table} AS each WHERE fact_id = ANY($1::uuid[])
) AS now
WHERE told.event_id = now.event_id
  AND (told.superseded_by, told.voided_by) IS DISTINCT FROM (now.superseded_by, now.voided_by)
"""  # noqa: S608 - tables of ours
    for table in TABLES
}
RETRACT: Final = """
INSERT INTO retraction (event_id, fact_id, fact_type, kind, reason, version, topic, partition, "offset", recorded_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::int[],
                     $9::bigint[], $10::timestamptz[])
"""
DECLARE: Final = """
INSERT INTO declaration (monitoring_id, event_id, type, version, person_id, ethnic_category, topic, partition, "offset",
                         recorded_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::int[],
                     $9::bigint[], $10::timestamptz[])
ON CONFLICT (monitoring_id) DO UPDATE SET event_id = excluded.event_id, type = excluded.type, version = excluded.version,
    person_id = excluded.person_id, ethnic_category = excluded.ethnic_category, topic = excluded.topic,
    partition = excluded.partition, "offset" = excluded."offset", recorded_at = excluded.recorded_at
WHERE declaration.version < excluded.version
"""
LINK: Final = """
INSERT INTO link (person_id, same_as, event_id, version, topic, partition, "offset", recorded_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::int[], $7::bigint[], $8::timestamptz[])
ON CONFLICT (person_id) DO UPDATE SET same_as = excluded.same_as, event_id = excluded.event_id, version = excluded.version,
    topic = excluded.topic, partition = excluded.partition, "offset" = excluded."offset", recorded_at = excluded.recorded_at
WHERE link.version < excluded.version
"""
HEAR: Final = """
INSERT INTO heard (partner, topic, partition, recorded_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[])
ON CONFLICT (partner, topic, partition) DO UPDATE SET recorded_at = excluded.recorded_at
WHERE heard.recorded_at < excluded.recorded_at
"""
COUNT: Final = """
INSERT INTO counted (topic, partition, recorded_at) SELECT * FROM unnest($1::text[], $2::int[], $3::timestamptz[])
ON CONFLICT (topic, partition) DO UPDATE SET recorded_at = excluded.recorded_at
WHERE counted.recorded_at < excluded.recorded_at
"""
# What a tombstone says: it follows a withdrawal, of which compaction may have left nothing else.
FORGET: Final = """
UPDATE declaration SET person_id = NULL, ethnic_category = NULL
FROM unnest($3::uuid[], $4::bigint[]) AS tombstone (monitoring_id, "offset")
WHERE declaration.monitoring_id = tombstone.monitoring_id AND topic = $1 AND partition = $2
  AND declaration."offset" < tombstone."offset"
"""
# A dead letter keeps the bytes that came: of a withdrawn declaration they go too, settled or not. The version's schema is called
# like its reader.
EMPTY_LETTERS: Final = """
UPDATE kit.dead_letter SET value = NULL, settled_at = coalesce(settled_at, now()),
    state = CASE WHEN state IN ('open', 'asked') THEN 'discarded' ELSE state END
WHERE consumer = current_schema() AND topic = $1 AND key = ANY($2::bytea[])
RETURNING topic_id, partition, "offset", digest
"""
EMPTY_RESOLUTIONS: Final = """
UPDATE kit.resolution SET action = 'discard', value = NULL, headers = NULL
WHERE action = 'edit'
  AND (topic_id, partition, "offset", digest) IN (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[]))
"""


async def apply(tx: Connection, received: Sequence[Received]) -> None:
    """Keep a batch of facts of one partition."""
    batch = facts.read(received, contract.RECORDS)
    for (table, names), rows in batch.rows.items():
        await tx.copy_records_to_table(table, records=rows, columns=names)
    if batch.retractions:
        await tx.execute(RETRACT, *columns(batch.retractions, 10))
    for table, told in batch.retold.items():
        await tx.execute(RETELL[table], list(told))
    if batch.declarations:
        await tx.execute(DECLARE, *columns(list(batch.declarations.values()), 10))
    if batch.links:
        await tx.execute(LINK, *columns(list(batch.links.values()), 8))
    if batch.withdrawn:
        await _empty_letters(tx, batch.withdrawn)
    if batch.heard:
        await tx.execute(HEAR, *columns([(*place, moment) for place, moment in sorted(batch.heard.items())], 4))
    await tx.execute(COUNT, *columns([(*place, moment) for place, moment in sorted(batch.counted.items())], 3))


async def _empty_letters(tx: Connection, withdrawn: set[UUID]) -> None:
    """Leave no copy of a withdrawn declaration among what was set aside."""
    keys = [str(monitoring_id).encode() for monitoring_id in withdrawn]
    rows = await tx.fetch(EMPTY_LETTERS, contract.EQUALITY_MONITORING, keys)
    await tx.execute(EMPTY_RESOLUTIONS, *columns([tuple(row) for row in rows], 4))


@dataclass
class Projector(FactReader):
    """The reader of reporting: facts by `apply`, and the tombstones that FactReader passes over."""

    async def read_together(self, tx: Connection, batches: Sequence[Batch]) -> None:
        await super().read_together(tx, batches)
        for place, records in batches:
            if place.topic in self.compacted:
                await self._forget(tx, place, records)

    async def _forget(self, tx: Connection, place: Place, records: Sequence[Record]) -> None:
        tombstones = {
            monitoring_id: record.offset
            for record in records
            if record.value is None and (monitoring_id := _monitoring_id(record)) is not None
        }
        if tombstones:
            await tx.execute(FORGET, place.topic, place.partition, list(tombstones), list(tombstones.values()))
            await _empty_letters(tx, set(tombstones))


def projector(settings: Settings, consumer: str) -> Projector:
    """The reader of one version."""
    return Projector(
        consumer=consumer,
        accepts=contract.ACCEPTS,
        ignores=contract.IGNORES,
        apply=apply,
        compacted=(contract.EQUALITY_MONITORING,),
        ceiling=settings.ceiling,
    )


def _monitoring_id(record: Record) -> UUID | None:
    try:
        return UUID((record.key or b"").decode())
    except ValueError:
        return None
