"""The whole city's machinery as processes of its own, for trials: one stage a run, on the broker that the run's head names.

A folder tells the stories of one service, which its fixture `service` names; which routes of it they used is judged at the end.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx2
import pytest
import pytest_asyncio
from tests.desk import Desk, Desks, Known
from tests.used_routes import Used, client_of

from city.client import Caller
from city.registering import known
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def board(stage: Stage) -> AsyncIterator[Caller]:
    """A member of the Board, at reporting's exact figures."""
    async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), timeout=30) as client:
        yield Caller(client, stage.token("board"))


@pytest.fixture(scope="session")
def used_of() -> Mapping[str, Used]:
    """What the stories of each service used."""
    return defaultdict(set)


@pytest.fixture
def used(service: str, used_of: Mapping[str, Used]) -> Used:
    return used_of[service]


@pytest_asyncio.fixture(loop_scope="session")
async def desks(stage: Stage, service: str, used: Used) -> AsyncIterator[Desks]:
    async with client_of(stage.url(f"{service}.api"), used) as client:
        yield lambda role, organisation="*": Desk(client, stage.token(role, organisation))


@pytest.fixture
def academy(desks: Desks) -> Desk:
    """The Academy's coordinator."""
    return desks("coordinator")


@pytest_asyncio.fixture(loop_scope="session")
async def browser(stage: Stage, service: str, used: Used) -> AsyncIterator[httpx2.AsyncClient]:
    """The browser of a learner or a mover, new for each story."""
    async with client_of(stage.url(f"{service}.api"), used) as client:
        yield client


@pytest.fixture
def known_at(stage: Stage, service: str) -> Known:
    async def ids(organisation: str, *names: str) -> Sequence[str]:
        return await known(stage, organisation, *(f"{name}-of-{service}" for name in names))

    return ids
