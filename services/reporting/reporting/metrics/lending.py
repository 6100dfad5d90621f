"""What lending staff comes to, beyond the Board's table: hours, how long it takes, how much of a need is met, and what it saves."""

from typing import Final

from reporting.metrics.metric import Measure, Metric
from schemas.mobility import (
    ChecksVerified,
    HoursRecorded,
    LineSettled,
    LineWithdrawn,
    NeedFilled,
    NeedRaised,
    NeedReopened,
    NeedWithdrawn,
    StaffSeconded,
)
from schemas.people import PersonLinked, PersonUnlinked

HOURS_LENT: Final = Metric(
    id="hours-lent",
    name="Hours lent",
    title="hours worked for another organisation",
    unit="hours",
    same="the line of a statement: one move on one day",
    measure=Measure.SUM,
    rule="Hours that somebody worked for a host, as the home organisation wrote them down, or as both settled them.",
    window="days worked up to and on the date asked for",
    events=(HoursRecorded, LineSettled, LineWithdrawn, PersonLinked, PersonUnlinked),
    assumptions=(
        "From whom they are lent and to whom they are borrowed are two breakdowns of the same hours.",
        "Disputed hours count as written down until they are settled; a day on which nothing was worked after all has none.",
    ),
    by=("home", "host"),
    cases="""
SELECT worked.fact_id AS key, true AS holds, coalesce(root, worked.person_id) AS who, coalesce(last.hours, worked.hours) AS amount,
       array_remove(ARRAY[worked.fact_id, last.fact_id], NULL) AS facts, worked.home AS partner, worked.home, worked.host
FROM worked LEFT JOIN one_person USING (person_id) LEFT JOIN LATERAL (
    SELECT fact_id, hours FROM settled
    WHERE settled.aggregate_id = worked.aggregate_id AND settled.deployment_id = worked.deployment_id
      AND settled.worked_on = worked.worked_on AND standing AND settled.occurred_on <= $1::date
    ORDER BY occurred_on DESC, fact_id DESC LIMIT 1
) AS last ON true
WHERE standing AND worked.worked_on <= $1::date AND (last.hours IS NULL OR last.hours > 0)
""",
)

DAYS_TO_START: Final = Metric(
    id="days-to-start",
    name="Days from a need to the first day",
    title="days from the day on which a need was raised to the first day of somebody who was lent for it",
    unit="days",
    same="the move",
    measure=Measure.MEDIAN,
    rule="Days from the day on which an organisation raised a need to the first day there of each member of staff of a partner who "
    "came for it: the middle value.",
    window="first days up to and on the date asked for",
    events=(StaffSeconded, NeedRaised, PersonLinked, PersonUnlinked),
    assumptions=(
        "Moves without a need, by agreement of home and host, are not in it.",
        "Days are calendar days in Leeds.",
        "Who came into a place that somebody had left counts from the day of the need as well.",
    ),
    by=("home", "host", "basis"),
    cases="""
SELECT move.aggregate_id AS key, true AS holds, coalesce(root, move.person_id) AS who,
       move.occurred_on - need.occurred_on AS amount, ARRAY[move.fact_id, need.fact_id] AS facts, move.host AS partner,
       move.home, move.host, move.basis
FROM move JOIN need ON need.aggregate_id = move.need_id AND need.standing LEFT JOIN one_person USING (person_id)
WHERE move.standing AND move.occurred_on <= $1::date
""",
)

