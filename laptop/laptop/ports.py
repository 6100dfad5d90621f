"""Ports that nobody else is going to take."""

import fcntl
import os
import random
import socket

from laptop import cache

# Below the range that Linux and macOS draw outgoing connections' ports from: no client can take one by accident.
_RANGE = range(20_000, 32_000)

# Every port given out by this process, with the file whose lock says so to others until the process ends.
_held: dict[int, int] = {}


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free and that no other process asking here is given while this one lives.

    Raises:
        OSError: there is none.
    """
    locks = cache.folder() / "ports"
    locks.mkdir(exist_ok=True)
    for port in random.sample(_RANGE, len(_RANGE)):
        if port not in _held and _is_free(port):
            lock = os.open(locks / str(port), os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                continue
            _held[port] = lock
            return port
    raise OSError(f"no free port from {_RANGE.start} to {_RANGE.stop}")


def give_back(port: int) -> None:
    """Let others have the port again. Giving back twice does no harm."""
    lock = _held.pop(port, None)
    if lock is not None:
        os.close(lock)


def _is_free(port: int) -> bool:
    # Without SO_REUSEADDR, so that a port with connections in TIME_WAIT counts as taken: not every server reuses it.
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
