"""The example's requirements, and the staff of three organisations as these entered them: who must be trained, and who is."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from city.client import Caller
from city.skills import FRAMEWORK, REFRESHERS

EVERYBODY = (("fire-safety", 1), ("information-governance-and-data-security", 1))
CARERS = ("resuscitation", 2)
BEFORE = "cstf-england-1-0"
"""The version of the framework that a few were trained by, and that will do for so many days more."""
DOES_FOR = 45
MONTHS = {(subject, level): months for subject, level, months in REFRESHERS}
STAFF = 30
"""Of each organisation: enough that a share of them is published."""
CARER, OFFICE = "6135", "4159"


class Compliance:
    """What is required of everybody and of carers, who works where, and what they were trained in."""

    def __init__(self, hub: Caller, today: date, seed: int, persons: Iterator[str]) -> None:
        """`persons`: the ids of STAFF for each organisation, of whom the service has heard."""
        self._hub, self._today, self._persons = hub, today, persons
        self._chance = random.Random(f"compliance {seed}")  # noqa: S311 a story, not a secret

    async def require(self) -> None:
        """What everybody, and what carers must be trained in."""
        for subject, level in EVERYBODY:
            await self._require(subject, level)
        await self._require(*CARERS, soc2020=CARER)

    async def enter(self, organisations: Sequence[str]) -> None:
        """The same, and the staff of these organisations."""
        await self.require()
        for organisation in organisations:
            for number in range(STAFF):
                await self._employ(organisation, CARER if number % 3 else OFFICE, recent=number == 1)

    def _day(self, ago: int) -> str:
        return (self._today - timedelta(days=ago)).isoformat()

    async def _require(self, subject: str, level: int, **own: Any) -> None:
        version = {"framework": FRAMEWORK, "framework_from": self._day(-DOES_FOR)}
        skill = {"subject": subject, "level": level}
        await self._hub.do("POST", "/requirements", {**skill, **version, **own, "occurred_on": self._day(900)})
        period = {"framework": BEFORE, "months": MONTHS[subject, level], "reason": "national"}
        since = {"in_force_from": self._day(1000), "occurred_on": self._day(1000)}
        await self._hub.do("POST", "/refreshers", {**skill, **period, **since})

    async def _employ(self, organisation: str, soc2020: str, *, recent: bool) -> None:
        """Somebody who works there. Nearly all were trained, some so long ago that it has run out."""
        person = next(self._persons)
        began = {"person_id": person, "organisation": organisation, "soc2020": soc2020}
        await self._hub.do("POST", "/employments", {**began, "occurred_on": self._day(5 if recent else 850)})
        for subject, level in (*EVERYBODY, *([CARERS] if soc2020 == CARER else [])):
            if recent or self._chance.random() < 0.1:
                continue
            trained = {
                "person_id": person, "organisation": organisation, "source": "esr", "aligned": True,
                "skill": {
                    "framework": BEFORE if self._chance.random() < 0.1 else FRAMEWORK, "subject": subject, "level": level,
                },
                "occurred_on": self._day(self._chance.choice((60, 150, 250, 320, 345, 420))),
            }  # fmt: skip
            await self._hub.do("POST", "/competences", trained)
