"""What a service is made of, as its `app.py` says it. What starts, waits and stops is the same for all: see `process`."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from kit.claims import ClaimReader
from kit.database import Database
from kit.deadlines import Fire
from kit.inbox import Apply, FactReader
from kit.projections import Projection
from kit.retention import Line
from kit.settings import Settings
from schemas.envelope import events_topic
from schemas.fact import Fact
from schemas.registry import others

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from kit.bus import Reader
    from kit.reconcile import Rebuild


class Loop(Protocol):
    """What a worker does besides reading and deadlines, over and over."""

    @property
    def name(self) -> str:
        """What its probe is called."""

    @property
    def moved_at(self) -> float:
        """When it last turned, by the loop's clock; 0: not yet."""

    async def run(self) -> None:
        """Turn until stopped; it outlives a database or a server that is away."""

    def stop(self) -> None:
        """End after this turn."""


@dataclass(frozen=True)
class Reading:
    """A reader, and where it reads: topics by name, or all that match a pattern."""

    reader: "Reader"
    topics: Sequence[str] = ()
    pattern: str | None = None
    pause: float = 0.0
    """Seconds for which it lets more come before it applies the next, where nobody waits for its effects."""

    @classmethod
    def of_facts(
        cls,
        settings: Settings,
        consumer: str,
        services: Collection[str],
        accepts: Iterable[type[Fact]],
        apply: Apply,
        *,
        pause: float = 0.0,
    ) -> Self:
        """What these services say: facts that are applied, and all others of theirs, which are passed over."""
        taken = tuple(accepts)
        reader = FactReader(consumer, taken, apply, ignores=others(services, taken), ceiling=settings.ceiling)
        return cls(reader, topics=tuple(map(events_topic, services)), pause=pause)

    @classmethod
    def of_claims(cls, reader: ClaimReader) -> Self:
        """What partners say to a service, each on a topic of its own: also one that is added while this process runs."""
        return cls(reader, pattern=reader.pattern)


@dataclass(frozen=True)
class Service:
    """What a service is made of."""

    name: str
    title: str
    description: str
    package: str
    """The package that holds `migrations/`."""
    settings: type[Settings]
    routers: "Callable[[Settings], Sequence[APIRouter]]"
    """Its routes. Called by the process that serves them alone, which is when the modules that build them are to be imported."""
    readings: Callable[[Settings], Sequence[Reading]] = lambda settings: ()
    projection: Projection | None = None
    """What it projects. Its migrations are then those of each version's schema, and it has no tables besides."""
    fire: Fire | None = None
    """What becomes of a deadline."""
    schedule: Sequence[Line] = ()
    """How long what is kept: the worker lets go of rows by it, and of the plumbing's by its own."""
    loops: Callable[[Settings, Database], Sequence[Loop]] = lambda settings, database: ()
    """What the worker does besides; any number of workers may, at once."""
    organisation: str = ""
    """Whose rows a request sees that names no organisation: nobody's, unless the service has no rows of organisations."""
    worker: str = "worker"
    """What the process that reads is called: `projector` in reporting."""
    state: "Callable[[FastAPI, Settings], None]" = field(default=lambda app, settings: None)
    """What the routes want to find in `app.state` besides."""
    rebuild: "Rebuild | None" = None
    """How its state is worked out anew from the journal, after a backup was restored; none where it has no state of its own."""
