"""`oneworkforce outbox` and `oneworkforce republish`: what has still to be sent, and what is to be sent again (c5)."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer

from kit import operations
from kit import republish as again
from oneworkforce import configuration, databases, declared
from oneworkforce.answering import MISUSED, AsJson, Author, Problem, Reason, answered, say, show
from oneworkforce.configuration import Configuration, Service

WAITING = "SELECT count(*) AS rows, min(recorded_at) AS oldest FROM kit.outbox"
LOOK = 0.2


@answered
async def outbox(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits to be sent, and how far a republishing is.

    Example: oneworkforce outbox talent-pipeline
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            waiting = await tx.fetchrow(WAITING)
            assert waiting is not None
            asked = await again.progress(tx)
        said = [
            f"{row['topic']}: {row['said']} said, {row['shards_left']} shards left"
            + (f", {row['unheard']} not heard yet" if row["unheard"] else "")
            for row in asked
            if row["shards_left"]
        ]
        rows.append(
            {
                "service": each.name,
                "waiting": waiting["rows"],
                "oldest": waiting["oldest"],
                "republishing": said,
                "asked": asked,
            }
        )
    show(rows, as_json=as_json, empty="no services", columns=("service", "waiting", "oldest", "republishing"))


@answered
async def republish(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service whose topic has lost something.")],
    author: Author,
    reason: Reason,
    topic: Annotated[str | None, typer.Option(help="Only this topic of it; default: all that it owns.")] = None,
    aggregate: Annotated[UUID | None, typer.Option(help="Only what was said of this one.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the relay has said it all.")] = False,
) -> None:
    """Have the relay say again what the journal holds, in order; what is new waits until then.

    Returns when the relay has heard it. If the topic is gone, make it after that: so nothing new comes before what is said again.

    Example: oneworkforce republish talent-pipeline --author ops-4 --reason "topic was lost" --wait
    """
    config = configuration.of(ctx)
    which = config.service(service)
    names, requests = _topics(which, topic), []
    async with databases.transaction(config, which) as tx:
        for name in names:
            requests.append(await again.ask(tx, name, aggregate))
            about = {"topic": name, "aggregate": aggregate, "request": requests[-1]}
            await operations.note(tx, "republish", about, author=author, reason=reason)
    say("asked; the relay has still to hear it: while it has not, make no topic anew")
    await _until_none(config, which, requests, "unheard")
    say(f"heard; `oneworkforce outbox {service}` shows how far it is")
    if wait:
        said = await _until_none(config, which, requests, "shards_left")
        say(f"{said} rows were said again")


def _topics(service: Service, topic: str | None) -> list[str]:
    own = [each.name for each in declared.of(service).own]
    if not own:
        raise Problem(f"{service.name} says nothing: it has no topic of its own", MISUSED)
    if topic is not None and topic not in own:
        raise Problem(f"{topic} is not a topic of {service.name}; it owns {', '.join(own)}", MISUSED)
    return own if topic is None else [topic]


async def _until_none(config: Configuration, service: Service, requests: list[UUID], left: str) -> int:
    """Wait for the relay, which may be away for long, until this is 0 of every request; how many rows it has said."""
    while True:
        async with databases.transaction(config, service) as tx:
            ours = [row for row in await again.progress(tx) if row["request"] in requests]
        if not any(row[left] for row in ours):
            return sum(row["said"] for row in ours)
        await asyncio.sleep(LOOK)
