"""Topics as declared: made where they are missing, and compared with what is there. Nothing else makes a topic."""

import time
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from kit.errors import Unavailable
from schemas.envelope import answers_topic, claims_topic, events_topic

DAY = 86_400_000


@dataclass(frozen=True)
class Topic:
    """A topic as it should be."""

    name: str
    partitions: int
    settings: Mapping[str, str] = field(default_factory=dict)


def events(service: str) -> Topic:
    """A service's voice: twelve partitions for life (another number would move keys), kept for ever."""
    return Topic(events_topic(service), 12, {"retention.ms": "-1", "cleanup.policy": "delete"})


def restricted(service: str) -> Topic:
    """What only named readers may read, of which the last word per key is kept.

    What was taken back is gone from the log a day later at the latest; the tombstone stays for a month, so that a reader that was
    away for so long still meets it.
    """
    settings = {
        "cleanup.policy": "compact",
        "segment.ms": str(DAY),
        "max.compaction.lag.ms": str(DAY),
        "delete.retention.ms": str(30 * DAY),
    }
    return Topic(f"{service}.restricted.v1", 12, settings)


def partner(name: str, services: Iterable[str]) -> list[Topic]:
    """A partner's own topics. One partition: clients of different kinds would put one key into two (c18)."""
    settings = {"retention.ms": str(30 * DAY), "cleanup.policy": "delete", "max.message.bytes": "1048588"}
    names = [claims_topic(name, service) for service in services] + [answers_topic(name)]
    return [Topic(topic, 1, settings) for topic in names]


def create(client: AdminClient, wanted: Iterable[Topic], replication: int = 1) -> list[str]:
    """Make the topics that are missing; the names made. Raises Unavailable."""
    there = set(client.list_topics(timeout=10).topics)
    missing = [topic for topic in wanted if topic.name not in there]
    if not missing:
        return []
    fresh = [
        NewTopic(
            topic.name, num_partitions=topic.partitions, replication_factor=replication, config=dict(topic.settings)
        )
        for topic in missing
    ]
    for name, future in client.create_topics(fresh, request_timeout=20).items():
        try:
            future.result()
        except Exception as error:
            if "TOPIC_ALREADY_EXISTS" not in str(error):
                raise Unavailable(f"the broker did not make {name}") from error
    _wait_until_listed(client, {topic.name for topic in missing})
    return [topic.name for topic in missing]


def _wait_until_listed(client: AdminClient, names: Set[str]) -> None:
    """A topic that was made is known to each broker a moment later, and nothing tells when. Raises Unavailable."""
    until = time.monotonic() + 20
    while not names <= client.list_topics(timeout=10).topics.keys():
        if time.monotonic() > until:
            raise Unavailable("the broker does not list topics that it made")
        time.sleep(0.05)


def differences(client: AdminClient, wanted: Iterable[Topic]) -> list[str]:
    """What differs from the declaration, a sentence each; empty where all is as declared."""
    there = client.list_topics(timeout=10).topics
    found = []
    for topic in wanted:
        if topic.name not in there:
            found.append(f"{topic.name} is missing")
            continue
        partitions = len(there[topic.name].partitions)
        if partitions != topic.partitions:
            found.append(f"{topic.name} has {partitions} partitions, declared are {topic.partitions}")
        found += _settings_differ(client, topic)
    return found


def _settings_differ(client: AdminClient, topic: Topic) -> list[str]:
    resource = ConfigResource(ResourceType.TOPIC, topic.name)
    held = client.describe_configs([resource], request_timeout=10)[resource].result()
    return [
        f"{topic.name} has {name}={held[name].value if name in held else None}, declared is {value}"
        for name, value in topic.settings.items()
        if name not in held or held[name].value != value
    ]
