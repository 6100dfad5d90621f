"""Read models in versions: a new one is built from the log beside the one that is read, compared, swapped in, and gone back from.

A version is a reader and a schema, both called the same: `reporting.figures.2`. No statement of a service names it: whoever
projects has the schema in its search path, and whoever reads asks `look` first, in the same transaction.

    building -> standby <-> live        and from building or standby: dropping, gone

What is live, and what stands by, is projected on by the service's own processes (`projecting`), so that going back is true (c16).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import asyncpg

from kit.database import Connection
from kit.errors import NotFound, Refused
from kit.failpoints import failpoint
from kit.migrate import Folder, migrate
from kit.settings import Settings

if TYPE_CHECKING:
    from kit.bus import Reader

State = Literal["building", "standby", "live", "dropping"]

ALL = "SELECT name, version, consumer, state, began_at, built_at, live_at FROM kit.projection"
LISTED = ALL + " ORDER BY name, version"
NAMED = ALL + " WHERE name = $1 ORDER BY version"
NAMED_FOR_UPDATE = NAMED + " FOR UPDATE"
BEGIN = """
INSERT INTO kit.projection (name, version, consumer, state, live_at)
VALUES ($1, $2::int, $3 || '.' || $2::int, $4, CASE $4 WHEN 'live' THEN now() END)
ON CONFLICT DO NOTHING
"""
LOOK = """
SELECT set_config('search_path', quote_ident(consumer) || ', public', true) FROM kit.projection
WHERE name = $1 AND state = 'live'
"""
BUILT = """
UPDATE kit.projection SET state = 'standby', built_at = now() WHERE consumer = $1 AND state = 'building'
"""
TO_STANDBY = "UPDATE kit.projection SET state = 'standby' WHERE name = $1 AND state = 'live'"
TO_LIVE = "UPDATE kit.projection SET state = 'live', live_at = clock_timestamp() WHERE consumer = $1"
TO_DROPPING = "UPDATE kit.projection SET state = 'dropping' WHERE consumer = $1"
POSITIONS = """
SELECT topic, partition, topic_id, next_offset FROM kit.position WHERE consumer = $1 ORDER BY topic, partition
"""
POSITIONS_FOR_UPDATE = POSITIONS + " FOR UPDATE"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
LOCK_OUT_READERS = "LOCK TABLE kit.projection IN ACCESS EXCLUSIVE MODE"
FORGET_MIGRATIONS = "DELETE FROM public.migration WHERE folder = $1"
FORGET_READER = (
    "DELETE FROM kit.position WHERE consumer = $1",
    "DELETE FROM kit.dead_letter WHERE consumer = $1",
    "DELETE FROM kit.aggregate_seen WHERE consumer = $1",
    "DELETE FROM kit.inbox WHERE consumer = $1",
    "DELETE FROM kit.projection WHERE consumer = $1",
)

ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
COMMON = """
CREATE TEMP TABLE common ON COMMIT DROP AS
SELECT topic, partition, least(one.next_offset, other.next_offset) AS below
FROM kit.position AS one JOIN kit.position AS other USING (topic, partition, topic_id)
WHERE one.consumer = $1 AND other.consumer = $2
"""
BEYOND = """
CREATE TEMP TABLE beyond ON COMMIT DROP AS
SELECT DISTINCT thing FROM ({sides}) AS side JOIN common USING (topic, partition) WHERE "offset" >= below
"""
SIDE = 'SELECT {column} AS thing, topic, partition, "offset" FROM {schema}.{table}'
DIFFER = """
WITH old AS ({old}), new AS ({new})
SELECT count(*) AS rows, count(*) FILTER (WHERE new.{key} IS NULL) AS missing, count(*) FILTER (WHERE old.{key} IS NULL) AS added,
       count(*) FILTER (WHERE old.{key} IS NOT NULL AND new.{key} IS NOT NULL AND ROW(old.*) IS DISTINCT FROM ROW(new.*)) AS changed
