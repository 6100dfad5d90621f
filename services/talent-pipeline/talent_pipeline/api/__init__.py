"""The routes: parse, call a handler, answer (kit.routes).

`steps` is every command of every aggregate, and who may; `lists` is how lists are filtered; `waiting` is what waits for
whom; `people` is what is known of a person.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.routes import held, retention, routers_of
from talent_pipeline.api import people, steps, waiting
from talent_pipeline.store import aggregates

ROUTERS: Sequence[APIRouter] = (
    *routers_of(steps.ALL),
    waiting.router,
    people.router,
    held.router_of(aggregates),
    retention.router_of(aggregates),
)
