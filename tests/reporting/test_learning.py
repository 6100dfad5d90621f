"""Q3, Q4 and Q5: who took part, with whom, and when; and the cases that a naive count gets wrong."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.metrics import METRICS
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed, attended
from schemas import learning as le
from schemas.values import Sector

COUNCIL = {"organisation": "leeds-city-council", "sector": Sector.LOCAL_AUTHORITY}
AS_AT = DAY + timedelta(days=30)


@pytest.fixture
def count(database: Database, settings: ReportingSettings) -> Any:
    async def count(figure: str, as_at: date = AS_AT, by: str | None = None) -> Any:
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, METRICS[figure], as_at, settings, by)
        return {group.code: group.count.numerator for group in found.groups} if by else found.total.numerator

    return count


def together(city: City, *people: UUID, **given: Any) -> UUID:
    """A cohort to which these people came, each from another organisation than the one before."""
    cohort = new_id()
    for turn, person in enumerate(people):
        city.came(person, cohort, **({} if turn % 2 else COUNCIL) | given)
    return cohort


async def test_who_took_part_counts_once_and_need_not_have_completed(feed: Feed, count: Any) -> None:
    city, (one, other, booked) = City(), (new_id() for _ in range(3))
    cohort = together(city, one, other)
    city.came(one, cohort, occurred_on=DAY + timedelta(days=7))
    together(city, one)
    city.say(attended(other, le.CoursePartlyCompleted, attended=1, of=2), cohort)
    city.say(attended(one, le.CourseCompleted, title="Better Conversations", hours=7.0), cohort)
    city.say(attended(booked, le.LearnerBooked), cohort)
    city.say(attended(booked, le.CourseNotAttended), cohort)
    await feed(city.records)
    assert (await count("q3"), await count("completed-a-course")) == (2, 1)


async def test_learning_together_needs_somebody_of_another_organisation_in_the_same_cohort(
    feed: Feed, count: Any
) -> None:
    city, people = City(), [new_id() for _ in range(6)]
    together(city, *people[:2])
    alone = new_id()
    for person in people[2:4]:
        city.came(person, alone)
    # somebody of another organisation who only booked, or did not come, is no company
    city.say(attended(people[4], le.LearnerBooked, **COUNCIL), alone)
    city.say(attended(people[5], le.CourseNotAttended, **COUNCIL), alone)
    await feed(city.records)
    assert (await count("q5"), await count("q3")) == (2, 4)


async def test_a_student_beside_the_workforce_is_company_and_is_not_counted(feed: Feed, count: Any) -> None:
    city, (one, student) = City(), (new_id() for _ in range(2))
    cohort = new_id()
    city.came(one, cohort)
    city.came(student, cohort, **COUNCIL, learner_kind=le.LearnerKind.STUDENT)
    await feed(city.records)
    assert (await count("q5"), await count("q3")) == (1, 1)
    assert await count("learned-beside", by="learner_kind") == {"student": 1}


@pytest.mark.parametrize(
    ("as_at", "day", "counts"),
    [
        (date(2026, 7, 15), date(2025, 1, 16), True),
        (date(2026, 7, 15), date(2025, 1, 15), False),
        (date(2026, 8, 31), date(2025, 3, 1), True),  # eighteen months before 31 August ends on the last of February
        (date(2026, 8, 31), date(2025, 2, 28), False),
        (date(2025, 8, 29), date(2024, 2, 29), False),
        (date(2025, 8, 28), date(2024, 2, 29), True),
        (date(2026, 7, 15), date(2026, 7, 15), True),
        (date(2026, 7, 15), date(2026, 7, 16), False),
    ],
)
async def test_the_window_is_eighteen_months_of_the_calendar(
    feed: Feed, count: Any, as_at: date, day: date, counts: bool
) -> None:
    city = City()
    together(city, new_id(), new_id(), occurred_on=day)
    await feed(city.records)
    assert await count("q5", as_at) == (2 if counts else 0)


async def test_somebody_in_two_programmes_counts_once_and_in_each(feed: Feed, count: Any) -> None:
    city, (one, other) = City(), (new_id() for _ in range(2))
    together(city, one, other)
    together(city, one, other, programme=le.Programme.APPRENTICESHIP, category=le.Category.SHORT_COURSE)
    await feed(city.records)
    assert await count("q5") == 2
    assert await count("q5", by="programme") == {"short-course": 2, "apprenticeship": 2}
    assert await count("q5", by="sector") == {"nhs-trust": 1, "local-authority": 1}


async def test_company_that_is_taken_back_takes_the_others_with_it(feed: Feed, count: Any) -> None:
    city, (one, other) = City(), (new_id() for _ in range(2))
    cohort = new_id()
    city.came(one, cohort)
    wrong = city.came(other, cohort, **COUNCIL)
    await feed(city.records)
    before = await count("q5")
    city.void(cohort, wrong, le.LearnerAttended)
    await feed(city.records[-1:])
    assert (before, await count("q5")) == (2, 0)
    city.restore(cohort, wrong, le.LearnerAttended)
    await feed(city.records[-1:])
    assert await count("q5") == 2


async def test_springboard_counts_who_came_and_its_demand_who_asked(feed: Feed, count: Any) -> None:
    city, (came, waits) = City(), (new_id() for _ in range(2))
    springboard = {"category": le.Category.SPRINGBOARD}
    cohort = new_id()
    city.say(attended(came, le.LearnerBooked, **springboard), cohort)
    city.came(came, cohort, **springboard)
    city.say(attended(waits, le.LearnerWaitlisted, **springboard), cohort)
    await feed(city.records)
    assert (await count("q4"), await count("springboard-demand"), await count("q3")) == (1, 2, 0)
    assert await count("springboard-demand", by="place") == {"booked": 1, "waiting": 1}


async def test_who_waits_for_springboard_waits_until_they_have_a_place_or_give_up(feed: Feed, count: Any) -> None:
    city, cohort = City(), new_id()
    springboard = {"category": le.Category.SPRINGBOARD}
    ends: list[tuple[type[le.OfPlace], dict[str, Any]]] = [
        (le.PlaceTaken, {}),
        (le.PlaceLapsed, {}),
        (le.BookingCancelled, {"reason": le.CancellationReason.WORK, "late": False}),
        (le.LearnerAttended, {"walk_in": True}),
        (le.PlaceOffered, {"until": DAY + timedelta(days=9)}),
    ]
    for turn, (kind, fields) in enumerate(ends, 1):
        waits = {**springboard, "booking_id": new_id(), "occurred_on": DAY}
        person = new_id()
        city.say(attended(person, le.LearnerWaitlisted, **waits), cohort)
        city.say(attended(person, kind, **waits | fields | {"occurred_on": DAY + timedelta(days=turn)}), cohort)
    city.say(attended(new_id(), le.LearnerBooked, **springboard), cohort)
    await feed(city.records)
    days = [await count("springboard-waiting", DAY + timedelta(days=after)) for after in (-1, 0, 1, 2, 3, 4, 5)]
    assert days == [0, 5, 4, 3, 2, 1, 1]


async def test_two_ids_of_one_person_count_once_and_twice_again_when_they_are_told_apart(
    feed: Feed, count: Any
) -> None:
    city, (one, other, colleague) = City(), (new_id() for _ in range(3))
    together(city, one, colleague)
    together(city, other, colleague)
    city.link(other, one)
    await feed(city.records)
    assert (await count("q3"), await count("q5")) == (2, 2)
    city.unlink(other, one)
    await feed(city.records[-1:])
    assert (await count("q3"), await count("q5")) == (3, 3)


async def test_nobody_is_their_own_colleague_under_two_ids(feed: Feed, count: Any) -> None:
    city, (one, other, colleague) = City(), (new_id() for _ in range(3))
    alone = together(city, one, other)
    city.link(other, one)
    await feed(city.records)
    assert (await count("q5"), await count("q3")) == (0, 1)
    city.came(colleague, alone)
    await feed(city.records[-1:])
    assert await count("q5") == 2


def of_enrolment(person: UUID, day: date = DAY) -> dict[str, Any]:
    return {
        "occurred_on": day, "category": le.Category.DIGITAL, "programme": le.Programme.SHORT_COURSE, "course_id": new_id(),
        "person_id": person, "learner_kind": le.LearnerKind.WORKFORCE, **COUNCIL,
    }  # fmt: skip


async def test_the_catalogue_and_its_audience_grow_and_a_retired_course_is_not_in_it(feed: Feed, count: Any) -> None:
    city, (one, other), course = City(), (new_id() for _ in range(2)), new_id()
    fields: dict[str, Any] = {"category": le.Category.DIGITAL, "programme": le.Programme.SHORT_COURSE}
    for turn, id_ in enumerate((course, new_id())):
        published = le.CoursePublished(
            occurred_on=DAY + timedelta(days=turn * 10),
            title="Digital",
            provider="leeds-city-college",
            hours=1.5,
            **fields,
        )
        city.say(published, id_)
    city.say(le.CourseRetired(occurred_on=DAY + timedelta(days=20), reason="replaced", **fields), course)
    enrolment = new_id()
    city.say(le.LearnerEnrolled(**of_enrolment(one), online=True, why=le.EnrolledFor.OWN_CHOICE), enrolment)
    city.say(attended(one, le.LearnerBooked), new_id())
    city.say(attended(other, le.LearnerWaitlisted), new_id())
    finished = of_enrolment(one, DAY + timedelta(days=5))
    city.say(le.LearningCompleted(**finished, title="Digital confidence", hours=1.5), enrolment)
    await feed(city.records)
    days = [DAY + timedelta(days=after) for after in (-1, 0, 10, 20)]
    assert [await count("catalogue", day) for day in days] == [0, 1, 2, 1]
    assert [await count("audience", day) for day in days[:2]] == [0, 2]
    assert await count("audience", by="category") == {"digital": 1, "better-conversations": 2}
    assert await count("completed-a-course") == 1
