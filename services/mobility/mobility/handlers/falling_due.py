"""What falls due by itself: what the aggregate says then, and what that means for others."""

from collections.abc import Mapping
from types import MappingProxyType

from kit.context import Context
from kit.database import Connection
from kit.deadlines import Due
from mobility.domain import deployment, framework, passport, signature
from mobility.domain.framework import Framework
from mobility.domain.signature import Signature
from mobility.handlers import answers, moves, passports
from mobility.handlers.agreement import end_all
from mobility.handlers.cover import leave, look_again
from mobility.store import aggregates

LEAVES: Mapping[str, type[signature.Lapse] | type[signature.Withdraw]] = MappingProxyType({
    "lapse": signature.Lapse, "withdraw": signature.Withdraw,
})  # fmt: skip


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A deadline. With a framework that runs out ends everybody's part in it; with who leaves or lapses, what rests on it; with who
    is in force from today on, what stood still without it goes on.
    """
    if due.aggregate == signature.AGGREGATE and due.name == "in-force":
        await look_again(
            tx, await aggregates.act(tx, Signature, due.aggregate_id, signature.LookAgain(), context), context
        )
        return
    if due.aggregate == signature.AGGREGATE and due.name in LEAVES:
        await leave(tx, await aggregates.act(tx, Signature, due.aggregate_id, LEAVES[due.name](), context), context)
        return
    if due.name.startswith("overdue-"):
        await answers.fall_due(tx, due, context)
        return
    if due.aggregate == deployment.AGGREGATE:
        await moves.fall_due(tx, due, context)
        return
    if due.aggregate == passport.AGGREGATE:
        await passports.fall_due(tx, due, context)
        return
    if due.aggregate != framework.AGGREGATE:
        await aggregates.fall_due(tx, due, context)
        return
    expired = await aggregates.act(tx, Framework, due.aggregate_id, framework.Expire(), context)
    await end_all(tx, expired, context)
