"""Who comes in a trial: people, each with the id that people gave them; and what is done to records of people meanwhile."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import httpx2

from city.monitoring import token_shown
from city.people import Person, people
from city.registering import registered, until_heard

from .arena import GONE, Arena
from .history import Client, History

FEW = 250
"""When so few are left of those who may come, more are registered."""
SAID_FIRST, CORRECTED = "A", ("M", "N", "Z")
"""Ethnic categories, by their codes."""


@dataclass
class Crowd:
    """People who come, one after another; there are always more."""

    arena: Arena
    seed: int
    office: Client
    """A coordinator at people's door."""
    systems: Sequence[Client]
    """Partners' systems at people's door."""
    history: History
    _waiting: asyncio.Queue[tuple[Person, str]] = field(default_factory=asyncio.Queue)
    _blocks: int = 0
    _few: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> tuple[Person, str]:
        """Somebody of whom every service has heard that speaks of people."""
        if self._waiting.qsize() < FEW:
            self._few.set()
        return await self._waiting.get()

    async def grow(self) -> None:
        """Register more whenever few are left."""
        while True:
            await self._few.wait()
            self._few.clear()
            await self.register()

    async def register(self) -> None:
        """The people of the example once more, with numbers, names and ids of their own."""
        block, self._blocks = self._blocks, self._blocks + 1
        everybody = people(self.seed + block)
        everybody = [
            replace(each, number=block * len(everybody) + turn) for turn, each in enumerate(everybody, start=1)
        ]
        ids = await registered(self.office, self.systems, everybody, self.seed)  # type: ignore[arg-type]
        self.history.registered |= set(ids.values())
        await self._heard()
        for person in everybody:
            self._waiting.put_nowait((person, ids[person.number]))

    async def _heard(self) -> None:
        """Return when every service knows them, though services are struck meanwhile."""
        while True:
            try:
                await until_heard(self.arena.stage)
            except GONE:
                await asyncio.sleep(1)  # nothing says when it will be back
            else:
                return


@dataclass(frozen=True)
class Records:
    """Two records of one person, or so it seems: registered, changed, linked, every second pair taken apart again.

    They do nothing else, so that no figure counts them.
    """

    crowd: Crowd
    turn: int

    async def go(self) -> None:
        office, history = self.crowd.office, self.crowd.history
        said = {"name": f"Jo Example {self.turn}", "email": f"jo-{self.turn}@example.org"}
        one, other = [(await office.do("POST", "/persons", said))["id"] for _ in range(2)]
        history.registered |= {one, other}
        await office.do("POST", f"/persons/{one}/change-contacts", {"email": f"moved-{self.turn}@example.org"})
        await office.do("POST", f"/persons/{other}/link", {"same_as": one, "reason": "confirmed-by-partner"})
        if self.turn % 2:
            await office.do("POST", f"/persons/{other}/unlink", {"reason": "mistaken"})
        await self._exchange(self.crowd.systems[self.turn % len(self.crowd.systems)])

    async def _exchange(self, system: Client) -> None:
        """The same reference gives the same id, whoever is struck between the two."""
        reference = {"kind": "candidate", "value": f"apart-{self.turn}"}
        first, second = [(await system.do("POST", "/references/exchange", reference))["person_id"] for _ in range(2)]
        self.crowd.history.registered.add(first)
        if first != second:
            self.crowd.history.errors.append("one reference was exchanged for two ids")


@dataclass(frozen=True)
class Declaring:
    """Somebody registers an interest, and tells of themselves by the link of their own page: declared, changed, and by every
    third withdrawn."""

    hub: Client
    history: History
    door: httpx2.AsyncClient
    person_id: str
    turn: int

    async def go(self) -> None:
        engagement = {"source": "direct", "channel": "website", "employment_status": "unemployed"}
        await self.hub.do("POST", "/engagements", {"person_id": self.person_id, **engagement})
        own = Client([self.door], await self._token(), self.history)
        path, said = f"/monitoring/{self.person_id}", CORRECTED[self.turn % len(CORRECTED)]
        self.history.declaring.add(self.person_id)
        await own.do("PUT", path, {"ethnic_category": SAID_FIRST})
        await own.do("PUT", path, {"ethnic_category": said})
        self.history.declared[self.person_id] = said
        if self.turn % 3 == 0:
            await own.do("DELETE", path)
            self.history.declared[self.person_id] = None
        self.history.declaring.discard(self.person_id)

    async def _token(self) -> str:
        """The link's, asked for until somebody answers."""
        url = (await self.hub.do("POST", f"/persons/{self.person_id}/link"))["url"]
        while True:
            try:
                async with httpx2.AsyncClient(timeout=15) as browser:
                    return await token_shown(browser, url)
            except httpx2.TransportError:
                await asyncio.sleep(1)  # nothing says when it will be back
