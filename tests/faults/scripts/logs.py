"""A reader: what becomes of the log that it reads."""

import asyncio

from confluent_kafka import Producer, TopicPartition

from kit import kafka, topics
from kit.settings import Settings
from kit.testing.effects import counted
from kit.testing.running import produce

from .bench import Bench, one


async def holes_of_transactions_are_passed_over(bench: Bench) -> None:
    def transact() -> None:
        producer = Producer({"bootstrap.servers": bench.settings.kafka_bootstrap, "transactional.id": bench.topic})
        producer.init_transactions()
        for by, keep in ((90, False), (1, True), (91, False), (2, True)):
            record = one(by, bench.topic)
            producer.begin_transaction()
            producer.produce(bench.topic, record.value, record.key, partition=0, headers=list(record.headers))
            producer.flush()
            producer.commit_transaction() if keep else producer.abort_transaction()

    await asyncio.to_thread(transact)
    async with bench.reading(batch=1):
        await bench.effects(1, 2)


async def a_topic_that_was_made_anew_stops_its_partitions(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading():
        await bench.effects(1, 2, 3)
    await asyncio.to_thread(_remake, bench.settings, bench.topic)
    await produce(bench.settings, [one(100 + number, bench.topic) for number in range(5)])
    async with bench.reading():
        await bench.stopped_or_at(5)
        assert set((await bench.ledger.stops()).values()) == {"topic-recreated"}


async def what_a_backup_had_not_yet_is_read_again(bench: Bench) -> None:
    await produce(bench.settings, counted([1, 2, 3], topic=bench.topic))
    async with bench.reading():
        await bench.effects(1, 2, 3)
        await bench.stands(3)
        await bench.ledger.do("UPDATE kit.position SET next_offset = 1 WHERE partition = 0")  # and nothing new comes
        await bench.stands(3)


async def a_log_that_was_cut_off_below_stops_its_partition(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading():
        await bench.effects(1)
    await produce(bench.settings, [one(by, bench.topic) for by in (2, 3, 4)])
    admin = kafka.admin(bench.settings)
    for cut in admin.delete_records([TopicPartition(bench.topic, 0, 3)]).values():
        await asyncio.to_thread(cut.result)
    async with bench.reading():
        await bench.stopped_or_at(4)
        assert set((await bench.ledger.stops()).values()) == {"log-begins-later"}


async def a_log_that_ends_before_the_position_stops_its_partition(bench: Bench) -> None:
    await produce(bench.settings, [one(1, bench.topic)])
    async with bench.reading():
        await bench.effects(1)
    await bench.ledger.do("UPDATE kit.position SET next_offset = 5 WHERE partition = 0")
    await produce(bench.settings, [one(2, bench.topic)])
    async with bench.reading():
        await bench.stopped("log-ends-earlier")


def _remake(settings: Settings, topic: str) -> None:
    admin = kafka.admin(settings)
    admin.delete_topics([topic])[topic].result()
    while topic in admin.list_topics(timeout=10).topics:
        pass
    topics.create(admin, [topics.Topic(topic, 3)])
