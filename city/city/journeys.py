"""What happens to one person, as the coordinator and the employers enter it: the steps of a journey, by HTTP."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from city.client import Caller
from city.people import Ending, Person
from city.scenery import Campaign

VALUES = (
    "working-together-for-patients", "respect-and-dignity", "commitment-to-quality-of-care", "compassion",
    "improving-lives", "everyone-counts",
)  # fmt: skip
SPOKES = ("connecting-communities", "we-care-academy", "employability-support", "talent-hub")
CHANNELS = ("job-centre", "website", "word-of-mouth", "telephone")


@dataclass(frozen=True)
class Place:
    """A vacancy of the example, as journeys need it."""

    id: str
    employer: str


@dataclass(frozen=True)
class City:
    """What a journey meets: who enters it, where one can apply, and by which campaign one comes."""

    hub: Caller
    places: Sequence[Place]
    campaigns: Sequence[tuple[str, Campaign]]
    fairs: Sequence[str]
    today: date
    seed: int

    def chance(self, person: Person) -> random.Random:
        return random.Random(f"{self.seed} {person.number}")  # noqa: S311 a story, not a secret


async def fact_of(hub: Caller, candidacy: str, name: str) -> str:
    """The id of the fact of this name in a candidacy's history."""
    history = await hub.get(f"/candidacies/{candidacy}/history")
    return str(next(line["id"] for line in history["lines"] if f".{name}." in line["type"]))


