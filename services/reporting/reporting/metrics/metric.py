"""What a metric is: declared once, in words for people and in SQL for the database, and everything else follows from it.

Its SQL answers the cases, a row for each thing that could count, as at a date ($1):

    key      what makes two the same: cases of one key count once
    holds    true: counts. false: belongs to the denominator only. null: not known
    partner  whose posts or work it is, where it is somebody's
    facts    the facts behind it, by id
    amount   of a sum, a median or a mean: how much; of money in pence. A key has one case then.
    who      of an amount, or where one person has several cases: the person whose it is, so that people are counted, not cases
    …        a column for each way in which it may be broken down, named like it

Value, numerator, denominator, unknowns, breakdowns, partners and evidence are all read off these rows, so they agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from reporting.settings import ReportingSettings
from schemas import equality_monitoring
from schemas.envelope import events_topic
from schemas.fact import Fact


class Measure(StrEnum):
    """What the value is: how many hold, what share of those that are known, how much or how much money they come to, or the
    middle or the mean of them."""

    COUNT = "count"
    SHARE = "share"
    SUM = "sum"
    POUNDS = "pounds"
    MEDIAN = "median"
    MEAN = "mean"


AMOUNTS: Final[Mapping[Measure, str]] = MappingProxyType({
    Measure.SUM: "(sum(amount) FILTER (WHERE holds))::float8",
    Measure.POUNDS: "(sum(amount) FILTER (WHERE holds) / 100.0)::float8",
    Measure.MEAN: "(avg(amount) FILTER (WHERE holds))::float8",
    Measure.MEDIAN: "percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FILTER (WHERE holds)",
})  # fmt: skip
"""How the amounts of cases become one, where the value is not a count of them."""


class Subject(StrEnum):
    """What is counted: people are protected by the disclosure rule, organisations and courses are not."""

    PEOPLE = "people"
    ORGANISATIONS = "organisations"
    COURSES = "courses"


@dataclass(frozen=True)
class Breakdown:
    """A way to break a metric down, and where the names of its groups stand."""

    id: str
    title: str
    labels: str | None = None
    """SQL: code and label of each group. None: the code is the label, in words."""


BREAKDOWNS: Final[Mapping[str, Breakdown]] = MappingProxyType(
    {
        breakdown.id: breakdown
        for breakdown in (
            Breakdown("employer", "Employer"),
            Breakdown(
                "role",
                "Role",
                "SELECT soc2020 AS code, mode() WITHIN GROUP (ORDER BY title) || ' (SOC ' || soc2020 || ')' AS label "
                "FROM vacancy WHERE standing GROUP BY soc2020",
            ),
            Breakdown(
                "campaign", "Campaign", "SELECT aggregate_id::text AS code, name AS label FROM campaign WHERE standing"
            ),
            Breakdown("ward", "Ward"),
            Breakdown("route", "Route"),
            Breakdown("destination", "Destination"),
            Breakdown("reason", "Reason"),
            Breakdown("ending", "How it ended"),
            Breakdown("organisation", "Organisation"),
            Breakdown("home", "From"),
            Breakdown("host", "To"),
            Breakdown("basis", "Basis"),
            Breakdown("check_kind", "Kind of check"),
            Breakdown("sector", "Kind of organisation"),
            Breakdown("programme", "Programme"),
            Breakdown("place", "Place"),
            Breakdown("learner_kind", "Kind of learner"),
            Breakdown("subject", "Subject"),
            Breakdown("category", "Category"),
            Breakdown(
                "course", "Course", "SELECT aggregate_id::text AS code, title AS label FROM course WHERE standing"
            ),
            Breakdown("provider", "Provider"),
            Breakdown("ground", "Ground"),
            Breakdown("how", "How"),
            Breakdown("stage", "Stage"),
            Breakdown("standing", "How it stands"),
            Breakdown("hours", "Kind of hours"),
            Breakdown("standard", "Standard"),
            Breakdown("start_year", "Start year"),
        )
    }
)


@dataclass(frozen=True)
class Metric:
    """One figure that the Board may ask for."""

    id: str
    name: str
    """What a heading or a table calls it."""
    title: str
    """What stands beside the number, as the rest of a sentence that begins with it."""
    unit: str
    """What is counted, in the plural."""
    same: str
    """What makes two the same."""
    rule: str
    """What counts."""
    window: str
    events: tuple[type[Fact], ...]
    """The facts that it is counted from."""
    cases: str
    measure: Measure = Measure.COUNT
    subject: Subject = Subject.PEOPLE
    denominator: str | None = None
    """Of a share: what it is a share of."""
    unknowns: str = "None are possible: the rule asks for nothing that can be missing."
    assumptions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    """The breakdowns that it has."""
    several: bool = False
    """Whether one person may have several cases: these say `who`, and what is of fewer people than are published is hidden."""
    arguments: Callable[[ReportingSettings], tuple[object, ...]] = lambda settings: ()
    """What the SQL takes from settings, as $2 and on."""

    @property
    def counts(self) -> str:
        """SQL over cases: how many hold, are known, are not; in people where they have an amount, and what the amounts come to."""
        one = "key" if self.measure not in AMOUNTS else "who"
        return f"""
    count(DISTINCT {one}) FILTER (WHERE holds) AS numerator,
    count(DISTINCT {one}) FILTER (WHERE holds IS NOT NULL) AS denominator,
    count(DISTINCT {one}) FILTER (WHERE holds IS NULL) AS unknown,
    {AMOUNTS.get(self.measure, "NULL::float8")} AS amount,
    {"count(DISTINCT who) FILTER (WHERE holds)" if self.several else "NULL::bigint"} AS holders,
    {"count(DISTINCT who) FILTER (WHERE holds IS NOT NULL)" if self.several else "NULL::bigint"} AS people,
    {"count(DISTINCT who) FILTER (WHERE holds IS NULL)" if self.several else "NULL::bigint"} AS unknown_people
