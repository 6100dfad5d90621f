"""After a withdrawal no copy of the value is left, and nothing but a withdrawal erases."""

import asyncio
import secrets
from datetime import date
from uuid import UUID

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaConsumer

from equality_monitoring import handlers, store
from equality_monitoring.testing import AFRICAN, CARIBBEAN
from kit import kafka, outbox, topics
from kit.context import Context
from kit.database import Database
from kit.ids import new_event_id, new_id
from kit.inbox import Received
from kit.relay import Relay
from kit.settings import Settings
from kit.testing.databases import Clone
from kit.testing.records import envelope_of
from kit.testing.waiting import until
from laptop.broker import Broker
from laptop.postgres import EmbeddedPostgres
from schemas.equality_monitoring import TOPIC, MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.fact import Fact
from schemas.people import LinkReason, PersonErased, PersonLinked, PersonRegistered, PersonUnlinked, UnlinkReason

from .conftest import Doors, Person

TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""
# What no other person in these tests declares, and no word of the schema holds.
MARKED = {"ethnic_category": "K", "religion_or_belief": "sikh", "age_band": "46-55", "sexual_orientation": "bisexual"}
MARKS = ("sikh", "46-55", "bisexual")


def context() -> Context:
    return Context(actor="person")


async def everything(clone: Clone) -> str:
    """Every row of every table as text, bytes as they read."""
    admin = await asyncpg.connect(clone.admin_dsn)
    try:
        found = []
        for row in await admin.fetch(TABLES):
            for line in await admin.fetch(f"SELECT t AS line, to_jsonb(t) AS json FROM {row[0]} AS t"):
                found += [f"{value!r}" for value in line["line"].values()]
        return "\n".join(found)
    finally:
        await admin.close()


