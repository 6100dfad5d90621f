"""A process's work on a projection: a consumer for each of its versions that is to be projected, begun and ended as rows say."""

import asyncio
import importlib
import multiprocessing
import signal
import sys
from collections.abc import Collection, Mapping
from typing import Final

from kit import log, projections
from kit.bus import Bus
from kit.database import Database
from kit.ending import Ending
from kit.errors import Unavailable
from kit.garbage import collect_seldom
from kit.projections import Projection, State, Version
from kit.service import Service
from kit.settings import Settings

PROJECTED: Final[tuple[State, ...]] = ("live", "standby")
"""What the service's own processes project."""
BUILT: Final[tuple[State, ...]] = ("building",)
"""What the processes of a rebuild project."""
LOOK = 1.0  # seconds between looks at the versions that there are
CONNECTIONS = 4  # of one consumer: a batch, a look, a stop
BULK = 5000  # records of a batch while nobody waits for one of them

logger = log.get(__name__)


class Projecting:
    """Projects every version in one of these states. Looks like a consumer to who asks how it is: see `bus.Bus`.

    `run` returns after `stop`; with `until_none` also when no such version is left. Raises ConsumerDead like a consumer.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        projection: Projection,
        states: Collection[State] = PROJECTED,
        *,
        batch: int = 2000,
        until_none: bool = False,
    ) -> None:
        self.consumer = projection.name
        self._settings, self._database, self._projection = settings, database, projection
        self._states, self._batch, self._until_none = states, batch, until_none
        self._ending = Ending()
        self._buses: dict[str, Bus] = {}
        self._began: dict[str, float] = {}
        """Loop time at which each consumer began: until its first turn it has done nothing."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked_at = 0.0

    @property
    def progressed_at(self) -> float:
        """Loop time at which the slowest consumer last did something, or began; without one, of the last look."""
        return min(
            (max(bus.progressed_at, self._began[consumer]) for consumer, bus in self._buses.items()),
            default=self._looked_at,
        )

    @property
    def started(self) -> bool:
        return any(bus.started for bus in self._buses.values())

    @property
    def stopped(self) -> bool:
        """Whether a partition of any version waits for a person."""
        return any(bus.stopped for bus in self._buses.values())

    def stop(self) -> None:
        self._ending.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while not self._ending.is_set():
                wanted = await self._wanted()
                if wanted is not None:
                    if self._until_none and not wanted:
                        break
                    self._end_all_but(wanted)
                    for version in wanted.values():
                        if version.consumer not in self._tasks:
                            self._tasks[version.consumer] = group.create_task(self._project(version))
                await self._ending.rest(LOOK)
            self._end_all_but({})

    async def _wanted(self) -> Mapping[str, Version] | None:
        """The versions to project, by reader; None while the database is away: then nothing begins and nothing ends."""
        try:
            async with self._database.transaction() as tx:
                found = await projections.versions(tx, self._projection.name)
        except Unavailable:
            return None
        self._looked_at = asyncio.get_running_loop().time()
        return {each.consumer: each for each in found if each.state in self._states}

    def _end_all_but(self, wanted: Mapping[str, Version]) -> None:
        for consumer, bus in self._buses.items():
            if consumer not in wanted:
                bus.stop()

    async def _project(self, version: Version) -> None:
        """Consume for one version, in its own tables, until it is ended."""
        logger.info("projecting", consumer=version.consumer, state=version.state)
        dsn = self._settings.database_dsn.get_secret_value()
        try:
            async with Database.connect(
                dsn, size=CONNECTIONS, name=version.consumer, search_path=version.search_path
            ) as database:
                reader = self._projection.reader(self._settings, version.consumer)
                bus = Bus(self._settings, database, reader, topics=self._projection.topics, batch=self._batch)
                self._began[version.consumer] = asyncio.get_running_loop().time()
                self._buses[version.consumer] = bus
                await bus.run()
        finally:
            self._buses.pop(version.consumer, None)
            del self._tasks[version.consumer]


def build(package: str, settings: Settings) -> None:
    """A process of a rebuild: project the version that is being built, until it is not any more. Ends with 70 where it cannot."""
    service: Service = importlib.import_module(f"{package}.app").service
    assert service.projection is not None
    log.configure(service.name, settings.process, "WARNING")
    collect_seldom()
    try:
        asyncio.run(_build(settings, service.projection))
    except* Exception:  # Python would print it with what it holds
        logger.exception("defect")
        sys.exit(70)


async def _build(settings: Settings, projection: Projection) -> None:
    async with Database.connect(settings.database_dsn.get_secret_value(), size=2, name="rebuild") as database:
        projecting = Projecting(settings, database, projection, BUILT, batch=BULK, until_none=True)
        loop = asyncio.get_running_loop()
        for asked in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(asked, projecting.stop)
        if (parent := multiprocessing.parent_process()) is not None:
            loop.add_reader(parent.sentinel, projecting.stop)  # whoever watches was killed
        await projecting.run()
