"""Requirements and passports: what a host asks for, what a holder has, and what is missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Restore, Void
from kit.database import Connection, act_for
from kit.deadlines import Due
from kit.step import Command
from mobility import store
from mobility.domain import passport, requirement
from mobility.domain.checks import Line, standing_on
from mobility.domain.passport import AlreadyOpen, Passport
from mobility.domain.readiness import Readiness, ready
from mobility.domain.requirement import Requirement
from mobility.handlers.relying import (
    tell_of_checks,
    tell_of_closing,
    tell_of_requirement,
    tell_of_return,
    tell_of_training,
)
from mobility.handlers.whose import alone, one_person
from mobility.handlers.within import look_again
from mobility.store import Heard, Judged, aggregates
from schemas.corrections import Voided, standing


async def ask(tx: Connection, command: requirement.Ask, context: Context) -> Kept[Requirement]:
    """A host says what it asks for."""
    act_for(tx, command.organisation, field="organisation")
    asked = await aggregates.begin(tx, Requirement, [command], context)
    await tell_of_requirement(tx, asked, asked.standing, context)
    return asked


async def of_requirement(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Requirement]:
    """A host changes its own requirement; everybody may read it."""
    act_for(tx, (await aggregates.look(tx, Requirement, id_)).organisation, field="id")
    asked = await aggregates.act(tx, Requirement, id_, command, context, if_match)
    await tell_of_requirement(tx, asked, asked.standing, context)
    return asked


async def open_passport(tx: Connection, command: passport.Open, context: Context) -> Kept[Passport]:
    """An employer opens a passport: what its holder completed before, and hosts waived, stands in it. Raises UnknownPerson.

    Raises AlreadyOpen where it keeps one of them under another id.
    """
    act_for(tx, command.home, field="home")
    await persons.expect(tx, command.person_id)
    async with alone(tx, command.person_id) as ids:
        if await store.open_passports(tx, ids, command.home):
            raise AlreadyOpen
        opened = await aggregates.begin(tx, Passport, [command], context)
        return await _record_what_was_heard(tx, opened, ids, context)


async def hear_again(tx: Connection, ids: Sequence[UUID], context: Context) -> None:
    """What was heard of a person, under whichever id, stands in each of their passports, and nothing that was heard of another.

    `ids`: every id of a person whose time nobody books meanwhile.
    """
    for id_, held in await store.passports_of(tx, ids):
        kept = aggregates.kept(await aggregates.lock(tx, Passport, id_))
        for event_id in await store.heard_of_another(tx, id_, ids):
            kept = await _put_right(tx, kept, Void(event_id, FOLLOWED), context)
        if held.status is passport.Status.OPEN:
            await _record_what_was_heard(tx, kept, ids, context)


async def _record_what_was_heard(
    tx: Connection, open_: Kept[Passport], ids: Sequence[UUID], context: Context
) -> Kept[Passport]:
    """What is in it already stays as it is; what went because it was heard of another comes back."""
    followed = await store.followed_in(tx, open_.id)
    causes: list[Heard | Judged] = [*await store.heard_of(tx, ids), *await store.judged_of(tx, ids)]
    for cause in causes:
        if cause.event_id in followed:
            open_ = await _put_right(tx, open_, Restore(followed[cause.event_id], FOLLOWED), context)
        elif isinstance(cause, Heard):
            open_ = await record_training(tx, open_.id, cause, context)
        else:
            open_ = await record_judgement(tx, open_.id, cause, context)
    return open_


async def _put_right(tx: Connection, kept: Kept[Passport], asked: Void | Restore, context: Context) -> Kept[Passport]:
    """What was heard goes or comes back, unless somebody has taken it back by hand."""
    told = await history(tx, kept.id)
    by_hand = {fact.fact_id for _, fact in told if isinstance(fact, Voided) and fact.reason != FOLLOWED}
    if asked.fact_id in by_hand:
        return kept
    right = await aggregates.put_right(tx, Passport, kept, asked, context)
    await tell_of_training(tx, right, context)
    return right


async def be_back(tx: Connection, reopened: Kept[Passport], ids: Sequence[UUID], context: Context) -> None:
    """What was heard meanwhile stands in a passport that is open again; the moves that it had stopped go on, within the limits."""
    held = await _record_what_was_heard(tx, reopened, ids, context)
    because = because_of(context, reopened)
    await tell_of_return(tx, held.standing, because)
    await look_again(tx, ids, because)


async def record_training(tx: Connection, id_: UUID, heard: Heard, context: Context) -> Kept[Passport]:
    """A course into a passport, because of the event that says so."""
    record = passport.RecordTraining(occurred_on=heard.completed_on, course_id=heard.course_id, title=heard.title)
    recorded = await aggregates.act(tx, Passport, id_, record, replace(context, causation_id=heard.event_id))
    await store.follow(tx, heard.event_id, recorded)
    await tell_of_training(tx, recorded, context)
    return recorded


async def record_judgement(tx: Connection, id_: UUID, judged: Judged, context: Context) -> Kept[Passport]:
    """What a host accepts, or no longer, into a passport, because of the event that says so."""
    said = replace(context, causation_id=judged.event_id)
    command: Command = passport.WithdrawWaiver(
        occurred_on=judged.judged_on, competence_id=judged.competence_id, host=judged.host
    )
    if judged.waived is not None:
        command = passport.RecordWaiver(
            occurred_on=judged.judged_on, competence_id=judged.competence_id, host=judged.host,
            skill=judged.waived.skill, ground=judged.waived.ground, valid_until=judged.waived.valid_until,
        )  # fmt: skip
    recorded = await aggregates.act(tx, Passport, id_, command, said)
    await store.follow(tx, judged.event_id, recorded)
    await tell_of_training(tx, recorded, context)
    return recorded


async def of_passport(
    tx: Connection, id_: UUID, command: Command, context: Context, if_match: int | None = None
) -> Kept[Passport]:
    """The employer writes in its own passports; whom the holder lets look, looks. Live moves hear of a check.

    What the employer keeps of the person under another id is not written meanwhile: moves rely on all of it.
    """
    seen = await aggregates.look(tx, Passport, id_)
    act_for(tx, seen.home, field="id")
    await one_person(tx, seen.person_id)
    row = await aggregates.lock(tx, Passport, id_, if_match)
    written = await aggregates.obey(tx, row, [command], context)
    if written.said:
        held, because = written.standing, because_of(context, written)
        if held.status is passport.Status.CLOSED:
            await tell_of_closing(tx, held, because)
        elif kinds := {check.kind for check in held.checks if check not in row.standing.checks}:
            await tell_of_checks(tx, held, kinds, because, command.occurred_on)
    return written


async def limit_work(
    tx: Connection,
    id_: UUID,
    command: passport.LimitWork | passport.LiftLimit,
    context: Context,
    if_match: int | None = None,
) -> Kept[Passport]:
    """How far somebody may work: nobody books their time meanwhile. What is booked beyond it is stopped, and goes on within it."""
    seen = await aggregates.look(tx, Passport, id_)
    act_for(tx, seen.home, field="id")
    async with alone(tx, seen.person_id) as ids:
        limited = await of_passport(tx, id_, command, context, if_match)
        if limited.said:
            await look_again(tx, ids, because_of(context, limited))
    return limited


async def fall_due(tx: Connection, due: Due, context: Context) -> None:
    """A permission comes to its end or is over, or a term begins: moves that are beyond it from now on are stopped."""
    row = await aggregates.read(tx, Passport, due.aggregate_id)
    if row is None or row.state is None:
        await aggregates.fall_due(tx, due, context)
        return
    async with alone(tx, row.state.person_id) as ids:
        await aggregates.fall_due(tx, due, context)
        await look_again(tx, ids, context)


async def checks(tx: Connection, passport_id: UUID, day: date) -> Sequence[Line]:
    """Each check of a passport that the caller sees, as it stands on a day."""
    await aggregates.look(tx, Passport, passport_id)
    return standing_on((fact for _, fact in standing(await history(tx, passport_id))), day)


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