async def pg_dump(postgres: EmbeddedPostgres, clone: Clone) -> str:
    """What PostgreSQL itself would carry away: bytea as hexadecimal."""
    process = await asyncio.create_subprocess_exec(
        postgres.bin / "pg_dump", "--inserts", "--dbname", clone.admin_dsn,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_nothing_of_the_value_is_left_anywhere_in_the_database(
    client: httpx2.AsyncClient, clone: Clone, postgres: EmbeddedPostgres, doors: Doors
) -> None:
    person, neighbour = doors.person(), doors.person()
    keyed = {**person.bearer, "Idempotency-Key": "first"}
    await client.put(neighbour.path, json={"religion_or_belief": "jewish"}, headers=neighbour.bearer)
    given = await client.put(person.path, json=MARKED, headers=keyed)
    await client.put(person.path, json=MARKED | {"sex": "male"}, headers=person.bearer | {"Idempotency-Key": "second"})
    dumped, rows = await pg_dump(postgres, clone), await everything(clone)
    assert all(mark in rows and mark.encode().hex() in dumped for mark in MARKS)  # this test would find it
    assert (await client.delete(person.path, headers=person.bearer)).status_code == 200

    dumped, rows = await pg_dump(postgres, clone), await everything(clone)
    for mark in MARKS:
        assert mark not in rows
        assert mark not in dumped
        assert mark.encode().hex() not in dumped
        assert mark not in postgres.log.read_text(errors="replace")
    assert "jewish" in rows
    assert given.json()["monitoring_id"] in rows  # the stub


async def test_the_digest_of_a_request_is_erased_too_and_the_request_sent_late_declares_nothing(
    client: httpx2.AsyncClient, database: Database, person: Person
) -> None:
    keyed = {**person.bearer, "Idempotency-Key": "first"}
    await client.put(person.path, json=MARKED, headers=keyed)
    await client.delete(person.path, headers=person.bearer | {"Idempotency-Key": "gone"})
    late = await client.put(person.path, json=MARKED, headers=keyed)
    assert (late.status_code, late.json()["type"]) == (422, "/problems/key-reused")
    again = await client.delete(person.path, headers=person.bearer | {"Idempotency-Key": "gone"})
    assert again.status_code == 200
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT body_sha256 FROM kit.answered_request WHERE key = 'first'") == b""
        assert await tx.fetchval("SELECT count(*) FROM monitoring WHERE status = 'declared'") == 0


async def test_a_stub_stays_in_the_journal_and_can_be_read(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        held = await handlers.give(tx, person, AFRICAN, context())
        await handlers.give(tx, person, CARIBBEAN, context())
        before = await outbox.history(tx, held.monitoring_id)
        await handlers.withdraw(tx, person, context())
        after = await outbox.history(tx, held.monitoring_id)
    assert [type(line.fact) for line in after] == [MonitoringDeclared, MonitoringChanged, MonitoringWithdrawn]
    assert all(line.fact.declaration.empty for line in after[:2])  # type: ignore[attr-defined]
    for line, stub in zip(before, after, strict=False):
        assert (stub.event_id, stub.version, stub.occurred_at, stub.recorded_at) == (
            line.event_id, line.version, line.occurred_at, line.recorded_at,
        )  # fmt: skip


async def test_what_was_not_yet_sent_is_emptied_and_keeps_its_place(database: Database) -> None:
    neighbour, person = new_id(), new_id()
    async with database.transaction() as tx:
        await handlers.give(tx, neighbour, AFRICAN, context())
        await handlers.give(tx, person, AFRICAN, context())
        await handlers.give(tx, person, CARIBBEAN, context())
        await handlers.withdraw(tx, person, context())
        rows = await tx.fetch("SELECT value, headers ->> 'ce_sequence' AS version FROM kit.outbox ORDER BY position")
    values = [row["value"] for row in rows]
    assert b'"N"' in values[0]
    assert MonitoringDeclared.read(values[1]).declaration.empty
    assert MonitoringChanged.read(values[2]).declaration.empty
    assert MonitoringWithdrawn.read(values[3]).person_id == person
    assert [row["version"] for row in rows[1:]] == ["0000000001", "0000000002", "0000000003", None]
    assert values[4] is None


async def test_the_journal_gives_up_nothing_that_was_not_withdrawn(database: Database) -> None:
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
    for monitoring_id in (held.monitoring_id, new_id()):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(store.ERASE_JOURNAL, monitoring_id)
    async with database.transaction() as tx:
        (line,) = await outbox.history(tx, held.monitoring_id)
    assert line.fact == MonitoringDeclared(
        person_id=held.monitoring.person_id, occurred_on=held.monitoring.since, declaration=AFRICAN
    )


async def test_a_withdrawal_that_is_not_the_last_word_erases_nothing(database: Database, clone: Clone) -> None:
    """A line after a withdrawal cannot come by our commands; were it there, the function would not trust the withdrawal."""
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
        await handlers.withdraw(tx, held.monitoring.person_id, context())
        await outbox.record(
            tx, "monitoring", held.monitoring_id, 2,
            [MonitoringChanged(person_id=new_id(), occurred_on=held.monitoring.since, declaration=AFRICAN)],
            context(), topic=TOPIC,
        )  # fmt: skip
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.transaction() as tx:
            await tx.execute(store.ERASE_JOURNAL, held.monitoring_id)


async def test_the_owner_s_right_cannot_be_borrowed_by_a_table_of_the_same_name(
    database: Database, clone: Clone
) -> None:
    """A function that runs as its owner must not look for names where its caller may put them."""
    # the service may not even make such a table; where somebody let it, the function still holds
    admin = await asyncpg.connect(clone.admin_dsn)
    await admin.execute(f"GRANT TEMPORARY ON DATABASE {clone.dsn.rpartition('/')[2]} TO PUBLIC")
    await admin.close()
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
        await tx.execute("CREATE TEMP TABLE journal (LIKE kit.journal)")
        await tx.execute(
            "INSERT INTO pg_temp.journal SELECT $1, 'monitoring', $2, 9, $3, '', '', now(), now(), '', $1, NULL, NULL",
            new_event_id(), held.monitoring_id, MonitoringWithdrawn.TYPE,
        )  # fmt: skip
        await tx.execute("SET LOCAL search_path = pg_temp, kit, public")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tx.transaction():
                await tx.execute("SELECT public.erase_withdrawn($1)", held.monitoring_id)


async def test_the_topic_ends_with_the_withdrawal_and_a_tombstone(
    database: Database, settings: Settings, broker: Broker
) -> None:
    """What the relay sends of a declaration that was withdrawn before it was sent: no value, in order."""
    here = settings.model_copy(update={"kafka_bootstrap": broker.bootstrap, "kafka_idempotent": broker.idempotent})
    topics.create(kafka.admin(here), [topics.Topic(TOPIC, 12, {"cleanup.policy": "compact"})])
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
        await handlers.give(tx, held.monitoring.person_id, CARIBBEAN, context())
        await handlers.withdraw(tx, held.monitoring.person_id, context())
    relay = Relay(here)

    async def sent() -> bool:
        async with database.transaction() as tx:
            return bool(await tx.fetchval("SELECT count(*) = 0 FROM kit.outbox"))

    running = asyncio.create_task(relay.run())
    await until(sent)
    relay.stop()
    await running
    records = await _read(here, str(held.monitoring_id).encode())
    assert [record and b"ethnic" in record for record in records] == [False, False, False, None]


async def _read(settings: Settings, key: bytes) -> list[bytes | None]:
    """The values under a key of the topic, in order."""
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=settings.kafka_bootstrap, group_id=f"test-{secrets.token_hex(4)}",
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    found: list[bytes | None] = []
    try:
        while not found or found[-1] is not None:
            for batch in (await consumer.getmany(timeout_ms=500)).values():
                found += [record.value for record in batch if record.key == key]
    finally:
        await consumer.stop()
    return found


async def test_who_was_erased_has_declared_nothing_and_declares_nothing_any_more(
    client: httpx2.AsyncClient, database: Database, clone: Clone, doors: Doors
) -> None:
    person, neighbour, nothing = doors.person(), doors.person(), doors.person()
    await client.put(person.path, json=MARKED, headers={**person.bearer, "Idempotency-Key": "first"})
    await client.put(neighbour.path, json={"religion_or_belief": "jewish"}, headers=neighbour.bearer)
    erased = PersonErased(occurred_on=date(2023, 7, 3))
    for _ in range(2):  # heard again, nothing changes
        received = [
            Received(envelope_of(erased, each.id, 2), erased, "people.events.v1", 0, 0) for each in (person, nothing)
        ]
        async with database.transaction() as tx:
            await handlers.hear(tx, received)
            assert await tx.fetchval("SELECT count(*) FROM monitoring WHERE status = 'declared'") == 1
            assert await tx.fetchval("SELECT count(*) FROM monitoring WHERE person_id = $1", person.id) == 0
            assert await tx.fetchval("SELECT count(*) FROM kit.outbox WHERE value IS NULL") == 1  # one tombstone
    rows = await everything(clone)
    assert not any(mark in rows for mark in MARKS)
    assert (await client.get(person.path, headers=person.bearer)).status_code == 404
    assert (await client.put(person.path, json=MARKED, headers=person.bearer)).status_code == 404
    assert (await client.get(neighbour.path, headers=neighbour.bearer)).json()["status"] == "declared"


async def registered(database: Database, *people: Person) -> None:
    for each in people:
        await heard(database, each.id, PersonRegistered(occurred_on=date(2023, 7, 3)), 1)


async def heard(database: Database, person_id: UUID, fact: Fact, version: int) -> None:
    received = Received(envelope_of(fact, person_id, version), fact, "people.events.v1", 0, 0)
    async with database.transaction() as tx:
        await handlers.hear(tx, [received])


@pytest.mark.parametrize("which", range(3))
async def test_whoever_withdraws_means_each_of_their_ids_and_nobody_elses(
    client: httpx2.AsyncClient, database: Database, clone: Clone, doors: Doors, which: int
) -> None:
    """Of two ids the later declaration counts: withdrawn, the earlier would be counted again."""
    first, second, third, stranger = everybody = [doors.person() for _ in range(4)]
    await registered(database, *everybody)
    for turn, each in enumerate((second, third)):
        link = PersonLinked(
            occurred_on=date(2023, 7, 3), same_as=(first, second)[turn].id, reason=LinkReason.SAME_CONTACT
        )
        await heard(database, each.id, link, 2)
    for each in (first, second, third):
        assert (await client.put(each.path, json=MARKED, headers=each.bearer)).status_code == 201
    await client.put(stranger.path, json={"religion_or_belief": "jewish"}, headers=stranger.bearer)
    leaves = (first, second, third)[which]
    assert (await client.delete(leaves.path, headers=leaves.bearer)).status_code == 200
    rows = await everything(clone)
    assert not any(mark in rows for mark in MARKS)
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit.outbox WHERE value IS NULL") == 3  # a tombstone each
    for each in (first, second, third):
        assert (await client.get(each.path, headers=each.bearer)).json()["status"] == "withdrawn"
    assert (await client.get(stranger.path, headers=stranger.bearer)).json()["status"] == "declared"


async def test_what_an_id_declared_that_was_unlinked_stands(
    client: httpx2.AsyncClient, database: Database, doors: Doors
) -> None:
    one, other = doors.person(), doors.person()
    await registered(database, one, other)
    day = date(2023, 7, 3)
    await heard(database, other.id, PersonLinked(occurred_on=day, same_as=one.id, reason=LinkReason.SAME_CONTACT), 2)
    unlinked = PersonUnlinked(occurred_on=day, same_as=one.id, reason=UnlinkReason.MISTAKEN)
    await heard(database, other.id, unlinked, 3)
    for each in (one, other):
        await client.put(each.path, json=MARKED, headers=each.bearer)
    await client.delete(one.path, headers=one.bearer)
    assert (await client.get(other.path, headers=other.bearer)).json()["status"] == "declared"
