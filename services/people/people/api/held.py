"""`GET /persons/{id}/held`: what the vault holds of a person, in the form in which every service says it (kit.routes.held);
`GET /access/{id}`: who asked for it, by the id under which it waits; `POST /persons/{id}/release`: what all of them said, given to
the person."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from kit.http import Call, allow
from kit.routes.wire import Body, PathId
from people import access, own
from people.api.erasures import OFFICER
from people.domain import person
from people.handlers import People


def router_of(people: People) -> APIRouter:
    """For the data protection officer alone."""
    router, officer = APIRouter(tags=["persons"]), Depends(allow(*OFFICER))
    gathered = Body(access.Gathered)

    @router.get("/persons/{id}/held", summary="All that is held here of a person, for their request for access")
    async def held(id_: PathId, call: Call = officer) -> dict[str, Any]:
        """Under each of their ids; a look at each is kept. A link may be mistaken: what goes out is the officer's to judge."""
        async with call.reading() as tx:
            found = await own.held_under_every_id(people, tx, id_, call.context)
        records = [{"aggregate": person.AGGREGATE, "id": each.person_id, "state": own.as_data(each)} for each in found]
        return {"ids": [each.person_id for each in found], "records": records, "parts": [], "rows": []}

    @router.get("/access/{id}", summary="Who asked for all that is held of them, and by when it is to be answered")
    async def asked_for(id_: PathId, call: Call = officer) -> dict[str, Any]:
        """The id is that of the row in `GET /waiting`."""
        async with call.reading() as tx:
            person_id, standing = await access.request_at(tx, id_)
        return {
            "id": id_,
            "person_id": person_id,
            "asked_on": standing.asked_on,
            "answer_by": standing.answer_by,
            "until": standing.until,
        }

    @router.post(
        "/persons/{id}/release", summary="Give a person what was gathered of them", openapi_extra=gathered.openapi
    )
    async def release(id_: PathId, request: Request, call: Call = officer) -> dict[str, Any]:
        """Once you have read it through. They are told, and fetch it on their own page within 30 days. Twice: the last counts."""
        asked = await gathered.read(request)
        async with call.reading() as tx:
            await access.release(people, tx, id_, asked, (await request.body()).decode(), call.context)
        return {"person_id": id_, "until": call.context.now + access.LASTS}

    return router
