"""What people ask beside being erased: a coordinator enters an objection, the person both; a data protection officer decides."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends

from kit.http import Call, allow
from kit.routes.things import Listed, Taken, Things
from kit.routes.wire import PathId
from people.api.erasures import ASKS, OFFICER
from people.domain import request
from people.handlers import People
from people.store import aggregates
from schemas.people import Processing, Right


class Requests(Listed):
    """How the list is filtered."""

    status: request.Status | None = None
    person_id: UUID | None = None
    right: Right | None = None
    about: Processing | None = None
    overdue: bool | None = None


def things_of(people: People) -> Things:
    return Things(
        aggregates=aggregates,
        kind=request.Request,
        path="/requests",
        begun_by=request.Object,
        begin=people.object,
        begin_roles=ASKS,
        steps={
            "grant": Taken(request.Grant, people.grant, OFFICER),
            "refuse": Taken(request.Refuse, people.refuse, OFFICER),
        },
        asked_by=Requests,
        readers=ASKS,
    )


def router_of(people: People) -> APIRouter:
    router, officer = APIRouter(prefix="/requests", tags=["requests"]), Depends(allow(*OFFICER))

    @router.post("/{id}/look", summary="What is held, and what is to stand in its place")
    async def look(id_: PathId, call: Call = officer) -> dict[str, Any]:
        """For who decides, and nobody else; kept as a look."""
        async with call.reading() as tx:
            person_id, held, asked = await people.proposed(tx, id_, call.context)
        return {"person_id": person_id, "held": held, "asked": asked}

    return router
