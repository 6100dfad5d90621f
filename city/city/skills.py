"""The example's core skills, inductions and learning needs, as the Academy and the partners entered them.

The refresher periods are those of a public matrix of the Core Skills Training Framework; sources differ, so that they are data.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from city.client import Caller

FRAMEWORK = "cstf-england-1-1"
REFRESHERS = (
    ("equality-diversity-and-human-rights", 1, 36), ("health-safety-and-welfare", 1, 36), ("conflict-resolution", 1, 36),
    ("fire-safety", 1, 24), ("infection-prevention-and-control", 1, 36), ("infection-prevention-and-control", 2, 12),
    ("moving-and-handling", 1, None), ("moving-and-handling", 2, 24), ("safeguarding-adults", 1, 36),
    ("safeguarding-adults", 2, 36), ("safeguarding-children", 1, 36), ("safeguarding-children", 2, 36),
    ("preventing-radicalisation", 1, 36), ("resuscitation", 2, 12), ("information-governance-and-data-security", 1, 12),
)  # fmt: skip
TAUGHT = (("fire-safety", 1), ("information-governance-and-data-security", 1), ("resuscitation", 2))
CARERS = {"resuscitation": "6135"}
"""What starters in one kind of work alone learn first."""
YEARLY = frozenset((subject, level) for subject, level, months in REFRESHERS if months == 12)
STRICTER = "bramley-home-care"
"""An employer that asks for fire safety every year."""
NEEDS = (
    ("leeds-city-council", "local-authority", "care-assistants", "dementia-care", 140, 1),
    ("st-gemma-hospice", "third-sector", "care-assistants", "dementia-care", 60, 2),
    ("bramley-home-care", "independent-provider", "care-assistants", "dementia-care", 90, 1),
    ("leeds-teaching-hospitals", "nhs-trust", "nurses", "digital", 420, 2),
    ("leeds-community-healthcare", "nhs-trust", "nurses", "systems-leadership", 80, 3),
    ("leeds-teaching-hospitals", "nhs-trust", "managers", "systems-leadership", 60, 2),
)  # fmt: skip
TRAINED, MOVED = 90, 24
"""How many people have training on record, and how many of them a host has judged."""


class Skills:
    """Core skills of the example: the Academy's desk enters all of it, for partners as well."""

    def __init__(self, hub: Caller, sectors: dict[str, str], today: date, seed: int, staff: Iterator[str]) -> None:
        """`staff`: the ids of TRAINED people whom the service has heard of."""
        self._hub, self._sectors, self._today, self._staff = hub, sectors, today, staff
        self._chance = random.Random(f"skills {seed}")  # noqa: S311 a story, not a secret

    async def enter(self, employers: Sequence[str]) -> None:
        """What is asked and taught, who was trained, and what the city needs to learn."""
        courses = await self.prepare(employers)
        for number in range(TRAINED):
            await self._train(number)
        await self._analyse_needs(courses[0])

    async def prepare(self, employers: Sequence[str]) -> list[str]:
        """Periods and courses first; then who starts with these employers is enrolled in them. The ids of the courses."""
        for subject, level, months in REFRESHERS:
            await self._set(subject, level, months)
        own = {"organisation": STRICTER, "until": self._day(-200), "reason": "inspection-finding"}
        await self._set("fire-safety", 1, 12, **own)
        courses = [await self._course(subject, level) for subject, level in TAUGHT]
        for employer in employers:
            await self._induct(employer, courses)
        return courses

    def _day(self, ago: int) -> str:
        return (self._today - timedelta(days=ago)).isoformat()

    def _skill(self, subject: str, level: int) -> dict[str, Any]:
        return {"framework": FRAMEWORK, "subject": subject, "level": level}

    async def _set(self, subject: str, level: int, months: int | None, **own: Any) -> None:
        period: dict[str, Any] = {
            "reason": "national",
            "in_force_from": self._day(1000),
            "occurred_on": self._day(1000),
        }
        if months is not None:
            period["months"] = months
        await self._hub.do("POST", "/refreshers", {**period, **self._skill(subject, level), **own})

    async def _course(self, subject: str, level: int) -> str:
        course = {
            "title": f"{subject.replace('-', ' ').capitalize()}, level {level}", "category": "core-skills",
            "provider": "leeds-city-college", "hours": 1.5, "teaches": self._skill(subject, level), "online": True,
            "seat_pence": 1200, "backfill_pence": 3400, "occurred_on": self._day(1000),
        }  # fmt: skip
        return str((await self._hub.do("POST", "/courses", course))["id"])

    async def _induct(self, employer: str, courses: Sequence[str]) -> None:
        """What an employer's starters learn first, and what those in one kind of work learn beside it."""
        own = {
            "organisation": employer, "sector": self._sectors[employer], "within_days": 28, "occurred_on": self._day(1000),
        }  # fmt: skip
        by_work: dict[str | None, list[str]] = {}
        for (subject, _), course in zip(TAUGHT, courses, strict=True):
            by_work.setdefault(CARERS.get(subject), []).append(course)
        for soc2020, theirs in by_work.items():
            work = {} if soc2020 is None else {"soc2020": soc2020}
            await self._hub.do("POST", "/inductions", {**own, **work, "courses": theirs})

    async def _train(self, number: int) -> None:
        """Somebody's training, some of it out of date; of every few, a host was asked whether it does."""
        home, host = self._chance.sample(sorted(self._sectors), 2)
        subject, level = self._chance.choice(TAUGHT)
        trained = self._chance.randint(30, 800)
        record = {
            "person_id": next(self._staff), "organisation": home,
            "skill": self._skill(subject, level), "aligned": number % 3 != 0, "occurred_on": self._day(trained),
        }  # fmt: skip
        made = await self._hub.do("POST", "/competences", record)
        if number < MOVED:
            asked = {"host": host, "skill": self._skill(subject, level), "ground": "alignment"}
            day = self._day(trained - self._chance.randint(1, 29))
            await self._hub.do("POST", f"/competences/{made['id']}/judge", {**asked, "occurred_on": day})

    async def _analyse_needs(self, course: str) -> None:
        """A year's needs, from what partners submitted to what was commissioned."""
        weights = [
            {"by": "people", "points": 1},
            {"by": "organisations", "points": 50},
            {"by": "sectors", "points": 50},
        ]
        year = {
            "year": self._today.year,
            "closes_on": self._day(100),
            "weights": weights,
            "occurred_on": self._day(160),
        }
        path = f"/cycles/{(await self._hub.do('POST', '/cycles', year))['id']}"
        for organisation, sector, role_group, skill, people, priority in NEEDS:
            need = {
                "organisation": organisation, "sector": sector, "role_group": role_group, "skill": skill, "people": people,
                "priority": priority, "occurred_on": self._day(130),
            }  # fmt: skip
            await self._hub.do("POST", f"{path}/submit", need)
        await self._until_closed(path)
        ranked = await self._hub.do("POST", f"{path}/consolidate", {"occurred_on": self._day(90)})
        first = str(ranked["priorities"][0]["skill"])
        await self._hub.do("POST", f"{path}/agree", {"skills": [first], "occurred_on": self._day(80)})
        commissioned = {"skill": first, "course_id": course, "places": 120, "occurred_on": self._day(60)}
        await self._hub.do("POST", f"{path}/commission", commissioned)

    async def _until_closed(self, path: str) -> None:
        """A cycle closes by itself, on a day that lies in the past, so soon."""
        async with asyncio.timeout(60):
            while (await self._hub.get(path))["status"] != "submitted":  # noqa: ASYNC110 its API tells nobody
                await asyncio.sleep(0.1)
