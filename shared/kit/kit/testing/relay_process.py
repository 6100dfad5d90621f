"""A relay in a process of its own, for tests that kill it and freeze it: `python -m kit.testing.relay_process 3` (the lease).

Settings and fail-points come from the environment, as everywhere.
"""

import asyncio
import sys

from kit import log, relay
from kit.settings import Settings


def main(lease: int) -> None:
    """Run a relay until the process ends."""
    relay.LEASE, relay.SEND_WAIT = lease, lease / 2
    log.configure("testing", "relay")
    asyncio.run(relay.Relay(Settings.load(service="testing", process="relay")).run())


if __name__ == "__main__":
    main(int(sys.argv[1]))
