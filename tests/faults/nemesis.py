"""The nemesis: lanes of faults at the same time, each drawn from its own seeded deck.

A lane strikes one thing: the copies of one kind of process, the servers, the network, or the log. Disasters (`disasters`)
have the city to themselves: the lanes wait meanwhile.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from kit.testing.waiting import Stuck, until

from . import known, planted
from .archive import Archive
from .arena import DIED_THERE, PATIENCE, READY, Arena, freeze
from .history import History
from .known import Target
from .load import Load
from .proxy import Mode
from .strikes import Deck, Strike, Strikes

FIRES = 20.0  # seconds for a fail-point to be met; after that the strike has missed
RESTS = 20.0  # seconds for which a lane leaves the machine to the others
BETWEEN = (8.0, 20.0)  # seconds from a server's return to its next fault: a group needs some of them to come together
GROUP_SESSION = 11.0  # seconds after which a member that says nothing is put out of its group


@dataclass
class Nemesis:
    """All lanes, and what they have done."""

    arena: Arena
    load: Load
    archive: Archive
    seed: int
    away: float
    """Seconds for which the broker stays away."""
    strikes: Strikes = field(default_factory=Strikes)
    planting: planted.Planting = field(init=False)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _striking: int = 0
    _idle: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self._open.set()
        self.planting = planted.Planting(self.arena, self.history, self.archive)

    @property
    def history(self) -> History:
        return self.load.history

    def chance(self, lane: str) -> random.Random:
        return random.Random(f"{self.seed} {lane}")

    async def strike(self) -> None:
        """All lanes, until `over` is set."""
        lanes: list[Callable[[], Awaitable[None]]] = [Processes(self, target).run for target in known.TARGETS]
        lanes += [self._servers, self._network, self._log]
        async with asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(lane())  # type: ignore[arg-type]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One strike of a lane: not while a disaster has the city."""
        await self._open.wait()
        self._striking += 1
        try:
            yield
        finally:
            self._striking -= 1
            async with self._idle:
                self._idle.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Everything runs and is ready, and no lane strikes."""
        self._open.clear()
        try:
            async with asyncio.timeout(PATIENCE), self._idle:
                await self._idle.wait_for(lambda: not self._striking)
            await self.arena.revive()
            yield
        finally:
            self._open.set()

    async def breathe(self, chance: random.Random, kinds: Iterable[str]) -> None:
        """Let some work be done between two strikes; and let other lanes strike, where each of these kinds has hit often enough.

        An API is up again in seconds and a reader in a minute: left to themselves, the quick lanes would have the machine.
        """
        await self.history.acknowledgements(chance.randint(2, 12), limit=3)
        if self.strikes.enough(kinds):
            await self._for_a_while(RESTS)

    def next(self, deck: Deck, kinds: Sequence[str]) -> str:
        """What a lane strikes with next: not with what has hit often enough, while something else of it has not."""
        kind = deck.draw()
        while self.strikes.enough([kind]) and not self.strikes.enough(kinds):
            kind = deck.draw()
        return kind

    # -- servers -------------------------------------------------------------------------------------------------------

    async def _servers(self) -> None:
        """PostgreSQL and the broker die and come back."""
        chance = self.chance("servers")
        kinds = ("PostgreSQL restarted", "PostgreSQL killed", "broker restarted", "broker killed", "broker away")
        deck = Deck(kinds, chance)
        while not self.over.is_set():
            async with self.turn():
                kind, note = self.next(deck, kinds), ""
                in_flight = self.history.in_flight
                postgres, broker = self.arena.stage.postgres, self.arena.broker
                match kind:
                    case "PostgreSQL restarted":
                        await postgres.restart(chance.choice(("fast", "immediate")))
                    case "PostgreSQL killed":
                        await postgres.kill()
                        await postgres.start()
                    case "broker restarted":
                        await broker.shut_down()
                        await broker.start()
                    case "broker killed":
                        await broker.kill()
                        await broker.start()
                    case _:
                        await broker.kill()
                        before = self.history.acknowledged
                        await self._for_a_while(self.away)
                        note = f"{self.history.acknowledged - before} commands accepted meanwhile"
                        await broker.start()
                back = await self.works_again()
                self.strikes.add(Strike(kind, "server", in_flight > 0, note, in_flight, back))
            await self._for_a_while(chance.uniform(*BETWEEN))
            await self.breathe(chance, kinds)

    async def _for_a_while(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), seconds)

    async def works_again(self) -> float:
        """Seconds until something new was acknowledged, sent and counted."""
        began = time.monotonic()
        heard = await self.arena.heard()
        if not await self.history.acknowledgements(1, PATIENCE):
            raise Stuck("nothing is acknowledged any more")

        async def counted() -> bool:
            return await self.arena.heard() > heard

        await until(counted, PATIENCE, "the reader reads on")
        return time.monotonic() - began

    # -- the network ---------------------------------------------------------------------------------------------------

    async def _network(self) -> None:
        """A door is cut, slow, or swallows what goes through it."""
        chance = self.chance("network")
        modes: Sequence[Mode] = ("cut", "slow", "swallow")
        doors = {"database": self.arena.to_database, "broker": self.arena.to_broker}
        kinds = {f"network to {to} {mode}": (to, mode) for to in doors for mode in modes}
        names = {to: Deck(list(found), chance) for to, found in doors.items()}
        deck = Deck(list(kinds), chance)
        while not self.over.is_set():
            async with self.turn():
                kind = self.next(deck, list(kinds))
                to, mode = kinds[kind]
                name = names[to].draw()
                door = doors[to][name]
                talking = door.connections
                async with door.being(mode):
                    await self._for_a_while(chance.uniform(2, 5) if mode != "swallow" else chance.uniform(3, 12))
                back = await self.works_again()
                self.strikes.add(Strike(kind, name, talking > 0, f"{talking} connections", 0, back))
            await self.breathe(chance, kinds)

    # -- the log -------------------------------------------------------------------------------------------------------

    async def _log(self) -> None:
        """Duplicates, aborted transactions, poison among good events."""
        chance = self.chance("log")
        plants = {
            "the same events at other offsets": self.planting.duplicates,
            "a partner's aborted transaction": self.planting.aborted,
            "poison among events": self.planting.poison_events,
            "poison among claims": self.planting.poison_claims,
        }
        deck = Deck(list(plants), chance)
        while not self.over.is_set():
            async with self.turn():
                kind = self.next(deck, list(plants))
                count = await plants[kind](chance)
                self.strikes.add(Strike(kind, "log", count > 0, f"{count} records"))
            await self.breathe(chance, plants)


@dataclass
class Processes:
    """The lane of one kind of process: its copies die and freeze at fail-points and elsewhere, and are started again."""

    nemesis: Nemesis
    target: Target
    chance: random.Random = field(init=False)
    down: dict[int, float] = field(default_factory=dict)
    """When each copy that is down died."""

    def __post_init__(self) -> None:
        self.chance = self.nemesis.chance(self.target.name)

    @property
    def arena(self) -> Arena:
        return self.nemesis.arena

    def kinds(self) -> list[str]:
        found = [f"{what} at {point}" for point in self.target.points for what in ("exit", "freeze")]
        found += ["SIGKILL", "SIGSTOP", "SIGTERM"]
        if self.target.process == "relay":
            found += ["frozen for good", "frozen for good at relay.after_send"]
        if self.target.hears:
            found.append("one more joins and leaves")
        return found

    async def run(self) -> None:
        kinds = self.kinds()
        deck = Deck(kinds, self.chance)
        while not self.nemesis.over.is_set():
            async with self.nemesis.turn():
                kind = self.nemesis.next(deck, kinds)
                await (self.lead(kind) if self.target.process == "relay" else self.any_copy(kind))
            await self.nemesis.breathe(self.chance, kinds)
            if self.target.hears:
                await self._reads_on()

    async def _reads_on(self) -> None:
        """Let the group come together: struck again at once it would do nothing but rebalance."""
        before = await self._read()

        async def moved() -> bool:
            return self.nemesis.over.is_set() or await self._read() > before

        with suppress(Stuck):
            await until(moved, 3 * GROUP_SESSION, "the group reads on")

    async def _read(self) -> int:
        query = "SELECT coalesce(sum(next_offset), 0)::bigint FROM kit.position"
        return await self.arena.count(self.target.part.service, query)

    def struck(self, kind: str, hit: bool, note: str = "", recovery: float | None = None) -> None:
        in_flight = self.nemesis.history.in_flight
        self.nemesis.strikes.add(Strike(kind, self.target.name, hit, note, in_flight, recovery))

    async def any_copy(self, kind: str) -> None:
        """Strike one of several copies that share the work."""
        number = self.chance.randint(1, self.target.copies)
        name = self.target.copy(number)
        match kind.split():
            case ["exit", _, point]:
                hit = await self.dies_at(number, f"{point}=exit:{self.chance.randint(1, 8)}")
                self.struck(kind, hit, recovery=await self.whole_again(number))
            case ["freeze", _, point]:
                hit = await self.freezes_at(number, point)
                await self.hold_and_wake(kind, number, hit)
            case ["SIGSTOP"]:
                await freeze(self.arena, name)
                await self.hold_and_wake(kind, number, hit=True)
            case ["SIGTERM"]:
                await self.end(number)
                self.struck(kind, True, recovery=await self.whole_again(number))
            case ["one", "more", *_]:
                await self.whole_again(self.target.copies + 1)
                await self._reads_on()
                await self.end(self.target.copies + 1)
                self.struck(kind, True)
            case _:
                await self.arena.supervisor.kill(name)
                self.struck(kind, True, recovery=await self.whole_again(number))

    async def lead(self, kind: str) -> None:
        """Strike the one that leads; the others take over."""
        leader = await self._leader()
        other = next(number for number in range(1, self.target.copies + 1) if number != leader)
        match kind.split():
            case ["exit", _, point]:
                hit = await self._succeeds_and(other, leader, f"{point}=exit:{self.chance.randint(1, 4)}", self.dies)
                self.struck(kind, hit, recovery=await self._led_again(other))
            case ["freeze", _, point]:
                hit = await self._succeeds_and(other, leader, f"{point}=stop", self.freezes)
                await self.hold_and_wake(kind, other, hit, hold=self.chance.uniform(0.5, 3))
            case ["frozen", "for", "good", "at", point]:
                hit = await self._succeeds_and(other, leader, f"{point}=stop", self.freezes)
                await self._outlived(kind, other, hit)
            case ["frozen", "for", "good"]:
                await freeze(self.arena, self.target.copy(leader))
                await self._outlived(kind, leader, hit=True)
            case ["SIGSTOP"]:
                await freeze(self.arena, self.target.copy(leader))
                await self.hold_and_wake(kind, leader, hit=True, hold=self.chance.uniform(0.5, 3))
            case ["SIGTERM"]:
                await self.end(leader)
                self.struck(kind, True, recovery=await self.whole_again(leader))
            case _:
                await self.arena.supervisor.kill(self.target.copy(leader))
                self.struck(kind, True, recovery=await self.whole_again(leader))

    # -- the copies of a relay -------------------------------------------------------------------------------------------

    async def _leader(self) -> int:
        found: int | None = None

        async def leads() -> bool:
            nonlocal found
            found = await self.arena.leader(self.target)
            return found is not None

        await until(leads, PATIENCE, f"one {self.target.name} leads")
        assert found is not None
        return found

    async def _succeeds_and(
        self, number: int, leader: int, failpoints: str, meets_it: Callable[[int], Awaitable[bool]]
    ) -> bool:
        """A copy that is to die or freeze takes the lead; whether it did."""
        await self.kill(number)
        await self.arena.start(self.target, number, failpoints)
        await self.arena.ready(self.target.copy(number))
        await self.kill(leader)
        hit = await meets_it(number)
        await self.arena.start(self.target, leader)
        return hit

    async def _led_again(self, number: int) -> float:
        began = time.monotonic()
        await self.arena.start(self.target, number)
        await self._leader()
        return time.monotonic() - began

    async def _outlived(self, kind: str, frozen: int, hit: bool) -> None:
        """The frozen leader loses the lead to another; then it wakes, and has lost it."""
        began = time.monotonic()
        if not hit:
            self.struck(kind, False)
            await self.arena.start(self.target, frozen)
            return
        others = set(range(1, self.target.copies + 1)) - {frozen}

        async def taken_over() -> bool:
            return await self.arena.leader(self.target, others) is not None

        await until(taken_over, PATIENCE, "another relay takes the lead of a frozen one")
        took = time.monotonic() - began
        self.arena.supervisor.resume(self.target.copy(frozen))
        self.struck(kind, True, f"another led after {took:.0f} s", took)

    # -- any process -----------------------------------------------------------------------------------------------------

    async def kill(self, number: int) -> None:
        """SIGKILL, where it runs."""
        name = self.target.copy(number)
        if self.arena.runs(name):
            await self.arena.supervisor.kill(name)
            self.struck("SIGKILL", True)

    async def end(self, number: int) -> None:
        """Ask it to end, as a platform does; it does so in order."""
        name = self.target.copy(number)
        ended = await self.arena.supervisor.end(name, grace=GROUP_SESSION + 20)
        if ended.code:
            self.nemesis.history.errors.append(f"{name}, asked to end, ended with {ended.code}")

    async def dies_at(self, number: int, failpoints: str) -> bool:
        await self.kill(number)
        await self.arena.start(self.target, number, failpoints)
        await self._ready_or_ended(number)
        return await self.dies(number)

    async def dies(self, number: int) -> bool:
        name = self.target.copy(number)
        try:
            ended = await asyncio.wait_for(self.arena.supervisor.ended(name), FIRES)
        except TimeoutError:
            ended = await self.arena.supervisor.kill(
                name
            )  # or it would die later, of a fault that has been over for long
        return ended.code == DIED_THERE

    async def freezes_at(self, number: int, point: str) -> bool:
        await self.kill(number)
        await self.arena.start(self.target, number, f"{point}=stop")
        return await self.freezes(number, 2 * FIRES)

    async def freezes(self, number: int, limit: float = FIRES) -> bool:
        async def frozen() -> bool:
            return self.arena.is_frozen(self.target.copy(number))

        try:
            await until(frozen, limit, "it freezes")
        except Stuck:
            await self.arena.supervisor.kill(self.target.copy(number))  # or it would freeze later
            return False
        return True

    async def hold_and_wake(self, kind: str, number: int, hit: bool, hold: float | None = None) -> None:
        """Keep it frozen for longer than its group waits for it, or for a moment; then see it whole again."""
        if hit:
            long = self.target.hears and self.chance.random() < 0.5
            seconds = hold or (
                self.chance.uniform(GROUP_SESSION, GROUP_SESSION + 3) if long else self.chance.uniform(0.5, 3)
            )
            await asyncio.sleep(seconds)
            self.arena.supervisor.resume(self.target.copy(number))
        self.struck(kind, hit, recovery=await self.whole_again(number))

    async def whole_again(self, number: int) -> float:
        """Start it where it is down; seconds until it was ready."""
        began, name = time.monotonic(), self.target.copy(number)
        if not self.arena.runs(name):
            await self.arena.start(self.target, number)
        await self.arena.ready(name)
        return time.monotonic() - began

    async def _ready_or_ended(self, number: int) -> None:
        async def settled() -> bool:
            name = self.target.copy(number)
            return not self.arena.runs(name) or await self.arena.is_ready(name)

        await until(settled, READY, f"{self.target.copy(number)} is ready or has ended")
