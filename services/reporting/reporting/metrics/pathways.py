"""T Level placements and apprenticeships: where each stands, why some stopped, and the hours that were logged."""

from typing import Final

from reporting.metrics.learning import LINKS
from reporting.metrics.metric import Measure, Metric
from schemas.learning import (
    ApprenticeEmployerChanged,
    ApprenticeshipAgreed,
    ApprenticeshipBegun,
    ApprenticeshipCompleted,
    ApprenticeshipPaused,
    ApprenticeshipResumed,
    ApprenticeshipStopped,
    AssessmentBegun,
    AssessmentFailed,
    GatewayReached,
    OffTheJobHoursLogged,
    PathwayBegun,
    PathwayEnded,
    PlacementCompleted,
    PlacementHoursLogged,
)

PLACEMENT_STEPS = (PathwayBegun, PlacementCompleted, PathwayEnded)
STEPS = (
    ApprenticeshipAgreed, ApprenticeshipBegun, ApprenticeshipPaused, ApprenticeshipResumed, ApprenticeEmployerChanged,
    GatewayReached, AssessmentBegun, AssessmentFailed, ApprenticeshipCompleted, ApprenticeshipStopped,
)  # fmt: skip
STUDENTS = "Students are no members of the workforce, and are counted apart from it."
NO_STOP = "An apprentice who goes on with another employer has not stopped, and counts with the new one."
STANDS = "where each stood on the date asked for: the last step that has happened by then"

PLACEMENTS: Final = """
SELECT begun.aggregate_id AS key, true AS holds, coalesce(root, begun.person_id) AS who,
       ARRAY[begun.fact_id, last.fact_id] AS facts, begun.provider AS partner, begun.provider, begun.start_year::text AS start_year,
       last.stage, last.reason
FROM placement_step AS begun LEFT JOIN one_person USING (person_id) CROSS JOIN LATERAL (
    SELECT fact_id, stage, reason FROM placement_step AS step
    WHERE step.aggregate_id = begun.aggregate_id AND step.standing AND step.occurred_on <= $1::date
    ORDER BY occurred_on DESC, fact_id DESC LIMIT 1
) AS last
WHERE begun.standing AND begun.stage = 'on-placement' AND begun.occurred_on <= $1::date AND last.stage = ANY($2::text[])
"""
T_LEVELS: Final = Metric(
    id="t-levels",
    name="T Level placements",
    title="students of T Levels began a placement that employers of health and care share",
    unit="placements",
    same="the placement: a student has one at a time",
    rule="Placements of T Level students that began: those that go on, that are complete, and that were stopped before.",
    window=STANDS,
    events=(*PLACEMENT_STEPS, *LINKS),
    several=True,
    assumptions=(STUDENTS, "The hours complete the placement. The T Level itself is the college's to report."),
    by=("stage", "provider", "start_year"),
    arguments=lambda settings: (["on-placement", "completed", "stopped"],),
    cases=PLACEMENTS,
)
T_LEVELS_STOPPED: Final = Metric(
    id="t-levels-stopped",
    name="T Level placements that stopped",
    title="placements of T Levels stopped before they were complete",
    unit="placements",
    same="the placement",
    rule="Placements of T Level students that ended before their hours were done, by the reason that was given.",
    window=STANDS,
    events=(*PLACEMENT_STEPS, *LINKS),
    several=True,
    assumptions=(STUDENTS,),
    by=("reason", "provider", "start_year"),
    arguments=lambda settings: (["stopped"],),
    cases=PLACEMENTS,
)
T_LEVEL_HOURS: Final = Metric(
    id="t-level-hours",
    name="Hours of T Level placements",
    title="hours were logged of placements of T Levels",
    unit="hours",
    same="the day with an employer: one that was put right counts as it was",
    measure=Measure.SUM,
    rule="Hours that students worked on placement, and hours for which they tasted another employer's work.",
    window="days up to and on the date asked for",
    events=(PlacementHoursLogged, *LINKS),
    assumptions=(STUDENTS, "Hours of a placement that stopped count: they were given."),
    by=("employer", "provider", "hours"),
    cases="""
SELECT fact_id AS key, true AS holds, coalesce(root, person_id) AS who, hours AS amount, ARRAY[fact_id] AS facts,
       employer AS partner, employer, provider, CASE WHEN taster THEN 'taster' ELSE 'placement' END AS hours
FROM placement_hours LEFT JOIN one_person USING (person_id)
WHERE standing AND occurred_on <= $1::date
""",
)
T_LEVEL_PROGRESS: Final = Metric(
    id="t-level-progress",
    name="Hours of a placement so far",
    title="hours of a placement has each student done who is on one, on average",
    unit="hours",
    same="the placement",
    measure=Measure.MEAN,
    rule="The mean of the hours that students have logged who are on placement: not those whose placement is complete or stopped.",
    window=STANDS,
    events=(*PLACEMENT_STEPS, PlacementHoursLogged, *LINKS),
    assumptions=(
        STUDENTS,
        "How many hours a placement asks for, and how many of them may be tasters, the student's start year decides.",
        "No mean is shown of fewer than eight students, to anybody.",
    ),
    by=("provider", "start_year"),
    cases="""
SELECT begun.aggregate_id AS key, true AS holds, coalesce(root, begun.person_id) AS who, logged.hours AS amount,
       begun.fact_id || logged.facts AS facts, begun.provider AS partner, begun.provider, begun.start_year::text AS start_year
FROM placement_step AS begun LEFT JOIN one_person USING (person_id) CROSS JOIN LATERAL (
    SELECT coalesce(sum(hours), 0) AS hours, coalesce(array_agg(fact_id), '{}') AS facts FROM placement_hours AS day
    WHERE day.aggregate_id = begun.aggregate_id AND day.standing AND day.occurred_on <= $1::date
) AS logged
WHERE begun.standing AND begun.stage = 'on-placement' AND begun.occurred_on <= $1::date AND NOT EXISTS (
    SELECT FROM placement_step AS over
    WHERE over.aggregate_id = begun.aggregate_id AND over.standing AND over.stage <> 'on-placement'
      AND over.occurred_on <= $1::date
)
""",
)

