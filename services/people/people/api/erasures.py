"""Requests to be erased: a coordinator enters what a person asked, a data protection officer decides."""

from uuid import UUID

from kit.routes.things import Listed, Taken, Things, own
from people.api.persons import COORDINATOR
from people.domain import erasure
from people.handlers import People
from people.store import aggregates

OFFICER = ("data-protection-officer",)
ASKS = (*COORDINATOR, *OFFICER)


class Erasures(Listed):
    """How the list is filtered."""

    status: erasure.Status | None = None
    person_id: UUID | None = None
    overdue: bool | None = None


def things_of(people: People) -> Things:
    return Things(
        aggregates=aggregates,
        kind=erasure.Erasure,
        path="/erasures",
        begun_by=erasure.Request,
        begin=people.request_erasure,
        begin_roles=ASKS,
        steps=own(aggregates, erasure.Erasure, OFFICER, erasure.Hold, erasure.Release)
        | {
            "refuse": Taken(erasure.Refuse, people.refuse_erasure, OFFICER),
            "approve": Taken(erasure.Approve, people.approve_erasure, OFFICER),
        },
        asked_by=Erasures,
        readers=ASKS,
    )
