"""What falls due."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from kit import deadlines
from kit.context import Context
from kit.database import Connection
from kit.deadlines import Due
from kit.errors import Unavailable
from kit.ids import new_id
from kit.testing.waiting import until

from .bench import LIMIT, Bench, happened

DUE = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def _due(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await deadlines.keep(tx, "counter", new_id(), {"expires": DUE})


async def a_deadline_is_fired_once_by_two_workers(bench: Bench) -> None:
    await _due(bench)
    entered, others = asyncio.Event(), asyncio.Event()

    async def fire(tx: Connection, due: Due, context: Context) -> None:
        await happened(tx)
        entered.set()
        await others.wait()

    first = asyncio.create_task(deadlines.fire_next(bench.database, fire, DUE))
    await entered.wait()
    second = await _done_or_waiting(bench, fire)
    others.set()
    await asyncio.gather(first, second)
    assert await bench.ledger.effects() == [1]


async def _done_or_waiting(bench: Bench, fire: Any) -> "asyncio.Task[bool]":
    """The second worker's try: it has seen that there is nothing to do, fires too, or waits for the first."""
    second = asyncio.create_task(deadlines.fire_next(bench.database, fire, DUE))

    async def decided() -> bool:
        return second.done() or await bench.somebody_waits()

    await until(decided, LIMIT)
    return second


async def a_deadline_that_could_not_be_fired_is_fired_later(bench: Bench) -> None:
    await _due(bench)

    async def away(tx: Connection, due: Due, context: Context) -> None:
        raise Unavailable("away")

    async def fire(tx: Connection, due: Due, context: Context) -> None:
        await happened(tx)

    with suppress(Unavailable):
        await deadlines.fire_next(bench.database, away, DUE)
    assert await deadlines.fire_next(bench.database, fire, DUE)
    assert await bench.ledger.effects() == [1]
