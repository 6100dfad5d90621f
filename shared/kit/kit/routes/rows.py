"""Several rows at once, from a spreadsheet: each is judged by itself, and answered by itself.

`POST /orders/rows` begins one a row; `POST /orders/cancel/rows` gives a command a row, with the id in a column. A column is named
like the field, dotted where it lies deeper (`address.place`), with `|` between the items of a list. UTF-8 with or without a mark,
or what Excel calls ANSI; commas or semicolons.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError

from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, is_bad_data
from kit.errors import Invalid, Refused
from kit.http import Call, Done, allow, faults
from kit.routes.things import Taken, Things
from kit.routes.wire import Body

MOST_ROWS = 2000
INTEGER, NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII), re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", re.ASCII)
YES, NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")
CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class NotACsv(Invalid):
    """The body is no table: a line of column names, and 1 to 2000 rows of as many cells, as text/csv."""


def router_of(things: Things) -> APIRouter:
    router = APIRouter(prefix=things.path, tags=[things.name])
    router.add_api_route(
        "/rows", _begin_rows(things), methods=["POST"], summary="Begin several, by CSV", openapi_extra=CSV
    )
    for name, taken in things.steps.items():
        router.add_api_route(
            f"/{name}/rows", _step_rows(taken), methods=["POST"], openapi_extra=CSV,
            summary=f"{name.replace('-', ' ').capitalize()} several, by CSV",
        )  # fmt: skip
    return router


def _begin_rows(things: Things) -> Any:
    body = Body(things.begun_by)

    async def judge(tx: Connection, row: dict[str, str], context: Context) -> Kept[Any]:
        return await things.begin(tx, body.parse(as_json(row, body)), context)

    return _rows(judge, things.begin_roles)


def _step_rows(taken: Taken) -> Any:
    body = Body(taken.kind)

    async def judge(tx: Connection, row: dict[str, str], context: Context) -> Kept[Any]:
        id_ = _id(row.pop("id", ""))
        return await taken.does(tx, id_, body.parse(as_json(row, body)), context, None)

    return _rows(judge, taken.roles)


def _rows(judge: Any, roles: tuple[str, ...]) -> Any:
    caller = Depends(allow(*roles))

    async def rows(request: Request, call: Call = caller) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise NotACsv("must come as Content-Type: text/csv", field="body")
        table = list(read(await request.body()))
        if not table:
            raise NotACsv("there is no row under the heading", field="body")

        async def work(tx: Connection) -> Done:
            return Done({"rows": [await _judged(tx, judge, number, row, call.context) for number, row in table]})

        return await call.once(work)

    return rows


async def _judged(tx: Connection, judge: Any, number: int, row: dict[str, str], context: Context) -> dict[str, Any]:
    """One row in a savepoint of its own: a refusal takes back this row and no other."""
    try:
        async with tx.transaction():
            kept = await judge(tx, row, context)
    except RequestValidationError as error:
        return {"row": number, "outcome": "refused", "code": "invalid", "errors": faults(error.errors())}
    except Refused as refusal:
        return {"row": number, "outcome": "refused", **_why(refusal)}
    except asyncpg.PostgresError as error:
        if not is_bad_data(error):
            raise
        return {"row": number, "outcome": "refused", "code": "not-storable"}
    status = getattr(kept.state, "status", "voided")
    return {"row": number, "outcome": "done", "id": kept.id, "version": kept.version, "status": status}


def _why(refusal: Refused) -> dict[str, Any]:
    rule = refusal.detail or refusal.title
    return {
        "code": refusal.code,
        "state": refusal.state,
        "allowed": refusal.allowed,
        "errors": [{"field": refusal.field or "row", "rule": rule}],
    }


# The table -------------------------------------------------------------------------------------------------------------


def read(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their line's number, cells without a value left out. Raises NotACsv."""
    text = _text(raw)
    heading = text.split("\n", 1)[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise NotACsv("a quote is not closed, or a cell is too long", field="body") from None
    names = [name.strip() for name in lines[0]] if lines else []
    if not names or not all(names) or len(set(names)) < len(names) or len(lines) - 1 > MOST_ROWS:
        raise NotACsv(field="body")
    for number, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            if len(cells) > len(names):
                raise NotACsv(f"row {number} has more cells than there are columns", field="body")
            yield number, {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}


def _text(raw: bytes) -> str:
    """What Excel writes on the machines of our partners: UTF-8 with a mark, or Windows-1252. Raises NotACsv."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise NotACsv("it is UTF-16: save it as CSV UTF-8", field="body")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def as_json(row: Mapping[str, str], body: Body[Any]) -> bytes:
    """The row as the JSON that the route for one would take."""
    found: dict[str, Any] = {}
    for column, cell in row.items():
        *path, name = column.split(".")
        inside: dict[str, Any] = found
        schema: Mapping[str, Any] = body.schema
        for part in path:
            inside, schema = inside.setdefault(part, {}), _field(schema, part)
            if not isinstance(inside, dict):
                raise Invalid("is a field and holds fields", field=part[:60])
        inside[name] = value_of(cell, _field(schema, name))
    return json.dumps(found).encode()


def value_of(cell: str, schema: Mapping[str, Any]) -> Any:
    """A cell as its field wants it; what does not fit stays text, and is refused with the field's own rule."""
    match schema.get("type"):
        case "integer" if INTEGER.fullmatch(cell):
            return int(cell)
        case "number" if NUMBER.fullmatch(cell):
            return float(cell)
        case "boolean" if cell.lower() in (*YES, *NO):
            return cell.lower() in YES
        case "array":
            return [value_of(item.strip(), schema.get("items", {})) for item in cell.split("|") if item.strip()]
        case "object":
            return _object(cell, schema)
        case _:
            return cell


def _object(cell: str, schema: Mapping[str, Any]) -> Any:
    """`kind=box number=4`: a group of fields in one cell."""
    pairs = [part.split("=", 1) for part in cell.split()]
    if not all(len(pair) == 2 for pair in pairs):
        return cell
    return {name: value_of(item, _field(schema, name)) for name, item in pairs}


def _field(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The schema of a field, of `X or null` that of X; of an unknown one nothing: it is refused when it is read."""
    field: Mapping[str, Any] = schema.get("properties", {}).get(name, {})
    kinds = [each for each in field.get("anyOf", ()) if each.get("type") != "null"]
    return kinds[0] if kinds else field


def _id(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Invalid("must be the id of one", field="id") from None
