"""What waits for whom."""

from typing import Literal

from kit.routes import waiting
from kit.routes.waiting import WaitingAsked
from people.api.erasures import OFFICER
from people.api.persons import EITHER


class Waiting(WaitingAsked):
    """Which part of what waits is asked for."""

    who: Literal["data-protection-officer", "coordinator", "partner"] | None = None
    aggregate: Literal["erasure", "request", "message", "access"] | None = None


router = waiting.router_of(Waiting, *EITHER, *OFFICER)
