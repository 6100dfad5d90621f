"""What happens to one person, as a partner's own system tells it: the steps of a journey, by claims."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from city.client import PartnerSystem, Refused
from city.journeys import VALUES, City
from city.people import Person

CHECKS = (
    {"kind": "identity"}, {"kind": "right-to-work"}, {"kind": "reference"}, {"kind": "criminal-record", "level": "basic"},
)  # fmt: skip
"""The checks that the partner makes for the post that it advertises."""


@dataclass
class PartnerJourney:
    """One person's way at one partner, in the partner's references."""

    city: City
    partner: PartnerSystem
    vacancy: str
    """The partner's own reference of the vacancy."""
    person: Person
    person_id: str
    """As people gave it for the partner's own number."""
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = self.city.chance(self.person)
        self.first_day = self.city.today - timedelta(days=self.person.registered_days_ago)
        self.application = f"{self.partner.partner}/application/{self.person.number}"

    def day(self, days: int) -> str:
        return (self.first_day + timedelta(days=days)).isoformat()

    async def go(self) -> None:
        """From the first meeting to the first day at work."""
        await self.claim(
            "interest-claimed", 0, interest=f"interest-{self.person.number}", person_id=self.person_id, **self._came()
        )
        apply = {"application": self.application, "vacancy": self.vacancy, "person_id": self.person_id}
        await self.claim("application-claimed", 3, **apply)
        await self.step("shortlisted", 7)
        scores = [{"value": value, "score": self.chance.randint(3, 5)} for value in VALUES]
        await self.claim(
            "values-interview-claimed", 14, application=self.application, framework="nhs-values-2015", scores=scores,
            panel=[self.partner.partner, "leeds-city-council"], outcome="passed",
        )  # fmt: skip
        await self.step("offered", 18)
        for turn, check in enumerate(CHECKS):
            await self.claim(
                "check-claimed", 21 + 2 * turn, application=self.application, **check, status="complete",
                outcome="satisfactory", awaiting="nobody",
            )  # fmt: skip
        await self.step("cleared", 45)
        await self.step("start-agreed", 46, start_on=self.day(60))
        await self.start()

    async def start(self) -> None:
        """The first day, told as tired people tell things: with a wrong code first, or twice."""
        data = {
            "application": self.application, "prior_employment": self.person.prior_employment, "occurred_on": self.day(60),
        }  # fmt: skip
        if self.person.number % 5 == 0:
            answer = await self.partner.claim("start-claimed", {**data, "prior_employment": "NHS"})
            if answer["outcome"] != "refused":
                raise Refused("a code that is not in the list was accepted")
        identity = f"{self.partner.partner}-start-{self.person.number}"
        first = await self.partner.claim("start-claimed", data, claim_id=identity)
        again = await self.partner.claim("start-claimed", data, claim_id=identity)
        if (first["outcome"], again["outcome"]) != ("accepted", "already-known") or first["ids"] != again["ids"]:
            raise Refused(f"the same start was answered {first} and {again}")

    def _came(self) -> dict[str, Any]:
        came: dict[str, Any] = {"channel": "own-recruitment", "employment_status": self.person.employment_status}
        if self.person.by_campaign:
            id_, campaign = next(
                (id_, found)
                for id_, found in self.city.campaigns
                if found.opens_on <= self.first_day <= found.closes_on
            )
            came |= {"campaign_id": id_, "ward": self.chance.choice(campaign.wards)}
        return came

    async def step(self, name: str, days: int, **fields: Any) -> None:
        await self.claim("step-claimed", days, application=self.application, step=name, **fields)

    async def claim(self, type_: str, days: int, **data: Any) -> None:
        mode = "structured" if self.person.number % 2 else "binary"
        await self.partner.accepted(type_, {**data, "occurred_on": self.day(days)}, mode=mode)
