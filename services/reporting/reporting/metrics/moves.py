"""Members of staff who went to work for another organisation, beyond the Board's table."""

from typing import Final

from reporting.metrics.metric import Metric
from schemas.mobility import StaffSeconded
from schemas.people import PersonLinked, PersonUnlinked

MOVES: Final = Metric(
    id="moves",
    name="Staff at work for another organisation",
    title="times somebody went to work for another organisation",
    unit="moves",
    same="the move: one that is extended is the same",
    rule="Moves that began: the first day of somebody at work with a host, on whatever basis.",
    window="all moves that began up to and on the date asked for",
    events=(StaffSeconded, PersonLinked, PersonUnlinked),
    several=True,
    assumptions=(
        "One person may move several times, and to several hosts side by side.",
        "A move that was put forward, agreed or authorised and did not begin does not count.",
    ),
    by=("home", "host", "basis"),
    cases="""
SELECT aggregate_id AS key, true AS holds, coalesce(root, person_id) AS who, ARRAY[fact_id] AS facts, host AS partner, home, host,
       basis
FROM move LEFT JOIN one_person USING (person_id) WHERE standing AND occurred_on <= $1::date
""",
)
