"""Every command, by noun."""

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from kit import log
from oneworkforce import (
    contracts,
    database_commands,
    dead_letters,
    keys,
    lag,
    outbox,
    partitions,
    partners,
    persons,
    positions,
    projections,
    reconcile,
    refused,
    services,
    tasks,
    topics,
)
from oneworkforce.answering import HELP, say
from oneworkforce.configuration import DEFAULT

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, context_settings=HELP)


def _version(asked: bool) -> None:
    if asked:
        say(f"oneworkforce {version('oneworkforce-cli')}")
        raise typer.Exit


@app.callback()
def everything(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(envvar="ONEWORKFORCE_CONFIG", help=f"Where services are (default: {DEFAULT}); see cli/README.md."),
    ] = None,
    _version_: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Operate One Workforce: services, their readers and outboxes, topics, partners, databases, contracts.

    Exit codes: 0 well; 1 no, or something is away; 2 asked wrongly, or a file is not right. Every reading command has --json.

    Example: oneworkforce --config deploy/oneworkforce.toml services list
    """
    ctx.obj = config


for name, module in (
    ("services", services),
    ("dead-letters", dead_letters),
    ("tasks", tasks),
    ("refused", refused),
    ("partitions", partitions),
    ("positions", positions),
    ("projections", projections),
    ("topics", topics),
    ("partners", partners),
    ("persons", persons),
    ("contracts", contracts),
    ("keys", keys),
):
    app.add_typer(module.app, name=name)
app.command("lag")(lag.lag)
app.command("outbox")(outbox.outbox)
app.command("republish")(outbox.republish)
app.command("reconcile")(reconcile.reconcile)
app.command("provision")(database_commands.provision)
app.command("migrate")(database_commands.migrate)
app.command("backup")(database_commands.backup)
app.command("restore")(database_commands.restore)
app.command("token")(keys.token)


def main() -> None:
    """The command line. What our libraries log goes to standard error, and only what went wrong."""
    log.configure("cli", "oneworkforce", "ERROR")
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)
    app()
