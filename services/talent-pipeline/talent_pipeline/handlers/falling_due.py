"""What falls due by itself: what the aggregate says then, and what that means for others."""

from kit.context import Context
from kit.database import Connection
from kit.deadlines import Due
from schemas.values import business_date
from talent_pipeline.domain import engagement
from talent_pipeline.domain.engagement import Engagement
from talent_pipeline.handlers.following import follow_permission
from talent_pipeline.store import aggregates


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline; a permission that has run out ends what rested on it."""
    await aggregates.fall_due(tx, due, context)
    if due.aggregate == engagement.AGGREGATE:
        row = await aggregates.load(tx, Engagement, due.aggregate_id)
        if row is not None and row.state is not None:
            await follow_permission(tx, aggregates.kept(row), business_date(context.now), context)
