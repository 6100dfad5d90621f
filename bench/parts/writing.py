"""The write side: a command's transaction, the API against its relay, and from an answer over HTTP to the figure."""

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import httpx2

from bench.ground import Tell
from bench.results import percentiles, spread
from city.load import Told, register_interests
from city.registering import known
from city.stage import Stage, staged
from kit import outbox
from kit.context import Context
from kit.database import Database
from kit.ids import new_id
from kit.settings import Settings
from laptop.apache_kafka import ApacheKafka
from schemas.talent_pipeline import EmploymentStatus, InterestRegistered, Route, Source
from schemas.values import business_date
from talent_pipeline.handlers import journeys

INTEREST: dict[str, Any] = {"source": "direct", "channel": "website", "employment_status": "unemployed"}
BARE = (
    "INSERT INTO bare_state (id, body) VALUES ($1, $2)",
    "INSERT INTO bare_outbox (body) VALUES ($1)",
)
BODY = '{"route": "talent-pipeline", "source": "direct", "channel": "' + "x" * 300 + '"}'
ROUND = 200  # transactions of a kind before the other kind's turn
AS_SHIPPED = {
    "talent-pipeline.relay": {"ONEWORKFORCE_RELAY_IDLE_MS": str(Settings.model_fields["relay_idle_ms"].default)}
}
"""The relay that is measured looks as often as one does by itself; the example city's look less often."""
WAITING = 20_000  # rows of an outbox that a relay is measured by


async def writing(seconds: float, tell: Tell) -> dict[str, Any]:
    """All of the write side, on a broker of its own: the log of the other parts would have to be read first."""
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(ApacheKafka(lasts=True))
        stage = await stack.enter_async_context(staged(broker, [], tell=tell, extra=AS_SHIPPED))
        interest = {**INTEREST, "person_id": (await known(stage, "bench", "somebody"))[0]}
        tell("from an answer to the figure, while nothing else happens")
        idle = await _to_the_figure(stage, interest)
        tell("a command's transaction against a bare one")
        command = await _command(stage, UUID(interest["person_id"]), rounds=3 if seconds < 5 else 7)
        tell("what the API takes")
        api = await _api(stage, seconds, interest)
        tell("what the relay sends")
        relay = await _relay(stage)
    return {
        "http_to_figure_milliseconds": percentiles(idle), "command": command, "api_per_second": round(api),
        "relay_per_second": round(relay), "relay_to_api": relay / api,
    }  # fmt: skip


async def _to_the_figure(stage: Stage, interest: dict[str, Any], many: int = 40) -> list[float]:
    """Milliseconds from the answer 201 to the row in reporting."""
    times = []
    reader = await asyncpg.connect(stage.dsn("reporting"))
    headers = {"Authorization": f"Bearer {stage.token('coordinator')}"}
    try:
        async with httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), headers=headers, timeout=30) as client:
            for turn in range(many + 5):
                answer = await client.post("/engagements", json=interest, headers={"Idempotency-Key": str(new_id())})
                began, engagement = time.perf_counter(), UUID(answer.json()["id"])
                await _until_counted(reader, engagement)
                if turn >= 5:
                    times.append((time.perf_counter() - began) * 1000)
                await asyncio.sleep(0.15)
    finally:
        await reader.close()
    return times


async def _until_counted(reader: asyncpg.Connection, engagement: UUID) -> None:
    while not await reader.fetchval("SELECT true FROM interest WHERE aggregate_id = $1", engagement):
        await asyncio.sleep(0.001)


async def _command(stage: Stage, person_id: UUID, rounds: int) -> dict[str, Any]:
    """Transactions a second, one after another, by turns: registering interest, and two inserts."""
    found: dict[str, list[float]] = {"command": [], "bare": []}
    owner = await asyncpg.connect(stage.dsn("talent-pipeline", owner=True))
    await owner.execute(
        "CREATE TABLE bare_state (id uuid PRIMARY KEY, body jsonb); "
        "CREATE TABLE bare_outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb); "
        "GRANT ALL ON bare_state, bare_outbox TO talent_pipeline_service; "
        "GRANT USAGE ON SEQUENCE bare_outbox_position_seq TO talent_pipeline_service"
    )
    async with Database.connect(stage.dsn("talent-pipeline"), size=1, name="bench") as database:
        for _ in range(rounds):
            found["command"].append(await _transactions(database, partial(_register, person_id)))
            found["bare"].append(await _transactions(database, _bare))
    await owner.execute("DROP TABLE bare_state, bare_outbox")
    await owner.close()
    command, bare = spread(found["command"]), spread(found["bare"])
    return {"command": command, "bare": bare, "ratio": command["median"] / bare["median"]}


async def _transactions(database: Database, work: Any) -> float:
    began = time.perf_counter()
    for _ in range(ROUND):
        async with database.transaction() as tx:
            await work(tx)
    return ROUND / (time.perf_counter() - began)


async def _register(person_id: UUID, tx: Any) -> None:
    interest = journeys.Interest(
        person_id=person_id, source=Source.DIRECT, channel="website", employment_status=EmploymentStatus.UNEMPLOYED
    )
    await journeys.register_interest(tx, interest, Context(actor="bench"))


async def _bare(tx: Any) -> None:
    await tx.execute(BARE[0], new_id(), BODY)
    await tx.execute(BARE[1], BODY)


async def _api(stage: Stage, seconds: float, interest: dict[str, Any]) -> float:
    """Interests that are acknowledged a second, by eight clients."""
    told, ending = Told(), asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, ending.set)
    began = time.perf_counter()
    await register_interests(
        stage.url("talent-pipeline.api"), stage.token("coordinator"), told, ending, interest, clients=8
    )
    return len(told.engagements) / (time.perf_counter() - began)


async def _relay(stage: Stage) -> float:
    """Rows that the relay sends a second, of an outbox that has filled while it was away."""
    await stage.settle()
    await stage.supervisor.end("talent-pipeline.relay")
    async with Database.connect(stage.dsn("talent-pipeline"), size=1, name="bench") as database:
        fact = InterestRegistered(
            person_id=new_id(), route=Route.TALENT_PIPELINE, source=Source.DIRECT, channel="website",
            employment_status=EmploymentStatus.UNEMPLOYED, occurred_on=business_date(Context(actor="bench").now),
        )  # fmt: skip
        for _ in range(WAITING // 500):
            async with database.transaction() as tx:
                for _ in range(500):
                    await outbox.record(tx, "engagement", new_id(), 0, [fact], Context(actor="bench"))
        await stage.supervisor.restart("talent-pipeline.relay")
        return await _drained(database)


async def _drained(database: Database) -> float:
    """Rows a second from the first that is sent to the last."""
    began, first = 0.0, WAITING
    async with asyncio.timeout(120):
        while True:
            async with database.transaction() as tx:
                left = await tx.fetchval("SELECT count(*) FROM kit.outbox")
            if not began and left < WAITING:
                began, first = time.perf_counter(), left
            if not left:
                return first / (time.perf_counter() - began)
            await asyncio.sleep(0.01)
