"""`make faults`: the city under faults, its judge, and deliberate defects that the tests must notice.

    python -m tests.faults [--short] [--minutes N] [--seed N] [--only nemesis|mutants] [--page FILE]

Ends with 0 where nothing was lost, doubled, inverted or made up, and every mutant was killed. SIGUSR1 ends the striking: what has
been struck until then is judged.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import structlog
import typer
from rich.console import Console

from kit.process import leaves
from kit.testing.waiting import Stuck

from . import checker, disasters, known, mutants
from .archive import Archive
from .arena import Arena, arena
from .history import History
from .load import load
from .nemesis import Nemesis
from .planted import Place
from .report import Report
from .strikes import ENOUGH, Deck, Strikes

SHORT_MINUTES, SHORT_AWAY, AWAY = 2.0, 10.0, 60.0
QUIET = 10.0  # seconds between two lines that say where the trial is, where nobody looks on
EVERY = 300.0  # seconds between two disasters: for each all lanes come to rest, which takes a minute or two of theirs
LONGER = 2.0  # times its minutes, for which a long trial lasts at most
LONG = 30.0  # minutes from which every kind must have hit often enough to say something of it

console = Console(file=sys.stdout)  # as it is now: the operator's commands are run with another


def faults(
    short: Annotated[bool, typer.Option(help="two minutes of nemesis, and the broker away for ten seconds")] = False,
    minutes: Annotated[float, typer.Option(help="how long the nemesis strikes")] = 30.0,
    seed: Annotated[int, typer.Option(help="the same number draws the same faults; 0: draw one")] = 0,
    only: Annotated[str, typer.Option(help="nemesis or mutants; both without it")] = "",
    page: Annotated[Path | None, typer.Option(help="write the report there, in Markdown")] = None,
    keep: Annotated[Path | None, typer.Option(help="leave history, log and processes' log in this folder")] = None,
) -> None:
    """Strike the city with faults under load, judge what is left; then let deliberate defects be found."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # what kit logs here is nobody's output
    logging.getLogger().addHandler(logging.NullHandler())  # nor what its client of Kafka logs
    chosen = seed or random.randrange(1, 10**6)
    lasts = SHORT_MINUTES if short else minutes
    again = f"make faults {'SHORT=1' if short else f'MINUTES={lasts:g}'} SEED={chosen}"
    console.print(
        f"seed {chosen} · {lasts:g} minutes · `{again}` again · `kill -USR1 {os.getpid()}` ends the striking and judges",
        soft_wrap=True,
    )
    report = Report(chosen, lasts, Strikes(), again)
    if only != "mutants":
        asyncio.run(_trial(report, SHORT_AWAY if short else AWAY, keep))
        _say(report.of_trial(), report, page)
    if only != "nemesis":
        asyncio.run(_mutants(report))
        _say(report.of_mutants(), report, page)
    raise typer.Exit(0 if report.clean else 1)


