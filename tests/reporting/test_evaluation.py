"""What learners say of courses: means, use after three months, and that no mean is shown of fewer than eight people's answers."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.disclosure import Door, Profile
from reporting.metrics import EVALUATION, METRICS, Measure
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed, attended
from schemas import learning as le

LATER = DAY + timedelta(days=120)
MEANS = [metric.id for metric in EVALUATION if metric.measure is Measure.MEAN]


@pytest.fixture
def ask(database: Database, settings: ReportingSettings) -> Any:
    """A figure as it is: its mean, or how many hold; and how many people or answers stand behind."""

    async def ask(figure: str, as_at: Any = LATER, by: str | None = None) -> Any:
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, METRICS[figure], as_at, settings, by)
        parts = {group.code: (group.count.amount, group.count.numerator) for group in found.groups}
        return parts if by else (found.total.amount, found.total.numerator, found.total.denominator)

    return ask


def said(person: UUID, rating: int, before: int = 4, after: int = 8, **given: Any) -> Any:
    answers = {"rating": rating, "confidence_before": before, "confidence_after": after}
    return attended(person, le.CourseEvaluated, **answers, **given)


def everybody_says(city: City, ratings: Sequence[int], **given: Any) -> None:
    for rating in ratings:
        city.say(said(new_id(), rating, **given), new_id())


async def test_a_mean_is_that_of_the_answers_that_stand_on_the_day(feed: Feed, ask: Any) -> None:
    city, cohort, mistaken = City(), new_id(), new_id()
    one, other = new_id(), new_id()
    city.say(said(one, 5, 2, 9), cohort)
    answer = city.say(said(other, 1, 4, 5), cohort)
    city.correct(cohort, answer, said(other, 2, 4, 6))
    taken_back = city.say(said(new_id(), 1), mistaken)
    city.void(mistaken, taken_back, le.CourseEvaluated)
    city.say(said(one, 5, occurred_on=LATER), new_id())
    await feed(city.records)
    day = DAY + timedelta(days=1)
    assert await ask("rating", day) == (3.5, 2, 2)
    assert await ask("confidence-before", day) == (3.0, 2, 2)
    assert await ask("confidence-after", day) == (7.5, 2, 2)
    assert await ask("rating", LATER) == (4.0, 2, 2)
    assert await ask("rating", DAY - timedelta(days=1)) == (None, 0, 0)


async def test_each_answer_is_one_case(feed: Feed, database: Database, settings: ReportingSettings) -> None:
    city, cohort, (one, other) = City(), new_id(), (new_id() for _ in range(2))
    answer = city.say(said(one, 5), cohort)
    city.correct(cohort, answer, said(one, 4))
    city.link(other, one)
    await feed(city.records)
    async with figures.one_moment(database) as tx:
        for id_ in MEANS:
            cases = await tx.fetch(METRICS[id_].cases, LATER, *METRICS[id_].arguments(settings))
            assert len(cases) == 1


async def test_use_is_a_share_of_those_who_answered(feed: Feed, ask: Any) -> None:
    city = City()
    for turn in range(4):
        city.say(attended(new_id(), le.UseReported, used=turn > 0, occurred_on=LATER), new_id())
    city.say(said(new_id(), 5), new_id())
    await feed(city.records)
    assert await ask("use-after-three-months") == (None, 3, 4)


async def test_somebody_who_answers_often_is_one_of_the_eight(feed: Feed, ask: Any, client: httpx2.AsyncClient) -> None:
    city, often = City(), new_id()
    for _ in range(9):
        city.say(said(often, 1), new_id())
    everybody_says(city, [5] * 6)
    await feed(city.records)
    assert (await ask("rating"))[1] == 7
    value = (await client.get("/figures/rating")).json()["value"]
    assert (value["number"], value["text"], value["hidden"]) == (None, "*", True)


@pytest.mark.parametrize("profile", list(Profile))
def test_no_mean_is_shown_below_eight_answers_by_any_rule(profile: Profile) -> None:
    door = Door(profile)
    assert {door.mean(4.25, n).text for n in range(1, 8)} == {"*"}
    assert (door.mean(4.25, 8).number, door.mean(4.25, 8).text, door.mean(None, 0).text) == (4.2, "4.2", "none")


@pytest.mark.parametrize("profile", list(Profile))
async def test_nobody_sees_a_mean_below_eight_answers_on_any_route_page_or_table(
    profile: Profile, feed: Feed, client: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    city = City()
    everybody_says(city, [3, 3, 3, 3, 3, 3, 4], before=3, after=4, organisation="seven-answers")
    everybody_says(city, [5] * 9, before=5, after=10, organisation="nine-answers")
    await feed(city.records)
    asked, board = {"profile": profile.value, "by": "organisation"}, bearer("board")
    for figure in MEANS:
        answer = (await client.get(f"/figures/{figure}", params=asked, headers=board)).json()
        groups = {group["code"]: group["value"]["text"] for group in answer["groups"]}
        assert (groups["seven-answers"], groups["nine-answers"]) == ("*", "10.0" if "after" in figure else "5.0")
        assert answer["value"]["hidden"] is False
        table = (await client.get(f"/figures/{figure}.csv", params=asked, headers=board)).text
        assert ",Seven Answers,*," in table
        page = (await client.get(f"/dashboard/figures/{figure}", params=asked, headers=board)).text
        assert "Seven Answers: hidden, from 1 to 7" in page
        assert '<td>Seven Answers</td><td class="ow-num">*</td>' in page


async def test_the_learning_page_tells_what_learners_say(feed: Feed, client: httpx2.AsyncClient) -> None:
    city = City()
    everybody_says(city, [4, 5] * 10)
    await feed(city.records)
    page = (await client.get("/dashboard/learning")).text
    assert "4.5" in page
    assert "of 10 is how confident learners were after it" in page
    assert "the mean of 20 people" in page
