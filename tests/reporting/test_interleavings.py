"""Any interleaving of partitions and any batch size leaves equal tables (c14, c15), and the tables hold what stands."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from kit.database import Database
from kit.testing.databases import Template
from kit.testing.records import TestRecord
from kit.testing.waiting import until
from reporting import figures
from reporting.metrics import METRICS
from reporting.projector import TABLES
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed, declaration, interest, placed
from schemas import equality_monitoring as em
from schemas import people as pe
from schemas import talent_pipeline as tp
from schemas.corrections import standing

ALL = (*TABLES, "retraction", "declaration", "link", "heard", "counted")
ROUTES = list(tp.Route)
PEOPLE = [UUID(int=1000 + number) for number in range(4)]


@st.composite
def cities(draw: st.DrawFn) -> City:
    """A small city whose few people start. Starts are corrected, voided, restored and sent twice; some people are one."""
    city = City()
    people = PEOPLE
    turns = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 8), st.integers(0, 5)), min_size=3, max_size=25))
    for which, act, choice in turns:
        candidacy, person = UUID(int=which), people[which % 4]
        starts = [event for event, fact in city.said[candidacy] if isinstance(fact, tp.CandidatePlaced)]
        telling = placed(person, route=ROUTES[choice % 2], occurred_on=DAY + timedelta(days=choice))
        if act == 8:
            if not erased(city, person):
                city.erase(person)
        elif act > 5:
            _link_or_unlink(city, person, people[choice % 4])
        elif not starts:
            city.say(telling, candidacy)
        elif act == 0:
            city.correct(candidacy, starts[0], telling)
        elif act == 1:
            city.void(candidacy, starts[0])
        elif act == 2:
            city.restore(candidacy, starts[0])
        elif act == 3:
            city.again(draw(st.sampled_from(city.records)))
        else:
            monitoring, category = UUID(int=900 + which), "ANZ"[choice % 3]
            if not city.said[monitoring]:
                city.say(
                    em.MonitoringDeclared(person_id=person, occurred_on=DAY, declaration=declaration(category)),
                    monitoring,
                )
            elif not isinstance(city.said[monitoring][-1][1], em.MonitoringWithdrawn):
                kind = em.MonitoringWithdrawn if choice == 5 else em.MonitoringChanged
                told = {} if choice == 5 else {"declaration": declaration(category)}
                city.say(kind(person_id=person, occurred_on=DAY, **told), monitoring)
    return city


def erased(city: City, person: UUID) -> bool:
    return bool(city.said[person]) and isinstance(city.said[person][-1][1], pe.PersonErased)


def linked_to(city: City, person: UUID) -> UUID | None:
    """Whose other id it is, by the last link that was said of it: who is erased is still one person with the others."""
    said = [fact for _, fact in city.said[person] if not isinstance(fact, pe.PersonErased)]
    return said[-1].same_as if said and isinstance(said[-1], pe.PersonLinked) else None


def root_of(city: City, person: UUID) -> UUID:
    """The id that stands for all of the person's."""
    other = linked_to(city, person)
    return person if other is None else root_of(city, other)


def _link_or_unlink(city: City, person: UUID, other: UUID) -> None:
    """What people would say: links make a tree."""
    linked = linked_to(city, person)
    if erased(city, person):
        return
    if linked is not None:
        city.unlink(person, linked)
    elif root_of(city, other) != person:
        city.link(person, root_of(city, other))


@st.composite
def interleavings(draw: st.DrawFn) -> tuple[City, list[list[TestRecord]]]:
    """A city's log, cut into batches, the partitions in any order between each other."""
    city = draw(cities())
    partitions: dict[tuple[str, int], list[TestRecord]] = defaultdict(list)
    for record in city.records:
        partitions[record.topic, record.partition].append(record)
    batches = []
    while partitions:
        place = draw(st.sampled_from(sorted(partitions)))
        size = draw(st.integers(1, 7))
        batches.append(partitions[place][:size])
        partitions[place] = partitions[place][size:]
        if not partitions[place]:
            del partitions[place]
    return city, batches


