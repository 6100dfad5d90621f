"""`python -m city demo`: the whole city on this machine, from a coordinator's hand to the Board's table."""

import asyncio
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import Annotated

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from city import board, doors, names, player
from city.client import Refused
from city.stage import Stage, staged
from laptop.broker import Broker, choose_broker

app = typer.Typer(
    help="The example city.", no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False
)
console = Console()


@app.callback()
def city() -> None:
    """The example city."""


@app.command()
def demo(
    check: Annotated[
        bool, typer.Option(help="compare, void, restore and erase one placement, then stop by itself")
    ] = False,
    broker: Annotated[str, typer.Option(help="embedded, apache or auto")] = "embedded",
    seed: Annotated[int, typer.Option(help="another number makes another city with the same figures")] = 2023,
    unknowns: Annotated[
        bool, typer.Option(help="some characteristics were never found out: watch denominators")
    ] = False,
) -> None:
    """Start everything, play the city, print the Board's table, and leave the dashboard running until Ctrl-C."""
    try:
        chosen = choose_broker(broker)
    except (ValueError, RuntimeError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    try:
        ended = asyncio.run(_demo(Run(chosen, seed, check, unknowns)))
    except Refused as refusal:
        console.print(f"[red]the example came to a halt: {refusal}[/]", soft_wrap=True)
        ended = 1
    raise typer.Exit(ended)


@dataclass
class Run:
    """One run of the demo, and what its user asks for meanwhile."""

    broker: Broker
    seed: int
    check: bool
    unknowns: bool
    began: float = field(default_factory=time.monotonic)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by Ctrl-C."""
    watching: bool = False
    """The dashboard is there; there is nothing to interrupt."""

    @property
    def seconds(self) -> str:
        return f"{time.monotonic() - self.began:.0f} s"


async def _demo(run: Run) -> int:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, run.ending.set)
    work, asked = asyncio.create_task(_work(run)), asyncio.create_task(run.ending.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not work.done() and not run.watching:
        work.cancel()
    try:
        return await work
    except asyncio.CancelledError:
        console.print("stopped")
        return 130


async def _work(run: Run) -> int:
    console.print(f"broker: {run.broker.name} · seed: {run.seed}")
    with console.status("the broker starts") as status:
        async with run.broker, staged(run.broker, player.PARTNERS, tell=status.update, waits_for=("api",)) as stage:
            status.stop()
            console.print(f"{len(stage.supervisor.names)} processes run after {run.seconds}")
            played = await _play(stage, run)
            ok = await _board(stage, run)
            names.draw(console, await names.candidates(stage, status="started"))
            messages = len(list(stage.mail.glob("*.eml")))
            console.print(f"{messages} messages to people, each a file: {stage.mail}", soft_wrap=True, highlight=False)
            if run.check:
                ok = await player.check(stage, console, played) and ok
            else:
                doors.draw(console, await doors.doors(stage))
                run.watching = True
                await run.ending.wait()
    bad = [ended for ended in stage.supervisor.exits if ended.code or not ended.asked]
    for ended in bad:
        console.print(f"[red]{ended.name} ended with {ended.code}[/]")
    return 0 if ok and not bad else 1


async def _play(stage: Stage, run: Run) -> player.Played:
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=not console.is_terminal,
    ) as progress:  # fmt: skip
        played = await player.play(stage, run.seed, progress, unknowns=run.unknowns)
        settling = progress.add_task("events reach reporting", total=None)
        await stage.settle(lambda done, of: progress.update(settling, completed=done, total=of))
    console.print(f"{played.calls} commands and {played.claims} claims made {played.events} events")
    return played


async def _board(stage: Stage, run: Run) -> bool:
    async with httpx2.AsyncClient(base_url=stage.url("reporting.api"), timeout=30) as client:
        lines = await board.ask(client, stage.token("board"))
    board.draw(console, lines)
    console.print(f"{run.seconds} since the start")
    return all(line.ok for line in lines)


if __name__ == "__main__":
    sys.exit(app())
