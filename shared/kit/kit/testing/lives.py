"""State machines in tests and drawings: a state in each status, reached by commands alone, and one command of each kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any, Protocol

from kit.aggregates import Machine
from kit.errors import Refused, slug
from kit.step import Command, names
from schemas.fact import Fact

NOTED = "noted"
"""The status stays, and something is said."""


class Decides(Protocol):
    """What of a machine its table and its drawing ask."""

    AGGREGATE: str

    def decide(self, command: Any, state: Any, now: datetime, /) -> Sequence[Fact]: ...

    def evolve(self, state: Any, fact: Fact, /) -> Any: ...

    def allowed(self, state: Any, /) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Life:
    """An aggregate's module, a state in each status (none first), a command of each kind, and when it is asked."""

    machine: Decides
    states: Mapping[Any, Any]
    commands: Sequence[Command]
    now: datetime
    others: Sequence[Any] = ()
    """Further states in the same statuses, of which more comes: a drawing tries these as well."""

    def cells(self) -> Iterator[tuple[str | None, str]]:
        """Every status with every command."""
        return ((status, type(command).__name__) for status in self.states for command in self.commands)

    def outcome(self, status: str | None, name: str) -> str:
        """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
        return self._comes(self.states[status], next(each for each in self.commands if type(each).__name__ == name))

    def drawing(self) -> Iterator[str]:
        """The lines of a mermaid drawing: every command to every state, tried, those that lead into another status.

        Raises AssertionError where nothing leads into a status: a path is missing among `others`.
        """
        yield "```mermaid"
        yield "stateDiagram-v2"
        arrows = dict.fromkeys(self._arrows())
        unreached = {str(status) for status in self.states if status is not None} - {to for _, to, _ in arrows}
        assert not unreached, f"{self.machine.AGGREGATE}: nothing leads into {', '.join(sorted(unreached))}"
        yield from (f"    {_node(status)} --> {_node(to)}: {name}" for status, to, name in arrows)
        yield "```"

    def _arrows(self) -> Iterator[tuple[str | None, str, str]]:
        for state in (*self.states.values(), *self.others):
            status = None if state is None else str(state.status)
            for command in self.commands:
                came = self._comes(state, command)
                if came[0].islower() and came not in (NOTED, status):
                    yield status, came, slug(type(command).__name__)

    def _comes(self, state: Any, command: Command) -> str:
        command = at_the_right_time(state, command)
        try:
            facts = self.machine.decide(command, state, self.now)
        except Refused as refusal:
            return type(refusal).__name__
        after = reduce(self.machine.evolve, facts, state)
        return NOTED if facts and state is not None and after.status == state.status else str(after.status)


def life(
    machine: Machine,
    now: datetime,
    commands: Sequence[Command],
    *paths: Sequence[Command],
    others: Sequence[Sequence[Command]] = (),
) -> Life:
    """A life whose states are reached by these paths, each a row of commands from nothing; `others`: further ones."""
    states = [run(machine, *path, now=now) for path in paths]
    more = [run(machine, *path, now=now) for path in others]
    return Life(machine, {None: None} | {state.status: state for state in states}, commands, now, more)


def run(machine: Machine, *commands: Command, now: datetime, state: Any = None) -> Any:
    """The state after these commands."""
    for command in commands:
        state = reduce(machine.evolve, machine.decide(command, state, now), state)
    return state


def allowed_somewhere(machine: Machine) -> frozenset[str]:
    """The commands that one status or another of a machine allows (`Status`, `ALLOWED`), by name: its routes must offer them."""
    module = vars(machine)
    allowed: Mapping[str, Iterable[type[Command]]] = module["ALLOWED"]
    return frozenset(name for status in module["Status"] for name in names(allowed[status]))


def at_the_right_time(state: Any, command: Command) -> Command:
    """The command, dated no earlier than the state: a table asks about states, not about dates."""
    since = getattr(state, "since", None)
    if command.occurred_on is not None and since is not None and command.occurred_on < since:
        return replace(command, occurred_on=since)
    return command


def _node(status: str | None) -> str:
    """As mermaid takes it: without a hyphen."""
    return "[*]" if status is None else status.replace("-", "_")
