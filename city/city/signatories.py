"""Who signs the Workforce Mobility Framework of the example city, and who must not be counted as if they had."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from city.client import Caller


class Story(StrEnum):
    """What becomes of an organisation's signature."""

    SIGNED = "signed"
    SIGNED_AGAIN = "signed-again"
    """Also the second version: it must not count twice."""
    CAME_BACK = "came-back"
    """Suspended for a while."""
    LEFT = "left"
    """Signed, gave notice, and its last day is over."""
    SUSPENDED = "suspended"
    SIGNED_FOR_LATER = "signed-for-later"
    """Signed, and not yet in force."""
    INVITED = "invited"
    DECLINED = "declined"
    MISTAKE = "mistake"
    """Said to have signed, which was wrong: voided."""


@dataclass(frozen=True)
class Organisation:
    """An organisation of the city, and its story."""

    name: str
    sector: str
    story: Story
    statutory: bool = False


STATUTORY = (
    ("leeds-city-council", "local-authority"), ("leeds-teaching-hospitals", "nhs-trust"),
    ("leeds-community-healthcare", "nhs-trust"), ("leeds-and-york-partnership", "nhs-trust"),
    ("west-yorkshire-icb", "integrated-care-board"),
)  # fmt: skip
SIGNED = (
    ("leeds-gp-confederation", "primary-care"), ("armley-primary-care-network", "primary-care"),
    ("beeston-primary-care-network", "primary-care"), ("seacroft-primary-care-network", "primary-care"),
    ("bramley-home-care", "independent-provider"), ("aire-valley-care", "independent-provider"),
    ("roundhay-nursing", "independent-provider"), ("kirkstall-care-homes", "independent-provider"),
    ("meanwood-supported-living", "independent-provider"), ("otley-home-support", "independent-provider"),
    ("forum-central", "third-sector"), ("hamara-wellbeing", "third-sector"), ("st-gemma-hospice", "third-sector"),
    ("armley-helping-hands", "third-sector"), ("seacroft-friends", "third-sector"), ("carers-of-leeds", "third-sector"),
    ("leeds-recovery-house", "third-sector"), ("holbeck-together", "third-sector"), ("wharfe-hospice", "third-sector"),
    ("leeds-advice-centre", "third-sector"), ("young-minds-of-leeds", "third-sector"),
    ("leeds-city-college-health", "education"), ("university-school-of-nursing", "education"),
)  # fmt: skip
CAME_BACK = (
    ("horsforth-care", "independent-provider"), ("garforth-day-centre", "third-sector"), ("leeds-ambulance-aid", "third-sector"),
)  # fmt: skip
NOT_IN_FORCE = (
    ("pudsey-home-care", "independent-provider", Story.LEFT), ("morley-nursing", "independent-provider", Story.SUSPENDED),
    ("rothwell-hospice", "third-sector", Story.SIGNED_FOR_LATER), ("wetherby-care", "independent-provider", Story.INVITED),
    ("yeadon-living", "independent-provider", Story.DECLINED), ("kippax-care", "independent-provider", Story.MISTAKE),
)  # fmt: skip


def organisations() -> Iterator[Organisation]:
    """Everybody who was invited."""
    yield from (Organisation(name, sector, Story.SIGNED_AGAIN, statutory=True) for name, sector in STATUTORY)
    for turn, (name, sector) in enumerate(SIGNED):
        yield Organisation(name, sector, Story.SIGNED_AGAIN if turn % 3 == 0 else Story.SIGNED)
    yield from (Organisation(name, sector, Story.CAME_BACK) for name, sector in CAME_BACK)
    yield from (Organisation(name, sector, story) for name, sector, story in NOT_IN_FORCE)


@dataclass
class Framework:
    """The framework as it is entered: published, signed, varied, signed again."""

    desk: Caller
    today: date
    id: str = ""

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    async def sign_up(self) -> None:
        """The whole story, everybody's."""
        publication = {
            "name": "Leeds Workforce Mobility Framework", "effective_from": self.day(580), "notice_days": 60,
            "occurred_on": self.day(600),
        }  # fmt: skip
        self.id = str((await self.desk.do("POST", "/frameworks", publication))["id"])
        everybody = list(organisations())
        signatures = [await self._invite(organisation) for organisation in everybody]
        for organisation, signature in zip(everybody, signatures, strict=True):
            await self._live(signature, organisation.story)
        variation = {
            "effective_from": self.day(-30), "notice_days": 90, "sign_by": self.day(-45), "reason": "students-join",
            "occurred_on": self.day(40),
        }  # fmt: skip
        await self.desk.do("POST", f"/frameworks/{self.id}/vary", variation)
        for organisation, signature in zip(everybody, signatures, strict=True):
            if organisation.story is Story.SIGNED_AGAIN:
                fields = {"signed_by": "chief-executive", "in_force_from": self.day(-30)}
                await self._step(signature, "sign", 20, version=2, **fields)

    async def _invite(self, organisation: Organisation) -> str:
        invitation = {
            "framework_id": self.id, "organisation": organisation.name, "sector": organisation.sector,
            "statutory": organisation.statutory, "occurred_on": self.day(599),
        }  # fmt: skip
        return str((await self.desk.do("POST", "/signatures", invitation))["id"])

    async def _live(self, signature: str, story: Story) -> None:
        """An organisation's story under the first version."""
        if story is Story.DECLINED:
            await self._step(signature, "decline", 590, reason="insurance-does-not-cover-it")
        if story in (Story.INVITED, Story.DECLINED):
            return
        first = self.day(-20) if story is Story.SIGNED_FOR_LATER else self.day(580)
        await self._step(signature, "sign", 585, version=1, signed_by="chief-executive", in_force_from=first)
        if story in (Story.SUSPENDED, Story.CAME_BACK):
            await self._step(signature, "suspend", 200, reason="regulator-inadequate")
        if story is Story.CAME_BACK:
            await self._step(signature, "resume", 150)
        if story is Story.LEFT:
            await self._step(signature, "give-notice", 200, last_day=self.day(100), reason="merged")
        if story is Story.MISTAKE:
            await self._void(signature, "organisation-signed")

    async def _step(self, signature: str, name: str, ago: int, **fields: Any) -> None:
        await self.desk.do("POST", f"/signatures/{signature}/{name}", {**fields, "occurred_on": self.day(ago)})

    async def _void(self, signature: str, name: str) -> None:
        lines: Sequence[dict[str, Any]] = (await self.desk.get(f"/signatures/{signature}/history"))["lines"]
        fact = next(line["id"] for line in lines if f".{name}." in line["type"])
        await self.desk.do("POST", f"/signatures/{signature}/facts/{fact}/void", {"reason": "wrong-organisation"})
