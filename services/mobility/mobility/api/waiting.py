"""What waits for whom."""

from typing import Literal

from kit.routes import waiting
from kit.routes.waiting import WaitingAsked
from mobility.api.steps import EITHER


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["organisation", "coordinator", "home", "host", "person", "third-party"] | None = None
    aggregate: Literal["signature", "need", "deployment", "statement", "passport", "stop"] | None = None


router = waiting.router_of(Waiting, *EITHER)
