"""Processes die, freeze and multiply under load: nothing is lost, nothing doubled, nothing out of order.

The judge is city.checker, which shares no code with kit: clients' answers against the journal, the log and the read model.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from city import checker
from city.load import Told, register_interests
from city.registering import known
from city.stage import PARTS, Stage
from kit.testing.waiting import until
from schemas.talent_pipeline import InterestRegistered

from . import test_poison

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOPIC = "talent-pipeline.events.v1"
INTEREST: dict[str, Any] = {"source": "direct", "channel": "website", "employment_status": "unemployed"}
PIPELINE, REPORTING = [
    next(part for part in PARTS if name == part.service) for name in ("talent-pipeline", "reporting")
]
PARTNER = "bramley-home-care"


@asynccontextmanager
async def load(
    stage: Stage, *, turns: asyncio.Semaphore | None = None, clients: int = 6, rest: float = 0.0
) -> AsyncIterator[Told]:
    """Clients that register interests for as long as the block lasts, or while they have turns, and then finish what they began."""
    told, ending = Told(turns=turns), asyncio.Event()
    (person,) = await known(stage, PARTNER, "load")
    body = {**INTEREST, "person_id": person}
    work = asyncio.create_task(
        register_interests(
            stage.url("talent-pipeline.api"), stage.token("coordinator"), told, ending, body, clients=clients, rest=rest
        )
    )
    try:
        yield told
    finally:
        ending.set()
        await work


async def acknowledged(told: Told, more: int) -> None:
    """Return when so many more have been acknowledged: whatever was done has been survived, and the load goes on."""
    wanted = len(told.engagements) + more
    if told.turns is not None:
        for _ in range(2 * more):
            told.turns.release()

    async def there() -> bool:
        return len(told.engagements) >= wanted

    await until(there, 60)


async def judge(stage: Stage, told: Told) -> checker.Verdict:
    """Wait until all has settled; then compare what was told, written, sent and counted."""
    await stage.settle(limit=90)
    journal = await checker.read_journal(stage.dsn("talent-pipeline"))
    log = await asyncio.to_thread(checker.read_log, stage.broker.bootstrap, TOPIC)
    log = [entry for entry in log if entry.event_id not in test_poison.IDS]
    verdict = checker.compare(log, journal, told.engagements)
    checker.compare_effects(verdict, await interests(stage), await counted(stage))
    print(f"\n{len(told.engagements)} acknowledged in {told.tries} tries, {told.unknown} answers lost · {verdict}")
    assert told.errors == []
    return verdict


async def interests(stage: Stage) -> list[str]:
    """The event ids under which talent-pipeline has said that somebody is interested."""
    query = "SELECT event_id FROM kit.journal WHERE type = $1"
    return await event_ids(stage.dsn("talent-pipeline"), query, InterestRegistered.TYPE)


async def counted(stage: Stage) -> list[str]:
    """The event ids that are rows of reporting's interests."""
    return await event_ids(stage.dsn("reporting"), "SELECT event_id FROM interest")


async def event_ids(dsn: str, query: str, *values: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [str(row["event_id"]) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()


@pytest.mark.parametrize("name", ["talent-pipeline.api", "talent-pipeline.relay", "reporting.projector"])
async def test_a_process_that_is_killed_under_load_loses_and_doubles_nothing(stage: Stage, name: str) -> None:
    async with load(stage, turns=asyncio.Semaphore(0)) as told:
        for _ in range(2):
            await acknowledged(told, 30)
            await stage.supervisor.kill(name)
            await stage.supervisor.restart(name)
        await acknowledged(told, 30)
    assert (await judge(stage, told)).clean


async def test_two_relays_send_in_order_when_the_leader_is_killed(stage: Stage) -> None:
    await stage.supervisor.start(stage.process(PIPELINE, "relay", copy=2))
    async with load(stage, turns=asyncio.Semaphore(0)) as told:
        await acknowledged(told, 30)
        await stage.supervisor.kill("talent-pipeline.relay")
        await acknowledged(told, 30)
        await stage.supervisor.restart("talent-pipeline.relay")
        await stage.supervisor.kill("talent-pipeline.relay-2")
        await acknowledged(told, 30)
    assert (await judge(stage, told)).clean


async def test_two_projectors_share_the_log_and_one_takes_over(stage: Stage) -> None:
    await stage.supervisor.start(stage.process(REPORTING, "projector", copy=2))
    async with load(stage, turns=asyncio.Semaphore(0)) as told:
        await acknowledged(told, 60)
        await stage.supervisor.kill("reporting.projector")
        await acknowledged(told, 60)
        await stage.supervisor.restart("reporting.projector")
        await acknowledged(told, 30)
    await stage.supervisor.end("reporting.projector-2")
    assert (await judge(stage, told)).clean


async def test_a_projector_that_was_frozen_writes_nothing_when_it_wakes(stage: Stage) -> None:
    """It has lost its partitions meanwhile: its batch is stale."""
    await stage.supervisor.start(stage.process(REPORTING, "projector", copy=3))
    async with load(stage, turns=asyncio.Semaphore(0)) as told:
        await acknowledged(told, 30)
        stage.supervisor.pause("reporting.projector")
        await acknowledged(told, 90)
        stage.supervisor.resume("reporting.projector")
        await acknowledged(told, 30)
    await stage.supervisor.end("reporting.projector-3")
    assert (await judge(stage, told)).clean
