"""Somebody is registered, changed, looked at, found. A name is in an answer only where the caller has said why they look."""

from dataclasses import dataclass, fields
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from pydantic_core import to_jsonable_python

from kit.errors import Invalid
from kit.http import Call, Page, allow, allow_to_read
from kit.routes.things import LARGEST_TURN, Listed, Taken, Things
from kit.routes.wire import Body, PathId
from people import store
from people.domain import person
from people.domain.details import Email, Kind, LookReason, Name, Phone
from people.handlers import Contacts, NewName, People, Registration
from people.store import aggregates
from schemas.values import PartnerId

COORDINATOR = ("coordinator",)
EITHER = ("coordinator", "partner")
"""A partner does it to its own people alone: the database hides the others."""


class Persons(Listed):
    """How the list is filtered."""

    status: person.Status | None = None
    organisation: PartnerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Why somebody looks."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    reason: LookReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Looking):
    """Whom somebody looks for: everything that is given has to be theirs."""

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None

    @property
    def asked(self) -> dict[Kind, str]:
        """Raises Invalid where nothing is asked for."""
        names = {each.name for each in fields(self)}
        found = {kind: text for kind in Kind if kind in names and (text := getattr(self, kind)) is not None}
        if not found:
            raise Invalid("must say a name, an e-mail address or a telephone number", field="name")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming(Looking):
    """Whose names a list wants."""

    ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]


def things_of(people: People) -> Things:
    """A person's commands. Names are in what is sent, and in nothing that is answered."""
    return Things(
        aggregates=aggregates,
        kind=person.Person,
        path="/persons",
        begun_by=Registration,
        begin=people.register,
        begin_roles=EITHER,
        steps={
            "change-name": Taken(NewName, people.change_name, EITHER),
            "change-contacts": Taken(Contacts, people.change_contacts, EITHER),
            "link": Taken(person.Link, people.link, COORDINATOR),
            "unlink": Taken(person.Unlink, people.unlink, COORDINATOR),
        },
        asked_by=Persons,
        readers=EITHER,
    )


def router_of(people: People) -> APIRouter:
    router = APIRouter(tags=["persons"])
    either, programme_reader = Depends(allow(*EITHER)), Depends(allow_to_read(*COORDINATOR))
    looking, finding = Body(Looking), Body(Finding)

    @router.post("/persons/find", summary="Find people by name or contact, saying why", openapi_extra=finding.openapi)
    async def find(request: Request, call: Call = either) -> JSONResponse:
        """By name its words in any order, without accents and capitals. In the body: an address in a URL ends in logs."""
        asked = await finding.read(request)
        async with call.reading() as tx:
            found = await people.find(tx, asked.asked, asked.reason, call.context)
        return JSONResponse(to_jsonable_python({"rows": found}))

    @router.post("/persons/{id}/look", summary="Who it is, saying why", openapi_extra=looking.openapi)
    async def look(id_: PathId, request: Request, call: Call = either) -> JSONResponse:
        asked = await looking.read(request)
        async with call.reading() as tx:
            shown = await people.look(tx, id_, asked.reason, call.context)
        return JSONResponse(to_jsonable_python(shown))

    @router.get("/persons/{id}/looks", summary="Who looked, and why, the last first")
    async def looks(
        id_: PathId,
        call: Call = programme_reader,
        before: Annotated[
            int, Query(ge=1, le=LARGEST_TURN, description="the `next` of the page before")
        ] = LARGEST_TURN,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page:
        """Under each of their ids."""
        async with call.reading() as tx:
            found = await store.looks_of(tx, await people.one_with(tx, id_), before, limit)
        return Page(rows=list(found.values()), next=str(min(found)) if len(found) == limit else None)

    @router.get("/persons/{id}/ids", summary="Every id of the person, that which stands for all first")
    async def ids(id_: PathId, call: Call = programme_reader) -> dict[str, Any]:
        async with call.reading() as tx:
            return {"ids": await people.one_with(tx, id_)}

    return router
