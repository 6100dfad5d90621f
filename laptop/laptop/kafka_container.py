"""Apache Kafka in a container, for a machine with a Docker engine and without Java.

Needs testcontainers, which developers have and the platform does not.
"""

import asyncio
import gc
import importlib.util
import warnings
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiokafka.errors import KafkaError

from laptop import kafka_client, ports

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

VERSION = "4.4.0"


def is_possible() -> bool:
    """Whether a Docker engine answers."""
    if importlib.util.find_spec("testcontainers") is None:
        return False
    with warnings.catch_warnings():
        # docker leaves its socket to the garbage collector where nothing answers: here, not in the middle of something else
        warnings.simplefilter("ignore", ResourceWarning)
        answers = _engine_answers()
        gc.collect()
    return answers


def _engine_answers() -> bool:
    import docker  # here, because only a machine that comes this far needs it
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=5)
    except DockerException:
        return False
    try:
        return bool(client.ping())
    except (DockerException, OSError):
        return False
    finally:
        client.close()


class KafkaContainer:
    """One KRaft node from the image apache/kafka, on 127.0.0.1 and a free port."""

    name = f"Apache Kafka {VERSION} (KRaft, one node, container)"
    idempotent = True
    session_ms = 6_000
    acls = False

    def __init__(self) -> None:
        self._port = ports.free_port()
        self._container: DockerContainer | None = None

    @property
    def bootstrap(self) -> str:
        """host:port of the plaintext listener."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Start the container and return when a record was written and acknowledged.

        Raises:
            RuntimeError: no record was taken within 90 s; the message holds the end of the container's log.
        """
        from testcontainers.core.container import DockerContainer

        container = DockerContainer(f"apache/kafka:{VERSION}").with_bind_ports(9092, self._port)
        self._container = container.with_envs(**_environment(self.bootstrap))
        await asyncio.to_thread(self._container.start)
        try:
            async with asyncio.timeout(90):
                while True:
                    try:
                        return await kafka_client.ready(self.bootstrap, idempotent=True)
                    except (KafkaError, OSError):
                        await asyncio.sleep(0.25)  # the container's readiness is no event that could be waited for
        except TimeoutError:
            said = b"".join(self._container.get_logs())[-2000:].decode(errors="replace")
            raise RuntimeError(f"Apache Kafka in a container took no record: {said}") from None

    async def stop(self) -> None:
        """Remove the container and its data."""
        if self._container:
            await asyncio.to_thread(self._container.stop)
        ports.give_back(self._port)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


def _environment(advertised: str) -> dict[str, str]:
    """The whole set: with one property given, the image drops all of its own defaults."""
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:29093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENERS": "CONTROLLER://:29093,OUTSIDE://:9092,INSIDE://:19092",
        "KAFKA_ADVERTISED_LISTENERS": f"OUTSIDE://{advertised},INSIDE://localhost:19092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "INSIDE",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "4",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    }
