"""What a partner's people see and book for their own organisation: open cohorts, places left, their learners' bookings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from kit.database import EVERYONE, Connection
from kit.errors import Invalid
from kit.http import Call, Done, Page, allow, allow_to_read
from kit.routes.things import Taken
from kit.routes.wire import Body, PathId
from learning import store
from learning.api.steps import BOOK, EITHER, OF_BOOKING
from learning.domain import booking
from learning.handlers import cohorts
from schemas.values import PartnerId, business_date

Reader = Annotated[Call, Depends(allow_to_read(*EITHER))]
Either = Annotated[Call, Depends(allow(*EITHER))]
NOBODY = UUID(int=0)

router = APIRouter(tags=["places"])


class Bookings(BaseModel):
    """How bookings are asked for."""

    model_config = ConfigDict(extra="forbid")

    person_id: UUID | None = None
    cohort_id: UUID | None = None
    organisation: PartnerId | None = None
    status: booking.Status | None = None
    after: Annotated[UUID, Query(description="the `next` of the page before")] = NOBODY
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get("/bookings", response_model=Page, summary="Bookings: of a partner's own learners, or of everybody's")
async def bookings(asked: Annotated[Bookings, Query()], call: Reader) -> Page:
    async with call.reading() as tx:
        rows = await store.bookings(
            tx, person_id=asked.person_id, cohort_id=asked.cohort_id, organisation=asked.organisation,
            status=asked.status, after=asked.after, limit=asked.limit,
        )  # fmt: skip
    return Page(rows=rows, next=str(rows[-1].id) if len(rows) == asked.limit else None)


class Open(BaseModel):
    """How open cohorts are asked for."""

    model_config = ConfigDict(extra="forbid")

    organisation: Annotated[PartnerId | None, Query(description="for whom places are counted; default your own")] = None
    after: Annotated[UUID, Query(description="the `next` of the page before")] = NOBODY
    limit: Annotated[int, Query(ge=1, le=200)] = 50


@router.get(
    "/places",
    response_model=Page,
    summary="Cohorts to come, and how many places are left in each for an organisation",
)
async def places(asked: Annotated[Open, Query()], call: Reader) -> Page:
    organisation = _whose(call, asked.organisation)
    async with call.reading() as tx:
        rows = await store.open_cohorts(tx, business_date(call.context.now), asked.after, asked.limit)
    shown = [
        {
            "cohort_id": row.id,
            "title": row.standing.title,
            "category": row.standing.category,
            "programme": row.standing.programme,
            "sessions": row.standing.sessions,
            "eligibility": row.standing.eligibility,
            "left": max(0, row.standing.left(organisation)),
        }
        for row in rows
    ]
    return Page(rows=shown, next=str(rows[-1].id) if len(rows) == asked.limit else None)


def _whose(call: Call, asked: str | None) -> str:
    """The organisation for which places are counted. Raises Invalid where a coordinator names none, or a partner another."""
    own = call.principal.organisation
    organisation = asked if own == EVERYONE else asked or own
    if organisation is None or own not in (EVERYONE, organisation):
        raise Invalid("must name an organisation, and a partner its own", field="organisation")
    return organisation


# Booking ---------------------------------------------------------------------------------------------------------------


def _booking_route(taken: Taken) -> Any:
    """A command about places, answered with the bookings that it names."""
    body = Body(taken.kind)

    async def act(id_: PathId, request: Request, call: Either) -> Response:
        command = await body.read(request)

        async def work(tx: Connection) -> Done:
            kept = await taken.does(tx, id_, command, call.context, call.if_match)
            found = await store.bookings_named(tx, id_, *_named(command))
            return Done({"cohort_id": id_, "bookings": found}, kept.version)

        return await call.once(work)

    return act


def _named(command: Any) -> tuple[list[UUID], list[UUID]]:
    """The bookings, and the people, that a command names."""
    match command:
        case cohorts.Team(learners=learners):
            return [], [learner.person_id for learner in learners]
        case cohorts.Swapping(booking_id=id_, learner=learner):
            return [id_], [learner.person_id]
        case _:
            return [command.booking_id], []


router.add_api_route(
    "/cohorts/{id}/bookings", _booking_route(BOOK), methods=["POST"], openapi_extra=Body(BOOK.kind).openapi,
    summary="Book places for a team; who finds none waits", operation_id="book-places",
)  # fmt: skip
for name, taken in OF_BOOKING.items():
    router.add_api_route(
        f"/cohorts/{{id}}/bookings/{name}", _booking_route(taken), methods=["POST"], openapi_extra=Body(taken.kind).openapi,
        summary=f"{name.replace('-', ' ').capitalize()}: of one's own learners", operation_id=f"{name}-places",
    )  # fmt: skip
