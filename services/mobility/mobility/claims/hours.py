"""Hours that the partner's staff worked for a host."""

from typing import Any

from kit import claimed
from kit.claimed import Ids
from kit.claims import Claimed
from kit.database import Connection
from kit.errors import Invalid
from mobility.domain.deployment import Deployment
from mobility.handlers import statements
from mobility.handlers.statements import WorkedHours
from mobility.store import aggregates
from schemas.mobility import HoursClaimed


class NotYourStaff(Invalid):
    """The home organisation claims the hours of its own staff, and nobody else."""


async def hours_claimed(tx: Connection, claim: Any, by: Claimed) -> Ids:
    """A member of the partner's staff worked for a host."""
    assert isinstance(claim, HoursClaimed)
    move = await aggregates.look(tx, Deployment, claim.deployment_id, "deployment_id")
    if move.home != by.partner:
        raise NotYourStaff(
            field="deployment_id", cure="Name a move whose home you are: your list of moves gives its id."
        )
    worked = WorkedHours(
        occurred_on=claim.occurred_on, deployment_id=claim.deployment_id, worked_on=claim.worked_on, hours=claim.hours,
        pence=claim.pence,
    )  # fmt: skip
    kept = await statements.record_hours(tx, worked, by.context)
    await claimed.name(tx, by, "hours_id", claim.hours_id, kept.id)
    await claimed.leave(tx, by, aggregates, kept)
    return {"statement_id": kept.id}
