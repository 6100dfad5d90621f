"""`oneworkforce services`: every service, whether its processes are ready, and how far its readers are behind."""

import asyncio
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import typer

from kit.database import is_restored
from oneworkforce import configuration, databases, lag
from oneworkforce.answering import AsJson, Problem, answered, noun, say, show
from oneworkforce.configuration import Configuration, Service

COUNTS = """
SELECT (SELECT count(*) FROM kit.outbox) AS outbox,
       (SELECT count(*) FROM kit.dead_letter WHERE state IN ('open', 'asked')) AS dead_letters,
       (SELECT count(*) FROM kit.position WHERE stopped_code IS NOT NULL) AS stopped,
       (SELECT count(*) FROM kit.task WHERE done_at IS NULL) AS tasks
"""
COLUMNS = ("service", "processes", "database", "outbox", "lag", "dead_letters", "stopped", "tasks")

app = noun("Services, their processes and how they are.")


@app.command("list")
@answered
async def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List services: is each process ready, what waits, how far readers are behind. Ends with 1 where something is not well.

    Example: oneworkforce services list --json
    """
    config = configuration.of(ctx)
    rows = await asyncio.gather(*(_look(config, service) for service in config.services.values()))
    show(rows, as_json=as_json, empty="no services", columns=COLUMNS)
    if sick := [row["service"] for row in rows if not _well(row)]:
        if not as_json:
            say(f"not well: {', '.join(sick)}")
        raise typer.Exit(1)


async def _look(config: Configuration, service: Service) -> dict[str, Any]:
    answers = await asyncio.gather(*(asyncio.to_thread(_ready, url) for url in service.processes.values()))
    row: dict[str, Any] = {"service": service.name, "processes": dict(zip(service.processes, answers, strict=True))}
    try:
        async with databases.transaction(config, service) as tx:
            row |= {"database": "restored" if await is_restored(tx) else "ok", **dict(await tx.fetchrow(COUNTS) or {})}
    except Problem as problem:
        return row | {"database": str(problem)}
    return row | {"lag": await _lag(config, service)}


async def _lag(config: Configuration, service: Service) -> int | None:
    """Records that its readers have still to read; None where it cannot be told."""
    if config.kafka is None:
        return None
    found = [row["lag"] for row in await lag.read(config, [service])]
    return None if None in found else sum(found)


def _ready(url: str) -> str:
    """What a process says of itself: `ok`, or what is not."""
    try:
        with urlopen(f"{url.rstrip('/')}/readyz", timeout=3) as answer:  # noqa: S310 an address from the operator's file
            return str(answer.read(200).decode(errors="replace")).strip()
    except HTTPError as error:
        return error.read(200).decode(errors="replace").strip().replace("\n", "; ") or str(error.code)
    except (OSError, HTTPException, ValueError):
        return "does not answer"


def _well(row: dict[str, Any]) -> bool:
    return row["database"] == "ok" and not row["stopped"] and all(said == "ok" for said in row["processes"].values())
