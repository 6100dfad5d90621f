"""What learning costs and saves: places that nobody used, seats that nobody paid, the work that was covered meanwhile.

Prices are the course's own, as the catalogue has them. What has none is counted as not known, and never as nothing.
"""

from typing import Final

from reporting.metrics.learning import LINKS
from reporting.metrics.metric import Measure, Metric
from schemas.learning import (
    BookingCancelled,
    CourseCompleted,
    CourseNotAttended,
    CoursePartlyCompleted,
    CoursePublished,
    LearningCompleted,
    LearningWaived,
)

PRICE = "The price is the one that the catalogue has for the course, whatever day it is asked of."
NO_PRICE = "Learners in courses that have no price: what theirs comes to is in no sum."
UP_TO = "all of these up to and on the date asked for"

PLACES_LOST: Final = Metric(
    id="places-lost",
    name="Places that were paid for and not used",
    title="is what places cost whose learners gave them up late or did not come",
    unit="pounds",
    same="the place in a cohort",
    measure=Measure.POUNDS,
    rule="What the seat costs of each place that a learner gave up less than a week before the first session, or had and came "
    "to no session.",
    window=UP_TO,
    unknowns=NO_PRICE,
    events=(BookingCancelled, CourseNotAttended, CoursePublished, *LINKS),
    assumptions=(
        PRICE,
        "A place that was given up late counts also where somebody who waited had it then: that is not known to be the same place.",
        "Another learner of the same organisation may come instead until the last day: a swap is not given up.",
    ),
    by=("organisation", "sector", "category", "how"),
    cases="""
SELECT lost.fact_id AS key, CASE WHEN seat_pence IS NOT NULL THEN true END AS holds, coalesce(root, lost.person_id) AS who,
       seat_pence AS amount, array_remove(ARRAY[lost.fact_id, course.fact_id], NULL) AS facts, organisation AS partner,
       organisation, sector, lost.category, how
FROM (
    SELECT fact_id, person_id, organisation, sector, category, course_id, occurred_on, 'given-up-late' AS how FROM given_up
    WHERE standing AND late
    UNION ALL SELECT fact_id, person_id, organisation, sector, category, course_id, occurred_on, 'did-not-come'
    FROM course_outcome WHERE standing AND outcome = 'not-attended'
) AS lost LEFT JOIN one_person USING (person_id)
    LEFT JOIN course ON course.aggregate_id = lost.course_id AND course.standing
WHERE lost.occurred_on <= $1::date
""",
)

TRAINING_SAVED: Final = Metric(
    id="training-saved",
    name="Saved by accepting training from elsewhere",
    title="was saved by training that did not have to be repeated",
    unit="pounds",
    same="the training and the host: asked again it is the same",
    measure=Measure.POUNDS,
    rule="What it would have cost to repeat the training that hosts accepted though another organisation had given it: the seat "
    "and the backfill of the cheapest course that teaches the skill, as it was on the day of the acceptance.",
    window="acceptances up to and on the date asked for",
    unknowns="People whose training no course with a price teaches: it was accepted, and what it saved is in no sum.",
    events=(LearningWaived, *LINKS),
    assumptions=("They are the acceptances of the figure “Training accepted from elsewhere”.",),
    by=("organisation", "ground", "subject"),
    cases="""
SELECT key, CASE WHEN saved_pence IS NOT NULL THEN true END AS holds, coalesce(root, person_id) AS who, saved_pence AS amount,
       ARRAY[fact_id] AS facts, host AS partner, host AS organisation, ground, subject
FROM (
    SELECT DISTINCT ON (aggregate_id, host) aggregate_id || ' ' || host AS key, * FROM portability
    WHERE standing AND outcome = 'waived' AND occurred_on <= $1::date
    ORDER BY aggregate_id, host, occurred_on DESC, fact_id DESC
) AS accepted LEFT JOIN one_person USING (person_id)
""",
)

DONE: Final = """
    SELECT fact_id, person_id, organisation, sector, category, course_id, occurred_on FROM course_outcome
    WHERE standing AND outcome = ANY($2::text[])
    UNION ALL SELECT fact_id, person_id, organisation, sector, category, course_id, occurred_on FROM enrolment
    WHERE standing AND stage = 'completed'
"""

PORTAL_SAVED: Final = Metric(
    id="portal-saved",
    name="Seats of the catalogue that partners did not pay",
    title="is what the seats cost that staff of partners had free of charge",
    unit="pounds",
    same="the completion: of a cohort by a learner, or of a course by themselves",
    measure=Measure.POUNDS,
    rule="What the seat costs of each course that somebody completed whose own organisation does not provide it.",
    window="completions up to and on the date asked for",
    unknowns=NO_PRICE,
    events=(CourseCompleted, LearningCompleted, CoursePublished, *LINKS),
    assumptions=(
        PRICE,
        "That the organisation would have paid for as much elsewhere is our assumption: the report names no sum.",
    ),
    by=("organisation", "sector", "category", "provider"),
    arguments=lambda settings: (["completed"],),
    cases=f"""
SELECT done.fact_id AS key, CASE WHEN seat_pence IS NOT NULL THEN true END AS holds, coalesce(root, done.person_id) AS who,
       seat_pence AS amount, ARRAY[done.fact_id, course.fact_id] AS facts, organisation AS partner, organisation, sector,
       done.category, provider
FROM ({DONE}) AS done LEFT JOIN one_person USING (person_id)
    JOIN course ON course.aggregate_id = done.course_id AND course.standing AND provider <> organisation
WHERE done.occurred_on <= $1::date
""",  # noqa: S608 - declared above
)

BACKFILL: Final = Metric(
    id="backfill",
    name="Backfill for those who learned",
    title="is what it cost their organisations to do without those who learned",
    unit="pounds",
    same="the place in a cohort, or the completion of a course by oneself",
    measure=Measure.POUNDS,
    rule="What the backfill costs of each course that somebody completed, or to which they came in part.",
    window="cohorts held, and courses completed, up to and on the date asked for",
    unknowns=NO_PRICE,
    events=(CourseCompleted, CoursePartlyCompleted, LearningCompleted, CoursePublished, *LINKS),
    assumptions=(PRICE, "Whoever came in part is counted like somebody who came to all of it."),
    by=("organisation", "sector", "category"),
    arguments=lambda settings: (["completed", "partly-completed"],),
    cases=f"""
SELECT done.fact_id AS key, CASE WHEN backfill_pence IS NOT NULL THEN true END AS holds, coalesce(root, done.person_id) AS who,
       backfill_pence AS amount, array_remove(ARRAY[done.fact_id, course.fact_id], NULL) AS facts, organisation AS partner,
       organisation, sector, done.category
FROM ({DONE}) AS done LEFT JOIN one_person USING (person_id)
    LEFT JOIN course ON course.aggregate_id = done.course_id AND course.standing
WHERE done.occurred_on <= $1::date
""",  # noqa: S608 - declared above
)
