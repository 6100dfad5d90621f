"""Who fits a need best: a table of rules, each with its points and its sentence, so that a rank can be explained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from mobility.domain.deployment import Deployment
from mobility.domain.need import Need

LEVEL_BELOW = 1
"""How far below the level that is needed somebody still helps."""


def _all_the_time(need: Need, move: Deployment) -> bool:
    first = max(need.starts_on, move.proposed_on)
    comes = move.starts_on <= first and move.last_day >= need.ends_on
    return comes and move.own.available_from <= first and need.ends_on <= move.own.available_until


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to prefer somebody."""

    code: str
    points: int
    sentence: str
    holds: Callable[[Need, Deployment], bool]


RULES: Final[tuple[Rule, ...]] = (
    Rule("same-role", 40, "Does the same work at home.", lambda need, move: move.own.soc2020 == need.soc2020),
    Rule(
        "same-family", 15, "Does work of the same family at home.",
        lambda need, move: move.own.soc2020 != need.soc2020 and move.own.soc2020[:2] == need.soc2020[:2],
    ),
    Rule("level", 20, "Works at the level that is needed, or above.", lambda need, move: move.own.level >= need.level),
    Rule(
        "near-level", 8, "Works one level below the one that is needed.",
        lambda need, move: need.level - LEVEL_BELOW <= move.own.level < need.level,
    ),
    Rule("all-hours", 15, "Covers all the hours a week.", lambda need, move: move.weekly_hours >= need.weekly_hours),
    Rule(
        "all-the-time", 15, "Comes for the whole time that is left, and is available for it.",
        _all_the_time,
    ),
    Rule("same-place", 10, "Works in the same place.", lambda need, move: move.own.place == need.place),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    points: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody who was put forward, and why they stand where they stand."""

    deployment_id: UUID
    person_id: UUID
    home: str
    points: int
    reasons: tuple[Reason, ...]
    missing: tuple[Reason, ...]
    """What would have given them more points."""


def rank(need: Need, proposals: Iterable[tuple[UUID, Deployment]]) -> list[Ranked]:
    """Those who were put forward, the best first; of equals, who was put forward first."""
    found = [(move.proposed_on, _ranked(need, id_, move)) for id_, move in proposals]
    return [ranked for _, ranked in sorted(found, key=lambda each: (-each[1].points, each[0], each[1].deployment_id))]


def _ranked(need: Need, id_: UUID, move: Deployment) -> Ranked:
    held = [(Reason(rule.code, rule.points, rule.sentence), rule.holds(need, move)) for rule in RULES]
    reasons = tuple(reason for reason, holds in held if holds)
    missing = tuple(reason for reason, holds in held if not holds)
    return Ranked(id_, move.person_id, move.home, sum(reason.points for reason in reasons), reasons, missing)
