"""Whose it is decides, not how many: however many cases one person has, what is of fewer than eight people is hidden."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit.ids import new_id
from reporting.disclosure import Door, Profile
from reporting.metrics import METRICS, Measure, Subject
from reporting.testing import DAY, City, Feed, applied, attended, journey
from schemas import learning as le
from schemas import mobility as mob
from schemas import talent_pipeline as tp

HOME, HOST = "st-gemma-hospice", "hospitals"
SKILL: dict[str, Any] = {"framework": "cstf-england-1-1", "level": 1, "organisation": HOME, "occurred_on": DAY}


def moved(city: City, person: UUID) -> None:
    of: dict[str, Any] = {
        "person_id": person, "home": HOME, "host": HOST, "soc2020": "2237", "basis": mob.Basis.FRAMEWORK_LICENCE,
        "occurred_on": DAY,
    }  # fmt: skip
    seen = tuple(mob.CheckSeen(kind=kind) for kind in ("identity", "right-to-work"))
    city.say(mob.ChecksVerified(**of, verified_by=HOME, checks=seen), move := new_id())
    city.say(mob.StaffSeconded(**of, ends_on=DAY + timedelta(days=90), weekly_hours=7.5), move)


def trained(city: City, person: UUID) -> None:
    about: dict[str, Any] = {**SKILL, "person_id": person, "subject": le.Subject.FIRE_SAFETY}
    city.say(le.CompetenceRecorded(**about, source=le.TrainingSource.ESR, aligned=True), record := new_id())
    city.say(le.LearningWaived(**about, host=HOST, required_level=1, ground=le.Ground.ALIGNMENT), record)


def turned_down(city: City, person: UUID) -> None:
    city.say(
        journey(tp.CandidateNotAppointed, person, DAY, stage=tp.Stage.INTERVIEWED, reason=tp.NotAppointedReason.OTHER),
        new_id(),
    )


def used(city: City, person: UUID) -> None:
    city.say(attended(person, le.UseReported, used=True), new_id())


def on_placement(city: City, person: UUID) -> None:
    student: dict[str, Any] = {"person_id": person, "provider": "college", "start_year": 2024, "occurred_on": DAY}
    city.say(le.PathwayBegun(**student, specialism="adult-nursing"), placement := new_id())
    city.say(le.PathwayEnded(**student, reason="left-the-course"), placement)


def apprenticed(city: City, person: UUID) -> None:
    of: dict[str, Any] = {
        "person_id": person, "employer": HOME, "provider": "college", "standard": "ST0216", "occurred_on": DAY,
    }  # fmt: skip
    city.say(le.ApprenticeshipAgreed(**of, standard_version="1.1", starts_on=DAY), apprenticeship := new_id())
    city.say(le.ApprenticeshipStopped(**of, reason="left-the-sector"), apprenticeship)


CASES: dict[str, Callable[[City, UUID], None]] = {
    "moves": moved, "checks-relied-on": moved, "training-accepted": trained, "endings": turned_down,
    "use-after-three-months": used, "t-levels": on_placement, "t-levels-stopped": on_placement,
    "apprenticeships": apprenticed, "apprenticeships-stopped": apprenticed,
}  # fmt: skip


async def shown(client: httpx2.AsyncClient, figure: str) -> Sequence[str]:
    asked = (await client.get(f"/figures/{figure}")).json()
    return [asked[part]["text"] for part in ("value", "numerator", "denominator")]


@pytest.mark.parametrize("figure", CASES)
async def test_what_a_few_people_did_thirty_times_is_hidden_also_under_other_ids(
    figure: str, client: httpx2.AsyncClient, feed: Feed
) -> None:
    city, people = City(), [new_id() for _ in range(7)]
    for turn in range(35):
        CASES[figure](city, people[turn % 7])
    CASES[figure](city, other := new_id())
    city.link(other, people[0])
    await feed(city.records)
    assert await shown(client, figure) == ["*", "*", "*"]
    before = len(city.records)
    for _ in range(8):
        CASES[figure](city, new_id())
    await feed(city.records[before:])
    assert "*" not in await shown(client, figure)


async def test_the_time_to_hire_of_a_few_people_whom_one_employer_hires_again_and_again_is_hidden(
    client: httpx2.AsyncClient, feed: Feed
) -> None:
    city, people = City(), [new_id() for _ in range(7)]

    def hired(person: UUID) -> None:
        city.say(applied(person, DAY), candidacy := new_id())
        city.start(person, candidacy=candidacy, occurred_on=DAY + timedelta(days=9))

    for turn in range(35):
        hired(people[turn % 7])
    await feed(city.records)
    assert await hires(client) == [["*"], ["*", "*", "*", "*", "*"]]
    before = len(city.records)
    hired(new_id())
    await feed(city.records[before:])
    assert await hires(client) == [["35"], ["35", "35", "100%", "9", "35"]]


async def hires(client: httpx2.AsyncClient) -> list[list[str]]:
    """What is shown of the first stage and of the last."""
    (way,) = (await client.get("/time-to-hire")).json()["ways"]
    first, last = way["stages"][0], way["stages"][-1]
    parts = ("went", "share", "median_days", "timed")
    return [
        [first["reached"]["text"]],
        [last["reached"]["text"], *(last["from_first"][part]["text"] for part in parts)],
    ]


def test_where_few_people_hold_a_share_is_hidden_though_many_do_not() -> None:
    door = Door(Profile.PUBLISHED)
    assert door.share(11, 330, holders=1, people=30).hidden
    assert door.share(0, 330, holders=0, people=30).text == "0%"
    assert door.share(22, 330, holders=8, people=30).text == "6%"


def test_what_counts_no_people_says_whose_its_cases_are() -> None:
    """Of places that are asked for nobody knows yet whose they are."""
    counted = [each for each in METRICS.values() if each.subject is Subject.PEOPLE and each.unit != "people"]
    silent = [each.id for each in counted if each.measure in (Measure.COUNT, Measure.SHARE) and not each.several]
    assert silent == ["fill-rate"]
