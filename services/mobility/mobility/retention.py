"""How long this service keeps what names a person, once it has ended: the schedule, as data.

The periods are those that the city's information governance group takes from the Code; a partner's own may be longer, by keeping
a record longer. What several are in (a statement of hours) goes for all of them at once; until then it names nobody who was erased.
"""

from typing import Final

from kit.retention import Kept, Line, Rows, Stays, mistakes
from mobility.domain import deployment, everywhere, move, passport, statement

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"
VAT: Final = (
    "Value Added Tax Act 1994, Schedule 11, paragraph 6: the records behind what was charged are kept for six years"
)

SCHEDULE: Final[tuple[Line, ...]] = (
    Kept(passport.AGGREGATE, "a passport", (passport.Status.CLOSED,), 72, CODE),
    Kept(everywhere.AGGREGATE, "a stop at every host that was lifted", (everywhere.Status.LIFTED,), 72, CODE),
    Kept(
        deployment.AGGREGATE, "work for another organisation",
        (move.Status.COMPLETED, move.Status.RECALLED, move.Status.ENDED_EARLY), 72, CODE,
    ),
    Kept(deployment.AGGREGATE, "a move that never began", (move.Status.CANCELLED,), 24, CODE),
    Kept(statement.AGGREGATE, "a statement of hours that was agreed", (statement.Status.AGREED,), 72, VAT),
    *mistakes(passport.AGGREGATE, everywhere.AGGREGATE, deployment.AGGREGATE, statement.AGGREGATE),
    Rows(
        table="training", record="a course that was completed, heard for passports that are opened later", since="completed_on",
        months=72, source=CODE, whose="person_id",
    ),
    Rows(
        table="judgement", record="what a host made of training, heard for passports that are opened later", since="judged_on",
        months=120, source=CODE, whose="person_id",
    ),
    Stays(table="first_day_pack", why="With its move; it goes when the move ends"),
    Stays(table="followed", why="With what followed from it here"),
)  # fmt: skip
