"""Who is in force, what leaving would do, who is short and who can lend, who fits, who is ready; and: stop now."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from kit.database import Connection
from kit.http import Call, Done, allow, allow_to_read
from kit.routes.wire import Body, PathId
from mobility.api.steps import COORDINATOR, EITHER
from mobility.domain.ranking import RULES
from mobility.domain.readiness import Readiness, best_cure
from mobility.domain.silver import Picture
from mobility.domain.stops import StopNow
from mobility.handlers import agreement, cover, moves, needs, passports, stops
from mobility.store import aggregates
from schemas.values import business_date

Reader = Annotated[Call, Depends(allow_to_read(*EITHER))]
ProgrammeReader = Annotated[Call, Depends(allow_to_read(*COORDINATOR))]
Either = Annotated[Call, Depends(allow(*EITHER))]
STOP = Body(StopNow)


router = APIRouter()


@router.get(
    "/frameworks/{id}/in-force",
    tags=["frameworks"],
    summary="The organisations that are in force on a day: any of them may lend to any other",
)
async def in_force(
    id_: PathId, call: Reader, on: Annotated[date | None, Query(description="default: today")] = None
) -> dict[str, Any]:
    day = on or business_date(call.context.now)
    async with call.reading() as tx:
        found = await agreement.in_force(tx, id_, day)
    fields = {"organisation", "sector", "statutory", "version"}
    return {
        "on": day,
        "organisations": [row.standing.model_dump(mode="json", include=fields) for row in found],
    }


@router.get(
    "/signatures/{id}/outlived",
    tags=["signatures"],
    summary="What would outlive its last day in the framework, and ends with it: moves, needs, looks into passports",
)
async def outlived(
    id_: PathId, call: Reader, last_day: Annotated[date, Query(description="the last day that is thought of")]
) -> dict[str, Any]:
    async with call.reading() as tx:
        found = await cover.outlived(tx, id_, last_day)
    return {
        "last_day": last_day,
        "deployments": [aggregates.kept(row).body for row in found.deployments],
        "needs": found.needs,
        "passports": found.passports,
    }


@router.get(
    "/city-silver",
    tags=["needs"],
    summary="Who is short and who can lend on a day, over all organisations: open needs against supply",
)
async def city_silver(
    call: ProgrammeReader, on: Annotated[date | None, Query(description="default: today")] = None
) -> Picture:
    async with call.reading() as tx:
        return await needs.silver(tx, on or business_date(call.context.now))


@router.get(
    "/needs/{id}/proposals",
    tags=["needs"],
    summary="Who is put forward, the best first, with the reasons for each rank",
)
async def proposals(id_: PathId, call: Reader) -> dict[str, Any]:
    async with call.reading() as tx:
        found = await needs.ranked(tx, id_)
    return {"need_id": id_, "rules": [rule.sentence for rule in RULES], "proposals": found}


@router.get(
    "/deployments/{id}/first-day-pack",
    tags=["deployments"],
    summary="What the mover was told about the first day: whom to meet, when, how to get in, where to park",
)
async def first_day_pack(id_: PathId, call: Either) -> dict[str, str]:
    async with call.reading() as tx:
        return await moves.pack_of(tx, id_)


@router.get(
    "/passports/{id}/readiness",
    tags=["passports"],
    summary="What is missing for a host's work on a day, and what cures it",
)
async def readiness(
    id_: PathId,
    call: Reader,
    requirement_id: UUID,
    on: Annotated[date | None, Query(description="default: today")] = None,
) -> Readiness:
    async with call.reading() as tx:
        return await passports.readiness(tx, id_, requirement_id, on or business_date(call.context.now))


@router.get(
    "/passports/{id}/checks",
    tags=["passports"],
    summary="Each check as it stands on a day: whom it awaits, what it came to, whether it expired or was superseded",
)
async def checks(
    id_: PathId, call: Reader, on: Annotated[date | None, Query(description="default: today")] = None
) -> dict[str, Any]:
    day = on or business_date(call.context.now)
    async with call.reading() as tx:
        return {"on": day, "checks": await passports.checks(tx, id_, day)}


@router.get(
    "/requirements/{id}/readiness",
    tags=["requirements"],
    summary="Who is ready on a day, and what would make most others ready",
)
async def everybodys_readiness(
    id_: PathId, call: Reader, on: Annotated[date | None, Query(description="default: today")] = None
) -> dict[str, Any]:
    day = on or business_date(call.context.now)
    async with call.reading() as tx:
        found = await passports.everybodys_readiness(tx, id_, day)
    best = best_cure(found)
    return {
        "on": day,
        "ready": sum(person.ready for person in found),
        "best_cure": None if best is None else {"missing": best[0], "makes_ready": best[1]},
        "people": found,
    }


@router.post(
    "/persons/{id}/stop-now",
    tags=["persons"],
    summary="Stop a person at every host: each of their moves, and whatever they are put forward for until it is lifted",
    openapi_extra=STOP.openapi,
)
async def stop_now(id_: PathId, request: Request, call: Either) -> Response:
    command = await STOP.read(request)

    async def work(tx: Connection) -> Done:
        asked = stops.StopPerson(occurred_on=command.occurred_on, person_id=id_, reason=command.reason)
        stop = await stops.stop_person(tx, asked, call.context)
        moved = await stops.live_moves(tx, id_)
        return Done({"person_id": id_, "stop": stop.body, "deployments": [kept.body for kept in moved]})

    return await call.once(work)
