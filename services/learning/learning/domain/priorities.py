"""How learning needs become collective priorities: brought together by skill, ranked by weights that are data, with the reasons.

Pure: the same needs and weights give the same ranks, in whatever order the needs came. Of two with the same points the one that
more people need comes first, and then the one whose name does.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from kit.errors import Refused
from schemas.learning import Priority, RankedBy, Reason, Weight
from schemas.values import Part, Sector


class Need(Part):
    """What one organisation needs."""

    id: UUID
    organisation: str
    sector: Sector
    role_group: str
    skill: str
    people: int
    priority: int
    since: date


MOST, SKILLS = 1_000_000, 1_000
"""The people and points that one rank can say, and the ranks that there can be."""


class BeyondTheScale(Refused):
    """A skill comes to more than a million people or points, or there are a thousand others: correct the weights, or the need."""


def rank(needs: Iterable[Need], weights: Sequence[Weight]) -> tuple[Priority, ...]:
    """Every skill that somebody needs, the first first. Raises BeyondTheScale."""
    by_skill: dict[str, list[Need]] = {}
    for need in needs:
        by_skill.setdefault(need.skill, []).append(need)
    if len(by_skill) > SKILLS or any(_beyond(asked, weights) for asked in by_skill.values()):
        raise BeyondTheScale
    weighed = [(skill, asked, _reasons(asked, weights)) for skill, asked in by_skill.items()]
    weighed.sort(key=lambda found: (-_points(found[2]), -_people(found[1]), found[0]))
    return tuple(
        Priority(rank=turn, skill=skill, people=_people(asked), points=_points(reasons), reasons=reasons)
        for turn, (skill, asked, reasons) in enumerate(weighed, 1)
    )


def _beyond(asked: Sequence[Need], weights: Sequence[Weight]) -> bool:
    return max(_people(asked), sum(weight.points * _measure(asked, weight.by) for weight in weights)) > MOST


def _reasons(asked: Sequence[Need], weights: Sequence[Weight]) -> tuple[Reason, ...]:
    measured = [(weight, _measure(asked, weight.by)) for weight in weights]
    return tuple(Reason(by=weight.by, measure=much, points=weight.points * much) for weight, much in measured)


def _measure(asked: Sequence[Need], by: RankedBy) -> int:
    match by:
        case RankedBy.PEOPLE:
            return _people(asked)
        case RankedBy.ORGANISATIONS:
            return len({need.organisation for need in asked})
        case RankedBy.SECTORS:
            return len({need.sector for need in asked})
        case RankedBy.PRIORITY:
            return max(4 - need.priority for need in asked)


def _people(asked: Sequence[Need]) -> int:
    return sum(need.people for need in asked)


def _points(reasons: Sequence[Reason]) -> int:
    return sum(reason.points for reason in reasons)
