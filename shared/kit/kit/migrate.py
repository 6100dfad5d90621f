"""Migrations: numbered SQL files, forward only, each in a transaction of its own, one process at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import asyncpg

from kit.database import Connection

LOCK = 0x6F6E6577  # any number that nobody else locks: "onew"

LEDGER = """
CREATE TABLE IF NOT EXISTS public.migration (
    folder     text NOT NULL,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (folder, name)
)
"""


class MigrationChanged(Exception):
    """A migration that was applied has been edited since: write a new one instead."""


@dataclass(frozen=True)
class Folder:
    """A package's migrations, applied in the order of their names to one schema."""

    name: str
    path: Traversable
    schema: str = "public"

    @classmethod
    def of(cls, package: str, schema: str = "public") -> "Folder":
        """The package's folder. A schema that is not `public` is made first, and counts what was applied by its own name."""
        return cls(package if schema == "public" else schema, resources.files(package) / "migrations", schema)

    def files(self) -> list[tuple[str, str]]:
        return sorted((file.name, file.read_text()) for file in self.path.iterdir() if file.name.endswith(".sql"))


async def migrate(dsn: str, folders: Sequence[Folder]) -> list[str]:
    """Apply what is missing; the names applied. Several callers at once: one does it, the others find it done."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(LEDGER)
        return [name for folder in folders for name in await _apply(connection, folder)]
    finally:
        await connection.close()


async def _apply(connection: Connection, folder: Folder) -> list[str]:
    schema = await connection.fetchval("SELECT quote_ident($1)", folder.schema)
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await connection.execute(f"SET search_path = {schema}, public")
    rows = await connection.fetch("SELECT name, sha256 FROM public.migration WHERE folder = $1", folder.name)
    known = {row["name"]: row["sha256"] for row in rows}
    applied = []
    for name, script in folder.files():
        digest = hashlib.sha256(script.encode()).hexdigest()
        if name in known:
            if known[name] != digest:
                raise MigrationChanged(f"{folder.name}/{name}")
            continue
        async with connection.transaction():
            await connection.execute(script)
            await connection.execute(
                "INSERT INTO public.migration (folder, name, sha256) VALUES ($1, $2, $3)", folder.name, name, digest
            )
        applied.append(f"{folder.name}/{name}")
    return applied
