"""How people move from stage to stage: the funnel, and the time to hire. Exact, like `figures`: not yet through the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

from kit.database import Connection
from reporting import contract
from reporting.figures import Behind, Partner, behind_topics, group_labels, in_words

STAGES: Final = MappingProxyType(
    {
        "registered": "Registered interest",
        "triaged": "Triaged to a spoke",
        "supported": "Supported",
        "applied": "Applied",
        "shortlisted": "Shortlisted",
        "interviewed": "Values interview",
        "offered": "Offered",
        "cleared": "Checks cleared",
        "start-agreed": "Start date agreed",
        "started": "Started work",
        "sustained": "In post after 13 weeks",
    }
)
BY: Final = ("route", "campaign", "employer")
"""The ways in which a flow may be broken down."""

# By group and stage: who reached it, and of those who had reached the stage that it is measured from, and the first of all,
# how many did and after how many days. Takes the date, the stages in order, the stages they are measured from, the breakdown
# and who goes.
PASSAGES: Final = """
WITH reached AS (
    SELECT coalesce(CASE $4::text WHEN 'route' THEN route WHEN 'campaign' THEN campaign_id::text
                                  WHEN 'employer' THEN employer END, '') AS code,
           CASE $5::text WHEN 'person' THEN person_id ELSE candidacy_id END AS who, stage, min(occurred_on) AS day,
           min(CASE WHEN $5 = 'hire' THEN person_id::text END) AS person
    FROM stage
    WHERE occurred_on <= $1::date AND stage = ANY($2::text[]) AND ($4 IS DISTINCT FROM 'employer' OR employer IS NOT NULL)
      AND ($5 = 'person'
           OR candidacy_id IN (SELECT candidacy_id FROM stage WHERE stage = 'started' AND occurred_on <= $1::date))
    GROUP BY 1, 2, 3
)
SELECT now.code, now.stage, count(*) AS reached,
       count(before.who) AS from_before, count(*) FILTER (WHERE now.day >= before.day) AS timed_before,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY now.day - before.day) FILTER (WHERE now.day >= before.day)
           AS days_before,
       count(DISTINCT now.person) AS people,
       count(DISTINCT now.person) FILTER (WHERE before.who IS NOT NULL) AS people_before,
       count(DISTINCT now.person) FILTER (WHERE now.day >= before.day) AS people_timed_before,
       count(DISTINCT now.person) FILTER (WHERE first.who IS NOT NULL) AS people_first,
       count(DISTINCT now.person) FILTER (WHERE now.day >= first.day) AS people_timed_first,
       count(first.who) AS from_first, count(*) FILTER (WHERE now.day >= first.day) AS timed_first,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY now.day - first.day) FILTER (WHERE now.day >= first.day) AS days_first
FROM reached AS now
LEFT JOIN reached AS before ON before.code = now.code AND before.who = now.who
    AND before.stage = ($3::text[])[array_position($2::text[], now.stage)]
LEFT JOIN reached AS first ON first.code = now.code AND first.who = now.who
    AND first.stage = ($2::text[])[1] AND now.stage <> first.stage
