"""A coordinator's list with names: candidates from talent-pipeline, which holds ids; who they are from people, saying why."""

from dataclasses import dataclass
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from city.client import Caller
from city.stage import Stage

SHOWN = 5


@dataclass(frozen=True)
class Candidate:
    """A line of the list."""

    person_id: str
    name: str | None
    """None: registered by a partner's system, which gave no name."""
    employer: str
    status: str
    since: str


async def candidates(stage: Stage, limit: int = SHOWN, **having: Any) -> list[Candidate]:
    """The latest candidates of whom this holds, at most 100, as a coordinator sees them."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
    ):
        token = stage.token("coordinator")
        rows = (await Caller(pipeline, token).get("/candidacies", limit=limit, **having))["rows"]
        asked = {"reason": "work-a-list", "ids": sorted({row["person_id"] for row in rows})}
        answer = await Caller(vault, token).do("POST", "/names", asked)
    names = {row["person_id"]: row["name"] for row in answer["rows"]}
    return [
        Candidate(row["person_id"], names.get(row["person_id"]), row["employer"], row["status"], row["since"])
        for row in rows
    ]


def draw(console: Console, listed: list[Candidate]) -> None:
    """Print the list."""
    table = Table(title="The latest starters, as a coordinator sees them", title_justify="left")
    for name in ("name", "employer", "", "since"):
        table.add_column(name)
    for each in listed:
        table.add_row(each.name or "(no name held)", each.employer, each.status, each.since)
    console.print(table)
