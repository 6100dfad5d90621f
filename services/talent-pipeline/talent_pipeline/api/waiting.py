"""What waits for whom, and what is known of a person: values passes, engagements, candidacies, a link of their own."""

import base64
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from kit.errors import Invalid, NotFound
from kit.http import Done
from schemas.values import PartnerId, business_date
from talent_pipeline import store
from talent_pipeline.api.wire import Coordinator, Either, PathId
from talent_pipeline.handlers import Kept
from talent_pipeline.links import Links
from talent_pipeline.store import FIRST_WAITING

router = APIRouter(tags=["waiting"])
PLACE: TypeAdapter[tuple[str, date, UUID, str]] = TypeAdapter(tuple[str, date, UUID, str])


class Waiting(BaseModel):
    """Which part of what waits is asked for."""

    model_config = ConfigDict(extra="forbid")

    who: Literal["candidate", "employer", "third-party", "coordinator"] | None = None
    employer: PartnerId | None = None
    aggregate: Literal["vacancy", "engagement", "candidacy", "appointable", "fair"] | None = None
    after: Annotated[str | None, Query(max_length=300, description="the `next` of the page before")] = None
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get("/waiting", summary="What waits: why each row is there, since when, and whose move it is")
async def waiting(asked: Annotated[Waiting, Query()], call: Either) -> dict[str, Any]:
    """`groups`: how much waits for whom, all of it; `rows`: a page, grouped by who must act, the longest first."""
    async with call.reading() as tx:
        groups = await store.how_many_wait(tx)
        rows = await store.waiting(tx, asked.who, asked.employer, asked.aggregate, place_of(asked.after), asked.limit)
    last = cursor(rows[-1].key) if len(rows) == asked.limit else None
    return {"groups": groups, "rows": rows, "next": last}


def cursor(key: tuple[str, date, UUID, str]) -> str:
    """The place of a row in the list, as text."""
    return base64.urlsafe_b64encode(PLACE.dump_json(key)).decode()


def place_of(given: str | None) -> tuple[str, date, UUID, str]:
    """The place that a cursor of ours names. Raises Invalid for anything else."""
    if given is None:
        return FIRST_WAITING
    try:
        return PLACE.validate_json(base64.b64decode(given, altchars=b"-_", validate=True))
    except (ValidationError, ValueError):
        raise Invalid("must be the `next` of a page before", field="after") from None


# People ----------------------------------------------------------------------------------------------------------------


@router.get(
    "/persons/{id}/values-pass", tags=["persons"], summary="The values pass that is in date; a fail is never shown"
)
async def values_pass(
    id_: PathId, call: Either, on: Annotated[date | None, Query(description="default: today")] = None
) -> Response:
    async with call.reading() as tx:
        found = await store.pass_of(tx, id_, on or business_date(call.context.now))
    if found is None:
        raise NotFound
    return Done(found).response()


@router.get("/persons/{id}", tags=["persons"], summary="A person's engagements and candidacies")
async def person(id_: PathId, call: Coordinator) -> dict[str, Any]:
    async with call.reading() as tx:
        if not await store.is_known(tx, id_):
            raise NotFound
        engagements = await store.engagements_of(tx, id_)
        candidacies = await store.candidacies_of(tx, id_)
    return {
        "person_id": id_,
        "engagements": engagements,
        "candidacies": [Kept(row.id, row.version, row.state).body for row in candidacies],
    }


@router.post(
    "/persons/{id}/link", tags=["persons"], summary="A link to the person's own page, for 30 days", status_code=201
)
async def link(id_: PathId, request: Request, call: Coordinator) -> Response:
    """Send it to the person, and to nobody else: whoever has it is taken for them."""
    async with call.reading() as tx:
        if not await store.is_known(tx, id_):
            raise NotFound
    links: Links = request.app.state.links
    return Done({"url": links.page(id_)}, status=201).response()
