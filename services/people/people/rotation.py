"""`python -m people keys`: the vault's keys, made and exchanged while the service runs.

    keys make FILE ID      a file with a first key
    keys add FILE ID       another key, which every process knows from now on and none uses yet
    keys use FILE ID       from now on everything new is kept under it
    keys reseal FILE       keep everything under the current key (database: ONEWORKFORCE_DATABASE_DSN)
    keys drop FILE ID      forget a key; refused while something is kept under it

In this order a key is exchanged without a pause. Where processes have copies of the file, bring each step's file to all of them
before the next step: a reference that one process keeps under a key which another does not know would be given two ids.
A letter's link that stops its kind is signed under a key too: drop the old one a month after `use` at the earliest, for people may
still stop by a letter that they have.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from kit.database import Connection, Database
from people import keyring, store
from people.domain.details import Kind, compared
from people.keyring import Keyring
from people.settings import PeopleSettings

AT_ONCE = 500


async def reseal(database: Database, keys: Keyring) -> int:
    """Keep under the current key what is kept under another; how many were. Others may read and write meanwhile."""
    moved = 0
    while True:
        async with database.transaction() as tx:
            details = await _reseal_details(tx, keys)
            references = await _reseal_references(tx, keys)
            proposed = await _reseal_proposed(tx, keys)
            gathered = await _reseal_gathered(tx, keys)
        moved += details + references + proposed + gathered
        if not details + references + proposed + gathered:
            return moved


async def _reseal_details(tx: Connection, keys: Keyring) -> int:
    current, rows = keys.current, []
    for held in await store.details_under_others(tx, current.id, AT_ONCE):
        text = keys.of(held.key_id).open(held.person_id, held.kind, held.sealed)
        digest = current.digest(held.kind, compared(Kind(held.kind), text))
        rows.append((held.person_id, held.kind, current.id, digest, current.seal(held.person_id, held.kind, text)))
    await store.keep_details(tx, rows)
    return len(rows)


async def _reseal_references(tx: Connection, keys: Keyring) -> int:
    current, held = keys.current, await store.references_under_others(tx, keys.current.id, AT_ONCE)
    for row in held:
        text = keys.of(row.key_id).open(row.person_id, f"{row.partner} {row.kind}", row.sealed)
        digest = current.digest(row.partner, row.kind, text)
        sealed = current.seal(row.person_id, f"{row.partner} {row.kind}", text)
        await store.move_reference(tx, row, current.id, digest, sealed)
    return len(held)


async def _reseal_proposed(tx: Connection, keys: Keyring) -> int:
    current, held = keys.current, await store.proposed_under_others(tx, keys.current.id, AT_ONCE)
    for request_id, row in held:
        text = keys.of(row.key_id).open(row.person_id, row.kind, row.sealed)
        await store.move_proposed(tx, request_id, row.kind, current.id, current.seal(row.person_id, row.kind, text))
    return len(held)


async def _reseal_gathered(tx: Connection, keys: Keyring) -> int:
    current, held = keys.current, await store.gathered_under_others(tx, keys.current.id, AT_ONCE)
    for row in held:
        text = keys.of(row.key_id).open(row.person_id, row.kind, row.sealed)
        await store.move_gathered(tx, row.person_id, current.id, current.seal(row.person_id, row.kind, text))
    return len(held)


async def drop(database: Database, path: Path, key_id: str) -> None:
    """Take a key out of the file. Raises ValueError while something is kept under it."""
    async with database.transaction() as tx:
        if await store.is_used(tx, key_id):
            raise ValueError("something is kept under this key: reseal first")
    keyring.drop(path, key_id)


def main(arguments: Sequence[str]) -> None:
    """The command line. Ends with 2 where it was asked for what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m people keys", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("does", choices=("make", "add", "use", "reseal", "drop"))
    parser.add_argument("file", type=Path)
    parser.add_argument("id", nargs="?", default="")
    asked = parser.parse_args(arguments)
    if (asked.does == "reseal") == bool(asked.id):
        parser.error("every command but reseal takes the id of a key")
    try:
        if asked.does in ("reseal", "drop"):
            asyncio.run(_with_database(asked.does, asked.file, asked.id))
        else:
            {"make": keyring.make, "add": keyring.add, "use": keyring.use}[asked.does](asked.file, asked.id)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


async def _with_database(does: str, path: Path, key_id: str) -> None:
    settings = PeopleSettings.load()
    async with Database.connect(settings.database_dsn.get_secret_value(), name="people-keys") as database:
        if does == "drop":
            await drop(database, path, key_id)
        else:
            sys.stdout.write(f"resealed: {await reseal(database, Keyring(path))}\n")
