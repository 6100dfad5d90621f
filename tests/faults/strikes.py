"""What has been done to the city, one line a fault; and the decks that faults are drawn from."""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ENOUGH = 10  # hits of a kind, or of a target, from which a long trial says something about it


@dataclass(frozen=True)
class Strike:
    """One fault. `hit`: it met something: the fail-point fired, the process died, somebody talked through the door."""

    kind: str
    target: str
    hit: bool
    note: str = ""
    in_flight: int = 0
    """Requests that were on their way."""
    recovery: float | None = None
    """Seconds from the end of the fault until what it struck was whole again."""
    at: float = field(default_factory=time.time)


class Deck:
    """Every kind as often as every other, in an order that chance decides."""

    def __init__(self, kinds: Sequence[str], chance: random.Random) -> None:
        self._kinds, self._chance, self._left = list(kinds), chance, list[str]()

    def draw(self) -> str:
        if not self._left:
            self._left = self._kinds[:]
            self._chance.shuffle(self._left)
        return self._left.pop()


@dataclass
class Row:
    """What strikes of one kind, or at one target, came to."""

    hits: int = 0
    misses: int = 0
    recoveries: list[float] = field(default_factory=list)


@dataclass
class Strikes:
    """All of them."""

    all: list[Strike] = field(default_factory=list)
    kept: Path | None = None
    """Where each is written down at once, for whoever looks while a trial runs or after it has halted."""

    def add(self, strike: Strike) -> None:
        self.all.append(strike)
        if self.kept is not None:
            with self.kept.open("a") as page:
                print(json.dumps(asdict(strike)), file=page)

    @property
    def hits(self) -> int:
        return sum(strike.hit for strike in self.all)

    def enough(self, kinds: Iterable[str]) -> bool:
        """Whether each of these kinds has hit often enough, whatever it hit."""
        hits = Counter(strike.kind for strike in self.all if strike.hit)
        return all(hits[kind] >= ENOUGH for kind in kinds)

    def by(self, *fields: str) -> dict[tuple[str, ...], Row]:
        """Hits and misses by these fields of a strike: its kind, its target."""
        found: dict[tuple[str, ...], Row] = defaultdict(Row)
        for strike in self.all:
            row = found[tuple(getattr(strike, name) for name in fields)]
            row.hits += strike.hit
            row.misses += not strike.hit
            if strike.recovery is not None:
                row.recoveries.append(strike.recovery)
        return dict(sorted(found.items()))

    def recoveries(self) -> list[float]:
        return sorted(strike.recovery for strike in self.all if strike.recovery is not None)
