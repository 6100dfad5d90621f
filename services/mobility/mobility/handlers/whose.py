"""Whose matter it is: nobody speaks for another organisation, and nobody else books a person's time meanwhile."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from kit import persons
from kit.database import EVERYONE, Connection, seeing_everything, who_sees
from kit.errors import Invalid
from mobility import store


class NotYourOrganisation(Invalid):
    """You can say this of your own organisation only."""


async def only(tx: Connection, organisation: str, field: str) -> None:
    """Raises NotYourOrganisation for an organisation that speaks for another."""
    if who_sees(tx) not in (EVERYONE, organisation):
        raise NotYourOrganisation(field=field)


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
