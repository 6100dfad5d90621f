"""People who started work: Q6, Q7, Q9, Q10, Q11 of the Board report."""

from typing import Final

from reporting.metrics.metric import Measure, Metric
from schemas.equality_monitoring import MonitoringChanged, MonitoringDeclared, MonitoringWithdrawn
from schemas.people import PersonLinked, PersonUnlinked
from schemas.talent_pipeline import CandidatePlaced, InterestRegistered

ONE_ROUTE = (
    "Each person has one primary route: that of their earliest start. The report calls the 120 additional to the 130 and "
    "does not say that the two have nobody in common; that they have not is our assumption."
)
STARTED = "A person counts on the day they start work. An offer, a clearance or an agreed date is not a start."
SUCCESSFUL = "The report says successful candidates: read as people who started work."
PERSON = "the person: several starts of one person count once, also under ids that were linked since"
TO_DATE = "all starts up to and on the date asked for, by the day on which they happened"
BY = ("employer", "role", "campaign", "ward")

Q6: Final = Metric(
    id="q6",
    name="Started work through the Talent Pipeline",
    title="people started work through the Talent Pipeline",
    unit="people",
    same=PERSON,
    rule="People whose earliest start in a health or care role came by the Talent Pipeline.",
    window=TO_DATE,
    events=(CandidatePlaced, PersonLinked, PersonUnlinked),
    assumptions=(STARTED, ONE_ROUTE),
    by=("employer", "role", "ward"),
    cases="""
SELECT person_id AS key, true AS holds, ARRAY[fact_id] AS facts, employer AS partner, employer, soc2020 AS role, ward
FROM first_start($1::date) WHERE route = 'talent-pipeline'
""",
)

Q7: Final = Metric(
    id="q7",
    name="New to the Leeds health and care system",
    title="of them were new to the Leeds health and care system",
    unit="people",
    same=PERSON,
    measure=Measure.SHARE,
    rule="Of the people of Q6, those of whom it was recorded at the start that they are new to the system.",
    window=TO_DATE,
    denominator="People of Q6 of whom it is known whether they are new to the system.",
    unknowns="People of Q6 of whom it was recorded as unknown: in neither numerator nor denominator.",
    events=(CandidatePlaced, PersonLinked, PersonUnlinked),
    assumptions=(STARTED, ONE_ROUTE),
    by=("employer", "role", "ward"),
    cases="""
SELECT person_id AS key, CASE new_to_system WHEN 'yes' THEN true WHEN 'no' THEN false END AS holds,
       ARRAY[fact_id] AS facts, employer AS partner, employer, soc2020 AS role, ward
FROM first_start($1::date) WHERE route = 'talent-pipeline'
""",
)

Q9: Final = Metric(
    id="q9",
    name="Started work through Connecting Communities",
    title="people started work through Connecting Communities campaigns",
    unit="people",
    same=PERSON,
    rule="People whose earliest start in a health or care role came by a Connecting Communities campaign.",
    window=TO_DATE,
    events=(CandidatePlaced, PersonLinked, PersonUnlinked),
    assumptions=(STARTED, ONE_ROUTE),
    by=BY,
    cases="""
SELECT person_id AS key, true AS holds, ARRAY[fact_id] AS facts,
       employer AS partner, employer, soc2020 AS role, campaign_id::text AS campaign, ward
FROM first_start($1::date) WHERE route = 'connecting-communities'
""",
)

Q10: Final = Metric(
    id="q10",
    name="Unemployed when the programme first met them",
    title="of them were unemployed when the programme first met them",
    unit="people",
    same=PERSON,
    measure=Measure.SHARE,
    rule="Of the people of Q9, those whose employment status at first engagement was unemployed.",
    window=TO_DATE,
    denominator="People of Q9 whose employment status at first engagement is known.",
    unknowns="People of Q9 whose employment status was recorded as not known: in neither numerator nor denominator.",
    events=(CandidatePlaced, InterestRegistered, PersonLinked, PersonUnlinked),
    assumptions=(
        STARTED,
        ONE_ROUTE,
        SUCCESSFUL,
        "Unemployed is looking for work; inactive is another status and is not counted with it.",
        "The status is that of the engagement which led to the start; where none stands, the one recorded with the start.",
    ),
    by=BY,
    cases="""
SELECT start.person_id AS key, nullif(coalesce(met.employment_status, start.employment_status), 'not-known') = 'unemployed'
           AS holds,
       array_remove(ARRAY[start.fact_id, met.fact_id], NULL) AS facts,
       employer AS partner, employer, soc2020 AS role, campaign_id::text AS campaign, ward
FROM first_start($1::date) AS start LEFT JOIN LATERAL (
    SELECT fact_id, employment_status FROM interest
    WHERE interest.aggregate_id = start.engagement_id AND standing ORDER BY occurred_on, fact_id LIMIT 1
) AS met ON true
WHERE route = 'connecting-communities'
""",
)

Q11: Final = Metric(
    id="q11",
    name="Black or Black African",
    title="of them were Black or Black African",
    unit="people",
    same=PERSON,
    measure=Measure.SHARE,
    rule="Of the people of Q9, those whose ethnic category is in the group Black or Black African: {group}.",
    window=TO_DATE,
    denominator="People of Q9 who declared an ethnic category.",
    unknowns="People of Q9 who declared none, declined to say, were not asked, or withdrew: in neither numerator nor "
    "denominator.",
    events=(
        CandidatePlaced,
        MonitoringDeclared,
        MonitoringChanged,
        MonitoringWithdrawn,
        PersonLinked,
        PersonUnlinked,
    ),
    assumptions=(
        STARTED,
        ONE_ROUTE,
        SUCCESSFUL,
        "The report does not define the group; which categories are in it is configuration, and they are named in the rule.",
        "A category counts as it was last declared, whatever the date asked for: earlier declarations are not kept.",
    ),
    by=("employer", "role", "campaign"),
    arguments=lambda settings: (list(settings.black_or_black_african),),
    cases="""
SELECT start.person_id AS key, nullif(nullif(said.ethnic_category, 'Z'), '99') = ANY($2::text[]) AS holds,
       array_remove(ARRAY[start.fact_id, said.event_id], NULL) AS facts,
       employer AS partner, employer, soc2020 AS role, campaign_id::text AS campaign
FROM first_start($1::date) AS start LEFT JOIN one_person USING (person_id)
    LEFT JOIN last_declared AS said ON said.person_id = coalesce(root, start.person_id)
WHERE route = 'connecting-communities'
""",
)
