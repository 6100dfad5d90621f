"""Run the platform's processes together: logs with names, readiness, an orderly end, and faults on demand.

Processes given to one `start` belong together: they are started at once, and stopped at once, groups in reverse order.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

from laptop import leash


@dataclass(frozen=True)
class Process:
    """One process to run. `ready` is the http URL that answers 200 when it may be used; None: it is ready when started.

    `env` is the whole environment of the process, or None for that of this one.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: str | None = None
    cwd: Path | None = None


@dataclass(frozen=True)
class Exit:
    """A process ended. `asked`: the supervisor had been told to end it."""

    name: str
    code: int
    asked: bool


class NotReady(Exception):
    """A process ended, or took too long, before it was ready. The message holds the end of what it printed."""


@dataclass
class _Running:
    """A process of ours, from its start on; `ended` is done when it has ended and its last line is in the log."""

    process: Process
    child: asyncio.subprocess.Process
    ended: asyncio.Task[Exit]
    asked: bool = False
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=20))


class Supervisor:
    """Starts processes and answers for them until `stop`; `async with` stops them at its end.

    Every line they print is written to `log`, behind the name of the process, and to the terminal if `console`.
    Use it from the thread of the event loop: see `leash.start`.
    """

    def __init__(self, log: Path, *, console: bool = False) -> None:
        self.log = log
        self.exits: list[Exit] = []
        self._console = console
        self._groups: list[list[str]] = []
        self._running: dict[str, _Running] = {}
        self._unasked: asyncio.Queue[Exit] = asyncio.Queue()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log: IO[str] = log.open("a", encoding="utf-8", buffering=1)

    @property
    def names(self) -> list[str]:
        """The names of the processes that run, in the order of their start."""
        return [name for name, running in self._running.items() if not running.ended.done()]

    async def start(self, *processes: Process, limit: float = 60) -> None:
        """Start the processes together and return when all of them are ready.

        Raises:
            NotReady: one ended or was not ready within `limit` seconds. The others go on.
            ValueError: a process of that name runs already.
        """
        if taken := {process.name for process in processes} & set(self.names):
            raise ValueError(f"there runs already a process named {', '.join(sorted(taken))}")
        group: list[str] = []
        self._groups.append(group)
        for process in processes:
            await self._launch(process)
            group.append(process.name)
        try:
            async with asyncio.TaskGroup() as waiting:
                for name in group:
                    waiting.create_task(self._wait_until_ready(self._running[name], limit))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def scale(self, copies: Sequence[Process], name: str, *, limit: float = 60) -> None:
        """Make `copies` be the processes that run under `name`: start those that are missing, end those that are more.

        Copies differ in their ports at the least, so the caller says what each is. They run as name.1, name.2, …
        """
        wanted = {f"{name}.{number}": copy for number, copy in enumerate(copies, start=1)}
        surplus = [running for running in self.names if running.startswith(f"{name}.") and running not in wanted]
        await asyncio.gather(*(self.end(running) for running in surplus))
        missing = [replace(copy, name=copy_name) for copy_name, copy in wanted.items() if copy_name not in self.names]
        if missing:
            await self.start(*missing, limit=limit)

    async def restart(self, name: str, *, limit: float = 60) -> None:
        """Start a process again, as it was, that has ended or been killed; end it first if it runs."""
        await self.end(name)
        running = await self._launch(self._running[name].process)
        await self._wait_until_ready(running, limit)

    async def end(self, name: str, *, grace: float = 10) -> Exit:
        """SIGTERM, up to `grace` seconds to end in order, then SIGKILL. Returns how it ended, also if it had before."""
        return await self._end(name, signal.SIGTERM, grace)

    async def kill(self, name: str) -> Exit:
        """SIGKILL, and return when it has ended."""
        return await self._end(name, signal.SIGKILL, grace=10)

    def pause(self, name: str) -> None:
        """Freeze a process (SIGSTOP): it holds its connections and locks, and does nothing."""
        leash.send(self._find(name).child, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a paused process go on (SIGCONT)."""
        leash.send(self._find(name).child, signal.SIGCONT)

    def pid(self, name: str) -> int:
        """The process id, for what this class does not offer."""
        return self._find(name).child.pid

    async def ended(self, name: str) -> Exit:
        """Wait until a process has ended, by whatever cause; how it did."""
        return await asyncio.shield(self._find(name).ended)

    async def next_unasked_exit(self) -> Exit:
        """Wait for a process that ends by itself; each is told once."""
        return await self._unasked.get()

    async def stop(self, *, grace: float = 10) -> list[Exit]:
        """End every process, the group started last first, and return every exit there was since the beginning."""
        for group in reversed(self._groups):
            await asyncio.gather(*(self.end(name, grace=grace) for name in group))
        self._groups.clear()
        self._log.close()
        return self.exits

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _launch(self, process: Process) -> _Running:
        child = await leash.start(process.argv, env=process.env, output=PIPE, cwd=process.cwd)
        running = _Running(process, child, ended=asyncio.create_task(self._follow(process.name)))
        self._running[process.name] = running
        return running

    async def _follow(self, name: str) -> Exit:
        """Carry a process's lines to the log until it ends, and note how."""
        running = self._running[name]
        lines = asyncio.create_task(self._carry_lines(running))
        code = await running.child.wait()
        leash.sweep(running.child)  # or a child of its own would keep the pipe open
        await lines
        ended = Exit(name, code, asked=running.asked)
        self.exits.append(ended)
        if not ended.asked:
            self._unasked.put_nowait(ended)
        return ended

    async def _carry_lines(self, running: _Running) -> None:
        assert running.child.stdout is not None
        rest = b""
        # Not readline: it gives up on a line longer than its buffer, and a stack trace in JSON may be one.
        while chunk := await running.child.stdout.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            self._write(running, lines)
        self._write(running, [rest] if rest else [])

    def _write(self, running: _Running, lines: Sequence[bytes]) -> None:
        for line in lines:
            text = line.decode(errors="replace")
            running.last_lines.append(text)
            named = f"{running.process.name} | {text}\n"
            self._log.write(named)
            if self._console:
                sys.stderr.write(named)

    async def _end(self, name: str, first: signal.Signals, grace: float) -> Exit:
        running = self._find(name)
        if not running.ended.done():
            running.asked = True
            await leash.end(running.child, first=first, grace=grace)
        return await asyncio.shield(running.ended)  # a caller that gives up must not end the watch

    def _find(self, name: str) -> _Running:
        try:
            return self._running[name]
        except KeyError:
            raise ValueError(f"no process is named {name}; there are {', '.join(self._running) or 'none'}") from None

    async def _wait_until_ready(self, running: _Running, limit: float) -> None:
        name, url = running.process.name, running.process.ready
        if url is None:
            return
        pause = 0.05
        try:
            async with asyncio.timeout(limit):
                while await _status(url) != 200:
                    await asyncio.wait([running.ended], timeout=pause)
                    pause = min(pause * 1.5, 1)
                    if running.ended.done():
                        raise NotReady(
                            _told(running, f"{name} ended with {running.child.returncode} before it was ready")
                        )
        except TimeoutError:
            raise NotReady(_told(running, f"{name} was not ready within {limit:g} s")) from None


def _told(running: _Running, what: str) -> str:
    return "\n    ".join([what, *running.last_lines])


async def _status(url: str) -> int | None:
    """The status that a GET answers with; None if nobody answers."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            try:
                request = f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
                writer.write(request.encode())
                return int((await reader.readline()).split()[1])
            finally:
                writer.close()
    except (OSError, TimeoutError, IndexError, ValueError):
        return None
