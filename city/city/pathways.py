"""The example's T Level placements and apprenticeships, as the Academy entered them for employers and colleges."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from city.client import Caller

COLLEGE = "leeds-city-college"
HEALTH = ("leeds-teaching-hospitals", "leeds-community-healthcare")
CARE = ("leeds-city-council", "bramley-home-care")
STUDENTS, WHOLE = 14, 2
"""How many students began a placement, and how many of them have done all of its hours."""
APPRENTICES = 24
STANDARDS = ("ST0216", "ST0005")
STOPS = ("left-employment", "changed-career", "personal-reasons")


class Pathways:
    """Placements and apprenticeships: some go on, some are complete, some stopped."""

    def __init__(self, hub: Caller, today: date, seed: int, persons: Iterator[str]) -> None:
        """`persons`: the ids of STUDENTS and APPRENTICES whom the service has heard of."""
        self._hub, self._today, self._persons = hub, today, persons
        self._chance = random.Random(f"pathways {seed}")  # noqa: S311 a story, not a secret

    async def enter(self) -> None:
        for number in range(STUDENTS):
            await self._place(number)
        for number in range(APPRENTICES):
            await self._employ(number)

    def _day(self, ago: int) -> str:
        return (self._today - timedelta(days=ago)).isoformat()

    async def _place(self, number: int) -> None:
        """A student, an employer of health and one of care in turn, a day with another, and as many days as it came to."""
        year = self._today.year - 1
        begun = {
            "person_id": next(self._persons),
            "provider": COLLEGE,
            "start_year": year,
            "specialism": "adult-nursing",
        }
        made = await self._hub.do("POST", "/pathways", {**begun, "occurred_on": self._day(300)})
        path = f"/pathways/{made['id']}"
        legs = (self._chance.choice(HEALTH), self._chance.choice(CARE))
        for employer, setting in zip(legs, ("health", "care"), strict=True):
            joined = {"employer": employer, "setting": setting, "occurred_on": self._day(299)}
            await self._hub.do("POST", f"{path}/join", joined)
        taster = {"employer": "st-gemma-hospice", "hours": 7.0, "taster": True, "occurred_on": self._day(290)}
        await self._hub.do("POST", f"{path}/log-hours", taster)
        for turn in range(44 if number < WHOLE else self._chance.randint(4, 20)):
            worked = {"employer": legs[turn % 2], "hours": 7.0, "occurred_on": self._day(280 - 5 * turn)}
            await self._hub.do("POST", f"{path}/log-hours", worked)
        if number == STUDENTS - 1:
            await self._hub.do("POST", f"{path}/end", {"reason": "left-the-course", "occurred_on": self._day(10)})

    async def _employ(self, number: int) -> None:
        """An apprentice: a third wait or are on a break, a third are live, the others came to the end of it or stopped."""
        agreed: dict[str, Any] = {
            "person_id": next(self._persons), "employer": self._chance.choice((*HEALTH, *CARE)), "provider": COLLEGE,
            "standard": self._chance.choice(STANDARDS), "standard_version": "1.1", "starts_on": self._day(500),
            "off_the_job_hours": 60.0, "occurred_on": self._day(520),
        }  # fmt: skip
        path = f"/apprenticeships/{(await self._hub.do('POST', '/apprenticeships', agreed))['id']}"

        async def step(name: str, ago: int, **said: Any) -> None:
            await self._hub.do("POST", f"{path}/{name}", {**said, "occurred_on": self._day(ago)})

        ending = number % 6
        if ending == 0 and number < 6:
            return
        await step("begin", 500)
        for turn in range(10):
            await step("log-off-the-job", 490 - 7 * turn, hours=6.0)
        match ending:
            case 0:
                await step("pause", 60, reason="illness")
            case 1:
                await step("stop", 100, reason=self._chance.choice(STOPS))
            case 2:
                await step("change-employer", 200, employer=self._chance.choice(CARE))
            case 3:
                await step("reach-gateway", 90)
                await step("begin-assessment", 60)
                await step("assess", 40, grade=self._chance.choice(("pass", "merit", "distinction")))
