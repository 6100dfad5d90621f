"""A figure's page over millions of facts: how long it takes to be counted, and to be answered again, under no other load."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2

from bench.ground import Ground, Tell
from bench.results import Failed, percentiles
from kit.clock import now
from kit.testing.databases import Clone
from laptop.ports import free_port
from schemas.values import business_date

ASKED = 60
PAGES = {"q6": "/dashboard/figures/q6?", "q11": "/dashboard/figures/q11?", "q10 by ward": "/figures/q10?by=ward&"}

TELLING = 'event_id, fact_id, type, aggregate_id, version, occurred_on, topic, partition, "offset", recorded_at'
TOLD = """
SELECT event_id, event_id, 'bench', gen_random_uuid(), 1, date '2023-01-02' + number % 1000, 'talent-pipeline.events.v1',
       number % 12, number, now(), {values}
FROM (SELECT number, gen_random_uuid() AS event_id FROM generate_series(1, {many}) AS number) AS made
"""
ROUTE = "CASE number % 2 WHEN 0 THEN 'talent-pipeline' ELSE 'connecting-communities' END"
PLACEMENT = {
    "person_id": "md5('p' || number)::uuid", "vacancy_id": "gen_random_uuid()", "engagement_id": "gen_random_uuid()",
    "employer": "'employer-' || number % 34", "soc2020": "'6131'", "route": ROUTE, "ward": "'E0501139' || number % 9",
    "weekly_hours": "37.5", "employment_status": "'unemployed'", "prior_employment": "'unemployed'", "new_to_system": "'yes'",
}  # fmt: skip
INTEREST = {
    "person_id": "md5('p' || number)::uuid", "route": ROUTE, "source": "'direct'", "channel": "'website'",
    "employment_status": "'unemployed'",
}  # fmt: skip
STEP = {
    "person_id": "md5('p' || number / 5)::uuid", "vacancy_id": "gen_random_uuid()", "employer": "'employer-' || number % 34",
    "soc2020": "'6131'", "route": ROUTE,
    "stage": "(ARRAY['applied', 'shortlisted', 'interviewed', 'offered', 'cleared'])[1 + number % 5]",
}  # fmt: skip
ENDING = {
    "person_id": "md5('p' || number)::uuid", "employer": "'employer-' || number % 34", "soc2020": "'6131'", "route": ROUTE,
    "kind": "'withdrew'", "reason": "'transport'",
}  # fmt: skip
FILL = {"placement": (0.10, PLACEMENT), "interest": (0.20, INTEREST), "step": (0.60, STEP), "ending": (0.10, ENDING)}
"""Tables by their share of the facts, and what stands in their columns beside those of every telling."""
DECLARED = """
INSERT INTO declaration (monitoring_id, event_id, type, version, person_id, ethnic_category, topic, partition, "offset",
                         recorded_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'bench', 1, md5('p' || number)::uuid,
       (ARRAY['A', 'N', 'M', 'P', 'Z'])[1 + number % 5], 'equality-monitoring.restricted.v1', 0, number, now()
FROM generate_series(1, {many}) AS number
"""


async def page(ground: Ground, facts: int, tell: Tell) -> dict[str, Any]:
    """Milliseconds of each page, asked one after another."""
    async with ground.template.clone() as clone:
        await _fill(clone, facts, tell)
        port = free_port()
        async with (
            ground.reporting(clone, "api", port),
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
        ):
            await _until_ready(client)
            today = business_date(now())
            days = [
                (today - timedelta(days=turn)).isoformat() for turn in range(ASKED)
            ]  # each is a question of its own
            counted = {name: await _ask(client, path, days) for name, path in PAGES.items()}
            again = {name: await _ask(client, path, days[:1] * ASKED) for name, path in PAGES.items()}
    return {"facts": facts, "milliseconds": counted, "answered_again_milliseconds": again}


async def _fill(clone: Clone, facts: int, tell: Tell) -> None:
    owner = await asyncpg.connect(clone.owner_dsn)
    try:
        for table, (share, columns) in FILL.items():
            many = int(facts * share)
            tell(f"{many} rows of {table}")
            told = TOLD.format(values=", ".join(columns.values()), many=many)
            await owner.execute(f"INSERT INTO {table} ({TELLING}, {', '.join(columns)}) {told}")
        await owner.execute(DECLARED.format(many=int(facts * 0.1)))
        await owner.execute("VACUUM ANALYZE")
    finally:
        await owner.close()


async def _until_ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def _ask(client: httpx2.AsyncClient, path: str, days: Sequence[str]) -> dict[str, float]:
    """Milliseconds of the answers as at each of these days."""
    times = []
    for day in days:
        began = time.perf_counter()
        answer = await client.get(f"{path}as_at={day}")
        if answer.status_code != 200:
            raise Failed(f"{path} was answered with {answer.status_code}")
        times.append((time.perf_counter() - began) * 1000)
    return percentiles(times)
