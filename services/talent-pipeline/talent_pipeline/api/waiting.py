"""What waits for whom."""

from typing import Literal

from kit.routes import waiting
from kit.routes.waiting import WaitingAsked
from talent_pipeline.api.steps import EITHER


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["candidate", "employer", "third-party", "coordinator"] | None = None
    aggregate: Literal["vacancy", "engagement", "candidacy", "appointable", "fair"] | None = None


router = waiting.router_of(Waiting, *EITHER)
