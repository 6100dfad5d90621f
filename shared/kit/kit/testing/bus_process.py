"""A reader of `Counted` in a process of its own, for trials that kill it: `python -m kit.testing.bus_process TOPIC GROUP`.

Each fact's effect is a row. Settings and fail-points come from the environment, as everywhere.
"""

import asyncio
import sys

from kit import log
from kit.bus import Bus
from kit.database import Database
from kit.inbox import FactReader
from kit.settings import Settings
from kit.testing.effects import write_down
from kit.testing.facts import Counted


async def read(topic: str, group: str) -> None:
    """Run the reader until the process ends."""
    settings = Settings.load(service="testing", process="reader")
    reader = FactReader(group, [Counted], write_down, ceiling=settings.ceiling)
    async with Database.connect(settings.database_dsn.get_secret_value(), name="reader") as database:
        await Bus(settings, database, reader, topics=[topic]).run()


if __name__ == "__main__":
    log.configure("testing", "reader")
    asyncio.run(read(*sys.argv[1:]))
