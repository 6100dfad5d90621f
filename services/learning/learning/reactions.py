"""What follows here from facts of the talent pipeline and of mobility: who starts, or comes for a while, is enrolled; who leaves
gives the places back.

Each start is kept, so that its voiding, restoration or correction finds what it was. What followed from it is kept by its event.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import get_args
from uuid import UUID

from kit import persons
from kit.database import Connection
from kit.inbox import Handler, Received
from learning import store
from learning.handlers import starters
from learning.store import Starter
from schemas import mobility
from schemas import talent_pipeline as tp
from schemas.corrections import Corrected, Restored, Voided
from schemas.fact import Fact
from schemas.values import business_date

CONSUMER = "learning.reactions"


async def placed(tx: Connection, event: Received) -> None:
    """Somebody started work: they learn what their employer's starters learn first."""
    fact = event.fact
    assert isinstance(fact, tp.CandidatePlaced)
    if not await persons.may_hear_of(tx, fact.person_id):
        return
    starter = Starter(
        event_id=event.envelope.id, work_id=event.envelope.subject, person_id=fact.person_id,
        organisation=fact.employer, soc2020=fact.soc2020, started_on=fact.occurred_on,
    )  # fmt: skip
    await store.keep_starter(tx, starter)
    await starters.enrol(tx, starter, event.context(CONSUMER))


async def seconded(tx: Connection, event: Received) -> None:
    """Somebody came to work here for a while: they learn what the host's movers learn first."""
    fact = event.fact
    assert isinstance(fact, mobility.StaffSeconded)
    if await persons.may_hear_of(tx, fact.person_id):
        mover = _mover(event.envelope.id, event.envelope.subject, fact)
        await store.keep_starter(tx, mover)
        await starters.enrol(tx, mover, event.context(CONSUMER))


def _mover(event_id: UUID, work_id: UUID, fact: mobility.StaffSeconded) -> Starter:
    return Starter(
        event_id=event_id, work_id=work_id, person_id=fact.person_id, organisation=fact.host, soc2020=fact.soc2020,
        started_on=fact.occurred_on, mover=True,
    )  # fmt: skip


async def ended(tx: Connection, event: Received) -> None:
    """Somebody left, or went home: others have the places."""
    fact = event.fact
    assert isinstance(fact, Ends)
    for starter in await store.starters(tx, work_id=event.envelope.subject):
        await store.mark_left(tx, starter.event_id, event.envelope.id)
        await starters.give_back(tx, starter, fact.occurred_on, event.context(CONSUMER), started=True)


async def resumed(tx: Connection, event: Received) -> None:
    """Somebody came back within a break: they go on learning."""
    for starter in await store.starters(tx, work_id=event.envelope.subject):
        await store.mark_left(tx, starter.event_id, None)
        await starters.enrol(tx, starter, event.context(CONSUMER))


async def taken_back(tx: Connection, event: Received) -> None:
    """A start, or the end of one, was voided or restored."""
    fact = event.fact
    assert isinstance(fact, Voided | Restored)
    voided, context, day = isinstance(fact, Voided), event.context(CONSUMER), business_date(event.envelope.time)
    for starter in await store.starters(tx, event_id=fact.fact_id):
        await store.mark_voided(tx, starter.event_id, voided=voided)
        if voided:
            await starters.give_back(tx, starter, day, context, started=False)
        else:
            await starters.enrol(tx, starter, context)
    if voided:
        for starter in await store.starters(tx, left_by=fact.fact_id):
            await store.mark_left(tx, starter.event_id, None)
            await starters.enrol(tx, starter, context)
    elif fact.fact_type in END_TYPES:
        for starter in await store.starters(tx, work_id=event.envelope.subject):
            await store.mark_left(tx, starter.event_id, fact.fact_id)
            await starters.give_back(tx, starter, day, context, started=True)


async def put_right(tx: Connection, event: Received) -> None:
    """A start was with another employer, in other work or on another day: so is what is learned first."""
    fact = event.fact
    assert isinstance(fact, Corrected)
    for starter in await store.starters(tx, event_id=fact.fact_id):
        stands = _corrected(starter, json.dumps(fact.replacement))
        if stands != starter:
            context = event.context(CONSUMER)
            await starters.give_back(tx, starter, business_date(event.envelope.time), context, started=False)
            await store.keep_starter(tx, stands)
            await starters.enrol(tx, stands, context)


def _corrected(starter: Starter, replacement: str) -> Starter:
    """The start as it is said to have been."""
    if starter.mover:
        return _mover(starter.event_id, starter.work_id, mobility.StaffSeconded.read(replacement))
    better = tp.CandidatePlaced.read(replacement)
    return replace(
        starter, person_id=better.person_id, organisation=better.employer, soc2020=better.soc2020,
        started_on=better.occurred_on,
    )  # fmt: skip


async def let_go(tx: Connection, event: Received) -> None:
    """The application or the move that began the work is let go of: what is kept here for its sake goes too."""
    await store.forget_starters(tx, event.envelope.subject)


Ends = tp.PlacementEnded | mobility.DeploymentCompleted | mobility.DeploymentRecalled | mobility.DeploymentEndedEarly
END_TYPES = frozenset(kind.TYPE for kind in get_args(Ends))

ACCEPTS: Mapping[type[Fact], Handler] = MappingProxyType({
    tp.CandidatePlaced: placed,
    tp.PlacementEnded: ended,
    tp.PlacementResumed: resumed,
    tp.FactVoided: taken_back,
    tp.FactRestored: taken_back,
    tp.FactCorrected: put_right,
    tp.RecordLetGo: let_go,
    mobility.StaffSeconded: seconded,
    mobility.DeploymentCompleted: ended,
    mobility.DeploymentRecalled: ended,
    mobility.DeploymentEndedEarly: ended,
    mobility.FactVoided: taken_back,
    mobility.FactRestored: taken_back,
    mobility.FactCorrected: put_right,
    mobility.RecordLetGo: let_go,
})  # fmt: skip
