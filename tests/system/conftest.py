"""The whole city's machinery as processes of its own, for trials: one stage a run, on the broker that the run's head names."""

from collections.abc import AsyncIterator

import pytest_asyncio

from city.stage import Stage, staged
from laptop.broker import Broker

PARTNER = "bramley-home-care"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(broker: Broker) -> AsyncIterator[Stage]:
    """Every service, running and ready."""
    async with staged(broker, [PARTNER]) as running:
        yield running
