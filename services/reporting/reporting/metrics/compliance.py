"""Who must be trained in core skills, by requirements that are data, and how they stand."""

from typing import Final

from reporting.metrics.learning import LINKS
from reporting.metrics.metric import Measure, Metric
from schemas.learning import (
    CompetenceRecorded,
    EmploymentBegun,
    EmploymentEnded,
    LearningWaived,
    PortabilityRejected,
    RequirementDropped,
    TopUpAsked,
    TrainingRequired,
)
from schemas.talent_pipeline import CandidatePlaced, PlacementEnded, PlacementResumed

EVENTS = (
    TrainingRequired, RequirementDropped, EmploymentBegun, EmploymentEnded, CandidatePlaced, PlacementEnded, PlacementResumed,
    CompetenceRecorded, LearningWaived, TopUpAsked, PortabilityRejected, *LINKS,
)  # fmt: skip
WHO = (
    "Who works where is known of those whom their organisation has entered, and of those who started through the Talent Pipeline. "
    "Nobody else is counted."
)
SAME = "the person, the organisation and the subject: of several requirements the highest level is asked"
ELSEWHERE = "Training that another organisation gave does once this one has accepted it, as long as it said."
VERSION = "Where a version of the framework is asked for, training by another does until the day before that one is asked for."

CASES: Final = """
WITH works AS MATERIALIZED (
    SELECT * FROM at_work($1::date)
), asked AS (
    SELECT * FROM requirement AS asked
    WHERE standing AND stage = 'required' AND occurred_on <= $1::date AND NOT EXISTS (
        SELECT FROM requirement AS dropped
        WHERE dropped.standing AND dropped.aggregate_id = asked.aggregate_id AND dropped.stage = 'dropped'
          AND dropped.occurred_on <= $1::date
    )
), must AS (
    SELECT DISTINCT ON (who, works.organisation, subject) who, works.organisation, subject, met_by,
           framework, framework_from, works.since + within_days AS due_on, ARRAY[works.fact_id, asked.fact_id] AS facts
    FROM works JOIN asked ON coalesce(asked.organisation, works.organisation) = works.organisation
        AND coalesce(asked.soc2020, works.soc2020) = works.soc2020
    ORDER BY who, works.organisation, subject, level DESC, framework_from DESC NULLS LAST, works.since + within_days, asked.fact_id
), held AS (
    SELECT coalesce(root, person_id) AS who, organisation, subject, level, framework AS trained_by,
           expires_on AS counts_until, fact_id
    FROM training LEFT JOIN one_person USING (person_id) WHERE standing AND occurred_on <= $1::date
    UNION ALL SELECT coalesce(root, person_id), host, subject, required_level, framework, valid_until, fact_id
    FROM (
        SELECT DISTINCT ON (aggregate_id, host) * FROM portability WHERE standing AND occurred_on <= $1::date
        ORDER BY aggregate_id, host, occurred_on DESC, fact_id DESC
    ) AS judged LEFT JOIN one_person USING (person_id) WHERE outcome = 'waived'
), best AS (
    SELECT DISTINCT ON (must.who, must.organisation, must.subject) must.*, held.fact_id AS held_by, does.expires_on
    FROM must LEFT JOIN held ON held.who = must.who AND held.organisation = must.organisation AND held.subject = must.subject
        AND held.level = ANY(met_by)
    CROSS JOIN LATERAL (SELECT CASE
        WHEN framework <> trained_by THEN least(counts_until, framework_from - 1) ELSE counts_until
    END AS expires_on) AS does
    ORDER BY must.who, must.organisation, must.subject, expires_on DESC NULLS FIRST, held.fact_id
), stands AS (
    SELECT *, CASE
        WHEN held_by IS NULL AND due_on >= $1::date THEN 'starting' WHEN held_by IS NULL THEN 'never-trained'
        WHEN expires_on < $1::date THEN 'out-of-date' WHEN expires_on < $1::date + 60 THEN 'due' ELSE 'in-date'
    END AS standing
    FROM best
)
SELECT concat_ws(' ', who, organisation, subject) AS key, $2::bool OR standing IN ('in-date', 'due') AS holds, who,
       array_remove(facts || held_by, NULL) AS facts, organisation AS partner, organisation, subject, standing
FROM stands WHERE $2::bool OR standing <> 'starting'
"""

COMPLIANCE: Final = Metric(
    id="compliance",
    name="Core skills that are required and in date",
    title="of the training that people must have in core skills is in date",
    unit="trainings",
    same=SAME,
    measure=Measure.SHARE,
    rule="Of the subjects in which somebody must be trained for the work that they do, those in which they are, and their training "
    "has not run out on that day.",
    window="who works, what is required and what is in date on the day asked for",
    denominator="Each subject in which somebody must be trained who works for an organisation, once the time for it is over.",
    events=EVENTS,
    assumptions=(WHO, ELSEWHERE, VERSION, "What runs out within sixty days is in date until it does."),
    by=("organisation", "subject"),
    several=True,
    arguments=lambda settings: (False,),
    cases=CASES,
)
REQUIRED: Final = Metric(
    id="training-required",
    name="Training that is required in core skills",
    title="trainings in core skills must people have for the work that they do",
    unit="trainings",
    same=SAME,
    rule="Each subject in which somebody must be trained for the work that they do, and how they stand in it: in date, due (it "
    "runs out within sixty days), out of date, never trained, or starting (there is still time for the first).",
    window="who works and what is required on the day asked for",
    events=EVENTS,
    assumptions=(WHO, ELSEWHERE, VERSION),
    by=("standing", "organisation", "subject"),
    several=True,
    arguments=lambda settings: (True,),
    cases=CASES,
)