FROM old FULL JOIN new USING ({key})
"""
ROWS = """
SELECT each.* FROM {schema}.{table} AS each JOIN common USING (topic, partition)
WHERE "offset" < below AND NOT EXISTS (SELECT FROM beyond WHERE thing = each.{column})
"""
KEY = """
SELECT quote_ident(attname) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
WHERE indrelid = $1::regclass AND indisprimary
"""

PATIENCE = 4.0  # seconds for which the live version waits for the new one to come level: below a reader's lock_timeout


@dataclass(frozen=True)
class Projection:
    """What a service projects."""

    name: str
    reader: "Callable[[Settings, str], Reader]"
    """The reader, under the name of a version."""
    topics: Sequence[str]
    compared: Mapping[str, str]
    """Tables by which two versions are compared, each with the column of what its rows tell of: rows that tell of a thing of which
    one version has heard more than the other are left out. Each has a key of one column, topic, partition and offset."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a projection."""

    name: str
    version: int
    consumer: str
    """Its reader, and the schema of its tables."""
    state: State
    began_at: datetime
    built_at: datetime | None
    live_at: datetime | None

    @property
    def search_path(self) -> str:
        return f'"{self.consumer}", public'


@dataclass(frozen=True, slots=True)
class Difference:
    """What two versions have of one table, as far as both have read: rows in all, and how many differ."""

    table: str
    rows: int
    missing: int
    """Rows that only the old one has."""
    added: int
    """Rows that only the new one has."""
    changed: int

    @property
    def differs(self) -> bool:
        return bool(self.missing or self.added or self.changed)


class NoSuchVersion(NotFound):
    """This projection has no such version."""


class Behind(Refused):
    """It has read less of the log than the version that is read: a figure would go back in time."""


class StillProjected(Refused):
    """A process still projects this version."""


class Needed(Refused):
    """This version is the one that is read."""


# -- reading -----------------------------------------------------------------------------------------------------------


async def look(tx: Connection, name: str) -> None:
    """See the live version's tables until this transaction ends; `drop` waits for it. Raises NoSuchVersion."""
    if await tx.fetchval(LOOK, name) is None:
        raise NoSuchVersion("nothing is live: `migrate` was not run")


async def versions(tx: Connection, name: str | None = None) -> list[Version]:
    rows = await (tx.fetch(NAMED, name) if name else tx.fetch(LISTED))
    return [Version(**row) for row in rows]


def chosen(found: Sequence[Version], version: int | None, state: State) -> Version:
    """The version of this number, or the newest in this state. Raises NoSuchVersion."""
    for each in reversed(found):
        if each.version == version or (version is None and each.state == state):
            return each
    raise NoSuchVersion(f"there is no version {version}" if version else f"no version is in state {state}")


async def places(tx: Connection, consumer: str) -> dict[tuple[str, int], asyncpg.Record]:
    """How far a version has read, by topic and partition."""
    return {(row["topic"], row["partition"]): row for row in await tx.fetch(POSITIONS, consumer)}


# -- building ----------------------------------------------------------------------------------------------------------


async def begin(owner: Connection, service: str, name: str) -> Version:
    """The version that is being built; a new one, where none is."""
    found = await versions(owner, name)
    number = max((each.version for each in found), default=0) + 1
    state: State = "building" if found else "live"
    await owner.execute(BEGIN, name, number, f"{service}.{name}", state)
    failpoint("projections.begun")
    return chosen(await versions(owner, name), None, state)


async def prepare(owner_dsn: str, service: str, package: str, name: str) -> list[str]:
    """Bring the tables of every version to the newest schema, and make the first version; the names of what was applied."""
    owner = await asyncpg.connect(owner_dsn)
    try:
        if not await versions(owner, name):
            await begin(owner, service, name)
        folders = [
            Folder.of(package, each.consumer) for each in await versions(owner, name) if each.state != "dropping"
        ]
        applied = await migrate(owner_dsn, folders)
        await _look_by_default(owner, name)
    finally:
        await owner.close()
    return applied


async def _look_by_default(owner: Connection, name: str) -> None:
    """Whoever connects without a word sees what is live: a person with psql."""
    live = chosen(await versions(owner, name), None, "live")
    database = await owner.fetchval("SELECT quote_ident(current_database())")
    await owner.execute(f"ALTER DATABASE {database} SET search_path = {live.search_path}")


async def finish(owner: Connection, version: Version) -> None:
    """Say that a version is built: from now on the service's own processes project it."""
    await owner.execute(BUILT, version.consumer)
    failpoint("projections.built")


# -- comparing ---------------------------------------------------------------------------------------------------------


async def compare(connection: Connection, old: Version, new: Version, tables: Mapping[str, str]) -> list[Difference]:
    """What differs, up to the offset that both have reached in each partition; both go on meanwhile."""
    async with connection.transaction():
        await connection.execute(ONE_MOMENT)
        await connection.execute("SET LOCAL work_mem = '128MB'")
        await connection.execute(COMMON, old.consumer, new.consumer)
        sides = " UNION ALL ".join(
            SIDE.format(column=column, schema=f'"{version.consumer}"', table=table)
            for version in (old, new)
            for table, column in tables.items()
        )
        await connection.execute(BEYOND.format(sides=sides))
        return [await _difference(connection, old, new, table, column) for table, column in tables.items()]


