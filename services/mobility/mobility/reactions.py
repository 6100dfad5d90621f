"""What follows here from facts of other services: completed courses and waivers land in passports, an employment that ends closes
them and stops the moves that rely on them, and one that was no more than broken off opens them again.

What followed from a fact is kept with it: when that fact is voided, restored or put right, so is what followed.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

from pydantic import JsonValue

from kit import persons, read_back
from kit.aggregates import because_of, history
from kit.corrections import FOLLOWED, Correct, Correction, Restore, Void
from kit.database import Connection
from kit.inbox import Handler, Received
from mobility import store
from mobility.domain import passport
from mobility.domain.passport import Passport
from mobility.handlers import answers, corrections, passports, relying
from mobility.handlers.whose import alone, one_person
from mobility.store import Accepted, Heard, Judged, aggregates
from schemas import learning
from schemas import talent_pipeline as tp
from schemas.corrections import Corrected, Restored, Voided, standing
from schemas.fact import Fact, Step
from schemas.mobility import CoreSkill

CONSUMER = "mobility.reactions"
LEFT = "placement-ended"
"""Why the passport of who left an employer is closed."""


async def course_completed(tx: Connection, event: Received) -> None:
    """A course stands in the open passport of who completed it, in a cohort or alone; kept for one that is opened later."""
    fact = event.fact
    assert isinstance(fact, learning.CourseCompleted | learning.LearningCompleted)
    if not await persons.may_hear_of(tx, fact.person_id):
        return
    heard = Heard(
        event_id=event.envelope.id, person_id=fact.person_id, course_id=fact.course_id, title=fact.title,
        completed_on=fact.occurred_on,
    )  # fmt: skip
    async with alone(tx, fact.person_id) as ids:  # who opens a passport meanwhile sees it, or is seen
        await store.hear_training(tx, heard)
        for id_ in await _untouched(tx, event, await store.open_passports(tx, ids)):
            await passports.record_training(tx, id_, heard, event.context(CONSUMER))


async def enrolled(tx: Connection, event: Received) -> None:
    """Learning enrolled a mover in what the host's movers learn first, or found that it is learned."""
    fact = event.fact
    assert isinstance(fact, learning.LearnerEnrolled | learning.LearnerBooked)
    await _answered(tx, event, fact.person_id, fact.organisation)


async def _answered(tx: Connection, event: Received, person_id: UUID, host: str) -> None:
    await answers.enrolled(tx, person_id, host, event.envelope.id, event.envelope.causationid, event.context(CONSUMER))


async def judged(tx: Connection, event: Received) -> None:
    """A host accepts training that it did not give, or does not as it stands: so it is in the open passports, and in later ones.

    Accepted, or with a part of it asked for, it also answers a start for which that training was wanted.
    """
    fact = event.fact
    assert isinstance(fact, Judgement)
    if not await persons.may_hear_of(tx, fact.person_id):
        return
    heard = Judged(
        event_id=event.envelope.id, person_id=fact.person_id, competence_id=event.envelope.subject,
        version=event.envelope.sequence, host=fact.host, judged_on=fact.occurred_on, waived=_accepted(fact),
    )  # fmt: skip
    async with alone(tx, fact.person_id) as ids:  # who opens a passport meanwhile sees it, or is seen
        await store.hear_judgement(tx, heard)
        for id_ in await _untouched(tx, event, await store.open_passports(tx, ids)):
            await passports.record_judgement(tx, id_, heard, event.context(CONSUMER))
    if not isinstance(fact, learning.PortabilityRejected):
        await _answered(tx, event, fact.person_id, fact.host)


def _accepted(fact: Fact) -> Accepted | None:
    if not isinstance(fact, learning.LearningWaived):
        return None
    skill = CoreSkill(framework=fact.framework, subject=fact.subject, level=fact.required_level)
    return Accepted(skill=skill, ground=fact.ground, valid_until=fact.valid_until)


async def placement_ended(tx: Connection, event: Received) -> None:
    """Who left an employer has no passport of that employer any more, but one that was opened since."""
    fact = event.fact
    assert isinstance(fact, tp.PlacementEnded)
    held = await store.open_of(tx, await one_person(tx, fact.person_id), fact.employer)
    before = [id_ for id_, each in held if each.since <= fact.occurred_on]
    close = passport.Close(occurred_on=fact.occurred_on, reason=LEFT)
    closed = [
        await aggregates.act(tx, Passport, id_, close, event.context(CONSUMER))
        for id_ in await _untouched(tx, event, before)
    ]
    for each in closed:
        await store.follow(tx, event.envelope.id, each)
        await relying.tell_of_closing(tx, each.standing, because_of(event.context(CONSUMER), each))


async def placement_resumed(tx: Connection, event: Received) -> None:
    """Who is back within a break has the passport again that was closed when they left, unless the employer has opened another."""
    fact = event.fact
    assert isinstance(fact, tp.PlacementResumed)
    if not await persons.may_hear_of(tx, fact.person_id):
        return
    left_on = fact.occurred_on - timedelta(days=fact.days_away + 1)
    async with alone(tx, fact.person_id) as ids:
        closed = await store.closed_when_left(tx, ids, fact.employer, LEFT, left_on)
        for id_ in await _untouched(tx, event, closed):
            reopen = passport.Reopen(occurred_on=fact.occurred_on)
            reopened = await aggregates.act(tx, Passport, id_, reopen, event.context(CONSUMER))
            await store.follow(tx, event.envelope.id, reopened)
            await passports.be_back(tx, reopened, ids, event.context(CONSUMER))


