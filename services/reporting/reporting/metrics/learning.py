"""What the city's staff learned together: Q3, Q4, Q5 of the Board report, the demand for Springboard; the catalogue."""

from typing import Final

from reporting.metrics.metric import Metric, Subject
from schemas.learning import (
    BookingCancelled,
    CourseCompleted,
    CoursePublished,
    CourseRetired,
    LearnerAttended,
    LearnerBooked,
    LearnerEnrolled,
    LearnerWaitlisted,
    LearningCompleted,
    PlaceLapsed,
    PlaceTaken,
)
from schemas.people import PersonLinked, PersonUnlinked

LINKS = (PersonLinked, PersonUnlinked)
PERSON = "the person: whoever came to several sessions or cohorts counts once"
TO_DATE = "all sessions up to and on the date asked for"
PARTICIPATED = (
    "Participated is: came to at least one session. Who only booked, or waited, did not participate; who participated need not "
    "have completed."
)
WORKFORCE = "Students and volunteers learn beside the workforce and are not counted with it."
BY = ("organisation", "sector")

Q3: Final = Metric(
    id="q3",
    name="Took part in Better Conversations",
    title="staff took part in Better Conversations",
    unit="people",
    same=PERSON,
    rule="Members of the workforce who came to a session of Better Conversations.",
    window=TO_DATE,
    events=(LearnerAttended, *LINKS),
    assumptions=(PARTICIPATED, WORKFORCE),
    by=BY,
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector
FROM attendance LEFT JOIN one_person USING (person_id)
WHERE standing AND category = 'better-conversations' AND learner_kind = 'workforce' AND occurred_on <= $1::date
""",
)

Q4: Final = Metric(
    id="q4",
    name="Took part in Springboard",
    title="women took part in Springboard",
    unit="people",
    same=PERSON,
    rule="Members of the workforce who came to a session of Springboard, the programme for women.",
    window=TO_DATE,
    events=(LearnerAttended, *LINKS),
    assumptions=(
        PARTICIPATED,
        "That the programme is for them, learners say themselves when they book; it is never read from equality monitoring.",
    ),
    by=BY,
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector
FROM attendance LEFT JOIN one_person USING (person_id)
WHERE standing AND category = 'springboard' AND learner_kind = 'workforce' AND occurred_on <= $1::date
""",
)

SPRINGBOARD_DEMAND: Final = Metric(
    id="springboard-demand",
    name="Asked for a place in Springboard",
    title="women asked for a place in Springboard",
    unit="people",
    same="the person: whoever asked several times counts once",
    rule="Members of the workforce who booked a place in a cohort of Springboard, or went on its waiting list.",
    window="all bookings up to and on the date asked for",
    events=(LearnerBooked, LearnerWaitlisted, *LINKS),
    by=("organisation", "sector", "place"),
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector,
       got AS place
FROM asked_place LEFT JOIN one_person USING (person_id)
WHERE standing AND category = 'springboard' AND learner_kind = 'workforce' AND occurred_on <= $1::date
""",
)

SPRINGBOARD_WAITING: Final = Metric(
    id="springboard-waiting",
    name="Waiting for a place in Springboard",
    title="women wait for a place in Springboard",
    unit="people",
    same="the person: whoever waits for several cohorts counts once",
    rule="Members of the workforce who went on the waiting list of a cohort of Springboard, and have neither a place in it nor "
    "given up the wait.",
    window="who waited on the date asked for",
    events=(LearnerWaitlisted, PlaceTaken, PlaceLapsed, BookingCancelled, LearnerAttended, *LINKS),
    assumptions=("Who was offered a place waits until they take it, or let the offer lapse.",),
    by=BY,
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector
FROM asked_place LEFT JOIN one_person USING (person_id)
WHERE standing AND got = 'waiting' AND category = 'springboard' AND learner_kind = 'workforce' AND occurred_on <= $1::date
  AND booking_id NOT IN (
    SELECT booking_id FROM waited WHERE standing AND occurred_on <= $1::date
    UNION ALL SELECT booking_id FROM given_up WHERE standing AND occurred_on <= $1::date
    UNION ALL SELECT booking_id FROM attendance
    WHERE standing AND category = 'springboard' AND occurred_on <= $1::date
  )
""",
)

