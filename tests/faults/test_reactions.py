"""Whoever reacts dies before its commit, and after it, and hears the same event again: what follows is there, once.

So it is with what a worker says by itself, because its time has come.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from tests.system.lending import a_night_passes, both_signed, day, put_forward, started

from city.client import Caller, Refused
from city.registering import exchange, known
from city.stage import PARTS, Part, Stage
from kit.clock import now
from kit.ids import new_id
from kit.testing.records import stream
from kit.testing.running import produce
from kit.testing.waiting import until
from laptop.broker import Broker
from laptop.postgres import EmbeddedPostgres
from laptop.supervisor import Process, Supervisor
from schemas import learning, mobility
from schemas import talent_pipeline as tp
from schemas.fact import Fact
from schemas.values import Sector, business_date

from .arena import DIED_THERE, READY, stands_still

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.kafka]

LEARNING, MOBILITY, PEOPLE = (
    next(part for part in PARTS if part.service == name) for name in ("learning", "mobility", "people")
)
EMPLOYER, HOST = "st-gemma-hospice", "leeds-teaching-hospitals"
DAY = date(2026, 1, 5)
Overdue: TypeAlias = tuple[str, str, str]
"""Of what, which answer, and since when it was asked for."""
FOLLOWED = "SELECT count(*) FROM kit.journal WHERE causation_id = $1 AND type = $2"
RAISED = """
SELECT aggregate_id::text, said->>'answer', said->>'since'
FROM kit.journal, CAST(convert_from(payload, 'UTF8') AS jsonb) AS said
WHERE type = ANY($1) AND aggregate_id = ANY($2::uuid[])
"""
UNFIRED = """
SELECT count(*) FROM kit.deadline WHERE fired_at IS NULL AND due_at <= now() AND aggregate_id = ANY($1::uuid[])
"""
READ = "SELECT next_offset FROM kit.position WHERE consumer = $1 AND topic = $2 AND partition = $3"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(broker: Broker) -> AsyncIterator[Stage]:
    """The APIs of who reacts, and people, who know everybody; the workers are started to die."""
    with tempfile.TemporaryDirectory(prefix="oneworkforce-reactions-") as name:
        folder = Path(name)
        async with EmbeddedPostgres(durable=False) as postgres, Supervisor(folder / "processes.log") as supervisor:
            own = Stage(broker, postgres, supervisor, folder, [EMPLOYER])
            await own.prepare()
            apis = [own.process(part, "api") for part in (LEARNING, MOBILITY, PEOPLE)]
            await supervisor.start(*apis, own.process(PEOPLE, "relay"), limit=READY)
            yield own
        await asyncio.to_thread(own.drop_topics)


async def test_who_starts_is_enrolled_once_though_the_worker_dies_before_and_after_its_commit(stage: Stage) -> None:
    async with desk(stage, LEARNING) as coordinator:
        course, other = [await published(coordinator, title) for title in ("Welcome", "Something else")]
        own = {"organisation": EMPLOYER, "sector": "third-sector", "occurred_on": str(DAY)}
        await coordinator.do("POST", "/inductions", {**own, "courses": [course]})
        (person,) = await exchange(stage, EMPLOYER, ["starter"])
        chosen = {**own, "course_id": other, "person_id": person}
        await accepted(stage, LEARNING, coordinator, "/enrolments", chosen)
        cause = await survived(stage, LEARNING, "learning.reactions", placed(UUID(person)))
        rows = (await coordinator.get("/enrolments", person_id=person))["rows"]
    assert sorted(row["course_id"] for row in rows) == sorted([course, other])
    assert await asked(stage, LEARNING, FOLLOWED, cause, learning.LearnerEnrolled.TYPE) == 1


async def test_a_course_lands_in_a_passport_once_though_the_worker_dies_before_and_after_its_commit(
    stage: Stage,
) -> None:
    (person,) = await exchange(stage, EMPLOYER, ["holder"])
    done = completed(UUID(person))
    async with desk(stage, MOBILITY) as coordinator:
        opening = {"person_id": person, "home": EMPLOYER, "occurred_on": str(DAY)}
        passport = await accepted(stage, MOBILITY, coordinator, "/passports", opening)
        cause = await survived(stage, MOBILITY, "mobility.reactions", done)
        held = await coordinator.get(f"/passports/{passport}")
    assert [line["course_id"] for line in held["training"]] == [str(done.course_id)]
    assert await asked(stage, MOBILITY, FOLLOWED, cause, mobility.TrainingRecorded.TYPE) == 1


async def test_what_a_host_waives_stands_in_a_passport_once_though_the_worker_dies_before_and_after_its_commit(
    stage: Stage,
) -> None:
    (person,) = await exchange(stage, EMPLOYER, ["waived"])
    fact = waived(UUID(person))
    async with desk(stage, MOBILITY) as coordinator:
        opening = {"person_id": person, "home": EMPLOYER, "occurred_on": str(DAY)}
        passport = await accepted(stage, MOBILITY, coordinator, "/passports", opening)
        cause = await survived(stage, MOBILITY, "mobility.reactions", fact)
        held = await coordinator.get(f"/passports/{passport}")
    assert [(line["host"], line["ground"]) for line in held["waived"]] == [(HOST, "alignment")]
    assert held["training"] == []
    assert await asked(stage, MOBILITY, FOLLOWED, cause, mobility.TrainingWaived.TYPE) == 1


async def test_every_answer_that_never_came_is_raised_once_though_the_worker_is_killed_while_deadlines_fire(
    stage: Stage,
) -> None:
    async with desk(stage, MOBILITY) as coordinator:
        overdue, moves = await never_answered(stage, coordinator)
    await dies(stage, MOBILITY, "deadlines.before_commit")
    assert await raised(stage, moves) == []
    await dies(stage, MOBILITY, "deadlines.after_commit", 3)
    assert len(await raised(stage, moves)) == 3

    # one stands still in the middle of a deadline that another passes over, until it is killed and cannot commit it any more
    frozen, other = (stage.process(MOBILITY, "worker", copy=copy) for copy in (1, 2))
    await begun(stage, frozen, "deadlines.before_commit=stop:5")
    await until(lambda: _stands_still(stage, frozen.name), READY, "the worker is in the middle of a deadline")
    await begun(stage, other)
    await stage.supervisor.kill(frozen.name)

    async def all_fired() -> bool:
        return bool(await asked(stage, MOBILITY, UNFIRED, moves) == 0)

    await until(all_fired, READY, "no deadline is left that is due")
    await stage.supervisor.end(other.name)
    assert sorted(await raised(stage, moves)) == sorted(overdue)


async def never_answered(stage: Stage, coordinator: Caller) -> tuple[list[Overdue], list[str]]:
    """What is overdue of three moves of ten weeks, and of a statement; and the ids of these. Nobody entered anything lately.

    Learning never answered, and nine weeks are over long enough; one move has hours for the first, which the host disputes.
    """
    monday = business_date(now()).weekday()
    began = monday + 70
    await stage.supervisor.start(stage.process(MOBILITY, "worker"), limit=READY)
    people = await known(stage, EMPLOYER, *(f"never-answered-{number}" for number in range(3)))
    await stage.supervisor.end(stage.process(MOBILITY, "worker").name)
    await both_signed(coordinator, EMPLOYER, long_ago=200)
    moves = [await put_forward(coordinator, person, EMPLOYER, began=began) for person in people]
    for move in moves:
        await started(coordinator, move, began=began)
    line = {"deployment_id": moves[0], "worked_on": day(began)}
    hours = {**line, "hours": 7.5, "pence": 15000, "occurred_on": day(began - 4)}
    statement = (await coordinator.do("POST", "/statements", hours))["id"]
    dispute = {**line, "reason": "left-at-noon", "occurred_on": day(began - 10)}
    await coordinator.do("POST", f"/statements/{statement}/dispute", dispute)
    await a_night_passes(stage, *moves, statement)
    weeks = [(move, "hours", day(began - 7 * week)) for move in moves for week in range(9)]
    settlement = (statement, "settlement", day(began - 10))
    overdue = [*((move, "local-induction", day(began)) for move in moves), *weeks[1:], settlement]
    return overdue, [*moves, statement]


async def raised(stage: Stage, things: Sequence[str]) -> list[Overdue]:
    """Each answer of which somebody was told that it did not come, as often as they were told."""
    types = [mobility.AnswerOverdue.TYPE, mobility.StatementOverdue.TYPE]
    connection = await asyncpg.connect(stage.dsn("mobility"))
    try:
        return [tuple(row) for row in await connection.fetch(RAISED, types, list(things))]
    finally:
        await connection.close()


async def _stands_still(stage: Stage, name: str) -> bool:
    return stands_still(stage.supervisor.pid(name))


async def published(coordinator: Caller, title: str) -> str:
    course = {"title": title, "category": "induction", "provider": "leeds-city-college", "hours": 2.0, "online": True}
    return str((await coordinator.do("POST", "/courses", {**course, "occurred_on": str(DAY)}))["id"])


async def accepted(stage: Stage, part: Part, coordinator: Caller, path: str, body: Mapping[str, Any]) -> str:
    """The id of what was begun for somebody of whom the service has heard from people; its worker ends in order after that."""
    found: list[str] = []

    async def is_there() -> bool:
        try:
            found.append((await coordinator.do("POST", path, body))["id"])
        except Refused as refusal:
            if "unknown-person" not in str(refusal):
                raise
        return bool(found)

    await stage.supervisor.start(stage.process(part, "worker"), limit=READY)
    await until(is_there, READY, f"{part.service} has heard of the person")
    await stage.supervisor.end(stage.process(part, "worker").name)
    return found[0]


async def survived(stage: Stage, part: Part, consumer: str, fact: Fact) -> UUID:
    """The id of an event that a worker has heard, killed before and after its commit, and heard again at another offset."""
    (record,) = stream([fact], new_id(), topic=f"{fact.SERVICE}.events.v1")
    await produce(stage.settings(), [record])
    for point in ("bus.before_commit", "bus.after_commit"):
        await dies(stage, part, point)
    ((topic, partition, offset),) = await produce(stage.settings(), [record])
    await stage.supervisor.start(stage.process(part, "worker"), limit=READY)

    async def heard() -> bool:
        return bool(await asked(stage, part, READ, consumer, topic, partition) == offset + 1)

    await until(heard, READY)
    await stage.supervisor.end(stage.process(part, "worker").name)
    return UUID(dict(record.headers)["ce_id"].decode())  # type: ignore[union-attr]


async def dies(stage: Stage, part: Part, point: str, visit: int = 1) -> None:
    """Start the worker, and wait until it has died there, at this visit."""
    process = stage.process(part, "worker")
    await begun(stage, process, f"{point}=exit:{visit}")
    assert (await asyncio.wait_for(stage.supervisor.ended(process.name), READY)).code == DIED_THERE


async def begun(stage: Stage, process: Process, failpoints: str = "") -> None:
    """Start a worker, perhaps to die or freeze somewhere. Returns before it is ready."""
    environment = {**(process.env or {}), "ONEWORKFORCE_FAILPOINTS": failpoints}
    await stage.supervisor.start(replace(process, env=environment, ready=None))


async def asked(stage: Stage, part: Part, query: str, *values: Any) -> Any:
    connection = await asyncpg.connect(stage.dsn(part.service))
    try:
        return await connection.fetchval(query, *values)
    finally:
        await connection.close()


@asynccontextmanager
async def desk(stage: Stage, part: Part) -> AsyncIterator[Caller]:
    async with httpx2.AsyncClient(base_url=stage.url(f"{part.service}.api"), timeout=30) as client:
        yield Caller(client, stage.token("coordinator"))


def placed(person: UUID) -> tp.CandidatePlaced:
    return tp.CandidatePlaced(
        occurred_on=DAY, person_id=person, vacancy_id=uuid4(), employer=EMPLOYER, soc2020="6135",
        route=tp.Route.TALENT_PIPELINE, engagement_id=uuid4(), source=tp.Source.DIRECT, weekly_hours=37.5,
        employment_status=tp.EmploymentStatus.EMPLOYED, prior_employment=tp.PriorEmployment.OTHER_SECTOR,
        new_to_system=tp.NewToSystem.YES,
    )  # fmt: skip


def completed(person: UUID) -> learning.CourseCompleted:
    return learning.CourseCompleted(
        occurred_on=DAY, category=learning.Category.CORE_SKILLS, programme=learning.Programme.SHORT_COURSE,
        course_id=uuid4(), booking_id=uuid4(), person_id=person, organisation=EMPLOYER, sector=Sector.THIRD_SECTOR,
        learner_kind=learning.LearnerKind.WORKFORCE, title="Resuscitation", hours=4.0,
    )  # fmt: skip


def waived(person: UUID) -> learning.LearningWaived:
    return learning.LearningWaived(
        occurred_on=DAY, person_id=person, organisation=EMPLOYER, framework="cstf-england-1-1",
        subject=learning.Subject.FIRE_SAFETY, level=1, host=HOST, required_level=1, ground=learning.Ground.ALIGNMENT,
    )  # fmt: skip
