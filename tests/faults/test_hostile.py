"""A share of `make hostile`, always the same: no door gives way to what nobody would send."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from city.stage import PARTS, Part, Stage
from laptop.broker import Broker

from . import hostile
from .hostile import Verdict

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.kafka]
SEED = 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(broker: Broker) -> AsyncIterator[Stage]:
    async with hostile.doors(broker) as running:
        yield running


async def test_every_hostile_claim_is_answered_and_no_good_one_is_lost(stage: Stage) -> None:
    verdict = Verdict()
    await hostile.at_kafka(stage, 400, SEED, verdict)
    assert verdict.wrong == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.service)
async def test_no_route_answers_with_a_defect(stage: Stage, part: Part) -> None:
    verdict = Verdict()
    role = hostile.ROLES.get(part.service, hostile.STAFF)[0]
    await hostile.at_http(stage, part, role, 2, SEED, verdict, "fuzzing,stateful")
    assert verdict.wrong == []
    assert verdict.cases.total() > 0
