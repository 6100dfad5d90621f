"""Load for trials: people who register their interest, one after another, and remember what they were told."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2

AWAY = (502, 503, 504)


@dataclass
class Told:
    """What the clients of a trial were told."""

    engagements: list[str] = field(default_factory=list)
    """Engagements that a client was told of: acknowledged."""
    tries: int = 0
    unknown: int = 0
    """Tries whose answer never came: made again with the same key."""
    errors: list[str] = field(default_factory=list)
    """Answers that no client should ever get."""
    turns: asyncio.Semaphore | None = None
    """How many interests may still be begun; without it, as many as the clients come to."""


async def register_interests(
    base_url: str,
    token: str,
    told: Told,
    ending: asyncio.Event,
    body: dict[str, Any],
    *,
    clients: int = 6,
    rest: float = 0.0,
) -> None:
    """Register interest after interest until `ending`, each until it is acknowledged; `rest`: seconds between a client's two."""
    async with httpx2.AsyncClient(base_url=base_url, timeout=5, headers={"Authorization": f"Bearer {token}"}) as client:
        working = [asyncio.create_task(_client(client, told, ending, body, rest)) for _ in range(clients)]
        await ending.wait()
        if told.turns is not None:
            for _ in working:  # who waits for a turn takes a last one
                told.turns.release()
        await asyncio.gather(*working)


async def _client(
    client: httpx2.AsyncClient, told: Told, ending: asyncio.Event, body: dict[str, Any], rest: float
) -> None:
    while not ending.is_set():
        if told.turns is not None:
            await told.turns.acquire()
        key = str(uuid.uuid4())
        while True:  # also after the ending: what was begun is finished
            told.tries += 1
            try:
                answer = await client.post("/engagements", json=body, headers={"Idempotency-Key": key})
            except httpx2.TransportError:
                told.unknown += 1
                await asyncio.sleep(0.05)  # the service is away: nothing says when it will be back
                continue
            if answer.status_code in AWAY:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                told.engagements.append(answer.json()["id"])
            else:
                told.errors.append(f"{answer.status_code} {answer.text[:200]}")
            break
        await asyncio.sleep(rest)
