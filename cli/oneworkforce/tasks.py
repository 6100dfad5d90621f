"""`oneworkforce tasks`: reactions that the rules refused, of which somebody has to make something."""

from typing import Annotated, Any

import typer

from kit import operations
from oneworkforce import configuration, databases
from oneworkforce.answering import AsJson, Author, Problem, Reason, answered, noun, say, show

LIST = """
SELECT id, consumer, event_id, code, detail, raised_at, done_at, done_by FROM kit.task
WHERE $1 OR done_at IS NULL ORDER BY id LIMIT $2
"""
DONE = "UPDATE kit.task SET done_at = now(), done_by = $2 WHERE id = $1 AND done_at IS NULL RETURNING true"

app = noun("Reactions that the rules refused: somebody has to look.")


@app.command("list")
@answered
async def list_(
    ctx: typer.Context,
    service: Annotated[str | None, typer.Argument(help="Only this service's.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many of each service.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List what waits for somebody.

    Example: oneworkforce tasks list talent-pipeline
    """
    config = configuration.of(ctx)
    rows: list[dict[str, Any]] = []
    for each in config.chosen(service):
        async with databases.transaction(config, each) as tx:
            rows += [{"service": each.name, **dict(row)} for row in await tx.fetch(LIST, every, limit)]
    show(rows, as_json=as_json, empty="nothing waits")


@app.command()
@answered
async def done(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service whose task it is.")],
    number: Annotated[int, typer.Argument(metavar="ID", help="The task's number, as `list` gives it.")],
    author: Author,
    reason: Reason,
) -> None:
    """Say that somebody has seen to it.

    Example: oneworkforce tasks done talent-pipeline 3 --author ops-4 --reason "entered by the spoke"
    """
    config = configuration.of(ctx)
    async with databases.transaction(config, config.service(service)) as tx:
        if not await tx.fetchval(DONE, number, author):
            raise Problem(f"no task {number} of {service} waits")
        await operations.note(tx, "task-done", {"task": number}, author=author, reason=reason)
    say(f"{number} is done")
