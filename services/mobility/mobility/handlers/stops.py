"""Stop now: at one move, or, of what is said of a person, at every host at once, also where who says it does not know of them."""

from dataclasses import dataclass
from uuid import UUID

from kit import persons
from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.step import Command
from mobility import store
from mobility.domain.deployment import Deployment
from mobility.domain.stops import StopEverywhere, StopNow, of_the_person, refuse_records_own
from mobility.handlers.whose import alone
from mobility.store import aggregates
from schemas.values import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping(Command):
    """Somebody is not to work for a host until it is lifted; of a registration or a concern, for none."""

    reason: Code
    everywhere: bool = False
    """It is said of the person, at every host, whatever the reason."""

    @property
    def of_the_person(self) -> bool:
        return self.everywhere or of_the_person(self.reason)


async def stop(
    tx: Connection, id_: UUID, asked: Stopping, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """Either side of a move stops it, for what is said of the person all of theirs. Answered is the one that is named."""
    return (await stopped(tx, id_, asked, context, if_match))[-1]


async def stopped(
    tx: Connection, id_: UUID, asked: Stopping, context: Context, if_match: int | None = None
) -> list[Kept[Deployment]]:
    """The moves that are stopped, the one that is named last."""
    refuse_records_own(asked.reason)
    seen = await aggregates.look(tx, Deployment, id_)
    if not asked.of_the_person:
        here = StopNow(occurred_on=asked.occurred_on, reason=asked.reason)
        async with seeing_everything(tx):
            return [await aggregates.act(tx, Deployment, id_, here, context, if_match)]
    async with alone(tx, seen.person_id) as ids:
        kept = {
            each: await _keep_from_work(tx, each, asked, context, if_match if each == id_ else None)
            for each in sorted({id_, *await store.live_of(tx, ids)})
        }
    named = kept.pop(id_)
    return [*kept.values(), named]


async def stop_person(tx: Connection, person_id: UUID, command: StopNow, context: Context) -> list[Kept[Deployment]]:
    """Stop every live move of a person at once: each host finds it among what waits.

    Home or host of a live move of theirs may, and a coordinator; answered is what the caller sees.
    """
    refuse_records_own(command.reason)
    seen = await store.live_of(tx, await persons.one_with(tx, person_id))
    if not seen:
        return []
    async with alone(tx, person_id) as ids:
        stopped = [await _keep_from_work(tx, each, command, context) for each in await store.live_of(tx, ids)]
    return [kept for kept in stopped if kept.id in seen]


async def _keep_from_work(
    tx: Connection, id_: UUID, asked: Stopping | StopNow, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    everywhere = StopEverywhere(occurred_on=asked.occurred_on, reason=asked.reason)
    return await aggregates.act(tx, Deployment, id_, everywhere, context, if_match)
