"""State machines in tests and drawings: a state in each status, reached by commands alone, and one command of each kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from typing import Any

from kit.aggregates import Machine
from kit.errors import Refused, slug
from kit.step import Command

NOTED = "noted"
"""The status stays, and something is said."""


@dataclass(frozen=True)
class Life:
    """An aggregate's module, a state in each status (none first), a command of each kind, and when it is asked."""

    machine: Machine
    states: Mapping[Any, Any]
    commands: Sequence[Command]
    now: datetime

    def cells(self) -> Iterator[tuple[str | None, str]]:
        """Every status with every command."""
        return ((status, type(command).__name__) for status in self.states for command in self.commands)

    def outcome(self, status: str | None, name: str) -> str:
        """What comes of a command in a status: the new status, `noted`, or the name of the refusal."""
        state = self.states[status]
        command = at_the_right_time(state, next(each for each in self.commands if type(each).__name__ == name))
        try:
            facts = self.machine.decide(command, state, self.now)
        except Refused as refusal:
            return type(refusal).__name__
        after = reduce(self.machine.evolve, facts, state)
        return NOTED if facts and after.status == status else str(after.status)

    def drawing(self) -> Iterator[str]:
        """The lines of a mermaid drawing: every command to every status, tried, those that lead into another status."""
        yield "```mermaid"
        yield "stateDiagram-v2"
        for status, name in self.cells():
            came = self.outcome(status, name)
            if came[0].islower() and came not in (NOTED, status):
                yield f"    {_node(status)} --> {_node(came)}: {slug(name)}"
        yield "```"


def life(machine: Machine, now: datetime, commands: Sequence[Command], *paths: Sequence[Command]) -> Life:
    """A life whose states are reached by these paths, each a row of commands from nothing."""
    states = [run(machine, *path, now=now) for path in paths]
    return Life(machine, {None: None} | {state.status: state for state in states}, commands, now)


def run(machine: Machine, *commands: Command, now: datetime, state: Any = None) -> Any:
    """The state after these commands."""
    for command in commands:
        state = reduce(machine.evolve, machine.decide(command, state, now), state)
    return state


def at_the_right_time(state: Any, command: Command) -> Command:
    """The command, dated no earlier than the state: a table asks about states, not about dates."""
    since = getattr(state, "since", None)
    if command.occurred_on is not None and since is not None and command.occurred_on < since:
        return replace(command, occurred_on=since)
    return command


def _node(status: str | None) -> str:
    """As mermaid takes it: without a hyphen."""
    return "[*]" if status is None else status.replace("-", "_")
