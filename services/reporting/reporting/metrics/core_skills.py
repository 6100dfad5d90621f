"""Core skills: whose training is in date, and what nobody had to repeat."""

from typing import Final

from reporting.metrics.learning import LINKS
from reporting.metrics.metric import Measure, Metric
from schemas.learning import CompetenceRecorded, LearningWaived

IN_DATE: Final = Metric(
    id="core-skills-in-date",
    name="Core skills in date",
    title="of training in core skills is in date",
    unit="trainings",
    same="the person, the organisation and the subject: of several trainings in one subject the last to run out counts",
    rule="Training in a subject of the Core Skills Training Framework that had not run out on that day, by the refresher period "
    "that held when it was completed.",
    window="trainings that were completed up to and on the date asked for",
    events=(CompetenceRecorded, *LINKS),
    measure=Measure.SHARE,
    several=True,
    denominator="Each subject in which somebody was ever trained for an organisation.",
    assumptions=(
        "Who was never trained in a subject is not counted here, and who has left is: another figure asks who must be trained.",
    ),
    by=("organisation", "subject"),
    cases="""
SELECT concat_ws(' ', coalesce(root, person_id), organisation, subject) AS key, coalesce(expires_on >= $1::date, true) AS holds,
       coalesce(root, person_id) AS who, ARRAY[fact_id] AS facts, organisation AS partner, organisation, subject
FROM training LEFT JOIN one_person USING (person_id)
WHERE standing AND occurred_on <= $1::date
""",
)

ACCEPTED: Final = Metric(
    id="training-accepted",
    name="Training accepted from elsewhere",
    title="trainings did not have to be repeated",
    unit="trainings",
    same="the training and the host: asked again it is the same",
    rule="Training in core skills that a host accepted though another organisation had given it: waived, and not completed again.",
    window="acceptances up to and on the date asked for",
    events=(LearningWaived, *LINKS),
    several=True,
    assumptions=(
        "An acceptance that the host took back later by a rejection still counts: until then nobody repeated it.",
    ),
    by=("organisation", "ground", "subject"),
    cases="""
SELECT aggregate_id || ' ' || host AS key, true AS holds, coalesce(root, person_id) AS who, ARRAY[fact_id] AS facts,
       host AS partner, host AS organisation, ground, subject
FROM portability LEFT JOIN one_person USING (person_id) WHERE standing AND outcome = 'waived' AND occurred_on <= $1::date
""",
)
