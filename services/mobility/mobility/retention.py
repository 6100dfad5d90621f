"""How long this service keeps what names a person, once it has ended: the schedule, as data.

The periods are those that the city's information governance group takes from the Code; a partner's own may be longer, by keeping
a record longer. What several are in (a statement of hours) goes for all of them at once; until then it names nobody who was erased.
"""

from typing import Final

from kit.retention import Kept
from mobility.domain import deployment, move, passport, statement

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"
VAT: Final = (
    "Value Added Tax Act 1994, Schedule 11, paragraph 6: the records behind what was charged are kept for six years"
)

SCHEDULE: Final = (
    Kept(passport.AGGREGATE, "a passport", (passport.Status.CLOSED,), 72, CODE),
    Kept(
        deployment.AGGREGATE, "work for another organisation",
        (move.Status.COMPLETED, move.Status.RECALLED, move.Status.ENDED_EARLY), 72, CODE,
    ),
    Kept(deployment.AGGREGATE, "a move that never began", (move.Status.CANCELLED,), 24, CODE),
    Kept(statement.AGGREGATE, "a statement of hours that was agreed", (statement.Status.AGREED,), 72, VAT),
)  # fmt: skip
