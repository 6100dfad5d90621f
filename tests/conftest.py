"""What every test may stand on: one PostgreSQL and one Kafka broker for a whole run, or for each of its workers.

`make test` runs several workers at once (pytest-xdist), because most tests wait: for a broker, for a process that was
killed. A worker has a PostgreSQL, a broker and ports of its own, so that a test need not know that there are others.
"""

import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Generator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from kit.garbage import loading
from laptop.broker import Broker, GivenBroker, choose_broker
from laptop.postgres import EmbeddedPostgres
from laptop.scratch import scratch

pytest_plugins = ("kit.testing.fixtures",)

TESTS = Path(__file__).parent

# `users={}`: tests of access add their own.
_CHOSEN = pytest.StashKey[Broker]()

_OF_NO_CITY = "tests/system/test_alone.py"

# Folders whose files take longest, the longest first: begun last, one of them alone would hold up the end.
_LONGEST = ("system", "city", "docs", "cli", "faults", "people", "kit")


def _choose() -> Broker:
    return choose_broker(os.environ.get("BROKER", "auto"), users={})


class _WholeFiles(LoadScopeScheduling):
    """A file goes to one worker, whole and in order. So do those of tests/system that share one city, slow to start."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/system" if file.startswith("tests/system/") and file != _OF_NO_CITY else file


def pytest_xdist_auto_num_workers() -> int:
    # Twice the cores, for most wait. On a broker that is given, the cities of two workers would read each other's topics.
    return 1 if isinstance(_choose(), GivenBroker) else min(2 * (os.cpu_count() or 1), 8)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    config.option.loadscopereorder = False  # in the order of `pytest_collection_modifyitems`, not by number of tests
    return _WholeFiles(config, log)


def pytest_configure(config: pytest.Config) -> None:
    # Begun in the background of a shell a run ignores Ctrl-C, and so would every process that a test starts and interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen = config.stash[_CHOSEN] = _choose()
    if isinstance(chosen, GivenBroker) and (config.option.numprocesses or 0) > 1:
        raise pytest.UsageError(
            "workers need a broker each, and one was given: leave KAFKA_BOOTSTRAP_SERVERS out, or -n"
        )
    if not hasattr(config, "workerinput"):  # a worker finds the folder of its run in TMPDIR
        run = ExitStack()
        run.enter_context(scratch())
        config.add_cleanup(run.close)


def pytest_report_header(config: pytest.Config) -> str:
    workers = config.option.numprocesses or 0
    return f"broker: {config.stash[_CHOSEN].name}" + (f", one for each of {workers} workers" if workers > 1 else "")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long each folder took, what it starts and stops included: of six minutes the system tests may have two."""
    spent: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                spent[Path(report.nodeid.partition("::")[0]).parts[1]] += report.duration
    terminalreporter.section("seconds of a worker by folder")
    for folder, seconds in sorted(spent.items(), key=lambda each: -each[1]):
        terminalreporter.line(f"{seconds:6.1f}  {folder}")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Six thousand tests and what they import stay to the end: Python is not to look for garbage among them."""
    with loading():
        return (yield)


def _how_soon(item: pytest.Item) -> int:
    folder = item.path.relative_to(TESTS).parts[0]
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=_how_soon)
    if config.stash[_CHOSEN].idempotent:
        return
    for item in items:
        if item.get_closest_marker("kafka"):
            item.add_marker(pytest.mark.skip(reason="needs Apache Kafka"))


@pytest_asyncio.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL server; make a database of your own in it. A killed process loses nothing, a power cut may."""
    async with EmbeddedPostgres(durable=False) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def broker(pytestconfig: pytest.Config) -> AsyncIterator[Broker]:
    """The broker that the head of the run names; use topics and groups with a name of your own. Do not stop it."""
    async with pytestconfig.stash[_CHOSEN] as started:
        with pytest.MonkeyPatch.context() as environment:
            # Who is killed here keeps its partitions no longer than need be: each such test would wait for seven seconds more.
            environment.setenv("ONEWORKFORCE_KAFKA_SESSION_TIMEOUT_MS", str(started.session_ms))
            yield started
