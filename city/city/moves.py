"""Staff who go to work for another organisation of the example city: needs of a winter, who answers them, and what comes of it.

What is the same for many is entered as a spreadsheet, as a partner's HR does it.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from city.client import Caller

HOSTS: Mapping[str, str] = {"leeds-teaching-hospitals": "nhs-trust", "leeds-community-healthcare": "nhs-trust"}
"""Who borrows, each with its sector."""
HOMES = ("st-gemma-hospice", "roundhay-nursing", "leeds-gp-confederation", "aire-valley-care", "forum-central")
PLACES = 6
"""Of each host's need. Of those who are put forward one more never starts, and one is recalled."""
PUT_FORWARD = len(HOSTS) * (PLACES + 1)
CHECKS = ("identity", "right-to-work", "criminal-record")
WEEKS = 4
"""Of how many weeks hours were written down, from the first day on."""
SHIFT_HOURS, SHIFT_PENCE = 7.5, 18_000
LEFT_EARLY = 3.5
"""The hours that a disputed line came to less."""
RAISED, FIRST_DAY = 130, 100
"""How many days ago the needs were raised, and everybody's first day was."""


@dataclass(frozen=True)
class Mover:
    """Somebody who was put forward, and on which days of the week they are to work."""

    move: str
    person: str
    home: str
    days: Sequence[int]


