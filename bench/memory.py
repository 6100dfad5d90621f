"""How much memory a process has held at most, and which processes a process has begun (Linux)."""

import re
from pathlib import Path


def peak(pid: int) -> float:
    """The peak of the resident set so far, in MB; 0 for a process that is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return round(int(found[1]) / 1024, 1) if found else 0.0


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
