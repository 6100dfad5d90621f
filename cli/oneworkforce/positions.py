"""`oneworkforce positions`: how far each reader is, and starting anew in a log that took another's place (c5)."""

import asyncio
from typing import Annotated, Any

import typer

from kit import kafka, offsets, operations, positions
from oneworkforce import configuration, databases
from oneworkforce.answering import AsJson, Author, Problem, Reason, answered, noun, say, show

COLUMNS = ("service", "consumer", "topic", "partition", "next_offset", "fenced", "stopped_code", "moved_at")
OF_THE_LOG = ("topic-recreated", "log-begins-later", "log-ends-earlier")

app = noun("How far each reader is, by partition.")


@app.command("show")
@answered
async def show_(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only in this topic.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the position of every reader, as its row says.

    Example: oneworkforce positions show reporting --topic talent-pipeline.events.v1
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            found = await positions.listed(tx)
            rows += [{"service": each.name, **row} for row in found if topic in (None, row["topic"])]
    show(rows, as_json=as_json, empty="no reader has begun", columns=COLUMNS)


@app.command()
@answered
async def adopt(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service whose reader is to begin anew.")],
    topic: Annotated[str, typer.Argument(help="The topic that was made anew, or cut off.")],
    author: Author,
    reason: Reason,
    partition: Annotated[int | None, typer.Option(help="Only this partition of it.")] = None,
    consumer: Annotated[str | None, typer.Option(help="Only this reader's.")] = None,
) -> None:
    """Read the log that is there now from its beginning. Events that were applied before are passed over by their ids.

    If the topic was lost: `oneworkforce republish` first, then `oneworkforce topics create`, then this for every reader.

    Example: oneworkforce positions adopt reporting talent-pipeline.events.v1 --author ops-4 --reason "topic was lost"
    """
    config = configuration.of(ctx)
    topic_id, beginnings = await asyncio.to_thread(_log, config, topic)
    async with databases.transaction(config, config.service(service)) as tx:
        adopted = []
        for row in await positions.listed(tx):
            if (
                row["topic"] != topic
                or partition not in (None, row["partition"])
                or consumer not in (None, row["consumer"])
            ):
                continue
            beginning = beginnings.get((topic, row["partition"]))
            if beginning is None or not (row["topic_id"] != topic_id or row["stopped_code"] in OF_THE_LOG):
                continue
            await positions.adopt(tx, row["consumer"], topic, row["partition"], topic_id, beginning)
            adopted.append((row["consumer"], row["partition"]))
        if not adopted:
            raise Problem(
                f"every such reader of {service} is in the log of {topic} that is there now: nothing to adopt"
            )
        about = {"topic": topic, "topic_id": topic_id, "partitions": adopted}
        await operations.note(tx, "adopt", about, author=author, reason=reason)
    for reader, number in adopted:
        say(f"{reader} begins anew in {topic}/{number}")


def _log(config: configuration.Configuration, topic: str) -> tuple[str, dict[offsets.Place, int]]:
    """The id of the topic that is there now, and where each of its partitions begins."""
    client = kafka.admin(config.settings())
    topic_id = kafka.topic_ids(client, [topic]).get(topic)
    if topic_id is None:
        raise Problem(f"{topic} does not exist: `oneworkforce topics create` makes it")
    places = [(topic, number) for number in range(offsets.partitions(client, [topic])[topic])]
    return topic_id, dict(offsets.beginnings(client, places))
