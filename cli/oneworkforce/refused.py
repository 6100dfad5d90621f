"""`oneworkforce refused`: what partners sent that was refused or unreadable. Each was answered; here is what came."""

from typing import Annotated, Any

import typer

from kit.dead_letters import headers_from_json
from oneworkforce import configuration, databases
from oneworkforce.answering import AsJson, Problem, answered, as_text, noun, show, show_one, withheld

LIST = """
SELECT id, partner, topic, partition, "offset", type, code, field, rule, refused_at FROM kit.refused
WHERE ($1::text IS NULL OR partner = $1) AND id > $2 ORDER BY id LIMIT $3
"""
SHOW = "SELECT * FROM kit.refused WHERE id = $1"

app = noun("What partners sent that was refused.")


@app.command("list")
@answered
async def list_(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only what this service refused.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    after: Annotated[int, typer.Option(help="Only those with a larger number, for the next page.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many of each service.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List refused claims, without what they hold.

    Example: oneworkforce refused list talent-pipeline --partner leeds-city-council
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            rows += [{"service": each.name, **dict(row)} for row in await tx.fetch(LIST, partner, after, limit)]
    show(rows, as_json=as_json, empty="nothing was refused")


@app.command("show")
@answered
async def show_(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service that refused it.")],
    number: Annotated[int, typer.Argument(metavar="ID", help="Its number, as `list` gives it.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show headers and payload too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one refused claim. What it holds is withheld unless you ask.

    Example: oneworkforce refused show talent-pipeline 12
    """
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        row = await tx.fetchrow(SHOW, number)
    if row is None:
        raise Problem(f"{service} has no refused claim {number}")
    claim = dict(row)
    value, headers = claim.pop("value"), headers_from_json(claim.pop("headers"))
    if reveal:
        held: dict[str, Any] = {"headers": {name: as_text(raw) for name, raw in headers}, "value": as_text(value)}
    else:
        held = {"headers": ", ".join(name for name, _ in headers), "value": withheld(value)}
    show_one({"service": service, **claim, **held}, as_json=as_json)
