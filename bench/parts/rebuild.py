"""A projection built anew beside the one that is read, while events come in and figures are asked for."""

import asyncio
import sys
import time
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from bench.ground import CONSUMER, Ground, Tell
from bench.log import Truth
from bench.memory import children, peak
from bench.parts.contest import READ
from bench.results import Failed, percentiles
from bench.trail import Trail
from kit.testing.databases import Clone
from laptop.ports import free_port

BUILT = "reporting.figures.2"
PACE = 20
WORKERS = 2


async def rebuild(ground: Ground, truth: Truth, tell: Tell) -> dict[str, Any]:
    """Seconds of the first reading and of the rebuild; what was asked and offered meanwhile, and how long it took."""
    async with AsyncExitStack() as stack:
        clone = await stack.enter_async_context(ground.template.clone())
        port = free_port()
        projector = await stack.enter_async_context(ground.reporting(clone, "projector"))
        await stack.enter_async_context(ground.reporting(clone, "api", port))
        first = await _first_reading(clone, truth, tell)
        config = _config(ground, clone)
        ending = asyncio.Event()
        trail = Trail(ground.broker.bootstrap, clone.dsn, CONSUMER, seed=92)
        asked: list[float] = []
        began = time.monotonic()
        argv = [sys.executable, "-m", "oneworkforce", "--config", str(config), "projections", "rebuild", "figures",
                "--workers", str(WORKERS), "--author", "bench", "--reason", "measured"]  # fmt: skip
        command = await stack.enter_async_context(ground.running(argv, None, "rebuild"))
        async with asyncio.TaskGroup() as group:
            group.create_task(trail.run(PACE, ending))
            group.create_task(_ask(port, asked, ending))
            building = group.create_task(_pace(clone, truth))
            memory = await _until_built(command, projector, tell)
            seconds, pace = time.monotonic() - began, await building
            ending.set()
        if command.returncode:
            raise Failed(f"the rebuild ended with {command.returncode}: {ground.said('rebuild')}")
        await _compare(ground, config)
    return {
        "events": truth.total, "workers": WORKERS, "first_reading_seconds": first, "seconds": round(seconds, 1),
        "events_per_second": round(pace), "minutes_for_10_million": round((10e6 / pace + seconds - truth.total / pace) / 60, 1),
        "live_milliseconds": percentiles(trail.waited), "asked_milliseconds": percentiles(asked), "peak_mb": memory,
        "compared": "equal",
    }  # fmt: skip


async def _first_reading(clone: Clone, truth: Truth, tell: Tell) -> float:
    """Seconds in which one projector reads the whole log."""
    reader = await asyncpg.connect(clone.dsn)
    began = 0.0
    try:
        while (done := await reader.fetchval(READ, CONSUMER)) < truth.total:
            began = began or (time.monotonic() if done else 0.0)
            tell(f"the live version reads the log: {done} of {truth.total}")
            await asyncio.sleep(0.5)
    finally:
        await reader.close()
    return round(time.monotonic() - began, 1)


async def _pace(clone: Clone, truth: Truth) -> float:
    """Events a second that are built, from the first to the last: without the start and the end of the command."""
    reader = await asyncpg.connect(clone.dsn)
    began, first, done = 0.0, 0, 0
    try:
        while done < truth.total:
            await asyncio.sleep(0.1)
            done = int(await reader.fetchval(READ, BUILT))
            if done and not began:
                began, first = time.monotonic(), done
        return (done - first) / max(time.monotonic() - began, 0.1)
    finally:
        await reader.close()


async def _until_built(command: Process, projector: Process, tell: Tell) -> dict[str, float]:
    """Wait for the command; the most memory that each process has held, in MB."""
    held: dict[str, float] = {"live projector": 0.0, "builder": 0.0}
    began = time.monotonic()
    while command.returncode is None:
        held["live projector"] = max(held["live projector"], peak(projector.pid))
        held["builder"] = max([held["builder"], *(peak(child) for child in children(command.pid))])
        tell(f"the rebuild has taken {time.monotonic() - began:.0f} s")
        try:
            await asyncio.wait_for(command.wait(), 1)
        except TimeoutError:
            continue
    return held


async def _ask(port: int, asked: list[float], ending: asyncio.Event) -> None:
    """Ask for a figure four times a second; milliseconds of each answer. Raises Failed where one is none."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        while not ending.is_set():
            began = time.perf_counter()
            answer = await client.get("/figures/q6")
            if answer.status_code != 200:
                raise Failed(f"a figure was answered with {answer.status_code} during the rebuild")
            asked.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.25)


async def _compare(ground: Ground, config: Path) -> None:
    argv = [sys.executable, "-m", "oneworkforce", "--config", str(config), "projections", "compare", "figures"]
    async with ground.running(argv, None, "compare") as command:
        if await command.wait():
            raise Failed(f"the versions differ: {ground.said('compare')}")


def _config(ground: Ground, clone: Clone) -> Path:
    file = ground.folder / "oneworkforce.toml"
    file.write_text(
        f"""
        [kafka]
        bootstrap = "{ground.broker.bootstrap}"
        [services.reporting]
        database = "{clone.dsn}"
        owner = "{clone.owner_dsn}"
        """
    )
    return file
