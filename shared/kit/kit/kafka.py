"""How we connect to Kafka: one set of security settings for our own producer and for FastStream's consumers."""

import asyncio
import re
import ssl
from collections.abc import Collection, Coroutine, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from kit import log
from kit.errors import Unavailable
from kit.settings import Settings

if TYPE_CHECKING:
    from faststream.kafka import KafkaBroker
    from faststream.security import BaseSecurity

ANSWERS = 20.0
"""Seconds in which librdkafka says what the broker answered, or that it did not: twice what it is told to take."""

Key = TypeVar("Key")
Answer = TypeVar("Answer")

logger = log.get(__name__)


def broker(settings: Settings) -> "KafkaBroker":
    """FastStream's broker: connection, security and documents. Nothing is published through it (c19)."""
    # most of a second to import, which relays and APIs need not wait for
    from faststream.kafka import KafkaBroker

    return KafkaBroker(
        settings.kafka_bootstrap,
        security=_security(settings),
        client_id=f"{settings.service}-{settings.process}",
        metadata_max_age_ms=settings.kafka_metadata_max_age_ms,
        request_timeout_ms=40_000,
        allow_auto_create_topics=False,
        consumer_only=True,
        logger=None,
    )


def subscriber(
    broker: "KafkaBroker",
    *,
    group: str,
    topics: Sequence[str],
    pattern: str | None,
    fetch_wait_ms: int,
    session_timeout_ms: int,
    listener: ConsumerRebalanceListener,
) -> Any:
    """A FastStream subscriber without a handler: its consumer is polled by our own loop (decision 0001).

    Topics by name are subscribed to by a pattern that they alone match. A pattern asks for all that the broker lists; a name is
    told to it, and a broker may make what it is told, with as many partitions as it likes (see `listed`).
    """
    from faststream import AckPolicy

    return broker.subscriber(
        pattern=pattern or "|".join(f"{re.escape(topic)}$" for topic in topics),
        group_id=group,
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=session_timeout_ms,
        heartbeat_interval_ms=session_timeout_ms // 4,
        rebalance_timeout_ms=30_000,
        max_poll_interval_ms=300_000,
        max_partition_fetch_bytes=2_097_152,
        fetch_max_wait_ms=fetch_wait_ms,
        listener=listener,
    )


def _security(settings: Settings) -> "BaseSecurity | None":
    from faststream.security import BaseSecurity, SASLScram512

    context = ssl.create_default_context() if settings.kafka_tls else None
    if settings.kafka_user and settings.kafka_password:
        return SASLScram512(settings.kafka_user, settings.kafka_password.get_secret_value(), ssl_context=context)
    return BaseSecurity(ssl_context=context) if context else None


def producer(settings: Settings) -> AIOKafkaProducer:
    """The relay's own producer: all replicas acknowledge; idempotent wherever the broker can be."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=f"{settings.service}-{settings.process}",
        acks="all",
        enable_idempotence=settings.kafka_idempotent,
        request_timeout_ms=10_000,
        retry_backoff_ms=100,
        linger_ms=0,
        max_batch_size=512_000,
        max_request_size=1_000_000,
        **_aiokafka_security(settings),
    )


def consumer(settings: Settings, topic: str) -> AIOKafkaConsumer:
    """A reader of a whole topic, without a group; the services' readers are in `bus`."""
    return AIOKafkaConsumer(
        topic,
        bootstrap_servers=settings.kafka_bootstrap,
        client_id=f"{settings.service}-{settings.process}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        request_timeout_ms=40_000,
        max_partition_fetch_bytes=2_097_152,
        **_aiokafka_security(settings),
    )


def _aiokafka_security(settings: Settings) -> dict[str, Any]:
    context = ssl.create_default_context() if settings.kafka_tls else None
    if settings.kafka_user and settings.kafka_password:
        return {
            "security_protocol": "SASL_SSL" if context else "SASL_PLAINTEXT",
            "ssl_context": context,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password.get_secret_value(),
        }
    return {"security_protocol": "SSL", "ssl_context": context} if context else {}


def admin(settings: Settings) -> AdminClient:
    """librdkafka's admin client: it alone tells a topic's id, and has ACLs (aiokafka's has neither)."""
    config: dict[str, Any] = {"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0}
    if settings.kafka_tls:
        config["security.protocol"] = "SSL"
    if settings.kafka_user and settings.kafka_password:
        config |= {
            "security.protocol": "SASL_SSL" if settings.kafka_tls else "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": settings.kafka_user,
            "sasl.password": settings.kafka_password.get_secret_value(),
        }
    return AdminClient(config)


def listed(client: AdminClient) -> Collection[str]:
    """The topics that there are. Raises Unavailable. Blocks: use a thread.

    Ask this before a topic is named: what a client names some brokers make (the embedded one, and Apache Kafka with
    `auto.create.topics.enable`), and its partitions are for life.
    """
    try:
        return client.list_topics(timeout=10).topics
    except KafkaException as error:
        raise Unavailable("the broker does not list its topics") from error


class Silent(Unavailable):
    """librdkafka has not said in time that there is no answer: such a client is thrown away."""


def answered(asked: Mapping[Key, Future[Answer]]) -> Mapping[Key, Future[Answer]]:
    """What librdkafka was asked, when it has an answer or an error for each. Raises Silent. Blocks."""
    if wait(asked.values(), ANSWERS).not_done:
        raise Silent("the broker's client is silent")
    return asked


def topic_ids(client: AdminClient, names: list[str]) -> Mapping[str, str]:
    """Kafka's ids of these topics; one that does not exist is not in the answer. Raises Unavailable. Blocks: use a thread."""
    found = {}
    for name, described in answered(client.describe_topics(TopicCollection(names), request_timeout=10)).items():
        try:
            found[name] = str(described.result().topic_id)
        except KafkaException as error:
            if "UNKNOWN_TOPIC" not in str(error):
                raise Unavailable("the broker does not describe its topics") from error
    return found


async def throw_away(producer: AIOKafkaProducer) -> None:
    """Close a producer without waiting for what it has not sent: stop() would, for as long as the broker is away, and send it."""
    producer._closed = True
    if producer._sender is not None:
        await bounded(producer._sender.close(), 5, "producer")
    await bounded(producer.client.close(), 5, "producer")


async def bounded(work: Coroutine[Any, Any, Any], seconds: float, what: str) -> None:
    """Wait for an ending that may hang while the broker is away (aiokafka's stop and commit do); then go on without it."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        logger.warning("gave_up_waiting", name=what)
    elif not task.cancelled() and task.exception() is not None:
        logger.warning("ended_badly", name=what, error=type(task.exception()).__name__)