async def _difference(connection: Connection, old: Version, new: Version, table: str, column: str) -> Difference:
    key = await connection.fetchval(KEY, f'"{old.consumer}".{table}')
    rows = [ROWS.format(schema=f'"{version.consumer}"', table=table, column=column) for version in (old, new)]
    found = await connection.fetchrow(DIFFER.format(old=rows[0], new=rows[1], key=key))
    assert found is not None
    return Difference(table, **found)


# -- swapping ----------------------------------------------------------------------------------------------------------


async def swap(owner: Connection, to: Version) -> Version:
    """Make this version the one that is read; the one that was. In the caller's transaction, which is to end at once.

    The live version's positions are locked, so that it stands still, until the new one has come level with it on each. Raises
    Behind where it does not within seconds, and where it reads another log.
    """
    live = chosen([Version(**row) for row in await owner.fetch(NAMED_FOR_UPDATE, to.name)], None, "live")
    held = {(row["topic"], row["partition"]): row for row in await owner.fetch(POSITIONS_FOR_UPDATE, live.consumer)}
    await _wait_until_level(owner, to, held)
    reached = {(row["topic"], row["partition"]): row for row in await owner.fetch(POSITIONS_FOR_UPDATE, to.consumer)}
    if behind := _behind(held, reached):
        raise Behind(f"version {to.version} is behind in {', '.join(behind)}")
    failpoint("projections.locked")
    await owner.execute(TO_STANDBY, to.name)
    await owner.execute(TO_LIVE, to.consumer)
    await _look_by_default(owner, to.name)
    failpoint("projections.before_swap")
    return live


async def _wait_until_level(owner: Connection, to: Version, held: Mapping[tuple[str, int], Any]) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while _behind(held, await places(owner, to.consumer)):
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(0.02)  # another process moves rows, which wake nobody


def _behind(held: Mapping[tuple[str, int], Any], reached: Mapping[tuple[str, int], Any]) -> list[str]:
    """The partitions in which the new version has not read all that the live one has, of the same log."""
    return [
        f"{topic}/{partition}"
        for (topic, partition), row in held.items()
        if row["next_offset"] > 0
        and not (
            (own := reached.get((topic, partition)))
            and own["topic_id"] == row["topic_id"]
            and own["next_offset"] >= row["next_offset"]
        )
    ]


def before(found: Sequence[Version]) -> Version:
    """The version that was read before the one that is. Raises NoSuchVersion."""
    stood = [each for each in found if each.state == "standby" and each.live_at is not None]
    if not stood:
        raise NoSuchVersion("no version that stands by was ever read")
    return max(stood, key=lambda each: each.live_at or each.began_at)


# -- dropping ----------------------------------------------------------------------------------------------------------


async def drop(owner: Connection, version: Version, patience: float = 10.0) -> None:
    """Remove a version that is not read, its reader's rows with it. Killed in between, it goes on where it was when asked again.

    First it is said, so that processes let go of it. Raises Needed for the live one, StillProjected where a process does not.
    """
    async with owner.transaction():
        found = [Version(**row) for row in await owner.fetch(NAMED_FOR_UPDATE, version.name)]
        if chosen(found, version.version, version.state).state == "live":
            raise Needed(state="live")
        await owner.execute(TO_DROPPING, version.consumer)
    failpoint("projections.dropping")
    await _wait_until_let_go(owner, version, patience)
    async with owner.transaction():
        await owner.execute(
            LOCK_OUT_READERS
        )  # who has looked at a version reads on in it to the end of its transaction
        await owner.execute(f'DROP SCHEMA IF EXISTS "{version.consumer}" CASCADE')
        await owner.execute(FORGET_MIGRATIONS, version.consumer)
    failpoint("projections.schema_dropped")
    async with owner.transaction():
        for statement in FORGET_READER:
            await owner.execute(statement, version.consumer)


async def _wait_until_let_go(owner: Connection, version: Version, patience: float) -> None:
    deadline = asyncio.get_running_loop().time() + patience
    while await owner.fetchval(SESSIONS, version.consumer):
        if asyncio.get_running_loop().time() > deadline:
            raise StillProjected(f"version {version.version} has sessions: end what projects it, and ask again")
        await asyncio.sleep(0.1)  # another process ends, which wakes nobody
