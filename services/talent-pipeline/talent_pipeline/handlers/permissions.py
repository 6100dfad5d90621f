"""What a person permits, and when the programme's work with them ends: the pool holds nobody without."""

from datetime import date
from uuid import UUID

from kit.aggregates import Kept, because_of
from kit.context import Context
from kit.database import Connection
from kit.step import Command
from schemas.values import business_date
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.handlers.following import follow_permission
from talent_pipeline.store import aggregates


async def change(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Engagement]:
    """A permission given, narrowed or taken back, or the end of the work: whoever may not be passed on leaves the pool."""
    changed = await aggregates.act(tx, Engagement, id_, command, context, if_match)
    if changed.said:
        await follow_permission(tx, changed, _day(command, context), because_of(context, changed))
    return changed


def _day(command: Command, context: Context) -> date:
    return command.occurred_on or business_date(context.now)
