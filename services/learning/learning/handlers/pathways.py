"""T Level placements and apprenticeships: employers say what is theirs to say."""

from uuid import UUID

from kit import persons
from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for, seeing_everything
from kit.step import Command
from learning.domain import apprenticeship, pathway
from learning.domain.apprenticeship import Apprenticeship
from learning.domain.pathway import Pathway
from learning.store import aggregates


async def begin(tx: Connection, command: pathway.Begin, context: Context) -> Kept[Pathway]:
    """A student's placement begins. Raises UnknownPerson."""
    await persons.expect(tx, command.person_id)
    return await aggregates.begin(tx, Pathway, [command], context)


async def log_hours(
    tx: Connection, id_: UUID, command: pathway.LogHours, context: Context, if_match: int | None = None
) -> Kept[Pathway]:
    """A day of a placement: by the employer with whom it was, by the college, or by a coordinator."""
    row = await aggregates.lock(tx, Pathway, id_, if_match)
    act_for(tx, command.employer, row.standing.provider, field="employer")
    return await aggregates.obey(tx, row, [command], context)


async def agree(tx: Connection, command: apprenticeship.Agree, context: Context) -> Kept[Apprenticeship]:
    """An apprenticeship that employer, provider and apprentice agreed on: entered by either, or by a coordinator.

    Raises UnknownPerson.
    """
    act_for(tx, command.employer, command.provider, field="employer")
    await persons.expect(tx, command.person_id)
    return await aggregates.begin(tx, Apprenticeship, [command], context)


async def of_apprenticeship(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Apprenticeship]:
    """A step of an apprenticeship, by whoever sees it. Another employer takes it on: who gave it up sees it no longer."""
    row = await aggregates.lock(tx, Apprenticeship, id_, if_match)
    async with seeing_everything(tx):
        return await aggregates.obey(tx, row, [command], context)
