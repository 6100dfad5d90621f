"""Everybody gets an id from people before anybody else speaks of them: by the coordinator, or by a partner's system."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from city.client import PLAIN, Caller
from city.people import Person
from city.stage import Stage

GIVEN = (
    "Aisha", "Ben", "Chidi", "Donna", "Elif", "Farah", "Grace", "Hassan", "Ines", "Jamal", "Kasia", "Leon", "Mina", "Noor", "Owen",
    "Priya", "Quinn", "Rosa", "Samuel", "Tariq", "Uma", "Viktor", "Wanjiru", "Xin", "Yusuf", "Zo\u00eb",
)  # fmt: skip
FAMILY = (
    "Ahmed", "Baker", "Clarke", "Dada", "Evans", "Fisher", "Green", "Hussain", "Ivanova", "Jones", "Khan", "Lewis", "Mensah",
    "Nowak", "O'Neill", "Patel", "Quaye", "Roberts", "Smith", "Taylor", "Uddin", "Varga", "Walker", "Young",
)  # fmt: skip
AT_ONCE = 1000
SPEAKING = ("talent-pipeline", "learning", "mobility")
"""The services that speak of people, and of nobody whom people has not registered."""


def entry(person: Person, seed: int) -> dict[str, Any]:
    """Somebody as a coordinator writes them down; addresses and numbers that nobody has."""
    chance = random.Random(f"{seed} name {person.number}")  # noqa: S311 a story, not a secret
    name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    return {
        "name": name,
        "email": f"person-{person.number}@example.org",
        "post": f"{person.number} Example Street, Leeds",
    }


async def register(stage: Stage, everybody: Sequence[Person], partners: Sequence[str], seed: int) -> dict[int, str]:
    """The id of everybody, by their number; every service has heard of all."""
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=60, verify=PLAIN) as client:
        hub = Caller(client, stage.token("coordinator"))
        systems = [Caller(client, stage.token("integrator", partner)) for partner in partners]
        ids = await registered(hub, systems, everybody, seed)
    await until_heard(stage)
    return ids


async def registered(hub: Caller, systems: Sequence[Caller], everybody: Sequence[Person], seed: int) -> dict[int, str]:
    """The id of everybody, by their number: the programme's own as a spreadsheet, partners' people by each partner's system."""
    own = [person for person in everybody if not person.by_partner]
    rows = await hub.rows("/persons/rows", [entry(person, seed) for person in own])
    ids = {person.number: row["id"] for person, row in zip(own, rows, strict=True)}
    for turn, system in enumerate(systems):
        theirs = [each for each in everybody if each.by_partner and each.number % len(systems) == turn]
        found = await exchanged(system, [str(person.number) for person in theirs])
        ids |= {person.number: id_ for person, id_ in zip(theirs, found, strict=True)}
    return ids


async def employ(stage: Stage, staff: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    """The ids of organisations' staff, by organisation and what it calls them; who works for two is linked."""
    ids: dict[tuple[str, str], str] = {}
    given = await asyncio.gather(*(exchange(stage, partner, theirs, "esr") for partner, theirs in staff.items()))
    for (partner, theirs), found in zip(staff.items(), given, strict=True):
        ids |= {(partner, own): id_ for own, id_ in zip(theirs, found, strict=True)}
    first: dict[str, str] = {}
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=60, verify=PLAIN) as client:
        hub = Caller(client, stage.token("coordinator"))
        for (_, own), id_ in ids.items():
            if first.setdefault(own, id_) != id_:
                await hub.do("POST", f"/persons/{id_}/link", {"same_as": first[own], "reason": "confirmed-by-partner"})
    await until_heard(stage)
    return ids


async def until_heard(stage: Stage) -> None:
    """Every service that speaks of people, of those that read here, has heard of all who are registered."""
    for service in (each for each in SPEAKING if f"{each}.worker" in stage.supervisor.names):
        await stage.until_heard("people", service, f"{service}.people")


async def exchange(stage: Stage, partner: str, candidates: Sequence[str], kind: str = "candidate") -> list[str]:
    """Our ids of a partner's people, by the partner's own numbers; services may hear of them a moment later."""
    async with httpx2.AsyncClient(base_url=stage.url("people.api"), timeout=60, verify=PLAIN) as client:
        return await exchanged(Caller(client, stage.token("integrator", partner)), candidates, kind)


async def exchanged(system: Caller, candidates: Sequence[str], kind: str = "candidate") -> list[str]:
    """Our ids of a partner's people, a thousand at once."""
    ids: list[str] = []
    for first in range(0, len(candidates), AT_ONCE):
        asked = [{"kind": kind, "value": value} for value in candidates[first : first + AT_ONCE]]
        answer = await system.do("POST", "/references/exchange-all", {"references": asked})
        ids += [row["person_id"] for row in answer["rows"]]
    return ids


async def known(stage: Stage, partner: str, *candidates: str) -> list[str]:
    """The ids of a partner's candidates, of whom every service has heard."""
    ids = await exchange(stage, partner, candidates)
    async with asyncio.timeout(60):
        await until_heard(stage)
    return ids