APPRENTICES: Final = """
SELECT agreed.aggregate_id AS key, true AS holds, coalesce(root, agreed.person_id) AS who,
       ARRAY[agreed.fact_id, last.fact_id, held.fact_id] AS facts, held.employer AS partner, held.employer, agreed.provider,
       agreed.standard, last.stage, last.reason
FROM apprentice_step AS agreed LEFT JOIN one_person USING (person_id) CROSS JOIN LATERAL (
    SELECT fact_id, stage, reason FROM apprentice_step AS step
    WHERE step.aggregate_id = agreed.aggregate_id AND step.standing AND step.occurred_on <= $1::date AND stage IS NOT NULL
    ORDER BY occurred_on DESC, fact_id DESC LIMIT 1
) AS last CROSS JOIN LATERAL (
    SELECT fact_id, employer FROM apprentice_step AS step
    WHERE step.aggregate_id = agreed.aggregate_id AND step.standing AND step.occurred_on <= $1::date
    ORDER BY occurred_on DESC, fact_id DESC LIMIT 1
) AS held
WHERE agreed.standing AND agreed.stage = 'waiting' AND agreed.occurred_on <= $1::date AND last.stage = ANY($2::text[])
"""
ALL_STAGES: Final = ("waiting", "live", "paused", "gateway", "assessment", "completed", "stopped")
APPRENTICESHIPS: Final = Metric(
    id="apprenticeships",
    name="Apprenticeships",
    title="apprenticeships that employers share were agreed",
    unit="apprenticeships",
    same="the apprenticeship: one person may have several, one after the other",
    rule="Apprenticeships on which employer, provider and apprentice agreed: those that wait to start, that are live, on a break, "
    "at the gateway, being assessed, completed, and stopped.",
    window=STANDS,
    events=(*STEPS, *LINKS),
    several=True,
    assumptions=(NO_STOP, "Who is not through the end-point assessment is at the gateway again."),
    by=("stage", "employer", "provider", "standard"),
    arguments=lambda settings: (list(ALL_STAGES),),
    cases=APPRENTICES,
)
APPRENTICESHIPS_STOPPED: Final = Metric(
    id="apprenticeships-stopped",
    name="Apprenticeships that stopped",
    title="apprenticeships stopped before they were completed",
    unit="apprenticeships",
    same="the apprenticeship",
    rule="Apprenticeships that their apprentice will not complete, by the reason that was given.",
    window=STANDS,
    events=(*STEPS, *LINKS),
    several=True,
    assumptions=(NO_STOP,),
    by=("reason", "employer", "provider", "standard"),
    arguments=lambda settings: (["stopped"],),
    cases=APPRENTICES,
)
OFF_THE_JOB: Final = Metric(
    id="off-the-job-hours",
    name="Hours off the job",
    title="hours have apprentices learned away from the work itself",
    unit="hours",
    same="the day of an apprenticeship: one that was put right counts as it was",
    measure=Measure.SUM,
    rule="Hours off the job that were logged of apprenticeships.",
    window="days up to and on the date asked for",
    events=(OffTheJobHoursLogged, *LINKS),
    assumptions=("An employer's hours are those that were logged while the apprentice was with it.",),
    by=("employer", "provider", "standard"),
    cases="""
SELECT fact_id AS key, true AS holds, coalesce(root, person_id) AS who, hours AS amount, ARRAY[fact_id] AS facts,
       employer AS partner, employer, provider, standard
FROM off_the_job LEFT JOIN one_person USING (person_id)
WHERE standing AND occurred_on <= $1::date
""",
)
