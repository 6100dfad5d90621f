"""Requests to be erased: a coordinator enters what a person asked, a data protection officer decides; and what waits for whom."""

from typing import Literal
from uuid import UUID

from kit.routes import waiting
from kit.routes.things import Listed, Taken, Things, own
from kit.routes.waiting import WaitingAsked
from people.api.persons import COORDINATOR, EITHER
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


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["data-protection-officer", "coordinator", "partner"] | None = None
    aggregate: Literal["erasure", "request", "message", "access"] | None = None


waits = waiting.router_of(Waiting, *EITHER, *OFFICER)


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
