"""Where logs end: what the broker says, and nothing where it says nothing."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from kit import kafka, offsets, topics
from kit.errors import Unavailable
from kit.settings import Settings
from laptop import apache_kafka
from laptop.apache_kafka import ApacheKafka

PLACES = [("told", partition) for partition in range(3)]
RECORDS = 7


@pytest.mark.kafka
async def test_a_broker_that_dies_while_it_is_asked_has_not_said_that_its_logs_are_empty(settings: Settings) -> None:
    """For a reader that believed it every log ended before its position, and its partitions stopped (seen in a trial)."""
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    async with ApacheKafka() as broker:
        admin = kafka.admin(settings.model_copy(update={"kafka_bootstrap": broker.bootstrap}))
        topics.create(admin, [topics.Topic("told", len(PLACES))])
        async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
            for topic, partition in PLACES * RECORDS:
                await producer.send_and_wait(topic, b"x", partition=partition)
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()

        def until_it_dies() -> None:
            while True:
                assert offsets.ends(admin, PLACES) == dict.fromkeys(PLACES, RECORDS)
                loop.call_soon_threadsafe(asked.set)

        asking = asyncio.create_task(asyncio.to_thread(until_it_dies))
        await asyncio.wait({asking, asyncio.create_task(asked.wait())}, return_when=asyncio.FIRST_COMPLETED)
        await broker.kill()
        with pytest.raises(Unavailable):
            await asking
