"""The vault's keys: what is sealed opens nowhere else, and a key is exchanged while everybody works."""

import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag

from kit.context import Context
from kit.database import Database
from kit.errors import Unavailable
from kit.ids import new_id
from kit.testing.databases import Clone
from people import keyring, rotation, store
from people.domain.details import Kind, LookReason, PartnersReference
from people.handlers import People, Registration
from people.keyring import Keyring

from .conftest import HOSPITALS

ADA = Registration(name="Ada Example-Smith", email="ada@example.org", phone="+441134960001")
TEST = Context(actor="test")


def test_what_is_sealed_for_one_opens_for_nobody_else(people: People) -> None:
    key, person = people.keys.current, new_id()
    sealed = key.seal(person, "name", "Ada")
    assert key.open(person, "name", sealed) == "Ada"
    assert key.seal(person, "name", "Ada") != sealed
    for whose, what in ((new_id(), "name"), (person, "email")):
        with pytest.raises(InvalidTag):
            key.open(whose, what, sealed)


def test_parts_that_run_into_each_other_are_told_apart(people: People) -> None:
    key = people.keys.current
    assert key.digest("ab", "c") != key.digest("a", "bc")


def test_the_file_is_its_owner_s_alone_and_a_key_shows_nothing_of_itself(vault_keys: Path, people: People) -> None:
    keyring.add(vault_keys, "second")
    assert stat.S_IMODE(vault_keys.stat().st_mode) == 0o600
    shown = repr(people.keys.current) + repr(keyring.read(vault_keys))
    assert not any(secret.hex() in shown or str(secret) in shown for secret in keyring.read(vault_keys).keys.values())


def test_without_keys_the_vault_is_away() -> None:
    with pytest.raises(Unavailable):
        _ = Keyring(None).current
    with pytest.raises(Unavailable):
        _ = Keyring(Path("/nowhere")).every


async def test_nothing_that_was_given_stands_in_the_database(database: Database, clone: Clone, people: People) -> None:
    async with database.transaction(HOSPITALS) as tx:
        await people.register(tx, ADA, TEST)
        await people.exchange(tx, [PartnersReference(kind="esr", value="20471188")], TEST)
    admin = await asyncpg.connect(clone.admin_dsn)
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'kit')"
    rows = [repr(row) for table in await admin.fetch(tables) for row in await admin.fetch(f"SELECT * FROM {table[0]}")]
    await admin.close()
    everything = "\n".join(rows).casefold()
    assert str(HOSPITALS) in everything  # this test would find it
    for mark in ("example", "smith", "4960001", "20471188"):  # letters enough that no sealed byte spells one
        assert mark not in everything
        assert mark.encode().hex() not in everything


async def test_keys_are_exchanged_while_everybody_works(database: Database, vault_keys: Path, people: People) -> None:
    """Registering, finding and exchanging go on through every step; at the end nothing stands under the old key."""
    references = [PartnersReference(kind="esr", value=str(number)) for number in range(40)]
    ids: dict[PartnersReference, set[object]] = {each: set() for each in references}
    done = asyncio.Event()

    async def works() -> None:
        while not done.is_set():
            async with database.transaction(HOSPITALS) as tx:
                for reference, (person, _) in zip(references, await people.exchange(tx, references, TEST), strict=True):
                    ids[reference].add(person)
            async with database.transaction() as tx:
                await people.register(tx, ADA, TEST)
                found = await people.find(tx, {Kind.NAME: "example smith ada"}, LookReason.COMPARE_RECORDS, TEST)
            assert found
            assert all(each.details["email"] == "ada@example.org" for each in found)

    async def exchanges_keys() -> None:
        try:
            keyring.add(vault_keys, "second")
            await asyncio.sleep(0)
            keyring.use(vault_keys, "second")
            await rotation.reseal(database, Keyring(vault_keys))
        finally:
            done.set()

    async with database.transaction() as tx:
        for _ in range(30):
            await people.register(tx, ADA, TEST)
    await asyncio.gather(works(), works(), exchanges_keys())
    await rotation.reseal(database, Keyring(vault_keys))
    await rotation.drop(database, vault_keys, "first")
    assert [key.id for key in people.keys.every] == ["second"]
    async with database.transaction(HOSPITALS) as tx:
        again = await people.exchange(tx, references, TEST)
    assert not any(new for _, new in again)
    assert all(len(given) == 1 for given in ids.values())
    async with database.transaction() as tx:
        assert await people.find(tx, {Kind.EMAIL: "ADA@example.org"}, LookReason.COMPARE_RECORDS, TEST)
        assert not await store.is_used(tx, "first")


async def test_a_key_that_something_is_kept_under_is_not_dropped(
    database: Database, vault_keys: Path, people: People
) -> None:
    async with database.transaction() as tx:
        await people.register(tx, ADA, TEST)
    keyring.add(vault_keys, "second")
    keyring.use(vault_keys, "second")
    with pytest.raises(ValueError, match="reseal first"):
        await rotation.drop(database, vault_keys, "first")


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [(["make", "other.json"], 2), (["use", "vault.json", "third"], 2), (["add", "vault.json", "first"], 2)],
)
def test_what_makes_no_sense_is_refused_by_the_command(
    vault_keys: Path, arguments: list[str], ends: int, capsys: pytest.CaptureFixture[str]
) -> None:
    does, file, *rest = arguments
    with pytest.raises(SystemExit) as ended:
        rotation.main([does, str(vault_keys.parent / file), *rest])
    assert ended.value.code == ends
    assert capsys.readouterr().err
