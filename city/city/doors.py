"""The doors that a demo leaves open: links to the pages of whoever has some, each for a role or a person of the example."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx2
from rich.console import Console

from city import names
from city.client import Caller
from city.stage import Stage


@dataclass(frozen=True)
class Door:
    """A link, and who comes in by it."""

    who: str
    url: str


async def doors(stage: Stage) -> Sequence[Door]:
    """The Board's dashboard, a coordinator's desk, and what a candidate is sent: their own page, which says who they are, and their
    applications, which then do too."""
    async with (
        httpx2.AsyncClient(base_url=stage.url("talent-pipeline.api"), timeout=30) as pipeline,
        httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=30) as vault,
    ):
        token = stage.token("coordinator")
        hub, people = Caller(pipeline, token), Caller(vault, token)
        started = await names.candidates(stage, limit=100, status="started")
        person = next((each.person_id for each in started if each.name), started[0].person_id)
        own = await people.do("POST", f"/persons/{person}/own-page")
        applications = await hub.do("POST", f"/persons/{person}/link")
    return (
        Door("dashboard, for a programme manager", stage.sign_in_link("programme-manager", stage.url("reporting.api"))),
        Door("desk, for a coordinator", desk(stage)),
        Door("a candidate's own page", own["url"]),
        Door("the same candidate's applications", applications["url"]),
    )


def desk(stage: Stage, role: str = "coordinator", organisation: str = "*") -> str:
    """A link that signs its first user in at the desk."""
    return stage.sign_in_link(role, f"{stage.public_url('talent-pipeline')}/desk", organisation)


def draw(console: Console, opened: Sequence[Door]) -> None:
    """Print them, a line each, so that a terminal makes links of them."""
    for door in opened:
        console.print(f"\n{door.who.capitalize()}:")
        console.print(door.url, soft_wrap=True, highlight=False)
    console.print(
        "\nThe first three work once, the first two of them for a quarter of an hour. Ctrl-C stops everything."
    )
