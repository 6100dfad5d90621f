"""Requirements and passports: what a host asks for, what a holder has, and what is missing."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection
from kit.step import Command
from mobility import store
from mobility.domain import passport, requirement
from mobility.domain.passport import Passport
from mobility.domain.readiness import Readiness, ready
from mobility.domain.requirement import Requirement
from mobility.handlers.whose import alone, only
from mobility.store import Heard, aggregates


async def ask(tx: Connection, command: requirement.Ask, context: Context) -> Kept[Requirement]:
    """A host says what it asks for."""
    await only(tx, command.organisation, "organisation")
    return await aggregates.begin(tx, Requirement, [command], context)


async def of_requirement(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Requirement]:
    """A host changes its own requirement; everybody may read it."""
    await only(tx, (await aggregates.look(tx, Requirement, id_)).organisation, "id")
    return await aggregates.act(tx, Requirement, id_, command, context, if_match)


async def open_passport(tx: Connection, command: passport.Open, context: Context) -> Kept[Passport]:
    """An employer opens a passport: the courses that its holder completed before stand in it."""
    await only(tx, command.home, "home")
    opened = await aggregates.begin(tx, Passport, [command], context)
    async with alone(tx, command.person_id):
        for heard in await store.heard_of(tx, command.person_id):
            opened = await record_training(tx, opened.id, heard, context)
    return opened


async def record_training(tx: Connection, id_: UUID, heard: Heard, context: Context) -> Kept[Passport]:
    """A course into a passport, because of the event that says so."""
    record = passport.RecordTraining(occurred_on=heard.completed_on, course_id=heard.course_id, title=heard.title)
    recorded = await aggregates.act(tx, Passport, id_, record, replace(context, causation_id=heard.event_id))
    await store.follow(tx, heard.event_id, recorded)
    return recorded


async def of_passport(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Passport]:
    """The employer writes in its own passports; whom the holder lets look, looks."""
    await only(tx, (await aggregates.look(tx, Passport, id_)).home, "id")
    return await aggregates.act(tx, Passport, id_, command, context, if_match)


async def readiness(tx: Connection, passport_id: UUID, requirement_id: UUID, day: date) -> Readiness:
    """What is missing in a passport that the caller sees, for a host's requirement on a day."""
    held = await aggregates.look(tx, Passport, passport_id)
    asked = await aggregates.look(tx, Requirement, requirement_id, "requirement_id")
    return ready(passport_id, held, asked, day)


async def everybodys_readiness(tx: Connection, requirement_id: UUID, day: date) -> list[Readiness]:
    """Everybody's whose passport the caller sees, those who are ready first."""
    asked = await aggregates.look(tx, Requirement, requirement_id)
    found = [ready(id_, held, asked, day) for id_, held in await store.all_open(tx)]
    return sorted(found, key=lambda each: (len(each.missing), each.passport_id))
