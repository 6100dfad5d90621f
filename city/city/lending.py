"""Staff whom one partner lends another, told by the two partners' own systems: passports, checks and moves, by claims alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from city.client import PartnerSystem, Refused

HOME, HOST = "bramley-home-care", "leeds-teaching-hospitals"
LENT = 2
CHECKS: tuple[dict[str, Any], ...] = (
    {"kind": "identity"}, {"kind": "right-to-work"}, {"kind": "criminal-record", "level": "enhanced", "workforce": "adult"},
)  # fmt: skip


@dataclass
class Lending:
    """Two systems, and the staff whom the one lends."""

    home: PartnerSystem
    host: PartnerSystem
    today: date
    staff: Sequence[str]
    """Their ids, as people gave them for the home's own numbers."""

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    async def go(self) -> None:
        """From each passport to the first day with the host."""
        await asyncio.gather(*(self._lend(number, person) for number, person in enumerate(self.staff)))

    async def _lend(self, number: int, person: str) -> None:
        await self._passport(number, person)
        await self._move(number, person)

    async def _passport(self, number: int, person: str) -> None:
        checks = [
            {
                **check, "check": f"check-{number}-{check['kind']}", "person_id": person, "verified_by": HOME,
                "satisfactory": True, "occurred_on": self.day(190),
            }
            for check in CHECKS
        ]  # fmt: skip
        early = await self.home.claim("employment-check-claimed", checks[0])
        if early["outcome"] != "refused":
            raise Refused("a check was accepted of somebody without a passport")
        opened = {"passport": f"passport-{number}", "person_id": person, "occurred_on": self.day(200)}
        await self.home.accepted("passport-claimed", opened)
        left_out = ("verified_by", "satisfactory")
        asked = {name: value for name, value in checks[-1].items() if name not in left_out}
        asked |= {"status": "requested", "awaiting": "third-party", "occurred_on": self.day(195)}
        for check in (asked, *checks):
            await self.home.accepted("employment-check-claimed", check)
        shared = {
            "passport": f"passport-{number}", "step": "shared", "organisation": HOST, "until": self.day(-60),
            "occurred_on": self.day(125),
        }  # fmt: skip
        await self.home.accepted("passport-step-claimed", shared)

    async def _move(self, number: int, person: str) -> None:
        proposal = {
            "move": f"move-{number}", "person_id": person, "host": HOST, "title": "Care worker", "soc2020": "6135",
            "basis": "framework-licence", "starts_on": self.day(100), "ends_on": self.day(-30),
            "pattern": [{"day": day, "starts": "08:00", "ends": "15:30"} for day in (2, 4)], "home_hours": 15.0,
            "own": {
                "soc2020": "6135", "level": 3, "place": "bramley", "available_from": self.day(120),
                "available_until": self.day(-30),
            },
            "occurred_on": self.day(120),
        }  # fmt: skip
        move = (await self.home.accepted("move-claimed", proposal))["deployment_id"]
        authorised = {
            "deployment_id": move, "authorised_by": "head-of-care", "indemnity": "host-covers-clinical",
            "data_basis": "framework-schedule-3", "recharge": "at-cost", "occurred_on": self.day(110),
        }  # fmt: skip
        await self._step(self.host, move, "taken-up", 118)
        await self._step(self.home, move, "agreed", 116)
        await self._step(self.home, move, "checks-verified", 112)
        for system in (self.home, self.host):
            await system.accepted("authorisation-claimed", authorised)
        await self._step(self.host, move, "inducted", 101)
        await self._step(self.host, move, "started", 100)

    async def _step(self, system: PartnerSystem, move: str, name: str, ago: int) -> None:
        step = {"deployment_id": move, "step": name, "occurred_on": self.day(ago)}
        await system.accepted("move-step-claimed", step, mode="structured")
