"""Child processes that never outlive this one, however it ends."""

import asyncio
import ctypes
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


async def start(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    user: int | None = None,
    output: IO[bytes] | int | None = None,
    cwd: Path | None = None,
) -> Process:
    """Start a program that the kernel kills when the thread that called this ends, even by SIGKILL (on Linux).

    Call it from the event loop's own thread: a worker thread's end would take the child along. `user` is the id of the
    system user, and group, to run as. `output` takes stdout and stderr. The child leads a process group of its own, so
    that Ctrl-C at a terminal reaches us alone, and we stop it in order.
    """
    identity: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return await asyncio.create_subprocess_exec(
        *map(str, argv),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT if output is not None else None,
        env=env,
        cwd=cwd,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()) if _libc else None,
        **identity,
    )


async def run(argv: Sequence[str | Path], *, user: int | None = None, cwd: Path | None = None) -> str:
    """Run a program to its end and return what it printed.

    Raises:
        RuntimeError: it ended with another code than 0; the message holds the end of its output.
    """
    child = await start(argv, user=user, output=asyncio.subprocess.PIPE, cwd=cwd)
    try:
        printed = (await child.communicate())[0].decode(errors="replace")
    except asyncio.CancelledError:
        await end(child)
        raise
    if child.returncode:
        raise RuntimeError(f"{Path(argv[0]).name} ended with {child.returncode}: {printed[-2000:].strip()}")
    return printed


async def end(child: Process, first: signal.Signals = signal.SIGKILL, grace: float = 10) -> int:
    """Send `first`, wait up to `grace` seconds, then kill the child's whole process group. Returns the exit code."""
    send(child, first)
    send(child, signal.SIGCONT)  # a paused process would keep the signal waiting
    try:
        await asyncio.wait_for(child.wait(), grace)
    except TimeoutError:
        sweep(child)
    return await child.wait()


async def ended_within(child: Process, seconds: float) -> bool:
    """Whether the child has ended; waits that long for it."""
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except TimeoutError:
        return False
    return True


def sweep(child: Process) -> None:
    """SIGKILL a child's process group: the child itself, if it runs, and what it has started and left behind."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def send(child: Process, number: signal.Signals) -> None:
    """Send a signal; nothing happens if the child has ended."""
    # Not child.send_signal: it reaps a child that has just ended, and asyncio then reports exit code 255 for it.
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _die_with(parent: int) -> Callable[[], None]:
    def in_the_child() -> None:
        assert _libc is not None
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent ended before the line above
            os._exit(1)

    return in_the_child
