"""Everybody who uses learning in its stories, at one running service; which routes they used is kept, and judged at the end."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from city.client import Caller, Refused
from city.registering import known
from city.stage import Stage
from kit.clock import now
from schemas.values import business_date

HOSPITALS, COUNCIL, HOSPICE, GPS = (
    "leeds-teaching-hospitals", "leeds-city-council", "st-gemma-hospice", "leeds-gp-confederation",
)  # fmt: skip
COLLEGE = "leeds-city-college"
SECTORS = {
    HOSPITALS: "nhs-trust", COUNCIL: "local-authority", HOSPICE: "third-sector", GPS: "primary-care",
}  # fmt: skip
Json = dict[str, Any]
LAST = "test_routes.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the stories used is judged after the last of them."""
    items.sort(key=lambda item: item.path.name == LAST and item.path.parent.name == "learning")


def day(ago: int) -> str:
    """The day so many days ago; a negative number is one to come."""
    today: date = business_date(now())
    return (today - timedelta(days=ago)).isoformat()


class Desk(Caller):
    """Somebody who uses learning, in one role."""

    async def said(self, path: str, kind: str) -> list[Json]:
        """The facts of one kind in the history of something, the first first."""
        lines = (await self.get(f"{path}/history"))["lines"]
        return [line for line in lines if f".{kind}." in line["type"]]

    async def correct(self, path: str, kind: str, **better: Any) -> Json:
        """The last fact of a kind gets the fields that it should have had; what the thing is then."""
        fact = (await self.said(path, kind))[-1]
        asked = {"replacement": {**fact["said"], **better}, "reason": "entered-in-error"}
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/correct", asked))

    async def void(self, path: str, kind: str) -> Json:
        """The last fact of a kind is taken back; what the thing is then."""
        return await self._undo(path, kind, "void")

    async def restore(self, path: str, kind: str) -> Json:
        """The last fact of a kind stands again; what the thing is then."""
        return await self._undo(path, kind, "restore")

    async def _undo(self, path: str, kind: str, name: str) -> Json:
        fact = (await self.said(path, kind))[-1]
        return dict(await self.do("POST", f"{path}/facts/{fact['id']}/{name}", {"reason": "entered-in-error"}))

    async def refusal(self, path: str, body: Mapping[str, Any] | None = None) -> str:
        """What a command is refused with, as the API says it; without a body, a question."""
        with pytest.raises(Refused) as refused:
            await (self.get(path) if body is None else self.do("POST", path, body))
        return str(refused.value)

    async def table(self, path: str, *rows: Mapping[str, Any]) -> list[str]:
        """Commands as the lines of a spreadsheet; the ids of what they were about."""
        return [str(row["id"]) for row in await self.rows(path, rows)]


Desks = Callable[..., Desk]
"""Whose desk: `desks("partner", HOSPITALS)`; a role of the programme alone: `desks("coordinator")`."""
Known = Callable[..., Any]
"""Ids of people of whom learning has heard: `await known_at(HOSPITALS, "ada", "ben")`."""


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
