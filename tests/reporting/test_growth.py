"""How a figure grew: at the end of each quarter of two years, and on the date asked for."""

from datetime import date
from typing import Any

import httpx2
import pytest

from kit.ids import new_id
from reporting.figures import quarter_ends
from reporting.testing import City, Feed, attended
from schemas import learning as le


@pytest.mark.parametrize(
    ("as_at", "first", "last"),
    [
        (date(2026, 5, 20), date(2024, 6, 30), date(2026, 3, 31)),
        (date(2026, 1, 1), date(2024, 3, 31), date(2025, 12, 31)),
        (date(2025, 12, 31), date(2023, 12, 31), date(2025, 9, 30)),
    ],
)
def test_the_ends_of_two_years_of_quarters_and_the_day_itself(as_at: date, first: date, last: date) -> None:
    days = quarter_ends(as_at)
    assert (days[0], days[-2], days[-1], len(days)) == (first, last, as_at, 9)
    assert days == sorted(set(days))


async def test_content_and_audience_grow_and_what_left_the_catalogue_is_gone(
    feed: Feed, client: httpx2.AsyncClient
) -> None:
    city, course, kept = City(), new_id(), new_id()
    fields: dict[str, Any] = {"category": le.Category.DIGITAL, "programme": le.Programme.SHORT_COURSE}
    for id_, day in ((course, date(2024, 8, 1)), (kept, date(2025, 2, 1))):
        published = le.CoursePublished(title="Digital", provider="college", hours=3.5, occurred_on=day, **fields)
        city.say(published, id_)
    city.say(le.CourseRetired(reason="replaced", occurred_on=date(2025, 9, 30), **fields), course)
    for _ in range(9):
        city.say(attended(new_id(), le.LearnerBooked, occurred_on=date(2025, 11, 1)), new_id())
    await feed(city.records)
    asked = {"as_at": "2026-05-31"}
    content = (await client.get("/figures/catalogue/growth", params=asked)).json()
    assert [point["value"]["text"] for point in content["points"]] == ["0", "1", "1", "2", "2", "1", "1", "1", "1"]
    audience = (await client.get("/figures/audience/growth", params=asked)).json()
    assert [point["value"]["number"] for point in audience["points"]] == [0, 0, 0, 0, 0, 0, 10, 10, 10]
    assert audience["points"][0]["as_at"] == "2024-06-30"
    page = (await client.get("/dashboard/learning", params=asked)).text
    assert "Learners from the catalogue over two years" in page
    assert "31 December 2025" in page


async def test_no_figure_no_growth(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/figures/q99/growth")).status_code == 404
