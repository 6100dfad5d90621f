"""Everybody who uses learning in its stories, at one running service; which routes they used is kept, and judged at the end."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.desk import Desk, Desks, Json, Known
from tests.used_routes import Used, client_of

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


@pytest.fixture(scope="session")
def used() -> Used:
    """Every route that a story used and that did what was asked: the method and the path."""
    return set()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desks(stage: Stage, used: Used) -> AsyncIterator[Desks]:
    async with client_of(stage.url("learning.api"), used) as client:
        yield lambda role, organisation="*": Desk(client, stage.token(role, organisation))


@pytest_asyncio.fixture(loop_scope="session")
async def browser(stage: Stage, used: Used) -> AsyncIterator[httpx2.AsyncClient]:
    """A learner's browser, new for each story."""
    async with client_of(stage.url("learning.api"), used) as client:
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
