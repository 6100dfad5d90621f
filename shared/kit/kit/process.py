"""A service's processes: its API, its worker, its relay, its migration, each with probes, metrics and a clean end (`start`).

A service says what it is made of (`service`); what starts, waits and stops is the same for all.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from kit import deadlines, log, projections, provision, tracing
from kit.database import Database, Restored
from kit.deadlines import Fire
from kit.ending import Ending
from kit.errors import ConsumerDead, Unavailable
from kit.garbage import collect_seldom, loading
from kit.health import PROBES, Health
from kit.letting_go import PLUMBING, LettingGo
from kit.migrate import Folder, migrate
from kit.retention import rows_of
from kit.service import Service
from kit.settings import Settings

STALE = 60.0  # seconds without a turn of its loop after which a process is not live; longer than a rebalance
DEADLINE_LOOK = 1.0

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kit.bus import Bus
    from kit.projecting import Projecting
    from kit.relay import Relay

logger = log.get(__name__)

Task = Callable[[], Coroutine[Any, Any, None]]


def run(work: Coroutine[Any, Any, None], settings: Settings) -> int:
    """Do a process's work to its end: 0, or 70 when only a new process can help."""
    log.configure(settings.service, settings.process, settings.log_level)
    tracing.configure(settings.service, settings.process, settings.otlp_endpoint)
    return asyncio.run(_run(work))


def print_openapi(service: Service) -> None:
    """The routes as a document, without a database or a broker."""
    import json

    settings = service.settings(database_dsn="postgresql://nowhere")  # type: ignore[arg-type]
    sys.stdout.write(json.dumps(api_app(service, settings).openapi(), indent=2) + "\n")


async def _run(work: Coroutine[Any, Any, None]) -> int:
    ended = 0
    try:
        await work
    except* ConsumerDead:
        logger.exception("consumer_dead")
        ended = 70
    except* Exception as group:  # Python would print it with what it holds
        for error in leaves(group):
            logger.exception("defect", exc_info=error)
        ended = 70
    return ended


def leaves(group: BaseExceptionGroup[Any]) -> Iterator[BaseException]:
    """The errors in a group, however deep: its own name and place say nothing of what went wrong."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error


async def bring_up_to_date(service: Service, owner_dsn: str) -> list[str]:
    """Migrate as the owner, then say again what the service's role may do."""
    applied = await migrate(owner_dsn, [Folder.of("kit")])
    if service.projection is None:
        applied += await migrate(owner_dsn, [Folder.of(service.package)])
    else:
        applied += await projections.prepare(owner_dsn, service.name, service.package, service.projection.name)
    for name in applied:
        logger.info("migrated", name=name)
    await provision.grant(owner_dsn, service.name)
    return applied


# -- the processes -----------------------------------------------------------------------------------------------------


async def run_api(service: Service, settings: Settings) -> None:
    with loading():
        app = api_app(service, settings)
    await _serve(app, settings, [], lambda: None)


def api_app(service: Service, settings: Settings) -> "FastAPI":
    """The routes of a service, as its process serves them; its database is opened when they are started."""
    from kit import http  # most of a second to import, with the routes, which the other processes need not wait for
    from kit.auth import Keys

    @asynccontextmanager
    async def lifespan(app: "FastAPI") -> AsyncIterator[None]:
        async with _database(service, settings, service.organisation) as database:
            app.state.health.ready["database"] = _answers(database)
            async with http.served(app, database, Keys(settings)):
                app.state.settings = settings
                service.state(app, settings)
                yield

    app = http.create_app(
        title=service.title,
        version="1",
        description=service.description,
        routers=service.routers(settings),
        lifespan=lifespan,
        web_assets=settings.web_assets,
    )
    app.state.health = Health()
    return app


