"""Who must be trained in what, and who works where: said by each organisation of its own, or by a coordinator."""

from uuid import UUID

from kit import persons
from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for
from learning.domain import employment, requirement
from learning.domain.employment import Employment
from learning.domain.requirement import Requirement
from learning.store import aggregates


async def require(tx: Connection, command: requirement.Require, context: Context) -> Kept[Requirement]:
    """What an organisation asks of its own people; what is asked of everybody's, a coordinator says."""
    act_for(tx, command.organisation)
    return await aggregates.begin(tx, Requirement, [command], context)


async def drop(
    tx: Connection, id_: UUID, command: requirement.Drop, context: Context, if_match: int | None = None
) -> Kept[Requirement]:
    """A requirement stands no longer."""
    row = await aggregates.lock(tx, Requirement, id_, if_match)
    act_for(tx, row.standing.organisation)
    return await aggregates.obey(tx, row, [command], context)


async def employ(tx: Connection, command: employment.Begin, context: Context) -> Kept[Employment]:
    """Somebody works for an organisation. Raises UnknownPerson."""
    act_for(tx, command.organisation)
    await persons.expect(tx, command.person_id)
    return await aggregates.begin(tx, Employment, [command], context)
