"""`oneworkforce topics`: made from what services and partners declare, and compared with it; ACLs likewise."""

import asyncio
import re
from dataclasses import dataclass

import typer
from confluent_kafka.admin import AclBinding, AdminClient

from kit import kafka, topics
from kit.topics import Topic
from oneworkforce import access, configuration, declared, partner_file
from oneworkforce.answering import AsJson, answered, as_document, noun, say
from oneworkforce.configuration import Configuration

OURS = re.compile(r"partner\..+\.v\d+|[a-z0-9-]+\.(events|restricted)\.v\d+")

app = noun("Topics and ACLs, as services and partners declare them.")


@dataclass(frozen=True)
class Wanted:
    """What the declarations call for."""

    topics: list[Topic]
    acls: set[AclBinding]


def wanted(config: Configuration) -> Wanted:
    """Raises Problem where a declaration is missing or not right."""
    services, partners = declared.every(config), partner_file.read(config.inside(config.partners))
    every = [topic for service in services for topic in service.own]
    every += [topic for partner in partners for topic in partner.topics]
    return Wanted(every, access.wanted(services, partners))


@app.command()
@answered
async def create(ctx: typer.Context) -> None:
    """Make the topics and ACLs that are missing. What is there is left as it is: `check` tells whether it is right.

    Example: oneworkforce topics create
    """
    config = configuration.of(ctx)
    made = await asyncio.to_thread(make, config, wanted(config))
    for line in made or ["nothing is missing"]:
        say(line)


@app.command()
@answered
async def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Compare topics and ACLs with the declarations; ends with 1 on any difference.

    Example: oneworkforce topics check
    """
    config = configuration.of(ctx)
    found = await asyncio.to_thread(_differences, config, wanted(config))
    if as_json:
        as_document(found)
    else:
        for line in found or ["all is as declared"]:
            say(line)
    if found:
        raise typer.Exit(1)


def make(config: Configuration, want: Wanted) -> list[str]:
    """Make what is missing; a line for each topic and ACL that was made. Raises Unavailable."""
    client = kafka.admin(config.settings())
    made = topics.create(client, want.topics, config.bus().replication)
    return made + (access.create(client, want.acls) if config.bus().acls else [])


def _differences(config: Configuration, want: Wanted) -> list[str]:
    client = kafka.admin(config.settings())
    found = topics.differences(client, want.topics) + _undeclared(client, want.topics)
    if config.bus().acls:
        found += access.differences(client, want.acls, config.bus().other_principals)
    return found


def _undeclared(client: AdminClient, declared_: list[Topic]) -> list[str]:
    """Topics that are named as ours are, and that nobody declares: of a partner or service that has gone, or a slip."""
    there = {name for name in client.list_topics(timeout=10).topics if OURS.fullmatch(name)}
    return [f"{name} is not declared" for name in sorted(there - {topic.name for topic in declared_})]
