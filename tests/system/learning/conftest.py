"""Everybody who uses learning in its stories, at one running service; which routes they used is kept, and judged at the end."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.desk import Desk, Desks, Json, Known

from city.client import Caller
from city.registering import known
from city.stage import Stage

HOSPITALS, COUNCIL, HOSPICE, GPS = (
    "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice", "leeds-gp-confederation",
)  # fmt: skip
COLLEGE = "leeds-city-college"
SECTORS = {
    HOSPITALS: "nhs-trust", COUNCIL: "local-authority", HOSPICE: "third-sector", GPS: "primary-care",
}  # fmt: skip
LAST = "test_routes.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the stories used is judged after the last of them."""
    items.sort(key=lambda item: item.path.name == LAST and item.path.parent.name == "learning")


@pytest.fixture(scope="session")
def used() -> set[tuple[str, str]]:
    """Every route that a story used and that did what was asked: the method and the path."""
    return set()


@asynccontextmanager
async def _client(stage: Stage, used: set[tuple[str, str]]) -> AsyncIterator[httpx2.AsyncClient]:
    """An HTTP client at learning, of which each answered request is kept."""

    async def keep(answer: httpx2.Response) -> None:
        if answer.status_code < 400:
            used.add((answer.request.method, answer.request.url.path))

    async with httpx2.AsyncClient(
        base_url=stage.url("learning.api"), timeout=30, event_hooks={"response": [keep]}
    ) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desks(stage: Stage, used: set[tuple[str, str]]) -> AsyncIterator[Desks]:
    async with _client(stage, used) as client:
        yield lambda role, organisation="*": Desk(client, stage.token(role, organisation))


@pytest_asyncio.fixture(loop_scope="session")
async def browser(stage: Stage, used: set[tuple[str, str]]) -> AsyncIterator[httpx2.AsyncClient]:
    """A learner's browser, new for each story."""
    async with _client(stage, used) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def board(stage: Stage) -> AsyncIterator[Caller]:
    """A member of the Board, at reporting's exact figures."""
    async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), timeout=30) as client:
        yield Caller(client, stage.token("board"))


@pytest.fixture(scope="session")
def known_at(stage: Stage) -> Known:
    async def ids(organisation: str, *names: str) -> Sequence[str]:
        return await known(stage, organisation, *(f"{name}-of-learning" for name in names))

    return ids


@pytest.fixture(scope="session")
def academy(desks: Desks) -> Desk:
    """The Academy's coordinator."""
    return desks("coordinator")


def team(organisation: str, *people: str, **more: Any) -> Json:
    """Learners of one organisation, as they are booked."""
    learners = [{"person_id": person} for person in people]
    return {"organisation": organisation, "sector": SECTORS[organisation], "learners": learners, **more}


def row_of(team_of: Mapping[str, Any]) -> Json:
    """The same as a line of a spreadsheet."""
    cells = [" ".join(f"{name}={value}" for name, value in each.items()) for each in team_of["learners"]]
    return {**team_of, "learners": "|".join(cells)}


def csrf_of(page: str) -> dict[str, str]:
    """What a form of a page sends with it."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found is not None
    return {"csrf": found[1]}
