"""Whom people has registered, who is one person with whom, and who was erased: two ids of one person are within one limit, what is
said of one stops both, and what one learned the other has."""

from collections.abc import Sequence

from kit.database import Connection
from kit.inbox import Received
from mobility import store
from mobility.domain.stops import ANOTHER_PERSON
from mobility.handlers import passports
from mobility.handlers.whose import alone
from mobility.handlers.within import look_again
from schemas.people import PersonLinked, PersonUnlinked

CONSUMER = "mobility.people"


async def hear(tx: Connection, received: Sequence[Received]) -> None:
    """What people said, in one call. The training and the moves of who turns out to be one person are looked at together, and apart
    again.
    """
    await store.PERSONS.hear(tx, received)
    said = {
        person_id: event.context(CONSUMER)
        for event in received
        if isinstance(event.fact, PersonLinked | PersonUnlinked)
        for person_id in (event.envelope.subject, event.fact.same_as)
    }
    for person_id in sorted(said):
        async with alone(tx, person_id) as ids:
            await passports.hear_again(tx, ids, said[person_id])
    for person_id in sorted(said):  # moves are locked after every passport, as everywhere
        async with alone(tx, person_id) as ids:
            await look_again(tx, ids, said[person_id], ANOTHER_PERSON)
