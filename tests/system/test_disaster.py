"""A database is lost while the city works: backup, disaster, restore, reconcile; nothing acknowledged is missing afterwards."""

import asyncio

import asyncpg
import httpx2
import pytest
from typer.testing import CliRunner

from city.load import Told, register_interests
from city.registering import known
from city.stage import Stage
from kit.testing.waiting import until
from oneworkforce.main import app as command_line

from .test_nothing_lost import INTEREST, PARTNER, acknowledged, judge, load

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.kafka]

SERVICE = "talent-pipeline"
DECIDED = ("--author", "ops-4", "--reason", "the disk of 3 March")


async def operate(stage: Stage, *words: str) -> None:
    """A command of the operator's, which must end well."""
    given = ["--config", str(stage.configure()), *words]
    done = await asyncio.to_thread(CliRunner().invoke, command_line, given)
    assert done.exit_code == 0, done.output


async def test_a_lost_database_comes_back_with_all_that_was_acknowledged(stage: Stage) -> None:
    (person,) = await known(stage, PARTNER, "disaster")
    file = str(stage.folder / "talent-pipeline.dump")
    async with load(stage) as before:
        await acknowledged(before, 40)
        await operate(stage, "backup", SERVICE, file)
        await acknowledged(before, 40)  # these are in no backup
    await stage.settle()
    admin = await asyncpg.connect(stage.postgres.dsn())
    await admin.execute("DROP DATABASE talent_pipeline WITH (FORCE)")
    after, ending = Told(), asyncio.Event()  # everybody asks again and again meanwhile
    url, token = stage.url("talent-pipeline.api"), stage.token("coordinator")
    asking = asyncio.create_task(register_interests(url, token, after, ending, {**INTEREST, "person_id": person}))
    await operate(stage, "restore", SERVICE, file, *DECIDED)
    assert after.engagements == []
    await operate(stage, "reconcile", SERVICE, *DECIDED)
    await acknowledged(after, 40)
    ending.set()
    await asking
    await admin.close()
    after.engagements += before.engagements
    assert (await judge(stage, after)).clean
    assert all(ended.asked for ended in stage.supervisor.exits), "a process ended while its database was away"

    async with httpx2.AsyncClient() as client:
        for name in stage.supervisor.names:
            await until(lambda name=name: is_ready(client, f"{stage.url(name)}/readyz"), 60)  # type: ignore[misc]


async def is_ready(client: httpx2.AsyncClient, url: str) -> bool:
    return (await client.get(url)).status_code == 200