GROUP BY 1, 2
"""


@dataclass(frozen=True)
class FlowMetric:
    """A way through stages: who goes, and how it is counted."""

    id: str
    title: str
    unit: str
    stages: Mapping[str, str | None]
    """Each stage in order, and the one that it is measured from; the first from none."""
    rule: str
    assumptions: tuple[str, ...]
    goes: Literal["person", "hire"]
    """Who goes through the stages: people, or candidacies that have ended in a start."""


FUNNEL: Final = FlowMetric(
    id="funnel",
    title="From first interest to lasting work",
    unit="people",
    stages=MappingProxyType(
        {
            "registered": None,
            "triaged": "registered",
            "supported": "registered",
            "applied": "registered",
            "interviewed": "applied",
            "offered": "interviewed",
            "cleared": "offered",
            "started": "cleared",
            "sustained": "started",
        }
    ),
    rule="People who have reached each stage, each once, up to and on the date asked for. The conversion is the share of the "
    "people of an earlier stage who have reached this one too; the days run from their first day in the one to their "
    "first day in the other.",
    assumptions=(
        "Triage and support are not steps that everybody takes: both, and the application, are measured from interest.",
        "A values interview that was passed with another employer and accepted counts as one.",
        "By employer the funnel begins with the application: interest is not registered with an employer.",
        "Days are counted for people who reached the stages in this order.",
    ),
    goes="person",
)
TIME_TO_HIRE: Final = FlowMetric(
    id="time-to-hire",
    title="Time to hire",
    unit="candidacies that ended in a start",
    stages=MappingProxyType(
        {
            "applied": None,
            "shortlisted": "applied",
            "interviewed": "shortlisted",
            "offered": "interviewed",
            "cleared": "offered",
            "start-agreed": "cleared",
            "started": "start-agreed",
        }
    ),
    rule="Candidacies in which somebody has started work up to and on the date asked for: the median of days from each stage to "
    "the next, and from the application on. The median is the middle value: half took longer.",
    assumptions=(
        "The first day of a stage counts, where it was reached more than once.",
        "Candidacies that have not ended in a start are not in it.",
        "Days are calendar days in Leeds.",
    ),
    goes="hire",
)


@dataclass(frozen=True, slots=True)
class Passage:
    """Those who went from an earlier stage to this one, and in how many days: the median, of so many that could be timed."""

    went: int
    of: int
    days: float | None
    timed: int
    people: int
    """Whose those are who went, where one person may go several times; …"""
    people_of: int
    """… and those of whom they did, …"""
    people_timed: int
    """… and those who could be timed. Where people go, each as many as they are."""


@dataclass(frozen=True, slots=True)
class StageCount:
    """A stage, how many have reached it, and how they came there; the first stage has no passage."""

    stage: str
    reached: int
    people: int
    """Whose they are."""
    before: str | None
    """The stage that it is measured from."""
    from_before: Passage | None
    from_first: Passage | None


@dataclass(frozen=True, slots=True)
class Way:
    """One group's way through the stages."""

    code: str | None
    label: str
    stages: tuple[StageCount, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    metric: FlowMetric
    as_at: date
    by: str | None
    ways: tuple[Way, ...]
    behind: Behind


async def flow(tx: Connection, metric: FlowMetric, as_at: date, by: str | None, partners: list[Partner]) -> Flow:
    """The flow as at a date, exactly. Any breakdown but those of BY is none."""
    rows = await tx.fetch(PASSAGES, as_at, list(metric.stages), list(metric.stages.values()), by, metric.goes)
    labels = await group_labels(tx, by) if by else {}
    found: dict[str, dict[str, Any]] = {} if by else {"": {}}
    for row in rows:
        found.setdefault(row["code"], {})[row["stage"]] = row
    ways = tuple(
        Way(code or None, (labels.get(code) or in_words(code or None)) if by else "All", _stages(metric, found[code]))
        for code in sorted(found, key=lambda code: (not code, code))
    )
    return Flow(metric, as_at, by, ways, await behind_topics(tx, [contract.TALENT_PIPELINE, contract.PEOPLE], partners))


def _stages(metric: FlowMetric, rows: Mapping[str, Any]) -> tuple[StageCount, ...]:
    persons = metric.goes == "person"
    reached = {stage: _reached(rows.get(stage), persons) for stage in metric.stages}
    first = reached[next(iter(metric.stages))]
    return tuple(
        StageCount(
            stage,
            *reached[stage],
            before,
            _passage(rows.get(stage), "before", reached[before], persons) if before else None,
            _passage(rows.get(stage), "first", first, persons) if before else None,
        )
        for stage, before in metric.stages.items()
    )


def _reached(row: Any, persons: bool) -> tuple[int, int]:
    """How many, and whose they are."""
    return (0, 0) if row is None else (row["reached"], row["reached" if persons else "people"])


def _passage(row: Any, since: str, of: tuple[int, int], persons: bool) -> Passage:
    if row is None:
        return Passage(0, of[0], None, 0, 0, of[1], 0)
    went, timed = row[f"from_{since}"], row[f"timed_{since}"]
    people, people_timed = (went, timed) if persons else (row[f"people_{since}"], row[f"people_timed_{since}"])
    return Passage(went, of[0], row[f"days_{since}"], timed, people, of[1], people_timed)
