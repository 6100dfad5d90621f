"""The one folder outside the repository that this project keeps things in: what is costly to fetch or to make."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder() -> Path:
    """The cache folder, made if need be: ~/.cache/oneworkforce, or what ONEWORKFORCE_CACHE says."""
    override = os.environ.get("ONEWORKFORCE_CACHE")
    path = Path(override) if override else Path.home() / ".cache" / "oneworkforce"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def making(name: str) -> Iterator[Path | None]:
    """Make the cached folder `name` once, whoever else tries at the same time.

    Yields None when it is there already, else an empty folder to fill, which becomes `name` when the block ends without
    an error: nobody ever sees a half-filled one. Another process waits for this one to end.
    """
    target = folder() / name
    if target.exists():
        yield None
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.exists():
            yield None
            return
        unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
        try:
            yield unfinished
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
