"""What follows here from facts of other services: completed courses land in passports, an employment that ends closes them and
stops the moves that rely on them.

What followed from a fact is kept with it: when that fact is voided, restored or put right, so is what followed.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

from kit import persons
from kit.aggregates import because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correct, Correction, Restore, Void
from kit.database import Connection
from kit.inbox import Handler, Received
from mobility import store
from mobility.domain import passport
from mobility.domain.passport import Passport
from mobility.handlers import answers, corrections, passports
from mobility.handlers.whose import alone
from mobility.store import Heard, aggregates
from schemas import learning
from schemas import talent_pipeline as tp
from schemas.corrections import Corrected, Restored, Voided, standing
from schemas.fact import Fact

CONSUMER = "mobility.reactions"


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
        for id_ in await store.open_passports(tx, ids):
            await passports.record_training(tx, id_, heard, _context(event))


async def enrolled(tx: Connection, event: Received) -> None:
    """Learning enrolled a mover in what the host's movers learn first, or found that it is learned."""
    fact = event.fact
    assert isinstance(
        fact, learning.LearnerEnrolled | learning.LearnerBooked | learning.TopUpAsked | learning.LearningWaived
    )
    host = fact.host if isinstance(fact, learning.TopUpAsked | learning.LearningWaived) else fact.organisation
    await answers.enrolled(tx, fact.person_id, host, event.envelope.id, event.envelope.causationid, _context(event))


async def placement_ended(tx: Connection, event: Received) -> None:
    """Who left an employer has no passport of that employer any more."""
    fact = event.fact
    assert isinstance(fact, tp.PlacementEnded)
    for id_ in await store.open_passports(tx, await persons.one_with(tx, fact.person_id), fact.employer):
        close = passport.Close(occurred_on=fact.occurred_on, reason="placement-ended")
        closed = await aggregates.act(tx, Passport, id_, close, _context(event))
        await store.follow(tx, event.envelope.id, closed)
        await passports.tell_moves(tx, closed.standing, closed.standing, because_of(_context(event), closed))


async def taken_back(tx: Connection, event: Received) -> None:
    """A fact was voided or restored: what followed from it goes or comes back too."""
    fact = event.fact
    assert isinstance(fact, Voided | Restored)
    kind = Void if isinstance(fact, Voided) else Restore
    await store.mark_training(tx, fact.fact_id, voided=isinstance(fact, Voided))
    for followed in await store.followed(tx, fact.fact_id):
        await _put_right(tx, followed, kind(followed.event_id, FOLLOWED), event)


async def put_right(tx: Connection, event: Received) -> None:
    """A course was completed on another day, or has another title: so it stands in the passport."""
    fact = event.fact
    assert isinstance(fact, Corrected)
    if fact.fact_type not in FOLLOWED_BY_SOMETHING:
        return
    better = FOLLOWED_BY_SOMETHING[fact.fact_type].read(json.dumps(fact.replacement))
    if isinstance(better, learning.CourseCompleted | learning.LearningCompleted):
        await store.correct_training(tx, fact.fact_id, better.title, better.occurred_on)
    for followed in await store.followed(tx, fact.fact_id):
        fields = {"occurred_on": better.occurred_on.isoformat()}
        if isinstance(better, learning.CourseCompleted | learning.LearningCompleted):
            fields["title"] = better.title
        stands = dict(standing(await history(tx, followed.aggregate_id))).get(followed.event_id)
        if stands is None:
            continue
        payload = {**stands.model_dump(mode="json", exclude_none=True), **fields}
        await _put_right(tx, followed, Correct(followed.event_id, payload, FOLLOWED), event)


async def _put_right(tx: Connection, followed: store.Followed, asked: Correction, event: Received) -> None:
    kind = aggregates.kind((await history(tx, followed.aggregate_id))[0][1].AGGREGATE)
    await corrections.correct(tx, kind, followed.aggregate_id, asked, _context(event))


def _context(event: Received) -> Context:
    envelope = event.envelope
    return Context(actor=f"consumer:{CONSUMER}", correlation_id=envelope.correlationid, causation_id=envelope.id)


Caused: TypeAlias = learning.CourseCompleted | learning.LearningCompleted | tp.PlacementEnded
FOLLOWED_BY_SOMETHING: Mapping[str, type[Caused]] = MappingProxyType({
    learning.CourseCompleted.TYPE: learning.CourseCompleted,
    learning.LearningCompleted.TYPE: learning.LearningCompleted,
    tp.PlacementEnded.TYPE: tp.PlacementEnded,
})  # fmt: skip

ACCEPTS: Mapping[type[Fact], Handler] = MappingProxyType({
    learning.CourseCompleted: course_completed,
    learning.LearningCompleted: course_completed,
    learning.LearnerEnrolled: enrolled,
    learning.LearnerBooked: enrolled,
    learning.LearningWaived: enrolled,
    learning.TopUpAsked: enrolled,
    learning.FactVoided: taken_back,
    learning.FactRestored: taken_back,
    learning.FactCorrected: put_right,
    tp.PlacementEnded: placement_ended,
    tp.FactVoided: taken_back,
    tp.FactRestored: taken_back,
    tp.FactCorrected: put_right,
})  # fmt: skip
