"""What is: lists with filters and cursors, one record, its whole history, and the correction of any fact of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from kit import outbox
from kit.database import Connection
from kit.errors import NotFound
from kit.http import Call, Done, Page, allow
from kit.outbox import Said
from schemas.corrections import standing
from schemas.talent_pipeline import RedirectedTo, Route, Source
from schemas.values import Code, Part, PartnerId, Soc2020
from talent_pipeline import handlers, store
from talent_pipeline.api.steps import ALL, EITHER, Things
from talent_pipeline.api.wire import Body, Coordinator, PathId, done
from talent_pipeline.domain import appointable, campaign, candidacy, engagement, fair, vacancy
from talent_pipeline.domain.correction import Correct, Correction, Restore, Void
from talent_pipeline.handlers import Kept

LARGEST_TURN = 2**63 - 1


class Listed(BaseModel):
    """How a list is asked for: what the rows have to have, and where to go on."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[int, Query(ge=1, le=LARGEST_TURN, description="the `next` of the page before")] = LARGEST_TURN
    limit: Annotated[int, Query(ge=1, le=200)] = 50

    @property
    def having(self) -> Mapping[str, Any]:
        return self.model_dump(mode="json", exclude_none=True, exclude={"before", "limit"})


class Campaigns(Listed):
    status: campaign.Status | None = None


class Fairs(Listed):
    status: fair.Status | None = None
    campaign_id: UUID | None = None


class Vacancies(Listed):
    status: vacancy.Status | None = None
    employer: PartnerId | None = None
    shared: bool | None = None


class Engagements(Listed):
    status: engagement.Status | None = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    fair_id: UUID | None = None
    source: Source | None = None
    route: Route | None = None
    spoke: Code | None = None


class Candidacies(Listed):
    status: candidacy.Status | None = None
    person_id: UUID | None = None
    vacancy_id: UUID | None = None
    engagement_id: UUID | None = None
    employer: PartnerId | None = None
    campaign_id: UUID | None = None
    route: Route | None = None
    soc2020: Soc2020 | None = None
    redirected_to: RedirectedTo | None = None


class Appointables(Listed):
    status: appointable.Status | None = None
    person_id: UUID | None = None
    soc2020: Soc2020 | None = None


async def listed(call: Call, kind: type[Part], asked: Listed) -> Page:
    """One page, the newest first."""
    async with call.reading() as tx:
        rows = await store.listed(tx, kind, asked.having, asked.before, asked.limit)
    last = str(rows[-1].turn) if len(rows) == asked.limit else None
    return Page(rows=[Kept(row.id, row.version, row.state).body for row in rows], next=last)


def router_of(things: Things, asked_by: type[Listed]) -> APIRouter:
    """`GET /vacancies`, `GET /vacancies/{id}`, its history, and corrections."""
    router = APIRouter(prefix=things.path, tags=[things.path.strip("/")])
    router.add_api_route("", _list_of(things, asked_by), methods=["GET"], response_model=Page, summary="A page of them")
    router.add_api_route("/{id}", _one_of(things), methods=["GET"], summary="One as it stands, with its ETag")
    router.add_api_route("/{id}/history", _history_of(things), methods=["GET"], summary="All that was said of it")
    for name, kind in (("void", Reason), ("restore", Reason), ("correct", Replacement)):
        router.add_api_route(
            f"/{{id}}/facts/{{fact_id}}/{name}", _correction_of(things, name, kind), methods=["POST"],
            summary=f"{name.capitalize()} a fact of it", openapi_extra=Body(kind).openapi,
        )  # fmt: skip
    return router


def _list_of(things: Things, asked_by: type[Listed]) -> Any:
    caller = Depends(allow(*_readers(things)))

    async def page(asked: Annotated[asked_by, Query()], call: Call = caller) -> Page:  # type: ignore[valid-type]
        return await listed(call, things.kind, asked)

    return page


def _one_of(things: Things) -> Any:
    caller = Depends(allow(*_readers(things)))

    async def one(id_: PathId, call: Call = caller) -> Response:
        async with call.reading() as tx:
            return done(await _kept(tx, things.kind, id_)).response()

    return one


def _history_of(things: Things) -> Any:
    caller = Depends(allow(*_readers(things)))

    async def history(id_: PathId, call: Call = caller) -> Response:
        async with call.reading() as tx:
            kept = await _kept(tx, things.kind, id_)
            lines = await outbox.history(tx, id_)
        stands = dict(standing([(line.event_id, line.fact) for line in lines]))
        return Done({"id": id_, "lines": [_line(line, stands) for line in lines]}, kept.version).response()

    return history


async def _kept(tx: Connection, kind: type[Part], id_: UUID) -> Kept[Any]:
    row = await store.read(tx, kind, id_)
    if row is None:
        raise NotFound
    return Kept(row.id, row.version, row.state)


def _line(line: Said, stands: Mapping[UUID, Any]) -> dict[str, Any]:
    """What was said, when, by whom, and whether and how it stands now."""
    now = stands.get(line.event_id)
    return {
        "id": line.event_id,
        "version": line.version,
        "type": line.fact.TYPE,
        "occurred_at": line.occurred_at,
        "recorded_at": line.recorded_at,
        "actor": line.actor,
        "correlation_id": line.correlation_id,
        "causation_id": line.causation_id,
        "said": line.fact.model_dump(mode="json", exclude_none=True),
        "stands": None if now is None else now.model_dump(mode="json", exclude_none=True),
    }


# Corrections -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a fact is voided or restored."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(Reason):
    """The whole payload of the fact as it should have been, and why."""

    replacement: dict[str, JsonValue]


def _correction_of(things: Things, name: str, kind: type[Reason]) -> Any:
    body = Body(kind)

    async def correct(id_: PathId, fact_id: UUID, request: Request, call: Coordinator) -> Response:
        asked = _asked(name, fact_id, await body.read(request))

        async def work(tx: Connection) -> Done:
            return done(await handlers.correct(tx, things.kind, id_, asked, call.context, call.if_match))

        return await call.once(work)

    return correct


def _asked(name: str, fact_id: UUID, given: Reason) -> Correction:
    if isinstance(given, Replacement):
        return Correct(fact_id, given.replacement, given.reason)
    return (Void if name == "void" else Restore)(fact_id, given.reason)


def _readers(things: Things) -> tuple[str, ...]:
    """An employer reads what it may act on; what is the programme's only the programme reads."""
    acted_on = {role for taken in things.steps.values() for role in taken.roles}
    return EITHER if "employer" in acted_on else ("coordinator", "auditor")


ASKED_BY: tuple[type[Listed], ...] = (Campaigns, Fairs, Vacancies, Engagements, Candidacies, Appointables)
ROUTERS = tuple(router_of(things, asked_by) for things, asked_by in zip(ALL, ASKED_BY, strict=True))
