"""Core skills: when training runs out, what counts as what, and the names that ESR gives them. Pure.

Levels are not a ladder everywhere: whoever can do more need not have done what a lower level asks for with the host's equipment. So
what counts for what is a table.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

from kit.errors import Invalid
from kit.step import months_later
from learning.domain.reference import framework
from schemas.learning import Skill, Subject
from schemas.values import Part

# When training runs out ------------------------------------------------------------------------------------------------


class Rule(Part):
    """The refresher period that holds for one training, and where it stands."""

    id: UUID
    version: int
    months: int | None


class Expiry(Part):
    """The last day on which training counts, and the rule that gave it; none: it does not run out."""

    on: date | None
    rule_id: UUID | None = None
    rule_version: int | None = None


def expiry(completed_on: date, rules: tuple[Rule, ...], said: date | None = None) -> Expiry:
    """The earliest of what these rules make of a day of completion, and of what who gave the training said itself."""
    found = [Expiry(on=said)] if said is not None else []
    found += [
        Expiry(
            on=None if rule.months is None else months_later(completed_on, rule.months),
            rule_id=rule.id,
            rule_version=rule.version,
        )
        for rule in rules
    ]
    return min(found, key=lambda each: each.on or date.max, default=Expiry(on=None))


# What counts as what ---------------------------------------------------------------------------------------------------


class Equivalence(StrEnum):
    FULL = "full"
    TOP_UP = "top-up"
    """It counts once a part has been done with the host."""


LADDER: Final[Mapping[tuple[int, int], Equivalence]] = MappingProxyType({
    (held, needed): Equivalence.FULL for needed in (1, 2, 3, 4) for held in (1, 2, 3, 4) if held >= needed
})  # fmt: skip
"""Where a higher level holds all that a lower one asks for."""
RESUSCITATION: Final[Mapping[tuple[int, int], Equivalence]] = MappingProxyType({
    (1, 1): Equivalence.FULL, (2, 1): Equivalence.FULL, (3, 1): Equivalence.FULL,
    (2, 2): Equivalence.FULL, (3, 2): Equivalence.TOP_UP, (3, 3): Equivalence.FULL, (4, 4): Equivalence.FULL,
})  # fmt: skip
"""Each level is of other patients and other equipment: advanced training is not all of the basic one."""
MOVING_AND_HANDLING: Final[Mapping[tuple[int, int], Equivalence]] = MappingProxyType({
    (1, 1): Equivalence.FULL, (2, 1): Equivalence.FULL, (2, 2): Equivalence.TOP_UP,
})  # fmt: skip
"""People are moved with the host's own equipment: that part is done there."""
EQUIVALENTS: Final[Mapping[Subject, Mapping[tuple[int, int], Equivalence]]] = MappingProxyType(
    dict.fromkeys(Subject, LADDER)
    | {Subject.RESUSCITATION: RESUSCITATION, Subject.MOVING_AND_HANDLING: MOVING_AND_HANDLING}
)
"""By subject, what the level that is held means for the level that is needed; what is not named does not count."""


def counts_for(subject: Subject, held: int, needed: int) -> Equivalence | None:
    """Whether training at one level counts where another is needed."""
    return EQUIVALENTS[subject].get((held, needed))


def levels_that_do(subject: Subject, needed: int) -> tuple[int, ...]:
    """The levels of an organisation's own training that do where a level is needed: that level, and what counts for it in full."""
    return tuple(
        held for held in (1, 2, 3, 4) if held == needed or counts_for(subject, held, needed) is Equivalence.FULL
    )


# The names that ESR gives ----------------------------------------------------------------------------------------------


class NotACompetence(Invalid):
    """It is not the name of a core skill as ESR writes it: `NHS|CSTF|Fire Safety - 2 Years|`."""


class BeforeTheFramework(Invalid):
    """There was no core skills framework on the day of completion yet."""


class EsrCompetence(Part):
    """What the name of a competence in ESR says."""

    skill: Skill
    months: int | None
    """How long it counts, by the name itself; none: once is enough, or the name does not say."""


NAME: Final = re.compile(
    r"^(?:NHS|\d{3})\|(?:CSTF|CORE|MANDATORY|LOCAL)\|(?P<title>[^|]+?)(?: - (?P<years>[1-9]|10) Years?)?\|$"
)
LEVEL: Final = re.compile(r"^(?P<subject>.*?)\s*-?\s*Level (?P<level>[1-4])$")
TITLES: Final[Mapping[str, Subject]] = MappingProxyType({
    "equality diversity and human rights": Subject.EQUALITY_DIVERSITY_AND_HUMAN_RIGHTS,
    "health safety and welfare": Subject.HEALTH_SAFETY_AND_WELFARE,
    "conflict resolution": Subject.CONFLICT_RESOLUTION,
    "nhs conflict resolution": Subject.CONFLICT_RESOLUTION,
    "fire safety": Subject.FIRE_SAFETY,
    "infection prevention and control": Subject.INFECTION_PREVENTION_AND_CONTROL,
    "moving and handling": Subject.MOVING_AND_HANDLING,
    "safeguarding adults": Subject.SAFEGUARDING_ADULTS,
    "preventing radicalisation": Subject.PREVENTING_RADICALISATION,
    "safeguarding children": Subject.SAFEGUARDING_CHILDREN,
    "resuscitation": Subject.RESUSCITATION,
    "information governance and data security": Subject.INFORMATION_GOVERNANCE_AND_DATA_SECURITY,
})  # fmt: skip


def read_esr(name: str, completed_on: date) -> EsrCompetence:
    """What a competence's name in ESR says of training that was completed on a day.

    The name says no version of the framework: it means the one that held then. Raises NotACompetence, also for one that is an
    organisation's own, and BeforeTheFramework.
    """
    found = NAME.match(name)
    if found is None:
        raise NotACompetence(field="competence")
    title, level = found["title"].strip(), 1
    if levelled := LEVEL.match(title):
        title, level = levelled["subject"], int(levelled["level"])
    subject = TITLES.get(" ".join(re.sub(r"[^a-z ]", " ", title.lower()).split()))
    if subject is None:
        raise NotACompetence(field="competence")
    version, years = framework(completed_on), found["years"]
    if version is None:
        raise BeforeTheFramework(field="occurred_on")
    skill = Skill(framework=version, subject=subject, level=level)
    return EsrCompetence(skill=skill, months=None if years is None else int(years) * 12)
