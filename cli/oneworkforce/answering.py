"""How a command speaks: tables for people, JSON for programs; and how it fails: one sentence, an exit code, never a trace.

0: well. 1: the answer is no, or something that is needed is away. 2: it was asked wrongly, or a file of ours is not right.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from asyncpg.exceptions import InterfaceError, PostgresError
from confluent_kafka import KafkaException
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kit.errors import Refused, StopPartition, Unavailable

NO, MISUSED = 1, 2
PIPED = 1000  # columns of a table that goes into a pipe: a line a row

P = ParamSpec("P")
T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Author = Annotated[
    str, typer.Option("--author", envvar="ONEWORKFORCE_AUTHOR", help="Who decides: an account, kept with the decision.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence without names; kept with the decision.")]


class Problem(Exception):
    """What is wrong, in a sentence that names what is missing; ends the command with `code`."""

    def __init__(self, text: str, code: int = NO) -> None:
        self.code = code
        super().__init__(text)


def noun(help_: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None, context_settings=HELP)


HELP = {"help_option_names": ["--help", "-h"]}


def answered(command: Callable[P, Awaitable[None] | None]) -> Callable[P, None]:
    """A command that ends with a sentence and a code, whatever happens."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            work = command(*args, **kwargs)
            if work is not None:
                asyncio.run(_awaited(work))
        except (typer.Exit, typer.Abort):
            raise
        except BaseException as error:
            text, code = _said(error)
            if text is None:
                raise
            Console(stderr=True, highlight=False, soft_wrap=True).print(f"oneworkforce: {escape(text)}")
            raise typer.Exit(code) from None

    return run


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _said(error: BaseException) -> tuple[str | None, int]:
    """The sentence for an error, and its code. A message of a library may hold what somebody sent: its class alone is said."""
    match error:
        case Problem():
            return str(error), error.code
        case Refused():
            state = f" (it is {error.state})" if error.state else ""
            return f"{(error.detail or error.title).rstrip('.')}{state}", NO
        case StopPartition() | Unavailable():
            return str(error), NO
        case PostgresError():
            return f"the database refuses: {type(error).__name__} ({error.sqlstate})", NO
        case KafkaException():
            return f"the broker refuses: {error.args[0].name()}", NO
        case InterfaceError() | OSError():
            return f"something is away: {type(error).__name__}", NO
        case KeyboardInterrupt():
            return "stopped", NO
        case Exception():
            return f"a defect of ours: {type(error).__name__} {_place(error)}", NO
    return None, NO


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"at {trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace is not None else ""


# -- output ------------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """A sentence for a person, on standard output."""
    Console(highlight=False, soft_wrap=True).print(text, markup=False)


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str, columns: Sequence[str] = ()) -> None:
    """Rows as a table, or as a JSON array. `columns`: those of the table, where JSON has more."""
    if as_json:
        as_document([dict(row) for row in rows])
    elif not rows:
        say(empty)
    else:
        names = list(columns or rows[0])
        table = Table(box=None, header_style="bold", pad_edge=False)
        for name in names:
            table.add_column(name.replace("_", " "), overflow="fold")
        for row in rows:
            table.add_row(*(escape(_cell(row.get(name))) for name in names))
        Console(highlight=False, width=None if sys.stdout.isatty() else PIPED).print(table)


def show_one(thing: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing, a line for each of its fields, or as a JSON object."""
    if as_json:
        as_document(dict(thing))
        return
    width = max(len(name) for name in thing)
    for name, value in thing.items():
        say(f"{name.replace('_', ' '):<{width}}  {_cell(value)}")


def as_document(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, default=_plain, ensure_ascii=False) + "\n")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={given}" for name, given in value.items()) or "-"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def withheld(value: bytes | None) -> str:
    """What is said of bytes that are not to be shown."""
    return "nothing" if value is None else f"{len(value)} bytes, withheld (--reveal shows them)"


def as_text(value: bytes | None) -> str | None:
    """Bytes for a person's eye."""
    return None if value is None else value.decode(errors="backslashreplace")
