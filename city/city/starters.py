"""What the example's starters learn first: most in time, some late, some never; and what some brought with them is waived.

Their employers' inductions enrol them, by the events of the talent pipeline. HR sends lists of who completed what, and of who was
trained again before it ran out.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from city.client import Caller
from city.skills import FRAMEWORK, STRICTER, YEARLY

BROUGHT = ("fire-safety", 1)
"""What somebody who worked in care before has on record, from an organisation that was aligned."""
LATE, NEVER, AGAIN = 0.12, 0.08, 0.85
"""The shares of trainings that were late and that nobody did, and of those that were done again before they ran out."""
A_LIST = 200
"""Lines that HR sends at once."""


class Starters:
    """Whoever starts with an employer, from what they bring to what they have learned."""

    def __init__(self, academy: Caller, today: date, seed: int) -> None:
        self._academy, self._today = academy, today
        self._chance = random.Random(f"starters {seed}")  # noqa: S311 a story, not a secret

    async def bring(self, came: Sequence[tuple[str, date]], elsewhere: Sequence[str]) -> None:
        """One in nine was trained elsewhere before they came: by person, the day on which they did."""
        subject, level = BROUGHT
        rows = [
            {"person_id": person, "organisation": self._chance.choice(elsewhere), "source": "certificate", "aligned": True,
             "occurred_on": (day - timedelta(days=30)).isoformat(), **_skill(subject, level)}
            for person, day in came
            if self._chance.random() < 1 / 9
        ]  # fmt: skip
        await self._academy.rows("/competences/rows", rows)

    async def learn(self, hub: Caller) -> None:
        """What became of it, once learning has heard of everybody who is at work by what the talent pipeline says."""
        await self._until_enrolled(
            {(row["person_id"], row["employer"]) async for row in _all(hub, "/candidacies", status="started")}
        )
        taught = {
            row["id"]: row["teaches"]
            for row in [each async for each in _all(self._academy, "/courses", category="core-skills")]
        }
        completed: list[dict[str, Any]] = []
        again: list[dict[str, Any]] = []
        begun = _all(self._academy, "/enrolments", status="enrolled", why="induction")
        enrolled = [each async for each in begun if each["course_id"] in taught]  # a host's movers learn its own tour
        for row in sorted(enrolled, key=lambda each: (each["person_id"], each["organisation"], each["course_id"])):
            day = self._day(row)
            if day is None or day > self._today:
                continue
            completed.append({"id": row["id"], "occurred_on": day.isoformat()})
            if row["course_id"] in taught:  # a host's local induction teaches no core skill
                again += self._trained_again(row, taught[row["course_id"]], day)
        for path, rows in (("/enrolments/complete/rows", completed), ("/competences/rows", again)):
            lists = [rows[first : first + A_LIST] for first in range(0, len(rows), A_LIST)]
            await asyncio.gather(*(self._academy.rows(path, each) for each in lists))

    def _day(self, row: dict[str, Any]) -> date | None:
        """When somebody did it, if they did."""
        draw = self._chance.random()
        if draw < NEVER:
            return None
        if draw < NEVER + LATE:
            return date.fromisoformat(row["due_on"]) + timedelta(days=self._chance.randint(3, 60))
        return date.fromisoformat(row["since"]) + timedelta(days=self._chance.randint(1, 27))

    def _trained_again(self, row: dict[str, Any], skill: dict[str, Any], day: date) -> Iterator[dict[str, Any]]:
        """Before a year is over, where it counts for no longer."""
        next_time = day + timedelta(days=self._chance.randint(330, 360))
        short = (skill["subject"], skill["level"]) in YEARLY or row["organisation"] == STRICTER
        if short and next_time <= self._today and self._chance.random() < AGAIN:
            yield {
                "person_id": row["person_id"], "organisation": row["organisation"], "source": "esr", "aligned": True,
                "occurred_on": next_time.isoformat(), **_skill(skill["subject"], skill["level"]),
            }  # fmt: skip

    async def _until_enrolled(self, started: set[tuple[str, str]]) -> None:
        """Learning hears of a start after it was said: then whoever started must be trained."""
        async with asyncio.timeout(120):
            while True:
                seen = {
                    (row["person_id"], row["organisation"]) async for row in _all(self._academy, "/compliance", "after")
                }
                if started <= seen:
                    return
                await asyncio.sleep(0.5)


async def _all(desk: Caller, path: str, cursor: str = "before", **having: Any) -> AsyncIterator[dict[str, Any]]:
    """Every row of a list, page by page."""
    place: dict[str, Any] = {}
    while True:
        page = await desk.get(path, limit=A_LIST, **having, **place)
        for row in page["rows"]:
            yield row
        if page["next"] is None:
            return
        place = {cursor: page["next"]}


def _skill(subject: str, level: int) -> dict[str, Any]:
    """A skill as the columns of a spreadsheet."""
    return {"skill.framework": FRAMEWORK, "skill.subject": subject, "skill.level": level}
