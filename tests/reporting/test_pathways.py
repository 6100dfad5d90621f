"""T Levels and apprenticeships: where each stood on a day, why some stopped, and the hours that were logged."""

from datetime import date, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.metrics import METRICS
from reporting.metrics.metric import AMOUNTS
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed
from schemas import learning as le

COLLEGE, HOSPICE, COUNCIL = "leeds-city-college", "st-gemma-hospice", "leeds-city-council"
LATER = DAY + timedelta(days=400)


def later(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def ask(database: Database, settings: ReportingSettings) -> Any:
    """What a figure comes to; or that by group."""

    async def ask(figure: str, as_at: date = LATER, by: str | None = None) -> Any:
        metric = METRICS[figure]
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, metric, as_at, settings, by)
            cases = await tx.fetch(metric.cases, as_at, *metric.arguments(settings))
        assert len({case["key"] for case in cases}) == len(cases)
        value = attrgetter("amount" if metric.measure in AMOUNTS else "numerator")
        return {group.code: value(group.count) for group in found.groups} if by else value(found.total)

    return ask


def student(person: UUID) -> dict[str, Any]:
    return {"person_id": person, "provider": COLLEGE, "start_year": 2024}


def begun(city: City, day: int = 0, person: UUID | None = None) -> tuple[UUID, UUID]:
    """A placement that began: its id and its student's."""
    id_, person = new_id(), person or new_id()
    city.say(le.PathwayBegun(**student(person), specialism="adult-nursing", occurred_on=later(day)), id_)
    return id_, person


def worked(person: UUID, hours: float, day: int, **given: Any) -> le.PlacementHoursLogged:
    fields: dict[str, Any] = {**student(person), "employer": HOSPICE, "taster": False, "occurred_on": later(day)}
    return le.PlacementHoursLogged(**fields | given, hours=hours)


def of(person: UUID, employer: str = HOSPICE) -> dict[str, Any]:
    return {"person_id": person, "employer": employer, "provider": COLLEGE, "standard": "ST0216"}


def agreed(city: City) -> tuple[UUID, UUID]:
    """An apprenticeship that was agreed: its id and its apprentice's."""
    id_, person = new_id(), new_id()
    fact = le.ApprenticeshipAgreed(**of(person), standard_version="1.1", starts_on=later(10), occurred_on=DAY)
    city.say(fact, id_)
    return id_, person


async def test_a_placement_stands_where_its_last_step_by_that_day_left_it(feed: Feed, ask: Any) -> None:
    city = City()
    begun(city)
    (done, one), (gone, other) = begun(city), begun(city)
    city.say(le.PlacementCompleted(**student(one), hours=315.0, taster_hours=0.0, occurred_on=later(60)), done)
    city.say(le.PathwayEnded(**student(other), reason="left-the-course", occurred_on=later(70)), gone)
    begun(city, 90)
    await feed(city.records)
    assert await ask("t-levels", later(60), "stage") == {"on-placement": 2, "completed": 1}
    assert await ask("t-levels", later(89), "stage") == {"on-placement": 1, "completed": 1, "stopped": 1}
    assert (await ask("t-levels", later(89)), await ask("t-levels")) == (3, 4)
    assert await ask("t-levels-stopped", later(69)) == 0
    assert await ask("t-levels-stopped", by="reason") == {"left-the-course": 1}


async def test_a_completion_that_was_taken_back_leaves_the_student_on_placement(feed: Feed, ask: Any) -> None:
    city = City()
    id_, person = begun(city)
    done = city.say(le.PlacementCompleted(**student(person), hours=315.0, taster_hours=0.0, occurred_on=DAY), id_)
    city.void(id_, done, le.PlacementCompleted)
    await feed(city.records)
    assert await ask("t-levels", by="stage") == {"on-placement": 1}


