"""ACLs on Apache Kafka: a partner and a service may do what is declared, and nothing else."""

import asyncio
import secrets
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr

from kit import kafka
from kit.bus import Bus
from kit.ids import new_id
from kit.relay import Relay
from kit.testing.running import running
from kit.testing.waiting import until
from laptop.apache_kafka import ApacheKafka
from oneworkforce import access, configuration, declared
from oneworkforce.declared import Declared

from .conftest import World
from .test_dead_letters import applied, reader

pytestmark = pytest.mark.kafka


@pytest_asyncio.fixture
async def city(bare: World) -> World:
    """The service on a broker that checks who may do what, with two partners, each with an account."""
    if not bare.broker.acls:
        pytest.skip("this broker does not check who may do what")
    bare.write(kafka="acls = true")
    await bare.ok("provision", "--all")
    await bare.ok("migrate", "--all")
    for partner in ("acme", "zenith"):
        await bare.ok(
            "partners", "add", f"{partner}-{bare.service}", "--title", partner, "--service", bare.service,
            "--password-file", bare.folder / "password",
        )  # fmt: skip
    return bare


def signed_in(city: World, user: str, password: str | None = None) -> dict[str, Any]:
    assert isinstance(city.broker, ApacheKafka)
    return {
        "bootstrap_servers": city.broker.partners,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": password or city.password,
        "request_timeout_ms": 5_000,
    }


async def write(city: World, user: str, topic: str) -> None:
    producer = AIOKafkaProducer(**signed_in(city, user), enable_idempotence=True)
    try:
        await producer.start()
        await asyncio.wait_for(producer.send_and_wait(topic, b"{}"), 10)
    finally:
        await producer.stop()


async def read(city: World, user: str, topic: str, group: str) -> int:
    """How many records somebody gets within three seconds."""
    consumer = AIOKafkaConsumer(topic, **signed_in(city, user), group_id=group, auto_offset_reset="earliest")
    try:
        await consumer.start()
        return sum(len(records) for records in (await consumer.getmany(timeout_ms=3000)).values())
    finally:
        await consumer.stop()


async def test_a_partner_writes_its_claims_reads_its_answers_and_nothing_else(city: World) -> None:
    acme, zenith = (f"{name}-{city.service}" for name in ("acme", "zenith"))
    await write(city, acme, f"partner.{acme}.{city.service}.v1")
    for forbidden in (f"partner.{zenith}.{city.service}.v1", f"partner.{acme}.answers.v1", city.topic):
        with pytest.raises((TopicAuthorizationFailedError, TimeoutError)):
            await write(city, acme, forbidden)
    assert await read(city, acme, f"partner.{acme}.answers.v1", f"partner.{acme}.mine") == 0
    for topic, group in (
        (f"partner.{acme}.{city.service}.v1", f"partner.{acme}.mine"),
        (f"partner.{zenith}.answers.v1", f"partner.{acme}.mine"),
        (f"partner.{acme}.answers.v1", f"partner.{zenith}.mine"),
        (city.topic, f"partner.{acme}.mine"),
    ):
        with pytest.raises((TopicAuthorizationFailedError, GroupAuthorizationFailedError, TimeoutError)):
            await asyncio.wait_for(read(city, acme, topic, group), 10)
    producer = AIOKafkaProducer(**signed_in(city, acme), transactional_id="mine")
    with pytest.raises((KafkaError, TimeoutError)):
        await asyncio.wait_for(producer.start(), 5)
    await kafka.bounded(producer.stop(), 2, "producer")
    wrong = AIOKafkaProducer(**signed_in(city, acme, "wrong"))
    with pytest.raises(KafkaConnectionError):
        await wrong.start()
    await wrong.stop()


