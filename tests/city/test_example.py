"""The example city from another seed, with characteristics that nobody found out: the same starts, honest denominators."""

import random
from dataclasses import replace

import httpx2
import pytest
from rich.progress import Progress

from city import board, doors, lending, moves, player
from city.client import Caller
from city.learning import groups
from city.people import Ending, Person, people
from city.stage import staged
from laptop.broker import choose_broker

SEED = 7
START = (Ending.STARTED, Ending.REDIRECTED, Ending.POOLED)


def test_two_seeds_differ_in_people_order_and_more_than_half_of_what_happens() -> None:
    one, other = people(1), people(2)
    assert len(one) == len(other)
    same = sum(replace(left, number=0) == replace(right, number=0) for left, right in zip(one, other, strict=True))
    assert same < len(one) / 100
    assert {replace(person, number=0) for person in one} != {replace(person, number=0) for person in other}


def test_two_seeds_have_other_learners() -> None:
    one, other = ({person for group in groups(random.Random(seed)) for person in group.people} for seed in (1, 2))
    assert len(one) == len(other)
    assert not one & other


@pytest.mark.asyncio(loop_scope="session")
async def test_another_city_has_the_same_figures_and_says_what_is_not_known() -> None:
    everybody = people(SEED, unknowns=True)
    async with choose_broker("embedded") as broker, staged(broker, player.PARTNERS) as stage:
        with Progress(disable=True) as progress:
            await player.play(stage, SEED, progress, unknowns=True)
        await stage.settle()
        async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), timeout=30) as client:
            lines = {line.figure: line for line in await board.ask(client, stage.token("board"))}
            desk = Caller(client, stage.token("board"))
            stand = await desk.get("/figures/training-required", by="standing", profile="internal_exact")
            in_date = await desk.get("/figures/compliance", profile="internal_exact")
            opened = [(door.who, (await client.get(door.url)).status_code) for door in await doors.doors(stage)]
            exact = {figure["id"]: figure["value"] for figure in await desk.get("/figures", profile="internal_exact")}
    assert {status for _, status in opened} == {200}, opened
    uncertain = {"q7", "q10", "q11"}
    assert {figure for figure, line in lines.items() if not line.ok} <= uncertain
    assert {figure: lines[figure].computed["denominator"] for figure in uncertain} == known(everybody)
    assert {row["code"] for row in stand["groups"]} == {"in-date", "due", "out-of-date", "never-trained", "starting"}
    assert 0.75 < in_date["numerator"]["number"] / in_date["denominator"]["number"] < 0.98
    assert all(lines[figure].computed["denominator"] < of for figure, of in (("q7", 120), ("q10", 130), ("q11", 130)))  # type: ignore[operator]
    assert {figure: exact[figure]["number"] for figure in LENT} == LENT
    assert all(exact[figure]["number"] > 0 for figure in ("training-accepted", "training-saved"))


LENT = {
    "hours-lent": len(moves.HOSTS) * moves.PLACES * moves.WEEKS * 3 * moves.SHIFT_HOURS - moves.LEFT_EARLY,
    "days-to-start": moves.RAISED - moves.FIRST_DAY,
    "days-to-fill": moves.RAISED - moves.FIRST_DAY,
    "checks-relied-on": len(moves.HOSTS) * moves.PLACES * len(moves.CHECKS) + lending.LENT * len(lending.CHECKS),
}
"""What lending comes to, by the story alone: three shifts a week of everybody who took up a place, less what was settled."""


def known(everybody: list[Person]) -> dict[str, int]:
    """Of how many each share is, by the story alone."""
    pipeline = [person for person in everybody if person.ending in START and not person.by_campaign]
    campaign = [person for person in everybody if person.ending in START and person.by_campaign]
    return {
        "q7": sum(person.prior_employment != "unknown" for person in pipeline),
        "q10": sum(person.employment_status != "not-known" for person in campaign),
        "q11": sum(person.ethnic_category is not None for person in campaign),
    }
