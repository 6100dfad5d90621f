"""Named places where a test lets a process die or freeze. Without ONEWORKFORCE_FAILPOINTS each is a look at an empty dict.

ONEWORKFORCE_FAILPOINTS="relay.after_send=exit:3,bus.before_commit=stop" : die at the third visit; freeze (SIGSTOP) at the first.
"""

import os
import signal


def _read(given: str) -> dict[str, tuple[str, int]]:
    plan = {}
    for part in filter(None, given.split(",")):
        name, _, act = part.partition("=")
        kind, _, visit = act.partition(":")
        if kind not in ("exit", "stop"):
            raise ValueError(f"a fail-point exits or stops: {name}")
        plan[name] = (kind, int(visit or 1))
    return plan


_plan = _read(os.environ.get("ONEWORKFORCE_FAILPOINTS", ""))


def failpoint(name: str) -> None:
    """Die or freeze here, if this process was started to."""
    if not _plan or name not in _plan:
        return
    kind, visit = _plan[name]
    _plan[name] = (kind, visit - 1)
    if visit != 1:
        return
    os.write(2, f"failpoint {name} {kind}\n".encode())
    if kind == "exit":
        os._exit(9)
    os.kill(os.getpid(), signal.SIGSTOP)
