"""The example's learning: who learned what, when and with whom, and the commands by which coordinators and partners entered it.

The counts here are how many people of each kind the story has; what the Board's table must come to stands in expected.toml, which
this module does not read.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeAlias

from city.client import Caller

ORGANISATIONS = {
    "leeds-teaching-hospitals": "nhs-trust", "leeds-community-healthcare": "nhs-trust",
    "leeds-and-york-partnership": "nhs-trust", "leeds-city-council": "local-authority",
    "west-yorkshire-icb": "integrated-care-board", "leeds-gp-confederation": "primary-care",
    "bramley-home-care": "independent-provider", "aire-valley-care": "independent-provider",
    "st-gemma-hospice": "third-sector", "forum-central": "third-sector", "hamara-wellbeing": "third-sector",
    "leeds-city-college": "education",
}  # fmt: skip
COURSES = {
    "better-conversations": ("Better Conversations", "better-conversations", "short-course", 7.0),
    "springboard": ("Springboard Women's Leadership", "springboard", "short-course", 28.0),
    "systems": ("Leading across a system", "systems-leadership", "short-course", 14.0),
    "digital": ("Digital confidence at work", "digital", "short-course", 3.5),
    "boards": ("A board that works", "facilitation", "short-course", 7.0),
    "apprenticeship": ("Healthcare support worker, level 2", "short-course", "apprenticeship", 280.0),
    "t-level": ("T Level in Health", "short-course", "t-level", 315.0),
}
EVALUATED = 8
"""Of so many cohorts one was evaluated, by most of those who came."""
Ids: TypeAlias = Mapping[tuple[str, str], str]
"""Our id of somebody, by their employer and what it calls them."""
IN_WINDOW, BEFORE = (20, 500), (580, 900)
"""How many days ago a cohort met: within eighteen months, or before."""


@dataclass(frozen=True)
class Group:
    """Learners of one kind: how many, of which course, when, and whether with other organisations."""

    course: str
    people: Sequence[str]
    days_ago: tuple[int, int] = IN_WINDOW
    alone: bool = False
    kind: str = "workforce"


@dataclass(frozen=True)
class Place:
    """A learner of a cohort, and what they did."""

    person: str
    """What their employer calls them."""
    organisation: str
    comes: bool = True
    partly: bool = False
    gives_up: bool = False
    """Two days before the first session."""


@dataclass(frozen=True)
class Answer:
    """What a learner says of a course."""

    rating: int
    before: int
    after: int
    used: bool | None = None


def groups(chance: random.Random) -> list[Group]:
    """Everybody who learned. Some are in two programmes, some learned before the window, some among their own only."""

    def people(count: int) -> list[str]:
        return [_staff_number(chance) for _ in range(count)]

    conversations = people(700)
    return [
        Group("better-conversations", conversations),
        Group("better-conversations", people(112), alone=True),
        Group("better-conversations", people(200), days_ago=BEFORE),
        Group("springboard", [*people(126), *chance.sample(conversations, 41)]),
        Group("springboard", people(40), days_ago=BEFORE),
        Group("systems", people(330)),
        Group("digital", people(600)),
        Group("boards", people(220)),
        Group("apprenticeship", people(60)),
        Group("t-level", people(48), kind="student"),
    ]


def employed(cohorts: Sequence["Cohort"]) -> dict[str, list[str]]:
    """By organisation whom it books, as it calls them, in the order of the story: somebody may work for two."""
    found: dict[str, dict[str, None]] = {}
    for place in (place for cohort in cohorts for place in cohort.places):
        found.setdefault(place.organisation, {})[place.person] = None
    return {organisation: list(persons) for organisation, persons in sorted(found.items())}


class Academy:
    """The example's learning as it is entered: by the Academy, and by the partners' own people."""

    def __init__(self, hub: Caller, partners: dict[str, Caller], today: date, seed: int) -> None:
        self._hub, self._partners, self._today = hub, partners, today
        self._chance = random.Random(f"learning {seed}")  # noqa: S311 a story, not a secret
        self._opinion = random.Random(f"evaluations {seed}")  # noqa: S311 likewise
        self._courses: dict[str, str] = {}

    async def publish(self) -> None:
        """The catalogue."""
        day = (self._today - timedelta(days=1000)).isoformat()
        for code, (title, category, programme, hours) in COURSES.items():
            course = {
                "title": title, "category": category, "programme": programme, "provider": "leeds-city-college",
                "hours": hours, "occurred_on": day, "seat_pence": 4500, "backfill_pence": 9800,
            }  # fmt: skip
            if category == "springboard":
                course["eligibility"] = "women"
            made = await self._hub.do("POST", "/courses", course)
            self._courses[code] = str(made["id"])

    def cohorts(self) -> list["Cohort"]:
        """Every cohort of the story, each of twenty to thirty learners, and two that are still to come."""
        found = [
            self._cohort(group, share)
            for group in groups(self._chance)
            for share in _shares(self._chance, group.people)
        ]
        self._chance.shuffle(found)
        return [*found, self._upcoming("springboard"), self._upcoming("digital")]

    def _cohort(self, group: Group, people: Sequence[str]) -> "Cohort":
        day = self._today - timedelta(days=self._chance.randint(*group.days_ago))
        owners = self._chance.sample(sorted(ORGANISATIONS), 1 if group.alone else self._chance.randint(2, 4))
        places = [
            Place(person, owners[turn % len(owners)], partly=self._chance.random() < 0.05)
            for turn, person in enumerate(people)
        ]
        stayed_away = [self._stranger(self._chance.choice(owners)) for _ in range(self._chance.randint(0, 3))]
        sessions = [day + timedelta(days=7 * turn) for turn in range(2 if any(place.partly for place in places) else 1)]
        return Cohort(
            self._courses[group.course], sessions, [*places, *stayed_away], group.kind, answers=self._answers(places)
        )

    def _answers(self, places: Sequence[Place]) -> dict[str, Answer]:
        """What those who came said of it, of one cohort in a few."""
        if self._opinion.randrange(EVALUATED):
            return {}
        return {place.person: self._answer() for place in places if self._opinion.random() < 0.8}

    def _answer(self) -> Answer:
        before = self._opinion.randint(2, 7)
        used = self._opinion.choice((True, True, True, False, None, None))
        return Answer(self._opinion.choice((3, 4, 4, 5, 5)), before, before + self._opinion.randint(0, 3), used)

    def _stranger(self, organisation: str) -> Place:
        """Somebody who booked and did not come: no figure counts them."""
        return Place(_staff_number(self._chance), organisation, comes=False, gives_up=self._opinion.random() < 0.3)

    def _upcoming(self, course: str) -> "Cohort":
        """A cohort that more want to come to than there are places."""
        owners = self._chance.sample(sorted(ORGANISATIONS), 4)
        places = [self._stranger(owners[turn % len(owners)]) for turn in range(24)]
        return Cohort(self._courses[course], [self._today + timedelta(days=40)], places, places_there_are=18)

    async def enter(self, cohort: "Cohort", ids: Ids) -> None:
        """Scheduled, booked by each organisation, and, where it is over, its register kept and closed.

        `ids`: everybody's, by their employer and what it calls them.
        """
        booked_on = min(cohort.sessions[0] - timedelta(days=30), self._today)
        made = await self._hub.do("POST", "/cohorts", cohort.plan(booked_on))
        path = f"/cohorts/{made['id']}"
        for turn, (organisation, team) in enumerate(cohort.teams(ids)):
            who = self._partners.get(organisation, self._hub)
            await who.do("POST", f"{path}/bookings", {**team, "occurred_on": booked_on.isoformat()}, twice=turn == 0)
        if cohort.sessions[-1] > self._today:
            return
        by_id = {str(booking["person_id"]): str(booking["id"]) for booking in (await self._hub.get(path))["bookings"]}
        booked = {place.person: by_id[ids[place.organisation, place.person]] for place in cohort.places}
        for place in cohort.places:
            if place.gives_up:
                gone = {"booking_id": booked[place.person], "reason": "work"}
                day = (cohort.sessions[0] - timedelta(days=2)).isoformat()
                await self._hub.do("POST", f"{path}/cancel-booking", {**gone, "occurred_on": day})
        for turn, session in enumerate(cohort.sessions):
            came = [booked[place.person] for place in cohort.places if place.comes and not (place.partly and turn)]
            await self._hub.do("POST", f"{path}/register", {"session": session.isoformat(), "attended": came})
        await self._hub.do("POST", f"{path}/hold", {"occurred_on": cohort.sessions[-1].isoformat()})
        for person, answer in cohort.answers.items():
            await self._evaluate(path, booked[person], answer, cohort.sessions[-1])

    async def _evaluate(self, path: str, booking: str, answer: Answer, last: date) -> None:
        """What a learner says after the last session, and three months later."""
        said = {
            "booking_id": booking, "rating": answer.rating, "confidence_before": answer.before,
            "confidence_after": answer.after, "occurred_on": last.isoformat(),
        }  # fmt: skip
        await self._hub.do("POST", f"{path}/evaluate", said)
        asked_on = last + timedelta(days=91)
        if answer.used is not None and asked_on <= self._today:
            used = {"booking_id": booking, "used": answer.used, "occurred_on": asked_on.isoformat()}
            await self._hub.do("POST", f"{path}/report-use", used)


@dataclass(frozen=True)
class Cohort:
    """One cohort of the story."""

    course_id: str
    sessions: Sequence[date]
    places: Sequence[Place]
    kind: str = "workforce"
    places_there_are: int | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def plan(self, day: date) -> dict[str, Any]:
        return {
            "course_id": self.course_id,
            "sessions": [session.isoformat() for session in self.sessions],
            "places": self.places_there_are or len(self.places),
            "occurred_on": day.isoformat(),
        }

    def teams(self, ids: Ids) -> Iterator[tuple[str, dict[str, Any]]]:
        """The learners, as each organisation books them."""
        for organisation in sorted({place.organisation for place in self.places}):
            own = [ids[organisation, place.person] for place in self.places if place.organisation == organisation]
            learners = [{"person_id": person, "kind": self.kind, "eligible": True} for person in own]
            yield organisation, {
                "organisation": organisation, "sector": ORGANISATIONS[organisation], "learners": learners,
            }  # fmt: skip


def _shares(chance: random.Random, people: Sequence[str]) -> Iterator[Sequence[str]]:
    """The people in cohorts of twenty to thirty; a rest that would be a cohort of one joins the one before."""
    rest = list(people)
    while rest:
        size = chance.randint(20, 30)
        if len(rest) - size < 8:
            size = len(rest)
        yield rest[:size]
        rest = rest[size:]


def _staff_number(chance: random.Random) -> str:
    return f"{chance.getrandbits(64):016x}"