async def test_a_partner_makes_changes_and_deletes_nothing_and_sees_no_topic_but_its_own(city: World) -> None:
    acme = f"acme-{city.service}"
    assert isinstance(city.broker, ApacheKafka)
    settings = city.settings(
        kafka_bootstrap=city.broker.partners, kafka_user=acme, kafka_password=SecretStr(city.password)
    )
    own, client = f"partner.{acme}.{city.service}.v1", kafka.admin(settings)
    seen = set(client.list_topics(timeout=10).topics)
    assert seen == {own, f"partner.{acme}.answers.v1"}
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    mine = AclBinding(
        ResourceType.TOPIC, city.topic, ResourcePatternType.LITERAL, f"User:{acme}", "*", AclOperation.READ,
        AclPermissionType.ALLOW,
    )  # fmt: skip
    tried = [
        *client.create_topics([NewTopic(f"partner.{acme}.more.v1", 1, 1)]).values(),
        *client.create_partitions([NewPartitions(own, 2)]).values(),
        *client.delete_topics([own, city.topic]).values(),
        *client.delete_records([TopicPartition(own, 0, -1)]).values(),
        *client.incremental_alter_configs(
            [ConfigResource(ResourceType.TOPIC, own, incremental_configs=[entry])]
        ).values(),
        *client.create_acls([mine]).values(),
        *client.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(
                    f"zenith-{city.service}", ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192), b"taken over"
                )
            ]
        ).values(),
    ]
    for future in tried:
        with pytest.raises(KafkaException) as refused:
            await asyncio.to_thread(future.result)
        assert "AUTHORIZATION_FAILED" in str(refused.value)


async def test_a_service_runs_on_what_is_declared_for_it(city: World) -> None:
    """Its relay and a reader of its own group, as its own account; who may read the topic is told by the contract."""
    account(city, city.service)
    bound = access.wanted([own(city, named=[city.topic])], [])
    access.create(kafka.admin(city.settings()), bound)
    assert isinstance(city.broker, ApacheKafka)
    settings = city.settings(
        kafka_bootstrap=city.broker.partners, kafka_user=city.service, kafka_password=SecretStr(city.password)
    )
    async with city.database() as database:
        await city.count(database, new_id())
        counting = reader()
        counting.consumer = f"{city.service}.counting"
        async with running(Relay(settings), Bus(settings, database, counting, topics=[city.topic])):
            await applied(city, [1])
    with pytest.raises((TopicAuthorizationFailedError, TimeoutError)):
        await write(city, city.service, f"partner.acme-{city.service}.{city.service}.v1")


async def test_what_is_restricted_is_read_by_whom_a_contract_names_and_by_nobody_else() -> None:
    em, rp, other = (
        Declared(name, f"User:{name}", (), (), (), [], [f"{names[0]}.restricted.v1"] if names else [])
        for name, names in (("equality-monitoring", ()), ("reporting", ("equality-monitoring",)), ("learning", ()))
    )
    readers = {
        binding.principal
        for binding in access.wanted([em, rp, other], [])
        if binding.name == "equality-monitoring.restricted.v1" and binding.operation == AclOperation.READ
    }
    assert readers == {"User:reporting"}


async def test_every_difference_of_acls_is_found(city: World) -> None:
    client = kafka.admin(city.settings())
    ours = [line for line in (await city.run("topics", "check", "--json")).json if city.service in line]
    assert ours == []
    stranger = f"User:stranger-{secrets.token_hex(4)}"
    extra = AclBinding(
        ResourceType.TOPIC,
        city.topic,
        ResourcePatternType.LITERAL,
        stranger,
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    for future in client.create_acls([extra]).values():
        await asyncio.to_thread(future.result)
    (city.folder / "partners.toml").write_text(
        (city.folder / "partners.toml").read_text()
        + f'\n[late-{city.service}]\ntitle = "L"\nservices = ["{city.service}"]\n'
    )

    async def seen() -> bool:
        found = (await city.run("topics", "check", "--json")).json
        late = f"partner.late-{city.service}"
        return {
            f"{late}.answers.v1 is missing",
            f"ACL is missing: User:late-{city.service} may READ group {late}.*",
            f"ACL is missing: User:{city.service} may WRITE topic {late}.answers.v1",
            f"ACL is not declared: {stranger} may READ topic {city.topic}",
        } <= set(found)

    await until(seen)
    city.write(kafka=f'acls = true\nother_principals = ["{stranger}"]')
    assert not any(stranger in line for line in (await city.run("topics", "check", "--json")).json)


def own(city: World, named: list[str]) -> Declared:
    """The service's declaration, as one that also reads these topics."""
    made = declared.of(configuration.read(city.config).service(city.service))
    return Declared(**{**vars(made), "named": named})


def account(city: World, user: str) -> None:
    client = kafka.admin(city.settings())
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    wish = UserScramCredentialUpsertion(user, how, city.password.encode())
    client.alter_user_scram_credentials([wish])[user].result()
