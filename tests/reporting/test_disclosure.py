"""The one door: what it hides, what it rounds, and that nothing leaves beside it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from kit.ids import new_id
from reporting import api, disclosure
from reporting.disclosure import Door, Profile
from reporting.metrics import METRICS, Subject
from reporting.pages import views
from reporting.testing import DAY, City, Feed, applied
from schemas import talent_pipeline as tp

PUBLISHED, EXACT = Door(Profile.PUBLISHED), Door(Profile.EXACT)
REPORT = {961: 960, 156: 155, 128: 130, 70: 70, 56: 55, 20: 20, 120: 120, 130: 130, 114: 115, 69: 70, 88: 90, 89: 90}


@pytest.mark.parametrize(("n", "shown"), REPORT.items())
def test_the_reports_own_numbers_as_published(n: int, shown: int) -> None:
    assert PUBLISHED.count(n).number == shown
    assert EXACT.count(n).number == n


@pytest.mark.parametrize(
    ("numerator", "denominator", "published", "exact"),
    [(114, 120, "96%", "95%"), (69, 130, "54%", "53%"), (88, 130, "69%", "68%"), (89, 130, "69%", "68%")],
)
def test_the_reports_own_shares(numerator: int, denominator: int, published: str, exact: str) -> None:
    assert PUBLISHED.share(numerator, denominator).text == published
    assert EXACT.share(numerator, denominator).text == exact


def test_no_published_count_of_people_is_from_1_to_7() -> None:
    for n in range(3000):
        cell = PUBLISHED.count(n)
        assert cell.hidden == (1 <= n <= 7)
        assert cell.number is None or (cell.number == 0) == (n == 0)
        assert cell.number is None or (cell.number % 5 == 0 and abs(cell.number - n) <= 2)


def test_a_hidden_cell_is_the_same_whatever_it_hides() -> None:
    assert {PUBLISHED.count(n).model_dump_json() for n in range(1, 8)} == {PUBLISHED.count(3).model_dump_json()}


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 120), (7, 30), (8, 20), (5, 6), (12, 22)])
def test_a_share_is_hidden_with_a_part_of_it_or_where_few_stand_under_it(numerator: int, denominator: int) -> None:
    assert PUBLISHED.share(numerator, denominator).hidden


def test_a_share_of_nobody_is_none() -> None:
    assert PUBLISHED.share(0, 0) == EXACT.share(0, 0)
    assert PUBLISHED.share(0, 0).number is None


def test_a_share_of_none_is_nought() -> None:
    assert PUBLISHED.share(0, 60).text == "0%"


def test_a_share_that_says_the_same_of_everybody_is_marked_by_what_is_shown_and_not_by_what_is_so() -> None:
    shares = [(0, 60), (60, 60), (59, 60), (30, 60), (3, 60), (0, 0)]
    assert [PUBLISHED.share(*share).everybody for share in shares] == [True, True, True, False, False, False]
    assert [EXACT.share(*share).everybody for share in shares] == [True, True, False, False, False, False]
    assert not Door(Profile.PUBLISHED, Subject.ORGANISATIONS).share(5, 5).everybody


def test_a_median_of_few_is_hidden() -> None:
    assert PUBLISHED.median(12.5, 7).hidden
    assert PUBLISHED.median(12.5, 8).text == "12.5"
    assert EXACT.median(12.5, 1).text == "12.5"
    assert PUBLISHED.median(None, 0).number is None


def test_a_sum_of_few_is_hidden_and_others_are_rounded() -> None:
    assert PUBLISHED.sum(812.5, 7).hidden
    assert PUBLISHED.sum(813.25, 8).text == "815"
    assert [EXACT.sum(value, 1).text for value in (1_234_812.25, 40.0)] == ["1,234,812.25", "40"]
    assert PUBLISHED.sum(None, 0).text == "0"


def test_organisations_are_not_people() -> None:
    assert Door(Profile.PUBLISHED, Subject.ORGANISATIONS).count(3).number == 3


def test_a_published_moment_is_a_day() -> None:
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert PUBLISHED.moment(late).text == "2 July 2026"
    assert EXACT.moment(late).text == "2 July 2026, 00:30:00"
    assert PUBLISHED.moment(None).text == "never"


# -- routes ------------------------------------------------------------------------------------------------------------


def _paths() -> Iterator[str]:
    """Every path of every route that anybody may ask, with what may stand in it."""
    for route in (*api.router.routes, *views.router.routes):
        assert isinstance(route, APIRoute)
        if route.path.startswith("/assets") or route.path == "/":
            continue
        if "{figure_id}" in route.path:
            for metric in METRICS.values():
                path = route.path.format(figure_id=metric.id)
                if path.endswith("/grid"):
                    pairs = zip(metric.by, metric.by[1:], strict=False)
                    yield from (f"{path}?by={by}&across={across}" for by, across in pairs)
                    continue
                yield path
                yield from (f"{path}?by={by}" for by in metric.by)
        else:
            yield route.path
            if "funnel" in route.path or "hire" in route.path:
                yield from (f"{route.path}?by={by}" for by in ("route", "employer", "campaign"))


def _small_city() -> City:
    """Groups of every size from 1 to 9, by employer, and steps before some of their starts."""
    city = City()
    campaign = city.campaign()
    for size in range(1, 10):
        for turn in range(size):
            person, candidacy = new_id(), new_id()
            given: dict[str, Any] = {
                "employer": f"employer-{'abcdefghi'[size - 1]}", "route": list(tp.Route)[turn % 2],
                "campaign_id": campaign if turn % 2 == 0 else None,
            }  # fmt: skip
            city.interest(person, route=given["route"])
            city.say(applied(person, DAY, **given), candidacy)
            city.start(person, candidacy=candidacy, occurred_on=DAY + timedelta(days=turn), **given)
            city.declare(person, "NAZ"[turn % 3])
            support = tp.CandidateSupported(
                person_id=person, route=given["route"], kind=list(tp.SupportKind)[turn % 3],
                destination=list(tp.Destination)[1 + turn % 2], occurred_on=DAY,
            )  # fmt: skip
            city.say(support)
    return city


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)


async def test_somebody_who_asks_for_every_published_cell_never_sees_a_small_number(
    client: httpx2.AsyncClient, feed: Feed
) -> None:
    await feed(_small_city().records)
    asked = 0
    for path in _paths():
        answer = await client.get(path)
        if "json" not in answer.headers["content-type"]:
            continue
        asked += answer.status_code == 200
        if "/events" in path:
            assert answer.status_code == 401, path
            continue
        assert answer.status_code == 200, path
        counts = list(_numbers(_counts(answer.json())))
        assert not [number for number in counts if 1 <= number <= 7 or number % 5], path
    assert asked > 30


def _counts(value: Any) -> Any:
    """The answer without its percentages and medians, which are no counts."""
    if isinstance(value, dict):
        share = value.get("measure") == "share" or "share" in value
        return {
            name: _counts(inner)
            for name, inner in value.items()
            if name not in ("share", "median_days") and not (name in ("value", "groups") and share)
        }
    return [_counts(inner) for inner in value] if isinstance(value, list) else value


async def test_every_number_that_a_route_can_answer_is_a_cell(visitor: httpx2.AsyncClient) -> None:
    """Only the door makes cells; the events behind a figure are for entitled roles, and exact."""
    schemas = (await visitor.get("/openapi.json")).json()["components"]["schemas"]
    own = {"Cell", "ShownEvent"}
    for name, schema in schemas.items():
        if name in own or name.startswith(("HTTPValidation", "Validation")):
            continue
        assert not {"integer", "number"} & set(_types(schema)), name


def _types(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema["type"]
        for inner in schema.values():
            yield from _types(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _types(inner)


def test_only_the_door_makes_cells() -> None:
    from pathlib import Path

    package = Path(disclosure.__file__).parent
    makers = [path.name for path in package.rglob("*.py") if "Cell(" in path.read_text()]
    assert makers == ["disclosure.py"]


async def test_exact_figures_are_for_named_roles(
    visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    exact = "/figures/q6?profile=internal_exact"
    assert (await visitor.get(exact)).status_code == 401
    assert (await visitor.get(exact, headers=bearer("coordinator"))).status_code == 403
    for role in disclosure.EXACT_ROLES:
        answer = await visitor.get(exact, headers=bearer(role))
        assert answer.json()["profile"] == "internal_exact"


async def test_nobody_sees_exact_figures_by_signing_in_alone(
    visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    assert (await visitor.get("/figures/q6", headers=bearer("auditor"))).json()["profile"] == "published_hes5"


async def test_each_use_of_the_exact_profile_is_logged(
    visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    from structlog.testing import capture_logs

    with capture_logs() as lines:
        await visitor.get("/figures?profile=internal_exact&as_at=2026-03-01", headers=bearer("board"))
        await visitor.get("/figures", headers=bearer("board"))
    used = [line for line in lines if line["event"] == "exact_figures_read"]
    assert [(line["subject"], line["as_at"], line["route"]) for line in used] == [
        ("development-board", "2026-03-01", "/figures")
    ]
