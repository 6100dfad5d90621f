"""Core skills: refresher periods, records of training, and what hosts make of training that they did not give."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kit import persons
from kit.aggregates import Kept, Row, history
from kit.context import Context
from kit.corrections import FOLLOWED, Void
from kit.database import EVERYONE, Connection, act_for, seeing_everything, who_sees
from kit.errors import NotFound
from kit.step import Command
from learning import store
from learning.domain import competence, refresher
from learning.domain.competence import Competence
from learning.domain.refresher import Refresher
from learning.store import aggregates
from schemas.corrections import standing
from schemas.fact import Fact
from schemas.learning import (
    CompetenceRecorded,
    CompetenceRenewed,
    Ground,
    Level,
    Months,
    Rejection,
    Skill,
    Subject,
    TrainingSource,
)
from schemas.values import BusinessDate, Code, PartnerId, business_date

# Refresher periods -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Command):
    """How long training in a skill counts: for everybody, or, where it names one, for an employer that is stricter."""

    framework: Code
    subject: Subject
    level: Level
    organisation: PartnerId | None = None
    months: Months | None = None
    in_force_from: BusinessDate
    until: BusinessDate | None = None
    reason: Code


async def set_refresher(tx: Connection, asked: Setting, context: Context) -> Kept[Refresher]:
    """The first version of a refresher period: the city's by a coordinator, an employer's by itself."""
    act_for(tx, asked.organisation)
    command = refresher.Set(
        occurred_on=asked.occurred_on, framework=asked.framework, subject=asked.subject, level=asked.level,
        organisation=asked.organisation, months=asked.months, in_force_from=asked.in_force_from, until=asked.until,
        reason=asked.reason, everybodys=await store.everybodys(tx, asked.framework, asked.subject, asked.level),
    )  # fmt: skip
    return await aggregates.begin(tx, Refresher, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing(Command):
    """The next version of a refresher period."""

    months: Months | None = None
    in_force_from: BusinessDate
    until: BusinessDate | None = None
    reason: Code


async def change_refresher(
    tx: Connection, id_: UUID, asked: Changing, context: Context, if_match: int | None = None
) -> Kept[Refresher]:
    """Training that is completed from a day on counts for longer, or not so long. What was recorded stays as it is."""
    row = await aggregates.lock(tx, Refresher, id_, if_match)
    held = row.standing
    act_for(tx, held.organisation)
    command = refresher.Change(
        occurred_on=asked.occurred_on, months=asked.months, in_force_from=asked.in_force_from, until=asked.until,
        reason=asked.reason, everybodys=await store.everybodys(tx, held.framework, held.subject, held.level),
    )  # fmt: skip
    return await aggregates.obey(tx, row, [command], context)


async def end_refresher(
    tx: Connection, id_: UUID, command: refresher.End, context: Context, if_match: int | None = None
) -> Kept[Refresher]:
    """A refresher period ends."""
    row = await aggregates.lock(tx, Refresher, id_, if_match)
    act_for(tx, row.standing.organisation)
    return await aggregates.obey(tx, row, [command], context)


# Records of training ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording(Command):
    """Training in a core skill that somebody completed; `occurred_on` is the day of it."""

    person_id: UUID
    organisation: PartnerId
    skill: Skill
    source: TrainingSource = TrainingSource.CERTIFICATE
    aligned: bool = False
    said: BusinessDate | None = None
    """The last day on which it counts, where who gave it said one."""


async def record(tx: Connection, asked: Recording, context: Context, id_: UUID | None = None) -> Kept[Competence]:
    """Training goes on somebody's record. Raises UnknownPerson."""
    act_for(tx, asked.organisation)
    await persons.expect(tx, asked.person_id)
    return await _put_on_record(tx, asked, context, id_)


