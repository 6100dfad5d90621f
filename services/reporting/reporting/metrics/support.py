"""People whom the Talent Pipeline helped otherwise than into a role: the three counters behind Q8."""

from typing import Final

from reporting.metrics.metric import Metric
from schemas.people import PersonLinked, PersonUnlinked
from schemas.talent_pipeline import CandidateSupported, SupportKind

CASES: Final = """
SELECT coalesce(root, person_id) AS key, true AS holds, ARRAY[fact_id] AS facts, provider AS partner, destination, route
FROM support LEFT JOIN one_person USING (person_id)
WHERE standing AND occurred_on <= $1::date AND kind = $2::text
  AND destination IN ('wider-west-yorkshire', 'associated-sector')
"""


def counter(id: str, kind: SupportKind, name: str, title: str) -> Metric:  # noqa: A002 - the word that every metric has
    return Metric(
        id=id,
        name=name,
        title=title,
        unit="people",
        same="the person: support given to one person several times counts once in each destination",
        rule=f"People who were given support of the kind {kind} towards wider West Yorkshire or an associated sector.",
        window="all support up to and on the date asked for, by the day on which it was given",
        events=(CandidateSupported, PersonLinked, PersonUnlinked),
        assumptions=(
            "The report says many more and gives no number: three counters by destination are our reading.",
            "Support that led to a role in Leeds is in the figures of starts, not here.",
            "A person supported towards both destinations counts in each, and once in the whole.",
        ),
        by=("destination", "route"),
        arguments=lambda settings: (kind.value,),
        cases=CASES,
    )


Q8_TRAINING: Final = counter(
    "q8-training",
    SupportKind.TRAINING,
    "Supported to access training",
    "people supported to access training",
)
Q8_EMPLOYABILITY: Final = counter(
    "q8-employability",
    SupportKind.EMPLOYABILITY,
    "Supported to access employability programmes",
    "people supported to access employability programmes",
)
Q8_ALTERNATIVE_CAREER: Final = counter(
    "q8-alternative-career",
    SupportKind.ALTERNATIVE_CAREER,
    "Supported to access an alternative career",
    "people supported to access an alternative career",
)
