"""The word to end, which whoever rests hears at once."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class Ending(asyncio.Event):
    """Set where a loop is to end."""

    async def rest(self, seconds: float) -> None:
        """Wait for so long, or until it is set."""
        # half of the work of wait_for, which a relay does fifty times a second
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait()

    async def cuts_short(self, work: Coroutine[Any, Any, object], seconds: float) -> bool:
        """Wait for some work, and give it up when the word comes: whether it was. Raises TimeoutError, and what the work raises."""
        working, word = asyncio.ensure_future(work), asyncio.ensure_future(self.wait())
        try:
            done, _ = await asyncio.wait({working, word}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                raise TimeoutError
            if working in done:
                working.result()
            return working not in done
        finally:
            word.cancel()
            working.cancel()
            await asyncio.wait({working})
