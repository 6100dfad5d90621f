"""`oneworkforce partners`: who may make claims to which service. A new one is a declaration, topics and ACLs; nothing restarts."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from kit import kafka
from kit.errors import Unavailable
from oneworkforce import configuration, declared, partner_file, topics
from oneworkforce.answering import MISUSED, AsJson, Problem, answered, noun, say, show
from oneworkforce.configuration import Configuration
from oneworkforce.partner_file import Partner

ITERATIONS = 8192

app = noun("Partners: who may make claims to which service.")


@app.command("list")
@answered
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the declared partners with their topics.

    Example: oneworkforce partners list
    """
    config = configuration.of(ctx)
    rows = [
        {
            "name": partner.name,
            "title": partner.title,
            "services": list(partner.services),
            "principal": partner.principal,
            "topics": [topic.name for topic in partner.topics],
        }
        for partner in partner_file.read(config.inside(config.partners))
    ]
    show(rows, as_json=as_json, empty="no partner is declared", columns=("name", "title", "services", "principal"))


@app.command()
@answered
async def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Its name in topics: lower case letters, digits, hyphens.")],
    title: Annotated[str, typer.Option(help="Its name for people.")],
    service: Annotated[list[str], typer.Option(help="A service to which it may make claims; may be repeated.")],
    principal: Annotated[str | None, typer.Option(help="Its account on the bus (default: User:NAME).")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Also make that account, SCRAM-SHA-512, with the password in this file.")
    ] = None,
) -> None:
    """Declare a partner and make its topics and ACLs. Services hear it within their metadata age (30 s), without a restart.

    Example: oneworkforce partners add leeds-city-council --title "Leeds City Council" --service talent-pipeline
    """
    config = configuration.of(ctx)
    if not partner_file.NAME.fullmatch(name):
        raise Problem("a partner's name is lower case letters, digits and hyphens, at most 40", MISUSED)
    for each in service:
        if not declared.of(config.service(each)).takes_claims:
            raise Problem(f"{each} takes no claims", MISUSED)
    partner = Partner(name, title, tuple(service), principal or f"User:{name}")
    partner_file.add(config.inside(config.partners), partner)
    if password_file is not None:
        await asyncio.to_thread(_make_account, config, partner, password_file)
    made = await asyncio.to_thread(topics.make, config, topics.wanted(config))
    for line in made or ["nothing was missing"]:
        say(line)


def _make_account(config: Configuration, partner: Partner, password_file: Path) -> None:
    try:
        password = password_file.read_text().strip()
    except OSError as error:
        raise Problem(f"the password file {password_file} cannot be read", MISUSED) from error
    user = partner.principal.removeprefix("User:")
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    wish = UserScramCredentialUpsertion(user, how, password.encode())
    client = kafka.admin(config.settings())
    try:
        client.alter_user_scram_credentials([wish], request_timeout=20)[user].result()
    except KafkaException as error:
        raise Unavailable(f"the broker did not make the account {user}: {error.args[0].name()}") from error
    say(f"account {user}")
