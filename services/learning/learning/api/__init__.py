"""The routes: parse, call a handler, answer (kit.routes).

`steps` is every command of every aggregate, for coordinators; `places` is what a partner's people see and book for their own;
`lists` is how lists are filtered.
"""

from collections.abc import Sequence

from fastapi import APIRouter

from kit.routes import routers_of
from learning.api import places, steps

# places first: `places` is no id
ROUTERS: Sequence[APIRouter] = (places.router, *routers_of(steps.ALL), places.waits)
