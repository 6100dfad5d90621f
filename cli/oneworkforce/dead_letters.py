"""`oneworkforce dead-letters`: what a reader could not apply, and what is to become of it.

A decision is a row with its author and reason. The reader that has the partition carries it out within a second or so, under the
partition's position; every rebuild decides the same. What is waiting behind the letter follows by itself.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from kit import dead_letters
from kit.cloudevents import Headers, parse, read_envelope
from kit.dead_letters import Action, Kept, headers_from_json
from kit.errors import Unreadable
from oneworkforce import configuration, databases
from oneworkforce.answering import (
    MISUSED,
    AsJson,
    Author,
    Problem,
    Reason,
    answered,
    as_text,
    noun,
    say,
    show,
    show_one,
    withheld,
)
from schemas.registry import messages

STATES = ("open", "asked", "applied", "discarded")
COLUMNS = ("service", "id", "consumer", "topic", "partition", "offset", "kind", "code", "field", "state", "kept_at")

app = noun("What a reader could not apply: look at it, and decide.")
Service = Annotated[str, typer.Argument(help="The service whose reader kept it.")]
Number = Annotated[int, typer.Argument(metavar="ID", help="The letter's number, as `list` gives it.")]


@app.command("list")
@answered
async def list_(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's.")] = None,
    state: Annotated[str | None, typer.Option(help=f"Only those that are {', '.join(STATES)}.")] = None,
    consumer: Annotated[str | None, typer.Option(help="Only this reader's.")] = None,
    after: Annotated[int, typer.Option(help="Only those with a larger number, for the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many of each service.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters, without what they hold.

    Example: oneworkforce dead-letters list talent-pipeline --state open
    """
    if state is not None and state not in STATES:
        raise Problem(f"a state is one of {', '.join(STATES)}", MISUSED)
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            found = await dead_letters.listed(tx, state=state, consumer=consumer, after=after, limit=limit)
            rows += [{"service": each.name, **row} for row in found]
    show(rows, as_json=as_json, empty="no dead letters", columns=COLUMNS)


@app.command("show")
@answered
async def show_(
    ctx: typer.Context,
    service: Service,
    number: Number,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show key, headers and payload too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter. What it holds is withheld unless you ask.

    Example: oneworkforce dead-letters show talent-pipeline 7 --reveal
    """
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        letter = await dead_letters.shown(tx, number)
    key, value, headers = letter.pop("key"), letter.pop("value"), headers_from_json(letter.pop("headers"))
    if reveal:
        held: dict[str, Any] = {
            "key": as_text(key), "headers": {name: as_text(raw) for name, raw in headers}, "value": as_text(value),
        }  # fmt: skip
    else:
        names = [name for name, _ in headers]
        held = {"key": withheld(key), "headers": ", ".join(names), "value": withheld(value)}
    show_one({"service": service, **letter, **held}, as_json=as_json)


@app.command()
@answered
async def edit(
    ctx: typer.Context,
    service: Service,
    number: Number,
    author: Author,
    reason: Reason,
    file: Annotated[
        Path | None, typer.Option(help="The payload to read in its place; without it $EDITOR opens.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE in place of that header; may be repeated.")
    ] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also where the edited letter is still unreadable.")] = False,
) -> None:
    """Have other bytes read in its place, here and by every rebuild.

    Example: oneworkforce dead-letters edit talent-pipeline 7 --file put-right.json --author ops-4 --reason "date was 31 June"
    """
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        letter = await dead_letters.shown(tx, number)
    headers = _headers(headers_from_json(letter["headers"]), header or [])
    value = _value(letter["value"], file, only_headers=bool(header))
    edited = Kept(letter["topic"], letter["partition"], letter["offset"], letter["key"], value, headers)
    if not anyway and (fault := _fault(edited)):
        raise Problem(f"still unreadable: {fault}; --anyway has it read all the same")
    async with databases.transaction(config, config.service(service)) as tx:
        await dead_letters.decide(tx, number, "edit", author=author, reason=reason, value=value, headers=headers)
    say(f"{number} is to be read as edited; `oneworkforce dead-letters show {service} {number}` tells when it was")


@app.command()
@answered
async def replay(ctx: typer.Context, service: Service, number: Number, author: Author, reason: Reason) -> None:
    """Have it tried again as it is, for instance after a reader was put right.

    Example: oneworkforce dead-letters replay talent-pipeline 7 --author ops-4 --reason "reader put right"
    """
    await _decide(ctx, service, number, "replay", author, reason)
    say(f"{number} is to be tried again")


@app.command()
@answered
async def discard(ctx: typer.Context, service: Service, number: Number, author: Author, reason: Reason) -> None:
    """Never apply it, from whatever offset it comes again; what waits behind it may follow.

    Example: oneworkforce dead-letters discard talent-pipeline 7 --author ops-4 --reason "sent by a test of the partner"
    """
    await _decide(ctx, service, number, "discard", author, reason)
    say(f"{number} is to be discarded")


async def _decide(ctx: typer.Context, service: str, number: int, action: Action, author: str, reason: str) -> None:
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        await dead_letters.decide(tx, number, action, author=author, reason=reason)


def _headers(kept: Headers, given: list[str]) -> list[tuple[str, bytes | None]]:
    """The headers as they came, with those that are given in the place of theirs."""
    pairs = [each.partition("=") for each in given]
    if wrong := next((name for name, sign, _ in pairs if not (name and sign)), None):
        raise Problem(f"--header takes NAME=VALUE, not {wrong}", MISUSED)
    fresh = {name: value.encode() for name, _, value in pairs}
    return [(name, raw) for name, raw in kept if name not in fresh] + list(fresh.items())


def _value(kept: bytes | None, file: Path | None, *, only_headers: bool) -> bytes:
    """The edited payload: from the file, as it was, or from an editor. Raises Problem where nobody is there to edit."""
    if file is not None:
        try:
            return file.read_bytes()
        except OSError as error:
            raise Problem(f"{file} cannot be read", MISUSED) from error
    if only_headers:
        return kept or b""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Problem("there is no terminal to edit at: give --file", MISUSED)
    return _edited_by_hand(kept or b"")


def _edited_by_hand(kept: bytes) -> bytes:
    """What a person makes of it in $EDITOR; the file is theirs alone and gone afterwards."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="oneworkforce-") as folder:
        path = Path(folder) / "payload.json"
        path.write_bytes(kept)
        if subprocess.run([*editor, str(path)], check=False).returncode:
            raise Problem("the editor ended badly: nothing was changed")
        edited = path.read_bytes()
    if edited == kept:
        raise Problem("nothing was changed")
    return edited


def _fault(edited: Kept) -> str | None:
    """Why it would be set aside again, as far as the published language tells; the value is never said."""
    try:
        envelope = read_envelope(edited)
        if kind := messages().get(envelope.type):
            parse(kind, edited.value or b"")
    except Unreadable as fault:
        return str(fault)
    return None
