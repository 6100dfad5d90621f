"""The word to end, which whoever rests hears at once."""

import asyncio
from contextlib import suppress


class Ending(asyncio.Event):
    """Set where a loop is to end."""

    async def rest(self, seconds: float) -> None:
        """Wait for so long, or until it is set."""
        with suppress(TimeoutError):
            async with asyncio.timeout(
                seconds
            ):  # half of the work of wait_for, which a relay does fifty times a second
                await self.wait()
