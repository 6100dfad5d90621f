"""Reporting is built anew under load, by a command that is killed on the way: the figures stay right throughout (c16)."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from city.stage import Stage
from kit.testing.waiting import until
from oneworkforce.main import app as command_line

from .test_nothing_lost import acknowledged, judge, load

pytestmark = pytest.mark.asyncio(loop_scope="session")

BY = ("--author", "tester", "--reason", "a trial")
KILLED_AT = ("bus.before_commit=exit", "bus.after_commit=exit", "projections.built=exit")
"""The first of each is met however much there is to read: how many commits follow depends on what other tests have said."""


@pytest.fixture
def config(stage: Stage) -> Path:
    return stage.configure()


async def killed(config: Path, *words: str, at: str) -> None:
    """A command about the figures in a process of its own, which dies on the way."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "oneworkforce", "--config", str(config), "projections", *words, *BY,
        env={**os.environ, "ONEWORKFORCE_FAILPOINTS": at}, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() != 0


async def operate(config: Path, *words: str) -> int:
    """A command about the figures, as an operator gives it; its code."""
    given = ["--config", str(config), "projections", *words]
    return (await asyncio.to_thread(CliRunner().invoke, command_line, given)).exit_code


async def version(stage: Stage) -> tuple[int, str]:
    """The version that is read, and what has become of the second."""
    connection = await asyncpg.connect(stage.dsn("reporting"))
    try:
        states = {
            row["version"]: row["state"] for row in await connection.fetch("SELECT version, state FROM kit.projection")
        }
    finally:
        await connection.close()
    return next(number for number, state in states.items() if state == "live"), states.get(2, "gone")


async def decide(config: Path, *words: str) -> None:
    assert await operate(config, *words, *BY) == 0


async def test_the_figures_are_built_anew_under_load_swapped_gone_back_from_and_nothing_is_lost(
    stage: Stage, config: Path
) -> None:
    async with load(stage, clients=2, rest=0.1) as told:
        for fails_at in KILLED_AT:
            if await version(stage) != (1, "standby"):
                await killed(config, "rebuild", "figures", at=fails_at)
            await acknowledged(told, 20)
        if await version(stage) != (1, "standby"):
            await decide(config, "rebuild", "figures", "--workers", "2")
        await until(lambda: equal(config))
        await decide(config, "swap", "figures")
        assert await version(stage) == (2, "live")
        await acknowledged(told, 30)
    assert (await judge(stage, told)).clean
    async with load(stage, clients=2, rest=0.1) as told:
        await decide(config, "back", "figures")
        await acknowledged(told, 30)
    assert (await judge(stage, told)).clean
    await decide(config, "drop", "figures", "2")
    assert await version(stage) == (1, "gone")


async def equal(config: Path) -> bool:
    return await operate(config, "compare", "figures") == 0
