"""The turns of the loop, from the broker's start to its end; a consumer that has died is made anew."""

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

from kit import kafka, log, positions
from kit.bus.delivering import AT_ONCE, Delivering
from kit.bus.fetching import Fetching
from kit.bus.holding import Holding, now
from kit.bus.logs import Logs
from kit.bus.reader import Reader
from kit.database import Database
from kit.ending import Ending
from kit.errors import ConsumerDead, StopPartition, Unavailable
from kit.metrics import MISSING, REBUILT
from kit.positions import Fenced
from kit.settings import Settings

LOOK = 1.0  # seconds between looks at rows that operators write
TOPIC_LOOK = 5.0  # seconds between looks at topic ids
STARTING = 45.0  # seconds for a consumer to get its first partitions: a rebalance and the requests around it
FAILURES = 12  # KafkaErrors in a row after which the consumer is made anew
REBUILDS = 3  # of a consumer in a process's life without progress between, after which the process ends

logger = log.get(__name__)


class Bus:
    """One reader's consumer. `run` returns after `stop`; raises ConsumerDead when only a new process can help."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        reader: Reader,
        *,
        topics: Sequence[str] = (),
        pattern: str | None = None,
        batch: int = 2000,
        pause: float = 0.0,
    ) -> None:
        """Of topics by name, or of all that match a pattern. `batch`: records of one transaction, at most. `pause`: seconds after
        a delivery for which more may come before the next."""
        self._database, self._reader = database, reader
        self.consumer = reader.consumer
        self._topics, self._missing = frozenset(topics), frozenset[str]()
        self._rests = pause
        self._ending = Ending()
        self._looked = self._looked_at_topics = float("-inf")
        self.progressed_at = 0.0
        """Loop time at which the loop last did something with its consumer alive."""
        self.started = False
        self.holding = Holding(self.consumer, database, self.client)
        self.delivering = Delivering(reader, database, self.holding, batch, self._turned)
        self._fetching = Fetching(self.holding, self.client, batch * AT_ONCE)
        self.logs = Logs(settings, database, self.consumer, self.holding, self.client)
        self.broker = kafka.broker(settings)
        self._subscriber: Any = kafka.subscriber(
            self.broker,
            group=self.consumer,
            topics=topics,
            pattern=pattern,
            fetch_wait_ms=settings.kafka_fetch_wait_ms,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            listener=_Forget(self.holding),
        )

    def client(self) -> Any:
        """aiokafka's consumer: another one after it was made anew."""
        return self._subscriber.consumer

    @property
    def stopped(self) -> list[TopicPartition]:
        """The partitions that wait for a person."""
        return self.holding.stopped

    def stop(self) -> None:
        self._ending.set()

    def _turned(self) -> None:
        self.progressed_at = now()

    async def run(self) -> None:
        """Consume until stopped; a consumer that has died is made anew, a few times."""
        rebuilds = 0
        while not self._ending.is_set():
            began = self.progressed_at
            try:
                if await self._ending.cuts_short(self.broker.start(), STARTING):
                    return
                self.started = True
                await self._consume()
            except (KafkaError, ConsumerStoppedError, OSError, TimeoutError, ConsumerDead) as error:
                rebuilds = 0 if self.progressed_at > began + 60 else rebuilds + 1
                REBUILT.labels(self.consumer).inc()
                logger.warning("consumer_rebuilt", consumer=self.consumer, attempt=rebuilds, exc_info=error)
                if rebuilds > REBUILDS and self.started:
                    raise ConsumerDead from error
                await self._ending.rest(min(10.0, 2.0**rebuilds))
            finally:
                self.holding.forget()
                await kafka.bounded(self.broker.stop(), 5, "consumer")

    async def _consume(self) -> None:
        failures = 0
        while not self._ending.is_set():
            try:
                _raise_if_dead(self.client())
                await self.logs.take()
                await self._look()
                self.holding.wake()
                fetched = await self._fetching.fetch()
                await self.delivering.deliver_all(fetched)
                await self.logs.pass_holes(fetched)
                failures = 0
                if fetched and self._rests:
                    await self._ending.rest(self._rests)
            except Unavailable:
                await self._ending.rest(1.0)
            except KafkaError as error:
                self.holding.forget()  # what was fetched and not delivered must be read again, not passed over as a hole
                failures += 1
                if failures >= FAILURES:
                    raise ConsumerDead from error
                await self._ending.rest(0.5)
            self._turned()
        await self.holding.commit()

    # -- looking round ---------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Every second: what operators have asked for, and what they have resumed; now and then: whether topics are the same."""
        moment = now()
        if moment - self._looked < LOOK:
            return
        self._looked = moment
        async with self._database.transaction() as tx:
            stopped = await positions.stopped(tx, self.consumer)
            asked = await self._reader.asked(tx)
        for partition, own in self.holding.all().items():
            if own.stopped and (partition.topic, partition.partition) not in stopped:
                self.holding.resume(partition, own)
        for topic, number in asked:
            await self._settle(TopicPartition(topic, number))
        if moment - self._looked_at_topics > TOPIC_LOOK:
            self._looked_at_topics = moment
            await self._miss()
            await self.logs.compare()
        self.holding.measure()
        await self.holding.commit()

    async def _settle(self, partition: TopicPartition) -> None:
        own = self.holding.of(partition)
        if own is None or not self.holding.is_assigned(partition):
            return
        try:
            async with self._database.transaction() as tx:
                place = await positions.lock(tx, self.consumer, partition.topic, partition.partition)
                await self._reader.settle(tx, place)
        except StopPartition as reason:
            await self.holding.stop(partition, own, reason)
        except Fenced:
            self.holding.drop(partition, own)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 what an operator asked for here must not end the other partitions
            await self.holding.stop_for_defect(partition, own, own.next_offset, error)

    async def _miss(self) -> None:
        """Say which of its topics are not there. It reads the others, and these when somebody makes them: it makes none itself."""
        missing = self._topics - self.client().subscription()
        if missing:
            missing -= await self.client().topics()
        for topic in missing - self._missing:
            logger.warning("topic_missing", consumer=self.consumer, topic=topic)
        for topic in self._missing - missing:
            logger.info("topic_found", consumer=self.consumer, topic=topic)
        self._missing = missing
        MISSING.labels(self.consumer).set(len(missing))


class _Forget(ConsumerRebalanceListener):  # type: ignore[misc]
    """Makes the loop take its partitions anew after a rebalance; does no work of its own."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    async def on_partitions_revoked(self, revoked: Any) -> None:
        self._holding.forget()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        self._holding.forget()


def _raise_if_dead(consumer: AIOKafkaConsumer) -> None:
    """aiokafka's tasks can die without a word (its fetcher) or raise for ever (its coordinator): look at them.

    Without the one that asks for metadata a consumer reads on, and never hears of a topic that was not there when it began.
    """
    tasks = (
        (consumer._fetcher, "_fetch_task"), (consumer._coordinator, "_coordination_task"), (consumer._client, "_sync_task"),
    )  # fmt: skip
    for owner, name in tasks:
        task = getattr(owner, name, None)
        if task is not None and task.done():
            raise ConsumerDead(name)
