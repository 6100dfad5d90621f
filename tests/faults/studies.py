"""Who learns in a trial beside those whom a start has enrolled: apprentices, T Level students, cohorts that are evaluated, and who
chooses a course of the portal. Each is entered step by step at learning's door; what the door said of it is kept for the judge.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from city.pathways import CARE, COLLEGE, HEALTH
from kit.testing.waiting import Stuck, until

from .arena import PATIENCE
from .history import Client, History

EMPLOYER = {"organisation": "leeds-city-council", "sector": "local-authority"}
LESSON = 6.0
"""Hours that an apprentice learns of a day away from the work itself."""
DAY = 12.0
"""Hours that a student works of a day: as many as one has."""
LEARNERS = 3
"""So many come to a cohort."""
DAYS = 27
"""So many days complete a placement, and one less does not."""


@dataclass(frozen=True)
class Studies:
    """The Academy's coordinator, and the two courses that everybody here takes."""

    academy: Client
    history: History
    today: date
    online: str = ""
    together: str = ""

    async def set_up(self) -> "Studies":
        """With the courses."""
        course = {"provider": COLLEGE, "hours": 4.0, "category": "short-course", "occurred_on": self.day(900)}
        own = {**course, "title": "Sepsis, in an hour", "online": True}
        online, together = [
            (await self.academy.do("POST", "/courses", each))["id"] for each in (own, {**course, "title": "Talking"})
        ]
        return Studies(self.academy, self.history, self.today, online, together)

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    def of(self, turn: int, people: Sequence[str]) -> "Study":
        """Each kind in its turn. `people`: the ids of LEARNERS."""
        kinds: Sequence[type[Study]] = (Apprentice, Student, Cohort, Chooser)
        return kinds[turn % len(kinds)](self, turn // len(kinds), people)


@dataclass(frozen=True)
class Study:
    """One of them, for the so-manieth time."""

    studies: Studies
    turn: int
    people: Sequence[str]

    async def go(self) -> None:
        """From its beginning to how far it comes."""
        raise NotImplementedError

    async def begin(self, what: str, **said: Any) -> str:
        """The path of what has begun; until `end` the judge takes anything of it."""
        made = await self.studies.academy.do("POST", f"/{what}", said)
        self.studies.history.studying.add(made["id"])
        return f"/{what}/{made['id']}"

    async def step(self, path: str, name: str, ago: int, *, twice: bool = False, **said: Any) -> Mapping[str, Any]:
        body = {**said, "occurred_on": self.studies.day(ago)}
        done: Mapping[str, Any] = await self.studies.academy.do("POST", f"{path}/{name}", body, twice=twice)
        return done

    def end(self, path: str, how: str, hours: float = 0.0) -> None:
        """How it stands, as its clients were told, with the hours that were logged."""
        id_ = path.rpartition("/")[2]
        self.studies.history.studied[id_] = (how, hours)
        self.studies.history.studying.discard(id_)


class Apprentice(Study):
    """Agreed, begun, four lessons; then one of four ends, by the turn."""

    async def go(self) -> None:
        path = await self.begin(
            "apprenticeships", person_id=self.people[0], employer=HEALTH[0], provider=COLLEGE, standard="ST0216",
            standard_version="1.1", starts_on=self.studies.day(500), off_the_job_hours=4 * LESSON,
            occurred_on=self.studies.day(520),
        )  # fmt: skip
        await self.step(path, "begin", 500)
        for lesson in range(4):
            await self.step(path, "log-off-the-job", 490 - lesson, hours=LESSON, twice=lesson == self.turn % 4)
        match self.turn % 4:
            case 0:
                await self.step(path, "pause", 300, reason="illness")
                await self.step(path, "resume", 280)
                await self.step(path, "change-employer", 200, employer=CARE[0])
                self.end(path, "live", 4 * LESSON)
            case 1:
                await self.step(path, "stop", 100, reason="changed-career")
                self.end(path, "stopped", 4 * LESSON)
            case again:
                await self.step(path, "reach-gateway", 90)
                for grade in ("fail", "merit")[3 - again :]:
                    await self.step(path, "begin-assessment", 60)
                    await self.step(path, "assess", 60, grade=grade)
                self.end(path, "completed", 4 * LESSON)


class Student(Study):
    """A placement that two employers share: complete, or a day short of it; of every second that is complete a day is taken back,
    and comes back."""

    async def go(self) -> None:
        path = await self.begin(
            "pathways", person_id=self.people[0], provider=COLLEGE, start_year=self.studies.today.year - 1,
            specialism="adult-nursing", occurred_on=self.studies.day(300),
        )  # fmt: skip
        legs = (HEALTH[0], CARE[0])
        for employer, setting in zip(legs, ("health", "care"), strict=True):
            await self.step(path, "join", 299, employer=employer, setting=setting)
        whole = self.turn % 2 == 0
        days = DAYS if whole else DAYS - 1
        for number in range(days):
            await self.step(path, "log-hours", 290 - number, employer=legs[number % 2], hours=DAY)
        if not whole:
            await self.step(path, "end", 10, reason="left-the-course")
        elif self.turn % 4 == 0:
            await self._taken_back_and_restored(path)
        self.end(path, "completed" if whole else "ended", days * DAY)

    async def _taken_back_and_restored(self, path: str) -> None:
        """The last day, and with it the completion; that comes back by itself, when a worker has seen that the hours are done."""
        desk = self.studies.academy
        lines = (await desk.get(f"{path}/history"))["lines"]
        last = [line["id"] for line in lines if ".placement-hours-logged." in line["type"]][-1]
        for act in ("void", "restore"):
            await desk.do("POST", f"{path}/facts/{last}/{act}", {"reason": "entered-in-error"})

        async def complete() -> bool:
            return bool((await desk.get(path))["status"] == "completed")

        with suppress(Stuck):  # the judge says so
            await until(complete, PATIENCE)


class Cohort(Study):
    """Three are booked, two come, and say what it was worth and whether they use it: one as before, when asked again."""

    async def go(self) -> None:
        session = self.studies.day(120)
        path = await self.begin(
            "cohorts", course_id=self.studies.together, sessions=[session], places=3, occurred_on=self.studies.day(150)
        )
        team: dict[str, Any] = {**EMPLOYER, "learners": [{"person_id": person} for person in self.people]}
        booked = (await self.step(path, "book", 140, **team))["bookings"]
        came = [each["id"] for each in booked[:2]]
        await self.studies.academy.do("POST", f"{path}/register", {"session": session, "attended": came})
        await self.step(path, "hold", 120, twice=True)
        for booking in came:
            worth = {"booking_id": booking, "rating": 4, "confidence_before": 3, "confidence_after": 7}
            await self.step(path, "evaluate", 119, twice=True, **worth)
            await self.step(path, "report-use", 20, booking_id=booking, used=self.turn % 2 == 0)
            self.studies.history.answered.add(booking)
        self.end(path, "held")


class Chooser(Study):
    """Somebody chooses a course that is learned online: they complete it, let it go, or are still at it."""

    async def go(self) -> None:
        own = {"course_id": self.studies.online, "person_id": self.people[0], **EMPLOYER}
        path = await self.begin("enrolments", **own, occurred_on=self.studies.day(50))
        match self.turn % 3:
            case 0:
                await self.step(path, "complete", 20, twice=True)
                self.end(path, "completed")
            case 1:
                await self.step(path, "end", 20, reason="no-longer-needed")
                self.end(path, "ended")
            case _:
                self.end(path, "enrolled")
