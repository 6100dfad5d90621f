"""Staff who go to work for another organisation of the example city: needs of a winter, and who answers them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from city.client import Caller

HOSTS = ("leeds-teaching-hospitals", "leeds-community-healthcare")
HOMES = ("st-gemma-hospice", "roundhay-nursing", "leeds-gp-confederation", "aire-valley-care", "forum-central")
PLACES = 6
"""Of each host's need. Of those who are put forward one more never starts, and one is recalled."""
PUT_FORWARD = len(HOSTS) * (PLACES + 1)
CHECKS = ("identity", "right-to-work", "criminal-record")


@dataclass
class Winter:
    """The needs of a winter as they are entered, and everybody who answered."""

    desk: Caller
    today: date
    seed: int
    staff: Iterator[str]
    """The ids of PUT_FORWARD people whom the service has heard of."""

    def __post_init__(self) -> None:
        self.chance = random.Random(f"winter {self.seed}")  # noqa: S311 a story, not a secret

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    async def pass_by(self) -> int:
        """The whole winter; how many moves began."""
        began = 0
        for host in HOSTS:
            need = await self._need(host)
            moves = [await self._put_forward(need, turn) for turn in range(PLACES + 1)]
            ranked = (await self.desk.get(f"/needs/{need}/proposals"))["proposals"]
            if {row["deployment_id"] for row in ranked} != set(moves):
                raise RuntimeError("who was put forward is not who is ranked")
            for turn, move in enumerate(moves[:PLACES]):
                await self._start(move, HOMES[turn % len(HOMES)])
                began += 1
            await self._step(moves[0], "recall", 50, reason="short-at-home")
            await self._step(moves[-1], "cancel", 90, reason="no-longer-needed")
        return began

    async def _need(self, host: str) -> str:
        need = {
            "organisation": host, "title": "Registered nurse, respiratory ward", "soc2020": "2237", "level": 5,
            "place": "seacroft", "weekly_hours": 22.5, "people": PLACES, "starts_on": self.day(100),
            "ends_on": self.day(-60), "reason": "winter-pressure", "release_on": self.day(-30),
            "occurred_on": self.day(130),
        }  # fmt: skip
        made = await self.desk.do("POST", "/needs", need)
        await self.desk.do("POST", f"/needs/{made['id']}/release", {"occurred_on": self.day(125)})
        return str(made["id"])

    async def _put_forward(self, need: str, turn: int) -> str:
        """Somebody of one of the homes, three days a week."""
        days = self.chance.sample((1, 2, 3, 4, 5), 3)
        proposal = {
            "person_id": next(self.staff), "home": HOMES[turn % len(HOMES)],
            "basis": "framework-licence", "starts_on": self.day(100), "ends_on": self.day(-60), "need_id": need,
            "pattern": [{"day": day, "starts": "08:30", "ends": "16:00"} for day in sorted(days)],
            "own": {
                "soc2020": self.chance.choice(("2237", "2231", "6131")), "level": self.chance.randint(3, 7),
                "place": self.chance.choice(("seacroft", "armley")), "available_from": self.day(110),
                "available_until": self.day(-70),
            },
            "occurred_on": self.day(120),
        }  # fmt: skip
        return str((await self.desk.do("POST", "/deployments", proposal))["id"])

    async def _start(self, move: str, home: str) -> None:
        """From the host's yes to the first day."""
        await self._step(move, "match", 118)
        await self._step(move, "agree", 116)
        await self._passport(move, home)
        await self._step(move, "verify-checks", 112)
        for side in ("home", "host"):
            await self._step(
                move, "authorise", 110, side=side, authorised_by="director-of-nursing", indemnity="host-covers-clinical",
                data_basis="framework-schedule-3", recharge="at-cost",
            )  # fmt: skip
        await self._step(move, "induct", 101)
        await self._step(move, "start", 100)

    async def _passport(self, move: str, home: str) -> None:
        """What the employer has checked, once: the move relies on it."""
        person = (await self.desk.get(f"/deployments/{move}"))["person_id"]
        made = await self.desk.do(
            "POST", "/passports", {"person_id": person, "home": home, "occurred_on": self.day(400)}
        )
        for kind in CHECKS:
            check = {"kind": kind, "verified_by": home, "satisfactory": True, "occurred_on": self.day(390)}
            await self.desk.do("POST", f"/passports/{made['id']}/record-check", check)

    async def _step(self, move: str, name: str, ago: int, **fields: Any) -> None:
        await self.desk.do("POST", f"/deployments/{move}/{name}", {**fields, "occurred_on": self.day(ago)})
