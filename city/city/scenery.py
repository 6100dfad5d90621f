"""The example city before anybody comes: its employers, the neighbourhoods, campaigns, fairs and vacancies."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

CLAIMING = ("leeds-teaching-hospitals", "leeds-city-council", "bramley-home-care")
"""The partners whose own systems publish."""

NHS, CARE, OTHER = "nhs-six-standards", "cqc-schedule-3", "employer-policy"
EMPLOYERS = {
    "leeds-teaching-hospitals": NHS, "leeds-community-healthcare": NHS, "leeds-and-york-partnership": NHS,
    "leeds-city-council": OTHER, "west-yorkshire-icb": NHS, "leeds-gp-confederation": NHS, "bramley-home-care": CARE,
    "aire-valley-care": CARE, "roundhay-nursing": CARE, "st-gemma-hospice": CARE, "forum-central": OTHER,
    "hamara-wellbeing": OTHER,
}  # fmt: skip

ROLES = (
    ("Healthcare support worker", "6131", "additional-clinical-services", "agenda-for-change", "2", 37.5),
    ("Care worker", "6135", None, "local", "Care 1", 30.0),
    ("Ward housekeeper", "9223", "estates-and-ancillary", "agenda-for-change", "2", 37.5),
    ("Receptionist", "4216", "administrative-and-clerical", "agenda-for-change", "3", 30.0),
    ("Reablement assistant", "6135", None, "national-joint-council", "B3", 37.0),
    ("Catering assistant", "9263", "estates-and-ancillary", "local", "1", 20.0),
)

NEIGHBOURHOODS = (
    ("E01011302", "E05011384", 96, "Armley"), ("E01011308", "E05011384", 214, "New Wortley"),
    ("E01011351", "E05011388", 57, "Lincoln Green"), ("E01011367", "E05011388", 133, "Burmantofts"),
    ("E01011439", "E05011396", 42, "Clifton and Nowells"), ("E01011447", "E05011396", 305, "Boggart Hill"),
    ("E01011271", "E05011402", 77, "Beeston Hill"), ("E01011280", "E05011402", 188, "Holbeck"),
)  # fmt: skip
"""Among the three in a hundred most deprived of 2019; the codes stand for the places and are not theirs."""


@dataclass(frozen=True)
class Campaign:
    """A campaign, and the days between which it registers interest."""

    plan: dict[str, Any]
    opens_on: date
    closes_on: date
    wards: Sequence[str]


@dataclass(frozen=True)
class Scenery:
    """Everything that is there before anybody comes."""

    campaigns: Sequence[Campaign]
    fairs: Sequence[dict[str, Any]]
    vacancies: Sequence[dict[str, Any]]
    advertised_on: date


def scenery(seed: int, today: date) -> Scenery:
    """The city of this seed, with dates that lie before today."""
    chance = random.Random(f"scenery {seed}")  # noqa: S311 a story, not a secret
    first = today - timedelta(days=600)
    return Scenery(
        campaigns=_campaigns(chance, today),
        fairs=[_fair(chance, first + timedelta(days=80 + 130 * turn), turn) for turn in range(3)],
        vacancies=[_vacancy(chance, employer, first) for employer in EMPLOYERS for _ in range(2)],
        advertised_on=first,
    )


def _campaigns(chance: random.Random, today: date) -> list[Campaign]:
    """Three campaigns, one after another, that together cover every day on which somebody may come."""
    starts = [600, chance.randint(410, 430), chance.randint(260, 280), 60]
    places = list(NEIGHBOURHOODS)
    chance.shuffle(places)
    found = []
    for turn in range(3):
        opens = today - timedelta(days=starts[turn])
        closes = today - timedelta(days=starts[turn + 1] + 1)
        areas = places[turn * 2 : turn * 2 + 3]
        plan = {
            "name": f"Connecting Communities: {areas[0][3]} and {areas[1][3]}",
            "areas": [
                {"lsoa": lsoa, "ward": ward, "imd_rank": rank, "imd_vintage": 2019} for lsoa, ward, rank, _ in areas
            ],
            "channels": ["community-tour", "poster-qr", "school-visit", "social-media"],
            "employers": sorted(chance.sample(sorted(EMPLOYERS), 5)),
            "opens_on": opens.isoformat(),
            "closes_on": closes.isoformat(),
            "occurred_on": opens.isoformat(),
        }
        found.append(Campaign(plan, opens, closes, sorted({ward for _, ward, _, _ in areas})))
    return found


def _fair(chance: random.Random, day: date, turn: int) -> dict[str, Any]:
    return {
        "name": f"Leeds health and care fair {turn + 1}",
        "employers": sorted(chance.sample(sorted(EMPLOYERS), 6)),
        "planned_for": day.isoformat(),
        "occurred_on": (day - timedelta(days=40)).isoformat(),
    }


def _vacancy(chance: random.Random, employer: str, day: date) -> dict[str, Any]:
    title, soc, group, framework, grade, hours = chance.choice(ROLES)
    sector = EMPLOYERS[employer]
    hands_on = soc in ("6131", "6135")
    role = {
        "title": title,
        "soc2020": soc,
        "staff_group": group,
        "pay_framework": framework,
        "grade": grade,
        "weekly_hours": hours,
        "contract": "permanent",
        "sector_rules": sector,
        "qualification_needed": False,
        "duties": "regulated-activity" if hands_on else "access-to-patients" if sector != OTHER else "no-contact",
        "dbs_level": "enhanced-with-barred-lists" if hands_on else "standard" if sector != OTHER else "basic",
    }
    if hands_on:
        role["dbs_workforce"] = "adult"
    return {
        "employer": employer,
        "role": {name: given for name, given in role.items() if given is not None},
        "posts": 20,
        "accepts_values_pass": True,
        "occurred_on": day.isoformat(),
    }
