"""What became of candidacies and starts beyond the Board's table: who stayed, and why others did not start."""

from typing import Final

from reporting.metrics.metric import Measure, Metric
from schemas.people import PersonLinked, PersonUnlinked
from schemas.talent_pipeline import (
    CandidateNotAppointed,
    CandidatePlaced,
    CandidateRedirected,
    CandidateWithdrew,
    OfferDeclined,
    OfferWithdrawn,
    PlacementSustained,
)

SUSTAINED: Final = Metric(
    id="sustained",
    name="Still in post after 13 weeks",
    title="of those who started 13 weeks ago or earlier were still in post after 13 weeks",
    unit="people",
    same="the person: by their earliest start",
    measure=Measure.SHARE,
    rule="Of the people whose earliest start lies 13 weeks back or more, those who were still in that post after 13 weeks.",
    window="starts up to and on the day 13 weeks before the date asked for",
    denominator="People whose earliest start lies 13 weeks back or more.",
    events=(CandidatePlaced, PlacementSustained, PersonLinked, PersonUnlinked),
    assumptions=(
        "Up to 28 days away from the same post are a break, not an end; they do not count towards the 13 weeks.",
    ),
    by=("employer", "role", "route"),
    cases="""
SELECT start.person_id AS key, stayed.fact_id IS NOT NULL AS holds,
       array_remove(ARRAY[start.fact_id, stayed.fact_id], NULL) AS facts,
       start.employer AS partner, start.employer, start.soc2020 AS role, start.route
FROM first_start($1::date) AS start LEFT JOIN LATERAL (
    SELECT fact_id FROM step
    WHERE step.aggregate_id = start.aggregate_id AND stage = 'sustained' AND weeks = 13 AND standing
      AND step.occurred_on <= $1::date
    ORDER BY fact_id LIMIT 1
) AS stayed ON true
WHERE start.occurred_on <= $1::date - 91
""",
)

ENDINGS: Final = Metric(
    id="endings",
    name="Candidacies that ended without a start",
    title="candidacies ended without a start",
    unit="candidacies",
    same="the candidacy",
    rule="Candidacies that ended before a start: withdrawn, declined, not appointed, offer taken back, or redirected.",
    window="all such ends up to and on the date asked for",
    events=(
        CandidateWithdrew,
        OfferDeclined,
        CandidateNotAppointed,
        OfferWithdrawn,
        CandidateRedirected,
        PersonLinked,
        PersonUnlinked,
    ),
    several=True,
    assumptions=(
        "One person may have several candidacies, and start after one of them ended.",
        "Of a redirection the reason is where to.",
    ),
    by=("ending", "reason", "employer", "route"),
    cases="""
SELECT aggregate_id AS key, true AS holds, coalesce(root, person_id) AS who, ARRAY[fact_id] AS facts, employer AS partner, employer,
       kind AS ending, reason, route
FROM ending LEFT JOIN one_person USING (person_id) WHERE standing AND kind <> 'left' AND occurred_on <= $1::date
""",
)
