"""One person twice: what is likely and why; told apart, or linked by a rule. By hand: `POST /persons/{id}/link`."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field

from kit.database import Connection
from kit.errors import Invalid
from kit.http import Call, Done, Page, allow, allow_to_read
from kit.routes.wire import Body
from people.api.persons import COORDINATOR
from people.domain.duplicates import rule_of
from people.handlers import Pair, People
from schemas.values import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Two ids that are two people, and why somebody knows."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    one: UUID
    other: UUID
    reason: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRule:
    """Which rule is trusted, and for how many pairs."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    rule: Code
    most: Annotated[int, Field(ge=1, le=500)] = 500


def router_of(people: People) -> APIRouter:
    router = APIRouter(prefix="/duplicates", tags=["duplicates"])
    coordinator, programme_reader = Depends(allow(*COORDINATOR)), Depends(allow_to_read(*COORDINATOR))
    apart, by_rule = Body(Apart), Body(ByRule)

    @router.get("", summary="Ids that are likely one person, and the rules that say so")
    async def listed(
        call: Call = programme_reader,
        after: Annotated[str | None, Query(max_length=80, description="the `next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page:
        async with call.reading() as tx:
            rows = await people.likely(tx, _pair_of(after), limit)
        last = f"{rows[-1].one}.{rows[-1].other}" if len(rows) == limit else None
        return Page(rows=rows, next=last)

    @router.post("/tell-apart", summary="They are two people: do not propose them again", openapi_extra=apart.openapi)
    async def tell_apart(request: Request, call: Call = coordinator) -> Response:
        asked = await apart.read(request)

        async def work(tx: Connection) -> Done:
            pair = Pair.of(asked.one, asked.other)
            await people.tell_apart(tx, pair, asked.reason, call.context)
            return Done(pair)

        return await call.once(work)

    @router.post("/link", summary="Link every pair of which a rule speaks", openapi_extra=by_rule.openapi)
    async def link(request: Request, call: Call = coordinator) -> Response:
        """The later registered to the earlier, at most 500 pairs at once; each can be unlinked."""
        asked = await by_rule.read(request)
        rule = rule_of(asked.rule)
        if rule is None:
            raise Invalid("must be one of the rules that the list names", field="rule")

        async def work(tx: Connection) -> Done:
            linked = await people.link_likely(tx, rule, asked.most, call.context)
            return Done({"linked": [_linked(kept) for kept in linked]})

        return await call.once(work)

    return router


def _linked(kept: Any) -> dict[str, Any]:
    return {"id": kept.id, "same_as": kept.standing.same_as}


def _pair_of(cursor: str | None) -> Pair | None:
    """The place that a cursor of ours names. Raises Invalid for anything else."""
    if cursor is None:
        return None
    try:
        one, other = cursor.split(".")
        return Pair(UUID(one), UUID(other))
    except ValueError:
        raise Invalid("must be the `next` of a page before", field="after") from None
