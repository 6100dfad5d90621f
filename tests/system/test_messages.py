"""An offer that is made in one service reaches the person by another, as real mail; the worker dies in the one window left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from tests.people.post_office import PostOffice, post_office
from tests.people.test_messages import RETURNED
from tests.system.test_privacy import everything_on

from city.client import Caller
from city.journeys import Journey
from city.people import Ending, Person
from city.player import set_scene
from city.scenery import scenery
from city.stage import PARTS, Stage
from kit.clock import now
from kit.testing.waiting import until
from schemas.values import business_date

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = next(part for part in PARTS if part.service == "people")
TOPICS = ("people.events.v1", "talent-pipeline.events.v1")
SEED = 11


@pytest_asyncio.fixture(loop_scope="session")
async def office(stage: Stage) -> AsyncIterator[PostOffice]:
    """A mail server, while nobody else sends: the city's own worker comes back afterwards."""
    await stage.supervisor.end("people.worker")
    async with post_office() as opened:
        yield opened
    await stage.supervisor.restart("people.worker")


@asynccontextmanager
async def worker(stage: Stage, office: PostOffice, copy: int, failpoints: str = "") -> AsyncIterator[str]:
    """A worker of people that sends to this mail server; its name."""
    process = stage.process(PEOPLE, "worker", copy=copy)
    mail = {"HOST": "127.0.0.1", "PORT": str(office.port), "TLS": "none", "BOUNCES": "bounces@oneworkforce.example"}
    told = {f"ONEWORKFORCE_MAIL_{name}": value for name, value in mail.items()} | {
        "ONEWORKFORCE_FAILPOINTS": failpoints
    }
    # One that is to die at a fail-point may reach it before anybody sees it ready.
    ready = None if failpoints else process.ready
    await stage.supervisor.start(replace(process, env={**(process.env or {}), **told}, ready=ready))
    yield process.name
    await stage.supervisor.end(process.name)


async def ask(stage: Stage, statement: str, person: str) -> str | None:
    connection = await asyncpg.connect(stage.dsn("people"), server_settings={"app.organisation": "*"})
    try:
        found: str | None = await connection.fetchval(statement, person)
        return found
    finally:
        await connection.close()


async def state(stage: Stage, person: str) -> str | None:
    return await ask(stage, "SELECT state FROM message WHERE person_id = $1", person)


async def test_an_offer_reaches_the_person_once_under_one_id_though_the_worker_died_before_it_noted_so(
    stage: Stage, office: PostOffice
) -> None:
    mark, today = f"mark{uuid4().hex}", business_date(now())
    async with (
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
    ):
        desk, hub = (Caller(client, stage.token("coordinator")) for client in (vault, pipeline))
        person = (await desk.do("POST", "/persons", {"name": f"Ada {mark}", "email": f"{mark}@example.org"}))["id"]
        await stage.until_heard("people", "talent-pipeline", "talent-pipeline.people")
        scene = scenery(SEED, today)
        city = await set_scene(hub, replace(scene, campaigns=[], vacancies=scene.vacancies[1:3]), today, SEED)
        somebody = Person(
            number=1, registered_days_ago=300, ending=Ending.STARTED, employment_status="unemployed",
            prior_employment="other-sector", ethnic_category=None, by_campaign=False,
        )  # fmt: skip
        journey = Journey(city, somebody, person)
        await journey.register()
        candidacy = await journey.apply(city.places[0], 3)
        await journey.pass_values_interview(candidacy)
        await journey.step(candidacy, "make-offer", 18)

        async with worker(stage, office, 2, "messages.after_send=exit") as name:
            assert (await asyncio.wait_for(stage.supervisor.ended(name), 60)).code == 9
        assert (len(office.came), await state(stage, person)) == (1, "queued")
        async with worker(stage, office, 3):
            # as if the lease of who died were over
            await ask(stage, "UPDATE message SET due_at = now() WHERE person_id = $1", person)

            async def sent() -> bool:
                return await state(stage, person) == "sent"

            await until(sent, 60)
        assert (len(office.ids), len(set(office.ids))) == (2, 1)
        assert f"Dear Ada {mark}," in office.came[0].get_content()

        system = {"Authorization": f"Bearer {stage.token('mail-system')}", "Content-Type": "message/rfc822"}
        raw = RETURNED.format(action="failed", status="5.1.1", id=office.ids[0], kind="text/rfc822-headers")
        assert (await vault.post("/bounces", content=raw.encode(), headers=system)).json() == {"noted": True}
        (waits,) = (await desk.get("/waiting", aggregate="message"))["rows"]
        assert waits["why"] == "message-bounced"

        request = (await desk.do("POST", "/erasures", {"person_id": person}))["id"]
        officer = Caller(vault, stage.token("data-protection-officer"))
        await officer.do("POST", f"/erasures/{request}/approve")
        assert await state(stage, person) is None
        assert (await desk.get("/waiting", aggregate="message"))["rows"] == []
    await stage.settle()
    said = [await asyncio.to_thread(everything_on, stage.broker.bootstrap, topic) for topic in TOPICS]
    for place in (*said, stage.supervisor.log.read_bytes(), stage.postgres.log.read_bytes()):
        assert mark.encode() not in place
