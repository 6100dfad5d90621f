"""Whose time it is: nobody else books a person's meanwhile, under whichever id."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from kit import persons
from kit.database import Connection, seeing_everything
from mobility import store


async def one_person(tx: Connection, person_id: UUID) -> Sequence[UUID]:
    """Nobody else books this person's time meanwhile, under whichever id: all of them."""
    ids = sorted(await persons.one_with(tx, person_id))
    await store.one_at_a_time(tx, ids[0])
    return ids


@asynccontextmanager
async def alone(tx: Connection, person_id: UUID) -> AsyncIterator[Sequence[UUID]]:
    """Nobody else books this person's time meanwhile; what others have booked is seen, whoever they are. Every id of the person."""
    ids = await one_person(tx, person_id)
    async with seeing_everything(tx):
        yield ids
