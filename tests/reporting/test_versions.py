"""A projection built anew beside the one that is read: compared, swapped only forwards, gone back from (c16)."""

import asyncio
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from kit import dead_letters, positions, projections
from kit.database import Database
from kit.ids import new_id
from kit.process import bring_up_to_date
from kit.projections import Behind, Needed, NoSuchVersion, StillProjected, Version
from kit.testing.databases import Clone, Template
from kit.testing.records import TestRecord
from reporting import figures
from reporting.app import service
from reporting.contract import PROJECTION, TALENT_PIPELINE
from reporting.metrics import METRICS
from reporting.projector import COMPARED
from reporting.settings import ReportingSettings
from reporting.testing import City, Feed

from .test_interleavings import OWN, cities

TODAY = date(2026, 6, 30)


@dataclass(frozen=True)
class Pair:
    """The version that is read, and another beside it, each with a hand that feeds it."""

    owner: asyncpg.Connection
    one: Feed
    two: Feed
    second: Database
    version: Version

    async def differences(self) -> dict[str, tuple[int, int, int]]:
        """Missing, added and changed rows by table, where there are some."""
        first = (await projections.versions(self.owner, PROJECTION))[0]
        found = await projections.compare(self.owner, first, self.version, COMPARED)
        return {each.table: (each.missing, each.added, each.changed) for each in found if each.differs}

    async def swap(self) -> None:
        async with self.owner.transaction():
            await projections.swap(self.owner, self.version)

    async def states(self) -> list[str]:
        return [each.state for each in await projections.versions(self.owner, PROJECTION)]


@asynccontextmanager
async def pair_of(clone: Clone) -> AsyncIterator[Pair]:
    owner = await asyncpg.connect(clone.owner_dsn)
    try:
        version = await projections.begin(owner, "reporting", PROJECTION)
        await bring_up_to_date(service, clone.owner_dsn)
        await projections.finish(owner, version)
        version = replace(version, state="standby")
        async with clone.open() as first, clone.open(search_path=version.search_path) as second:
            yield Pair(owner, Feed(first, OWN), Feed(second, OWN, version.consumer), second, version)
    finally:
        await owner.close()


@pytest_asyncio.fixture
async def pair(clone: Clone) -> AsyncIterator[Pair]:
    async with pair_of(clone) as made:
        yield made


@pytest.fixture
def starts(database: Database, settings: ReportingSettings) -> Callable[[], Awaitable[int]]:
    """How many started work, of the version that is read."""

    async def count() -> int:
        async with figures.one_moment(database) as tx:
            return (await figures.figure(tx, METRICS["q6"], TODAY, settings)).total.numerator

    return count


def three_starts() -> City:
    """Three people's starts in one partition, the second of them voided."""
    city, subjects = City(), [new_id() for _ in range(3)]
    events = [city.start(new_id(), candidacy=subject) for subject in subjects]
    city.void(subjects[1], events[1])
    return city


# -- comparing ---------------------------------------------------------------------------------------------------------


@st.composite
def prefixes(draw: st.DrawFn) -> tuple[Sequence[TestRecord], Sequence[TestRecord]]:
    """A city's log, as far as one reader has come in each partition and as far as another has."""
    city = draw(cities())
    ends: dict[tuple[str, int], int] = defaultdict(int)
    for record in city.records:
        ends[record.topic, record.partition] = record.offset + 1
    sides = []
    for _ in range(2):
        reached = {place: draw(st.integers(0, end)) for place, end in sorted(ends.items())}
        sides.append([record for record in city.records if record.offset < reached[record.topic, record.partition]])
    return sides[0], sides[1]


@pytest_asyncio.fixture(scope="module")
async def shared(template: Template) -> AsyncIterator[Pair]:
    async with template.clone() as clone, pair_of(clone) as made:
        yield made


EMPTIED = (*COMPARED, "heard", "counted")


@tried(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides=prefixes())
async def test_however_far_two_versions_have_read_they_do_not_differ(
    shared: Pair, sides: tuple[Sequence[TestRecord], Sequence[TestRecord]]
) -> None:
    for version in await projections.versions(shared.owner, PROJECTION):
        await shared.owner.execute("; ".join(f'DELETE FROM "{version.consumer}".{table}' for table in EMPTIED))
    for table in ("position", "inbox", "aggregate_seen", "dead_letter"):
        await shared.owner.execute(f"DELETE FROM kit.{table}")
    await shared.one(sides[0])
    await shared.two(sides[1])
    assert await shared.differences() == {}


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("DELETE FROM placement WHERE superseded_by IS NULL", (3, 0, 0)),
        ("UPDATE placement SET employer = 'another'", (0, 0, 3)),
        ("UPDATE placement SET voided_by = NULL", (0, 0, 1)),
    ],
    ids=["missing", "changed", "a voiding that was lost"],
)
async def test_what_differs_is_named_by_its_table(pair: Pair, statement: str, difference: tuple[int, int, int]) -> None:
    city = three_starts()
    await pair.one(city.records)
    await pair.two(city.records)
    async with pair.second.transaction() as tx:
        await tx.execute(statement)
    assert await pair.differences() == {"placement": difference}


