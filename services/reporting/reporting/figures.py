"""Figures as they are, to the last digit: read in one snapshot with the positions that they stand on.

What is here is exact and has not passed the door: nothing but `disclosure` and `shown` may make something of it that leaves.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from kit import projections
from kit.database import Connection, Database
from reporting import contract
from reporting.metrics import BREAKDOWNS, Metric
from reporting.settings import ReportingSettings

ONE_MOMENT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# The version that is read: its schema is called like its reader.
POSITIONS: Final = """
SELECT topic, partition, next_offset, stopped_code IS NOT NULL AS stopped FROM kit.position
WHERE consumer = current_schema() AND topic = ANY($1::text[]) ORDER BY topic, partition
"""
COUNTED: Final = (
    "SELECT topic, max(recorded_at) AS recorded_at FROM counted WHERE topic = ANY($1::text[]) GROUP BY topic"
)
ASIDE: Final = """
SELECT count(*) FILTER (WHERE kind IN ('unreadable', 'unknown')) AS dead_letters,
       count(*) FILTER (WHERE kind IN ('behind', 'early')) AS waiting
FROM kit.dead_letter WHERE consumer = current_schema() AND topic = ANY($1::text[]) AND state IN ('open', 'asked')
"""
# All that an answer can differ by: which version is live, how far it has read, and what became of that which was set aside.
STANDING: Final = """
SELECT md5(concat_ws(' ', current_schema(),
    (SELECT string_agg(format('%s/%s/%s/%s', topic, partition, next_offset, stopped_code), ' ' ORDER BY topic, partition)
     FROM kit.position WHERE consumer = current_schema()),
    (SELECT string_agg(format('%s %s', state, number), ' ' ORDER BY state) FROM (
        SELECT state, count(*) AS number FROM kit.dead_letter WHERE consumer = current_schema() GROUP BY state) AS aside)))
"""
WORDS: Final = {word: word for word in ("and", "of", "the", "for", "in")} | {"gp": "GP", "icb": "ICB", "nhs": "NHS"}
PARTNERS: Final = "SELECT partner, max(recorded_at) AS last_heard FROM heard GROUP BY partner ORDER BY partner"


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a metric's cases hold, how many are known, how many are not: people, where the value is an amount of theirs."""

    numerator: int
    denominator: int
    unknown: int
    amount: float | None = None
    """Of a sum, a median or a mean: what the amounts come to. None where there are none."""
    holders: int | None = None
    """Where one person may have several cases: whose those are that hold, …"""
    people: int | None = None
    """… that are known, …"""
    unknown_people: int | None = None
    """… and that are not."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a breakdown; without a code those that have none."""

    code: str | None
    label: str
    count: Count


@dataclass(frozen=True, slots=True)
class Position:
    topic: str
    partition: int
    next_offset: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Partner:
    id: str
    last_heard: datetime


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a figure besides its events: how far each topic was counted, and what of it could not be."""

    positions: tuple[Position, ...]
    counted: tuple[tuple[str, datetime | None], ...]
    """By topic: when its last counted event was written down."""
    dead_letters: int
    waiting: int
    partners: tuple[Partner, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric as at a date, exactly."""

    metric: Metric
    as_at: date
    total: Count
    by: str | None
    groups: tuple[Group, ...]
    behind: Behind


@dataclass(frozen=True, slots=True)
class Event:
    """One event behind a figure."""

    event_id: UUID
    type: str
    occurred_on: date | None
    topic: str
    partition: int
    offset: int
    recorded_at: datetime


@asynccontextmanager
async def one_moment(database: Database) -> AsyncIterator[Connection]:
    """A transaction in which everything is read as it was at one moment, of the version that is live: a figure and its positions
    agree."""
    async with database.transaction() as tx:
        await tx.execute(ONE_MOMENT)
        await projections.look(tx, contract.PROJECTION)
        yield tx


async def standing(tx: Connection) -> str:
    """What every figure of this moment stands on, as a digest: while it is the same, no figure is another."""
    digest: str = await tx.fetchval(STANDING)
    return digest


async def figure(
    tx: Connection, metric: Metric, as_at: date, settings: ReportingSettings, by: str | None = None
) -> Figure:
    """The metric as at a date. Raises ValueError for a breakdown that it has not."""
    arguments = (as_at, *metric.arguments(settings))
    rows = await tx.fetch(metric.grouped_sql(by) if by else metric.total_sql, *arguments)
    total = next(_count(row) for row in rows if row["whole"])
    groups = await _groups(tx, by, [row for row in rows if not row["whole"]]) if by else ()
    partners = await tx.fetch(metric.partners_sql, *arguments)
    behind = await behind_topics(tx, metric.topics, [Partner(row["partner"], row["last_heard"]) for row in partners])
    return Figure(metric, as_at, total, by, groups, behind)


