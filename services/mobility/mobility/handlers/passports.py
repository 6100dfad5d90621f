"""Requirements and passports: what a host asks for, what a holder has, and what is missing."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, because_of
from kit.context import Context
from kit.database import Connection, seeing_everything
from kit.errors import Refused
from kit.step import Command
from mobility import store
from mobility.domain import passport, requirement
from mobility.domain.clearance import CheckMissing, CheckOver, VerifyChecks
from mobility.domain.deployment import Deployment, StopNow, refuse_limits
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
    """An employer opens a passport: the courses that its holder completed before stand in it. Raises UnknownPerson."""
    await only(tx, command.home, "home")
    await persons.expect(tx, command.person_id)
    opened = await aggregates.begin(tx, Passport, [command], context)
    async with alone(tx, command.person_id) as ids:
        for heard in await store.heard_of(tx, ids):
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
    """The employer writes in its own passports; whom the holder lets look, looks. Live moves hear of a check."""
    await only(tx, (await aggregates.look(tx, Passport, id_)).home, "id")
    written = await aggregates.act(tx, Passport, id_, command, context, if_match)
    if written.said and written.state is not None:
        await tell_moves(tx, written.state, written.state, because_of(context, written), command.occurred_on)
    return written


async def limit_work(
    tx: Connection, id_: UUID, command: passport.LimitWork, context: Context, if_match: int | None = None
) -> Kept[Passport]:
    """How far somebody may work: nobody books their time meanwhile, and what is booked beyond it is stopped."""
    seen = await aggregates.look(tx, Passport, id_)
    await only(tx, seen.home, "id")
    async with alone(tx, seen.person_id) as ids:
        limited = await of_passport(tx, id_, command, context, if_match)
        if limited.said:
            await _stop_what_is_beyond(tx, ids, because_of(context, limited))
    return limited


async def _stop_what_is_beyond(tx: Connection, ids: Sequence[UUID], context: Context) -> None:
    within = await store.limits_of(tx, ids)
    for id_ in await store.live_of(tx, ids):
        move = await aggregates.look(tx, Deployment, id_)
        if not move.booked:
            continue
        try:
            refuse_limits(within, move, await store.booked_of(tx, ids, id_))
        except Refused:
            await aggregates.act(tx, Deployment, id_, StopNow(reason="work-limit"), context)


async def tell_moves(
    tx: Connection, whose: Passport, held: Passport | None, context: Context, day: date | None = None
) -> None:
    """What became of a passport's checks reaches the live moves that rely on them: verified anew, or stopped.

    `held`: the passport as it is now; None where its every fact was voided. `day`: when that came about; default today.
    """
    checks = {} if held is None else {check.kind: check for check in held.checks if check.satisfactory}
    ids = await persons.one_with(tx, whose.person_id)
    async with seeing_everything(tx):
        for row in await store.relying_on(tx, ids, whose.home):
            move = row.standing
            if held is None or held.status is passport.Status.CLOSED:
                await aggregates.act(tx, Deployment, row.id, StopNow(reason="passport-closed"), context)
            elif any(seen.kind not in checks for seen in move.checks):
                await aggregates.act(tx, Deployment, row.id, StopNow(reason="check-withdrawn"), context)
            elif any(seen.valid_until != checks[seen.kind].valid_until for seen in move.checks):
                verify = VerifyChecks(
                    occurred_on=None if day is None else max(day, move.since), verified_by=whose.home, passport=held
                )
                # Renewed, but not for long enough: then the move goes on as it was, and its warning waits for somebody.
                with suppress(CheckOver, CheckMissing):
                    await aggregates.act(tx, Deployment, row.id, verify, context)


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
