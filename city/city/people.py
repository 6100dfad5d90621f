"""Who lives in the example city, and what becomes of each: drawn from a seed, with the shares that the programme reported.

The shares are facts of the story (so many started by this route, so many of them new to the system). What reporting makes
of them is compared with the Board's table in another place, which this module does not read.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Ending(StrEnum):
    """What becomes of a person's first candidacy."""

    STARTED = "started"
    REDIRECTED = "redirected"
    """Not suited there; passed on with permission, and started with another employer."""
    POOLED = "pooled"
    """Appointable without a post; offered one out of the pool, and started."""
    NEVER_STARTED = "never-started"
    """Offered, cleared, a day agreed: and did not come."""
    WITHDREW = "withdrew"
    DECLINED = "declined"
    NOT_APPOINTED = "not-appointed"
    MISTAKE = "mistake"
    """Said to have started, which was wrong: voided."""
    SUPPORTED = "supported"
    """Supported, without an application."""


@dataclass(frozen=True)
class Person:
    """One person of the example: a number, no name; and what the story needs to know."""

    number: int
    by_campaign: bool
    ending: Ending
    employment_status: str
    prior_employment: str
    ethnic_category: str | None
    """None: never asked."""
    corrected_from: str | None = None
    """The ethnic category that was given first, by mistake."""
    second_start: str | None = None
    """`other-route` or `same-route`: a later start, which must not count the person again."""
    support: tuple[str, str] | None = None
    """Kind and destination."""
    by_partner: bool = False
    """Told by a partner's own system, not by the coordinator."""
    registered_days_ago: int = 0


BY_PIPELINE, NEW_TO_SYSTEM = 120, 114
BY_CAMPAIGN, UNEMPLOYED, BLACK = 130, 69, 88
ANCHORED_BY_PARTNER = 36
BLACK_CODES, OTHER_CODES = ("M", "N", "P"), ("A", "B", "C", "D", "F", "G", "H", "J", "K", "L", "R", "S")
NEW = ("other-health-care", "other-sector", "unemployed", "education")
EMPLOYED = ("employed", "self-employed", "in-education", "inactive")
SUPPORT = (
    ("training", "leeds", 64), ("employability", "leeds", 47), ("alternative-career", "leeds", 18),
    ("training", "wider-west-yorkshire", 21), ("employability", "wider-west-yorkshire", 16),
    ("alternative-career", "wider-west-yorkshire", 27), ("training", "associated-sector", 12),
    ("employability", "associated-sector", 9), ("alternative-career", "associated-sector", 33),
)  # fmt: skip
OTHER_ENDINGS = (
    (Ending.NEVER_STARTED, 14), (Ending.WITHDREW, 11), (Ending.DECLINED, 9), (Ending.NOT_APPOINTED, 13), (Ending.MISTAKE, 2),
)  # fmt: skip


def people(seed: int, *, unknowns: bool = False) -> list[Person]:
    """Everybody of the example, in the order in which they come. `unknowns`: some characteristics were never found out."""
    chance = random.Random(seed)  # noqa: S311 a story, not a secret
    everybody = [*_started_by_pipeline(chance), *_started_by_campaign(chance), *_others(chance)]
    chance.shuffle(everybody)
    numbered = [
        replace(person, number=number, registered_days_ago=_came(person, chance))
        for number, person in enumerate(everybody, start=1)
    ]
    return _with_unknowns(numbered, chance) if unknowns else numbered


def _started_by_pipeline(chance: random.Random) -> Iterator[Person]:
    endings = [Ending.REDIRECTED] * 6 + [Ending.POOLED] * 5
    endings += [Ending.STARTED] * (BY_PIPELINE - len(endings))
    chance.shuffle(endings)
    new = _marked(chance, BY_PIPELINE, NEW_TO_SYSTEM)
    again = _marked(chance, BY_PIPELINE, 4)
    partner = _marked(chance, BY_PIPELINE, ANCHORED_BY_PARTNER // 2)
    for turn, ending in enumerate(endings):
        plain = ending is Ending.STARTED
        yield Person(
            number=0,
            by_campaign=False,
            ending=ending,
            employment_status=chance.choice(("unemployed", *EMPLOYED)),
            prior_employment=chance.choice(NEW) if new[turn] else "leeds-health-care",
            ethnic_category=chance.choice(BLACK_CODES + OTHER_CODES),
            second_start="other-route" if again[turn] and plain and not partner[turn] else None,
            by_partner=partner[turn] and plain,
        )


def _started_by_campaign(chance: random.Random) -> Iterator[Person]:
    unemployed = _marked(chance, BY_CAMPAIGN, UNEMPLOYED)
    black = _marked(chance, BY_CAMPAIGN, BLACK)
    corrected = _marked(chance, BY_CAMPAIGN, 5)
    again = _marked(chance, BY_CAMPAIGN, 7)
    partner = _marked(chance, BY_CAMPAIGN, ANCHORED_BY_PARTNER // 2)
    for turn in range(BY_CAMPAIGN):
        yield Person(
            number=0,
            by_campaign=True,
            ending=Ending.STARTED,
            employment_status="unemployed" if unemployed[turn] else chance.choice(EMPLOYED),
            prior_employment=chance.choice((*NEW, "leeds-health-care")),
            ethnic_category=chance.choice(BLACK_CODES if black[turn] else OTHER_CODES),
            corrected_from=chance.choice(OTHER_CODES if black[turn] else BLACK_CODES) if corrected[turn] else None,
            second_start=chance.choice(("other-route", "same-route")) if again[turn] and not partner[turn] else None,
            by_partner=partner[turn],
        )


def _others(chance: random.Random) -> Iterator[Person]:
    """Those who did not start: they must not be counted among those who did."""
    for ending, count in OTHER_ENDINGS:
        for _ in range(count):
            yield _someone(chance, ending, None)
    for kind, destination, count in SUPPORT:
        for _ in range(count):
            yield _someone(chance, Ending.SUPPORTED, (kind, destination))


def _someone(chance: random.Random, ending: Ending, support: tuple[str, str] | None) -> Person:
    return Person(
        number=0,
        by_campaign=chance.random() < 0.5,
        ending=ending,
        employment_status=chance.choice(("unemployed", *EMPLOYED)),
        prior_employment=chance.choice(NEW),
        ethnic_category=chance.choice((*BLACK_CODES, *OTHER_CODES, None)),
        support=support,
    )


def _came(person: Person, chance: random.Random) -> int:
    """How many days ago somebody came: members of the pool lately, as a membership runs out by itself."""
    return chance.randint(85, 130) if person.ending is Ending.POOLED else chance.randint(150, 560)


def _with_unknowns(everybody: Sequence[Person], chance: random.Random) -> list[Person]:
    """The same people, of whom some were never asked, and some did not say."""

    def forget(person: Person) -> Person:
        draw = chance.random()
        if draw < 0.08:
            return replace(person, prior_employment="unknown")
        if draw < 0.16:
            return replace(person, employment_status="not-known")
        if draw < 0.26:
            return replace(person, ethnic_category=None, corrected_from=None)
        return person

    return [forget(person) for person in everybody]


def _marked(chance: random.Random, count: int, marked: int) -> list[bool]:
    """So many of so many, at random places."""
    marks = [True] * marked + [False] * (count - marked)
    chance.shuffle(marks)
    return marks
