"""How long this service keeps what is one person's, once it has ended: the schedule, as data.

The periods are those that the city's information governance group takes from the Code; a partner's own may be longer, by keeping
a record longer. What several are in (a vacancy, a campaign, a fair) is kept as it is, and names nobody who was erased.
"""

from typing import Final

from kit.retention import Kept, Line, Stays, mistakes
from talent_pipeline.domain import appointable, candidacy, engagement

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"

TRIBUNAL: Final = "Equality Act 2010, section 123: a claim, and time to answer it"

SCHEDULE: Final[tuple[Line, ...]] = (
    Kept(
        candidacy.AGGREGATE, "an application that did not lead to a start",
        (
            candidacy.Status.WITHDRAWN, candidacy.Status.OFFER_DECLINED, candidacy.Status.NOT_APPOINTED,
            candidacy.Status.OFFER_WITHDRAWN, candidacy.Status.REDIRECTED,
        ),
        12, TRIBUNAL,
    ),
    Kept(candidacy.AGGREGATE, "a placement that ended", (candidacy.Status.LEFT,), 72, CODE),
    Kept(engagement.AGGREGATE, "the programme's work with a person", (engagement.Status.CLOSED,), 72, CODE),
    Kept(
        appointable.AGGREGATE, "a membership of the pool",
        (appointable.Status.PLACED, appointable.Status.LEFT, appointable.Status.EXPIRED), 12, TRIBUNAL,
    ),
    *mistakes(candidacy.AGGREGATE, engagement.AGGREGATE, appointable.AGGREGATE),
    Stays(table="values_pass", why="With the application in which it was passed; out of date, no employer is shown it"),
)  # fmt: skip