TOGETHER: Final = """
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id, beside.other] AS facts, organisation AS partner,
       organisation, sector, programme, learner_kind
FROM attendance AS came LEFT JOIN one_person USING (person_id) CROSS JOIN LATERAL (
    SELECT fact_id AS other FROM attendance AS colleague
    WHERE colleague.standing AND colleague.aggregate_id = came.aggregate_id
      AND colleague.organisation <> came.organisation AND colleague.occurred_on <= $1::date
      AND colleague.person_id <> coalesce(root, came.person_id)
      AND (colleague.person_id, coalesce(root, came.person_id)) NOT IN (SELECT person_id, root FROM one_person)
    ORDER BY organisation, fact_id LIMIT 1
) AS beside
WHERE standing AND learner_kind = ANY($2::text[])
  AND occurred_on > ($1::date - interval '18 months')::date AND occurred_on <= $1::date
"""
"""Who came to a cohort to which somebody else of another organisation came as well: learners of these kinds."""
WINDOW: Final = "sessions after the day 18 months before the date asked for, up to and on that date"
COHORT: Final = (
    "With colleagues is: in the same cohort, at any of its sessions. A cohort of one organisation only does not count."
)

Q5: Final = Metric(
    id="q5",
    name="Learned with colleagues from other organisations",
    title="members of the workforce learned with colleagues from other organisations in the last 18 months",
    unit="people",
    same=PERSON,
    rule="Members of the workforce who came, in the last 18 months, to a session of a cohort to which somebody of another "
    "organisation came as well.",
    window=WINDOW,
    events=(LearnerAttended, *LINKS),
    assumptions=(PARTICIPATED, WORKFORCE, COHORT),
    by=("sector", "programme", "organisation"),
    arguments=lambda settings: (["workforce"],),
    cases=TOGETHER,
)

BESIDE: Final = Metric(
    id="learned-beside",
    name="Learned beside the workforce",
    title="students and volunteers learned with people of other organisations in the last 18 months",
    unit="people",
    same=PERSON,
    rule="Students and volunteers who came, in the last 18 months, to a session of a cohort to which somebody of another "
    "organisation came as well.",
    window=WINDOW,
    events=(LearnerAttended, *LINKS),
    assumptions=(PARTICIPATED, WORKFORCE, COHORT),
    by=("learner_kind", "sector", "programme", "organisation"),
    arguments=lambda settings: (["student", "volunteer"],),
    cases=TOGETHER,
)

COMPLETED: Final = Metric(
    id="completed-a-course",
    name="Completed a course",
    title="people completed a course",
    unit="people",
    same="the person: several courses of one person count once",
    rule="Learners who came to every session of a cohort whose register is closed, or completed a course by themselves.",
    window="completions up to and on the date asked for",
    events=(CourseCompleted, LearningCompleted, *LINKS),
    by=("organisation", "sector", "programme"),
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector,
       programme
FROM (
    SELECT person_id, fact_id, organisation, sector, programme, occurred_on FROM course_outcome
    WHERE standing AND outcome = 'completed'
    UNION ALL SELECT person_id, fact_id, organisation, sector, programme, occurred_on FROM enrolment
    WHERE standing AND stage = 'completed'
) AS done LEFT JOIN one_person USING (person_id)
WHERE occurred_on <= $1::date
""",
)

CATALOGUE: Final = Metric(
    id="catalogue",
    name="Courses in the catalogue",
    title="courses are in the catalogue, free to the staff of every partner",
    unit="courses",
    same="the course: held many times it is one",
    rule="Courses that were published and had not been retired on that day.",
    window="the day asked for",
    events=(CoursePublished, CourseRetired),
    subject=Subject.COURSES,
    by=("category", "provider", "programme"),
    cases="""
SELECT aggregate_id AS key, true AS holds, ARRAY[fact_id] AS facts, provider AS partner, category, provider, programme
FROM course
WHERE standing AND occurred_on <= $1::date AND NOT EXISTS (
    SELECT FROM course_retired AS gone
    WHERE gone.standing AND gone.aggregate_id = course.aggregate_id AND gone.occurred_on <= $1::date
)
""",
)

AUDIENCE: Final = Metric(
    id="audience",
    name="Learners from the catalogue",
    title="people have asked for a place or enrolled in a course",
    unit="people",
    same="the person: whoever asked for several courses counts once",
    rule="Whoever booked a place in a cohort, went on its waiting list, or enrolled in a course of the catalogue.",
    window="all of these up to and on the date asked for",
    events=(LearnerBooked, LearnerWaitlisted, LearnerEnrolled, *LINKS),
    assumptions=(
        "Who was enrolled by their employer's induction is among them: they learn from the catalogue as well.",
    ),
    by=("organisation", "sector", "category"),
    cases="""
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, organisation AS partner, organisation, sector,
       category
FROM (
    SELECT person_id, fact_id, organisation, sector, category, occurred_on FROM asked_place WHERE standing
    UNION ALL SELECT person_id, fact_id, organisation, sector, category, occurred_on FROM enrolment
    WHERE standing AND stage = 'enrolled'
) AS asked LEFT JOIN one_person USING (person_id)
WHERE occurred_on <= $1::date
""",
)
