"""`GET /retention`: how long what is kept, and what is let go next; `POST /retention/{id}/keep-longer`: what is not.

What is kept longer is a record by its id, or all that has a period and is a person's by theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter

from kit import retention
from kit.context import Context
from kit.database import Connection
from kit.errors import Invalid
from kit.http import Call, Done, allow, allow_to_read
from kit.letting_go import PLUMBING, STAYS
from kit.retention import NOTICE, Kept, Line, Rows, Stays
from kit.routes.cursors import Cursors
from kit.routes.held import OFFICER
from kit.routes.wire import Body, PathId
from kit.step import end_of
from schemas.values import BusinessDate, Code, business_date

CURSORS = Cursors(TypeAdapter(retention.Place), retention.BEGINNING)


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


class Keeps(Protocol):
    """What a service keeps, and for how long."""

    @property
    def schedule(self) -> Sequence[Line]: ...

    async def keep_longer(self, tx: Connection, id_: UUID, until: date, reason: str, context: Context) -> None:
        """Keep it until a day. Raises NotFound for what has no period that runs."""


def router_of(keeps: Keeps) -> APIRouter:
    """What the data protection officer sees and decides; an auditor sees it too."""
    router = APIRouter(prefix="/retention", tags=["retention"])
    officer, reader, body = Depends(allow(OFFICER)), Depends(allow_to_read(OFFICER)), Body(KeepLonger)

    @router.get("", summary="How long what is kept, and what is let go next, the first first")
    async def shown(asked: Annotated[Asked, Query()], call: Call = reader) -> dict[str, Any]:
        until = asked.until or business_date(call.context.now) + NOTICE
        async with call.reading() as tx:
            place, moment = CURSORS.place(asked.after), _over(until)
            rows = await retention.due_until(tx, keeps.schedule, moment, place, asked.limit, call.context.now)
        last = rows[-1] if len(rows) == asked.limit else None
        return {
            "schedule": [_told(line) for line in (*keeps.schedule, *PLUMBING, *STAYS)],
            "rows": rows,
            "next": None if last is None else CURSORS.of((last.due_at, last.aggregate_id, last.record or "")),
        }

    @router.post("/{id}/keep-longer", summary="Keep a record longer than its period", openapi_extra=body.openapi)
    async def keep_longer(id_: PathId, request: Request, call: Call = officer) -> Response:
        asked = await body.read(request)
        if asked.until <= business_date(call.context.now):
            raise InThePast(field="until")

        async def work(tx: Connection) -> Done:
            await keeps.keep_longer(tx, id_, asked.until, asked.reason, call.context)
            return Done({"id": id_, "kept_until": asked.until, "reason": asked.reason})

        return await call.once(work)

    return router


def _told(line: Line) -> dict[str, Any]:
    """A line of the schedule for whoever reads it: how it is carried out is ours."""
    match line:
        case Kept():
            return {name: getattr(line, name) for name in ("record", "aggregate", "ends", "but", "months", "source")}
        case Rows():
            return {name: getattr(line, name) for name in ("record", "table", "since", "months", "days", "source")}
        case Stays():
            return {"table": line.table, "why": line.why}


def _over(day: date) -> datetime:
    """Raises Invalid for a day after which there is none."""
    try:
        return end_of(day)
    except OverflowError:
        raise Invalid("is too far ahead", field="until") from None