async def test_hours_count_once_as_put_right_and_progress_is_that_of_those_on_placement(feed: Feed, ask: Any) -> None:
    city = City()
    (id_, one), (done, other), _ = begun(city), begun(city), begun(city)
    day = city.say(worked(one, 7.5, 20), id_)
    city.correct(id_, day, worked(one, 6.0, 20))
    city.say(worked(one, 7.0, 21, employer=COUNCIL, taster=True), id_)
    wrong = city.say(worked(one, 9.0, 22), id_)
    city.void(id_, wrong, le.PlacementHoursLogged)
    city.say(worked(other, 315.0 / 30, 20), done)
    city.say(le.PlacementCompleted(**student(other), hours=315.0, taster_hours=0.0, occurred_on=later(60)), done)
    await feed(city.records)
    assert await ask("t-level-hours") == 23.5
    assert await ask("t-level-hours", by="employer") == {HOSPICE: 16.5, COUNCIL: 7.0}
    assert await ask("t-level-hours", by="hours") == {"placement": 16.5, "taster": 7.0}
    assert await ask("t-level-progress", later(21)) == pytest.approx(23.5 / 3)
    assert await ask("t-level-progress", later(60)) == 6.5


async def test_an_apprenticeship_stands_at_its_stage_and_with_its_employer_of_the_day(feed: Feed, ask: Any) -> None:
    city = City()
    id_, person = agreed(city)
    city.say(le.ApprenticeshipBegun(**of(person), occurred_on=later(10)), id_)
    city.say(le.ApprenticeshipPaused(**of(person), reason="illness", occurred_on=later(20)), id_)
    moved = le.ApprenticeEmployerChanged(**of(person, COUNCIL), previous=HOSPICE, occurred_on=later(25))
    city.say(moved, id_)
    city.say(le.ApprenticeshipResumed(**of(person, COUNCIL), occurred_on=later(30)), id_)
    city.say(le.GatewayReached(**of(person, COUNCIL), occurred_on=later(300)), id_)
    city.say(le.AssessmentBegun(**of(person, COUNCIL), occurred_on=later(310)), id_)
    city.say(le.AssessmentFailed(**of(person, COUNCIL), occurred_on=later(310)), id_)
    await feed(city.records)
    stages = {0: "waiting", 10: "live", 20: "paused", 25: "paused", 30: "live", 300: "gateway", 310: "gateway"}
    assert {day: await ask("apprenticeships", later(day), "stage") for day in stages} == {
        day: {stage: 1} for day, stage in stages.items()
    }
    assert await ask("apprenticeships", later(24), "employer") == {HOSPICE: 1}
    assert await ask("apprenticeships", later(25), "employer") == {COUNCIL: 1}
    assert await ask("apprenticeships-stopped") == 0


async def test_apprenticeships_stop_for_a_reason(feed: Feed, ask: Any) -> None:
    city = City()
    for reason in ("left-employment", "left-employment", "illness"):
        id_, person = agreed(city)
        stopped = city.say(le.ApprenticeshipStopped(**of(person), reason=reason, occurred_on=later(5)), id_)
        if reason == "illness":
            city.void(id_, stopped, le.ApprenticeshipStopped)
    await feed(city.records)
    assert await ask("apprenticeships-stopped", by="reason") == {"left-employment": 2}
    assert await ask("apprenticeships", by="stage") == {"stopped": 2, "waiting": 1}


async def test_hours_off_the_job_are_those_of_the_employer_of_the_day(feed: Feed, ask: Any) -> None:
    city = City()
    id_, person = agreed(city)
    city.say(le.OffTheJobHoursLogged(**of(person), hours=6.5, occurred_on=later(12)), id_)
    city.say(le.OffTheJobHoursLogged(**of(person, COUNCIL), hours=7.0, occurred_on=later(19)), id_)
    await feed(city.records)
    assert await ask("off-the-job-hours", later(12)) == 6.5
    assert await ask("off-the-job-hours", by="employer") == {HOSPICE: 6.5, COUNCIL: 7.0}
