"""The load of a trial: the example city's people, one after another, by HTTP and by partners' claims, for as long as it lasts."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import httpx2

from city.client import PartnerSystem, Refused, partner_system
from city.journeys import City, Journey
from city.partner_journeys import PartnerJourney
from city.player import PARTNERS, advertise, own_vacancy, set_scene
from city.scenery import EMPLOYERS, scenery
from kit.clock import now
from schemas.values import business_date

from . import known
from .arena import PATIENCE, Arena
from .crowd import Crowd, Declaring, Records
from .history import Client, History, Partner
from .studies import LEARNERS, Studies, Study

CLIENTS = 4
PACE = 0.5
"""Seconds from one person to the next, of a client or a partner: a log that is said again and again must not grow without end."""
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
PEOPLE_A_SCENE = 150
"""After so many people there are new vacancies: the posts of the old ones are filled."""
PEOPLE_A_VACANCY = 30


@dataclass(frozen=True)
class Desks:
    """Coordinators of who reacts to starts: where starters learn, and who keeps their passports."""

    academy: Client
    lending: Client
    today: date

    async def set_up(self) -> None:
        """Every employer's starters learn one course first."""
        long_ago = (self.today - timedelta(days=900)).isoformat()
        welcome = {
            "title": "Welcome",
            "category": "induction",
            "provider": "leeds-city-college",
            "hours": 2.0,
            "online": True,
        }
        course = await self.academy.do("POST", "/courses", {**welcome, "occurred_on": long_ago})
        own = {"sector": "independent-provider", "courses": [course["id"]], "occurred_on": long_ago}
        for employer in EMPLOYERS:
            await self.academy.do("POST", "/inductions", {**own, "organisation": employer})

    async def enrolled(self) -> list[dict[str, Any]]:
        """Enrolments that a start has made and nobody has completed or ended, the latest of them."""
        page = await self.academy.get("/enrolments", status="enrolled", limit=200)
        return [row for row in page["rows"] if row["why"] == "induction"]


@dataclass(frozen=True)
class Learner:
    """Somebody whom a start has enrolled: they learn, and their employer opens a passport, before that or after."""

    desks: Desks
    enrolment: Mapping[str, Any]
    early: bool

    async def go(self) -> None:
        steps = [self.open_passport, self.complete]
        for step in steps if self.early else reversed(steps):
            await step()

    async def open_passport(self) -> None:
        holder = {"person_id": self.enrolment["person_id"], "home": self.enrolment["organisation"]}
        await self.desks.lending.do("POST", "/passports", holder)

    async def complete(self) -> None:
        await self.desks.academy.do("POST", f"/enrolments/{self.enrolment['id']}/complete", {})


@dataclass(frozen=True)
class Board:
    """Who asks for the figures again and again: each answer is of one moment, whatever is struck and counted meanwhile."""

    reporting: Client
    history: History

    async def ask(self) -> None:
        answer = await self.reporting.get("/figures", profile="internal_exact")
        shown = {figure["id"]: figure for figure in answer}
        numbers = [
            shown["q7"]["numerator"]["number"], shown["q7"]["denominator"]["number"], shown["q6"]["value"]["number"],
        ]  # fmt: skip
        if numbers != sorted(numbers):
            self.history.errors.append(f"figures of one answer are of several moments: {numbers}")