@dataclass
class Winter:
    """The needs of a winter as they are entered, and everybody who answered."""

    desk: Caller
    academy: Caller
    today: date
    seed: int
    staff: Iterator[str]
    """The ids of PUT_FORWARD people whom the service has heard of."""
    movers: list[Mover] = field(default_factory=list)
    """Who took up a place."""

    def __post_init__(self) -> None:
        self.chance = random.Random(f"winter {self.seed}")  # noqa: S311 a story, not a secret

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    async def pass_by(self) -> int:
        """The whole winter; how many moves began."""
        await self._local_inductions()
        not_needed, recalled = [], []
        for host in HOSTS:
            need = await self._need(host)
            answered = [await self._put_forward(need, turn) for turn in range(PLACES + 1)]
            ranked = (await self.desk.get(f"/needs/{need}/proposals"))["proposals"]
            if {row["deployment_id"] for row in ranked} != {mover.move for mover in answered}:
                raise RuntimeError("who was put forward is not who is ranked")
            self.movers += answered[:PLACES]
            not_needed.append(answered[-1])
            recalled.append(answered[0])
        await self._start()
        await self._stay_longer(self.movers[1::PLACES])
        await self._steps("recall", 50, recalled, reason="short-at-home")
        await self._steps("cancel", 90, not_needed, reason="no-longer-needed")
        await self._statements()
        return len(self.movers)

    async def _local_inductions(self) -> None:
        """What movers learn first with each host: learning enrols them when they start."""
        tour = {"title": "Find your way", "category": "induction", "provider": "leeds-city-college", "hours": 1.0}
        course = await self.academy.do("POST", "/courses", {**tour, "online": True, "occurred_on": self.day(150)})
        for host, sector in HOSTS.items():
            own = {"organisation": host, "sector": sector, "movers": True, "courses": [course["id"]], "within_days": 7}
            await self.academy.do("POST", "/inductions", {**own, "occurred_on": self.day(140)})

    async def _need(self, host: str) -> str:
        need = {
            "organisation": host, "title": "Registered nurse, respiratory ward", "soc2020": "2237", "level": 5,
            "place": "seacroft", "weekly_hours": 22.5, "people": PLACES, "starts_on": self.day(FIRST_DAY),
            "ends_on": self.day(-60), "reason": "winter-pressure", "release_on": self.day(-30),
            "occurred_on": self.day(RAISED),
        }  # fmt: skip
        made = await self.desk.do("POST", "/needs", need)
        await self.desk.do("POST", f"/needs/{made['id']}/release", {"occurred_on": self.day(125)})
        return str(made["id"])

    async def _put_forward(self, need: str, turn: int) -> Mover:
        """Somebody of one of the homes, three days a week."""
        days = sorted(self.chance.sample((1, 2, 3, 4, 5), 3))
        person, home = next(self.staff), HOMES[turn % len(HOMES)]
        proposal = {
            "person_id": person, "home": home, "basis": "framework-licence", "starts_on": self.day(FIRST_DAY),
            "ends_on": self.day(-60), "need_id": need,
            "pattern": [{"day": day, "starts": "08:30", "ends": "16:00"} for day in days],
            "own": {
                "soc2020": self.chance.choice(("2237", "2231", "6131")), "level": self.chance.randint(3, 7),
                "place": self.chance.choice(("seacroft", "armley")), "available_from": self.day(110),
                "available_until": self.day(-70),
            },
            "occurred_on": self.day(120),
        }  # fmt: skip
        return Mover(str((await self.desk.do("POST", "/deployments", proposal))["id"]), person, home, days)

    async def _start(self) -> None:
        """From the hosts' yes to the first day."""
        await self._passports()
        await self._steps("match", 118, self.movers)
        await self._steps("agree", 116, self.movers)
        await self._steps("verify-checks", 112, self.movers)
        for side in ("home", "host"):
            await self._steps(
                "authorise", 110, self.movers, side=side, authorised_by="director-of-nursing",
                indemnity="host-covers-clinical", data_basis="framework-schedule-3", recharge="at-cost",
            )  # fmt: skip
        await self._steps(
            "give-pack", 105, self.movers, contact="the nurse in charge, ward 12", shift="08:30 on the first day",
            access="a badge waits at the main desk", parking="none: the 49 bus stops at the door",
        )  # fmt: skip
        await self._steps("induct", 101, self.movers)
        await self._steps("start", FIRST_DAY, self.movers)

    async def _stay_longer(self, movers: Sequence[Mover]) -> None:
        """The hosts would keep one each: their employers and they agree."""
        until = {"ends_on": self.day(-75)}
        await self._steps("propose-extension", 52, movers, side="host", **until)
        for by in ("home", "person"):
            await self._steps("confirm-extension", 51, movers, by=by, **until)

    async def _passports(self) -> None:
        """What each employer has checked, once: the move relies on it. One of them is a student, with hours to spare.

        Another has a check renewed, which waits for them: the one before is in date until it is done.
        """
        opened = await self.desk.rows(
            "/passports/rows",
            [{"person_id": each.person, "home": each.home, "occurred_on": self.day(400)} for each in self.movers],
        )
        asked = [
            {"id": row["id"], "kind": CHECKS[-1], "awaiting": "third-party", "occurred_on": self.day(395)}
            for row in opened
        ]
        await self.desk.rows("/passports/request-check/rows", asked)
        checks = [
            {
                "id": row["id"],
                "kind": kind,
                "verified_by": each.home,
                "satisfactory": "yes",
                "occurred_on": self.day(390),
            }
            for each, row in zip(self.movers, opened, strict=True)
            for kind in CHECKS
        ]
        await self.desk.rows("/passports/record-check/rows", checks)
        limit = {"limit.ground": "student", "limit.weekly_hours": 30, "occurred_on": self.day(380)}
        await self.desk.rows("/passports/limit-work/rows", [{"id": opened[1]["id"], **limit}])
        renewed = {**asked[2], "awaiting": "holder", "occurred_on": self.day(6)}
        await self.desk.rows("/passports/request-check/rows", [renewed])

    async def _statements(self) -> None:
        """The hours of the first weeks, month by month: one line is disputed and settled, each month is issued and agreed."""
        hours = [
            {"deployment_id": each.move, "worked_on": worked, "hours": SHIFT_HOURS, "pence": SHIFT_PENCE,
             "occurred_on": self.day(70)}
            for each in self.movers
            for worked in self._worked(each)
        ]  # fmt: skip
        kept = await self.desk.rows("/statements/rows", hours)
        first = {"id": kept[0]["id"], **{name: hours[0][name] for name in ("deployment_id", "worked_on")}}
        disputed = {**first, "reason": "left-at-noon", "occurred_on": self.day(65)}
        settled = {**first, "hours": SHIFT_HOURS - LEFT_EARLY, "pence": 9_600, "occurred_on": self.day(60)}
        await self.desk.rows("/statements/dispute/rows", [disputed])
        await self.desk.rows("/statements/settle/rows", [settled])
        months = list(dict.fromkeys(row["id"] for row in kept))
        issued = [{"id": id_, "vat": "exempt", "occurred_on": self.day(30)} for id_ in months]
        await self.desk.rows("/statements/issue/rows", issued)
        await self.desk.rows("/statements/agree/rows", [{"id": id_, "occurred_on": self.day(20)} for id_ in months])

    def _worked(self, mover: Mover) -> Iterator[str]:
        """The days of somebody's shifts in the first weeks."""
        for number in range(7 * WEEKS):
            day = self.today - timedelta(days=FIRST_DAY - number)
            if day.isoweekday() in mover.days:
                yield day.isoformat()

    async def _steps(self, name: str, ago: int, movers: Iterable[Mover], **fields: Any) -> None:
        """The same step of several moves, a row each."""
        rows = [{"id": mover.move, **fields, "occurred_on": self.day(ago)} for mover in movers]
        await self.desk.rows(f"/deployments/{name}/rows", rows)
