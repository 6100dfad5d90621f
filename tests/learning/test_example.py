"""The example city's core skills, inductions and needs, as the service takes them: no command of the story is refused."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Any

from city.client import Caller
from city.compliance import STAFF, Compliance
from city.learning import ORGANISATIONS, Academy
from city.pathways import APPRENTICES, STUDENTS, WHOLE, Pathways
from city.scenery import CLAIMING
from city.skills import MOVED, REFRESHERS, TRAINED, Skills
from city.starters import Starters
from kit.clock import now
from kit.database import Database
from kit.deadlines import fire_next
from kit.testing.client import Client
from kit.testing.persons import somebody
from learning.domain.competence import RAISED_BEFORE
from learning.store import aggregates, compliance
from schemas.values import business_date

from .test_reactions import Bus, placed


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


class Pipeline:
    """The talent pipeline's list of who is at work, as the example asks for it."""

    def __init__(self, at_work: list[dict[str, str]]) -> None:
        self.at_work = at_work

    async def get(self, path: str, **asked: object) -> dict[str, Any]:
        assert (path, asked["status"]) == ("/candidacies", "started")
        return {"rows": self.at_work, "next": None}


async def test_starters_of_the_example_learn_what_their_employer_asks_or_bring_it_or_never_do(
    coordinator: Client, database: Database
) -> None:
    token, today = coordinator.http.headers["authorization"].removeprefix("Bearer "), business_date(now())
    desk, chance = Caller(coordinator.http, token), random.Random(7)
    skills = Skills(desk, ORGANISATIONS, today, 2023, iter(()))
    await skills.prepare(CLAIMING)
    await Compliance(desk, today, 2023, iter(())).require()
    starts = [(somebody(), chance.choice(CLAIMING), today - timedelta(days=chance.randint(40, 500))) for _ in range(40)]
    starters = Starters(desk, today, 2023)
    await starters.bring([(str(person), day - timedelta(days=60)) for person, _, day in starts], sorted(ORGANISATIONS))
    bus = Bus(database)
    for person, employer, day in starts:
        await bus.say(placed(person, employer=employer, occurred_on=day))
    await starters.learn(Pipeline([{"person_id": str(each[0]), "employer": each[1]} for each in starts]))  # type: ignore[arg-type]
    async with database.transaction() as tx:
        standings = Counter(row.standing for row in await compliance.standings(tx, today, RAISED_BEFORE))
        waived = await tx.fetchval("SELECT count(*) FROM competence WHERE jsonb_array_length(body -> 'judgements') > 0")
    assert standings.total() == 3 * len(starts)
    assert 0.75 < (standings["in-date"] + standings["due"]) / standings.total() < 0.98
    assert {"never-trained", "out-of-date"} <= standings.keys()
    assert waived > 0


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
