"""Whose time it is: nobody else books a person's meanwhile, under whichever id."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from kit import persons
from kit.database import Connection, seeing_everything
from mobility import store


async def one_person(tx: Connection, person_id: UUID) -> Sequence[UUID]:
    """Nobody else books this person's time meanwhile, under whichever id: all of them.

    Asked anew once they are locked, since two ids may turn out to be one person's while somebody waits.
    """
    locked: set[UUID] = set()
    while more := {*await persons.one_with(tx, person_id)} - locked:
        for id_ in sorted(more):
            await store.one_at_a_time(tx, id_)
        locked |= more
    return sorted(await persons.one_with(tx, person_id))


@asynccontextmanager
async def alone(tx: Connection, person_id: UUID) -> AsyncIterator[Sequence[UUID]]:
    """Nobody else books this person's time meanwhile; what others have booked is seen, whoever they are. Every id of the person."""
    ids = await one_person(tx, person_id)
    async with seeing_everything(tx):
        yield ids