@dataclass
class Load:
    """Clients and partners that go on until they are told to end."""

    arena: Arena
    history: History
    hub: Client
    partners: list[Partner]
    city: City
    crowd: Crowd
    desks: Desks
    studies: Studies
    board: Board
    monitoring: httpx2.AsyncClient
    """The door at which people tell of themselves."""
    _ending: bool = False
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the last of those who came have gone: whoever is enrolled by then may be learning for ever."""
    refused: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            supply = group.create_task(self.crowd.grow())
            group.create_task(self._learners())
            group.create_task(self._records())
            group.create_task(self._studies())
            group.create_task(self._declaring())
            group.create_task(self._board())
            comers = [self._client() for _ in range(CLIENTS)] + [self._partner(partner) for partner in self.partners]
            await asyncio.wait([group.create_task(one) for one in comers])
            supply.cancel()
            self._over.set()

    def end(self) -> None:
        """Everybody's present journey is the last."""
        self._ending = True

    async def _client(self) -> None:
        while not self._ending:
            person, id_ = await self.crowd.next()
            pace = asyncio.create_task(asyncio.sleep(PACE))
            if person.number % PEOPLE_A_SCENE == 0:
                today = self.city.today
                places = await advertise(self.hub, scenery(self.crowd.seed + person.number, today), today)  # type: ignore[arg-type]
                self.city = replace(self.city, places=places)
            await self._live(Journey(self.city, person, id_))
            await pace

    async def _partner(self, partner: Partner) -> None:
        vacancy = ""
        for turn in itertools.count():
            if self._ending:
                return
            one, id_ = await self.crowd.next()
            pace = asyncio.create_task(asyncio.sleep(PACE))
            if turn % PEOPLE_A_VACANCY == 0:
                vacancy = await own_vacancy(self.city, partner, turn)  # type: ignore[arg-type]
            person = replace(one, registered_days_ago=300)
            await self._live(PartnerJourney(self.city, partner, vacancy, person, id_))  # type: ignore[arg-type]
            await pace

    async def _learners(self) -> None:
        """Whoever is found enrolled learns."""
        begun: set[str] = set()
        while not self._over.is_set():
            for enrolment in await self.desks.enrolled():
                if enrolment["id"] not in begun:
                    begun.add(enrolment["id"])
                    await self._live(Learner(self.desks, enrolment, early=len(begun) % 2 == 0))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), PACE)

    async def _records(self) -> None:
        """Records are registered, changed and linked."""
        for turn in itertools.count():
            if self._ending:
                return
            pace = asyncio.create_task(asyncio.sleep(4 * PACE))
            await self._live(Records(self.crowd, turn))
            await pace

    async def _studies(self) -> None:
        """People learn by other ways than because of a start."""
        for turn in itertools.count():
            if self._ending:
                return
            pace = asyncio.create_task(asyncio.sleep(4 * PACE))
            people = [(await self.crowd.next())[1] for _ in range(LEARNERS)]
            await self._live(self.studies.of(turn, people))
            await pace

    async def _declaring(self) -> None:
        """People tell of themselves."""
        for turn in itertools.count():
            if self._ending:
                return
            _, id_ = await self.crowd.next()
            pace = asyncio.create_task(asyncio.sleep(2 * PACE))
            await self._live(Declaring(self.hub, self.history, self.monitoring, id_, turn))
            await pace

    async def _board(self) -> None:
        """Figures are asked for."""
        while not self._ending:
            pace = asyncio.create_task(asyncio.sleep(2 * PACE))
            await self.board.ask()
            await pace

    async def _live(self, journey: Journey | PartnerJourney | Learner | Records | Declaring | Study) -> None:
        """One person's way. That the rules refuse a step (the posts are gone) is an answer like another."""
        try:
            await journey.go()
        except Refused as refusal:
            reason = UUIDS.sub("…", str(refusal))[:110]
            self.refused[reason] = self.refused.get(reason, 0) + 1


@asynccontextmanager
async def load(arena: Arena, history: History, seed: int) -> AsyncIterator[Load]:
    """The scene is set, and people come and go while the block lasts; those who came are finished."""
    today = business_date(now())
    async with AsyncExitStack() as stack:

        async def at(*names: str) -> list[httpx2.AsyncClient]:
            timeout = httpx2.Timeout(15, connect=2)
            urls = [arena.stage.url(name) for name in names]
            return [await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=timeout)) for url in urls]

        def client(doors: Sequence[httpx2.AsyncClient], role: str, partner: str = "*") -> Client:
            return Client(doors, arena.stage.token(role, partner), history)

        hub = client(await at(*known.HUB.names), "coordinator")
        registry = await at(*known.REGISTRY.names)
        (monitoring,) = await at(*known.MONITORING.names)
        academy = client(await at(*known.ACADEMY.names), "coordinator")
        desks = Desks(academy, client(await at(*known.LENDING.names), "coordinator"), today)
        systems: list[PartnerSystem] = [
            await stack.enter_async_context(
                partner_system(arena.broker.bootstrap, name, known.WRITER.service, patience=PATIENCE)
            )
            for name in PARTNERS
        ]
        exchanging = [client(registry, "integrator", name) for name in PARTNERS]
        crowd = Crowd(arena, seed, client(registry, "coordinator"), exchanging, history)
        await crowd.register()
        history.persons.append((await crowd.next())[1])
        await desks.set_up()
        studies = await Studies(academy, history, today).set_up()
        city = await set_scene(hub, scenery(seed, today), today, seed)  # type: ignore[arg-type]
        partners = [Partner(system, history) for system in systems]
        board = Board(client(await at(*known.SHOWING.names), "board"), history)
        own = Load(arena, history, hub, partners, city, crowd, desks, studies, board, monitoring)
        async with asyncio.TaskGroup() as group:  # a load that ends by an error ends the trial there and then
            work = group.create_task(own.run())
            try:
                yield own
            except BaseException:
                work.cancel()  # what has come to a halt answers nobody
                raise
            own.end()
