"""Who must be trained, by requirements and by the work that they do on a day; and the cases that a naive count gets wrong."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.metrics import METRICS
from reporting.settings import ReportingSettings
from reporting.testing import DAY, EMPLOYER, SOC, City, Feed, journey, placed
from schemas import learning as le
from schemas import talent_pipeline as tp

HOSPICE = "st-gemma-hospice"
FIRE, RESUSCITATION = le.Subject.FIRE_SAFETY, le.Subject.RESUSCITATION


def later(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def ask(database: Database, settings: ReportingSettings) -> Any:
    """How many trainings are in date, and of how many; or how many by group."""

    async def ask(figure: str, as_at: date, by: str | None = None) -> Any:
        metric = METRICS[figure]
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, metric, as_at, settings, by)
            cases = await tx.fetch(metric.cases, as_at, *metric.arguments(settings))
        assert len({case["key"] for case in cases}) == len(cases)
        groups = {group.code: group.count.numerator for group in found.groups}
        return groups if by else (found.total.numerator, found.total.denominator)

    return ask


def required(city: City, **given: Any) -> UUID:
    """A requirement of fire safety, of everybody who works for the employer; its id."""
    id_ = new_id()
    fields: dict[str, Any] = {
        "organisation": EMPLOYER, "subject": FIRE, "level": 1, "met_by": (1, 2), "within_days": 28, "occurred_on": DAY,
    } | given  # fmt: skip
    city.say(le.TrainingRequired(**fields), id_)
    return id_


def works(
    city: City, person: UUID, *, organisation: str = EMPLOYER, soc2020: str = SOC, occurred_on: date = DAY
) -> UUID:
    id_ = new_id()
    begun = le.EmploymentBegun(person_id=person, organisation=organisation, soc2020=soc2020, occurred_on=occurred_on)
    city.say(begun, id_)
    return id_


def trained(city: City, person: UUID, lasts: int | None = 300, **given: Any) -> UUID:
    """Somebody was trained; the id of the record."""
    id_ = new_id()
    fields: dict[str, Any] = {
        "person_id": person, "organisation": EMPLOYER, "framework": "cstf-england-1-1", "subject": FIRE, "level": 1,
        "source": le.TrainingSource.ESR, "aligned": True, "occurred_on": DAY,
    } | given  # fmt: skip
    ends = None if lasts is None else fields["occurred_on"] + timedelta(days=lasts)
    city.say(le.CompetenceRecorded(**fields, expires_on=ends), id_)
    return id_


def judged(kind: type[Any], person: UUID, day: int, **given: Any) -> Any:
    fields: dict[str, Any] = {
        "person_id": person, "organisation": HOSPICE, "framework": "cstf-england-1-1", "subject": FIRE, "level": 1,
        "host": EMPLOYER, "required_level": 1, "occurred_on": later(day),
    } | given  # fmt: skip
    return kind(**fields)


async def test_each_stands_in_date_due_out_of_date_never_trained_or_has_still_time(feed: Feed, ask: Any) -> None:
    city, (one, other, third) = City(), (new_id() for _ in range(3))
    required(city)
    for person in (one, other, third):
        works(city, person)
    trained(city, one, 300)
    trained(city, other, None)
    await feed(city.records)
    at = {
        28: {"in-date": 2, "starting": 1},
        29: {"in-date": 2, "never-trained": 1},
        240: {"in-date": 2, "never-trained": 1},
        241: {"in-date": 1, "due": 1, "never-trained": 1},
        300: {"in-date": 1, "due": 1, "never-trained": 1},
        301: {"in-date": 1, "out-of-date": 1, "never-trained": 1},
    }
    assert {day: await ask("training-required", later(day), "standing") for day in at} == at
    shares = {28: (2, 2), 29: (2, 3), 300: (2, 3), 301: (1, 3)}
    assert {day: await ask("compliance", later(day)) for day in shares} == shares


async def test_training_by_an_older_version_does_until_the_day_before_the_new_one_is_asked_for(
    feed: Feed, ask: Any
) -> None:
    city, (older, newer, elsewhere) = City(), (new_id() for _ in range(3))
    required(city, framework="cstf-england-1-2", framework_from=later(100))
    for person in (older, newer, elsewhere):
        works(city, person)
    trained(city, older, 300)
    trained(city, newer, 300, framework="cstf-england-1-2")
    city.say(judged(le.LearningWaived, elsewhere, 5, ground=le.Ground.ALIGNMENT, valid_until=later(300)), new_id())
    await feed(city.records)
    at = {
        39: {"in-date": 3},
        40: {"due": 2, "in-date": 1},
        99: {"due": 2, "in-date": 1},
        100: {"out-of-date": 2, "in-date": 1},
    }
    assert {day: await ask("training-required", later(day), "standing") for day in at} == at
    assert await ask("compliance", later(100)) == (1, 3)


async def test_what_is_asked_depends_on_the_work_and_ends_when_it_is_dropped(feed: Feed, ask: Any) -> None:
    city, (carer, cook) = City(), (new_id() for _ in range(2))
    required(city, organisation=None)
    own = required(city, soc2020=SOC, subject=RESUSCITATION, level=2, met_by=(2,))
    works(city, carer)
    works(city, cook, soc2020="5434")
    for level in (1, 3):
        trained(city, carer, subject=RESUSCITATION, level=level)
    dropped = le.RequirementDropped(
        organisation=EMPLOYER, soc2020=SOC, subject=RESUSCITATION, level=2, reason="replaced", occurred_on=later(50)
    )
    city.say(dropped, own)
    await feed(city.records)
    assert await ask("training-required", later(49), "subject") == {"fire-safety": 2, "resuscitation": 1}
    assert await ask("compliance", later(49)) == (0, 3)
    assert await ask("training-required", later(50), "subject") == {"fire-safety": 2}


async def test_of_two_levels_of_a_subject_the_higher_is_asked(feed: Feed, ask: Any) -> None:
    city, person = City(), new_id()
    required(city, organisation=None)
    required(city, soc2020=SOC, level=2, met_by=(2, 3, 4))
    works(city, person)
    trained(city, person)
    await feed(city.records)
    assert await ask("compliance", later(40)) == (0, 1)


async def test_training_elsewhere_does_as_long_as_the_organisation_accepts_it(feed: Feed, ask: Any) -> None:
    city, person = City(), new_id()
    required(city)
    works(city, person)
    record = trained(city, person, organisation=HOSPICE)
    waived = {"ground": le.Ground.ALIGNMENT, "valid_until": later(100)}
    city.say(judged(le.LearningWaived, person, 40, **waived), record)
    city.say(judged(le.PortabilityRejected, person, 60, reason=le.Rejection.IDENTITY_NOT_MATCHED), record)
    city.say(judged(le.LearningWaived, person, 80, **waived), record)
    await feed(city.records)
    days = {39: (0, 1), 40: (1, 1), 60: (0, 1), 80: (1, 1), 100: (1, 1), 101: (0, 1)}
    assert {day: await ask("compliance", later(day)) for day in days} == days


async def test_who_left_need_not_be_trained_from_the_day_after_their_last(feed: Feed, ask: Any) -> None:
    city, (listed, starter) = City(), (new_id() for _ in range(2))
    required(city)
    employment = works(city, listed)
    gone = le.EmploymentEnded(person_id=listed, organisation=EMPLOYER, soc2020=SOC, occurred_on=later(50))
    city.say(gone, employment)
    candidacy = new_id()
    city.say(placed(starter), candidacy)
    left = city.say(journey(tp.PlacementEnded, starter, later(60), reason=next(iter(tp.LeavingReason))), candidacy)
    city.say(journey(tp.PlacementResumed, starter, later(70), days_away=10), candidacy)
    await feed(city.records)
    days = {50: 2, 51: 1, 60: 1, 61: 0, 70: 1}
    assert {day: (await ask("compliance", later(day)))[1] for day in days} == days
    city.void(candidacy, left, tp.PlacementEnded)
    await feed(city.records[-1:])
    assert (await ask("compliance", later(61)))[1] == 1


async def test_two_ids_of_one_person_and_two_ways_of_being_known_are_one(feed: Feed, ask: Any) -> None:
    city, (one, other) = City(), (new_id() for _ in range(2))
    required(city)
    works(city, one)
    city.say(placed(other), new_id())
    trained(city, other)
    city.link(other, one)
    await feed(city.records)
    assert await ask("compliance", later(40)) == (1, 1)


async def test_what_one_person_must_have_many_times_over_is_of_one_person(
    feed: Feed, client: httpx2.AsyncClient
) -> None:
    city, alone = City(), new_id()
    for subject in le.Subject:
        required(city, organisation=None, subject=subject, occurred_on=DAY)
    works(city, alone, organisation=HOSPICE)
    for subject in le.Subject:
        trained(city, alone, None, organisation=HOSPICE, subject=subject)
    for _ in range(30):
        works(city, new_id())
    await feed(city.records)
    asked = {"by": "organisation", "across": "subject"}
    grid = (await client.get("/figures/compliance/grid", params=asked)).json()
    lines = {line["code"]: line for line in grid["lines"]}
    assert len(grid["columns"]) == len(le.Subject)
    assert {text["text"] for text in (lines[HOSPICE]["whole"][part] for part in ("value", "numerator"))} == {"*"}
    assert {cell["value"]["text"] for cell in lines[HOSPICE]["cells"]} == {"*"}
    assert {cell["value"]["text"] for cell in lines[EMPLOYER]["cells"]} == {"0%"}
    page = (await client.get("/dashboard/compliance")).text
    assert "By organisation and subject" in page
    assert "Infection Prevention and Control" in page


@pytest.mark.parametrize(
    ("by", "across", "field"),
    [("x", "subject", "by"), ("subject", "subject", "across"), ("organisation", "x", "across")],
)
async def test_a_grid_is_of_two_breakdowns_that_the_figure_has(
    by: str, across: str, field: str, client: httpx2.AsyncClient
) -> None:
    answer = await client.get("/figures/compliance/grid", params={"by": by, "across": across})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
