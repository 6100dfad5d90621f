"""The routes: parse, call a handler, answer (kit.routes).

`steps` is every command of every aggregate; `places` is what a partner's people see and book for their own; `skills` is who is out
of date, what acceptances saved, and transcripts; `compliance` is who must be trained in what and how they stand;
`lists` is how lists are filtered; `waiting` is what waits for whom.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.routes import held, own_page, retention, routers_of
from learning.api import compliance, places, skills, steps, waiting
from learning.handlers import own
from learning.links import HOME
from learning.store import aggregates

# places first: `places` is no id
ROUTERS: Sequence[APIRouter] = (
    places.router,
    *routers_of(steps.ALL),
    waiting.router,
    skills.router,
    own_page.router_of(HOME, own.give_link, *steps.COORDINATOR),
    compliance.router,
    held.router_of(aggregates),
    retention.router_of(aggregates),
)
