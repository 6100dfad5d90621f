"""Where logs begin and end, asked of the broker for many partitions at once."""

from collections.abc import Collection, Mapping

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from kit.errors import Unavailable

Place = tuple[str, int]


def partitions(client: AdminClient, topics: Collection[str]) -> Mapping[str, int]:
    """How many partitions each of these topics has; one that does not exist is not in the answer. Raises Unavailable."""
    try:
        there = client.list_topics(timeout=10).topics
    except KafkaException as error:
        raise Unavailable("the broker does not answer") from error
    return {topic: len(there[topic].partitions) for topic in topics if topic in there}


def beginnings(client: AdminClient, places: Collection[Place]) -> Mapping[Place, int]:
    return _offsets(client, places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]


def ends(client: AdminClient, places: Collection[Place]) -> Mapping[Place, int]:
    """The offset after the last record. A broker without exact ends names the first of its last batch."""
    return _offsets(client, places, OffsetSpec.latest())  # type: ignore[no-untyped-call]


def _offsets(client: AdminClient, places: Collection[Place], which: OffsetSpec) -> Mapping[Place, int]:
    if not places:
        return {}
    asked = {TopicPartition(*place): which for place in places}
    try:
        return {
            (partition.topic, partition.partition): max(0, answer.result().offset)
            for partition, answer in client.list_offsets(asked, request_timeout=10).items()
        }
    except KafkaException as error:
        raise Unavailable("the broker does not tell its offsets") from error
