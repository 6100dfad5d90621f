"""One folder for all that a run makes and nobody needs afterwards: in memory where there is room, gone with the run.

Everything that a run starts finds it in TMPDIR. A run that was killed cannot remove its own; the next one does.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "ow-run-"  # short: on some systems the path of a socket in it may have 103 bytes
MEMORY = Path("/dev/shm")  # noqa: S108 Linux's file system in memory: to make and drop a database costs a seventh there
ROOM = 6 * 2**30  # bytes: a container's is often 64 MB, and then the disk has to do


@contextmanager
def scratch(base: Path | None = None) -> Iterator[Path]:
    """The folder, in `base` or where there is room; it is TMPDIR while the block runs, and removed at its end."""
    parent = base or _roomy() or Path(tempfile.gettempdir())
    sweep(parent)
    folder, lock = _make(parent)
    former = os.environ.get("TMPDIR")
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), None
    try:
        yield folder
    finally:
        tempfile.tempdir = None
        del os.environ["TMPDIR"]
        if former is not None:
            os.environ["TMPDIR"] = former
        _remove(folder)
        os.close(lock)


def sweep(parent: Path) -> None:
    """Remove the folders of runs that have ended without doing so."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another's, or removed by another that sweeps
            lock = os.open(folder, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
            finally:
                os.close(lock)


def _roomy() -> Path | None:
    """Where files cost least; None if the user has named a place, if there is too little room, or no program runs there."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(told["MemAvailable"].split()[0]) * 1024
    return MEMORY if min(available, shutil.disk_usage(MEMORY).free) >= ROOM else None


def _make(parent: Path) -> tuple[Path, int]:
    """A new folder, and the lock that says that its run goes on."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        with suppress(OSError):  # whoever swept at this moment took it for one that was left
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if folder.exists():
                folder.chmod(0o711)  # PostgreSQL runs as another user, where we are root
                return folder, lock


def _remove(folder: Path, patience: float = 10) -> None:
    """Remove it, also while the last processes of a killed run write into it."""
    until = time.monotonic() + patience
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > until:
            raise OSError(f"{folder} cannot be removed: something still writes into it")
        time.sleep(0.05)
