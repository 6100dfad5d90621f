"""Whom people has registered, who is one person with whom, and who was erased: they are forgotten, and give up their places."""

from collections.abc import Sequence
from uuid import UUID

from kit import persons
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.inbox import Received
from learning import store
from learning.domain import places
from learning.domain.cohort import Cohort
from learning.handlers import skills
from learning.store import aggregates
from schemas.learning import CancellationReason
from schemas.people import PersonErased, PersonLinked, PersonUnlinked

CONSUMER = "learning.people"


async def hear(tx: Connection, received: Sequence[Received]) -> None:
    """What people said, in one call: nobody who was erased keeps a place from somebody who waits, and of who is one person after
    all the later training renews the earlier, under whichever id."""
    erased = {event.envelope.subject: event for event in received if isinstance(event.fact, PersonErased)}
    for person_id, event in sorted(erased.items()):
        await persons.alone(tx, person_id)
        await _give_up_places(tx, person_id, event.context(CONSUMER))
    await store.PERSONS.hear(tx, received)
    for event in received:
        if isinstance(event.fact, PersonLinked | PersonUnlinked):
            for person_id in (event.envelope.subject, event.fact.same_as):
                await skills.settle(tx, person_id, event.context(CONSUMER))


async def _give_up_places(tx: Connection, person_id: UUID, context: Context) -> None:
    """The cancellation is said of nobody: it waits in the outbox when the person is forgotten."""
    async with seeing_everything(tx):
        for cohort_id, booking_id in await store.live_places(tx, person_id):
            row = await aggregates.lock(tx, Cohort, cohort_id)
            held = row.standing.booking(booking_id)
            if not held.attended and not held.missed:
                reason = CancellationReason.NO_LONGER_NEEDED
                gone = places.CancelBooking(occurred_on=None, booking_id=booking_id, reason=reason)
                await aggregates.obey(tx, row, [gone], context)
