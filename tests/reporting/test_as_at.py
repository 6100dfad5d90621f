"""Figures as at a date: today as the calendar in Leeds shows it, a day as a whole, and the days that calendars stumble over."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import httpx2
import pytest

from kit import clock
from kit.ids import new_id
from reporting.testing import City, Feed

Bearer = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), date(2026, 7, 2)),  # summer time: Leeds is already in tomorrow
        (datetime(2026, 1, 1, 23, 30, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),  # the clocks go forward
        (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),  # the last evening of summer time
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),  # the clocks went back
        (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
        (datetime(2027, 12, 31, 23, 59, tzinfo=UTC), date(2027, 12, 31)),
    ],
)
async def test_today_is_what_the_calendar_in_leeds_shows(
    moment: datetime, today: date, visitor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert (await visitor.get("/figures/q6")).json()["as_at"] == str(today)


async def test_tomorrow_cannot_be_asked_for(visitor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    assert (await visitor.get("/figures/q6?as_at=2026-07-02")).status_code == 422
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert (await visitor.get("/figures/q6?as_at=2026-07-02")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/figures", "/figures/q6", "/figures/q6.csv", "/funnel", "/dashboard", "/dashboard/board"]
)
async def test_nobody_learns_on_which_day_a_count_went_up(
    path: str, visitor: httpx2.AsyncClient, bearer: Bearer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 17, 12, tzinfo=UTC))
    days = {
        "2026-07-17": 200,
        "2026-07-16": 422,
        "2026-06-30": 200,
        "2026-06-29": 422,
        "2024-02-29": 200,
        "2024-02-28": 422,
    }
    assert {day: (await visitor.get(path, params={"as_at": day})).status_code for day in days} == days
    refused = await visitor.get("/figures/q6", params={"as_at": "2026-07-16"})
    assert refused.json()["errors"] == [
        {"field": "as_at", "rule": "must be today or the last day of a month: other days are not published"}
    ]
    exact = {"as_at": "2026-07-16", "profile": "internal_exact"}
    assert (await visitor.get(path, params=exact, headers=bearer("board"))).status_code == 200


async def test_a_start_counts_from_its_day_on(client: httpx2.AsyncClient, bearer: Bearer, feed: Feed) -> None:
    city, days = City(), [date(2024, 2, 29), date(2025, 12, 31), date(2026, 3, 29), date(2026, 10, 25)]
    for day in days:
        for _ in range(10):
            city.start(new_id(), occurred_on=day)
    await feed(city.records)
    for before, day in enumerate(days):
        for asked, starts in ((day - timedelta(days=1), 10 * before), (day, 10 * before + 10)):
            exact = {"as_at": str(asked), "profile": "internal_exact"}
            figure = (await client.get("/figures/q6", params=exact, headers=bearer("board"))).json()
            assert figure["value"]["number"] == starts


@pytest.mark.parametrize("day", ["2023-02-29", "2026-13-01", "29/02/2024"])
async def test_a_day_that_is_none_is_refused(day: str, visitor: httpx2.AsyncClient) -> None:
    assert (await visitor.get("/figures/q6", params={"as_at": day})).status_code == 422


@pytest.mark.parametrize("path", ["/figures/q6", "/figures/q6/growth", "/funnel", "/dashboard", "/dashboard/learning"])
@pytest.mark.parametrize("day", ["0001-01-01", "0002-06-30", "1899-12-31"])
async def test_a_day_on_which_there_was_nothing_yet_is_refused_and_the_first_is_not(
    path: str, day: str, visitor: httpx2.AsyncClient
) -> None:
    assert (await visitor.get(path, params={"as_at": day})).status_code == 422
    assert (await visitor.get(path, params={"as_at": "1900-01-31"})).status_code == 200
