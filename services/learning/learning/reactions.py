"""What follows here from facts of the talent pipeline: who starts is enrolled, who leaves gives the places back.

Each start is kept, so that its voiding, restoration or correction finds what it was. What followed from it is kept by its event.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType

from kit import persons
from kit.context import Context
from kit.database import Connection
from kit.inbox import Handler, Received
from learning import store
from learning.handlers import starters
from learning.store import Starter
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
        event_id=event.envelope.id, candidacy_id=event.envelope.subject, person_id=fact.person_id,
        organisation=fact.employer, soc2020=fact.soc2020, started_on=fact.occurred_on,
    )  # fmt: skip
    await store.keep_starter(tx, starter)
    await starters.enrol(tx, starter, _context(event))


async def ended(tx: Connection, event: Received) -> None:
    """Somebody left: others have the places."""
    fact = event.fact
    assert isinstance(fact, tp.PlacementEnded)
    for starter in await store.starters(tx, candidacy_id=event.envelope.subject):
        await store.mark_left(tx, starter.event_id, event.envelope.id)
        await starters.give_back(tx, starter, fact.occurred_on, _context(event), started=True)


async def resumed(tx: Connection, event: Received) -> None:
    """Somebody came back within a break: they go on learning."""
    for starter in await store.starters(tx, candidacy_id=event.envelope.subject):
        await store.mark_left(tx, starter.event_id, None)
        await starters.enrol(tx, starter, _context(event))


async def taken_back(tx: Connection, event: Received) -> None:
    """A start, or the end of one, was voided or restored."""
    fact = event.fact
    assert isinstance(fact, Voided | Restored)
    voided, context, day = isinstance(fact, Voided), _context(event), business_date(event.envelope.time)
    for starter in await store.starters(tx, event_id=fact.fact_id):
        await store.mark_voided(tx, starter.event_id, voided=voided)
        if voided:
            await starters.give_back(tx, starter, day, context, started=False)
        else:
            await starters.enrol(tx, starter, context)
    for starter in await store.starters(tx, left_by=fact.fact_id):
        if voided:
            await starters.enrol(tx, starter, context)
        else:
            await starters.give_back(tx, starter, day, context, started=True)


async def put_right(tx: Connection, event: Received) -> None:
    """A start was with another employer, in other work or on another day: so is what is learned first."""
    fact = event.fact
    assert isinstance(fact, Corrected)
    if fact.fact_type != tp.CandidatePlaced.TYPE:
        return
    better = tp.CandidatePlaced.read(json.dumps(fact.replacement))
    for starter in await store.starters(tx, event_id=fact.fact_id):
        stands = Starter(
            event_id=starter.event_id, candidacy_id=starter.candidacy_id, person_id=better.person_id,
            organisation=better.employer, soc2020=better.soc2020, started_on=better.occurred_on,
        )  # fmt: skip
        if stands != starter:
            context = _context(event)
            await starters.give_back(tx, starter, business_date(event.envelope.time), context, started=False)
            await store.keep_starter(tx, stands)
            await starters.enrol(tx, stands, context)


def _context(event: Received) -> Context:
    envelope = event.envelope
    return Context(actor=f"consumer:{CONSUMER}", correlation_id=envelope.correlationid, causation_id=envelope.id)


ACCEPTS: Mapping[type[Fact], Handler] = MappingProxyType({
    tp.CandidatePlaced: placed,
    tp.PlacementEnded: ended,
    tp.PlacementResumed: resumed,
    tp.FactVoided: taken_back,
    tp.FactRestored: taken_back,
    tp.FactCorrected: put_right,
})  # fmt: skip
