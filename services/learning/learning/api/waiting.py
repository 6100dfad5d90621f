"""What waits for whom."""

from typing import Literal

from kit.routes import waiting
from kit.routes.waiting import WaitingAsked
from learning.api.steps import EITHER


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["learner", "coordinator", "organisation"] | None = None
    aggregate: Literal["cohort", "competence", "enrolment", "cycle", "pathway", "apprenticeship"] | None = None


router = waiting.router_of(Waiting, *EITHER)
