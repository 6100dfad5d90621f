"""`GET /waiting`: why each row is there, since when, and whose move it is."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, TypeAdapter

from kit import waiting
from kit.http import Call, allow_to_read
from kit.routes.cursors import Cursors
from kit.waiting import Key
from schemas.values import Code, PartnerId

CURSORS = Cursors(TypeAdapter(Key), waiting.FIRST)


class WaitingAsked(BaseModel):
    """Which part of what waits is asked for. A service narrows `who` and `aggregate` to its own."""

    model_config = ConfigDict(extra="forbid")

    who: str | None = None
    aggregate: str | None = None
    why: Code | None = None
    organisation: PartnerId | None = None
    after: Annotated[str | None, Query(max_length=300, description="the `next` of the page before")] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50


def router_of(asked_by: type[WaitingAsked], *roles: str) -> APIRouter:
    """For these roles and an auditor."""
    router, caller = APIRouter(tags=["waiting"]), Depends(allow_to_read(*roles))

    @router.get("/waiting", summary="What waits: why each row is there, since when, and whose move it is")
    async def listed(asked: Annotated[asked_by, Query()], call: Call = caller) -> dict[str, Any]:  # type: ignore[valid-type]
        """`groups`: how much waits for whom, all of it; `rows`: a page, grouped by who must act, the longest first."""
        given: WaitingAsked = asked
        async with call.reading() as tx:
            groups = await waiting.how_many(tx)
            rows = await waiting.listed(
                tx, given.who, given.organisation, given.aggregate, CURSORS.place(given.after), given.limit, given.why
            )
        last = CURSORS.of(rows[-1].key) if len(rows) == given.limit else None
        return {"groups": groups, "rows": rows, "next": last}

    return router
