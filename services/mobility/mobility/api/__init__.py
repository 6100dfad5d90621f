"""The routes: parse, call a handler, answer (kit.routes).

`steps` is every command of every aggregate, and who may; `lists` is how lists are filtered; `questions` is who is in force, what
leaving would do, and who fits a need; `waiting` is what waits for whom.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.routes import held, own_page, retention, routers_of
from mobility.api import questions, steps, waiting
from mobility.handlers import own
from mobility.links import HOME
from mobility.store import aggregates

ROUTERS: Sequence[APIRouter] = (
    *routers_of(steps.ALL),
    waiting.router,
    questions.router,
    own_page.router_of(HOME, own.give_link, *steps.COORDINATOR),
    held.router_of(aggregates),
    retention.router_of(aggregates),
)
