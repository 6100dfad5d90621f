"""Commands over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from fastapi import APIRouter, Depends, Response

from kit import http
from kit.auth import Keys, Signer, development_token, make_key
from kit.database import Connection
from kit.errors import expect
from kit.http import Call, Done, allow

from .bench import Bench, happened


async def the_same_request_again_gets_the_same_answer_unrun(bench: Bench) -> None:
    async with _counters(bench) as client:
        first = await client.post("/up", json={}, headers={"Idempotency-Key": "k", "If-Match": '"0"'})
        again = await client.post("/up", json={}, headers={"Idempotency-Key": "k", "If-Match": '"0"'})
    assert (first.status_code, again.status_code) == (200, 200), again.text
    assert first.content == again.content
    assert await bench.ledger.effects() == [1]


async def another_request_under_the_same_key_is_refused(bench: Bench) -> None:
    async with _counters(bench) as client:
        await client.post("/up", json={}, headers={"Idempotency-Key": "k"})
        other = await client.post("/up", json={"other": 1}, headers={"Idempotency-Key": "k"})
    assert other.status_code == 422
    assert await bench.ledger.effects() == [1]


async def who_has_read_an_old_version_is_told_so(bench: Bench) -> None:
    async with _counters(bench) as client:
        await client.post("/up", json={})
        stale = await client.post("/up", json={}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    assert await bench.ledger.effects() == [1]


@asynccontextmanager
async def _counters(bench: Bench) -> AsyncIterator[httpx2.AsyncClient]:
    """A route that writes an effect down, and a client who may ask for it."""
    router, caller = APIRouter(), Depends(allow("coordinator"))

    @router.post("/up")
    async def up(call: Call = caller) -> Response:
        async def work(tx: Connection) -> Done:
            version = await tx.fetchval("SELECT count(*) FROM effect")
            expect(version, call.if_match)
            await happened(tx)
            return Done({"version": version + 1}, version=version + 1)

        return await call.once(work)

    make_key(bench.folder / "private", bench.folder / "public", "script")
    keys = Keys(bench.settings.model_copy(update={"development_keys": bench.folder / "public"}))
    app = http.create_app(
        title="Counters", version="1", description="Counters.", routers=[router],
        lifespan=lambda app: http.served(app, bench.database, keys),
    )  # fmt: skip
    token = development_token(Signer(bench.folder / "private"), "coordinator")
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://counters", headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):  # fmt: skip
        yield client