async def taken_back(tx: Connection, event: Received) -> None:
    """A fact was voided or restored: what followed from it goes or comes back too."""
    fact = event.fact
    assert isinstance(fact, Voided | Restored)
    kind = Void if isinstance(fact, Voided) else Restore
    async with _whose_training(tx, fact.fact_id):
        await store.mark_heard(tx, fact.fact_id, voided=isinstance(fact, Voided))
        for followed in await _followed(tx, fact.fact_id, event):
            await _put_right(tx, followed, kind(followed.event_id, FOLLOWED), event)


@asynccontextmanager
async def _whose_training(tx: Connection, event_id: UUID) -> AsyncIterator[None]:
    """Where learning said it of somebody's training: who opens a passport of theirs waits, or has what is put right here."""
    person_id = await store.whose(tx, event_id)
    if person_id is None:
        yield
        return
    async with alone(tx, person_id):
        yield


async def put_right(tx: Connection, event: Received) -> None:
    """A course was completed on another day, or a host accepts training until another one: so it stands in the passport."""
    fact = event.fact
    assert isinstance(fact, Corrected)
    if fact.fact_type not in FOLLOWED_BY_SOMETHING:
        return
    better = FOLLOWED_BY_SOMETHING[fact.fact_type].read(json.dumps(fact.replacement))
    async with _whose_training(tx, fact.fact_id):
        if isinstance(better, learning.CourseCompleted | learning.LearningCompleted):
            await store.correct_training(tx, fact.fact_id, better.title, better.occurred_on)
        elif isinstance(better, Judgement):
            await store.correct_judgement(tx, fact.fact_id, better.occurred_on, _accepted(better))
        for followed in await _followed(tx, fact.fact_id, event):
            stands = dict(standing(await history(tx, followed.aggregate_id))).get(followed.event_id)
            if stands is None:
                continue
            payload = {**stands.model_dump(mode="json"), **_fields(better)}
            given = {name: value for name, value in payload.items() if value is not None}
            await _put_right(tx, followed, Correct(followed.event_id, given, FOLLOWED), event)


async def _untouched(tx: Connection, event: Received, ids: Sequence[UUID]) -> list[UUID]:
    """Those in which nothing followed from this before a restore: it may have gone since, and is not to come back."""
    done = {each.aggregate_id for each in await read_back.because_of(tx, event.envelope.id)}
    return [id_ for id_ in ids if id_ not in done]


async def _followed(tx: Connection, fact_id: UUID, event: Received) -> list[store.Followed]:
    """What followed from the fact that this takes back or puts right, as far as it has not done so before a restore."""
    found = await store.followed(tx, fact_id)
    left = await _untouched(tx, event, [each.aggregate_id for each in found])
    return [each for each in found if each.aggregate_id in left]


def _fields(better: Fact) -> dict[str, JsonValue]:
    """The fields that what followed has of a fact, by their names there."""
    match better:
        case learning.CourseCompleted() | learning.LearningCompleted():
            return {"occurred_on": better.occurred_on.isoformat(), "title": better.title}
        case learning.LearningWaived():
            accepted = _accepted(better)
            assert accepted is not None
            return {"occurred_on": better.occurred_on.isoformat(), **accepted.model_dump(mode="json")}
        case Step(occurred_on=day):
            return {"occurred_on": day.isoformat()}
        case _:
            raise TypeError(f"nothing follows from {better.TYPE}")


async def _put_right(tx: Connection, followed: store.Followed, asked: Correction, event: Received) -> None:
    kind = aggregates.kind((await history(tx, followed.aggregate_id))[0][1].AGGREGATE)
    await corrections.correct(tx, kind, followed.aggregate_id, asked, event.context(CONSUMER))


Judgement: TypeAlias = learning.LearningWaived | learning.TopUpAsked | learning.PortabilityRejected
Caused: TypeAlias = (
    learning.CourseCompleted | learning.LearningCompleted | Judgement | tp.PlacementEnded | tp.PlacementResumed
)
FOLLOWED_BY_SOMETHING: Mapping[str, type[Caused]] = MappingProxyType({
    learning.CourseCompleted.TYPE: learning.CourseCompleted,
    learning.LearningCompleted.TYPE: learning.LearningCompleted,
    learning.LearningWaived.TYPE: learning.LearningWaived,
    learning.TopUpAsked.TYPE: learning.TopUpAsked,
    learning.PortabilityRejected.TYPE: learning.PortabilityRejected,
    tp.PlacementEnded.TYPE: tp.PlacementEnded,
    tp.PlacementResumed.TYPE: tp.PlacementResumed,
})  # fmt: skip

ACCEPTS: Mapping[type[Fact], Handler] = MappingProxyType({
    learning.CourseCompleted: course_completed,
    learning.LearningCompleted: course_completed,
    learning.LearnerEnrolled: enrolled,
    learning.LearnerBooked: enrolled,
    learning.LearningWaived: judged,
    learning.TopUpAsked: judged,
    learning.PortabilityRejected: judged,
    learning.FactVoided: taken_back,
    learning.FactRestored: taken_back,
    learning.FactCorrected: put_right,
    tp.PlacementEnded: placement_ended,
    tp.PlacementResumed: placement_resumed,
    tp.FactVoided: taken_back,
    tp.FactRestored: taken_back,
    tp.FactCorrected: put_right,
})  # fmt: skip
