"""What the orders of a person leave behind: rows, facts with versions, and where they are sent."""

import asyncio
from datetime import UTC, date, datetime
from uuid import UUID

import asyncpg
import pytest

from equality_monitoring import handlers
from equality_monitoring.contract import EMITS, TOPICS
from equality_monitoring.domain.monitoring import Status
from equality_monitoring.testing import AFRICAN, CARIBBEAN, FIRST, SECOND
from kit import outbox
from kit.context import Context
from kit.database import Connection, Database
from kit.errors import NotFound, Refused, Stale
from kit.ids import new_id
from schemas.equality_monitoring import (
    TOPIC,
    AgeBand,
    Declaration,
    EthnicCategory,
    MonitoringChanged,
    MonitoringDeclared,
    MonitoringWithdrawn,
)


def context() -> Context:
    return Context(actor="person")


async def said(tx: Connection, monitoring_id: UUID) -> list[tuple[int, str]]:
    return [(line.version, type(line.fact).__name__) for line in await outbox.history(tx, monitoring_id)]


async def test_the_first_declaration_declares_and_the_next_changes(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        first = await handlers.give(tx, person, AFRICAN, context(), occurred_on=FIRST)
        second = await handlers.give(tx, person, CARIBBEAN, context(), occurred_on=SECOND)
        assert first.monitoring_id == second.monitoring_id != person
        history = await outbox.history(tx, first.monitoring_id)
    assert [line.fact for line in history] == [
        MonitoringDeclared(person_id=person, occurred_on=FIRST, declaration=AFRICAN),
        MonitoringChanged(person_id=person, occurred_on=SECOND, declaration=CARIBBEAN),
    ]
    assert [line.version for line in history] == [1, 2]
    assert {line.actor for line in history} == {"person"}
    assert history[0].occurred_at == datetime(2022, 3, 14, 12, tzinfo=UTC)


async def test_the_same_again_says_nothing(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        first = await handlers.give(tx, person, AFRICAN, context())
        assert await handlers.give(tx, person, AFRICAN, context()) == first
        gone = await handlers.withdraw(tx, person, context())
        assert await handlers.withdraw(tx, person, context()) == gone
        assert await said(tx, first.monitoring_id) == [(1, "MonitoringDeclared"), (2, "MonitoringWithdrawn")]
        assert await tx.fetchval("SELECT count(*) FROM kit.outbox") == 3  # two facts and one tombstone


async def test_all_goes_to_the_restricted_topic_and_the_tombstone_comes_last(database: Database) -> None:
    async with database.transaction() as tx:
        held = await handlers.give(tx, new_id(), AFRICAN, context())
        await handlers.withdraw(tx, held.monitoring.person_id, context())
        rows = await tx.fetch(
            "SELECT topic, key, value, headers ->> 'ce_type' AS type FROM kit.outbox ORDER BY position"
        )
    assert {row["topic"] for row in rows} == {TOPIC} == {topic.name for topic in TOPICS}
    assert {row["key"] for row in rows} == {str(held.monitoring_id).encode()}
    assert [row["type"] for row in rows] == [MonitoringDeclared.TYPE, MonitoringWithdrawn.TYPE, None]
    assert rows[-1]["value"] is None
    assert {MonitoringDeclared, MonitoringChanged, MonitoringWithdrawn} == set(EMITS)
    assert TOPICS[0].settings["cleanup.policy"] == "compact"


async def test_to_declare_again_is_another_declaration(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        first = await handlers.give(tx, person, AFRICAN, context())
        await handlers.withdraw(tx, person, context())
        again = await handlers.give(tx, person, AFRICAN, context())
        assert again.monitoring_id != first.monitoring_id
        assert (again.version, again.monitoring.status) == (1, Status.DECLARED)
        assert await said(tx, again.monitoring_id) == [(1, "MonitoringDeclared")]


async def test_what_a_person_does_not_have_cannot_be_withdrawn(database: Database) -> None:
    with pytest.raises(NotFound):
        async with database.transaction() as tx:
            await handlers.withdraw(tx, new_id(), context())


async def test_whoever_believes_in_another_version_is_told(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        with pytest.raises(Stale):
            await handlers.give(tx, person, AFRICAN, context(), if_match=1)
        await handlers.give(tx, person, AFRICAN, context(), if_match=0)
        with pytest.raises(Stale):
            await handlers.give(tx, person, CARIBBEAN, context(), if_match=2)
        with pytest.raises(Stale):
            await handlers.withdraw(tx, person, context(), if_match=2)
        await handlers.withdraw(tx, person, context(), if_match=1)


async def test_a_refusal_leaves_nothing(database: Database) -> None:
    person = new_id()
    with pytest.raises(Refused):
        async with database.transaction() as tx:
            await handlers.give(tx, person, AFRICAN, context(), occurred_on=date(2999, 1, 1))
    async with database.transaction() as tx:
        for table in ("monitoring", "kit.journal", "kit.outbox"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_twenty_at_once_leave_versions_without_a_hole(database: Database) -> None:
    """Also the first of them, of which any could be the one that declares; positions in the order of versions (c12)."""
    person = new_id()
    bands, categories = list(AgeBand), list(EthnicCategory)

    async def one(turn: int) -> None:
        different = Declaration(age_band=bands[turn % 7], ethnic_category=categories[turn % 18])
        async with database.transaction() as tx:
            await handlers.give(tx, person, different, context())

    await asyncio.gather(*(one(turn) for turn in range(20)))
    async with database.transaction() as tx:
        held = await handlers.read(tx, person)
        history = await said(tx, held.monitoring_id)
        sent = await tx.fetch("SELECT (headers ->> 'ce_sequence')::int AS version FROM kit.outbox ORDER BY position")
        assert await tx.fetchval("SELECT count(*) FROM monitoring") == 1
    assert [version for version, _ in history] == [row["version"] for row in sent] == list(range(1, 21))
    assert [name for _, name in history] == ["MonitoringDeclared"] + ["MonitoringChanged"] * 19
    assert held.version == 20


async def test_a_change_and_a_withdrawal_at_once_leave_one_order(database: Database) -> None:
    for _ in range(5):
        person = new_id()
        async with database.transaction() as tx:
            first = await handlers.give(tx, person, AFRICAN, context())

        async def give(person: UUID = person) -> None:
            async with database.transaction() as tx:
                await handlers.give(tx, person, CARIBBEAN, context())

        async def withdraw(person: UUID = person) -> None:
            async with database.transaction() as tx:
                await handlers.withdraw(tx, person, context())

        await asyncio.gather(give(), withdraw())
        async with database.transaction() as tx:
            names = [name for _, name in await said(tx, first.monitoring_id)]
            held = await handlers.read(tx, person)
        if held.monitoring.status is Status.WITHDRAWN:
            assert names == ["MonitoringDeclared", "MonitoringChanged", "MonitoringWithdrawn"]
        else:
            assert names == ["MonitoringDeclared", "MonitoringWithdrawn"]
            assert held.monitoring_id != first.monitoring_id


async def test_a_journal_line_is_not_to_be_changed_by_the_service(database: Database) -> None:
    async with database.transaction() as tx:
        await handlers.give(tx, new_id(), AFRICAN, context())
    for statement in ("UPDATE kit.journal SET payload = ''", "DELETE FROM kit.journal", "TRUNCATE kit.journal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(statement)
