"""What is put right, and what followed from it: kept by the event that it followed from, whoever said that.

A record of training follows from the closing of a register. That an earlier record is renewed is settled anew.
"""

import json
from typing import Any
from uuid import UUID

from kit.aggregates import Kept, because_of, history
from kit.context import Context
from kit.corrections import FOLLOWED, Correct, Correction, Restore, Void
from kit.database import Connection, seeing_everything
from kit.errors import Invalid
from learning import store
from learning.domain.core_skills import expiry
from learning.handlers import skills
from learning.store import aggregates
from schemas.corrections import Corrected, Restored, Voided, standing
from schemas.fact import Fact, Step
from schemas.learning import CompetenceRecorded, CompetenceRenewed, Skill
from schemas.registry import messages
from schemas.values import Part


class AnotherRule(Invalid):
    """So the training falls under another refresher period: void it and record it anew."""


async def correct(
    tx: Connection, kind: type[Part], id_: UUID, asked: Correction, context: Context, if_match: int | None = None
) -> Kept[Any]:
    """Void, restore or correct one fact, and all that followed from it."""
    corrected = await aggregates.correct(tx, kind, id_, asked, context, if_match)
    await put_right(tx, corrected, context)
    return corrected


async def put_right(tx: Connection, corrected: Kept[Any], context: Context) -> None:
    """What followed from the facts that were just voided, restored or corrected; of training, what renews what now."""
    if not corrected.said:
        return
    told = await history(tx, corrected.id)
    for _, fact in told[-len(corrected.said) :]:
        if isinstance(fact, Voided | Restored | Corrected):
            await follow(tx, fact, because_of(context, corrected))
    first = told[0][1]
    if isinstance(first, CompetenceRecorded):
        await skills.settle(tx, first.person_id, context)


async def follow(tx: Connection, correction: Voided | Restored | Corrected, context: Context) -> None:
    """One correction, of this service or another: what followed here from the fact that it names."""
    async with seeing_everything(tx):
        for followed in await store.followed(tx, correction.fact_id):
            asked = await _asked(tx, correction, followed)
            if asked is not None:
                kind = aggregates.kind(followed.aggregate)
                await correct(tx, kind, followed.aggregate_id, asked, context)


async def _asked(
    tx: Connection, correction: Voided | Restored | Corrected, followed: store.Followed
) -> Correction | None:
    if isinstance(dict(await history(tx, followed.aggregate_id)).get(followed.event_id), CompetenceRenewed):
        return None  # what renews what is settled by itself
    match correction:
        case Voided():
            return Void(followed.event_id, FOLLOWED)
        case Restored():
            return Restore(followed.event_id, FOLLOWED)
        case Corrected():
            return await _corrected(tx, correction, followed)


async def _corrected(tx: Connection, correction: Corrected, followed: store.Followed) -> Correct | None:
    """The fact that followed, on the day on which its cause happened after all; training runs out from that day."""
    better = messages()[correction.fact_type].read(json.dumps(correction.replacement))
    stands = dict(standing(await history(tx, followed.aggregate_id))).get(followed.event_id)
    if not isinstance(better, Step) or not isinstance(stands, Step) or stands.occurred_on == better.occurred_on:
        return None
    payload: dict[str, Any] = {
        **stands.model_dump(mode="json", exclude_none=True), "occurred_on": better.occurred_on.isoformat(),
        **await _runs_out(tx, stands, better),
    }  # fmt: skip
    return Correct(followed.event_id, {name: value for name, value in payload.items() if value is not None}, FOLLOWED)


async def _runs_out(tx: Connection, stands: Fact, better: Step) -> dict[str, Any]:
    if not isinstance(stands, CompetenceRecorded):
        return {}
    skill = Skill(framework=stands.framework, subject=stands.subject, level=stands.level)
    day = better.occurred_on
    ends = expiry(day, await store.rules(tx, skill, stands.organisation, day))
    if ends.rule_id != stands.rule_id:
        raise AnotherRule(field="replacement.occurred_on")
    return {"expires_on": None if ends.on is None else ends.on.isoformat(), "rule_version": ends.rule_version}
