"""The judge's own reading of a log comes to an end, whatever is being done to the log meanwhile."""

import asyncio
import threading
import uuid

import pytest
from confluent_kafka import Producer

from kit import kafka, topics
from kit.settings import Settings
from laptop.broker import Broker

from .archive import Archive

pytestmark = pytest.mark.kafka


async def test_it_reads_as_far_as_the_log_went_though_somebody_always_writes(broker: Broker) -> None:
    topic = f"archive-{uuid.uuid4()}"
    settings = Settings(service="testing", process="archive", database_dsn="unused", kafka_bootstrap=broker.bootstrap)  # type: ignore[arg-type]
    await asyncio.to_thread(topics.create, kafka.admin(settings), [topics.Topic(topic, 2)])
    producer, enough = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 0}), threading.Event()

    def write() -> None:
        while not enough.wait(0.05):
            for partition in (0, 1):
                producer.produce(topic, b"{}", partition=partition)
            producer.flush(10)

    producer.produce(topic, b"{}", partition=0)
    producer.flush(10)
    writing = asyncio.create_task(asyncio.to_thread(write))
    archive = Archive(broker.bootstrap, (topic,))
    try:
        for _ in range(2):
            await asyncio.wait_for(archive.catch_up(), 60)
    finally:
        enough.set()
        await writing
    await archive.catch_up()
    archive.begin_anew(topic)  # as if the log had been lost: what comes back is what stood there
    await archive.catch_up()
    offsets = [record.offset for record in archive.records if record.partition == 0]
    assert offsets == list(range(len(offsets)))
    assert offsets
