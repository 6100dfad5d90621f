"""How long this service keeps what names a person, once it has ended: the schedule, as data.

The periods are those that the city's information governance group takes from the Code; a partner's own may be longer, by keeping
a record longer. What several are in (a cohort) goes for all of them at once; until then it names nobody who was erased. Training
that nobody renewed has no end of its own: its period runs from when it is needed no more (`skills.needed_until`).
"""

from typing import Final

from kit.retention import Kept, Line, Rows, Stays, mistakes
from learning.domain import apprenticeship, cohort, competence, employment, enrolment, pathway

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"

SCHEDULE: Final[tuple[Line, ...]] = (
    Kept(cohort.AGGREGATE, "a cohort that was held, and everybody's place in it", (cohort.Status.HELD,), 72, CODE),
    Kept(cohort.AGGREGATE, "a cohort that was cancelled, and everybody's place in it", (cohort.Status.CANCELLED,), 24, CODE),
    Kept(enrolment.AGGREGATE, "a course that was completed", (enrolment.Status.COMPLETED,), 72, CODE),
    Kept(enrolment.AGGREGATE, "an enrolment that came to nothing", (enrolment.Status.ENDED,), 24, CODE),
    Kept(competence.AGGREGATE, "core skills training that was renewed", (competence.Status.RENEWED,), 120, CODE),
    Kept(
        competence.AGGREGATE, "core skills training that nobody renewed",
        (competence.Status.CURRENT, competence.Status.EXPIRING), 120, CODE,
    ),
    Kept(employment.AGGREGATE, "work for an organisation", (employment.Status.LEFT,), 72, CODE),
    Kept(pathway.AGGREGATE, "a T Level placement", (pathway.Status.COMPLETED, pathway.Status.ENDED), 72, CODE),
    Kept(
        apprenticeship.AGGREGATE, "an apprenticeship",
        (apprenticeship.Status.COMPLETED, apprenticeship.Status.STOPPED), 72, CODE,
    ),
    *mistakes(
        cohort.AGGREGATE, enrolment.AGGREGATE, competence.AGGREGATE, employment.AGGREGATE, pathway.AGGREGATE,
        apprenticeship.AGGREGATE,
    ),
    Rows(
        table="transcript_code", record="a code that shows a transcript no more", since="until", days=1,
        source="UK GDPR Article 5(1)(e): it opens nothing any more",
    ),
    Stays(table="booking", why="With its cohort, from which it is drawn"),
    Stays(table="starter", why="With the application, or the move, that began the work: until its service has let go of that"),
    Stays(table="followed", why="With what followed from it here"),
)  # fmt: skip
