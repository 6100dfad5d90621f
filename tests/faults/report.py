"""What a trial came to, for a person at a terminal and as a page of the documentation."""

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .checker import Judged
from .strikes import ENOUGH, Strikes

LATE = 1.0  # seconds by which good records may be late in the middle of poison
EXPECTED_EXITS = {0, 9, 70}
"""At a fail-point (9), and where only a new process can help (70)."""


@dataclass
class Report:
    """The figures of one trial."""

    seed: int
    minutes: float
    strikes: Strikes
    again: str = ""
    """The command that draws the same faults."""
    load: float = field(default_factory=lambda: os.getloadavg()[0])
    """What else the machine was doing when the trial began: the load of the minute before."""
    commit: str = field(default_factory=lambda: commit_of_code())
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    struck: float = 0.0
    """Minutes for which the city was struck, disasters too."""
    called_off: bool = False
    """Whether somebody had it end before every kind had hit often enough."""
    judged: Judged | None = None
    settled: float = 0.0
    """Seconds from the last fault until all had caught up."""
    neighbours: tuple[float, float] = (0.0, 0.0)
    """By how much good records were late in the middle of poison: median and worst, in seconds."""
    poison: int = 0
    exits: dict[int, int] = field(default_factory=dict)
    """Processes that ended by themselves, by exit code."""
    defects: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    stuck: str = ""
    """Why the trial could not be finished."""
    unfit: str = ""
    """Why no mutant could be tried."""
    mutants: tuple[int, int] | None = None
    survivors: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything that was tried came out as it must."""
        return not (
            self.defects
            or self.stuck
            or self.unfit
            or self.survivors
            or (self.judged is not None and self.faults(self.judged))
        )

    def faults(self, judged: Judged) -> list[str]:
        """What the judge found wrong."""
        found = [*judged.wrong, *self.defects]
        if not judged.log.clean:
            found.append(str(judged.log))
        if not judged.log.duplicates:
            found.append("there was no duplicate in the log: the trial was too weak")
        if self.neighbours[1] >= LATE:
            found.append(f"good records in the middle of poison came {self.neighbours[1]:.1f} s late")
        if self.exits.keys() - EXPECTED_EXITS:
            found.append(f"processes ended with {sorted(self.exits.keys() - EXPECTED_EXITS)}")
        return found

    def of_trial(self) -> Iterator[str]:
        """As a page in Markdown: what was done, and what the judge says."""
        yield "# A trial of faults\n"
        yield f"Written by `{self.again}`; every figure on this page was counted by that run, at commit {self.commit}.\n"
        off = "; then it was called off" if self.called_off else ""
        yield f"{self.minutes:g} minutes of nemesis were asked for, it struck for {self.struck:.0f}{off}."
        yield f"{self.began:%Y-%m-%d}, on {machine()}, with Apache Kafka, PostgreSQL"
        yield f"and several copies of every process that is struck. Before it began the machine's load was {self.load:.1f}.\n"
        if self.stuck:
            yield f"**The trial came to a halt: {self.stuck}**\n"
        if self.judged is not None:
            yield from self._verdict(self.judged)
        yield from self._faults()

    def of_mutants(self) -> Iterator[str]:
        """How many deliberate defects were noticed, and which were not."""
        if self.unfit:
            yield f"\n## Mutants\n**None could be tried: {self.unfit}**\n"
        if self.mutants is not None:
            yield f"\n## Mutants\nkilled {self.mutants[0]} of {self.mutants[1]}\n"
            yield from (f"- survived: {name}" for name in self.survivors)

    def _verdict(self, judged: Judged) -> Iterator[str]:
        log = judged.log
        rows = {
            "faults that hit": self.strikes.hits,
            "faults that missed": len(self.strikes.all) - self.strikes.hits,
            "commands sent": judged.operations,
            "commands acknowledged": judged.acknowledged,
            "tries whose answer never came": judged.unknown_tries,
            "claims of partners": judged.claims,
            "claims of aborted transactions that Kafka lets everybody read": judged.revived,
            "events in the logs": log.events,
            **judged.reactions,
            "duplicates in the logs": log.duplicates,
            "records that nobody can read": self.poison,
            "**lost**": judged.lost,
            "**doubled**": judged.doubled,
            "**out of order**": len(log.out_of_order),
            "**made up**": len(log.made_up),
            "all caught up after the last fault, s": f"{self.settled:.1f}",
            "good records late in the middle of poison, median and worst, s": "{:.2f}, {:.2f}".format(*self.neighbours),
        }
        yield "| | |\n|---|---|"
        yield from (f"| {name} | {value} |" for name, value in rows.items())
        if recoveries := self.strikes.recoveries():
            yield f"| recovery, median and longest, s | {_middle(recoveries)}, {_longest(recoveries)} |"
        yield ""
        for name, value in judged.figures.items():
            yield f"Figure {name}: {value}, the same in the read model and in a plain fold of the log.  "
        yield "\nProcesses that ended by themselves: " + (
            ", ".join(f"{count} with code {code}" for code, count in sorted(self.exits.items())) or "none"
        )
        yield from (f"- **wrong: {what}**" for what in self.faults(judged))

    def _faults(self) -> Iterator[str]:
        yield "\n## Faults\nRecovery is counted in seconds from the end of a fault until what it struck was whole again.\n"
        yield "| fault | of | hit | missed | recovery, median | longest |\n|---|---|---|---|---|---|"
        for (kind, target), row in self.strikes.by("kind", "target").items():
            yield f"| {kind} | {target} | {row.hits} | {row.misses} | {_middle(row.recoveries)} | {_longest(row.recoveries)} |"
        for name in ("kind", "target"):
            few = {key: row.hits for (key,), row in self.strikes.by(name).items() if row.hits < ENOUGH}
            if few:
                said = ", ".join(f"{key} {hits}" for key, hits in few.items())
                yield f"\nHit fewer than {ENOUGH} times, by {name}: {said}."

    def write(self, page: Path) -> None:
        page.write_text("\n".join((*self.of_trial(), *self.of_mutants())) + "\n")


def _middle(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f}" if seconds else ""


def _longest(seconds: Sequence[float]) -> str:
    return f"{max(seconds):.1f}" if seconds else ""


def machine() -> str:
    """Where a trial ran, in a phrase."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {platform.machine()}, {memory:.0f} GB, {platform.system()}, "
        f"Python {sys.version.split()[0]}"
    )


def commit_of_code() -> str:
    """Where the code stands; `unknown` outside a repository."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parent,
    )  # fmt: skip
    return asked.stdout.strip() or "unknown"
