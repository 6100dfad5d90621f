"""The load of a trial: the example city's people, one after another, by HTTP and by partners' claims, for as long as it lasts."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx2

from city.client import PartnerSystem, Refused, partner_system
from city.journeys import City, Journey
from city.partner_journeys import PartnerJourney
from city.people import Person, people
from city.player import PARTNERS, advertise, own_vacancy, set_scene
from city.registering import register
from city.scenery import scenery
from kit.clock import now
from schemas.values import business_date

from . import known
from .arena import PATIENCE, Arena
from .history import Client, History, Partner

CLIENTS = 4
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
PEOPLE_A_SCENE = 150
"""After so many people there are new vacancies: the posts of the old ones are filled."""
PEOPLE_A_VACANCY = 30


@dataclass
class Load:
    """Clients and partners that go on until they are told to end."""

    arena: Arena
    history: History
    hub: Client
    partners: list[Partner]
    city: City
    seed: int
    crowd: Sequence[tuple[Person, str]]
    """Everybody who may come, with the id that people gave them."""
    _crowd: Iterator[tuple[Person, str]] = field(init=False)
    _ending: bool = False
    refused: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._crowd = iter(self.crowd)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(self._clients())
            for partner in self.partners:
                group.create_task(self._partner(partner))

    def end(self) -> None:
        """Everybody's present journey is the last."""
        self._ending = True

    async def _clients(self) -> None:
        for person, id_ in self._crowd:
            if self._ending:
                return
            if person.number % PEOPLE_A_SCENE == 0:
                today = self.city.today
                places = await advertise(self.hub, scenery(self.seed + person.number, today), today)  # type: ignore[arg-type]
                self.city = replace(self.city, places=places)
            await self._live(Journey(self.city, person, id_))

    async def _partner(self, partner: Partner) -> None:
        vacancy = ""
        for turn, (one, id_) in enumerate(self._crowd):
            if self._ending:
                return
            if turn % PEOPLE_A_VACANCY == 0:
                vacancy = await own_vacancy(self.city, partner, turn)  # type: ignore[arg-type]
            person = replace(one, registered_days_ago=300)
            await self._live(PartnerJourney(self.city, partner, vacancy, person, id_))  # type: ignore[arg-type]

    async def _live(self, journey: Journey | PartnerJourney) -> None:
        """One person's way. That the rules refuse a step (the posts are gone) is an answer like another."""
        try:
            await journey.go()
        except Refused as refusal:
            reason = UUIDS.sub("…", str(refusal))[:110]
            self.refused[reason] = self.refused.get(reason, 0) + 1


async def _crowd_of(arena: Arena, seed: int, blocks: int) -> list[tuple[Person, str]]:
    """So many times the people of the example, each with a number and an id of their own."""
    crowd: list[tuple[Person, str]] = []
    for block in range(blocks):
        everybody = [replace(each, number=len(crowd) + turn) for turn, each in enumerate(people(seed + block), start=1)]
        ids = await register(arena.stage, everybody, PARTNERS, seed)
        crowd += [(person, ids[person.number]) for person in everybody]
    return crowd


@asynccontextmanager
async def load(arena: Arena, history: History, seed: int, blocks: int) -> AsyncIterator[Load]:
    """The scene is set, and people come and go while the block lasts; those who came are finished.

    `blocks`: how many times the people of the example are registered beforehand.
    """
    today = business_date(now())
    async with AsyncExitStack() as stack:
        urls = [arena.stage.url(known.TARGETS[0].copy(number)) for number in (1, 2)]
        clients = [
            await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=httpx2.Timeout(15, connect=2)))
            for url in urls
        ]
        hub = Client(clients, arena.stage.token("coordinator"), history)
        systems: list[PartnerSystem] = [
            await stack.enter_async_context(
                partner_system(arena.broker.bootstrap, name, known.WRITER.service, patience=PATIENCE)
            )
            for name in PARTNERS
        ]
        crowd = await _crowd_of(arena, seed, blocks)
        history.persons.append(crowd.pop()[1])
        city = await set_scene(hub, scenery(seed, today), today, seed)  # type: ignore[arg-type]
        own = Load(arena, history, hub, [Partner(system, history) for system in systems], city, seed, crowd)
        work = asyncio.create_task(own.run())
        try:
            yield own
        except BaseException:
            work.cancel()  # what has come to a halt answers nobody
            raise
        own.end()
        await work
