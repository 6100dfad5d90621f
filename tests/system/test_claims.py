"""A partner's claims while the worker that judges them dies again and again: each is answered, none counts twice."""

import asyncio

import asyncpg
import pytest

from city.client import partner_system
from city.registering import known
from city.stage import Stage
from kit.testing.waiting import until

PARTNER = "bramley-home-care"
CLAIMS = 60

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_claim_is_answered_once_though_the_worker_is_killed(stage: Stage) -> None:
    people = await known(stage, PARTNER, *(f"trial-{number}" for number in range(CLAIMS)))
    async with partner_system(stage.broker.bootstrap, PARTNER, "talent-pipeline") as partner:

        async def claim(number: int) -> str:
            ids = await partner.accepted(
                "interest-claimed",
                {
                    "interest": f"trial-{number}", "channel": "own-site", "employment_status": "unemployed",
                    "occurred_on": "2026-01-05", "person_id": people[number],
                },
                mode="structured" if number % 2 else "binary",
            )  # fmt: skip
            return str(ids["person_id"])

        claims = [asyncio.create_task(claim(number)) for number in range(CLAIMS)]
        for share in (1, CLAIMS // 2):

            async def answered(share: int = share) -> bool:
                return len(partner.answers) >= share

            await until(answered, 60)
            await stage.supervisor.kill("talent-pipeline.worker")
            await stage.supervisor.restart("talent-pipeline.worker")
        persons = await asyncio.gather(*claims)
    assert set(persons) == set(people)
    assert len(set(people)) == CLAIMS
    told = [answer["claim_id"] for answer in partner.answers]
    assert len(told) == len(set(told))
    connection = await asyncpg.connect(stage.postgres.dsn("talent_pipeline"))
    try:
        counted = "SELECT count(*) FROM engagement WHERE person_id = ANY($1::uuid[])"
        assert await connection.fetchval(counted, persons) == CLAIMS
    finally:
        await connection.close()


async def test_a_partner_that_is_added_is_heard_without_a_restart(stage: Stage) -> None:
    stage.partners = [*stage.partners, "hamara-wellbeing"]
    await asyncio.to_thread(stage.make_topics)
    (person,) = await known(stage, "hamara-wellbeing", "first")
    async with partner_system(stage.broker.bootstrap, "hamara-wellbeing", "talent-pipeline") as partner:
        said = {
            "interest": "first", "channel": "own-site", "employment_status": "inactive", "occurred_on": "2026-01-05",
            "person_id": person,
        }  # fmt: skip
        assert (await partner.claim("interest-claimed", said))["outcome"] == "accepted"
        refused = await partner.claim("interest-claimed", {**said, "employment_status": "unemployd"})
    assert refused["outcome"] == "refused"
    assert refused["failings"][0]["field"] == "employment_status"
    assert "unemployd" not in str(refused)
