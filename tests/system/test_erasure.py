"""A person is erased while a service is down: nothing of them is found anywhere, and what was counted stays counted."""

import uuid
from contextlib import suppress
from typing import Any

import asyncpg
import httpx2
import pytest

from city import monitoring
from city.client import Caller
from city.registering import exchange
from city.stage import HEARD, Stage
from kit.provision import names
from kit.testing.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTNER = "bramley-home-care"
DAY = "2026-01-05"
TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'aggregate_seen'
"""
"""All but the marks of readers: the last version that was heard of each id, which says nothing else of it."""
KNOWS_IDS = ("people", "equality-monitoring")
"""Where the bare id of an erased person stays: in the vault's own history, and in the stub of a withdrawal."""


async def holding(stage: Stage, *marks: str) -> dict[str, list[str]]:
    """By service, the tables of which a row holds one of these: as text, as bytes, or as the bytes' hexadecimal."""
    found: dict[str, list[str]] = {}
    for service in (*HEARD, "reporting"):
        connection = await asyncpg.connect(stage.postgres.dsn(names(service)[0]))
        try:
            for (table,) in await connection.fetch(TABLES):
                rows = "\n".join(repr(tuple(row)) for row in await connection.fetch(f"SELECT * FROM {table}"))
                if any(mark in rows or mark.encode().hex() in rows for mark in marks):
                    found.setdefault(service, []).append(table)
        finally:
            await connection.close()
    return found


async def figures(stage: Stage) -> dict[str, Any]:
    await stage.settle()
    headers = {"Authorization": f"Bearer {stage.token('board')}"}
    async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), headers=headers, timeout=30) as client:
        found = {id_: (await client.get(f"/figures/{id_}")).json() for id_ in ("q6", "q8-training", "q9")}
    return {id_: figure["numerator"] for id_, figure in found.items()}


async def test_nothing_of_an_erased_person_is_found_and_the_figures_stay(stage: Stage) -> None:
    mark = f"mark{uuid.uuid4().hex}"
    async with (
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("equality-monitoring.api"), timeout=30) as equality,
        httpx2.AsyncClient(timeout=30) as browser,
    ):
        coordinator, hub = (Caller(client, stage.token("coordinator")) for client in (vault, pipeline))
        officer = Caller(vault, stage.token("data-protection-officer"))
        registered = {"name": f"Ada {mark}", "email": f"{mark}@example.org"}
        person = (await coordinator.do("POST", "/persons", registered))["id"]
        (other,) = await exchange(stage, PARTNER, [mark])
        link = {"same_as": person, "reason": "confirmed-by-partner"}
        await coordinator.do("POST", f"/persons/{other}/link", link)
        await stage.until_heard("people", "talent-pipeline", "talent-pipeline.people")
        for each in (person, other):
            came = {"person_id": each, "source": "direct", "channel": "website", "employment_status": "unemployed"}
            engagement = (await hub.do("POST", "/engagements", {**came, "occurred_on": DAY}))["id"]
            support = {"kind": "training", "destination": "wider-west-yorkshire", "occurred_on": DAY}
            await hub.do("POST", f"/engagements/{engagement}/triage", {"spoke": "we-care-academy", "occurred_on": DAY})
            await hub.do("POST", f"/engagements/{engagement}/support", support)
        token = await monitoring.follow_link(hub, browser, person)
        await monitoring.declare(equality, person, token, {"ethnic_category": "N"})
        before = await figures(stage)
        assert before["q8-training"] != {"text": "0", "number": 0}
        assert set(await holding(stage, person, other)) >= {
            "people",
            "talent-pipeline",
            "equality-monitoring",
        }

        await stage.supervisor.kill("talent-pipeline.worker")
        request = (await coordinator.do("POST", "/erasures", {"person_id": other}))["id"]
        await officer.do("POST", f"/erasures/{request}/approve")
        await stage.supervisor.restart("talent-pipeline.worker")

        found: dict[str, list[str]] = {}

        async def forgotten() -> bool:
            found.clear()
            found.update(
                {each: held for each, held in (await holding(stage, person, other)).items() if each not in KNOWS_IDS}
            )
            return not found

        with suppress(TimeoutError):
            await until(forgotten, 60)
        assert found == {}
    assert await holding(stage, mark) == {}
    assert await figures(stage) == before
    assert mark.encode() not in stage.supervisor.log.read_bytes() + stage.postgres.log.read_bytes()
