"""What a figure answers: value and parts, rule, positions, partners, dead letters, evidence."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from kit import dead_letters
from kit.database import Database
from kit.ids import new_id
from kit.positions import Place
from reporting.contract import TALENT_PIPELINE
from reporting.metrics import BREAKDOWNS, METRICS
from reporting.testing import CONSUMER, DAY, City, Feed, applied, journey
from schemas import talent_pipeline as tp

PIPELINE, COMMUNITIES = tp.Route.TALENT_PIPELINE, tp.Route.CONNECTING_COMMUNITIES


@pytest.fixture
def ask(client: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]) -> Any:
    async def ask(path: str, **given: Any) -> Any:
        asked = {"profile": "internal_exact"} | given
        answer = await client.get(path, params=asked, headers=bearer("auditor"))
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def report() -> City:
    """The starts behind Q6, Q7, Q9, Q10 and Q11 of the Board report, exactly."""
    city = City()
    campaign = city.campaign("Lincoln Green")
    for turn in range(120):
        new = tp.NewToSystem.YES if turn < 114 else tp.NewToSystem.NO
        city.start(new_id(), route=PIPELINE, new_to_system=new)
    for turn in range(130):
        person = new_id()
        status = tp.EmploymentStatus.UNEMPLOYED if turn < 69 else tp.EmploymentStatus.INACTIVE
        engagement = city.interest(person, route=COMMUNITIES, employment_status=status)
        city.start(
            person, route=COMMUNITIES, employment_status=status, engagement_id=engagement, campaign_id=campaign,
            employer="leeds-city-council" if turn < 30 else "leeds-teaching-hospitals", ward="E05011397",
        )  # fmt: skip
        city.declare(person, "NMP"[turn % 3] if turn < 88 else "A")
    return city


async def test_the_boards_figures_are_exact(ask: Any, feed: Feed) -> None:
    await feed(report().records)
    shown = {figure["id"]: figure for figure in await ask("/figures")}
    parts = ("value", "numerator", "denominator", "unknown")
    said = {name: tuple(shown[name][part]["text"] for part in parts) for name in ("q6", "q7", "q9", "q10", "q11")}
    assert said == {
        "q6": ("120", "120", "120", "0"),
        "q7": ("95%", "114", "120", "0"),
        "q9": ("130", "130", "130", "0"),
        "q10": ("53%", "69", "130", "0"),
        "q11": ("68%", "88", "130", "0"),
    }


async def test_a_figure_says_what_stands_behind_it(ask: Any, feed: Feed, database: Database) -> None:
    city = report()
    await feed(city.records)
    async with database.transaction() as tx:
        place = Place(CONSUMER, TALENT_PIPELINE, 0, "t", 0, None, datetime.now(UTC))
        await dead_letters.keep(tx, place, city.records[0].at(900), "unreadable", "unreadable-payload")
        await dead_letters.keep(tx, place, city.records[0].at(901), "behind", "behind-another")
    figure = await ask("/figures/q11", as_at="2026-06-30")
    behind = figure["behind"]
    assert (figure["as_at"], figure["profile"]) == ("2026-06-30", "internal_exact")
    assert "Black African (N)" in figure["rule"]
    assert any("last declared" in assumption for assumption in figure["assumptions"])
    assert (behind["dead_letters"]["number"], behind["waiting"]["number"]) == (1, 1)
    assert [topic["topic"] for topic in behind["topics"]] == [
        "equality-monitoring.restricted.v1", "people.events.v1", "talent-pipeline.events.v1",
    ]  # fmt: skip
    offsets = sum(at["next_offset"]["number"] for at in behind["positions"])
    assert offsets == len(city.records)
    assert [partner["name"] for partner in behind["partners"]] == ["Leeds City Council", "Leeds Teaching Hospitals"]


async def test_a_figure_breaks_down_into_parts_that_add_up(ask: Any, feed: Feed) -> None:
    await feed(report().records)
    for metric in METRICS.values():
        for by in metric.by:
            figure = await ask(f"/figures/{metric.id}", by=by)
            if by != "destination":
                assert sum(group["numerator"]["number"] for group in figure["groups"]) == figure["numerator"]["number"]
    by_campaign = await ask("/figures/q9", by="campaign")
    assert [(group["label"], group["value"]["number"]) for group in by_campaign["groups"]] == [("Lincoln Green", 130)]


async def test_every_breakdown_is_declared() -> None:
    assert {by for metric in METRICS.values() for by in metric.by} <= set(BREAKDOWNS)


async def test_the_events_behind_a_figure_are_paged_and_complete(ask: Any, feed: Feed) -> None:
    city = report()
    await feed(city.records)
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await ask("/figures/q10/events", limit=100, **cursor)
        found += page["rows"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    wanted = {
        (record.topic, record.partition, record.offset)
        for record in city.records
        if (
            any(name == "ce_type" and value and b"candidate-placed" in value for name, value in record.headers)
            and b'"connecting-communities"' in (record.value or b"")
        )
        or any(name == "ce_type" and value and b"interest-registered" in value for name, value in record.headers)
    }
    assert {(event["topic"], event["partition"], event["offset"]) for event in found} == wanted
    assert len(found) == len(wanted)


async def test_the_events_of_one_group(ask: Any, feed: Feed) -> None:
    await feed(report().records)
    page = await ask("/figures/q9/events", by="employer", group="leeds-city-council", limit=1000)
    assert len(page["rows"]) == 30


@pytest.mark.parametrize(
    "asked",
    [{"group": "leeds-city-council"}, {"by": "employer", "group": "a\x00"}, {"by": "employer", "group": "a" * 201}],
)
async def test_a_group_of_no_breakdown_or_that_nobody_can_have_is_refused(
    asked: dict[str, str], visitor: httpx2.AsyncClient, bearer: Any
) -> None:
    refused = await visitor.get("/figures/q9/events", params=asked, headers=bearer("auditor"))
    assert refused.status_code == 422
    assert "group" in refused.text


@pytest.mark.parametrize("role", ["board", "coordinator", "operator"])
async def test_events_are_for_auditors_and_programme_managers(
    role: str, visitor: httpx2.AsyncClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    assert (await visitor.get("/figures/q6/events", headers=bearer(role))).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/figures/q99", 404),
        ("/figures/q6?by=shoe-size", 422),
        ("/figures/q6?as_at=2999-01-01", 422),
        ("/figures/q6?as_at=yesterday", 422),
        ("/funnel?by=ward", 422),
        ("/figures/q6?profile=everything", 422),
    ],
)
async def test_a_question_that_makes_no_sense(path: str, status: int, visitor: httpx2.AsyncClient) -> None:
    assert (await visitor.get(path)).status_code == status


async def test_a_csv_runs_nothing_in_a_spreadsheet(ask: Any, feed: Feed, client: httpx2.AsyncClient) -> None:
    city = City()
    campaign = city.campaign("=HYPERLINK(1)")
    for _ in range(12):
        city.start(new_id(), route=COMMUNITIES, campaign_id=campaign)
    await feed(city.records)
    text = (await client.get("/figures/q9.csv?by=campaign")).text
    assert "'=HYPERLINK(1)" in text
    assert ",10,10,10,0" in text
    assert ",12," not in text


async def test_support_counts_towards_each_destination_and_once_in_all(ask: Any, feed: Feed) -> None:
    city, person = City(), new_id()
    for destination in tp.Destination:
        for _ in range(2):
            supported = tp.CandidateSupported(
                person_id=person, route=PIPELINE, kind=tp.SupportKind.TRAINING, destination=destination, occurred_on=DAY
            )
            city.say(supported)
    await feed(city.records)
    figure = await ask("/figures/q8-training", by="destination")
    assert figure["value"]["number"] == 1
    assert {group["code"]: group["value"]["number"] for group in figure["groups"]} == {
        "wider-west-yorkshire": 1,
        "associated-sector": 1,
    }


def hires() -> City:
    """Three hires of 10, 20 and 60 days, and one who only applied."""
    city = City()
    for days in (10, 20, 60, None):
        person, candidacy = new_id(), new_id()
        city.interest(person, occurred_on=DAY - timedelta(days=2))
        city.say(applied(person, DAY), candidacy)
        if days is not None:
            city.say(journey(tp.OfferMade, person, DAY + timedelta(days=days // 2)), candidacy)
            city.start(person, candidacy=candidacy, occurred_on=DAY + timedelta(days=days))
            sustained = DAY + timedelta(days=days + 91)
            city.say(journey(tp.PlacementSustained, person, sustained, weeks=13), candidacy)
    return city


async def test_the_funnel_converts_and_times(ask: Any, feed: Feed) -> None:
    await feed(hires().records)
    funnel = await ask("/funnel", as_at="2026-11-01")
    stages = {stage["stage"]: stage for stage in funnel["ways"][0]["stages"]}
    assert {name: stage["reached"]["number"] for name, stage in stages.items()} == {
        "registered": 4, "triaged": 0, "supported": 0, "applied": 4, "interviewed": 0, "offered": 3, "cleared": 0,
        "started": 3, "sustained": 3,
    }  # fmt: skip
    assert stages["sustained"]["from_before"]["median_days"]["number"] == 91
    assert stages["started"]["from_first"]["share"]["text"] == "75%"
    assert stages["started"]["from_first"]["median_days"]["number"] == 22


async def test_time_to_hire_is_of_those_who_started(ask: Any, feed: Feed) -> None:
    await feed(hires().records)
    flow = await ask("/time-to-hire", by="employer")
    stages = {stage["stage"]: stage for stage in flow["ways"][0]["stages"]}
    assert flow["ways"][0]["label"] == "Leeds Teaching Hospitals"
    assert stages["applied"]["reached"]["number"] == 3
    assert stages["started"]["from_first"]["median_days"]["number"] == 20
    assert stages["offered"]["from_first"]["median_days"]["number"] == 10
    assert (await ask("/time-to-hire", as_at=str(DAY)))["ways"][0]["stages"][0]["reached"]["number"] == 0


async def test_the_sustained_are_a_share_of_those_who_can_have_been(ask: Any, feed: Feed) -> None:
    await feed(hires().records)
    for days, numerator, denominator in ((100, 0, 0), (101, 1, 1), (112, 2, 2), (150, 2, 2), (152, 3, 3)):
        figure = await ask("/figures/sustained", as_at=str(DAY + timedelta(days=days)))
        assert (figure["numerator"]["number"], figure["denominator"]["number"]) == (numerator, denominator), days


async def test_candidacies_end_for_a_reason_and_leaving_is_not_one_of_them(ask: Any, feed: Feed) -> None:
    city = City()
    city.say(journey(tp.CandidateWithdrew, new_id(), DAY, stage=tp.Stage.APPLIED, reason=tp.WithdrawalReason.TRANSPORT))
    city.say(journey(tp.CandidateRedirected, new_id(), DAY, stage=tp.Stage.OFFERED, to=tp.RedirectedTo.PROGRAMME))
    city.say(journey(tp.PlacementEnded, new_id(), DAY, reason=tp.LeavingReason.EDUCATION))
    await feed(city.records)
    figure = await ask("/figures/endings", by="reason")
    assert sorted(group["label"] for group in figure["groups"]) == ["Programme", "Transport"]


async def test_sources_name_every_partner_and_when_it_was_heard(ask: Any, feed: Feed) -> None:
    city = City()
    city.start(new_id(), employer="b-trust")
    city.interest(new_id(), partner="a-charity")
    await feed(city.records)
    sources = await ask("/sources")
    assert [partner["id"] for partner in sources["partners"]] == ["a-charity", "b-trust"]
    assert sources["partners"][1]["last_heard"]["at"] == "2026-03-01T09:00:00Z"


async def test_an_empty_city_has_figures_too(client: httpx2.AsyncClient) -> None:
    shown = {figure["id"]: figure["value"]["text"] for figure in (await client.get("/figures")).json()}
    assert shown["q6"] == "0"
    assert shown["q7"] == "none"
    assert (await client.get("/funnel")).status_code == 200


async def test_as_at_is_today_in_leeds(visitor: httpx2.AsyncClient) -> None:
    from kit.clock import now
    from schemas.values import business_date

    assert (await visitor.get("/figures/q6")).json()["as_at"] == str(business_date(now()))
    assert date.fromisoformat((await visitor.get("/figures/q6?as_at=2024-02-29")).json()["as_at"]) == date(2024, 2, 29)
