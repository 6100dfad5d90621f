"""Two ids of one person count once, as soon as they are linked and for as long, wherever the link is heard."""

from datetime import timedelta
from uuid import UUID

import pytest

from kit.database import Database
from kit.ids import new_id
from reporting import figures, flow
from reporting.contract import PEOPLE
from reporting.facts import nobody
from reporting.metrics import METRICS
from reporting.settings import ReportingSettings
from reporting.testing import DAY, City, Feed
from schemas import talent_pipeline as tp

COMMUNITIES, PIPELINE = tp.Route.CONNECTING_COMMUNITIES, tp.Route.TALENT_PIPELINE
LATER = DAY + timedelta(days=200)


async def counted(database: Database, settings: ReportingSettings, *ids: str) -> dict[str, tuple[int, int, int]]:
    async with figures.one_moment(database) as tx:
        found = {id_: (await figures.figure(tx, METRICS[id_], LATER, settings)).total for id_ in ids}
    return {id_: (count.numerator, count.denominator, count.unknown) for id_, count in found.items()}


async def test_two_starts_under_two_ids_are_one_person_by_the_route_of_the_earlier(
    database: Database, feed: Feed, settings: ReportingSettings
) -> None:
    city, one, other = City(), new_id(), new_id()
    city.start(one, route=COMMUNITIES, occurred_on=DAY + timedelta(days=5))
    city.start(other, route=PIPELINE)
    await feed(city.records)
    assert await counted(database, settings, "q6", "q9") == {"q6": (1, 1, 0), "q9": (1, 1, 0)}
    city.link(one, other)
    await feed(city.records[-1:])
    assert await counted(database, settings, "q6", "q9") == {"q6": (1, 1, 0), "q9": (0, 0, 0)}
    city.unlink(one, other)
    await feed(city.records[-1:])
    assert await counted(database, settings, "q6", "q9") == {"q6": (1, 1, 0), "q9": (1, 1, 0)}


@pytest.mark.parametrize("turned", [False, True], ids=["start linked to declaration", "declaration linked to start"])
async def test_what_one_id_declared_holds_for_the_start_of_the_other(
    database: Database, feed: Feed, settings: ReportingSettings, turned: bool
) -> None:
    city, started, declared = City(), new_id(), new_id()
    city.start(started, route=COMMUNITIES)
    city.declare(declared, "N")
    await feed(city.records)
    assert (await counted(database, settings, "q11"))["q11"] == (0, 0, 1)
    city.link(*((declared, started) if turned else (started, declared)))
    await feed(city.records[-1:])
    assert (await counted(database, settings, "q11"))["q11"] == (1, 1, 0)


async def test_who_stands_for_a_person_is_the_same_here_as_in_every_other_service(database: Database) -> None:
    person = new_id()
    async with database.transaction() as tx:
        assert await tx.fetchval("SELECT kit.nobody($1)", person) == nobody(person)


async def test_support_and_the_funnel_count_a_linked_person_once(
    database: Database, feed: Feed, settings: ReportingSettings
) -> None:
    city, one, other = City(), new_id(), new_id()
    for person in (one, other):
        city.interest(person)
        supported = tp.CandidateSupported(
            person_id=person, route=PIPELINE, kind=tp.SupportKind.TRAINING, occurred_on=DAY,
            destination=tp.Destination.WIDER_WEST_YORKSHIRE,
        )  # fmt: skip
        city.say(supported)
    city.link(one, other)
    await feed(city.records)
    assert (await counted(database, settings, "q8-training"))["q8-training"] == (1, 1, 0)
    async with figures.one_moment(database) as tx:
        (way,) = (await flow.flow(tx, flow.FUNNEL, LATER, None, [])).ways
    assert {stage.stage: stage.reached for stage in way.stages if stage.reached} == {"registered": 1, "supported": 1}


async def test_a_ring_that_was_half_heard_is_one_person_until_the_rest_is_heard(
    database: Database, feed: Feed, settings: ReportingSettings
) -> None:
    """A to B, unlinked, B to A: what was said of B comes before that A was unlinked."""
    city, a, b = City(), UUID(int=1), UUID(int=2)
    for person in (a, b):
        city.start(person)
    city.link(a, b)
    city.unlink(a, b)
    city.link(b, a)
    late = city.records.pop(3)
    await feed(city.records)
    assert (await counted(database, settings, "q6"))["q6"][0] == 1
    await feed([late])
    assert (await counted(database, settings, "q6"))["q6"][0] == 1


async def test_the_topic_of_links_stands_behind_every_figure_of_people(
    database: Database, feed: Feed, settings: ReportingSettings
) -> None:
    for id_ in ("q6", "q7", "q8-training", "q9", "q10", "q11", "sustained"):
        assert PEOPLE in METRICS[id_].topics


async def test_who_is_erased_stays_counted_and_is_nobody(
    database: Database, feed: Feed, settings: ReportingSettings
) -> None:
    """Erased between two starts, of which the second comes late: one person still, and no table knows who."""
    city, person, other = City(), new_id(), new_id()
    city.start(person, route=COMMUNITIES)
    city.declare(person, "N")
    city.link(person, other)
    city.erase(person)
    await feed(city.records)
    before = await counted(database, settings, "q6", "q9", "q11")
    city.start(person, route=PIPELINE, occurred_on=DAY + timedelta(days=9))
    await feed(city.records[-1:])
    assert await counted(database, settings, "q6", "q9", "q11") == before
    assert (before["q9"], before["q11"]) == ((1, 1, 0), (1, 1, 0))
    async with database.transaction() as tx:
        for table in ("placement", "declaration", "link"):
            assert str(person) not in str([tuple(row) for row in await tx.fetch(f"SELECT * FROM {table}")])


@pytest.mark.parametrize("links_first", [False, True], ids=["links last", "links first"])
async def test_ten_thousand_people_of_whom_two_hundred_are_there_twice(
    database: Database, feed: Feed, settings: ReportingSettings, links_first: bool
) -> None:
    """100 pairs within a route and 100 across: counted right at every step, and after 60 of the links are taken back."""
    city = City()
    people = [new_id() for _ in range(10_000)]
    days = {person: DAY + timedelta(days=turn % 90) for turn, person in enumerate(people)}
    routes = {person: COMMUNITIES if turn % 2 else PIPELINE for turn, person in enumerate(people)}
    facts = {person: city.start(person, route=routes[person], occurred_on=days[person]) for person in people}
    pairs = [(people[turn + 9_000], people[turn + turn // 100]) for turn in range(200)]
    for later, earlier in pairs:
        city.link(later, earlier)
    starts, links = city.records[:10_000], city.records[10_000:]

    def expected(linked: list[tuple[UUID, UUID]]) -> dict[str, tuple[int, int, int]]:
        """By hand: of each pair the later start does not count."""
        gone = {max(pair, key=lambda each: (days[each], facts[each])) for pair in linked}
        left = [routes[person] for person in people if person not in gone]
        numbers = {"q6": left.count(PIPELINE), "q9": left.count(COMMUNITIES)}
        return {id_: (number, number, 0) for id_, number in numbers.items()}

    if links_first:
        await feed(links)
        await feed(starts)
    else:
        await feed(starts)
        assert await counted(database, settings, "q6", "q9") == expected([])
        await feed(links)
    assert await counted(database, settings, "q6", "q9") == expected(pairs)
    for later, earlier in pairs[:60]:
        city.unlink(later, earlier)
    await feed(city.records[10_200:])
    assert await counted(database, settings, "q6", "q9") == expected(pairs[60:])