@pytest_asyncio.fixture(scope="module")
async def shared(template: Template) -> AsyncIterator[Database]:
    """One database for all examples: each begins by emptying it."""
    async with template.clone() as clone, clone.open() as database:
        yield database


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
OWN = ReportingSettings(database_dsn=SecretStr("postgresql://nowhere"))


async def _tables(database: Database) -> dict[str, list[str]]:
    async with database.transaction() as tx:
        return {table: sorted(map(repr, map(tuple, await tx.fetch(f"SELECT * FROM {table}")))) for table in ALL}


async def _emptied(database: Database) -> Feed:
    async with database.transaction() as tx:
        for table in (*ALL, "kit.position", "kit.inbox", "kit.aggregate_seen", "kit.dead_letter"):
            await tx.execute(f"DELETE FROM {table}")
    return Feed(database, OWN)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=interleavings())
async def test_any_interleaving_and_any_batch_size_leave_equal_tables(
    shared: Database, drawn: tuple[City, list[list[TestRecord]]]
) -> None:
    city, batches = drawn
    feed = await _emptied(shared)
    for batch in batches:
        await feed.batch(batch)
    interleaved = await _tables(shared)
    feed = await _emptied(shared)
    await feed(city.records)
    assert await _tables(shared) == interleaved
    await _holds_what_stands(shared, city)
    await _knows_nobody(shared, city)


async def _knows_nobody(database: Database, city: City) -> None:
    tables = str(await _tables(database))
    assert not [person for person in PEOPLE if repr(person) in tables]


async def _holds_what_stands(database: Database, city: City) -> None:
    """Beside the projector's own arithmetic: what `schemas.corrections.standing` says of each aggregate."""
    stand = [(event, fact) for history in city.said.values() for event, fact in standing(history)]
    starts = [(fact.occurred_on, event, fact) for event, fact in stand if isinstance(fact, tp.CandidatePlaced)]
    first: dict[UUID, tp.CandidatePlaced] = {}
    for _, _, fact in sorted(starts, key=lambda start: start[:2]):
        first.setdefault(root_of(city, fact.person_id), fact)
    async with figures.one_moment(database) as tx:
        for figure, route in (("q6", tp.Route.TALENT_PIPELINE), ("q9", tp.Route.CONNECTING_COMMUNITIES)):
            found = await figures.figure(tx, METRICS[figure], DAY + timedelta(days=30), OWN)
            assert found.total.numerator == sum(fact.route == route for fact in first.values())


async def test_a_batch_that_erases_waits_for_none_that_takes_back(shared: Database) -> None:
    """An erasure wants no rows: a person was nobody's from the first (c15)."""
    city, person, candidacy, engagement = City(), UUID(int=1), UUID(int=4), UUID(int=8)
    feed = await _emptied(shared)
    came = city.say(interest(person), engagement)
    started = city.say(placed(person), candidacy)
    await feed(city.records)
    kept = len(city.records)
    city.void(candidacy, started)
    city.void(engagement, came, tp.InterestRegistered)
    city.erase(person)
    taken_back, erasing = city.records[kept:-1], city.records[-1:]
    async with asyncio.TaskGroup() as both:
        held, go = asyncio.Event(), asyncio.Event()
        # Holds up whoever takes back at its second fact: it has the row of the start, and wants that of the interest.
        both.create_task(_hold(shared, came, held, go))
        await held.wait()
        both.create_task(feed.batch(taken_back))
        await _waiting(shared, 1)
        await feed.batch(erasing)
        go.set()
    assert repr(person) not in str(await _tables(shared))
    await _holds_what_stands(shared, city)


async def _hold(database: Database, interest_id: UUID, held: asyncio.Event, go: asyncio.Event) -> None:
    async with database.transaction() as tx:
        await tx.execute("SELECT FROM interest WHERE fact_id = $1 FOR UPDATE", interest_id)
        held.set()
        await go.wait()


async def _waiting(database: Database, number: int) -> None:
    """Until so many sessions of this database wait for a lock."""

    async def waits() -> bool:
        async with database.transaction() as tx:
            return int(await tx.fetchval(WAITING)) >= number

    await until(waits)
