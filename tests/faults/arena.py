"""The stage of a trial: Apache Kafka, PostgreSQL, copies of every process, and a door on every way between them.

Services come through doors; the checker, partners and operators go straight to the broker and the database.
"""

import asyncio
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import httpx2
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from typer.testing import CliRunner

from city.player import PARTNERS
from city.stage import Stage
from kit.outbox import SHARDS
from kit.testing.waiting import Stuck, until
from laptop.apache_kafka import ApacheKafka
from laptop.postgres import EmbeddedPostgres
from laptop.supervisor import Supervisor
from oneworkforce.main import app as command_line

from . import known
from .known import Target
from .proxy import Proxy

DIED_THERE = 9  # how a process ends at a fail-point
PATIENCE = 240.0  # seconds for what must come after a fault
READY = PATIENCE  # and for a process to be ready, though the machine is busy and servers are away

GONE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises where the server goes while it is asked."""

Stop: TypeAlias = tuple[str, str, str, int]
"""A service, its reader, topic and partition."""


@dataclass
class Arena:
    """A trial's city while it runs."""

    stage: Stage
    broker: ApacheKafka
    to_database: dict[str, Proxy]
    to_broker: dict[str, Proxy]
    """By the name of the target that goes through it."""
    client: httpx2.AsyncClient
    config: Path
    reader: str = ""
    """The reader of the read model that is shown, and the schema of its tables."""

    @property
    def supervisor(self) -> Supervisor:
        return self.stage.supervisor

    # -- processes -----------------------------------------------------------------------------------------------------

    async def start(self, target: Target, number: int = 1, failpoints: str = "") -> None:
        """Start a copy, perhaps to die or freeze somewhere, unless it runs. Returns before it is ready."""
        if self.runs(target.copy(number)):
            return
        process = self.stage.process(target.part, target.process, copy=number)
        environment = {**(process.env or {}), "ONEWORKFORCE_FAILPOINTS": failpoints}
        await self.supervisor.start(replace(process, env=environment, ready=None))

    async def keep(self) -> None:
        """Start again whatever ends by itself, as every platform does; how each ended stands in the supervisor's `exits`."""
        copies = {
            target.copy(number): (target, number) for target in known.TARGETS for number in range(1, target.copies + 2)
        }
        while True:
            ended = await self.supervisor.next_unasked_exit()
            if ended.code != DIED_THERE and ended.name in copies:
                await self.start(*copies[ended.name])

    async def begin_again(self) -> None:
        """End what a halt has left behind: servers that a fault kept away, and processes that were started to die or freeze."""
        for target in known.TARGETS:
            for number in range(1, target.copies + 2):
                if self.runs(target.copy(number)):
                    await self.supervisor.kill(target.copy(number))
        await self.stage.postgres.restart("immediate")
        await self.broker.shut_down()
        await self.broker.start()

    async def revive(self) -> None:
        """Have every door open, and every copy run, awake and ready, without fail-points."""
        for proxy in (*self.to_broker.values(), *self.to_database.values()):
            proxy.mode = "open"
        copies = [(target, number) for target in known.TARGETS for number in range(1, target.copies + 1)]
        for target, number in copies:
            if self.runs(target.copy(number)):
                self.supervisor.resume(target.copy(number))
            else:
                await self.start(target, number)
        await asyncio.gather(*(self.ready(target.copy(number)) for target, number in copies))

    def runs(self, name: str) -> bool:
        return name in self.supervisor.names

    def is_frozen(self, name: str) -> bool:
        """Whether a process stands still by SIGSTOP."""
        return stands_still(self.supervisor.pid(name))

    async def is_ready(self, name: str) -> bool:
        try:
            return (await self.client.get(f"{self.stage.url(name)}/readyz", timeout=2)).status_code == 200
        except (httpx2.TransportError, OSError):
            return False

    async def ready(self, name: str) -> None:
        await until(lambda: self.is_ready(name), READY, f"{name} is ready")

    async def gauge(self, name: str, gauge: str) -> float | None:
        """One number of a process's metrics; None where it does not answer."""
        try:
            text = (await self.client.get(f"{self.stage.url(name)}/metrics", timeout=2)).text
        except (httpx2.TransportError, OSError):
            return None
        found = re.search(rf"^{gauge} ([\d.e+-]+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    async def leader(self, target: Target, among: set[int] | None = None) -> int | None:
        """The copy of a relay that leads most of the shards, where these copies lead all of them: of two that start at the same
        moment each may lead some. None also while one has not noticed yet that it lost the lead."""
        led = {
            number: await self.gauge(target.copy(number), "relay_shards") or 0
            for number in among or range(1, target.copies + 1)
        }
        return max(led, key=lambda number: led[number]) if sum(led.values()) == SHARDS else None

    # -- databases -----------------------------------------------------------------------------------------------------

    async def ask(self, service: str, query: str, *values: Any) -> list[asyncpg.Record]:
        """Rows of a service's database, straight, as its owner, who sees what it hides from whom it does not concern; again for as
        long as the server is away."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    connection = await asyncpg.connect(self.stage.dsn(service, owner=True), timeout=5)
                    try:
                        return await connection.fetch(query, *values)
                    finally:
                        connection.terminate()
                except GONE:
                    await asyncio.sleep(0.2)  # nothing says when it will be back

    async def sessions(self) -> str:
        """What every session of the database does, and since when: for who looks into a halt."""
        query = """
            SELECT datname, application_name, state, wait_event_type, wait_event, now() - state_change AS since, query
            FROM pg_stat_activity WHERE datname IS NOT NULL ORDER BY state_change
        """
        connection = await asyncpg.connect(self.stage.postgres.dsn(), timeout=5)
        try:
            return "\n".join(str(dict(row)) for row in await connection.fetch(query))
        finally:
            connection.terminate()

    async def groups(self) -> str:
        """Who has which partitions, as the broker says, and which nobody has read to their end: for who looks into a halt."""
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap})
        said = []
        for reader in self.readers:
            asked = admin.describe_consumer_groups([reader.consumer], request_timeout=10)[reader.consumer]
            group = await asyncio.to_thread(asked.result)
            said.append(f"{reader.consumer}: {group.state}")
            for member in group.members:
                held = sorted((each.topic, each.partition) for each in member.assignment.topic_partitions)
                said.append(f"  {member.client_id} {member.member_id} at {member.host}: {held}")
            query = "SELECT topic, partition, next_offset, moved_at FROM kit.position WHERE consumer = $1"
            rows = await self.ask(reader.service, query, reader.consumer)
            ends = {(row["topic"], row["partition"]): TopicPartition(row["topic"], row["partition"]) for row in rows}
            found = admin.list_offsets({place: OffsetSpec.latest() for place in ends.values()}, request_timeout=10)  # type: ignore[no-untyped-call]
            for row in rows:
                end = (await asyncio.to_thread(found[ends[row["topic"], row["partition"]]].result)).offset
                if end > row["next_offset"]:
                    said.append(
                        f"  {row['topic']}/{row['partition']} stands at {row['next_offset']} of {end} since {row['moved_at']}"
                    )
        return "\n".join(said)

    async def count(self, service: str, query: str, *values: Any) -> int:
        return int((await self.ask(service, query, *values))[0][0])

    @property
    def readers(self) -> tuple[known.Reader, ...]:
        """Everybody who reads facts: reporting, and who reacts."""
        counted = known.Reader(known.REPORTING.service, self.reader, [topic for _, topic in known.SAID])
        return (counted, *known.REACTING)

    async def unheard(self, reader: known.Reader) -> int:
        """How many events stand in journals and have not been marked by who reads them."""
        marked = await self.ask(reader.service, "SELECT event_id FROM kit.inbox WHERE consumer = $1", reader.consumer)
        says = [service for service, topic in known.SAID if topic in reader.topics]
        said = [await self.ask(service, "SELECT event_id FROM kit.journal") for service in says]
        return len({row["event_id"] for rows in said for row in rows} - {row["event_id"] for row in marked})

    async def said(self) -> int:
        """How many events stand in the journals that the reader hears of."""
        counts = [await self.count(service, "SELECT count(*) FROM kit.journal") for service, _ in known.SAID]
        return sum(counts)

    async def heard(self) -> int:
        """How many events the reader has marked."""
        return await self.count(
            known.REPORTING.service, "SELECT count(*) FROM kit.inbox WHERE consumer = $1", self.reader
        )

    async def sent(self) -> None:
        """Return when nothing is left in any outbox."""

        async def empty() -> bool:
            query = "SELECT count(*) FROM kit.outbox"
            return not sum([await self.count(service, query) for service, _ in known.SAID])

        await until(empty, PATIENCE, "the outboxes are empty")

    async def settled(self) -> None:
        """Return when everything that was said has been sent and counted, every claim is read, and everybody has been told."""
        await self.sent()

        async def heard() -> bool:
            said = await self.said()
            if await self.heard() < said or any([await self.unheard(reader) for reader in self.readers]):
                return False
            return await self.said() == said  # nobody has said anything because of what they have just heard

        async def told() -> bool:
            return not await self.count(known.PEOPLE.service, "SELECT count(*) FROM message WHERE state = 'queued'")

        await until(heard, PATIENCE, "all that was said is heard by everybody")
        await self.sent()
        await until(told, PATIENCE, "everybody is told of what they are to be told")

    async def stops(self) -> dict[Stop, str]:
        """Why each reader's stopped partitions are."""
        query = (
            "SELECT topic, partition, stopped_code FROM kit.position WHERE consumer = $1 AND stopped_code IS NOT NULL"
        )
        return {
            (reader.service, reader.consumer, row["topic"], row["partition"]): row["stopped_code"]
            for reader in self.readers
            for row in await self.ask(reader.service, query, reader.consumer)
        }

    async def adopt_what_stopped(self) -> set[Stop]:
        """What the operator does about partitions of the writer's topic that stopped; which did."""
        stops = set(await self.stops())
        for service in sorted({service for service, *_ in stops}):
            await self.decide("positions", "adopt", service, known.TOPIC)
        return stops

    async def leave(self, folder: Path) -> None:
        """The databases, and what lies in partners' topics with all marks of transactions: for who looks into what was found."""
        for service, _ in (*known.SAID, (known.REPORTING.service, "")):
            file = folder / f"{service}.dump"
            file.unlink(missing_ok=True)
            await self.operate("backup", service, file)
        for partition in self.broker.data.glob("partner.*"):
            shutil.copytree(partition, folder / partition.name, dirs_exist_ok=True)

    # -- the operator --------------------------------------------------------------------------------------------------

    async def operate(self, *words: str | int | Path) -> Any:
        """A command of the operator's, which must end well; what it printed, as JSON where it is."""
        given = ["--config", str(self.config), *map(str, words)]
        done = await asyncio.to_thread(CliRunner().invoke, command_line, given)
        if done.exit_code:
            raise Stuck(f"oneworkforce {' '.join(given[2:])} ended with {done.exit_code}: {done.output[-500:]}")
        return json.loads(done.stdout) if "--json" in given else done.stdout

    async def decide(self, *words: str | int | Path) -> Any:
        return await self.operate(*words, "--author", "trial", "--reason", "a fault of the trial")


@asynccontextmanager
async def arena(tell: Callable[[str], None]) -> AsyncIterator[Arena]:
    """Everything running and ready, gone at the end."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oneworkforce-trial-")))
        to_broker = {
            target.name: await stack.enter_async_context(Proxy())
            for target in known.TARGETS
            if target.hears or target.process == "relay"
        }
        to_database = {target.name: await stack.enter_async_context(Proxy()) for target in known.TARGETS}
        tell("Apache Kafka and PostgreSQL start")
        broker = ApacheKafka(doors={name: proxy.port for name, proxy in to_broker.items()})
        for name, proxy in to_broker.items():
            proxy.target = broker.door(name)
        await stack.enter_async_context(broker)
        postgres = await stack.enter_async_context(EmbeddedPostgres(durable=False))
        supervisor = await stack.enter_async_context(Supervisor(folder / "processes.log"))
        stage = Stage(broker, postgres, supervisor, folder, PARTNERS)
        tell("databases, roles, schemas, topics")
        await stage.prepare()
        _lead_through(stage, to_database, to_broker)
        client = await stack.enter_async_context(httpx2.AsyncClient(timeout=5))
        own = Arena(stage, broker, to_database, to_broker, client, stage.configure())
        tell("processes start")
        copies = [(target, number) for target in known.TARGETS for number in range(1, target.copies + 1)]
        await asyncio.gather(*(own.start(*copy) for copy in copies))
        await asyncio.gather(*(own.ready(target.copy(number)) for target, number in copies))
        live = await own.ask(known.REPORTING.service, "SELECT consumer FROM kit.projection WHERE state = 'live'")
        own.reader = live[0]["consumer"]
        yield own
        for proxy in (*to_broker.values(), *to_database.values()):
            proxy.mode = "open"
        for name in supervisor.names:
            supervisor.resume(name)


def _lead_through(stage: Stage, to_database: dict[str, Proxy], to_broker: dict[str, Proxy]) -> None:
    """Have every copy of every target go by its own door."""
    extra: dict[str, dict[str, str]] = {}
    for target in known.TARGETS:
        door = to_database[target.name]
        door.target = stage.postgres.port
        straight = stage.dsn(target.part.service)
        environment = {"ONEWORKFORCE_DATABASE_DSN": straight.replace(f":{stage.postgres.port}/", f":{door.port}/")}
        if target.name in to_broker:
            environment["ONEWORKFORCE_KAFKA_BOOTSTRAP"] = f"127.0.0.1:{to_broker[target.name].port}"
        for number in range(1, target.copies + 2):
            extra[target.copy(number)] = environment
    stage.extra = extra


def stands_still(pid: int) -> bool:
    """Whether a process was stopped by SIGSTOP, as Linux says it; not one that is gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rsplit(")", 1)[1].split()[0] == "T"


async def freeze(arena: Arena, name: str) -> None:
    """SIGSTOP, and return when it stands still."""
    arena.supervisor.pause(name)

    async def frozen() -> bool:
        return arena.is_frozen(name) or not arena.runs(name)

    await until(frozen, 10, f"{name} is frozen")
