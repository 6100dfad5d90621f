"""What learners said of a course: what it was worth, how sure of themselves it left them, and whether they use it at work."""

from typing import Final

from reporting.metrics.learning import LINKS
from reporting.metrics.metric import Measure, Metric
from schemas.learning import CourseEvaluated, UseReported

BY = ("category", "course", "organisation", "sector")
FEWEST_ANSWERS = "No mean is shown of the answers of fewer than eight people, to anybody."
CASES: Final = """
SELECT fact_id AS key, true AS holds, coalesce(root, person_id) AS who, asked.answer AS amount, ARRAY[fact_id] AS facts,
       organisation AS partner, organisation, sector, category, course_id::text AS course
FROM evaluation LEFT JOIN one_person USING (person_id) CROSS JOIN LATERAL (
    VALUES ('rating', rating), ('confidence-before', confidence_before), ('confidence-after', confidence_after)
) AS asked (question, answer)
WHERE standing AND occurred_on <= $1::date AND question = $2::text
"""


def mean(id: str, name: str, title: str, unit: str, rule: str) -> Metric:  # noqa: A002 - the word that every metric has
    """The mean of what learners answered to one question of the evaluation, which is called like the metric."""
    return Metric(
        id=id,
        name=name,
        title=title,
        unit=unit,
        same="the answer: each learner evaluates a cohort once",
        measure=Measure.MEAN,
        rule=rule,
        window="answers given up to and on the date asked for",
        events=(CourseEvaluated, *LINKS),
        assumptions=(FEWEST_ANSWERS, "Not everybody answers: it is the mean of those who did."),
        by=BY,
        arguments=lambda settings: (id,),
        cases=CASES,
    )


RATING: Final = mean(
    "rating",
    "What courses were worth",
    "of 5 is what learners say that a course was worth",
    "points from 1 to 5",
    "The mean of the ratings that learners gave to a cohort to which they came, from 1 for poor to 5 for very good.",
)
CONFIDENCE_BEFORE: Final = mean(
    "confidence-before",
    "Confidence before a course",
    "of 10 is how confident learners were before a course",
    "points from 1 to 10",
    "The mean of how confident learners say that they were before it, from 1 for not at all to 10 for entirely: asked after it.",
)
CONFIDENCE_AFTER: Final = mean(
    "confidence-after",
    "Confidence after a course",
    "of 10 is how confident learners were after it",
    "points from 1 to 10",
    "The mean of how confident learners say that they are after it, from 1 for not at all to 10 for entirely.",
)

USE: Final = Metric(
    id="use-after-three-months",
    name="Use after three months",
    title="of those who were asked three months later use at work what they learned",
    unit="answers",
    same="the answer: each learner is asked once about a cohort",
    measure=Measure.SHARE,
    rule="Of the answers that learners gave three months or more after the last session, those that they use it at work.",
    window="answers given up to and on the date asked for",
    denominator="Answers to the question.",
    events=(UseReported, *LINKS),
    several=True,
    assumptions=("Not everybody answers: whoever did not is in neither numerator nor denominator.",),
    by=BY,
    cases="""
SELECT fact_id AS key, used AS holds, coalesce(root, person_id) AS who, ARRAY[fact_id] AS facts, organisation AS partner,
       organisation, sector, category, course_id::text AS course
FROM use_report LEFT JOIN one_person USING (person_id) WHERE standing AND occurred_on <= $1::date
""",
)
