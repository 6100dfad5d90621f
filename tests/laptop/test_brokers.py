import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from laptop import apache_kafka, kafka_container
from laptop.broker import ApacheKafka, Broker, EmbeddedBroker, GivenBroker, KafkaContainer, choose_broker

PASSWORD = "not guessed"


@pytest_asyncio.fixture(scope="module")
async def kafka() -> AsyncIterator[ApacheKafka]:
    """A broker of our own, because these tests kill it."""
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    async with ApacheKafka(users={"college": PASSWORD}) as server:
        yield server


async def test_a_record_goes_in_and_comes_out(broker: Broker) -> None:
    topic = await _topic(broker.bootstrap)
    await _produce(broker, topic, [b"one", b"two"])
    assert await _read(broker.bootstrap, topic, 2) == [b"one", b"two"]


async def test_the_embedded_broker_takes_a_record_and_starts_empty_again() -> None:
    async with EmbeddedBroker() as embedded:
        topic = await _topic(embedded.bootstrap)
        await _produce(embedded, topic, [b"one"])
        assert await _read(embedded.bootstrap, topic, 1) == [b"one"]
        await embedded.kill()
        await embedded.start()
        assert await _topics(embedded.bootstrap) == []


async def test_each_apache_kafka_has_ids_of_its_own_though_its_empty_data_are_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not apache_kafka.is_possible():
        pytest.skip("needs Java 17 and Maven")
    jars = await apache_kafka._jars()
    monkeypatch.setenv("ONEWORKFORCE_CACHE", str(tmp_path))
    said = []
    for _ in range(2):
        server = ApacheKafka(users={})
        await server._format(jars)
        said += (server.data / "meta.properties").read_text().splitlines()
        await server.stop()
    assert len({line for line in said if line.startswith(("cluster.id=", "directory.id="))}) == 4
    assert said.count("node.id=1") == 2


async def test_apache_kafka_in_a_container_takes_a_record_and_leaves_no_container_behind() -> None:
    if not kafka_container.is_possible():
        pytest.skip("needs a Docker engine that answers")
    before = _containers()
    async with KafkaContainer() as contained:
        during = _containers()
        topic = await _topic(contained.bootstrap)
        await _produce(contained, topic, [b"one", b"two"])
        assert await _read(contained.bootstrap, topic, 2) == [b"one", b"two"]
        assert during > before
    assert _containers() == before


async def test_apache_kafka_that_has_just_started_knows_at_once_who_leads_a_group(kafka: ApacheKafka) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        assert await admin.find_coordinator(f"group-{uuid4()}") == 1
    finally:
        await admin.close()


async def test_acknowledged_records_survive_the_kill_of_apache_kafka(kafka: ApacheKafka) -> None:
    topic = await _topic(kafka.bootstrap)
    before = kafka.bootstrap
    await _produce(kafka, topic, [b"one", b"two"])
    await kafka.kill()
    await kafka.start()
    await _produce(kafka, topic, [b"three"])
    assert await _read(kafka.bootstrap, topic, 3) == [b"one", b"two", b"three"]
    assert kafka.bootstrap == before


async def test_a_partner_writes_to_its_own_topic_and_nowhere_else(kafka: ApacheKafka) -> None:
    own, other = await _topic(kafka.bootstrap), await _topic(kafka.bootstrap)
    await asyncio.to_thread(_allow_writing, kafka.bootstrap, "college", own)
    async with _as_partner(kafka, PASSWORD) as producer:
        await producer.send_and_wait(own, b"ours")
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(other, b"not ours")
    assert await _read(kafka.bootstrap, own, 1) == [b"ours"]


async def test_a_wrong_password_does_not_get_in(kafka: ApacheKafka) -> None:
    producer = _as_partner(kafka, "guessed")
    with pytest.raises(Exception, match=r"(?i)unable to bootstrap|authentication"):
        await producer.start()
    await producer.stop()


async def test_a_password_that_kafkas_tool_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match="password of college"):
        ApacheKafka(users={"college": "a,b"})


async def test_a_broker_without_users_has_no_listener_for_them() -> None:
    with pytest.raises(ValueError, match="no listener with sign-in"):
        _ = ApacheKafka().partners


class TestChoice:
    def test_takes_the_broker_that_is_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
        chosen = choose_broker("auto")
        assert isinstance(chosen, GivenBroker)
        assert (chosen.bootstrap, chosen.name) == ("kafka:9092", "given by KAFKA_BOOTSTRAP_SERVERS: kafka:9092")

    def test_takes_the_embedded_one_where_there_is_no_other(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        monkeypatch.setattr(kafka_container, "is_possible", lambda: False)
        assert isinstance(choose_broker("auto"), EmbeddedBroker)
        with pytest.raises(RuntimeError, match="Java 17"):
            choose_broker("apache")

    def test_refuses_a_kind_that_it_does_not_know(self) -> None:
        with pytest.raises(ValueError, match="no such broker: 'rabbit'"):
            choose_broker("rabbit")


def _containers() -> set[str]:
    """The ids of all containers, running or not."""
    import docker

    client = docker.from_env()
    try:
        return {each.id for each in client.containers.list(all=True, ignore_removed=True)}
    finally:
        client.close()


async def _topic(bootstrap: str) -> str:
    name = f"laptop.{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    finally:
        await admin.close()
    return name


async def _topics(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return [topic for topic in await admin.list_topics() if topic != "laptop.ready"]
    finally:
        await admin.close()


async def _produce(broker: Broker, topic: str, values: list[bytes]) -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=broker.idempotent
    ) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def _read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    async with (
        asyncio.timeout(20),
        AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer,
    ):
        return [(await consumer.getone()).value for _ in range(count)]


def _as_partner(kafka: ApacheKafka, password: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=kafka.partners,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username="college",
        sasl_plain_password=password,
    )


def _allow_writing(bootstrap: str, user: str, topic: str) -> None:
    allowed = AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation.WRITE,
        AclPermissionType.ALLOW,
    )
    admin = AdminClient({"bootstrap.servers": bootstrap})  # must outlive its answers
    for created in admin.create_acls([allowed]).values():
        created.result(timeout=20)
