"""A projection built anew by the command line, from the log on the broker, while the one that is read goes on."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio

from kit.ids import new_id
from kit.projecting import Projecting
from kit.service import Service
from kit.testing.facts import Counted
from kit.testing.records import stream
from kit.testing.running import produce, running
from kit.testing.waiting import until
from oneworkforce import configuration, declared

from .conftest import World

APP = """
from kit import projecting
from kit.inbox import FactReader
from kit.service import Service
from kit.projections import Projection
from kit.settings import Settings
from kit.testing.facts import Counted, Renamed

projecting.BULK = 10  # so that one can be killed between two transactions of a rebuild

async def apply(tx, received):
    rows = [(one.envelope.id, one.envelope.subject, one.fact.by, one.topic, one.partition, one.offset) for one in received]
    await tx.copy_records_to_table("counted", records=rows)

service = Service(
    name="{service}", title="Counting", description="Counts.", package="{package}", settings=Settings,
    routers=lambda settings: (),
    projection=Projection(
        "{package}_counts",
        lambda settings, consumer: FactReader(consumer, [Counted], apply, ignores=[Renamed]),
        ["{service}.events.v1"],
        {{"counted": "counter_id"}},
    ),
)
"""
TABLES = """
CREATE TABLE counted (
    event_id uuid PRIMARY KEY, counter_id uuid NOT NULL, "by" int NOT NULL, topic text NOT NULL, partition int NOT NULL,
    "offset" bigint NOT NULL
);
"""
DECISION = ("--author", "tester", "--reason", "a test")


def name(world: World) -> str:
    return f"{world.package}_counts"


@pytest_asyncio.fixture
async def counting(bare: World) -> World:
    """A service that projects, with a log of thirty events."""
    package = bare.folder / bare.package
    (package / "app.py").write_text(APP.format(service=bare.service, package=bare.package))
    (package / "migrations" / "0001_counter.sql").write_text(TABLES)
    await bare.ok("provision", "--all")
    await bare.ok("migrate", bare.service)
    await bare.ok("topics", "create")
    await say(bare, 30)
    return bare


async def say(world: World, many: int) -> None:
    for partition in range(3):
        facts = [Counted(by=1)] * (many // 3)
        await produce(world.settings(), stream(facts, new_id(), topic=world.topic, partition=partition))


def parts(world: World) -> Service:
    return declared.parts(configuration.read(world.config).service(world.service))


@asynccontextmanager
async def projecting(world: World) -> AsyncIterator[Projecting]:
    """The service's own process, which projects what is live and what stands by."""
    projection = parts(world).projection
    assert projection is not None
    async with world.database() as database:
        work = Projecting(world.settings(), database, projection)
        async with running(work):
            yield work


async def counted(world: World, version: int | None = None) -> int:
    """How much a version has counted; without one, what whoever connects without a word sees: the live one."""
    table = f'"{world.service}.{name(world)}.{version}".counted' if version else "counted"
    rows = await world.fetch(f'SELECT coalesce(sum("by"), 0) AS total FROM {table}')
    return int(rows[0]["total"])


async def has_counted(world: World, total: int, version: int | None = None) -> None:
    async def there() -> bool:
        return await counted(world, version) == total

    await until(there)


