"""The end of a registration, as one story over Kafka: a cohort's period ends in learning, people hears that nothing is kept of who
was in it, shows them for ninety days and erases them, and every service forgets them. What was counted stays counted.

Years pass in the databases: what is written of a day is moved to an earlier one.
"""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from city import monitoring
from city.client import Caller
from city.registering import until_heard
from city.stage import Stage
from kit.clock import now
from kit.provision import names
from kit.testing.waiting import Stuck, until

from .test_erasure import KNOWS_IDS, holding

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARTNER = "bramley-home-care"
LONG_AGO = "2016-01-04"
"""A period that began then is over; it is shown for ninety days all the same."""
RESTING = "people.resting"
NOT_HEARD = """
SELECT (SELECT count(*) FROM kit.dead_letter WHERE consumer = $1 AND state IN ('open', 'asked'))
    + (SELECT count(*) FROM kit.position WHERE consumer = $1 AND stopped_code IS NOT NULL)
"""
FALLS_DUE = "UPDATE kit.deadline SET due_at = $2 WHERE aggregate_id = $1 AND name = 'retention' AND fired_at IS NULL"
A_YEAR_AGO = "UPDATE resting SET let_go_on = (let_go_on - interval '1 year 1 day')::date WHERE person_id = $1"


async def in_database(stage: Stage, service: str, statement: str, *values: Any) -> Any:
    connection = await asyncpg.connect(stage.postgres.dsn(names(service)[0]))
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def falls_due(stage: Stage, service: str, id_: str, moment: datetime) -> None:
    """The time until a record's period is over has passed, but for what is left until this moment."""
    await in_database(stage, service, FALLS_DUE, uuid.UUID(id_), moment)


async def figures(stage: Stage) -> dict[str, Any]:
    """To the last person."""
    await stage.settle()
    headers = {"Authorization": f"Bearer {stage.token('board')}"}
    async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), headers=headers, timeout=30) as client:
        return {
            id_: (await client.get(f"/figures/{id_}", params={"profile": "internal_exact"})).json()["numerator"]
            for id_ in ("completed-a-course", "core-skills-in-date", "q5", "q6")
        }


async def learned_together(academy: Caller, *people: str) -> str:
    """A cohort of long ago, which these completed."""
    course = {"title": "Systems", "category": "systems-leadership", "provider": PARTNER, "hours": 7.0}
    course_id = (await academy.do("POST", "/courses", {**course, "occurred_on": LONG_AGO}))["id"]
    plan = {"course_id": course_id, "sessions": [LONG_AGO], "places": 5, "occurred_on": LONG_AGO}
    id_ = str((await academy.do("POST", "/cohorts", plan))["id"])
    team = {"organisation": PARTNER, "sector": "independent-provider", "occurred_on": LONG_AGO}
    learners = [{"person_id": person} for person in people]
    booked = await academy.do("POST", f"/cohorts/{id_}/book", {**team, "learners": learners})
    register = {"session": LONG_AGO, "attended": [booking["id"] for booking in booked["bookings"]]}
    await academy.do("POST", f"/cohorts/{id_}/register", register)
    await academy.do("POST", f"/cohorts/{id_}/hold", {"occurred_on": LONG_AGO})
    return id_


async def test_of_whom_nobody_keeps_a_record_any_more_nothing_is_left_anywhere_and_the_figures_stay(
    stage: Stage,
) -> None:
    mark = f"mark{uuid.uuid4().hex}"
    async with (
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("learning.api"), timeout=30) as learning,
        httpx2.AsyncClient(base_url=stage.url("equality-monitoring.api"), timeout=30) as equality,
        httpx2.AsyncClient(timeout=30) as browser,
    ):
        coordinator, hub, academy = (
            Caller(client, stage.token("coordinator")) for client in (vault, pipeline, learning)
        )
        officer = Caller(vault, stage.token("data-protection-officer"))

        async def registered(name: str) -> str:
            entry = {"name": name, "email": f"{uuid.uuid4().hex}@example.org", "occurred_on": LONG_AGO}
            return str((await coordinator.do("POST", "/persons", entry))["id"])

        async def shown() -> set[str]:
            """Whose registration ends within ninety days."""
            return {row["aggregate_id"] for row in (await officer.get("/retention", limit=200))["rows"]}

        async def status(person: str) -> str:
            return str((await coordinator.get(f"/persons/{person}"))["status"])

        person, colleague = await registered(f"Ada {mark}"), await registered("Grace")
        await until_heard(stage)
        cohort = await learned_together(academy, person, colleague)
        skill = {"framework": "cstf-england-1-1", "subject": "fire-safety", "level": 1}
        training = {"person_id": colleague, "organisation": PARTNER, "skill": skill, "occurred_on": LONG_AGO}
        await academy.do("POST", "/competences", training)
        token = await monitoring.follow_link(hub, browser, person)
        await monitoring.declare(equality, person, token, {"ethnic_category": "N"})
        await stage.until_heard("learning", "people", RESTING)
        await stage.until_heard("learning", "mobility", "mobility.reactions")
        before = await figures(stage)
        assert set(await holding(stage, person)) >= {"learning", "mobility", "people", "equality-monitoring"}
        assert not {person, colleague} & await shown(), "who is in a cohort is kept for its sake"
        assert await in_database(stage, "people", NOT_HEARD, RESTING) == 0, "nobody is let go of while that is so"

        await falls_due(stage, "learning", cohort, now())

        async def let_go() -> bool:
            return bool((await academy.get(f"/cohorts/{cohort}"))["status"] == "voided")

        await until(let_go, 30, "the period of the cohort ends")
        await stage.until_heard("learning", "people", RESTING)
        assert not {person, colleague} & await shown(), "for a year they are known yet"

        await in_database(stage, "people", A_YEAR_AGO, uuid.UUID(person))
        await falls_due(stage, "people", person, now() + timedelta(days=89))
        assert {person, colleague} & await shown() == {person}
        assert await status(person) == "registered"
        await falls_due(stage, "people", person, now())

        async def erased() -> bool:
            return await status(person) == "erased"

        await until(erased, 30, "the registration ends")
        found: dict[str, list[str]] = {}

        async def forgotten() -> bool:
            held = await holding(stage, person)
            found.clear()
            found.update({service: tables for service, tables in held.items() if service not in KNOWS_IDS})
            return not found

        with suppress(Stuck):
            await until(forgotten, 60)
        assert found == {}
        assert await holding(stage, mark) == {}
        assert await status(colleague) == "registered", "of whom a record is kept"
    assert await figures(stage) == before
