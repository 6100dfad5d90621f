"""What has been done to the city, one line a fault; and the decks that faults are drawn from."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


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
class Strikes:
    """All of them."""

    all: list[Strike] = field(default_factory=list)

    def add(self, strike: Strike) -> None:
        self.all.append(strike)

    @property
    def hits(self) -> int:
        return sum(strike.hit for strike in self.all)

    def table(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Hits and misses, by kind and target."""
        found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for strike in self.all:
            found[strike.kind, strike.target][0 if strike.hit else 1] += 1
        return {key: (hits, misses) for key, (hits, misses) in sorted(found.items())}

    def recoveries(self) -> list[float]:
        return sorted(strike.recovery for strike in self.all if strike.recovery is not None)
