"""Requirements and passports: what a host asks for, what a holder has, and what is missing."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from kit import persons
from kit.aggregates import Kept, Row, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Restore, Void
from kit.database import Connection, act_for, seeing_everything
from kit.deadlines import Due
from kit.step import Command
from mobility import store
from mobility.domain import passport, requirement
from mobility.domain.checks import Line, standing_on
from mobility.domain.clearance import CheckMissing, VerifyChecks
from mobility.domain.deployment import Deployment
from mobility.domain.passport import AlreadyOpen, Passport, together
from mobility.domain.readiness import Readiness, ready
from mobility.domain.requirement import Requirement
from mobility.domain.stops import (
    CHECK_INDETERMINATE,
    CHECK_WITHDRAWN,
    ENTERED_IN_ERROR,
    PASSPORT_CLOSED,
    RENEWED,
    REOPENED,
    RIGHT_OVER,
    LetGoOn,
    StopNow,
    confirmed,
    for_checks,
)
from mobility.handlers.whose import alone
from mobility.handlers.within import look_again
from mobility.store import Heard, Judged, aggregates
from schemas.corrections import Voided, standing
from schemas.mobility import CheckSeen
from schemas.values import business_date


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


async def tell_of_requirement(tx: Connection, asked: Kept[Any], of: Requirement, context: Context) -> None:
    """A host asks for other training of some work than before: what is missing for live moves in it is seen anew."""
    if not asked.said:
        return
    async with seeing_everything(tx):
        for row in await store.relying_at(tx, of.organisation, of.soc2020):
            move = row.standing
            if (held := await held_by(tx, move.person_id, move.employer)) is not None:
                await _verify_again(tx, row, held, because_of(context, asked), max(of.since, move.since))


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
    await _tell_of_return(tx, held.standing, because)
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
    """The employer writes in its own passports; whom the holder lets look, looks. Live moves hear of a check."""
    act_for(tx, (await aggregates.look(tx, Passport, id_)).home, field="id")
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


async def held_by(tx: Connection, person_id: UUID, employer: str) -> Passport | None:
    """All that an employer keeps of a person, under whichever id, which is locked: no check is withdrawn meanwhile."""
    ids = await store.open_passports(tx, await persons.one_with(tx, person_id), employer)
    return together([(await aggregates.lock(tx, Passport, id_)).standing for id_ in ids])


async def tell_of_checks(
    tx: Connection, written: Passport, kinds: Collection[str], context: Context, day: date | None = None
) -> None:
    """What was done of these kinds is another thing since a day, default today: the live moves that rely on it hear of it."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, written)
        for row in rows:
            await _go_by(tx, row, held, kinds, context, RENEWED, day)


