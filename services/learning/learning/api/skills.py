"""Who is out of date, what acceptances saved, and a learner's transcript: who shows it, and who verifies it."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict

from kit import persons
from kit.errors import NotFound
from kit.http import Call, Page, allow, allow_to_read
from kit.routes.things import LARGEST_TURN
from kit.routes.wire import PathId
from learning import store
from learning.api.steps import COORDINATOR, EITHER
from learning.handlers import skills
from learning.store import aggregates
from schemas.learning import Subject
from schemas.values import PartnerId, business_date

Reader = Annotated[Call, Depends(allow_to_read(*EITHER))]
ProgrammeReader = Annotated[Call, Depends(allow_to_read(*COORDINATOR))]
Either = Annotated[Call, Depends(allow(*EITHER))]
Coordinator = Annotated[Call, Depends(allow(*COORDINATOR))]
Code = Annotated[str, Path(min_length=20, max_length=64, pattern="^[A-Za-z0-9_-]+$")]

router = APIRouter(tags=["core skills"])


class OutOfDate(BaseModel):
    """How it is asked who is out of date."""

    model_config = ConfigDict(extra="forbid")

    on: Annotated[date | None, Query(description="default: today")] = None
    organisation: PartnerId | None = None
    subject: Subject | None = None
    before: Annotated[int, Query(ge=1, le=LARGEST_TURN, description="the `next` of the page before")] = LARGEST_TURN
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get(
    "/out-of-date", response_model=Page, summary="Training that has run out: of a partner's own staff, or everybody's"
)
async def out_of_date(asked: Annotated[OutOfDate, Query()], call: Reader) -> Page:
    day = asked.on or business_date(call.context.now)
    async with call.reading() as tx:
        rows = await store.out_of_date(tx, day, asked.organisation, asked.subject, asked.before, asked.limit)
    shown = [aggregates.kept(row).body for row in rows]
    return Page(rows=shown, next=str(rows[-1].turn) if len(rows) == asked.limit else None)


@router.get("/savings", summary="What a host, or everybody, saved by accepting training that was given elsewhere")
async def savings(call: Reader, first: date, last: date) -> dict[str, Any]:
    async with call.reading() as tx:
        found = await store.savings(tx, first, last)
    return {"first": first, "last": last, "savings": found}


@router.get("/persons/{id}/transcript", summary="What somebody has learned")
async def transcript(id_: PathId, call: ProgrammeReader) -> dict[str, Any]:
    async with call.reading() as tx:
        if not await persons.is_known(tx, id_):
            raise NotFound
        return await skills.transcript(tx, id_, business_date(call.context.now))


@router.post("/persons/{id}/transcript/code", status_code=201, summary="A code that shows the transcript for 30 days")
async def code(id_: PathId, call: Coordinator) -> dict[str, Any]:
    """Give it to the person, and to nobody else: whoever has it, and works for a partner, sees what they have learned.

    It is said once and kept nowhere, not even as the answer to an Idempotency-Key: asked again it is another.
    """
    async with call.reading() as tx:
        shown = await skills.show(tx, id_, business_date(call.context.now))
    return {"code": shown.code, "until": shown.until, "path": f"/transcripts/{shown.code}"}


@router.get("/transcripts/{code}", summary="Verify: the transcript that its learner shows")
async def verify(code: Code, call: Either) -> dict[str, Any]:
    async with call.reading() as tx:
        return await skills.verified(tx, code, business_date(call.context.now))
