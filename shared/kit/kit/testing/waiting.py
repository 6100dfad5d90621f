"""Waiting for what must come, and not longer."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Return as soon as it holds; fail after `seconds`, a bound for a broken machine and no measurement."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 what is waited for is a row, and rows wake nobody
            await asyncio.sleep(0.02)
