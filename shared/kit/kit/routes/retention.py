"""`GET /retention`: how long what is kept, and what is let go next; `POST /retention/{id}/keep-longer`: what is not."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter

from kit import retention
from kit.aggregates import Aggregates
from kit.database import Connection
from kit.errors import Invalid
from kit.http import Call, Done, allow
from kit.retention import NOTICE
from kit.routes.cursors import Cursors
from kit.routes.held import OFFICER
from kit.routes.wire import Body, PathId
from kit.step import end_of
from schemas.values import BusinessDate, Code, business_date

CURSORS = Cursors(TypeAdapter(tuple[datetime, UUID]), retention.BEGINNING)


class Asked(BaseModel):
    """Which part is asked for."""

    model_config = ConfigDict(extra="forbid")

    until: Annotated[date | None, Query(description="what is let go up to and on this day; default: in 90 days")] = None
    after: Annotated[str | None, Query(max_length=300, description="the `next` of the page before")] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepLonger:
    """Until which day a record is kept, and why."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    until: BusinessDate
    reason: Code


class InThePast(Invalid):
    """It is kept until a day that is still to come."""


def router_of(aggregates: Aggregates) -> APIRouter:
    """What the data protection officer sees and decides; an auditor sees it too."""
    router = APIRouter(prefix="/retention", tags=["retention"])
    officer, reader, body = Depends(allow(OFFICER)), Depends(allow(OFFICER, "auditor")), Body(KeepLonger)

    @router.get("", summary="How long what is kept, and what is let go next, the first first")
    async def shown(asked: Annotated[Asked, Query()], call: Call = reader) -> dict[str, Any]:
        until = asked.until or business_date(call.context.now) + NOTICE
        async with call.reading() as tx:
            rows = await retention.due_until(tx, _over(until), CURSORS.place(asked.after), asked.limit)
        last = rows[-1] if len(rows) == asked.limit else None
        return {
            "schedule": [asdict(line) for line in aggregates.schedule],
            "rows": rows,
            "next": None if last is None else CURSORS.of((last.due_at, last.aggregate_id)),
        }

    @router.post("/{id}/keep-longer", summary="Keep a record longer than its period", openapi_extra=body.openapi)
    async def keep_longer(id_: PathId, request: Request, call: Call = officer) -> Response:
        asked = await body.read(request)
        if asked.until <= business_date(call.context.now):
            raise InThePast(field="until")

        async def work(tx: Connection) -> Done:
            await aggregates.keep_longer(tx, id_, asked.until, asked.reason, call.context)
            return Done({"id": id_, "kept_until": asked.until, "reason": asked.reason})

        return await call.once(work)

    return router


def _over(day: date) -> datetime:
    """Raises Invalid for a day after which there is none."""
    try:
        return end_of(day)
    except OverflowError:
        raise Invalid("is too far ahead", field="until") from None
