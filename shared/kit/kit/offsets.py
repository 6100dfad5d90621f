"""Where logs begin and end, asked of the broker for many partitions at once.

A consumer could say it too. Its question would wait behind the one for records; and aiokafka goes on asking for a topic of which it
had not heard, and for that one alone: of those that its pattern matches it would read no other (seen in a trial).
"""

from collections.abc import Collection, Mapping

from confluent_kafka import IsolationLevel, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from kit import kafka
from kit.errors import Unavailable

Place = tuple[str, int]
"""Topic and partition."""


def partitions(client: AdminClient, topics: Collection[str]) -> Mapping[str, int]:
    """How many partitions each of these topics has; one that does not exist is not in the answer. Raises Unavailable."""
    try:
        there = client.list_topics(timeout=10).topics
    except KafkaException as error:
        raise Unavailable("the broker does not answer") from error
    return {topic: len(there[topic].partitions) for topic in topics if topic in there}


def beginnings(client: AdminClient, places: Collection[Place]) -> Mapping[Place, int]:
    """The offset of the first record that is kept. Raises Unavailable. Blocks: use a thread."""
    return _offsets(client, places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]


def ends(client: AdminClient, places: Collection[Place]) -> Mapping[Place, int]:
    """The offset after the last record that a reader is given. A broker without exact ends names the first of its last batch.

    Raises Unavailable. Blocks: use a thread.
    """
    return _offsets(client, places, OffsetSpec.latest())  # type: ignore[no-untyped-call]


def _offsets(client: AdminClient, places: Collection[Place], which: OffsetSpec) -> Mapping[Place, int]:
    if not places:
        return {}
    asked = {TopicPartition(*place): which for place in places}
    found, committed = {}, IsolationLevel.READ_COMMITTED
    told = kafka.answered(client.list_offsets(asked, isolation_level=committed, request_timeout=10))
    for place, answer in told.items():
        try:
            offset = answer.result().offset
        except KafkaException as error:
            raise Unavailable("the broker does not tell its offsets") from error
        if offset < 0:  # librdkafka's word for "not said": given for no error where the broker dies while it is asked
            raise Unavailable("the broker has not told its offsets")
        found[place.topic, place.partition] = offset
    return found
