"""Who is in force, and what waits for whom."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from kit.http import Call, allow
from kit.routes import waiting
from kit.routes.waiting import WaitingAsked
from kit.routes.wire import PathId
from mobility import handlers
from mobility.api.steps import EITHER
from schemas.values import business_date

Either = Annotated[Call, Depends(allow(*EITHER))]


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["organisation", "coordinator"] | None = None
    aggregate: Literal["signature"] | None = None


waits = waiting.router_of(Waiting, *EITHER)
router = APIRouter(prefix="/frameworks/{id}", tags=["frameworks"])


@router.get("/in-force", summary="The organisations that are in force on a day: any of them may lend to any other")
async def in_force(
    id_: PathId, call: Either, on: Annotated[date | None, Query(description="default: today")] = None
) -> dict[str, Any]:
    day = on or business_date(call.context.now)
    async with call.reading() as tx:
        found = await handlers.in_force(tx, id_, day)
    fields = {"organisation", "sector", "statutory", "version"}
    return {
        "on": day,
        "organisations": [row.standing.model_dump(mode="json", include=fields) for row in found],
    }
