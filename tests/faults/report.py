"""What a trial came to, for a person at a terminal and as a page of the documentation."""

import platform
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from .checker import Judged
from .strikes import Strikes

LATE = 1.0  # seconds by which good records may be late in the middle of poison
EXPECTED_EXITS = {0, 9, 70}
"""At a fail-point (9), and where only a new process can help (70)."""


@dataclass
class Report:
    """The figures of one trial."""

    seed: int
    minutes: float
    strikes: Strikes
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
    mutants: tuple[int, int] | None = None
    survivors: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything that was tried came out as it must."""
        return not (
            self.defects or self.stuck or self.survivors or (self.judged is not None and self.faults(self.judged))
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

    def lines(self) -> Iterator[str]:
        """As a page in Markdown."""
        yield "# A trial of faults\n"
        yield "Written by `make faults`; every figure on this page was counted by that run.\n"
        yield f"Seed {self.seed}, {self.minutes:g} minutes of nemesis, {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, "
        yield f"Python {platform.python_version()}, Apache Kafka and PostgreSQL with every process of two services.\n"
        if self.stuck:
            yield f"**The trial came to a halt: {self.stuck}**\n"
        if self.judged is not None:
            yield from self._verdict(self.judged)
        yield from self._faults()
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
            "events in the log": log.events,
            "duplicates in the log": log.duplicates,
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
            yield f"| recovery, median and longest, s | {statistics.median(recoveries):.1f}, {recoveries[-1]:.1f} |"
        yield ""
        for name, value in judged.figures.items():
            yield f"Figure {name}: {value}, the same in the read model and in a plain fold of the log.  "
        yield "\nProcesses that ended by themselves: " + (
            ", ".join(f"{count} with code {code}" for code, count in sorted(self.exits.items())) or "none"
        )
        yield from (f"- **wrong: {what}**" for what in self.faults(judged))

    def _faults(self) -> Iterator[str]:
        yield "\n## Faults\n| fault | of | hit | missed |\n|---|---|---|---|"
        for (kind, target), (hits, misses) in self.strikes.table().items():
            yield f"| {kind} | {target} | {hits} | {misses} |"

    def write(self, page: Path) -> None:
        page.write_text("\n".join(self.lines()) + "\n")
