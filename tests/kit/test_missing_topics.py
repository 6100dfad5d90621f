"""A topic is made by who declares it, and by nobody who only wants to read it: also on a broker that makes what it is told."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiokafka import TopicPartition

from kit import kafka, topics
from kit.bus import Bus
from kit.database import Database
from kit.inbox import FactReader
from kit.metrics import REGISTRY
from kit.settings import Settings
from kit.testing.effects import Ledger, counted
from kit.testing.running import produce, running
from kit.testing.waiting import until
from laptop.broker import EmbeddedBroker


@pytest_asyncio.fixture
async def careless(settings: Settings) -> AsyncIterator[Settings]:
    """Settings for a broker that makes any topic that a client names."""
    async with EmbeddedBroker() as embedded:
        own = {"kafka_bootstrap": embedded.bootstrap, "kafka_idempotent": False, "kafka_exact_ends": False}
        yield settings.model_copy(update=own)


@pytest.fixture(params=["settings", "careless"])
def either(request: pytest.FixtureRequest) -> Settings:
    """The broker of the run, and the careless one."""
    found: Settings = request.getfixturevalue(request.param)
    return found


async def listed(settings: Settings) -> set[str]:
    return set(await asyncio.to_thread(kafka.listed, kafka.admin(settings)))


async def test_a_reader_waits_for_a_topic_that_is_not_there_makes_none_and_reads_the_others(
    either: Settings, database: Database, ledger: Ledger, reader: FactReader, capsys: pytest.CaptureFixture[str]
) -> None:
    there, absent = (f"test-{secrets.token_hex(4)}.events.v1" for _ in range(2))
    topics.create(kafka.admin(either), [topics.Topic(there, 3)])

    async def waits_for(count: int) -> bool:
        return REGISTRY.get_sample_value("topics_missing", {"consumer": reader.consumer}) == count

    async def has_read(*numbers: int) -> bool:
        return sorted(await ledger.effects()) == sorted(numbers)

    async with running(Bus(either, database, reader, topics=(there, absent))):
        await produce(either, counted([1], topic=there))
        await until(lambda: has_read(1))
        await until(lambda: waits_for(1))
        assert absent not in await listed(either)
        topics.create(kafka.admin(either), [topics.Topic(absent, 3)])
        await produce(either, counted([2], topic=absent))
        await until(lambda: has_read(1, 2))
        await until(lambda: waits_for(0))
    said = capsys.readouterr().out
    assert ("topic_missing" in said, "topic_found" in said) == (True, True)
    assert absent in said


async def test_a_reader_that_asks_for_the_ends_of_a_topic_that_it_has_not_heard_of_goes_on_with_the_others(
    settings: Settings, database: Database, ledger: Ledger, reader: FactReader
) -> None:
    """aiokafka, asked, asks for nothing else from then on (seen in a trial: a topic made anew took another one from its reader)."""
    there, new = (f"test-{secrets.token_hex(4)}.events.v1" for _ in range(2))
    admin = kafka.admin(settings)
    topics.create(admin, [topics.Topic(there, 3)])
    hears_nothing_by_itself = settings.model_copy(update={"kafka_metadata_max_age_ms": 600_000})

    async def has_read(*numbers: int) -> bool:
        return sorted(await ledger.effects()) == sorted(numbers)

    bus = Bus(hears_nothing_by_itself, database, reader, topics=(there, new))
    async with running(bus):
        await produce(settings, counted([1], topic=there))
        await until(lambda: has_read(1))
        topics.create(admin, [topics.Topic(new, 3)])
        partition = TopicPartition(new, 0)
        assert set(await bus.logs.describe([partition])) == {partition}
        await produce(settings, counted([2], topic=there))
        await until(lambda: has_read(1, 2))
