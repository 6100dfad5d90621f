"""What is known of a person: values passes, engagements, candidacies, a link of their own."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from kit import persons
from kit.errors import NotFound
from kit.http import Call, Done, allow, allow_to_read
from kit.routes.wire import PathId
from schemas.values import business_date
from talent_pipeline import store
from talent_pipeline.api.steps import COORDINATOR, EITHER
from talent_pipeline.links import Links
from talent_pipeline.store import aggregates

Coordinator = Annotated[Call, Depends(allow(*COORDINATOR))]
Reader = Annotated[Call, Depends(allow_to_read(*EITHER))]
ProgrammeReader = Annotated[Call, Depends(allow_to_read(*COORDINATOR))]


router = APIRouter(prefix="/persons/{id}", tags=["persons"])


@router.get("/values-pass", summary="The values pass that is in date; a fail is never shown")
async def values_pass(
    id_: PathId, call: Reader, on: Annotated[date | None, Query(description="default: today")] = None
) -> Response:
    async with call.reading() as tx:
        found = await store.pass_of(tx, id_, on or business_date(call.context.now))
    if found is None:
        raise NotFound
    return Done(found).response()


@router.get("", summary="A person's engagements and candidacies")
async def person(id_: PathId, call: ProgrammeReader) -> dict[str, Any]:
    async with call.reading() as tx:
        if not await persons.is_known(tx, id_):
            raise NotFound
        engagements = await store.engagements_of(tx, id_)
        candidacies = await store.candidacies_of(tx, id_)
    return {
        "person_id": id_,
        "engagements": engagements,
        "candidacies": [aggregates.kept(row).body for row in candidacies],
    }


@router.post("/link", summary="A link to the person's own page, for 30 days", status_code=201)
async def link(id_: PathId, request: Request, call: Coordinator) -> Response:
    """Send it to the person, and to nobody else: whoever has it is taken for them."""
    async with call.reading() as tx:
        if not await persons.is_known(tx, id_):
            raise NotFound
    links: Links = request.app.state.links
    return Done({"url": links.page(id_)}, status=201).response()