async def tell_of_closing(tx: Connection, closed: Passport, context: Context) -> None:
    """A passport is closed: the live moves that rely on it stop."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, closed)
        for row in rows:
            await _go_by(tx, row, held, _kinds(row.standing), context, RENEWED)


async def _tell_of_return(tx: Connection, reopened: Passport, context: Context) -> None:
    """The holder is back, and the passport is relied on again: what had stopped with it goes on, as its checks stand."""
    async with seeing_everything(tx):
        rows, held = await _relying(tx, reopened)
        for row in rows:
            go_on = LetGoOn(reason=PASSPORT_CLOSED, why=REOPENED)
            back = await aggregates.act(tx, Deployment, row.id, go_on, context)
            await _go_by(tx, back, held, _kinds(row.standing), context, RENEWED)


async def tell_of_correction(
    tx: Connection, corrected: Kept[Any], before: Passport, kinds: Collection[str], context: Context
) -> None:
    """What a passport should have been is known now: what stood on an entry in error goes on, what should have stopped stops.

    `before`: as it was; `kinds`: of which checks what was done is another thing.
    """
    was_closed = before.status is passport.Status.CLOSED
    async with seeing_everything(tx):
        rows, held = await _relying(tx, before)
        relied_on = {*before.relied_on, *await _relied_on_beside(tx, corrected.id, before)}
        for found in rows:
            row: Row[Deployment] = found
            for reason in _in_error(row.standing, relied_on, held, was_closed=was_closed):
                go_on = LetGoOn(reason=reason, why=ENTERED_IN_ERROR)
                row = await aggregates.act(tx, Deployment, row.id, go_on, context)
            looked_at = _kinds(row.standing) if was_closed else kinds
            await _go_by(tx, row, held, looked_at, context, ENTERED_IN_ERROR)


async def _relying(tx: Connection, of: Passport) -> tuple[Sequence[Row[Deployment]], Passport | None]:
    """The live moves that rely on what an employer checked of a person, and all that it keeps of them now, if it does."""
    ids = await persons.one_with(tx, of.person_id)
    open_ = [held for _, held in await store.open_of(tx, ids, of.home)]
    return await store.relying_on(tx, ids, of.home), together(open_)


async def _relied_on_beside(tx: Connection, id_: UUID, of: Passport) -> Collection[str]:
    """The kinds of checks that may be relied on in another passport that the employer keeps of the same person."""
    ids = await persons.one_with(tx, of.person_id)
    beside = together([held for other, held in await store.open_of(tx, ids, of.home) if other != id_])
    return () if beside is None else beside.relied_on.keys()


def _kinds(move: Deployment) -> set[str]:
    return {seen.kind for seen in move.checks}


async def _go_by(
    tx: Connection,
    row: Row[Deployment],
    held: Passport | None,
    kinds: Collection[str],
    context: Context,
    why: str,
    day: date | None = None,
) -> None:
    """A live move goes by what stands of these kinds: verified anew, stopped, or let go on, and why."""
    move = row.standing
    if held is None:
        await aggregates.act(tx, Deployment, row.id, StopNow(reason=PASSPORT_CLOSED), context)
    elif (
        PASSPORT_CLOSED not in move.stops
    ):  # else another passport is being filled: whoever lifts that stop looks at it
        await _rely_or_stop(tx, row, held, kinds, context, day)
        if confirmed(move, held):
            await aggregates.act(tx, Deployment, row.id, LetGoOn(reason=CHECK_INDETERMINATE, why=why), context)


async def look_at_checks(tx: Connection, id_: UUID, context: Context) -> None:
    """A move that is live again after all stops where what it relied on is nothing to rely on any more."""
    async with seeing_everything(tx):
        row = await aggregates.lock(tx, Deployment, id_)
        move = row.standing
        if not move.checks:
            return
        ids = await persons.one_with(tx, move.person_id)
        held = together([each for _, each in await store.open_of(tx, ids, move.employer)])
        if held is not None:
            await _rely_or_stop(tx, row, held, _kinds(move), context, None)
        else:
            await aggregates.obey(tx, row, [StopNow(reason=PASSPORT_CLOSED)], context)


async def _rely_or_stop(
    tx: Connection, row: Row[Deployment], held: Passport, kinds: Collection[str], context: Context, day: date | None
) -> None:
    """A move stops where a check of these kinds is nothing to rely on; else what lasts otherwise than was seen is read again."""
    move = row.standing
    reasons = tuple(for_checks(move, held, kinds))
    for reason in reasons:
        await aggregates.act(tx, Deployment, row.id, StopNow(reason=reason), context)
    if not reasons and any(_lasts_otherwise(seen, held) for seen in move.checks):
        await _verify_again(tx, row, held, context, None if day is None else max(day, move.since))


async def tell_of_training(tx: Connection, recorded: Kept[Passport], context: Context) -> None:
    """What was learned, or waived, changes until when live moves have what their hosts ask for."""
    if not recorded.said:
        return
    async with seeing_everything(tx):
        rows, held = await _relying(tx, recorded.standing)
        if held is None:
            return
        for row in rows:
            await _verify_again(tx, row, held, because_of(context, recorded))


async def _verify_again(
    tx: Connection, row: Row[Deployment], held: Passport, context: Context, day: date | None = None
) -> None:
    """A live move reads again what it relies on; one that was stopped at the end of a right to work goes on when it is renewed."""
    asked = await store.requirement_of(tx, row.standing.host, row.standing.soc2020)
    verify = VerifyChecks(
        occurred_on=day,
        verified_by=held.home,
        passport=held,
        training=() if asked is None else asked.training,
        again=True,
    )
    with suppress(CheckMissing):
        read = await aggregates.act(tx, Deployment, row.id, verify, context)
        # what ends on a day that had ended before is said once more: its deadline has fired
        verified = await aggregates.say_again(tx, Deployment, read, context)
        right = verified.standing.right_to_work_ends
        if RIGHT_OVER in verified.standing.stops and (right is None or business_date(context.now) <= right):
            await aggregates.act(tx, Deployment, row.id, LetGoOn(reason=RIGHT_OVER, why=RENEWED), context)


def _lasts_otherwise(seen: CheckSeen, held: Passport) -> bool:
    check = held.relied_on.get(seen.kind)
    return check is not None and check.valid_until != seen.valid_until


def _in_error(
    move: Deployment, relied_on: Collection[str], held: Passport | None, *, was_closed: bool
) -> Iterator[str]:
    """The stops of a move that stood on an entry which no longer stands as it did. `relied_on`: the kinds that were, before."""
    if held is None:
        return
    if was_closed:
        yield PASSPORT_CLOSED
    kinds = _kinds(move)
    if kinds - set(relied_on) and kinds <= held.relied_on.keys():
        yield CHECK_WITHDRAWN


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
