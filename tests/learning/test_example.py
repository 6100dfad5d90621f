"""The example city's core skills, inductions and needs, as the service takes them: no command of the story is refused."""

import asyncio
from collections import Counter

from city.client import Caller
from city.compliance import STAFF, Compliance
from city.learning import ORGANISATIONS, Academy
from city.pathways import APPRENTICES, STUDENTS, WHOLE, Pathways
from city.scenery import CLAIMING
from city.skills import MOVED, REFRESHERS, TRAINED, Skills
from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.testing.client import Client
from kit.testing.persons import somebody
from learning import compliance
from learning.domain.competence import RAISED_BEFORE
from learning.store import aggregates
from schemas.values import business_date


async def test_the_example_is_entered_and_its_needs_go_from_submitted_to_commissioned(
    coordinator: Client, database: Database
) -> None:
    async def worker() -> None:
        while True:
            await fire_next(database, aggregates.fall_due)
            await asyncio.sleep(0)

    token = coordinator.http.headers["authorization"].removeprefix("Bearer ")
    fires = asyncio.create_task(worker())
    try:
        staff = (str(somebody()) for _ in range(TRAINED))
        await Skills(Caller(coordinator.http, token), ORGANISATIONS, business_date(now()), 2023, staff).enter(CLAIMING)
    finally:
        fires.cancel()
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT body -> 'judgements' -> 0 ->> 'outcome' AS outcome FROM competence")
        outcomes = Counter(row["outcome"] for row in rows)
        assert await tx.fetchval("SELECT count(*) FROM refresher") == len(REFRESHERS) + 1
        assert await tx.fetchval("SELECT count(*) FROM induction") == 2 * len(CLAIMING)  # everybody's, and carers'
    assert sum(outcomes.values()) == TRAINED
    assert sum(outcomes.values()) - outcomes[None] == MOVED
    assert {"waived", "rejected"} <= outcomes.keys()
    (cycle,) = (await coordinator.found("/cycles"))["rows"]
    assert (cycle["status"], cycle["agreed"]) == ("commissioned", [cycle["priorities"][0]["skill"]])


async def test_staff_of_the_example_stand_in_every_way(coordinator: Client, database: Database) -> None:
    token = coordinator.http.headers["authorization"].removeprefix("Bearer ")
    persons = (str(somebody()) for _ in range(STAFF))
    await Compliance(Caller(coordinator.http, token), business_date(now()), 2023, persons).enter(CLAIMING[:1])
    async with database.transaction() as tx:
        standings = Counter(row.standing for row in await compliance.standings(tx, business_date(now()), RAISED_BEFORE))
    assert standings.keys() >= {"in-date", "never-trained", "starting"}
    assert sum(standings.values()) == 2 * STAFF + sum(number % 3 > 0 for number in range(STAFF))


async def test_placements_and_apprenticeships_of_the_example_come_to_their_ends(
    coordinator: Client, database: Database
) -> None:
    token = coordinator.http.headers["authorization"].removeprefix("Bearer ")
    persons = (str(somebody()) for _ in range(STUDENTS + APPRENTICES))
    await Pathways(Caller(coordinator.http, token), business_date(now()), 2023, persons).enter()
    async with database.transaction() as tx:
        placements = Counter(row["status"] for row in await tx.fetch("SELECT status FROM pathway"))
        apprentices = Counter(row["status"] for row in await tx.fetch("SELECT status FROM apprenticeship"))
    assert placements == {"completed": WHOLE, "ended": 1, "placed": STUDENTS - WHOLE - 1}
    assert sum(apprentices.values()) == APPRENTICES
    assert {"waiting", "live", "paused", "completed", "stopped"} == apprentices.keys()


async def test_cohorts_of_the_example_are_booked_given_up_held_and_evaluated(
    coordinator: Client, database: Database
) -> None:
    token = coordinator.http.headers["authorization"].removeprefix("Bearer ")
    academy = Academy(Caller(coordinator.http, token), {}, business_date(now()), 2023)
    await academy.publish()
    cohorts = academy.cohorts()
    evaluated = next(each for each in cohorts if any(answer.used is not None for answer in each.answers.values()))
    given_up = next(each for each in cohorts if any(place.gives_up for place in each.places))
    for cohort in (evaluated, given_up, cohorts[-1]):
        staff = {(each.organisation, each.person): str(somebody()) for each in cohort.places}
        await academy.enter(cohort, staff)
    async with database.transaction() as tx:
        said = Counter(row["type"].split(".")[-2] for row in await tx.fetch("SELECT type FROM kit.journal"))
    answers = {**evaluated.answers, **given_up.answers}
    assert said["course-evaluated"] == len(answers)
    assert said["booking-cancelled"] == sum(place.gives_up for each in (evaluated, given_up) for place in each.places)
