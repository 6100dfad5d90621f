"""Stop now: at one move, or, of what is said of a person, at every host at once, also where who says it does not know of them.

What is said of a person is a record (`everywhere`), said and lifted while nobody else speaks of their moves: whoever puts them
forward meanwhile finds it, or is found by it.
"""

from dataclasses import dataclass
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, because_of
from kit.context import Context
from kit.database import EVERYONE, Connection, seeing_everything, who_sees
from kit.errors import NotFound, expect
from kit.step import Command, NotInThisState
from mobility import store
from mobility.domain import deployment, everywhere
from mobility.domain.deployment import Deployment
from mobility.domain.everywhere import Stop
from mobility.domain.move import LIVE
from mobility.domain.stops import (
    StopNow,
    of_the_person,
    refuse_records_own,
)
from mobility.handlers.whose import alone
from mobility.handlers.within import look_again
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
    """Either side of a move stops it; for what is said of the person, every one of theirs. Answered is the one that is named."""
    if not asked.of_the_person:
        return await stop_here(tx, id_, asked, context, if_match)
    await stop_of_move(tx, id_, asked, context, _own(tx), if_match)
    return aggregates.kept(await aggregates.lock(tx, Deployment, id_))


async def stop_here(
    tx: Connection, id_: UUID, asked: Stopping, context: Context, if_match: int | None = None
) -> Kept[Deployment]:
    """One move stops, for a reason of its place. Raises NotInThisState where it has ended: nobody is kept from work by it."""
    refuse_records_own(asked.reason)
    seen = await aggregates.look(tx, Deployment, id_)
    if seen.status not in LIVE:
        raise NotInThisState(state=seen.status, allowed=deployment.allowed(seen))
    here = StopNow(occurred_on=asked.occurred_on, reason=asked.reason)
    async with seeing_everything(tx):
        return await aggregates.act(tx, Deployment, id_, here, context, if_match)


async def stop_of_move(
    tx: Connection, id_: UUID, asked: Stopping, context: Context, organisation: str | None, if_match: int | None = None
) -> Kept[Stop]:
    """What an organisation says of the person of a move from or to it. It is so also where that move has ended since."""
    row = await aggregates.read(tx, Deployment, id_)
    if row is None or row.state is None:
        raise NotFound
    expect(row.version, if_match)
    said = everywhere.Say(
        occurred_on=asked.occurred_on, person_id=row.state.person_id, reason=asked.reason, organisation=organisation,
        deployment_id=id_,
    )  # fmt: skip
    return await _say(tx, said, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPerson(Command):
    """Somebody is not to work for any host until it is lifted."""

    person_id: UUID
    reason: Code


async def stop_person(tx: Connection, asked: StopPerson, context: Context) -> Kept[Stop]:
    """Stop a person at every host, whether or not a move of theirs is live. Said again as long as it stands, it stands.

    A coordinator may, and whoever has or had a move of theirs or looks into a passport. Raises UnknownPerson and NotFound.
    """
    await persons.expect(tx, asked.person_id)
    ids = await persons.one_with(tx, asked.person_id)
    if who_sees(tx) != EVERYONE and not (await store.moves_of_person(tx, ids) or await store.passports_of(tx, ids)):
        raise NotFound(field="person_id")
    said = everywhere.Say(
        occurred_on=asked.occurred_on, person_id=asked.person_id, reason=asked.reason, organisation=_own(tx)
    )
    return await _say(tx, said, context)


async def live_moves(tx: Connection, person_id: UUID) -> list[Kept[Deployment]]:
    """The live moves of a person that the caller sees."""
    return [aggregates.kept(row) for row in await store.live_of(tx, await persons.one_with(tx, person_id))]


async def lift(
    tx: Connection, id_: UUID, command: everywhere.Lift, context: Context, if_match: int | None = None
) -> Kept[Stop]:
    """A coordinator lifts a stop: every move of the person goes on that nothing else stops."""
    seen = await aggregates.look(tx, Stop, id_)
    async with alone(tx, seen.person_id) as ids:
        lifted = await aggregates.act(tx, Stop, id_, command, context, if_match)
        if lifted.said:
            await look_again(tx, ids, because_of(context, lifted), command.why, command.occurred_on)
    return lifted


async def _say(tx: Connection, said: everywhere.Say, context: Context) -> Kept[Stop]:
    """What an organisation says is one record, as long as it stands, under whichever id; of another move it is another.

    Whoever says it of two moves may take back what they said of one.
    """
    refuse_records_own(said.reason)
    async with alone(tx, said.person_id) as ids:
        for row in await store.standing_stops(tx, ids):
            stands = row.standing
            if (stands.reason, stands.organisation, stands.deployment_id) == (
                said.reason, said.organisation, said.deployment_id,
            ):  # fmt: skip
                return aggregates.kept(row)
        stop = await aggregates.begin(tx, Stop, [said], context)
        await look_again(tx, ids, because_of(context, stop), day=said.occurred_on)
    return stop


def _own(tx: Connection) -> str | None:
    """For whom somebody speaks; None: the programme."""
    return None if who_sees(tx) == EVERYONE else who_sees(tx)