async def test_a_row_that_only_the_new_version_has_is_a_difference(pair: Pair) -> None:
    city = three_starts()
    await pair.one(city.records)
    await pair.two(city.records)
    await pair.owner.execute(f'DELETE FROM "reporting.{PROJECTION}.1".retraction')
    assert await pair.differences() == {"retraction": (0, 1, 0)}


# -- swapping ----------------------------------------------------------------------------------------------------------


async def test_a_version_that_is_behind_is_not_swapped_in_and_one_that_is_level_is(
    pair: Pair, starts: Callable[[], Awaitable[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projections, "PATIENCE", 0.1)
    city = three_starts()
    await pair.one(city.records)
    await pair.two(city.records[:-1])
    with pytest.raises(Behind):
        await pair.swap()
    assert (await pair.states(), await starts()) == (["live", "standby"], 2)
    await pair.two(city.records[-1:])
    async with pair.second.transaction() as tx:
        await tx.execute("UPDATE placement SET voided_by = NULL")  # so that one sees which of the two is read
    await pair.swap()
    assert (await pair.states(), await starts()) == (["standby", "live"], 3)


async def test_the_live_version_stands_still_until_the_new_one_has_come_level(
    pair: Pair, starts: Callable[[], Awaitable[int]]
) -> None:
    city = three_starts()
    await pair.one(city.records)
    swapping = asyncio.create_task(pair.swap())
    await pair.two(city.records)
    await swapping
    assert await pair.states() == ["standby", "live"]


async def test_another_log_under_the_same_name_is_behind(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projections, "PATIENCE", 0.1)
    city = three_starts()
    await pair.one(city.records)
    await pair.two(city.records)
    await pair.owner.execute("UPDATE kit.position SET topic_id = 'another' WHERE consumer = $1", pair.version.consumer)
    with pytest.raises(Behind):
        await pair.swap()


async def test_going_back_shows_what_was_said_since(pair: Pair, starts: Callable[[], Awaitable[int]]) -> None:
    city = three_starts()
    for feed in (pair.one, pair.two):
        await feed(city.records)
    await pair.swap()
    heard = len(city.records)
    city.start(new_id())
    for feed in (pair.one, pair.two):  # the old one is projected on
        await feed(city.records[heard:])
    async with pair.owner.transaction():
        known = await projections.versions(pair.owner, PROJECTION)
        await projections.swap(pair.owner, projections.before(known))
    assert (await pair.states(), await starts()) == (["live", "standby"], 3)


async def test_where_nothing_was_read_before_there_is_nothing_to_go_back_to(pair: Pair) -> None:
    with pytest.raises(NoSuchVersion):
        projections.before(await projections.versions(pair.owner, PROJECTION))


async def test_who_reads_while_it_is_swapped_and_dropped_reads_on_to_the_end(
    pair: Pair, database: Database, settings: ReportingSettings
) -> None:
    city = three_starts()
    for feed in (pair.one, pair.two):
        await feed(city.records)
    old = (await projections.versions(pair.owner, PROJECTION))[0]
    async with figures.one_moment(database) as tx:
        await pair.swap()
        dropping = asyncio.create_task(projections.drop(pair.owner, old))
        await asyncio.wait({dropping}, timeout=0.5)
        assert not dropping.done()
        assert (await figures.figure(tx, METRICS["q6"], TODAY, settings)).total.numerator == 2
    await dropping
    async with figures.one_moment(database) as tx:
        assert (await figures.figure(tx, METRICS["q6"], TODAY, settings)).total.numerator == 2


# -- dropping ----------------------------------------------------------------------------------------------------------


async def test_a_version_that_was_dropped_leaves_nothing_behind(pair: Pair) -> None:
    await pair.two(three_starts().records)
    await projections.drop(pair.owner, pair.version)
    consumer = pair.version.consumer
    assert not await pair.owner.fetchval("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", consumer)
    for table in ("projection", "position", "inbox", "aggregate_seen", "dead_letter"):
        assert not await pair.owner.fetchval(f"SELECT count(*) FROM kit.{table} WHERE consumer = $1", consumer)
    assert not await pair.owner.fetchval("SELECT count(*) FROM public.migration WHERE folder = $1", consumer)
    assert await pair.states() == ["live"]


async def test_neither_the_live_version_nor_one_that_is_projected_is_dropped(pair: Pair, clone: Clone) -> None:
    live = (await projections.versions(pair.owner, PROJECTION))[0]
    with pytest.raises(Needed):
        await projections.drop(pair.owner, live)
    async with Database.connect(clone.dsn, name=pair.version.consumer) as projecting:
        await projecting.ping()
        with pytest.raises(StillProjected):
            await projections.drop(pair.owner, pair.version, patience=0.1)
    await projections.drop(pair.owner, pair.version)


# -- what was decided about dead letters -------------------------------------------------------------------------------


async def test_a_rebuild_meets_the_bad_bytes_again_and_decides_as_was_decided(
    pair: Pair, starts: Callable[[], Awaitable[int]], database: Database
) -> None:
    """c7: by topic id, partition and offset."""
    city = City()
    for _ in range(2):
        city.start(new_id())
    good = city.records[0]
    records = [replace(good, value=b"not json"), replace(city.records[1], value=b"neither")]
    await pair.one(records)
    async with database.transaction() as tx:
        for letter in await dead_letters.listed(tx):
            edit = letter["partition"] == good.partition and letter["offset"] == good.offset
            action: dead_letters.Action = "edit" if edit else "discard"
            await dead_letters.decide(
                tx, letter["id"], action, author="tester", reason="a test", value=good.value if edit else None
            )
    await pair.two(records)
    async with database.transaction() as tx:
        assert [each["consumer"] for each in await dead_letters.listed(tx)] == [f"reporting.{PROJECTION}.1"] * 2
    async with pair.second.transaction() as tx:
        assert await tx.fetchval("SELECT count(*) FROM placement") == 1


# -- killed in between -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operator:
    """The command line, on a clone."""

    config: Path

    async def run(self, *words: str, dies_at: str = "") -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "oneworkforce", "--config", str(self.config), "projections", *words,
            "--author", "tester", "--reason", "a test",
            env={**os.environ, "ONEWORKFORCE_FAILPOINTS": f"{dies_at}=exit" if dies_at else ""},
            stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        return await process.wait()


@pytest.fixture
def operator(clone: Clone, tmp_path: Path) -> Operator:
    def section(name: str, dsn: str) -> str:
        parts = urlsplit(dsn)
        (tmp_path / name).write_text(parts.password or "")
        address = parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}").geturl()
        return f'{name} = "{address}"\n{name}_password_file = "{name}"\n'

    config = tmp_path / "oneworkforce.toml"
    config.write_text("[services.reporting]\n" + section("database", clone.dsn) + section("owner", clone.owner_dsn))
    return Operator(config)


@pytest.mark.parametrize(
    ("dies_at", "words", "left", "afterwards"),
    [
        ("projections.locked", ("swap", PROJECTION), ["live", "standby"], ["standby", "live"]),
        ("projections.before_swap", ("swap", PROJECTION), ["live", "standby"], ["standby", "live"]),
        ("projections.dropping", ("drop", PROJECTION, "2"), ["live", "dropping"], ["live"]),
        ("projections.schema_dropped", ("drop", PROJECTION, "2"), ["live", "dropping"], ["live"]),
    ],
)
async def test_killed_at_any_point_the_figures_stay_right_and_asked_again_it_is_done(
    pair: Pair,
    operator: Operator,
    starts: Callable[[], Awaitable[int]],
    dies_at: str,
    words: tuple[str, ...],
    left: list[str],
    afterwards: list[str],
) -> None:
    city = three_starts()
    for feed in (pair.one, pair.two):
        await feed(city.records)
    assert await operator.run(*words, dies_at=dies_at) == 9
    assert (await pair.states(), await starts()) == (left, 2)
    assert await operator.run(*words) == 0
    assert (await pair.states(), await starts()) == (afterwards, 2)


async def test_a_swap_that_would_change_a_figure_is_refused_until_it_is_accepted_by_name(
    pair: Pair, operator: Operator, starts: Callable[[], Awaitable[int]]
) -> None:
    city = three_starts()
    for feed in (pair.one, pair.two):
        await feed(city.records)
    async with pair.second.transaction() as tx:
        await tx.execute("UPDATE placement SET voided_by = NULL")
    assert await operator.run("swap", PROJECTION) == 1
    assert await operator.run("swap", PROJECTION, "--accept", "support") == 1
    assert await starts() == 2
    assert await operator.run("swap", PROJECTION, "--accept", "placement") == 0
    assert await starts() == 3
    assert await operator.run("back", PROJECTION) == 0
    assert await starts() == 2


async def test_the_positions_and_dead_letters_that_stand_behind_a_figure_are_those_of_the_version_that_is_read(
    pair: Pair, database: Database
) -> None:
    city = three_starts()
    await pair.one(city.records[:1])
    await pair.two(city.records)
    partition = city.records[-1].partition

    async def read_to() -> dict[int, int]:
        async with figures.one_moment(database) as tx:
            behind = await figures.behind_topics(tx, [TALENT_PIPELINE], [])
        return {each.partition: each.next_offset for each in behind.positions}

    before = await read_to()
    await pair.swap()
    after = await read_to()
    assert before.get(partition, 0) < after[partition]
    async with pair.second.transaction() as tx:
        place = await positions.lock(tx, pair.version.consumer, TALENT_PIPELINE, partition)
        await dead_letters.keep(tx, place, city.records[-1].at(99), "unreadable", "test")
    async with figures.one_moment(database) as tx:
        assert (await figures.behind_topics(tx, [TALENT_PIPELINE], [])).dead_letters == 1