DAYS_TO_FILL: Final = Metric(
    id="days-to-fill",
    name="Days from a need to its last place",
    title="days from the day on which a need was raised to the day on which the last of its places was filled",
    unit="days",
    same="the need",
    measure=Measure.MEDIAN,
    rule="Days from the day on which an organisation raised a need to the first day on which all of its places were filled: the "
    "middle value.",
    window="needs whose places were all filled up to and on the date asked for",
    events=(StaffSeconded, NeedRaised, NeedFilled, NeedReopened, PersonLinked, PersonUnlinked),
    assumptions=(
        "Needs that were never filled wholly, or by the organisation's own staff alone, are not in it.",
        "A place that is left later does not make it longer.",
        "It is hidden where few people came last, for it says when they did.",
    ),
    by=("organisation", "reason"),
    cases="""
SELECT need.aggregate_id AS key, true AS holds, coalesce(root, last.person_id) AS who,
       wholly.filled_on - need.occurred_on AS amount, need.fact_id || wholly.facts || last.fact_id AS facts,
       need.organisation AS partner, need.organisation, need.reason
FROM need CROSS JOIN LATERAL (
    SELECT occurred_on AS filled_on, facts FROM (
        SELECT fact_id, occurred_on, array_agg(fact_id) OVER so_far AS facts,
               sum(CASE kind WHEN 'filled' THEN 1 ELSE -1 END) OVER so_far AS held
        FROM need_change
        WHERE need_change.aggregate_id = need.aggregate_id AND standing AND occurred_on <= $1::date AND kind <> 'withdrawn'
        WINDOW so_far AS (ORDER BY occurred_on, fact_id ROWS UNBOUNDED PRECEDING)
    ) AS held
    WHERE held >= need.people ORDER BY occurred_on, fact_id LIMIT 1
) AS wholly CROSS JOIN LATERAL (
    SELECT fact_id, person_id FROM move
    WHERE move.need_id = need.aggregate_id AND standing AND move.occurred_on <= wholly.filled_on
    ORDER BY move.occurred_on DESC, fact_id DESC LIMIT 1
) AS last LEFT JOIN one_person ON one_person.person_id = last.person_id
WHERE need.standing AND need.occurred_on <= $1::date
""",
)

FILL_RATE: Final = Metric(
    id="fill-rate",
    name="Places of needs that were filled",
    title="of the places for which organisations asked were filled",
    unit="places",
    same="the place of a need",
    measure=Measure.SHARE,
    rule="Of the places of all needs, those that were filled: by the organisation's own staff, or by somebody of a partner who "
    "started.",
    window="needs raised, and places filled, up to and on the date asked for",
    denominator="Places of needs that were raised and not withdrawn.",
    events=(NeedRaised, NeedFilled, NeedReopened, NeedWithdrawn),
    assumptions=(
        "A need that is still open counts with the places that are free.",
        "A place that was filled and left again was filled; who comes into it after that fills no other.",
    ),
    by=("organisation", "reason"),
    cases="""
SELECT need.aggregate_id || '/' || place AS key, place <= changed.filled AS holds, need.fact_id || changed.facts AS facts,
       need.organisation AS partner, need.organisation, need.reason
FROM need CROSS JOIN LATERAL (
    SELECT coalesce(max(held), 0) - count(*) FILTER (WHERE kind = 'reopened') AS filled,
           coalesce(bool_or(kind = 'withdrawn'), false) AS withdrawn, coalesce(array_agg(fact_id), '{}') AS facts
    FROM (
        SELECT fact_id, kind,
               sum(CASE kind WHEN 'filled' THEN 1 WHEN 'left' THEN -1 ELSE 0 END)
                   OVER (ORDER BY occurred_on, fact_id ROWS UNBOUNDED PRECEDING) AS held
        FROM need_change
        WHERE need_change.aggregate_id = need.aggregate_id AND standing AND occurred_on <= $1::date
    ) AS held
) AS changed CROSS JOIN LATERAL generate_series(1, need.people) AS place
WHERE need.standing AND need.occurred_on <= $1::date AND NOT changed.withdrawn
""",
)

CHECKS_RELIED_ON: Final = Metric(
    id="checks-relied-on",
    name="Checks that were not repeated",
    title="employment checks that a host did not have to do again",
    unit="checks",
    same="the kind of check in one move: one that was verified again is the same",
    rule="Employment checks that the home organisation had done, on which the host relied for a move that began.",
    window="moves that began up to and on the date asked for",
    events=(StaffSeconded, ChecksVerified, PersonLinked, PersonUnlinked),
    several=True,
    assumptions=("With bank and agency the engager checks by itself: nothing is saved there.",),
    by=("home", "host", "check_kind"),
    cases="""
SELECT move.aggregate_id || '/' || kind AS key, true AS holds, coalesce(root, move.person_id) AS who,
       ARRAY[move.fact_id, seen.fact_id] AS facts, move.host AS partner, move.home, move.host, kind AS check_kind
FROM move JOIN checks_seen AS seen USING (aggregate_id) LEFT JOIN one_person ON one_person.person_id = move.person_id
    CROSS JOIN LATERAL unnest(seen.kinds) AS kind
WHERE move.standing AND seen.standing AND move.occurred_on <= $1::date AND seen.occurred_on <= $1::date
  AND seen.verified_by <> move.host
""",
)
