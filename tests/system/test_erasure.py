"""A person is erased while services are down, and older backups are restored afterwards: nothing of them is found anywhere.

What was counted stays counted.
"""

import uuid
from contextlib import suppress
from typing import Any

import asyncpg
import httpx2
import pytest

from city import monitoring
from city.client import Caller
from city.registering import exchange, until_heard
from city.stage import HEARD, Stage
from kit.provision import names
from kit.testing.waiting import Stuck, until

from .test_disaster import DECIDED, operate

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTNER, HOST, HOSPICE = "bramley-home-care", "leeds-teaching-hospitals", "st-gemma-hospice"
DAY = "2026-01-05"
TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'aggregate_seen'
"""
"""All but the marks of readers: the last version that was heard of each id, which says nothing else of it."""
KNOWS_IDS = ("people",)
"""Where the bare id of an erased person stays: in the vault's own history."""
DOWN = ("talent-pipeline.worker", "learning.worker")
RESTORED = ("learning", "mobility")


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
        found = {id_: (await client.get(f"/figures/{id_}")).json() for id_ in ("q5", "q6", "q8-training", "q9")}
    return {id_: figure["numerator"] for id_, figure in found.items()}


async def come_back_older(stage: Stage, service: str, *ids: str) -> None:
    """The database is lost, and comes back as it was before these were erased."""
    admin = await asyncpg.connect(stage.postgres.dsn())
    try:
        await admin.execute(f"DROP DATABASE {names(service)[0]} WITH (FORCE)")
    finally:
        await admin.close()
    await operate(stage, "restore", service, str(stage.folder / f"{service}.dump"), *DECIDED)
    assert service in await holding(stage, *ids)
    await operate(stage, "reconcile", service, *DECIDED)


async def learn_and_move(stage: Stage, person: str, home: str) -> None:
    """A place in a cohort and what was learned there, training, a passport, and a move that was put forward."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("mobility.api"), timeout=30) as mobility,
    ):
        academy, desk = (Caller(client, stage.token("coordinator")) for client in (learning, mobility))
        skill = {"framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1}
        training = {"person_id": person, "organisation": PARTNER, "skill": skill, "occurred_on": DAY}
        await academy.do("POST", "/competences", training)
        course = {"title": "Systems", "category": "systems-leadership", "provider": PARTNER, "hours": 7.0}
        course_id = (await academy.do("POST", "/courses", {**course, "occurred_on": DAY}))["id"]
        plan = {"course_id": course_id, "sessions": [DAY], "places": 5, "occurred_on": DAY}
        cohort = f"/cohorts/{(await academy.do('POST', '/cohorts', plan))['id']}"
        team = {"organisation": PARTNER, "sector": "independent-provider", "learners": [{"person_id": person}]}
        booked = await academy.do("POST", f"{cohort}/book", {**team, "occurred_on": DAY})
        attended = [booking["id"] for booking in booked["bookings"]]
        await academy.do("POST", f"{cohort}/register", {"session": DAY, "attended": attended})
        await academy.do("POST", f"{cohort}/hold", {"occurred_on": DAY})
        await academy.do("POST", f"/persons/{person}/transcript/code", {})
        opening = {"person_id": person, "home": home, "occurred_on": DAY}
        await desk.do("POST", "/passports", opening)
        own = {"soc2020": "6135", "level": 3, "place": "leeds", "available_from": DAY, "available_until": "2027-01-05"}
        proposal = {
            "person_id": person, "home": home, "host": HOST, "title": "Care worker", "soc2020": "6135", "own": own,
            "basis": "framework-licence", "starts_on": DAY, "ends_on": "2026-02-05", "occurred_on": DAY,
            "pattern": [{"day": 1, "starts": "09:00", "ends": "17:00"}],
        }  # fmt: skip
        await desk.do("POST", "/deployments", proposal)


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
        await until_heard(stage)
        for each, home in ((person, PARTNER), (other, HOSPICE)):  # a passport with each employer
            came = {"person_id": each, "source": "direct", "channel": "website", "employment_status": "unemployed"}
            engagement = (await hub.do("POST", "/engagements", {**came, "occurred_on": DAY}))["id"]
            support = {"kind": "training", "destination": "wider-west-yorkshire", "occurred_on": DAY}
            await hub.do("POST", f"/engagements/{engagement}/triage", {"spoke": "we-care-academy", "occurred_on": DAY})
            await hub.do("POST", f"/engagements/{engagement}/support", support)
            await learn_and_move(stage, each, home)
        token = await monitoring.follow_link(hub, browser, person)
        await monitoring.declare(equality, person, token, {"ethnic_category": "N"})
        before = await figures(stage)
        assert before["q8-training"] != {"text": "0", "number": 0}
        assert set(await holding(stage, person, other)) >= {*HEARD}
        for service in RESTORED:
            await operate(stage, "backup", service, str(stage.folder / f"{service}.dump"))

        for name in DOWN:
            await stage.supervisor.kill(name)
        request = (await coordinator.do("POST", "/erasures", {"person_id": other}))["id"]
        await officer.do("POST", f"/erasures/{request}/approve")
        for name in DOWN:
            await stage.supervisor.restart(name)

        found: dict[str, list[str]] = {}

        async def forgotten() -> bool:
            found.clear()
            found.update(
                {each: held for each, held in (await holding(stage, person, other)).items() if each not in KNOWS_IDS}
            )
            return not found

        with suppress(Stuck):
            await until(forgotten, 60)
        assert found == {}
        for service in RESTORED:
            await come_back_older(stage, service, person, other)
        with suppress(TimeoutError):
            await until(forgotten, 60)
        assert found == {}
    assert await holding(stage, mark) == {}
    assert await figures(stage) == before
    assert mark.encode() not in stage.supervisor.log.read_bytes() + stage.postgres.log.read_bytes()