async def rebuild(world: World, fails_at: str = "", workers: int = 1) -> asyncio.subprocess.Process:
    """The command in a process of its own, which can be killed."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oneworkforce", "--config", str(world.config),
        "projections", "rebuild", name(world), "--workers", str(workers), *DECISION,
        env={**os.environ, "PYTHONPATH": str(world.folder), "ONEWORKFORCE_FAILPOINTS": fails_at},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def states(world: World) -> list[str]:
    return [row["state"] for row in (await world.ok("projections", "list", "--json")).json]


async def test_a_version_is_built_compared_swapped_gone_back_from_and_dropped(counting: World) -> None:
    async with projecting(counting):
        await has_counted(counting, 30)
        await counting.decide("projections", "rebuild", name(counting), "--workers", "2")
        assert await states(counting) == ["live", "standby"]
        compared = (await counting.ok("projections", "compare", name(counting), "--json")).json
        assert [(row["table"], row["rows"], row["missing"], row["added"], row["changed"]) for row in compared] == [
            ("counted", 30, 0, 0, 0)
        ]
        await counting.decide("projections", "swap", name(counting))
        await say(counting, 15)  # both are projected on
        await has_counted(counting, 45, version=1)
        await has_counted(counting, 45, version=2)
        await counting.decide("projections", "back", name(counting))
        assert (await states(counting), await counted(counting)) == (["live", "standby"], 45)
        await counting.decide("projections", "drop", name(counting), 2)
        assert await states(counting) == ["live"]
        await say(counting, 15)
        await has_counted(counting, 60)
        assert (await counting.ok("positions", "show", counting.service, "--json")).json[0]["stopped_code"] is None


@pytest.mark.parametrize(
    "fails_at",
    ["projections.begun=exit", "bus.before_commit=exit:2", "bus.after_commit=exit", "projections.built=exit"],
)
async def test_a_rebuild_that_is_killed_leaves_the_live_figures_alone_and_goes_on_where_it_was(
    counting: World, fails_at: str
) -> None:
    async with projecting(counting):
        await has_counted(counting, 30)
        assert await (await rebuild(counting, fails_at)).wait() != 0
        assert await counted(counting) == 30
        await say(counting, 15)
        await has_counted(counting, 45)
        if "standby" not in await states(counting):
            assert await (await rebuild(counting)).wait() == 0
        assert await states(counting) == ["live", "standby"]
        await has_counted(counting, 45, version=2)
        await counting.ok("projections", "compare", name(counting))


async def builders(world: World) -> int:
    """Sessions of the processes that build."""
    admin = await asyncpg.connect(world.postgres.dsn(world.package))
    try:
        names = ["rebuild", f"{world.service}.{name(world)}.2"]
        found: int = await admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ANY($1)",
            names,
        )
        return found
    finally:
        await admin.close()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
async def test_with_the_command_end_the_processes_that_build(counting: World, sent: signal.Signals) -> None:
    admin = await asyncpg.connect(counting.postgres.dsn(counting.package))
    try:
        async with admin.transaction():
            await admin.execute("LOCK TABLE kit.inbox IN EXCLUSIVE MODE")  # nothing can be built meanwhile
            building = await rebuild(counting)

            async def begun() -> bool:
                return await builders(counting) > 1

            async def ended() -> bool:
                return await builders(counting) == 0

            await until(begun)
            building.send_signal(sent)
            assert await building.wait() != 0
            await until(ended)
    finally:
        await admin.close()
    assert await states(counting) == ["live", "building"]
    await counting.decide("projections", "rebuild", name(counting))
    assert (await states(counting), await counted(counting, version=2)) == (["live", "standby"], 30)


async def test_a_process_that_takes_a_new_version_up_stays_live_and_ready(counting: World) -> None:
    """Its consumer has done nothing yet: that is not standing still."""
    async with projecting(counting) as work:
        await has_counted(counting, 30)
        since = asyncio.get_running_loop().time()
        await counting.decide("projections", "rebuild", name(counting))
        assert work.started
        assert work.progressed_at >= since

        async def both() -> bool:
            assert work.started
            assert work.progressed_at >= since
            return len(work._buses) == 2

        await until(both)


async def test_what_is_not_there_is_said(counting: World) -> None:
    for words, sentence, code in (
        (("compare", "nothing"), f"there is no projection nothing; there are {name(counting)}", 2),
        (("compare", name(counting)), "no version is in state standby", 1),
        (("swap", name(counting), "--version", "7", *DECISION), "there is no version 7", 1),
        (("back", name(counting), *DECISION), "no version that stands by was ever read", 1),
        (("drop", name(counting), "1", *DECISION), "This version is the one that is read", 1),
    ):
        said = await counting.run("projections", *words)
        assert (said.code, sentence in said.error) == (code, True), said
