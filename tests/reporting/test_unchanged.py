"""Who has the answer already is told so, and nothing is counted: until anything changes that an answer stands on."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from kit import dead_letters
from kit.database import Database
from kit.ids import new_id
from kit.positions import Place
from reporting import figures, flow
from reporting.disclosure import Door, Profile
from reporting.testing import CONSUMER, PARTITIONS, Feed, interest
from schemas.envelope import events_topic
from schemas.talent_pipeline import SERVICE, Route

from .conftest import small_city

TALENT_PIPELINE = events_topic(SERVICE)
QUESTIONS = (
    "/figures",
    "/figures/q6",
    "/figures/q9?by=employer",
    "/figures/q6.csv",
    "/dashboard",
    "/dashboard/board",
    "/funnel",
)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_who_asks_again_is_told_that_nothing_has_changed(
    question: str, client: httpx2.AsyncClient, feed: Feed
) -> None:
    city = small_city()
    await feed(city.records)
    first = await client.get(question)
    had = {"If-None-Match": first.headers["ETag"]}
    again = await client.get(question, headers=had)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    before = len(city.records)
    for route in (Route.TALENT_PIPELINE, Route.CONNECTING_COMMUNITIES):
        for _ in range(20):
            city.start(new_id(), route=route, employer="a-trust")
    await feed(city.records[before:])
    changed = await client.get(question, headers=had)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


async def test_an_answer_changes_with_what_is_set_aside(
    client: httpx2.AsyncClient, feed: Feed, database: Database, bearer: Callable[[str], dict[str, str]]
) -> None:
    city = small_city()
    await feed(city.records)
    question = f"/figures/q6?profile={Profile.EXACT}"
    had = {"If-None-Match": (await client.get(question, headers=bearer("board"))).headers["ETag"]}
    async with database.transaction() as tx:
        place = Place(CONSUMER, TALENT_PIPELINE, 0, "t", 0, None, datetime.now(UTC))
        await dead_letters.keep(tx, place, city.records[0].at(900), "unreadable", "unreadable-payload")
    assert (await client.get(question, headers=had | bearer("board"))).status_code == 200


def _looks_the_same(offset: int) -> bool:
    """Whether the public sees nothing of one record more in a partition."""
    door = Door(Profile.PUBLISHED)
    return door.count(offset) == door.count(offset + 1)


async def test_nothing_is_counted_for_who_has_the_answer_until_something_is_said(
    client: httpx2.AsyncClient, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = small_city()
    await feed(city.records)
    had = {"If-None-Match": (await client.get("/figures/q6")).headers["ETag"]}
    counted = Counter[str]()

    async def counting(*given: Any) -> Any:
        counted["q6"] += 1
        return await figure(*given)

    figure = figures.figure
    monkeypatch.setattr(figures, "figure", counting)
    assert (await client.get("/figures/q6", headers=had)).status_code == 304
    assert not counted
    said = Counter(record.partition for record in city.records if record.topic == TALENT_PIPELINE)
    engagement = next(id_ for id_ in iter(new_id, None) if _looks_the_same(said[id_.int % PARTITIONS]))
    before = len(city.records)
    city.say(interest(new_id()), engagement)
    await feed(city.records[before:])
    again = await client.get("/figures/q6", headers=had)
    assert (again.status_code, counted["q6"]) == (304, 1)  # of an interest q6 shows nothing to the public


@pytest.mark.parametrize("question", QUESTIONS)
async def test_who_asks_what_somebody_has_asked_is_given_the_same_answer_uncounted(
    question: str, client: httpx2.AsyncClient, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await feed(small_city().records)
    first = await client.get(question)
    for module, counting in ((figures, "figure"), (figures, "growth"), (figures, "grid"), (flow, "flow")):
        monkeypatch.delattr(module, counting)
    again = await client.get(question)
    assert (again.status_code, again.content, again.headers["Content-Type"], again.headers["ETag"]) == (
        200, first.content, first.headers["Content-Type"], first.headers["ETag"],
    )  # fmt: skip


async def test_of_many_who_ask_the_same_at_once_one_counts(
    client: httpx2.AsyncClient, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    await feed(small_city().records)
    count, counted = figures.figure, 0

    async def counting(*given: Any, **named: Any) -> Any:
        nonlocal counted
        counted += 1
        return await count(*given, **named)

    monkeypatch.setattr(figures, "figure", counting)
    answers = await asyncio.gather(*(client.get("/figures/q6") for _ in range(8)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert counted == 1
    again = await asyncio.gather(client.get("/figures/q99"), client.get("/figures/q99"))
    assert [answer.status_code for answer in again] == [404, 404]  # nobody waits for an answer that does not come


async def test_the_answer_to_another_question_is_another(
    client: httpx2.AsyncClient, feed: Feed, bearer: Callable[[str], dict[str, str]]
) -> None:
    await feed(small_city().records)
    had = {"If-None-Match": (await client.get("/figures/q6")).headers["ETag"]}
    exactly = {"profile": "internal_exact"}
    assert (await client.get("/figures/q6", headers=had, params={"as_at": "2026-01-31"})).status_code == 200
    assert (await client.get("/figures/q6", headers=had | bearer("board"), params=exactly)).status_code == 200


async def test_who_may_not_see_an_answer_is_not_told_that_it_has_not_changed(
    client: httpx2.AsyncClient, feed: Feed, bearer: Callable[[str], dict[str, str]]
) -> None:
    await feed(small_city().records)
    exactly = {"profile": "internal_exact"}
    answer = await client.get("/figures/q6", headers=bearer("board"), params=exactly)
    had = {"If-None-Match": answer.headers["ETag"]}
    assert (await client.get("/figures/q6", headers=had, params=exactly)).status_code == 401
    assert (await client.get("/figures/q6", headers=had | bearer("partner"), params=exactly)).status_code == 403


async def test_what_there_is_not_has_no_tag(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/figures/q99")
    assert (answer.status_code, answer.headers.get("ETag")) == (404, None)
