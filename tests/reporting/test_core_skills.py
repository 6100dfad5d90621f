"""Core skills: whose training is in date, and what was accepted from elsewhere; and the cases that a naive count gets wrong."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures
from reporting.metrics import METRICS
from reporting.settings import ReportingSettings
from reporting.testing import DAY, EMPLOYER, City, Feed
from schemas import learning as le

HOSPICE = "st-gemma-hospice"
FIRE: dict[str, Any] = {"framework": "cstf-england-1-1", "subject": le.Subject.FIRE_SAFETY, "level": 1}


@pytest.fixture
def count(database: Database, settings: ReportingSettings) -> Any:
    async def count(figure: str, as_at: date, by: str | None = None) -> Any:
        async with figures.one_moment(database) as tx:
            found = await figures.figure(tx, METRICS[figure], as_at, settings, by)
        if by:
            return {group.code: group.count.numerator for group in found.groups}
        return found.total.numerator, found.total.denominator

    return count


def trained(person: UUID, lasts: int | None = 365, **given: Any) -> le.CompetenceRecorded:
    fields: dict[str, Any] = {
        "person_id": person, "organisation": EMPLOYER, **FIRE, "source": le.TrainingSource.ESR, "aligned": True,
        "occurred_on": DAY, **given,
    }  # fmt: skip
    ends = None if lasts is None else fields["occurred_on"] + timedelta(days=lasts)
    return le.CompetenceRecorded(**fields, expires_on=ends)


def waived(person: UUID, **given: Any) -> le.LearningWaived:
    fields: dict[str, Any] = {
        "person_id": person, "organisation": EMPLOYER, **FIRE, "occurred_on": DAY, "host": HOSPICE, "required_level": 1,
        "ground": le.Ground.ALIGNMENT, **given,
    }  # fmt: skip
    return le.LearningWaived(**fields)


async def test_training_is_in_date_up_to_and_on_its_last_day(feed: Feed, count: Any) -> None:
    city = City()
    city.say(trained(new_id()), new_id())
    await feed(city.records)
    last = DAY + timedelta(days=365)
    assert await count("core-skills-in-date", last) == (1, 1)
    assert await count("core-skills-in-date", last + timedelta(days=1)) == (0, 1)
    assert await count("core-skills-in-date", DAY - timedelta(days=1)) == (0, 0)


async def test_somebody_who_trained_again_is_in_date_once_and_each_subject_counts_by_itself(
    feed: Feed, count: Any
) -> None:
    city, (one, other) = City(), (new_id() for _ in range(2))
    city.say(trained(one, 10), new_id())
    city.say(trained(one, occurred_on=DAY + timedelta(days=9)), new_id())
    city.say(trained(one, 10, subject=le.Subject.RESUSCITATION), new_id())
    city.say(trained(other, None), new_id())
    await feed(city.records)
    as_at = DAY + timedelta(days=30)
    assert await count("core-skills-in-date", as_at) == (2, 3)
    assert await count("core-skills-in-date", as_at, "subject") == {"fire-safety": 2, "resuscitation": 0}


async def test_two_ids_of_one_person_are_trained_once(feed: Feed, count: Any) -> None:
    city, (one, other) = City(), (new_id() for _ in range(2))
    city.say(trained(one), new_id())
    city.say(trained(other), new_id())
    city.link(other, one)
    await feed(city.records)
    assert await count("core-skills-in-date", DAY) == (1, 1)


async def test_what_was_accepted_is_no_training_and_counts_once_for_each_host(feed: Feed, count: Any) -> None:
    city, person, record = City(), new_id(), new_id()
    city.say(trained(person), record)
    city.say(waived(person), record)
    city.say(waived(person, valid_until=DAY + timedelta(days=300)), record)
    taken_back = city.say(waived(person, host="bramley-home-care", ground=le.Ground.CERTIFICATE_SEEN), record)
    rejected = le.PortabilityRejected(
        person_id=person, organisation=EMPLOYER, **FIRE, host="aire-valley-care", required_level=1,
        reason=le.Rejection.NOT_ALIGNED, occurred_on=DAY,
    )  # fmt: skip
    city.say(rejected, record)
    await feed(city.records)
    assert await count("training-accepted", DAY) == (2, 2)
    assert await count("core-skills-in-date", DAY) == (1, 1)
    assert await count("training-accepted", DAY, "ground") == {"alignment": 1, "certificate-seen": 1}
    city.void(record, taken_back, le.LearningWaived)
    await feed(city.records[-1:])
    assert await count("training-accepted", DAY) == (1, 1)