async def _put_on_record(
    tx: Connection, asked: Recording, context: Context, id_: UUID | None = None, course_id: UUID | None = None
) -> Kept[Competence]:
    """With its expiry; of several in one skill the latest counts. What is said is the record alone: others follow from it."""
    await store.one_at_a_time(tx, asked.person_id)
    day = asked.occurred_on or business_date(context.now)
    command = competence.Record(
        occurred_on=asked.occurred_on, person_id=asked.person_id, organisation=asked.organisation, skill=asked.skill,
        source=asked.source, aligned=asked.aligned, course_id=course_id, said=asked.said,
        rules=await store.rules(tx, asked.skill, asked.organisation, day),
    )  # fmt: skip
    recorded = await aggregates.begin(tx, Competence, [command], context, id_)
    await settle(tx, asked.person_id, context)
    row = await aggregates.lock(tx, Competence, recorded.id)
    return replace(aggregates.kept(row), said=recorded.said)


async def settle(tx: Connection, person_id: UUID, context: Context) -> None:
    """Of somebody's trainings each that a later one does for is renewed by it, and no other is, in whatever order they came.

    Asked whenever one is recorded, voided, restored or put right.
    """
    async with seeing_everything(tx):
        held = await store.competences_of(tx, await persons.one_with(tx, person_id))
        for older in held:  # in the order in which several are locked
            does = [row for row in _later(held, older) if row.standing.does_for(older.standing)]
            known = older.standing.renewed_by
            if known in {row.id for row in does}:
                continue
            if known is not None:
                gone = Void(await _event_of(tx, older.id, CompetenceRenewed), FOLLOWED)
                await aggregates.correct(tx, Competence, older.id, gone, context)
            if does:
                newer = does[0]
                renew = competence.Renew(occurred_on=newer.standing.since, by_id=newer.id)
                cause = replace(context, causation_id=await _event_of(tx, newer.id, CompetenceRecorded))
                await aggregates.act(tx, Competence, older.id, renew, cause)


def _later(held: Sequence[Row[Competence]], than: Row[Competence]) -> list[Row[Competence]]:
    """The trainings after one, the next first; of those of one day as they were entered."""

    def turn(row: Row[Competence]) -> tuple[date, int]:
        return row.standing.since, row.turn

    return sorted((row for row in held if turn(row) > turn(than)), key=turn)


async def _event_of(tx: Connection, id_: UUID, kind: type[Fact]) -> UUID:
    """The event that says this of a training and stands."""
    return next(event_id for event_id, fact in standing(await history(tx, id_)) if isinstance(fact, kind))


async def record_once(
    tx: Connection, cause: UUID, done: Recording, context: Context, course_id: UUID | None = None
) -> None:
    """Training that follows from a fact goes on record, unless it is there, or nobody's; and goes with that fact."""
    if await persons.is_erased(tx, done.person_id):
        return
    day = done.occurred_on or business_date(context.now)
    if not await store.is_recorded(tx, done.person_id, done.skill, done.organisation, day):
        async with seeing_everything(tx):
            because = replace(context, causation_id=cause)
            recorded = await _put_on_record(tx, done, because, course_id=course_id)
            await store.follow(tx, cause, recorded, competence.AGGREGATE)


# Portability -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging(Command):
    """A host needs a skill of somebody who was trained elsewhere. A partner says the code that the person gave it."""

    host: PartnerId
    skill: Skill
    ground: Ground
    code: Annotated[str, Field(min_length=20, max_length=64)] | None = None