@dataclass(frozen=True, slots=True)
class Growth:
    """A metric as at several dates, the earliest first, exactly; with what is known today."""

    metric: Metric
    points: tuple[tuple[date, Count], ...]


QUARTERS: Final = 8


def quarter_ends(as_at: date) -> list[date]:
    """The last days of the calendar's quarters that are over by a date, two years of them, and that date."""
    first = date(as_at.year, 3 * ((as_at.month - 1) // 3) + 1, 1)
    ends: list[date] = []
    while len(ends) < QUARTERS:
        ends.append(first - timedelta(days=1))
        first = date(ends[-1].year, ends[-1].month - 2, 1)
    return [*reversed(ends), as_at]


async def growth(tx: Connection, metric: Metric, as_at: date, settings: ReportingSettings) -> Growth:
    """The metric at the end of each quarter of two years, and as at a date."""
    points = []
    for day in quarter_ends(as_at):
        row = await tx.fetchrow(metric.total_sql, day, *metric.arguments(settings))
        points.append((day, _count(row)))
    return Growth(metric, tuple(points))


@dataclass(frozen=True, slots=True)
class Grid:
    """A metric as at a date by two breakdowns at once, exactly: a count for each pair of codes that there is."""

    figure: Figure
    across: str
    rows: Mapping[str, str]
    columns: Mapping[str, str]
    """Codes and what they are called."""
    counts: Mapping[tuple[str, str], Count]


async def grid(tx: Connection, metric: Metric, as_at: date, settings: ReportingSettings, by: str, across: str) -> Grid:
    """The metric by two of its breakdowns. Cases without a code in one of them are in the figure and not in the grid."""
    whole = await figure(tx, metric, as_at, settings, by)
    found = await tx.fetch(metric.crossed_sql(by, across), as_at, *metric.arguments(settings))
    counts = {(row["code"], row["across"]): _count(row) for row in found if row["code"] and row["across"]}
    return Grid(
        whole, across, await _called(tx, by, {code for code, _ in counts}),
        await _called(tx, across, {code for _, code in counts}), counts,
    )  # fmt: skip


async def _called(tx: Connection, by: str, codes: set[str]) -> Mapping[str, str]:
    labels = await group_labels(tx, by)
    named = {code: labels.get(code) or in_words(code) for code in codes}
    return dict(sorted(named.items(), key=lambda each: each[1]))


async def _groups(tx: Connection, by: str, rows: Sequence[Any]) -> tuple[Group, ...]:
    labels = await group_labels(tx, by)
    return tuple(Group(row["code"], labels.get(row["code"]) or in_words(row["code"]), _count(row)) for row in rows)


async def group_labels(tx: Connection, by: str) -> dict[str, str]:
    """What the groups of a breakdown are called, by code, where that is written down."""
    statement = BREAKDOWNS[by].labels if by in BREAKDOWNS else None
    return {row["code"]: row["label"] for row in await tx.fetch(statement)} if statement else {}


async def behind_topics(tx: Connection, topics: Sequence[str], partners: Sequence[Partner]) -> Behind:
    """How far these topics have been counted, and what of them could not be."""
    counted = {row["topic"]: row["recorded_at"] for row in await tx.fetch(COUNTED, list(topics))}
    aside = await tx.fetchrow(ASIDE, list(topics))
    assert aside is not None
    return Behind(
        positions=tuple(Position(**row) for row in await tx.fetch(POSITIONS, list(topics))),
        counted=tuple((topic, counted.get(topic)) for topic in topics),
        dead_letters=aside["dead_letters"],
        waiting=aside["waiting"],
        partners=tuple(partners),
    )


async def all_partners(tx: Connection) -> list[Partner]:
    return [Partner(row["partner"], row["last_heard"]) for row in await tx.fetch(PARTNERS)]


async def events(
    tx: Connection,
    metric: Metric,
    as_at: date,
    settings: ReportingSettings,
    *,
    after: tuple[str, int, int],
    limit: int,
    by: str | None = None,
    group: str | None = None,
) -> list[Event]:
    """The events behind a figure, or behind one of its groups: a page of them, in the order of the log, after a place in it."""
    arguments = (as_at, *metric.arguments(settings))
    more: tuple[Any, ...] = (*after, limit, *((group,) if by else ()))
    rows = await tx.fetch(metric.evidence_sql(by, len(arguments) + 1), *arguments, *more)
    return [Event(**row) for row in rows]


def in_words(code: str | None) -> str:
    """A code as a heading says it: `leeds-city-council` -> `Leeds City Council`."""
    if code is None:
        return "Not known"
    words = " ".join(WORDS.get(word) or word[:1].upper() + word[1:] for word in code.split("-"))
    return words[:1].upper() + words[1:]


def _count(row: Any) -> Count:
    return Count(**{name: row[name] for name in Count.__slots__})
