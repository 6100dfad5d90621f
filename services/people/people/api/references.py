"""A partner's own references for our ids: one, or a thousand at once.

Asked again, the same reference has the same id: so no Idempotency-Key is taken. No answer holds a reference.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from kit.http import Call, allow
from kit.routes.wire import Body
from people.domain.details import PartnersReference
from people.handlers import People
from schemas.values import Part

INTEGRATOR = ("integrator",)


class References(Part):
    """Several, of any kind; the answer has their order."""

    references: Annotated[tuple[PartnersReference, ...], Field(min_length=1, max_length=1000)]


def router_of(people: People) -> APIRouter:
    router = APIRouter(prefix="/references", tags=["references"])
    integrator = Depends(allow(*INTEGRATOR))
    one, several = Body(PartnersReference), Body(References)

    @router.post("/exchange", summary="Our id for one of your references", openapi_extra=one.openapi)
    async def exchange(request: Request, call: Call = integrator) -> dict[str, Any]:
        """`new`: nobody had asked for it before, and somebody was registered on your behalf."""
        asked = await one.read(request)
        async with call.reading() as tx:
            ((person_id, new),) = await people.exchange(tx, [asked], call.context)
        return _answer(person_id, new)

    @router.post("/exchange-all", summary="Our ids for up to 1000 references", openapi_extra=several.openapi)
    async def exchange_all(request: Request, call: Call = integrator) -> dict[str, Any]:
        """In the order of the references; all of them or, where one cannot be read, none."""
        asked = await several.read(request)
        async with call.reading() as tx:
            found = await people.exchange(tx, asked.references, call.context)
        return {"rows": [_answer(*each) for each in found]}

    return router


def _answer(person_id: UUID, new: bool) -> dict[str, Any]:
    return {"person_id": person_id, "new": new}