@dataclass
class Journey:
    """One person's way, entered step by step; each step on a day of its own."""

    city: City
    person: Person
    person_id: str
    """As people gave it."""
    engagement: str = ""

    def __post_init__(self) -> None:
        self.chance = self.city.chance(self.person)
        self.first_day = self.city.today - timedelta(days=self.person.registered_days_ago)

    def day(self, days: int) -> str:
        return (self.first_day + timedelta(days=days)).isoformat()

    async def go(self) -> None:
        """The whole journey."""
        await self.register()
        ending = self.person.ending
        if ending is Ending.SUPPORTED:
            await self.support()
            return
        first, other = self.chance.sample(list(self.city.places), 2)
        candidacy = await self.apply(first, 3)
        if ending is Ending.WITHDREW:
            await self.step(candidacy, "withdraw", 6, reason="transport")
            return
        await self.pass_values_interview(candidacy)
        match ending:
            case Ending.NOT_APPOINTED:
                await self.step(candidacy, "not-appoint", 16, reason="criteria-not-met")
            case Ending.REDIRECTED:
                await self.start(await self.redirect(candidacy, self.elsewhere(first)), 24)
            case Ending.POOLED:
                await self.start(await self.pool(candidacy, self.elsewhere(first)), 40)
            case Ending.DECLINED:
                await self.step(candidacy, "make-offer", 18)
                await self.step(candidacy, "decline-offer", 21, reason="pay-or-hours")
            case Ending.NEVER_STARTED:
                await self.step(candidacy, "make-offer", 18)
                await self.clear(candidacy, 20)
                await self.step(candidacy, "agree-start", 46, start_on=self.day(60))
                await self.step(candidacy, "withdraw-offer", 62, reason="other")
            case Ending.MISTAKE:
                await self.step(candidacy, "make-offer", 18)
                await self.start(candidacy, 20)
                await self.void_start(candidacy)
            case _:
                await self.step(candidacy, "make-offer", 18)
                await self.start(candidacy, 20)
                if self.person.second_start:
                    await self.start_again(other)

    def elsewhere(self, place: Place) -> Place:
        return self.chance.choice([other for other in self.city.places if other.employer != place.employer])

    async def register(self, *, by_campaign: bool | None = None, days: int = 0) -> str:
        """The first meeting, or another with the same person."""
        campaign = self.person.by_campaign if by_campaign is None else by_campaign
        status, day = self.person.employment_status, self.day(days)
        body: dict[str, Any] = {"person_id": self.person_id, "employment_status": status, "occurred_on": day}
        body |= self._came_by_campaign(days) if campaign else self._came_otherwise()
        answer = await self.city.hub.do("POST", "/engagements", body, twice=self.person.number % 40 == 0)
        self.engagement = self.engagement or answer["id"]
        return str(answer["id"])

    def _came_by_campaign(self, days: int) -> dict[str, Any]:
        day = self.first_day + timedelta(days=days)
        id_, campaign = next(
            (id_, found) for id_, found in self.city.campaigns if found.opens_on <= day <= found.closes_on
        )
        channel = self.chance.choice(campaign.plan["channels"])
        code = {"qr_asset": f"poster-{self.chance.randint(1, 40)}"} if channel == "poster-qr" else {}
        return {
            "source": "campaign", "campaign_id": id_, "channel": channel, "ward": self.chance.choice(campaign.wards), **code,
        }  # fmt: skip

    def _came_otherwise(self) -> dict[str, Any]:
        match self.chance.choice(("direct", "direct", "fair", "supply-partner")):
            case "fair":
                return {"source": "fair", "fair_id": self.chance.choice(self.city.fairs), "channel": "fair-stand"}
            case "supply-partner":
                return {"source": "supply-partner", "supply_partner": "forum-central", "channel": "referral"}
            case _:
                return {"source": "direct", "channel": self.chance.choice(CHANNELS)}

    async def support(self) -> None:
        assert self.person.support is not None
        kind, destination = self.person.support
        await self._engage("triage", 1, spoke=self.chance.choice(SPOKES))
        await self._engage("support", 9, kind=kind, destination=destination)

    async def _engage(self, name: str, days: int, **fields: Any) -> None:
        body = {**fields, "occurred_on": self.day(days)}
        await self.city.hub.do("POST", f"/engagements/{self.engagement}/{name}", body)

    async def apply(self, place: Place, days: int, engagement: str = "") -> str:
        body = {
            "engagement_id": engagement or self.engagement, "vacancy_id": place.id, "occurred_on": self.day(days),
        }  # fmt: skip
        return str((await self.city.hub.do("POST", "/candidacies", body))["id"])

    async def step(self, candidacy: str, name: str, days: int, **fields: Any) -> dict[str, Any]:
        body = {**fields, "occurred_on": self.day(days)}
        answer: dict[str, Any] = await self.city.hub.do("POST", f"/candidacies/{candidacy}/{name}", body)
        return answer

    async def pass_values_interview(self, candidacy: str, days: int = 7) -> None:
        await self.step(candidacy, "shortlist", days)
        panel = self.chance.sample(sorted({place.employer for place in self.city.places}), 2)
        scores = [{"value": value, "score": self.chance.randint(3, 5)} for value in VALUES]
        await self.step(
            candidacy, "record-values-interview", days + 7,
            framework="nhs-values-2015", scores=scores, panel=panel, outcome="passed",
        )  # fmt: skip

    async def clear(self, candidacy: str, days: int) -> None:
        """Every check that role and employer need, identity first; then clearance."""
        answer = await self.city.hub.get(f"/candidacies/{candidacy}")
        done = {"id": candidacy, "status": "complete", "outcome": "satisfactory", "awaiting": "nobody"}
        rows = []
        for turn, check in enumerate(answer["checks"]):
            of = {name: check[name] for name in ("kind", "number", "level", "workforce") if check.get(name) is not None}
            rows.append({**done, **of, "occurred_on": self.day(days + 1 + 2 * turn)})
        await self.city.hub.rows("/candidacies/update-check/rows", rows)
        await self.step(candidacy, "clear", days + 25)

    async def start(self, candidacy: str, days: int) -> None:
        """From the offer to the first day at work."""
        await self.clear(candidacy, days)
        await self.step(candidacy, "agree-start", days + 26, start_on=self.day(days + 40))
        await self.step(candidacy, "start", days + 40, prior_employment=self.person.prior_employment)

    async def redirect(self, candidacy: str, to: Place) -> str:
        await self._engage("permit-redirection", 15, to=["employer"], until=self.day(140))
        await self.step(candidacy, "redirect", 16, to="employer", vacancy_id=to.id)
        found = await self._candidacy_at(to)
        await self.step(found, "shortlist", 18)
        await self.step(found, "accept-values-pass", 19)
        await self.step(found, "make-offer", 22)
        return found

    async def pool(self, candidacy: str, to: Place) -> str:
        """Appointable, and offered a post of another vacancy in one act."""
        await self.step(candidacy, "not-appoint", 16, reason="appointable-no-post")
        await self._engage("permit-redirection", 16, to=["employer"], until=self.day(140))
        member = await self.city.hub.do(
            "POST", "/appointables",
            {"candidacy_id": candidacy, "available_from": self.day(20), "occurred_on": self.day(17)},
        )  # fmt: skip
        body = {"vacancy_id": to.id, "occurred_on": self.day(38)}
        await self.city.hub.do("POST", f"/appointables/{member['id']}/offer", body)
        return await self._candidacy_at(to)

    async def _candidacy_at(self, place: Place) -> str:
        """The candidacy of this person there."""
        page = await self.city.hub.get("/candidacies", person_id=self.person_id, vacancy_id=place.id)
        return str(page["rows"][0]["id"])

    async def void_start(self, candidacy: str) -> None:
        """It was somebody else who started: what was said by mistake is taken back."""
        start = await fact_of(self.city.hub, candidacy, "candidate-placed")
        await self.city.hub.do("POST", f"/candidacies/{candidacy}/facts/{start}/void", {"reason": "wrong-person"})

    async def start_again(self, place: Place) -> None:
        """A second start, months later: the person must not be counted again."""
        other_route = self.person.second_start == "other-route"
        by_campaign = self.person.by_campaign != other_route
        engagement = await self.register(by_campaign=by_campaign, days=64)
        candidacy = await self.apply(place, 66, engagement)
        await self.pass_values_interview(candidacy, 70)
        await self.step(candidacy, "make-offer", 80)
        await self.start(candidacy, 82)
