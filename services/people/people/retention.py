"""How long the vault keeps what it writes down of people: the schedule, as data.

Who somebody is, is kept for as long as any service keeps a record under their id (`resting.py`), and for a period more. What else
is written down of them has one too. `look_is_kept` of tables.sql holds that of a look a second time: no line here makes it shorter.
"""

from typing import Final

from kit.retention import Kept, Line, Rows, Stays
from people.domain import erasure, person, request
from schemas.people import Processing

CODE: Final = "NHS Records Management Code of Practice (2021, updated 2023), appendix II"
CLAIMS: Final = (
    "Limitation Act 1980, section 9: for six years somebody may claim that their data were treated against the law"
)

MESSAGES_MONTHS: Final = 24
GATHERED_DAYS: Final = 30

SCHEDULE: Final[tuple[Line, ...]] = (
    Kept(
        person.AGGREGATE, "who somebody is, of whom nobody keeps a record any more",
        (person.Status.REGISTERED, person.Status.LINKED), 12,
        "UK GDPR Article 5(1)(e): a name is kept for the sake of what is done with the person",
    ),
    Kept(erasure.AGGREGATE, "a request to be erased that was refused", (erasure.Status.REFUSED,), 72, CLAIMS),
    Kept(
        request.AGGREGATE, "a correction or an objection that was refused, or closed",
        (request.Status.REFUSED, request.Status.CLOSED), 72, CLAIMS,
    ),
    Kept(
        request.AGGREGATE, "a correction or an objection that was granted", (request.Status.GRANTED,), 72, CLAIMS,
        but={"about": Processing.BEING_COMPARED},
    ),
    Rows(
        table="message", record="a message that was sent, or did not come through", since="state_at",
        ended="state <> 'queued'", months=MESSAGES_MONTHS, source=CODE, whose="person_id", key="id",
        goes_with={"kit.waiting": "aggregate_id"},
    ),
    Rows(
        table="look", record="that somebody looked at who a person is", since="looked_at", months=72, source=CLAIMS,
        whose="person_id",
    ),
    Rows(
        table="access", record="what an officer gathered for a person, if they do not fetch it", since="released_at",
        ended="sealed IS NOT NULL", days=GATHERED_DAYS, source="UK GDPR Article 5(1)(e): it is a copy, made to be fetched",
    ),
    Stays(
        table="erasure",
        why="One that was approved is never let go: it says who was erased and who decided it, and who comes back from an older "
        "backup is erased by it again",
    ),
    Stays(table="request", why="An objection to being compared that was granted holds for as long as the person is known"),
    Stays(
        table="person",
        why="That one was erased is never let go: no backup brings them back",
    ),
    Stays(table="detail", why="With the person; gone when they are erased"),
    Stays(table="exchange", why="With the person: a reference means the same id for ever; gone when they are erased"),
    Stays(table="different", why="With the two: whom somebody told apart is not proposed again; gone when one is erased"),
    Stays(table="resting", why="With the person, who is kept for its sake; gone when they are erased"),
    Stays(table="opt_out", why="For as long as the person wants it so"),
    Stays(table="proposed", why="Until it is decided: one month"),
)  # fmt: skip
