import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from laptop import ports
from laptop.supervisor import Exit, NotReady, Process, Supervisor

SLEEPS = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
SERVES = "from http.server import *; HTTPServer(('127.0.0.1', {port}), SimpleHTTPRequestHandler).serve_forever()"


@pytest_asyncio.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    async with Supervisor(tmp_path / "log") as supervisor:
        yield supervisor


async def test_a_process_that_is_killed_from_outside_is_reported(supervisor: Supervisor) -> None:
    await supervisor.start(Process("relay", SLEEPS))
    os.kill(supervisor.pid("relay"), signal.SIGKILL)
    assert await supervisor.next_unasked_exit() == Exit("relay", -signal.SIGKILL, asked=False)
    assert supervisor.names == []


async def test_a_process_is_ready_when_its_url_answers(supervisor: Supervisor) -> None:
    await supervisor.start(_server("api"))
    assert supervisor.names == ["api"]


async def test_a_process_that_ends_before_it_is_ready_says_what_it_said(supervisor: Supervisor) -> None:
    broken = Process(
        "api", [sys.executable, "-c", "raise SystemExit('no database')"], ready="http://127.0.0.1:9/readyz"
    )
    with pytest.raises(NotReady, match=r"api ended with 1[\s\S]*no database"):
        await supervisor.start(broken)


async def test_a_process_that_never_gets_ready_is_not_waited_for_longer_than_the_limit(supervisor: Supervisor) -> None:
    with pytest.raises(NotReady, match=r"not ready within 0\.3 s"):
        await supervisor.start(Process("api", SLEEPS, ready="http://127.0.0.1:9/readyz"), limit=0.3)


async def test_processes_end_in_the_reverse_order_of_their_groups_and_all_are_reported(supervisor: Supervisor) -> None:
    await supervisor.start(Process("first", SLEEPS))
    await supervisor.start(Process("second", SLEEPS))
    exits = await supervisor.stop()
    assert exits == [Exit(name, -signal.SIGTERM, asked=True) for name in ("second", "first")]


async def test_a_process_that_will_not_end_is_killed_after_the_grace(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(Process("stubborn", STUBBORN))
    await _printed(tmp_path / "log", "stubborn | up")
    assert await supervisor.end("stubborn", grace=0.2) == Exit("stubborn", -signal.SIGKILL, asked=True)


async def test_a_paused_process_can_be_ended(supervisor: Supervisor) -> None:
    await supervisor.start(Process("worker", SLEEPS))
    supervisor.pause("worker")
    assert (await supervisor.end("worker")).code == -signal.SIGTERM


async def test_a_killed_process_comes_back_with_restart(supervisor: Supervisor) -> None:
    await supervisor.start(_server("api"))
    assert await supervisor.kill("api") == Exit("api", -signal.SIGKILL, asked=True)
    await supervisor.restart("api")
    assert supervisor.names == ["api"]


async def test_a_name_is_scaled_up_and_down(supervisor: Supervisor) -> None:
    copies = [Process("worker", SLEEPS) for _ in range(3)]
    await supervisor.scale(copies, "worker")
    assert supervisor.names == ["worker.1", "worker.2", "worker.3"]
    await supervisor.scale(copies[:1], "worker")
    assert supervisor.names == ["worker.1"]


async def test_two_processes_of_one_name_are_refused(supervisor: Supervisor) -> None:
    await supervisor.start(Process("worker", SLEEPS))
    with pytest.raises(ValueError, match="already a process named worker"):
        await supervisor.start(Process("worker", SLEEPS))
    with pytest.raises(ValueError, match="no process is named api; there are worker"):
        supervisor.pid("api")


async def test_every_line_is_logged_behind_the_name_also_very_long_ones(supervisor: Supervisor, tmp_path: Path) -> None:
    talks = [sys.executable, "-c", "print('a' * 300_000); print('last', end='')"]
    await supervisor.start(Process("talker", talks))
    await supervisor.next_unasked_exit()
    assert (tmp_path / "log").read_text() == f"talker | {'a' * 300_000}\ntalker | last\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise that is tested is Linux's")
async def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from pathlib import Path
from laptop.supervisor import Process, Supervisor
async def main():
    supervisor = Supervisor(Path({str(tmp_path / "log")!r}))
    await supervisor.start(Process("child", {STUBBORN!r}))
    print(supervisor.pid("child"), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(child, ended.set)  # readable when the process has ended
    async with asyncio.timeout(10):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(child)
    os.close(child)


def _server(name: str) -> Process:
    port = ports.free_port()
    return Process(name, [sys.executable, "-c", SERVES.format(port=port)], ready=f"http://127.0.0.1:{port}/")


async def _printed(log: Path, line: str) -> None:
    async with asyncio.timeout(10):
        while line not in log.read_text():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.02)
