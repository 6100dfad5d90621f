"""Which Kafka to run on: the one that is given, a real one on this machine, or the embedded one.

`choose_broker` decides without starting anything, so that a run can say at its head what it runs on.
"""

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Protocol, Self

from laptop import apache_kafka, kafka_container
from laptop.apache_kafka import ApacheKafka
from laptop.embedded_broker import EmbeddedBroker
from laptop.kafka_container import KafkaContainer

__all__ = ["ApacheKafka", "Broker", "EmbeddedBroker", "GivenBroker", "KafkaContainer", "choose_broker"]

_GIVEN = "KAFKA_BOOTSTRAP_SERVERS"


class Broker(Protocol):
    """A Kafka broker that this process starts and stops. `async with` does both."""

    @property
    def name(self) -> str:
        """What it is, with its version, in a line for a person."""

    @property
    def bootstrap(self) -> str:
        """host:port of the plaintext listener. Read it after the start."""

    @property
    def idempotent(self) -> bool:
        """Whether it serves idempotent producers."""

    @property
    def session_ms(self) -> int:
        """How soon it may be asked to take the partitions of a reader that was killed from it."""

    @property
    def acls(self) -> bool:
        """Whether it checks who may read and write what."""

    async def start(self) -> None:
        """Return when a record was written and acknowledged."""

    async def stop(self) -> None:
        """Stop it and remove its data."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class GivenBroker:
    """A broker that somebody else runs: neither started nor stopped here. It is taken for a whole Apache Kafka."""

    idempotent = True
    session_ms = 6_000
    acls = False

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.name = f"given by {_GIVEN}: {bootstrap}"

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Nothing to stop."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def choose_broker(kind: str = "auto", *, users: Mapping[str, str] | None = None) -> Broker:
    """The broker to use, not yet started.

    `auto` takes the first there is of: the one that KAFKA_BOOTSTRAP_SERVERS names, Apache Kafka on this machine's Java,
    Apache Kafka in a container, the embedded one. `users` (name -> password, may be empty) asks for ACLs and sign-in
    where the broker has them; see `Broker.acls`.

    Raises:
        ValueError: no such kind.
        RuntimeError: `apache` was asked for, and this machine has neither Java 17 with Maven nor a Docker engine.
    """
    match kind:
        case "embedded":
            return EmbeddedBroker()
        case "auto" | "apache":
            if given := os.environ.get(_GIVEN):
                return GivenBroker(given)
            if apache_kafka.is_possible():
                return ApacheKafka(users=users)
            if kafka_container.is_possible():
                return KafkaContainer()
            if kind == "auto":
                return EmbeddedBroker()
            raise RuntimeError("Apache Kafka needs Java 17 or newer with Maven (mvn), or a Docker engine that answers")
        case _:
            raise ValueError(f"no such broker: {kind!r}; there are auto, apache and embedded")
