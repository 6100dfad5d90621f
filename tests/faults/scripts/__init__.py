"""Small deterministic trials of kit, each of one promise: they hold on kit as it is, and each kills a mutant (`mutants`).

A script is a function of a `Bench` that raises where the promise is broken. Where a process has to die or freeze, it does so at a
fail-point; nothing waits for a time to pass.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import ModuleType

from . import claims, deadlines, gathering, logs, order, reading, requests, sending
from .bench import Bench

Script = Callable[[Bench], Awaitable[None]]


def _of(module: ModuleType) -> Mapping[str, Script]:
    own = {name: found for name, found in vars(module).items() if getattr(found, "__module__", "") == module.__name__}
    return {
        name: found for name, found in own.items() if asyncio.iscoroutinefunction(found) and not name.startswith("_")
    }


SCRIPTS: Mapping[str, Script] = {
    name: found
    for module in (reading, order, gathering, logs, claims, sending, deadlines, requests)
    for name, found in _of(module).items()
}
"""Every script, by its name."""
