"""`oneworkforce lag`: how far each reader is behind, from the broker's ends and the positions' rows."""

import asyncio
from typing import Annotated, Any

import typer

from kit import kafka, offsets, positions
from oneworkforce import configuration, databases
from oneworkforce.answering import AsJson, answered, show
from oneworkforce.configuration import Configuration, Service

COLUMNS = ("service", "consumer", "topic", "partition", "position", "end", "lag", "stopped_code", "moved_at")


@answered
async def lag(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's readers.")] = None,
    behind: Annotated[bool, typer.Option("--behind", help="Only partitions with something to read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the lag of every reader: end of the log minus position, by partition.

    Example: oneworkforce lag reporting --behind
    """
    config = configuration.of(ctx)
    rows = await read(config, config.chosen(service))
    shown = [row for row in rows if not behind or row["lag"] != 0]
    show(shown, as_json=as_json, empty="no reader is behind" if behind else "no reader has begun", columns=COLUMNS)


async def read(config: Configuration, services: list[Service]) -> list[dict[str, Any]]:
    """A row a reader and partition, also for partitions that it has not begun. Raises Problem, Unavailable."""
    found: list[dict[str, Any]] = []
    for service in services:
        async with databases.transaction(config, service) as tx:
            found += [{"service": service.name, **row} for row in await positions.listed(tx)]
    return await asyncio.to_thread(_measure, config, found) if found else []


def _measure(config: Configuration, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    client = kafka.admin(config.settings())
    counts = offsets.partitions(client, {row["topic"] for row in found})
    places = [(topic, number) for topic, count in counts.items() for number in range(count)]
    begins, ends = offsets.beginnings(client, places), offsets.ends(client, places)
    begun = {(row["service"], row["consumer"], row["topic"], row["partition"]): row for row in found}
    readers = {(row["service"], row["consumer"], row["topic"]) for row in found}
    fresh = {(*reader, number) for reader in readers for number in range(counts.get(reader[2], 0))}
    return [_line(key, begun.get(key), begins, ends) for key in sorted(begun.keys() | fresh)]


def _line(
    key: tuple[str, str, str, int],
    row: dict[str, Any] | None,
    begins: Any,
    ends: Any,
) -> dict[str, Any]:
    service, consumer, topic, partition = key
    place = (topic, partition)
    end, position = ends.get(place), row["next_offset"] if row else None
    start = position if position is not None else begins.get(place)
    return {
        "service": service,
        "consumer": consumer,
        "topic": topic,
        "partition": partition,
        "position": position,
        "end": end,
        "lag": None if end is None or start is None else max(0, end - start),
        "stopped_code": row["stopped_code"] if row else None,
        "moved_at": row["moved_at"] if row else None,
    }
