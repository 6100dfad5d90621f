"""The one file that a run writes, and how a part of a run is told: measured, or failed with the reason; never left out."""

import asyncio
import json
import os
import platform
import statistics
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "docs/performance/results.json"


class Failed(Exception):
    """A part could not be measured, or what was measured did not do its work."""


def spread(values: Sequence[float]) -> dict[str, Any]:
    """The median of the rounds, and what the rounds were."""
    return {"median": statistics.median(values), "rounds": [round(value, 1) for value in values]}


def percentiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max": ordered[-1],
        "n": len(ordered),
    }


def machine() -> dict[str, Any]:
    """What it was measured on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count(), "cpu": model,
        "python": platform.python_version(), "commit": commit.strip(), "load_at_start": os.getloadavg()[0],
    }  # fmt: skip


class Results:
    """What has been measured so far; written after every part, so that a run that is cut off has left what it had."""

    def __init__(self, file: Path, settings: dict[str, Any]) -> None:
        self._file = file
        self.told: dict[str, Any] = {"machine": machine(), "settings": settings, "parts": {}}

    async def part(self, name: str, work: Callable[[], Awaitable[dict[str, Any]]], limit: float) -> None:
        """Measure a part within so many seconds. Whatever goes wrong in it is told as its result."""
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(limit):
                found = await work()
        except TimeoutError:
            found = {"failed": f"took longer than {limit:.0f} s, which is what was left for it"}
        except Exception as error:  # noqa: BLE001 one part that fails must not take the others with it
            found = {"failed": f"{type(error).__name__}: {error}"[:600]}
        found["load"] = round(os.getloadavg()[0], 1)
        found["seconds"] = round(asyncio.get_running_loop().time() - began, 1)
        self.told["parts"][name] = found
        self.write()

    def write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self.told, indent=1) + "\n")
