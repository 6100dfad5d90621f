"""How the example speaks to services: HTTP commands with an Idempotency-Key, and a partner's claims through its own process."""

import asyncio
import csv
import io
import json
import ssl
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2

TRIES = 8
PLAIN = ssl.create_default_context()
"""Made once: each client would read the certificates of the world for one of its own, to speak HTTP with this machine."""


class Refused(Exception):
    """A service refused a command of the example, which the example did not foresee."""


class Caller:
    """One person or system that uses a service's API, with its token."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}
        self.calls = 0

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self._client.get(path, params=parameters, headers=self._headers)
        if answer.status_code != 200:
            raise Refused(f"GET {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def do(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, twice: bool = False) -> Any:
        """One command; asked again with the same key when the service was away. `twice`: asked again all the same."""
        key = str(uuid.uuid4())
        answer = await self._once(method, path, body, key)
        if twice:
            again = await self._once(method, path, body, key)
            if again.content != answer.content:
                raise Refused(f"{method} {path}: the same request was answered differently")
        return answer.json() if answer.content else None

    async def rows(self, path: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Several commands as the lines of a spreadsheet; the answer to each. Raises Refused where one line was refused."""
        answered: list[dict[str, Any]] = (await self._once("POST", path, table_of(rows), str(uuid.uuid4()))).json()[
            "rows"
        ]
        if refused := [row for row in answered if row["outcome"] == "refused"]:
            raise Refused(f"POST {path}: {refused[0]}")
        return answered

    async def _once(self, method: str, path: str, body: Mapping[str, Any] | str | None, key: str) -> httpx2.Response:
        table = isinstance(body, str)
        content = body if isinstance(body, str) else json.dumps(body or {})
        kind = {"Content-Type": "text/csv" if table else "application/json", "Idempotency-Key": key}
        for attempt in range(TRIES):
            try:
                answer = await self._client.request(method, path, content=content, headers={**self._headers, **kind})
            except httpx2.TransportError:
                await asyncio.sleep(0.2 * 2**attempt)  # the service is away: nothing says when it will be back
                continue
            self.calls += 1
            if answer.status_code == 503:
                await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
                continue
            if answer.status_code >= 400:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:600]}")
            return answer
        raise Refused(f"{method} {path}: the service did not come back")


def table_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a spreadsheet saves them."""
    table = io.StringIO()
    writer = csv.DictWriter(table, list(dict.fromkeys(name for row in rows for name in row)), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


class PartnerSystem:
    """A partner's system in a process of its own; `claim` sends one claim and waits for its answer."""

    def __init__(self, process: asyncio.subprocess.Process, partner: str, patience: float) -> None:
        self._process, self.partner, self._patience = process, partner, patience
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._sent = 0
        self._run = uuid.uuid4().hex[:8]
        self.answers: list[dict[str, Any]] = []

    async def claim(
        self, type_: str, data: Mapping[str, Any], *, claim_id: str | None = None, mode: str = "binary"
    ) -> dict[str, Any]:
        """The answer to a claim. `claim_id`: one that was used before, to say the same again."""
        self._sent += 1
        identity = claim_id or f"{self.partner}-{self._run}-{self._sent:05d}"
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[identity] = answered
        assert self._process.stdin is not None
        line = json.dumps({"id": identity, "type": type_, "data": data, "mode": mode})
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        return await asyncio.wait_for(answered, self._patience)

    async def accepted(self, type_: str, data: Mapping[str, Any], *, mode: str = "binary") -> dict[str, Any]:
        """The ids that the service gave. Raises Refused where it refused."""
        answer = await self.claim(type_, data, mode=mode)
        if answer["outcome"] == "refused":
            raise Refused(f"{self.partner} {type_}: {answer['failings']}")
        ids: dict[str, Any] = answer["ids"]
        return ids

    async def hear(self) -> None:
        """Hand each answer to who waits for it, until the system ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            self.answers.append(answer)
            waiting = self._waiting.pop(answer.get("claim_id") or "", None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)


@asynccontextmanager
async def partner_system(
    bootstrap: str, partner: str, service: str, *, patience: float = 60
) -> AsyncIterator[PartnerSystem]:
    """A partner's system while it runs. `patience`: seconds to wait for an answer."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "city.partner_system", bootstrap, partner, service,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    system = PartnerSystem(process, partner, patience)
    hearing = asyncio.create_task(system.hear())
    try:
        yield system
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await hearing
