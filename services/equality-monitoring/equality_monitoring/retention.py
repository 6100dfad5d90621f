"""How long this service keeps what people declared: the schedule, as data.

What is over is withdrawn, as the person would do it: erased here, no longer counted anywhere. A frozen release stays as it was
published. That there was a declaration is known for a year more, so that a person who asks is answered; then it is nobody's.
"""

from typing import Final

from equality_monitoring.domain.monitoring import AGGREGATE, Status
from kit.retention import Kept

POLICY: Final = "The city's appropriate policy document (Data Protection Act 2018, Schedule 1, paragraph 39)"

SCHEDULE: Final = (
    Kept(AGGREGATE, "what a person declared", (Status.DECLARED,), 72, POLICY),
    Kept(AGGREGATE, "that a person had declared something, without what it was", (Status.WITHDRAWN,), 12, POLICY),
)
