"""`oneworkforce reconcile`: after a backup was restored, what was said since then is read back from the bus (c6)."""

import dataclasses
from typing import Annotated

import typer

from kit import operations
from kit import reconcile as reading_back
from kit.database import is_restored
from kit.restored import mark
from oneworkforce import configuration, databases, declared, partner_file
from oneworkforce.answering import MISUSED, AsJson, Author, Problem, Reason, answered, say, show_one


@answered
async def reconcile(
    ctx: typer.Context,
    service: Annotated[str, typer.Argument(help="The service whose database came back from a backup.")],
    author: Author,
    reason: Reason,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also where the database is not marked; stop its processes first.")
    ] = False,
    pass_over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TOPIC/PARTITION/OFFSET", help="A record there that is no fact of the service; again for each."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a service's own topics back into its journal and state, and open it.

    Its processes may run meanwhile: they are not ready, and do nothing, before this is done. A version that is known with another
    id stops it: the service stays closed until somebody has looked. A record that cannot be read stops it too, named by its place:
    where somebody has seen that it was never the service's, --pass-over goes on without it.

    Example: oneworkforce reconcile talent-pipeline --author ops-4 --reason "disk of 3 March"
    """
    config = configuration.of(ctx)
    passed = [_where(text) for text in pass_over or ()]
    which = config.service(service)
    contract, parts = declared.of(which), declared.parts(which)
    every = partner_file.read(config.inside(config.partners))
    partners = [partner.name for partner in every if service in partner.services]
    async with databases.connected(config.owner_dsn(which), f"the database of {service}") as owner:
        if not await is_restored(owner):
            if not anyway:
                raise Problem(f"{service} is not marked as restored: there is nothing to read back")
            await mark(owner)
        try:
            found = await reading_back.reconcile(
                config.settings(service), owner, contract.own, contract.facts, parts.rebuild, partners, passed
            )
        except reading_back.CannotReconcile as stop:
            raise Problem(f"{service} stays closed: {stop}") from stop
        about: dict[str, object] = {
            "added": found.added,
            "behind": len(found.behind),
            "sent": found.sent,
            "unheard": found.unheard,
        }
        about["passed_over"] = list(pass_over or ())
        await operations.note(owner, "reconcile", about, author=author, reason=reason)
    shown = dataclasses.asdict(found)
    show_one({**shown, "behind": len(found.behind), "forgotten": len(found.forgotten)}, as_json=as_json)
    if found.unheard and not as_json:
        say(f"the log lacks {found.unheard} of the journal's lines: `oneworkforce republish {service}` says them again")


def _where(text: str) -> reading_back.Where:
    match text.rsplit("/", 2):
        case [topic, partition, offset] if topic and partition.isdecimal() and offset.isdecimal():
            return topic, int(partition), int(offset)
    raise Problem("--pass-over: must be TOPIC/PARTITION/OFFSET, as the command names what it cannot read", MISUSED)
