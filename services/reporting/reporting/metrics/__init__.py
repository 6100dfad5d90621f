"""Every metric, declared once. `metric.py` says what a metric is; a new one is a declaration in a module here, and a line below."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from reporting.metrics.compliance import COMPLIANCE, REQUIRED
from reporting.metrics.core_skills import ACCEPTED, IN_DATE
from reporting.metrics.costs import BACKFILL, PLACES_LOST, PORTAL_SAVED, TRAINING_SAVED
from reporting.metrics.evaluation import CONFIDENCE_AFTER, CONFIDENCE_BEFORE, RATING, USE
from reporting.metrics.framework import Q1, Q2
from reporting.metrics.learning import (
    AUDIENCE,
    BESIDE,
    CATALOGUE,
    COMPLETED,
    Q3,
    Q4,
    Q5,
    SPRINGBOARD_DEMAND,
    SPRINGBOARD_WAITING,
)
from reporting.metrics.lending import CHECKS_RELIED_ON, DAYS_TO_FILL, DAYS_TO_START, FILL_RATE, HOURS_LENT
from reporting.metrics.metric import BREAKDOWNS, Breakdown, Measure, Metric, Subject
from reporting.metrics.moves import MOVES
from reporting.metrics.outcomes import ENDINGS, SUSTAINED
from reporting.metrics.pathways import (
    APPRENTICESHIPS,
    APPRENTICESHIPS_STOPPED,
    OFF_THE_JOB,
    T_LEVEL_HOURS,
    T_LEVEL_PROGRESS,
    T_LEVELS,
    T_LEVELS_STOPPED,
)
from reporting.metrics.starts import Q6, Q7, Q9, Q10, Q11
from reporting.metrics.support import Q8_ALTERNATIVE_CAREER, Q8_EMPLOYABILITY, Q8_TRAINING

MOBILITY: Final = (Q1, Q2, MOVES, HOURS_LENT, DAYS_TO_START, DAYS_TO_FILL, FILL_RATE, CHECKS_RELIED_ON)
LEARNING: Final = (
    Q3,
    Q4,
    SPRINGBOARD_DEMAND,
    SPRINGBOARD_WAITING,
    Q5,
    BESIDE,
    COMPLETED,
    CATALOGUE,
    AUDIENCE,
    IN_DATE,
    ACCEPTED,
)
MUST: Final = (COMPLIANCE, REQUIRED)
PORTAL: Final = (CATALOGUE, AUDIENCE)
EVALUATION: Final = (RATING, CONFIDENCE_BEFORE, CONFIDENCE_AFTER, USE)
STARTS: Final = (Q6, Q7, Q8_TRAINING, Q8_EMPLOYABILITY, Q8_ALTERNATIVE_CAREER, Q9, Q10, Q11, SUSTAINED, ENDINGS)
COSTS: Final = (TRAINING_SAVED, PORTAL_SAVED, BACKFILL, PLACES_LOST)
PATHWAYS: Final = (
    T_LEVELS, T_LEVEL_PROGRESS, T_LEVEL_HOURS, T_LEVELS_STOPPED, APPRENTICESHIPS, OFF_THE_JOB, APPRENTICESHIPS_STOPPED,
)  # fmt: skip
METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {metric.id: metric for metric in (*MOBILITY, *LEARNING, *MUST, *EVALUATION, *COSTS, *PATHWAYS, *STARTS)}
)
"""In the order of the Board's report."""

__all__ = ["BREAKDOWNS", "METRICS", "Breakdown", "Measure", "Metric", "Subject"]
