"""`oneworkforce partitions`: those that stopped, because going on would have lost or doubled something."""

from typing import Annotated, Any

import typer

from kit import operations, positions
from oneworkforce import configuration, databases
from oneworkforce.answering import AsJson, Author, Problem, Reason, answered, noun, say, show

COLUMNS = ("service", "consumer", "topic", "partition", "next_offset", "stopped_code", "stopped_detail", "stopped_at")

app = noun("Partitions that stopped and wait for a person.")


@app.command("list")
@answered
async def list_(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the partitions that are stopped, and why.

    Example: oneworkforce partitions list
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            found = await positions.listed(tx)
            rows += [{"service": each.name, **row} for row in found if row["stopped_code"] is not None]
    show(rows, as_json=as_json, empty="no partition is stopped", columns=COLUMNS)


@app.command()
@answered
async def resume(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service whose reader stopped.")],
    topic: Annotated[str, typer.Argument(help="The topic.")],
    author: Author,
    reason: Reason,
    partition: Annotated[int | None, typer.Option(help="Only this partition of it.")] = None,
    consumer: Annotated[str | None, typer.Option(help="Only this reader's.")] = None,
) -> None:
    """Let stopped partitions go on where they stand. The ceiling of dead letters counts anew from now.

    A log that was made anew is another matter: `oneworkforce positions adopt`.

    Example: oneworkforce partitions resume talent-pipeline learning.events.v1 --author ops-4 --reason "reader put right"
    """
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        resumed = [
            (row["consumer"], row["partition"])
            for row in await positions.listed(tx)
            if row["topic"] == topic and partition in (None, row["partition"]) and consumer in (None, row["consumer"])
            if await positions.resume(tx, row["consumer"], topic, row["partition"])
        ]
        if not resumed:
            raise Problem(f"no such partition of {topic} is stopped in {service}")
        await operations.note(tx, "resume", {"topic": topic, "partitions": resumed}, author=author, reason=reason)
    for reader, number in resumed:
        say(f"{reader} goes on in {topic}/{number}")
