"""Waiting for what must come, and not longer."""

import asyncio
from collections.abc import Awaitable, Callable


class Stuck(Exception):
    """What had to come did not come."""


async def until(
    holds: Callable[[], Awaitable[bool]], seconds: float = 30.0, what: str = "what the test waits for"
) -> None:
    """Return as soon as it holds. Raises Stuck after `seconds`, a bound for a broken machine and no measurement."""
    pause = 0.02
    try:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(pause)  # what is waited for is a row, a file or a probe, and they wake nobody
                pause = min(pause * 1.3, 0.2)
    except TimeoutError:
        raise Stuck(f"not within {seconds:g} s: {what}") from None
