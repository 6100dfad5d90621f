"""The Learning Needs Analysis: organisations say what they need, for themselves; the Academy does the rest."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kit.aggregates import Kept
from kit.context import Context
from kit.database import Connection, act_for
from kit.ids import new_id
from kit.step import Command
from learning.domain import cycle, enrolment
from learning.domain.course import Course
from learning.domain.cycle import Cycle
from learning.store import aggregates
from schemas.values import Code, PartnerId, Sector


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting(Command):
    """What people of a role group need to learn: how many, and how much it matters (1 is the first)."""

    organisation: PartnerId
    sector: Sector
    role_group: Code
    skill: Code
    people: Annotated[int, Field(ge=1, le=100_000)]
    priority: Annotated[int, Field(ge=1, le=3)]


async def submit(
    tx: Connection, id_: UUID, asked: Submitting, context: Context, if_match: int | None = None
) -> Kept[Cycle]:
    """An organisation says what it needs; a coordinator for anybody."""
    act_for(tx, asked.organisation)
    command = cycle.Submit(
        occurred_on=asked.occurred_on, need_id=new_id(), organisation=asked.organisation, sector=asked.sector,
        role_group=asked.role_group, skill=asked.skill, people=asked.people, priority=asked.priority,
    )  # fmt: skip
    return await aggregates.act(tx, Cycle, id_, command, context, if_match)


async def withdraw(
    tx: Connection, id_: UUID, command: cycle.WithdrawNeed, context: Context, if_match: int | None = None
) -> Kept[Cycle]:
    """An organisation does not need it after all."""
    row = await aggregates.lock(tx, Cycle, id_, if_match)
    act_for(tx, row.standing.need(command.need_id).organisation, field="need_id")
    return await aggregates.obey(tx, row, [command], context)


async def commission(
    tx: Connection, id_: UUID, command: cycle.Commission, context: Context, if_match: int | None = None
) -> Kept[Cycle]:
    """A course of the catalogue was commissioned against a priority."""
    enrolment.refuse_retired(await aggregates.look(tx, Course, command.course_id, "course_id"), "course_id")
    return await aggregates.act(tx, Cycle, id_, command, context, if_match)
