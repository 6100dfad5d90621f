"""What every broker is asked here: do you answer, is a record safe with you, and do you let groups in?"""

import asyncio
import logging
from asyncio.subprocess import Process
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from laptop import leash

_TOPIC = _GROUP = "laptop.ready"


async def ready(bootstrap: str, *, idempotent: bool) -> None:
    """Write one record and see it acknowledged, in a topic that is there for no longer than that; and be told who leads a group.

    An open port is not enough: Apache Kafka opens it while its coordinators still load, and refuses producers. What groups are
    kept in it makes when the first is asked for, which takes seconds, and until then no consumer of a group begins.

    Raises:
        KafkaError: not yet.
    """
    with _quiet():
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=idempotent, request_timeout_ms=10_000
        )
        try:
            await admin.start()
            await admin.find_coordinator(_GROUP)
            answer = await admin.create_topics([NewTopic(_TOPIC, num_partitions=1, replication_factor=1)])
            failed = [code for _, code, *_ in answer.topic_errors if code not in (0, TopicAlreadyExistsError.errno)]
            if failed:
                raise KafkaError(f"topic {_TOPIC} was refused with code {failed[0]}")
            await producer.start()
            await producer.send_and_wait(_TOPIC, b"ready?")
            await admin.delete_topics([_TOPIC])
        finally:
            await producer.stop()
            await admin.close()


async def wait_until_ready(bootstrap: str, server: Process, log: Path, *, idempotent: bool, limit: float = 180) -> None:
    """Return when the broker that `server` is has taken a record.

    Raises:
        RuntimeError: it ended, or took longer than `limit` seconds; the message holds the end of its log.
    """
    try:
        async with asyncio.timeout(limit):
            while not await _is_ready(bootstrap, idempotent=idempotent):
                if await leash.ended_within(server, 0.1):
                    raise RuntimeError(f"the broker ended with {server.returncode}: {_tail(log)}")
    except TimeoutError:
        raise RuntimeError(f"the broker took no record within {limit:g} s: {_tail(log)}") from None


async def _is_ready(bootstrap: str, *, idempotent: bool) -> bool:
    try:
        await ready(bootstrap, idempotent=idempotent)
    except (KafkaError, OSError):
        return False
    return True


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:].strip()


@contextmanager
def _quiet() -> Iterator[None]:
    """While a broker starts, aiokafka logs each refusal as an error; here they are what is expected."""
    logger = logging.getLogger("aiokafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
