"""What learning costs and saves, in pounds; and the cases that a naive sum gets wrong."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.disclosure import Door, Profile
from reporting.metrics import COSTS, METRICS
from reporting.settings import ReportingSettings
from reporting.testing import COURSE, DAY, EMPLOYER, City, Feed, attended
from schemas import learning as le

COLLEGE, HOSPICE = "leeds-city-college", "st-gemma-hospice"
FREE = UUID(int=78)
LATER = DAY + timedelta(days=300)


@pytest.fixture
def ask(database: Database, settings: ReportingSettings) -> Any:
    """Pounds, the people whose they are, and those whose price is not known; or pounds by group."""

    async def ask(figure: str, as_at: date = LATER, by: str | None = None) -> Any:
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, METRICS[figure], as_at, settings, by)
            cases = await tx.fetch(METRICS[figure].cases, as_at, *METRICS[figure].arguments(settings))
        assert len({case["key"] for case in cases}) == len(cases)
        groups = {group.code: group.count.amount for group in found.groups}
        return groups if by else (found.total.amount, found.total.numerator, found.total.unknown)

    return ask


def published(city: City, course: UUID = COURSE, **given: Any) -> UUID:
    fields: dict[str, Any] = {
        "title": "Better Conversations", "category": le.Category.BETTER_CONVERSATIONS, "provider": COLLEGE, "hours": 7.0,
        "programme": le.Programme.SHORT_COURSE, "occurred_on": DAY, "seat_pence": 4550, "backfill_pence": 9800,
    } | given  # fmt: skip
    return city.say(le.CoursePublished(**fields), course)


def gave_up(person: UUID, *, late: bool, **given: Any) -> Any:
    given = {"reason": le.CancellationReason.WORK, **given}
    return attended(person, le.BookingCancelled, late=late, **given)


def completed(person: UUID, **given: Any) -> Any:
    return attended(person, le.CourseCompleted, title="Better Conversations", hours=7.0, **given)


def waived(person: UUID, host: str = HOSPICE, **given: Any) -> le.LearningWaived:
    fields: dict[str, Any] = {
        "person_id": person, "organisation": EMPLOYER, "framework": "cstf-england-1-1", "subject": le.Subject.FIRE_SAFETY,
        "level": 1, "occurred_on": DAY, "host": host, "required_level": 1, "ground": le.Ground.ALIGNMENT,
        "saved_pence": 4600,
    } | given  # fmt: skip
    return le.LearningWaived(**fields)


async def test_a_place_is_lost_that_was_given_up_late_or_whose_learner_did_not_come(feed: Feed, ask: Any) -> None:
    city, cohort = City(), new_id()
    published(city)
    city.say(gave_up(new_id(), late=True), cohort)
    city.say(gave_up(new_id(), late=False), cohort)
    city.say(attended(new_id(), le.CourseNotAttended, organisation=HOSPICE, occurred_on=LATER), cohort)
    came_after_all = city.say(attended(new_id(), le.CourseNotAttended), cohort)
    city.void(cohort, came_after_all, le.CourseNotAttended)
    city.say(attended(new_id(), le.CoursePartlyCompleted, attended=1, of=2), cohort)
    await feed(city.records)
    assert await ask("places-lost") == (91.0, 2, 0)
    assert await ask("places-lost", DAY) == (45.5, 1, 0)
    assert await ask("places-lost", by="organisation") == {EMPLOYER: 45.5, HOSPICE: 45.5}
    assert await ask("places-lost", by="how") == {"given-up-late": 45.5, "did-not-come": 45.5}


async def test_what_has_no_price_is_not_known_and_not_nothing(feed: Feed, ask: Any) -> None:
    city = City()
    published(city, FREE, seat_pence=None, backfill_pence=None)
    city.say(gave_up(new_id(), late=True, course_id=FREE), new_id())
    city.say(completed(new_id(), course_id=FREE), new_id())
    city.say(waived(new_id(), saved_pence=None), new_id())
    await feed(city.records)
    for metric in COSTS:
        assert await ask(metric.id) == (None, 0, 1), metric.id


async def test_a_price_that_was_put_right_is_the_price(feed: Feed, ask: Any) -> None:
    city = City()
    event = published(city)
    city.say(gave_up(new_id(), late=True), new_id())
    right = City()
    published(right, seat_pence=9000)
    city.correct(COURSE, event, right.said[COURSE][0][1])
    await feed(city.records)
    assert await ask("places-lost") == (90.0, 1, 0)


async def test_an_acceptance_saves_once_for_each_host_however_often_it_is_asked(feed: Feed, ask: Any) -> None:
    city, record, (one, other) = City(), new_id(), (new_id() for _ in range(2))
    city.say(waived(one), record)
    city.say(waived(one, saved_pence=5000, occurred_on=DAY + timedelta(days=9)), record)
    city.say(waived(one, host="bramley-home-care"), record)
    taken_back = city.say(waived(other), second := new_id())
    city.void(second, taken_back, le.LearningWaived)
    await feed(city.records)
    assert await ask("training-saved", DAY) == (92.0, 1, 0)
    assert await ask("training-saved") == (96.0, 1, 0)
    assert await ask("training-saved", by="organisation") == {HOSPICE: 50.0, "bramley-home-care": 46.0}


async def test_a_free_seat_saves_whoever_does_not_provide_it_and_backfill_costs_everybody(feed: Feed, ask: Any) -> None:
    city, cohort = City(), new_id()
    published(city)
    published(city, FREE, online=True, seat_pence=1000, backfill_pence=0)
    city.say(completed(new_id()), cohort)
    city.say(completed(new_id(), organisation=COLLEGE), cohort)
    city.say(attended(new_id(), le.CoursePartlyCompleted, attended=1, of=2), cohort)
    alone = {name: value for name, value in dict(completed(new_id(), course_id=FREE)).items() if name != "booking_id"}
    city.say(le.LearningCompleted(**alone), new_id())
    await feed(city.records)
    assert await ask("portal-saved") == (55.5, 2, 0)
    assert await ask("backfill") == (294.0, 4, 0)
    assert await ask("portal-saved", by="provider") == {COLLEGE: 55.5}


def test_a_sum_of_equal_prices_does_not_tell_how_many_they_are() -> None:
    shown = {n: Door(Profile.PUBLISHED).pounds(45.0 * n, n).number for n in range(8, 13)}
    assert set(shown.values()) == {450}
    assert Door(Profile.EXACT).pounds(45.5 * 3, 3).text == "£136.50"
    assert (Door(Profile.PUBLISHED).pounds(315.0, 7).text, Door(Profile.PUBLISHED).pounds(None, 0).text) == ("*", "£0")


async def test_pounds_are_said_as_pounds_and_hidden_like_every_amount_of_few(
    feed: Feed, client: httpx2.AsyncClient
) -> None:
    city = City()
    for _ in range(9):
        city.say(waived(new_id()), new_id())
    for _ in range(2):
        city.say(waived(new_id(), host=COLLEGE), new_id())
    await feed(city.records)
    figure = (await client.get("/figures/training-saved", params={"by": "organisation"})).json()
    assert figure["value"]["text"] == "£460"
    assert {group["code"]: group["value"]["text"] for group in figure["groups"]} == {HOSPICE: "£460", COLLEGE: "*"}
    table = (await client.get("/figures/training-saved.csv", params={"by": "organisation"})).text
    assert ",460," in table
    assert "£460" in (await client.get("/dashboard/learning")).text