async def judge(
    tx: Connection, id_: UUID, asked: Judging, context: Context, if_match: int | None = None
) -> Kept[Competence]:
    """What the rules make of a record for a host: waived, to be topped up, or rejected with the reason."""
    act_for(tx, asked.host, field="host")
    await _shown(tx, id_, asked.code, context)
    async with seeing_everything(tx):
        row = await aggregates.lock(tx, Competence, id_, if_match)
        command = competence.Judge(
            occurred_on=asked.occurred_on, host=asked.host, skill=asked.skill, ground=asked.ground,
            rules=await store.rules(tx, asked.skill, asked.host, row.standing.since),
            saved_pence=await store.cost_of(tx, asked.skill),
        )  # fmt: skip
        return await aggregates.obey(tx, row, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(Command):
    """The part that a host had asked for was done with it."""

    host: PartnerId


async def meet_top_up(
    tx: Connection, id_: UUID, asked: Meeting, context: Context, if_match: int | None = None
) -> Kept[Competence]:
    """A top-up was done: the rest is waived."""
    act_for(tx, asked.host, field="host")
    row = await aggregates.lock(tx, Competence, id_, if_match)
    held = row.standing
    known = held.judgement(asked.host)
    needed = Skill(
        framework=held.framework, subject=held.subject, level=held.level if known is None else known.required_level
    )
    async with seeing_everything(tx):
        command = competence.MeetTopUp(
            occurred_on=asked.occurred_on, host=asked.host, rules=await store.rules(tx, needed, asked.host, held.since),
            saved_pence=await store.cost_of(tx, needed),
        )  # fmt: skip
        return await aggregates.obey(tx, row, [command], context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejecting(Command):
    """Why a host does not accept a record; with the code by which it was shown, unless it has judged it before."""

    host: PartnerId
    required_level: Level
    reason: Rejection
    code: Annotated[str, Field(min_length=20, max_length=64)] | None = None


async def reject(
    tx: Connection, id_: UUID, asked: Rejecting, context: Context, if_match: int | None = None
) -> Kept[Competence]:
    """A host rejects a record that it was shown, for a reason that only it can know."""
    act_for(tx, asked.host, field="host")
    await _shown(tx, id_, asked.code, context)
    command = competence.Reject(
        occurred_on=asked.occurred_on, host=asked.host, required_level=asked.required_level, reason=asked.reason
    )
    async with seeing_everything(tx):
        return await aggregates.act(tx, Competence, id_, command, context, if_match)


async def _shown(tx: Connection, id_: UUID, code: str | None, context: Context) -> None:
    """A host looks at a record that its holder shows it today. Raises NotFound, as for one that is not there."""
    if who_sees(tx) == EVERYONE or await aggregates.read(tx, Competence, id_) is not None:
        return
    today = business_date(context.now)
    async with seeing_everything(tx):
        whose = None if code is None else await store.person_of_code(tx, digest(code), today)
        row = await aggregates.read(tx, Competence, id_)
    if whose is None or row is None or row.standing.person_id != whose:
        raise NotFound


# The transcript --------------------------------------------------------------------------------------------------------

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that shows somebody's transcript up to and on a day. It is said once, and kept as a digest."""

    code: str
    until: date


async def show(tx: Connection, person_id: UUID, day: date) -> Shown:
    """A code for the person to give to whom they want to show their transcript. Raises UnknownPerson."""
    await persons.expect(tx, person_id)
    shown = Shown(secrets.token_urlsafe(24), day + SHOWN_FOR)
    async with seeing_everything(tx):
        await store.keep_code(tx, digest(shown.code), person_id, shown.until)
    return shown


async def transcript(tx: Connection, person_id: UUID, day: date) -> dict[str, Any]:
    """What somebody has learned under whichever id, as it stands on a day: completed courses, and training in core skills.

    A host sees what it made of a training itself, and not what others did.
    """
    ids, who = await persons.one_with(tx, person_id), who_sees(tx)
    async with seeing_everything(tx):
        courses = await store.completed_by(tx, ids)
        trained = [aggregates.kept(row) for row in await store.competences_of(tx, ids)]
    return {
        "person_id": person_id,
        "on": day,
        "courses": courses,
        "core_skills": [
            {
                **row.body,
                "judgements": [each for each in row.body["judgements"] if who in (EVERYONE, each["host"])],
                "counts": row.standing.counts_on(day),
            }
            for row in trained
        ],
    }


async def verified(tx: Connection, code: str, day: date) -> dict[str, Any]:
    """The transcript that a code shows. Raises NotFound for one that shows none, or no longer."""
    async with seeing_everything(tx):
        person_id = await store.person_of_code(tx, digest(code), day)
    if person_id is None:
        raise NotFound
    return await transcript(tx, person_id, day)


def digest(code: str) -> bytes:
    """What is kept of a code, so that who reads the tables can use none."""
    return hashlib.sha256(code.encode()).digest()
