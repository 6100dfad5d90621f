"""What mobility's stories begin with.

Each story has organisations of its own to lend: what two have signed covers their moves, in whichever story they signed it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

import pytest
from tests.desk import Desk, Json, day

from city.stage import Stage

from ..lending import checked

HOSPITALS, COUNCIL, GPS, AIRE, FORUM = (
    "leeds-teaching-hospitals", "leeds-city-council", "leeds-gp-confederation", "aire-valley-care", "forum-central",
)  # fmt: skip
LONG_AGO = 400


@pytest.fixture
def service() -> str:
    return "mobility"


Away: TypeAlias = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def learning_away(stage: Stage) -> Away:
    """For a while learning says nothing of what somebody's local induction is."""

    @contextmanager
    def away() -> Iterator[None]:
        stage.supervisor.pause("learning.worker")
        try:
            yield
        finally:
            stage.supervisor.resume("learning.worker")

    return away


async def agreement(academy: Desk, name: str, **changes: Any) -> str:
    """The id of a framework that was published long ago."""
    asked = {"name": name, "effective_from": day(LONG_AGO), "notice_days": 30, "occurred_on": day(LONG_AGO), **changes}
    return str((await academy.do("POST", "/frameworks", asked))["id"])


def invitation(framework: str, organisation: str) -> Json:
    return {
        "framework_id": framework, "organisation": organisation, "sector": "third-sector", "statutory": False,
        "occurred_on": day(LONG_AGO),
    }  # fmt: skip


async def invited(academy: Desk, framework: str, organisation: str) -> str:
    """The path of the signature that an organisation is asked for."""
    return f"/signatures/{(await academy.do('POST', '/signatures', invitation(framework, organisation)))['id']}"


def signing(**changes: Any) -> Json:
    return {
        "version": 1, "signed_by": "chief-executive", "in_force_from": day(LONG_AGO), "occurred_on": day(LONG_AGO), **changes,
    }  # fmt: skip


async def signed(academy: Desk, framework: str, *organisations: str) -> list[str]:
    """The paths of the signatures of organisations that are in force."""
    paths = [await invited(academy, framework, organisation) for organisation in organisations]
    for path in paths:
        await academy.do("POST", f"{path}/sign", signing())
    return paths


def a_need(organisation: str, **changes: Any) -> Json:
    return {
        "organisation": organisation, "title": "Nurse of the story", "soc2020": "2237", "level": 5, "place": "seacroft",
        "weekly_hours": 15.0, "people": 2, "starts_on": day(60), "ends_on": day(-90), "reason": "winter-pressure",
        "release_on": day(-10), "occurred_on": day(120), **changes,
    }  # fmt: skip


def pattern(*days: int) -> list[Json]:
    return [{"day": number, "starts": "09:00", "ends": "16:30"} for number in days]


def a_proposal(person: str, home: str, **changes: Any) -> Json:
    own = {"soc2020": "2237", "level": 6, "place": "seacroft", "available_from": day(120), "available_until": day(-90)}
    return {
        "person_id": person, "home": home, "basis": "framework-licence", "starts_on": day(60), "ends_on": day(-60),
        "pattern": pattern(1, 2), "own": own, "occurred_on": day(100), **changes,
    }  # fmt: skip


def work(host: str) -> Json:
    """What a move without a need is for."""
    return {"host": host, "title": "Nurse of the story", "soc2020": "2237"}


def authorisation(side: str) -> Json:
    return {
        "side": side, "authorised_by": "director-of-nursing", "indemnity": "host-covers-clinical",
        "data_basis": "framework-schedule-3", "recharge": "at-cost", "occurred_on": day(85),
    }  # fmt: skip


async def a_passport(desk: Desk, person: str, home: str) -> str:
    """The path of a passport with the checks without which nobody moves."""
    return f"/passports/{await checked(desk, person, home, ago=300)}"


STEPS: Sequence[tuple[str, Json]] = (
    ("match", {"occurred_on": day(95)}),
    ("agree", {"occurred_on": day(92)}),
    ("verify-checks", {"occurred_on": day(90)}),
    ("authorise", authorisation("home")),
    ("authorise", authorisation("host")),
    ("induct", {"occurred_on": day(62)}),
    ("start", {"occurred_on": day(60)}),
)
"""A move that goes well, as routes and bodies."""


async def under_way(academy: Desk, person: str, home: str, host: str, **changes: Any) -> str:
    """The path of a move that has begun, of somebody who has a passport."""
    made = await academy.do("POST", "/deployments", a_proposal(person, home, **work(host), **changes))
    path = f"/deployments/{made['id']}"
    for name, body in STEPS:
        await academy.do("POST", f"{path}/{name}", body)
    return path


async def why(desk: Desk, path: str, **which: str) -> set[str]:
    """What waits about one thing."""
    _, things, id_ = path.split("/")
    rows = (await desk.get("/waiting", aggregate=things.removesuffix("s"), limit=200, **which))["rows"]
    return {row["why"] for row in rows if row["aggregate_id"] == id_}
