"""Each service by itself: with a database and a broker, and none of the others."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller
from city.stage import PARTS, Part, Stage
from kit.clock import now
from kit.testing.waiting import until
from laptop.embedded_broker import EmbeddedBroker
from laptop.postgres import EmbeddedPostgres
from laptop.supervisor import Supervisor
from schemas.values import business_date

pytestmark = pytest.mark.asyncio(loop_scope="module")

COURSE = {"title": "Welcome", "category": "induction", "provider": "leeds-city-college", "hours": 2.0, "online": True}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty_stage() -> AsyncIterator[Stage]:
    """Databases, topics and keys, and no process of anybody's. The broker too is nobody else's: groups have the same names."""
    with tempfile.TemporaryDirectory(prefix="oneworkforce-") as name:
        folder = Path(name)
        async with (
            EmbeddedBroker() as broker,
            EmbeddedPostgres(durable=False) as postgres,
            Supervisor(folder / "processes.log") as supervisor,
        ):
            stage = Stage(broker, postgres, supervisor, folder, ["bramley-home-care"])
            await stage.prepare()
            yield stage


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.service)
async def test_a_service_starts_without_any_other_and_ends_in_order(empty_stage: Stage, part: Part) -> None:
    processes = [empty_stage.process(part, name) for name in part.processes]
    await empty_stage.supervisor.start(*processes)  # raises where one is not ready
    ended = await asyncio.gather(*(empty_stage.supervisor.end(process.name) for process in processes))
    assert [exit_.code for exit_ in ended] == [0] * len(processes)


async def test_what_is_said_to_learning_alone_is_in_its_log(empty_stage: Stage) -> None:
    learning = next(part for part in PARTS if part.service == "learning")
    processes = [empty_stage.process(learning, name) for name in learning.processes]
    await empty_stage.supervisor.start(*processes)
    async with httpx2.AsyncClient(base_url=empty_stage.url("learning.api"), timeout=30) as client:
        coordinator = Caller(client, empty_stage.token("coordinator"))
        course = await coordinator.do("POST", "/courses", {**COURSE, "occurred_on": business_date(now()).isoformat()})
        assert (await coordinator.get(f"/courses/{course['id']}"))["title"] == "Welcome"

    async def sent() -> bool:
        said, unsent = await empty_stage.said()
        return bool(said) and not unsent

    await until(sent, what="the course is published on the bus")
    await asyncio.gather(*(empty_stage.supervisor.end(process.name) for process in processes))
