"""The whole city's machinery as processes of its own, for trials: one stage a run, on the broker that the run's head names."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from city.stage import Stage, staged
from laptop.broker import Broker

PARTNER = "bramley-home-care"
LAST = "test_routes.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which routes of a service its stories used is judged after the last of them."""
    items.sort(key=lambda item: item.path.name == LAST and "system" in item.path.parts)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(broker: Broker) -> AsyncIterator[Stage]:
    """Every service, running and ready."""
    async with staged(broker, [PARTNER]) as running:
        yield running
