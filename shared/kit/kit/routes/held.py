"""`GET /persons/{id}/held`: all that this service holds of a person, for the answer to their request for access.

By where the service says that persons are (`Persons`): what is theirs alone whole and with its history, of what several are in
the parts that are theirs, and the rows beside. What was heard of one person under two ids is shown together. That it was shown,
and to whom, is kept.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends

from kit import operations, outbox, persons
from kit.aggregates import Aggregates
from kit.database import Connection
from kit.errors import NotFound
from kit.http import Call, allow
from kit.routes.wire import PathId

SHOWN = "held-shown"
"""What is written down of it (kit.operation)."""
OFFICER = "data-protection-officer"
OWN = "SELECT id, body FROM {table} WHERE person_id = ANY($1::uuid[]) AND body IS NOT NULL ORDER BY id"
SHARED = """
SELECT id, body FROM {table}
WHERE EXISTS (SELECT FROM unnest($1::uuid[]) AS whose WHERE position(whose::text IN body::text) > 0) ORDER BY id
"""
WITH_OWN = "SELECT to_jsonb(held) AS row FROM {table} AS held WHERE {column} = ANY($1::uuid[])"
BESIDE = "SELECT to_jsonb(held) AS row FROM {table} AS held WHERE person_id = ANY($1::uuid[])"


def router_of(aggregates: Aggregates) -> APIRouter:
    """For the data protection officer alone."""
    router, officer = APIRouter(tags=["persons"]), Depends(allow(OFFICER))

    @router.get("/persons/{id}/held", summary="All that is held here of a person, for their request for access")
    async def held(id_: PathId, call: Call = officer) -> dict[str, Any]:
        async with call.reading() as tx:
            ids = await persons.one_with(tx, id_)
            if not await persons.is_known(tx, id_):
                raise NotFound
            await operations.note(
                tx, SHOWN, {"person_id": id_}, author=call.principal.subject, reason="request for access"
            )
            where = aggregates.persons
            records = [each for table in where.own for each in await _own(tx, table, ids)]
            own = [record["id"] for record in records]
            with_own = [
                each for table, column in where.goes_with.items() for each in await _with(tx, table, column, own)
            ]
            beside = [each for table in (*where.renamed, *where.dropped) for each in await _beside(tx, table, ids)]
            return {
                "ids": ids,
                "records": records,
                "parts": [each for table in where.shared for each in await _parts(tx, table, ids)],
                "rows": with_own + beside,
            }

    return router


async def _own(tx: Connection, table: str, ids: list[UUID]) -> list[dict[str, Any]]:
    """Each as it stands, and what was said of it, by whom and when."""
    return [
        {
            "aggregate": table,
            "id": row["id"],
            "state": json.loads(row["body"]),
            "history": [
                {"type": line.fact.TYPE, "occurred_at": line.occurred_at, "actor": line.actor, "said": line.fact}
                for line in await outbox.history(tx, row["id"])
            ],
        }
        for row in await tx.fetch(OWN.replace("{table}", table), ids)
    ]


async def _parts(tx: Connection, table: str, ids: list[UUID]) -> list[dict[str, Any]]:
    """What of each is theirs: nothing of who else is in it."""
    whose = {str(id_) for id_ in ids}
    rows = await tx.fetch(SHARED.replace("{table}", table), ids)
    return [{"aggregate": table, "id": row["id"], "parts": list(_of(json.loads(row["body"]), whose))} for row in rows]


def _of(value: Any, whose: set[str]) -> Iterator[dict[str, Any]]:
    """The objects in a value that name one of these as their person."""
    if isinstance(value, dict):
        if value.get("person_id") in whose:
            yield value
        else:
            for each in value.values():
                yield from _of(each, whose)
    elif isinstance(value, list):
        for each in value:
            yield from _of(each, whose)


async def _with(tx: Connection, table: str, column: str, own: list[UUID]) -> list[dict[str, Any]]:
    rows = await tx.fetch(WITH_OWN.replace("{table}", table).replace("{column}", column), own)
    return [{"table": table, "row": json.loads(row["row"])} for row in rows]


async def _beside(tx: Connection, table: str, ids: list[UUID]) -> list[dict[str, Any]]:
    rows = await tx.fetch(BESIDE.replace("{table}", table), ids)
    return [{"table": table, "row": json.loads(row["row"])} for row in rows]