"""

    @property
    def topics(self) -> tuple[str, ...]:
        services = {event.SERVICE for event in self.events}
        own = {equality_monitoring.SERVICE: equality_monitoring.TOPIC}
        return tuple(sorted(own.get(service, events_topic(service)) for service in services))

    @property
    def total_sql(self) -> str:
        return f"WITH cases AS ({self.cases}) SELECT true AS whole, {self.counts} FROM cases"  # noqa: S608 - declared above

    def crossed_sql(self, by: str, across: str) -> str:
        """Counts by two breakdowns at once: a row for each pair of codes. Raises ValueError for a breakdown that it has not."""
        return (
            f"WITH cases AS ({self.cases}) "  # noqa: S608
            f"SELECT {self._column(by)} AS code, {self._column(across)} AS across, {self.counts} FROM cases GROUP BY 1, 2"
        )

    def grouped_sql(self, by: str) -> str:
        """Counts of the whole and by group, in one pass; the group that has no code is null. Raises ValueError for a breakdown
        that it has not."""
        return (
            f"WITH cases AS ({self.cases}), told AS (SELECT *, {self._column(by)} AS code FROM cases) "  # noqa: S608
            f"SELECT grouping(code) = 1 AS whole, code, {self.counts} FROM told GROUP BY GROUPING SETS ((), (code))"
        )

    @property
    def partners_sql(self) -> str:
        return (
            f"WITH cases AS ({self.cases}) SELECT partner, max(recorded_at) AS last_heard FROM heard "  # noqa: S608
            "WHERE partner IN (SELECT partner FROM cases) GROUP BY partner ORDER BY partner"
        )

    def evidence_sql(self, by: str | None, cursor: int) -> str:
        """The events behind it, a page of them from a place in their order on; of one group, where its code is given."""
        which = f"WHERE {self._column(by)} IS NOT DISTINCT FROM ${cursor + 4}::text" if by else ""
        return (
            f"WITH cases AS ({self.cases}), behind AS (SELECT DISTINCT unnest(facts) AS fact_id FROM cases {which}) "  # noqa: S608
            'SELECT event_id, type, occurred_on, topic, partition, "offset", recorded_at '
            "FROM evidence JOIN behind USING (fact_id) "
            f'WHERE (topic, partition, "offset") > (${cursor}::text, ${cursor + 1}::int, ${cursor + 2}::bigint) '
            f'ORDER BY topic, partition, "offset" LIMIT ${cursor + 3}::int'
        )

    def _column(self, by: str) -> str:
        if by not in self.by:
            raise ValueError(f"{self.id} is not broken down by that")
        return by
