"""What clients asked for and what they were told, written down before and after each try.

A try whose answer never came is `unknown`, never failed: it may have been done. It is made again with the same Idempotency-Key
until somebody answers. Every request carries a correlation id of its own, by which the checker finds what came of it.
"""

import asyncio
import itertools
import json
import os
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from city.client import PartnerSystem, Refused, table_of

PAUSE = 0.1  # seconds before a service that is away is asked again
AWAY = (502, 503, 504)


@dataclass
class Operation:
    """One request, with all its tries."""

    id: str
    what: str
    tries: int = 0
    outcome: str = "open"
    """open, ok or refused."""
    subject: str | None = None
    version: int | None = None
    """What it was told of, and the version that this then had."""


@dataclass
class History:
    """Everything that clients and partners of a trial did."""

    file: Path
    operations: dict[str, Operation] = field(default_factory=dict)
    claims: dict[tuple[str, str], str] = field(default_factory=dict)
    """Claims that a partner sent, by partner and id, each with its type."""
    aborted: set[str] = field(default_factory=set)
    """Ids of claims in transactions that were taken back."""
    possible: set[tuple[str, str]] = field(default_factory=set)
    """Claims in a transaction of which nobody knows whether it was kept."""
    errors: list[str] = field(default_factory=list)
    """Answers that nobody should ever get."""
    registered: set[str] = field(default_factory=set)
    """Ids that people gave to somebody."""
    declared: dict[str, str | None] = field(default_factory=dict)
    """What somebody last declared of themselves, by the id of the person; None: they took it back."""
    declaring: set[str] = field(default_factory=set)
    """Who has begun to declare and has not ended."""
    studied: dict[str, tuple[str, float]] = field(default_factory=dict)
    """How what a learner does stands, as clients were told, and the hours that were logged of it; by the id of it."""
    studying: set[str] = field(default_factory=set)
    """What has begun of that and has not ended."""
    answered: set[str] = field(default_factory=set)
    """Bookings of which a learner has said what the course was worth, and whether they use it."""
    persons: list[str] = field(default_factory=list)
    """Ids of people whom nobody lives through: for what the trial itself asks."""
    acknowledged: int = 0
    unknown: int = 0
    in_flight: int = 0
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    _going: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: int = 0

    def __post_init__(self) -> None:
        self._out = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self._going.set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One request or claim, from the first try to the answer; it waits while the trial is paused."""
        await self._going.wait()
        self._begun += 1
        try:
            yield
        finally:
            self._begun -= 1
            async with self.progress:
                self.progress.notify_all()

    @asynccontextmanager
    async def paused(self, limit: float) -> AsyncIterator[None]:
        """Nobody asks anything meanwhile, and whatever was asked has its answer. Raises TimeoutError where one does not come."""
        self._going.clear()
        try:
            async with asyncio.timeout(limit), self.progress:
                await self.progress.wait_for(lambda: not self._begun)
            yield
        finally:
            self._going.set()

    def note(self, phase: str, operation: Operation, **more: Any) -> None:
        line = {"at": round(time.time(), 3), "phase": phase, "id": operation.id, "what": operation.what, **more}
        os.write(self._out, json.dumps(line).encode() + b"\n")

    async def acknowledgements(self, more: int, limit: float) -> bool:
        """Wait until so many more were acknowledged; False where that did not happen within `limit` seconds."""
        wanted = self.acknowledged + more
        try:
            async with asyncio.timeout(limit), self.progress:
                await self.progress.wait_for(lambda: self.acknowledged >= wanted)
        except TimeoutError:
            return False
        return True


class Client:
    """A coordinator at one of several copies of an API; like `city.client.Caller`, with a memory and more patience."""

    def __init__(self, clients: Sequence[httpx2.AsyncClient], token: str, history: History) -> None:
        self._clients = itertools.cycle(clients)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._history = history

    async def get(self, path: str, **parameters: Any) -> Any:
        while True:
            try:
                answer = await next(self._clients).get(path, params=parameters, headers=self._headers)
            except httpx2.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code in AWAY:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code != 200:
                raise Refused(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            return answer.json()

    async def do(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, twice: bool = False) -> Any:
        """One command; `twice`: asked again all the same, with the same key."""
        content, kind = json.dumps(body or {}), "application/json"
        key = str(uuid.uuid4())
        answer = await self._told(method, path, content, kind, key)
        if twice:
            again = await self._told(method, path, content, kind, key)
            if again.content != answer.content and not _done_before(again):
                self._history.errors.append(f"{method} {path}: the same request was answered differently")
        return answer.json() if answer.content else None

    async def rows(self, path: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        answer = await self._told("POST", path, table_of(rows), "text/csv", str(uuid.uuid4()))
        answered: list[dict[str, Any]] = answer.json()["rows"]
        if refused := [row for row in answered if row["outcome"] == "refused"]:
            raise Refused(f"POST {path}: {refused[0]}")
        return answered

    async def probe(self, path: str, body: Mapping[str, Any]) -> Any:
        """One command of the trial's own, also while everybody else is quiet."""
        return (await self._until_told("POST", path, json.dumps(body), "application/json", str(uuid.uuid4()))).json()

    async def _told(self, method: str, path: str, content: str, kind: str, key: str) -> httpx2.Response:
        async with self._history.turn():
            return await self._until_told(method, path, content, kind, key)

    async def _until_told(self, method: str, path: str, content: str, kind: str, key: str) -> httpx2.Response:
        operation = Operation(key, f"{method} {path}")
        self._history.operations.setdefault(key, operation)
        headers = {**self._headers, "Content-Type": kind, "Idempotency-Key": key, "X-Correlation-Id": key}
        while True:
            operation.tries += 1
            self._history.note("invoke", operation)
            self._history.in_flight += 1
            try:
                answer = await next(self._clients).request(method, path, content=content, headers=headers)
            except httpx2.TransportError:
                self._history.unknown += 1
                self._history.note("unknown", operation)
                await asyncio.sleep(PAUSE)  # the service is away: nothing says when it will be back
                continue
            finally:
                self._history.in_flight -= 1
            if answer.status_code in AWAY:
                self._history.note("unknown", operation, status=answer.status_code)
                await asyncio.sleep(PAUSE)
                continue
            self._keep(operation, answer)
            return answer

    def _keep(self, operation: Operation, answer: httpx2.Response) -> None:
        known = self._history.operations[operation.id]
        if answer.status_code >= 500:
            self._history.errors.append(f"{operation.what}: {answer.status_code} {answer.text[:200]}")
        known.outcome = "ok" if answer.status_code < 400 or _done_before(answer) else "refused"
        if known.outcome == "ok" and (tag := answer.headers.get("ETag")):
            told = answer.json()
            known.subject, known.version = told.get("id") or told["monitoring_id"], int(tag.strip('"'))
        self._history.note(known.outcome, operation, status=answer.status_code, version=known.version)
        self._history.acknowledged += known.outcome == "ok"
        if known.outcome == "refused":
            raise Refused(f"{operation.what}: {answer.status_code} {answer.text[:300]}")


