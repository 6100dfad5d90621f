"""The routes of aggregates: a service declares what each takes and who may; parsing, lists, histories, CSV are the same for all.

`things` is the declaration; `wire` is how a command comes in and an answer goes out; `steps` is a route for each command;
`records` is lists, one record with its history, and corrections; `rows` is several at once by CSV; `waiting` is what waits for
whom.
"""

from collections.abc import Iterable

from fastapi import APIRouter

from kit.routes import records, rows, steps
from kit.routes.things import Things


def routers_of(all_: Iterable[Things]) -> tuple[APIRouter, ...]:
    """Every route of these aggregates. Rows first: `rows` is no id."""
    listed = tuple(all_)
    return tuple(of(things) for of in (rows.router_of, steps.router_of, records.router_of) for things in listed)