async def run_worker(service: Service, settings: Settings) -> None:
    from kit.bus import Bus  # a second to import, which the other processes need not wait for
    from kit.projecting import Projecting

    collect_seldom()
    async with _database(service, settings, "*") as database:
        buses: list[Bus | Projecting] = [
            Bus(settings, database, reading.reader, topics=reading.topics, pattern=reading.pattern, pause=reading.pause)
            for reading in service.readings(settings)
        ]
        if service.projection is not None:
            buses.append(Projecting(settings, database, service.projection))
        health = Health()
        health.ready["database"] = _answers(database)
        tasks: list[Task] = []
        for bus in buses:
            health.live[f"consumer {bus.consumer}"] = _turns(lambda bus=bus: bus.progressed_at)  # type: ignore[misc]
            health.ready[f"consumer {bus.consumer}"] = _consumes(bus)
            tasks.append(bus.run)
        loops = [*service.loops(settings, database), LettingGo(database, (*rows_of(service.schedule), *PLUMBING))]
        for loop in loops:
            health.live[loop.name] = _turns(lambda loop=loop: loop.moved_at)  # type: ignore[misc]
            tasks.append(loop.run)
        ending = Ending()
        if service.fire is not None:
            tasks.append(lambda: _watch_deadlines(database, service.fire, ending))  # type: ignore[arg-type]

        def stop() -> None:
            ending.set()
            for each in (*buses, *loops):
                each.stop()

        await _serve(_probes(health), settings, tasks, stop)


async def run_migration(service: Service, settings: Settings) -> None:
    await bring_up_to_date(service, settings.database_dsn.get_secret_value())


async def run_relay(settings: Settings) -> None:
    from kit.relay import Relay

    relay = Relay(settings)
    health = Health()
    health.live["relay"] = _turns(lambda: relay.moved_at)
    health.ready["database"] = _reconciled(relay)
    await _serve(_probes(health), settings, [relay.run], relay.stop)


async def _watch_deadlines(database: Database, fire: Fire, ending: Ending) -> None:
    while not ending.is_set():
        try:
            if await deadlines.fire_next(database, fire):
                continue
        except Unavailable:
            pass  # the database is away: the deadline is still there when it comes back
        await ending.rest(DEADLINE_LOOK)


# -- what they have in common ------------------------------------------------------------------------------------------


def _database(service: Service, settings: Settings, organisation: str) -> AbstractAsyncContextManager[Database]:
    return Database.connect(
        settings.database_dsn.get_secret_value(),
        size=settings.database_pool,
        organisation=organisation,
        name=f"{service.name}-{settings.process}",
    )


def _probes(health: Health) -> Starlette:
    """An app of probes and metrics only."""
    app = Starlette(routes=[Route(path, probe) for path, probe in PROBES.items()])
    app.state.health = health
    return app


def _answers(database: Database) -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        try:
            await database.ping()
        except Restored:
            return "restored"
        except (Unavailable, asyncpg.PostgresError):
            return "unavailable"
        return None

    return check


def _reconciled(relay: "Relay") -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        return "restored" if relay.restored else None

    return check


def _turns(moved_at: Callable[[], float]) -> Callable[[], Awaitable[str | None]]:
    """Live while a loop turns: a process whose loop stands still is alive and dead (decision 0001)."""
    born = asyncio.get_event_loop().time()

    async def check() -> str | None:
        age = asyncio.get_running_loop().time() - max(moved_at(), born)
        return None if age < STALE else "stands-still"

    return check


def _consumes(bus: "Bus | Projecting") -> Callable[[], Awaitable[str | None]]:
    async def check() -> str | None:
        if not bus.started or not bus.progressed_at:
            return "not-started"
        return "stopped-partition" if bus.stopped else None

    return check


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: it would send itself the signal again after a clean end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: Starlette, settings: Settings, tasks: Sequence[Task], stop: Callable[[], None]) -> None:
    """Run tasks beside an HTTP server until a signal asks for the end, then end all of them."""
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=10,
            lifespan="on",
            h11_max_incomplete_event_size=16_384,
        )
    )
    loop = asyncio.get_running_loop()

    def end(name: str) -> None:
        logger.info("ending", signal=name)
        server.should_exit = True
        stop()

    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, end, signal_.name)
    logger.info("started", port=settings.port, state=str(os.getpid()))
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        for task in tasks:
            group.create_task(_until_end(task, server, stop))
        group.create_task(server.serve())
    logger.info("ended")


async def _until_end(task: Task, server: _Server, stop: Callable[[], None]) -> None:
    """Run a task; when it ends by itself or fails, the process ends."""
    try:
        await task()
    finally:
        server.should_exit = True
        stop()
