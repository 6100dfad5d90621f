"""How long this service keeps what is one person's, once it has ended: the schedule, as data.

The periods are those that the city's information governance group takes from the Code; a partner's own may be longer, by keeping
a record longer. What several are in (a statement of hours) is kept as it is, and names nobody who was erased.
"""

from typing import Final

from kit.retention import Kept
from mobility.domain import deployment, move, passport

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"

SCHEDULE: Final = (
    Kept(passport.AGGREGATE, "a passport", (passport.Status.CLOSED,), 72, CODE),
    Kept(
        deployment.AGGREGATE, "work for another organisation",
        (move.Status.COMPLETED, move.Status.RECALLED, move.Status.ENDED_EARLY), 72, CODE,
    ),
    Kept(deployment.AGGREGATE, "a move that never began", (move.Status.CANCELLED,), 24, CODE),
)  # fmt: skip