def _done_before(answer: httpx2.Response) -> bool:
    """Whether it was done, and acknowledged, before the service came back from a backup that lacks the answer."""
    return answer.status_code == 409 and answer.json()["type"] == "/problems/done-before"


class Partner:
    """A partner's system, with a memory."""

    def __init__(self, system: PartnerSystem, history: History) -> None:
        self._system, self._history = system, history
        self.partner = system.partner

    async def claim(
        self, type_: str, data: Mapping[str, Any], *, claim_id: str | None = None, mode: str = "binary"
    ) -> dict[str, Any]:
        async with self._history.turn():
            return await self._claim(type_, data, claim_id or f"claim-{uuid.uuid4()}", mode)

    async def probe(self) -> None:
        """One claim of the trial's own, also while everybody else is quiet; returns with its answer."""
        data = {
            "channel": "own-site",
            "employment_status": "inactive",
            "occurred_on": "2026-01-05",
            "person_id": self._history.persons[0],
        }
        identity = f"probe-{uuid.uuid4()}"
        await self._claim("interest-claimed", {**data, "interest": identity}, identity, "binary")

    async def _claim(self, type_: str, data: Mapping[str, Any], identity: str, mode: str) -> dict[str, Any]:
        self._history.claims[self.partner, identity] = type_
        try:
            return await self._system.claim(type_, data, claim_id=identity, mode=mode)
        except asyncio.CancelledError:  # the trial has come to a halt: nobody knows whether it was sent
            self._history.possible.add((self.partner, identity))
            del self._history.claims[self.partner, identity]
            raise

    async def accepted(self, type_: str, data: Mapping[str, Any], *, mode: str = "binary") -> dict[str, Any]:
        answer = await self.claim(type_, data, mode=mode)
        if answer["outcome"] == "refused":
            raise Refused(f"{self.partner} {type_}: {answer['failings']}")
        ids: dict[str, Any] = answer["ids"]
        return ids
