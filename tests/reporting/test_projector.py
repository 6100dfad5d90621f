"""What becomes of facts: tables that hold what stands, whatever came twice, late, corrected or taken back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kit import dead_letters
from kit.database import Database
from kit.ids import new_id
from kit.positions import Place
from reporting import figures
from reporting.contract import ACCEPTS, EQUALITY_MONITORING, IGNORES, RECORDS
from reporting.metrics import METRICS
from reporting.projector import TABLES
from reporting.settings import ReportingSettings
from reporting.testing import CONSUMER, DAY, PARTITIONS, City, Feed, declaration, placed
from schemas import equality_monitoring as em
from schemas import learning as le
from schemas import mobility as mob
from schemas import people as pe
from schemas import talent_pipeline as tp
from schemas.registry import facts

PIPELINE, COMMUNITIES = tp.Route.TALENT_PIPELINE, tp.Route.CONNECTING_COMMUNITIES


@pytest.fixture
def count(database: Database, settings: ReportingSettings) -> Any:
    async def count(figure: str, as_at: date = date(2026, 6, 30)) -> tuple[int, int, int]:
        async with figures.one_moment(database) as tx:
            total = (await figures.figure(tx, METRICS[figure], as_at, settings)).total
        return total.numerator, total.denominator, total.unknown

    return count


async def test_a_start_counts_once_however_often_it_is_sent(feed: Feed, count: Any) -> None:
    city = City()
    city.start(new_id())
    city.again(city.records[0])
    await feed(city.records)
    await feed([city.records[0].at(9)])
    assert await count("q6") == (1, 1, 0)


async def test_a_person_in_two_routes_is_counted_under_the_earlier_start(feed: Feed, count: Any) -> None:
    city, person = City(), new_id()
    city.start(person, route=PIPELINE, occurred_on=DAY + timedelta(days=9))
    await feed(city.records)
    assert await count("q6") == (1, 1, 0)
    heard = len(city.records)
    city.start(person, route=COMMUNITIES, occurred_on=DAY)
    await feed(city.records[heard:])
    assert await count("q6") == (0, 0, 0)
    assert await count("q9") == (1, 1, 0)


async def test_two_starts_on_one_day_are_told_apart_by_their_ids(feed: Feed, count: Any) -> None:
    city, person = City(), new_id()
    city.say(placed(person, route=COMMUNITIES), event_id=UUID(int=2))
    city.say(placed(person, route=PIPELINE), event_id=UUID(int=1))
    await feed(city.records)
    assert (await count("q6"), await count("q9")) == ((1, 1, 0), (0, 0, 0))


async def test_a_voided_start_does_not_count_until_it_is_restored(feed: Feed, count: Any) -> None:
    city, candidacy = City(), new_id()
    started = city.start(new_id(), candidacy=candidacy)
    city.void(candidacy, started)
    await feed(city.records)
    assert await count("q6") == (0, 0, 0)
    heard = len(city.records)
    city.restore(candidacy, started)
    await feed(city.records[heard:])
    assert await count("q6") == (1, 1, 0)


async def test_a_correction_is_what_counts_and_the_first_telling_is_kept(
    feed: Feed, count: Any, database: Database
) -> None:
    city, candidacy, person = City(), new_id(), new_id()
    started = city.start(person, candidacy=candidacy, new_to_system=tp.NewToSystem.NO)
    first = city.correct(candidacy, started, placed(person, new_to_system=tp.NewToSystem.YES))
    second = city.correct(candidacy, started, placed(person, new_to_system=tp.NewToSystem.UNKNOWN))
    await feed(city.records, batch=1)
    assert await count("q7") == (0, 0, 1)
    async with database.transaction() as tx:
        rows = await tx.fetch("SELECT event_id, fact_id, superseded_by, standing FROM placement ORDER BY version")
    assert [tuple(row) for row in rows] == [
        (started, started, first, False),
        (first, started, second, False),
        (second, started, None, True),
    ]


async def test_a_fact_that_is_voided_and_corrected_stays_voided(feed: Feed, count: Any) -> None:
    city, candidacy, person = City(), new_id(), new_id()
    started = city.start(person, candidacy=candidacy)
    city.void(candidacy, started)
    city.correct(candidacy, started, placed(person))
    await feed(city.records)
    assert await count("q6") == (0, 0, 0)


async def test_a_late_start_counts_at_the_day_on_which_it_happened(feed: Feed, count: Any) -> None:
    city = City()
    city.start(new_id(), occurred_on=date(2026, 5, 2))
    await feed(city.records)
    assert await count("q6", date(2026, 5, 1)) == (0, 0, 0)
    assert await count("q6", date(2026, 5, 2)) == (1, 1, 0)


async def test_an_offer_is_not_a_start(feed: Feed, count: Any) -> None:
    city = City()
    city.say(
        tp.OfferMade(
            person_id=new_id(), vacancy_id=new_id(), employer="x", soc2020="6131", route=PIPELINE, occurred_on=DAY
        )
    )
    await feed(city.records)
    assert await count("q6") == (0, 0, 0)


async def test_the_status_is_that_of_the_engagement_which_led_to_the_start(feed: Feed, count: Any) -> None:
    city = City()
    statuses = [tp.EmploymentStatus.UNEMPLOYED, tp.EmploymentStatus.INACTIVE, tp.EmploymentStatus.NOT_KNOWN]
    for status in statuses:
        person = new_id()
        engagement = city.interest(person, route=COMMUNITIES, employment_status=status)
        city.start(person, route=COMMUNITIES, engagement_id=engagement, employment_status=status)
    city.start(new_id(), route=COMMUNITIES, employment_status=tp.EmploymentStatus.UNEMPLOYED)
    await feed(city.records)
    assert await count("q10") == (2, 3, 1)


async def test_the_last_declaration_counts_and_a_withdrawn_one_is_unknown(feed: Feed, count: Any) -> None:
    city, people = City(), [new_id() for _ in range(5)]
    for person in people:
        city.start(person, route=COMMUNITIES)
    city.declare(people[0], "N")
    changed = city.declare(people[1], "A")
    city.say(em.MonitoringChanged(person_id=people[1], occurred_on=DAY, declaration=declaration("P")), changed)
    city.declare(people[2], "A")
    city.declare(people[3], "Z")
    await feed(city.records)
    assert await count("q11") == (2, 3, 2)
    heard = len(city.records)
    city.say(em.MonitoringWithdrawn(person_id=people[1], occurred_on=DAY), changed)
    await feed(city.records[heard:])
    assert await count("q11") == (1, 2, 3)


@pytest.mark.parametrize("told", ["by the fact", "by the tombstone alone"])
async def test_after_a_withdrawal_no_copy_of_the_value_is_left(told: str, feed: Feed, database: Database) -> None:
    city, person = City(), new_id()
    monitoring = city.declare(person, "G")
    await feed(city.records)
    async with database.transaction() as tx:  # what an operator had to replay stays among the dead letters
        place = Place(CONSUMER, EQUALITY_MONITORING, monitoring.int % PARTITIONS, "t", 0, None, datetime.now(UTC))
        await dead_letters.keep(tx, place, city.records[0], "behind", "behind-another")
    heard = len(city.records)
    if told == "by the fact":
        city.say(em.MonitoringWithdrawn(person_id=person, occurred_on=DAY), monitoring)
    city.tombstone(monitoring)
    await feed(city.records[heard:])
    async with database.transaction() as tx:
        left = await tx.fetchrow("SELECT monitoring_id, person_id, ethnic_category FROM declaration")
        assert left is not None
        assert tuple(left) == (monitoring, None, None)
        tables = await tx.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
            "WHERE schemaname IN (current_schema(), 'public', 'kit')"
        )
        for table in tables:
            for row in await tx.fetch(f"SELECT * FROM {table['name']}"):
                assert b'"ethnic_category":"G"' not in repr(tuple(row)).encode()
                assert "G" not in tuple(row)


async def test_every_kind_of_fact_finds_its_table(database: Database) -> None:
    async with database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY($1)", list(TABLES)
        )
    has = {(row["table_name"], row["column_name"]) for row in rows}
    wanted = {(into.table, name) for into in RECORDS.values() for name in into.columns}
    assert wanted <= has
    for kind, into in RECORDS.items():
        assert set(into.fields) <= set(kind.model_fields), kind


def test_every_fact_of_the_topics_is_accepted_or_ignored() -> None:
    """Another would be set aside as unknown (c9)."""
    own = {tp.SERVICE, em.SERVICE, le.SERVICE, mob.SERVICE, pe.SERVICE}
    read = {fact for fact in facts() if fact.SERVICE in own}
    assert read == {*ACCEPTS, *IGNORES}
    assert not set(ACCEPTS) & set(IGNORES)
