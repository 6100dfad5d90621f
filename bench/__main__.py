"""`python -m bench`: measure everything, unattended and bounded in time; a part that fails is told as failed."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import ground as grounds
from bench import log, report
from bench.parts import page, projecting, rebuild, writing
from bench.parts.contest import Contest
from bench.results import FILE, Results

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
console = Console(stderr=True)
MINUTES, SHORT_MINUTES = 24, 4.5  # of a whole run; a part that does not fit into them is told as failed
MOST = 1_000_000  # events of a log that fits into them; a longer one takes the time that it takes
PARTS = ("side by side", "two workers", "latency", "rebuild", "page", "writing")


@app.command()
def bench(
    short: Annotated[bool, typer.Option(help="five minutes: one round, a smaller log")] = False,
    events: Annotated[
        int, typer.Option(help="the length of the log that is rebuilt; 10000000 takes an hour", min=0)
    ] = 0,
    only: Annotated[list[str] | None, typer.Option(help=f"only these parts: {', '.join(PARTS)}")] = None,
    output: Annotated[Path, typer.Option(help="where the results go; the page is made from them")] = FILE,
    page_only: Annotated[bool, typer.Option("--page-only", help="measure nothing, make the page anew")] = False,
) -> None:
    """Measure, write docs/performance/results.json, and make docs/performance.md and its charts from it.

    Example: make bench SHORT=1
    """
    if not page_only:
        asyncio.run(_bench(short, events or (150_000 if short else MOST), only or list(PARTS), output))
    report.write(output)
    console.print(f"{output}, docs/performance.md")


async def _bench(short: bool, events: int, only: list[str], output: Path) -> None:
    began = time.monotonic()
    results = Results(output, {"short": short, "events": events})
    with tempfile.TemporaryDirectory(prefix="oneworkforce-bench-") as folder, console.status("") as status:
        tell = _telling(status.update)
        async with grounds.ground(Path(folder), tell) as ground:
            python = await _peers(tell)
            truth = await asyncio.to_thread(
                log.write, ground.broker.bootstrap, events, lambda done: status.update(f"the log: {done} of {events}")
            )
            contest = Contest(ground, truth, python, 4 if short else 10, 6 if short else 20, tell)
            work = {
                "side by side": (lambda: contest.run(1 if short else 3), 1000),
                "two workers": (lambda: projecting.two_workers(contest, 1 if short else 3), 200),
                "rebuild": (lambda: rebuild.rebuild(ground, truth, tell), 120 if short else max(420, events / 4000)),
                "latency": (lambda: projecting.latency(ground, truth, 5 if short else 15, tell), 90),
                "page": (lambda: page.page(ground, 300_000 if short else 5_000_000, tell), 300),
                "writing": (lambda: writing.writing(3 if short else 10, tell), 240),
            }
            bound = float("inf") if events > MOST else 60 * (SHORT_MINUTES if short else MINUTES)
            for name, (run, limit) in work.items():
                if name in only:
                    tell(name)
                    await results.part(name, run, min(limit, bound - (time.monotonic() - began)))
                    _say(name, results.told["parts"][name])


def _telling(update: grounds.Tell) -> grounds.Tell:
    """Progress: a line that moves on a terminal, lines elsewhere."""
    return update if console.is_terminal else lambda text: console.print(text, highlight=False)


async def _peers(tell: grounds.Tell) -> str | None:
    try:
        return await grounds.peers_python(tell)
    except RuntimeError as error:
        console.print(f"the peers cannot be installed: {error}")
        return None


def _say(name: str, found: dict[str, object]) -> None:
    text = f"failed: {found['failed']}" if isinstance(found.get("failed"), str) else f"{found['seconds']} s"
    console.print(f"{name}: {text}", highlight=False)


if __name__ == "__main__":
    app()