def _say(lines: Iterable[str], report: Report, page: Path | None) -> None:
    """What has just been found, at once: what comes next may be ended by somebody."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if page is not None:
        report.write(page)


async def _mutants(report: Report) -> None:
    with _progress() as tell:
        try:
            outcomes = await mutants.kill_all(tell)
        except RuntimeError as unfit:
            report.unfit = str(unfit)
            return
    report.mutants = (sum(each.killed for each in outcomes), len(outcomes))
    report.survivors = [f"{each.mutant.name}: {each.said}" for each in outcomes if not each.killed]


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Says where the trial is: in one line of a terminal, and elsewhere now and then in a line of its own."""
    if console.is_terminal:
        with console.status("") as status:
            yield status.update
        return
    said_at = float("-inf")

    def tell(text: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at > QUIET:
            said_at = time.monotonic()
            console.print(text, markup=False, highlight=False, soft_wrap=True)

    yield tell


async def _trial(report: Report, away: float, keep: Path | None) -> None:
    """Start the city, strike it, let it catch up, and judge."""
    with _progress() as tell, contextlib.ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        history = History(folder / "history.jsonl")
        report.strikes.kept = folder / "strikes.jsonl"
        with _said_where_it_halts(report, folder):
            async with arena(tell) as city:
                try:
                    async with _kept(city), asyncio.timeout(LONGER * report.minutes * 60 + 2700):
                        await _strike_and_judge(report, away, city, history, folder, tell)
                finally:
                    log = city.supervisor.log.read_text(errors="replace")
                    (folder / "processes.log").write_text(log)
                    report.defects = checker.defects(log)
                    report.exits = dict(Counter(exit_.code for exit_ in city.supervisor.exits if not exit_.asked))


@contextlib.contextmanager
def _said_where_it_halts(report: Report, folder: Path) -> Iterator[None]:
    """Whatever ends this part of a trial, the report says it; what comes after this part is done all the same."""
    try:
        yield
    except* Exception as stuck:  # noqa: BLE001 a trial may come to a halt over anything
        said = (f"{type(each).__name__} {each}" for each in leaves(stuck))
        report.stuck = "; ".join(filter(None, (report.stuck, *said)))
        with (folder / "stuck.txt").open("a") as file:
            file.writelines(traceback.format_exception(stuck))


@contextlib.asynccontextmanager
async def _kept(city: Arena) -> AsyncIterator[None]:
    """Processes that end by themselves are started again."""
    keeper = asyncio.create_task(city.keep())
    try:
        yield
    finally:
        keeper.cancel()


async def _strike_and_judge(
    report: Report, away: float, city: Arena, history: History, folder: Path, tell: Callable[[str], None]
) -> None:
    """The judge compares whatever came before: of a trial that came to a halt too one wants to know whether anything is lost."""
    partners = city.stage.partners
    answers, claims = map(known.answers, partners), map(known.claims, partners)
    archive = Archive(city.broker.bootstrap, (*(topic for _, topic in known.SAID), *answers, *claims))
    tell("the scene is set")
    places: list[Place] = []
    with _said_where_it_halts(report, folder):
        async with load(city, history, report.seed) as own:
            nemesis = Nemesis(city, own, archive, report.seed, away, report.strikes)
            places, report.refused = nemesis.planting.places, own.refused
            await nemesis.planting.allow_large()
            try:
                await _strike(report, nemesis, tell)
            except Exception:
                with contextlib.suppress(Exception):  # servers may be away: what halted the trial is what is told
                    (folder / "groups.txt").write_text(await city.groups())
                raise
            tell("neighbours of poison")
            report.neighbours = await disasters.neighbours(nemesis)
    tell("everybody catches up")
    with _said_where_it_halts(report, folder):
        began = time.monotonic()
        if report.stuck:
            await city.begin_again()
        try:
            await city.revive()
            await city.settled()
        except Stuck:
            (folder / "sessions.txt").write_text(await city.sessions())
            raise
        report.settled = time.monotonic() - began
    tell("the judge compares")
    report.poison = len(places)
    await archive.catch_up()
    archive.write(folder / "log.txt")
    report.judged = await checker.judge(city, history, archive, places)
    if not report.clean:
        await city.leave(folder)


async def _strike(report: Report, nemesis: Nemesis, tell: Callable[[str], None]) -> None:
    """Lanes and, now and then, a disaster; each disaster once, in a long trial often enough; until it is called off."""
    deck = Deck(list(disasters.DISASTERS), nemesis.chance("disasters"))
    began = time.monotonic()
    async with asyncio.TaskGroup() as group, _counted(report, group) as off:
        lanes = group.create_task(nemesis.strike())
        telling = group.create_task(_tell(report, nemesis, began + report.minutes * 60, tell))
        struck = 0
        while _goes_on(report, began):
            left = began + report.minutes * 60 - time.monotonic()
            until_then = min(left, EVERY) if left > 0 else EVERY
            await asyncio.wait({lanes, off}, timeout=until_then, return_when=asyncio.FIRST_COMPLETED)
            if lanes.done() or off.done():
                break
            if report.minutes > SHORT_MINUTES:
                await disasters.strike(nemesis, deck.draw())
                struck += 1
        nemesis.over.set()
        await lanes
        rounds = ENOUGH if report.minutes >= LONG else 1
        for _ in range(struck, rounds * len(disasters.DISASTERS)):
            if off.done():
                break
            await disasters.strike(nemesis, deck.draw())
        telling.cancel()


@contextlib.asynccontextmanager
async def _counted(report: Report, group: asyncio.TaskGroup) -> AsyncIterator[asyncio.Task[bool]]:
    """Counts the minutes, and gives what is done when somebody has had enough: a trial that is killed is judged by nobody."""
    began, enough, loop = time.monotonic(), asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, enough.set)
    off = group.create_task(enough.wait())
    try:
        yield off
    finally:
        report.struck, report.called_off = (time.monotonic() - began) / 60, enough.is_set()
        loop.remove_signal_handler(signal.SIGUSR1)
        off.cancel()


def _goes_on(report: Report, began: float) -> bool:
    """Until its minutes are over; a long trial also until every lane's kinds have hit often enough, twice as long at most."""
    passed = (time.monotonic() - began) / 60
    if passed < report.minutes or report.minutes < LONG:
        return passed < report.minutes
    kinds = {strike.kind for strike in report.strikes.all} - disasters.DISASTERS.keys()
    return passed < LONGER * report.minutes and not report.strikes.enough(kinds)


async def _tell(report: Report, nemesis: Nemesis, until_then: float, tell: Callable[[str], None]) -> None:
    while True:
        left = max(0, until_then - time.monotonic())
        history = nemesis.history
        last = report.strikes.all[-1] if report.strikes.all else None
        tell(
            f"{left:.0f} s left · {report.strikes.hits} faults hit · {history.acknowledged} acknowledged, "
            f"{history.unknown} answers lost · {len(history.claims)} claims · last: {last.kind if last else ''}"
        )
        await asyncio.sleep(1)


if __name__ == "__main__":
    typer.run(faults)
