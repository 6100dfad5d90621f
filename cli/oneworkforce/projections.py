"""`oneworkforce projections`: read models built anew beside those that are read, compared, swapped in and gone back from (c16)."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Annotated, Any

import asyncpg
import typer
from pydantic import SecretStr
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from kit import kafka, offsets, operations, projections
from kit.database import Connection
from kit.process import bring_up_to_date
from kit.projecting import build
from kit.projections import Difference, Projection, Version
from kit.service import Service as Parts
from kit.settings import Settings
from oneworkforce import configuration, databases, declared
from oneworkforce.answering import MISUSED, AsJson, Author, Problem, Reason, answered, noun, say, show
from oneworkforce.configuration import Configuration, Service

COLUMNS = ("name", "version", "state", "read", "stopped", "began_at", "built_at", "live_at")
READ = """
SELECT coalesce(sum(next_offset), 0)::bigint AS read, count(stopped_code) AS stopped FROM kit.position WHERE consumer = $1
"""
STOPS = """
SELECT topic, partition, stopped_code FROM kit.position WHERE consumer = $1 AND stopped_code IS NOT NULL
ORDER BY topic, partition
"""
LOOK = 1.0  # seconds between looks at how far a rebuild is

app = noun("Read models in versions: built anew from the log, compared, swapped in, gone back from.")

Name = Annotated[str, typer.Argument(help="The projection: `figures`.")]
Which = Annotated[int | None, typer.Option("--version", help="The version; without it the one that the text says.")]


@dataclass(frozen=True)
class Found:
    """A projection, and the service that has it."""

    service: Service
    parts: Parts
    projection: Projection


@app.command("list")
@answered
async def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the versions of every projection: what is read, what stands by, what is being built.

    Example: oneworkforce projections list
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in _all(config):
        async with databases.transaction(config, each.service) as tx:
            for version in await projections.versions(tx, each.projection.name):
                told = {name: getattr(version, name) for name in COLUMNS if hasattr(version, name)}
                rows.append({**told, **dict(await _row(tx, READ, version))})
    show(rows, as_json=as_json, empty="no service projects anything", columns=COLUMNS)


async def _row(tx: Connection, statement: str, version: Version) -> asyncpg.Record:
    row = await tx.fetchrow(statement, version.consumer)
    assert row is not None
    return row


# -- rebuild -----------------------------------------------------------------------------------------------------------


@app.command()
@answered
async def rebuild(
    ctx: typer.Context,
    name: Name,
    author: Author,
    reason: Reason,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that build; as many as there are cores to spare.")
    ] = 1,
) -> None:
    """Build a new version from the beginning of the log, beside the one that is read, which nothing of this touches.

    Stopped by Ctrl-C, or killed, it goes on where it was when asked again. When it has come to the end of the log, the service's
    own processes project the new version as well: then compare, swap, and drop the old one when you no longer want to go back.

    Example: oneworkforce projections rebuild figures --workers 2 --author ops-4 --reason "learning is counted from now on"
    """
    config = configuration.of(ctx)
    found = _one(config, name)
    async with _owner(config, found) as owner:
        async with owner.transaction():
            version = await projections.begin(owner, found.service.name, name)
            about = {"projection": name, "version": version.version}
            await operations.note(owner, "rebuild", about, author=author, reason=reason)
        await bring_up_to_date(found.parts, config.owner_dsn(found.service))
        say(
            f"{name} version {version.version} is being built by {workers} {'process' if workers == 1 else 'processes'}"
        )
        with _building(config, found, workers) as processes:
            await _watch(config, found, owner, version, processes)
            await projections.finish(owner, version)
    say(f"{name} version {version.version} is built, and stands by: `oneworkforce projections compare {name}`")


@contextmanager
def _building(config: Configuration, found: Found, workers: int) -> Iterator[Sequence[BaseProcess]]:
    """Processes that build, until nothing is being built any more, or until the block fails."""
    spawning = multiprocessing.get_context("spawn")
    asked = (found.service.package, _settings(config, found))
    processes = [spawning.Process(target=build, args=asked, daemon=True) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        yield processes
    except BaseException:
        for process in processes:
            process.terminate()
        raise
    finally:
        for process in processes:
            process.join()


def _settings(config: Configuration, found: Found) -> Settings:
    """The operator's connection to the bus, and the service's own to its database."""
    bus = config.settings(found.service.name).model_dump()
    return found.parts.settings(**{**bus, "process": "rebuild", "database_dsn": SecretStr(config.dsn(found.service))})


async def _watch(
    config: Configuration, found: Found, owner: Connection, version: Version, processes: Sequence[BaseProcess]
) -> None:
    """Show how far it is, until it has come to where the log ended at the look before. Raises Problem where it cannot."""
    client = kafka.admin(config.settings())
    counts = await asyncio.to_thread(offsets.partitions, client, found.projection.topics)
    places = [(topic, number) for topic, count in counts.items() for number in range(count)]
    ends = await asyncio.to_thread(offsets.ends, client, places)
    with _Shown(sum(ends.values())) as shown:
        while True:
            rows = await projections.places(owner, version.consumer)
            read = {place: row["next_offset"] for place, row in rows.items()}
            shown.update(sum(read.values()), sum(ends.values()))
            if all(read.get(place, 0) >= end for place, end in ends.items()):
                return
            await _raise_if_stopped(owner, found, version)
            if any(process.exitcode is not None for process in processes):
                raise Problem("a process that builds has ended: rebuild again, it goes on where it was")
            await asyncio.sleep(LOOK)
            ends = await asyncio.to_thread(offsets.ends, client, places)


async def _raise_if_stopped(owner: Connection, found: Found, version: Version) -> None:
    if stops := await owner.fetch(STOPS, version.consumer):
        where = ", ".join(f"{row['topic']}/{row['partition']} ({row['stopped_code']})" for row in stops)
        raise Problem(
            f"stopped in {where}: mend it, `oneworkforce partitions resume {found.service.name} TOPIC "
            f"--consumer {version.consumer}`, and rebuild again"
        )


class _Shown:
    """How far a rebuild is: a bar and an estimate on a terminal, elsewhere a line now and then."""

    def __init__(self, total: int) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, TextColumn("left"), TimeRemainingColumn(), console=self._console)
        self._task: TaskID = self._progress.add_task("offsets", total=total)
        self._began, self._from, self._said = time.monotonic(), -1, 0.0

    def __enter__(self) -> "_Shown":
        if self._console.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def update(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)
        now = time.monotonic()
        if self._from < 0:
            self._from = done
        if not self._console.is_terminal and (now - self._said > 10 or done >= total):
            self._said = now
            pace = (done - self._from) / max(now - self._began, 0.001)
            left = f", {(total - done) / pace:.0f} s left" if pace > 0 and done < total else ""
            self._console.print(f"{done} of {total} offsets, {pace:.0f} a second{left}", highlight=False)


# -- compare, swap, back, drop -----------------------------------------------------------------------------------------


@app.command()
@answered
async def compare(ctx: typer.Context, name: Name, version: Which = None, as_json: AsJson = False) -> None:
    """Compare a version with the one that is read, row by row, up to the offset that both have reached in each partition.

    Without --version: the newest that stands by. Ends with 1 where they differ.

    Example: oneworkforce projections compare figures
    """
    config = configuration.of(ctx)
    found = _one(config, name)
    async with _owner(config, found) as owner:
        differences = await _compared(owner, found, version)
    rows = [{name: getattr(each, name) for name in Difference.__dataclass_fields__} for each in differences]
    show(rows, as_json=as_json, empty="there is nothing to compare")
    if any(each.differs for each in differences):
        raise typer.Exit(1)


async def _compared(owner: Connection, found: Found, version: int | None) -> list[Difference]:
    known = await projections.versions(owner, found.projection.name)
    live, other = projections.chosen(known, None, "live"), projections.chosen(known, version, "standby")
    return await projections.compare(owner, live, other, found.projection.compared)


@app.command()
@answered
async def swap(
    ctx: typer.Context,
    name: Name,
    author: Author,
    reason: Reason,
    version: Which = None,
    accept: Annotated[
        list[str] | None, typer.Option(help="A table that may differ, because it is meant to; once for each.")
    ] = None,
) -> None:
    """Make a version that stands by the one that is read. It must have read as much, and be equal but for what is accepted.

    Without --version: the newest that stands by. The one that was read stands by from then on: `back` goes back to it.

    Example: oneworkforce projections swap figures --accept support --author ops-4 --reason "support is counted by provider"
    """
    config = configuration.of(ctx)
    found = _one(config, name)
    async with _owner(config, found) as owner:
        to = projections.chosen(await projections.versions(owner, name), version, "standby")
        differences = await _compared(owner, found, to.version)
        if unmeant := [each.table for each in differences if each.differs and each.table not in (accept or ())]:
            raise Problem(
                f"{', '.join(unmeant)} would change: see `oneworkforce projections compare {name}`, then --accept by name"
            )
        await _swap(owner, to, "swap", {"accepted": accept or []}, author, reason)


@app.command()
@answered
async def back(ctx: typer.Context, name: Name, author: Author, reason: Reason) -> None:
    """Go back to the version that was read before. It was projected all the while, so no figure goes back in time.

    Example: oneworkforce projections back figures --author ops-4 --reason "wards are wrong in the new one"
    """
    config = configuration.of(ctx)
    async with _owner(config, _one(config, name)) as owner:
        to = projections.before(await projections.versions(owner, name))
        await _swap(owner, to, "back", {}, author, reason)


async def _swap(
    owner: Connection, to: Version, action: str, about: Mapping[str, Any], author: str, reason: str
) -> None:
    async with owner.transaction():
        was = await projections.swap(owner, to)
        about = {"projection": to.name, "from": was.version, "to": to.version, **about}
        await operations.note(owner, action, about, author=author, reason=reason)
    say(f"{to.name} version {to.version} is read from now on; version {was.version} stands by")


@app.command()
@answered
async def drop(
    ctx: typer.Context,
    name: Name,
    version: Annotated[int, typer.Argument(help="The version; never the one that is read.")],
    author: Author,
    reason: Reason,
) -> None:
    """Remove a version and all its tables: one that is no longer wanted, or a rebuild that is given up.

    Example: oneworkforce projections drop figures 1 --author ops-4 --reason "version 2 has stood for a week"
    """
    config = configuration.of(ctx)
    async with _owner(config, _one(config, name)) as owner:
        known = await projections.versions(owner, name)
        which = projections.chosen(known, version, "standby")
        about = {"projection": name, "version": version}
        await operations.note(owner, "drop", about, author=author, reason=reason)
        await projections.drop(owner, which)
    say(f"{name} version {version} is gone")


# -- which -------------------------------------------------------------------------------------------------------------


def _all(config: Configuration) -> Iterator[Found]:
    for service in config.services.values():
        parts = declared.parts(service)
        if parts.projection is not None:
            yield Found(service, parts, parts.projection)


def _one(config: Configuration, name: str) -> Found:
    """Raises Problem where no service has a projection of this name."""
    every = list(_all(config))
    for found in every:
        if found.projection.name == name:
            return found
    known = ", ".join(found.projection.name for found in every) or "none"
    raise Problem(f"there is no projection {name}; there are {known}", MISUSED)


def _owner(config: Configuration, found: Found) -> Any:
    return databases.connected(config.owner_dsn(found.service), f"the database of {found.service.name}")
